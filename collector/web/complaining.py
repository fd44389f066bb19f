"""What the log hears of pages that could not be shown: the same trouble once in a while, however many readers meet it.

A crowd asks on while a database is away; what is away may be the disk that the log grows on, too.
"""

from __future__ import annotations

import logging

from collector.errors import CollectorError

log = logging.getLogger(__name__)

QUIET = 5 * 60.0  # seconds until the same is said again


class Complaints:
    """What was said lately, and when, in seconds of a clock nobody sets. Of several threads two may say the same."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}

    def note(self, error: CollectorError, now: float) -> None:
        """A page could not be shown, for the database, or for the clock."""
        message = str(error)
        lately = {said: at for said, at in self._said.items() if now - at < QUIET}
        if message not in lately:
            log.warning("pages cannot be shown, or not be written to: %s", message)
        self._said = {message: now} | lately
