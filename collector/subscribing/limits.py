"""How many letters somebody may be sent, whoever asks for them and from wherever: nobody's mailbox is bombed from here.

How many go to all together is the configuration's (`letters_per_hour`).

All processes go by the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

BETWEEN = timedelta(minutes=10)  # two letters of a kind to one address
WITHIN, MOST = timedelta(days=1), 5  # letters of a kind to one mailbox


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A letter that somebody was, or is to be, sent."""

    created_at: datetime
    finished_at: datetime | None  # None: it is still to go

    @property
    def last_at(self) -> datetime:
        """When it moved last."""
        return max(self.created_at, self.finished_at or self.created_at)


def letter_time(earlier: Sequence[Written], others: Sequence[Written], now: datetime) -> datetime | None:
    """When another letter of this kind may go out; None where one is on its way already, or enough went today.

    `earlier` are those of the last day to the same address, `others` those to other addresses of the same mailbox. Two
    in a row wait a little rather than not coming at all: the second may say more than the first.
    """
    known, beside = ([one for one in told if now - WITHIN < one.last_at <= now + BETWEEN] for told in (earlier, others))
    if len(known) + len(beside) >= MOST or any(written.finished_at is None for written in known):
        return None
    return max([now, *(written.last_at + BETWEEN for written in known)])
