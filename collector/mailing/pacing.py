"""How many mails may go now: a pure decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
_GLANCE = timedelta(seconds=1)  # until others, who have all that is allowed in hand, may have handed some of it over


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """How many mails may be claimed now; with none, `again_at` says when to ask again."""

    mails: int
    again_at: datetime


def allow(per_minute: int, handed_over: int, first_at: datetime | None, in_hand: int, now: datetime) -> Allowance:
    """What is left of a minute's mails, so that no minute, wherever it begins, sees more of them.

    `handed_over` counts those of the last minute, the first of them at `first_at`; `in_hand` those that somebody has
    claimed and is about to hand over.
    """
    mails = max(0, per_minute - handed_over - in_hand)
    return Allowance(mails=mails, again_at=first_at + MINUTE if first_at else now + _GLANCE)
