"""Posts asked for once more by a server's own ids: twenty at a time where the server can, else one by one.

A list that leaves out everything that was asked for proves nothing: some servers do not know the question, and answer
it all the same. Then one of the posts is asked for by itself, and its answer says what the list is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from collector.errors import SourceError
from collector.model import Found
from collector.sources.answers import Answer, json_list, json_object
from collector.sources.mastodon.pages import read_status
from collector.sources.protocol import LookedUp
from collector.text.values import id_of, objects_of

AT_ONCE = 20  # the most that Mastodon's list of posts takes
_SINGLE_HOLDS = timedelta(hours=24)  # so long a server counts as one that cannot list; it may be updated meanwhile
_NO_SUCH_LIST = {400, 404, 405, 406, 410, 422, 501}


@dataclass(frozen=True, slots=True)
class Questions:
    """The two ways to ask, and how an answer that is none is judged."""

    listed: Callable[[Sequence[str]], Answer]
    single: Callable[[str], Answer]
    judge: Callable[[Answer], None]  # raises the SourceError that an answer stands for


class Lookups:
    """What one server tells of single posts, and whether it can list them."""

    def __init__(self, questions: Questions, address: str, now: Callable[[], datetime]) -> None:
        self._questions = questions
        self._address = address
        self._now = now
        self.single_until: datetime | None = None  # until then the server counts as one that cannot list

    @property
    def at_once(self) -> int:
        """How many posts one request asks about."""
        return 1 if self.single_until is not None and self._now() < self.single_until else AT_ONCE

    def recall(self, single_until: datetime | None) -> None:
        """Takes over what another process found out."""
        self.single_until = self.single_until or single_until

    def look_up(self, native_ids: Sequence[str], account_domain: str | None) -> LookedUp:
        """Asks about all of them; an error ends it, and what was told before stays true."""
        told: dict[str, Any] = {}  # a status by its id; None for one that is not there
        error: SourceError | None = None
        left = list(dict.fromkeys(native_ids))
        try:
            while left:
                asked, left = left[: self.at_once], left[self.at_once :]
                told |= self._ask(asked)
        except SourceError as caught:
            error = caught
        read = {
            native_id: read_status(raw, address=self._address, account_domain=account_domain)
            for native_id, raw in told.items()
            if raw is not None
        }
        hidden = {native_id for native_id, item in read.items() if item is None}  # no longer public
        return LookedUp(
            found=tuple(item for item in read.values() if isinstance(item, Found)),
            gone=frozenset({native_id for native_id, raw in told.items() if raw is None} | hidden),
            error=error,
        )

    def _ask(self, native_ids: Sequence[str]) -> dict[str, Any]:
        if self.at_once > 1:
            listed = self._list(native_ids)
            if listed is not None:
                return listed
            self.single_until = self._now() + _SINGLE_HOLDS
        told: dict[str, Any] = {}
        for native_id in native_ids:
            told |= self._single(native_id)
        return told

    def _list(self, native_ids: Sequence[str]) -> dict[str, Any] | None:
        """What a list tells; None where the server has no such list."""
        answer = self._questions.listed(native_ids)
        if answer.status in _NO_SUCH_LIST or answer.moved_to is not None:
            return None
        self._questions.judge(answer)
        try:
            statuses = json_list(answer)
        except SourceError:
            return None
        shown = {id_of(raw.get("id")): raw for raw in objects_of(statuses)}
        told: dict[str, Any] = {native_id: shown.get(native_id) for native_id in native_ids}
        if any(told.values()):
            return told
        first = self._single(native_ids[0])
        return told if first == {native_ids[0]: None} else None

    def _single(self, native_id: str) -> dict[str, Any]:
        """One post; nothing where the answer is neither the post nor a clear no."""
        answer = self._questions.single(native_id)
        if answer.status in {404, 410}:
            is_clear = not answer.is_web_page and answer.moved_to is None
            return {native_id: None} if is_clear else {}
        self._questions.judge(answer)
        raw = json_object(answer)
        return {native_id: raw} if id_of(raw.get("id")) == native_id else {}
