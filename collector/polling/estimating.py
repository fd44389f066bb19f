"""How long the rest of a walk back may take: a guess from how far it has come."""

from __future__ import annotations

from datetime import datetime, timedelta

_ENOUGH = 0.02  # of the way: before that a guess is worth nothing


def estimate(
    began_at: datetime, now: datetime, reached_at: datetime | None, until: datetime | None
) -> timedelta | None:
    """The time that is left; None where nobody can tell: the end is unknown, or the walk has hardly begun.

    `reached_at` and `until` are dates of posts, the others are of the clock. It takes the past for evenly filled.
    """
    if until is None or reached_at is None or until >= began_at:
        return None
    share = (began_at - reached_at) / (began_at - until)
    if share < _ENOUGH:
        return None
    return (now - began_at) * max(1 / share - 1, 0)
