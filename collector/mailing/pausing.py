"""How many refusals are too many: a pure decision."""

from __future__ import annotations

from datetime import datetime

from collector.storage.deliveries import Delivery
from collector.storage.pausing import Tries
from collector.text.refusals import is_first_greylisting

_SHARE = 10  # one in so many may be refused, however many that are: old lists are like that


class Tally:
    """What became of one digest's hand-overs, from what the tables had and what came since."""

    def __init__(self, tries: Tries) -> None:
        self.tried, self.refused, self._since = tries.tried, tries.refused, tries.since

    def note(self, delivery: Delivery, error: str = "") -> None:
        """One more hand-over, and what was wrong with it; a delivery that was refused before counts once."""
        was_counted = _is_of(delivery.tried_at, self._since)
        self.tried += not was_counted
        self.refused += _counts(error, delivery.attempts + 1)
        self.refused -= was_counted and _counts(delivery.error, delivery.attempts)


def _counts(error: str, attempts: int) -> bool:
    return error != "" and not is_first_greylisting(error, attempts)


def _is_of(tried_at: datetime | None, since: datetime | None) -> bool:
    return tried_at is not None and (since is None or tried_at >= since)


def is_too_many(tried: int, refused: int, most: int) -> bool:
    """True where something is wrong: many mails of one digest were refused, and many of those that were tried."""
    return refused > most and refused * _SHARE > tried
