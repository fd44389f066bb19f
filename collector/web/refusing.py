"""What a page does not do: one exception, which becomes a friendly page without details."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta

SAID = frozenset({400, 404, 405, 410, 413, 414, 429, 500, 503})  # those that the catalogue has words for


class Refusal(Exception):  # noqa: N818 (it is an answer, and no fault of the program)
    """A status of HTTP in place of an answer.

    `sentence` names the words for it, if they are not the usual ones; `wait` is how long it takes until the same may
    be asked again.
    """

    def __init__(
        self,
        status: int,
        *,
        sentence: str = "",
        wait: timedelta | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(str(status))
        self.status = status
        self.sentence = sentence or f"refused_{status if status in SAID else 400}"
        self.seconds = math.ceil(wait.total_seconds()) if wait else 0
        self.headers = {**(headers or {}), **({"Retry-After": str(self.seconds)} if self.seconds else {})}
