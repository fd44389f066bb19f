"""Mastodon's two limits, in virtual time: 300 requests in 5 minutes, and 300 in 15 minutes of those that page.

As there, time is cut into stretches, and each caller has a count in each.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

ALL = timedelta(minutes=5)
PAGING = timedelta(minutes=15)


@dataclass(kw_only=True, slots=True)
class Limits:
    """The counts of one server."""

    allowed: int = 300
    _counts: Counter[tuple[str, timedelta, int]] = field(default_factory=Counter)

    def refused_until(self, who: str, at: datetime, *, pages: bool) -> datetime | None:
        """Counts one request; gives when the stretch ends whose limit it goes past, None for one that is allowed."""
        until = None
        for stretch in (ALL, PAGING) if pages else (ALL,):
            number = int(at.timestamp() // stretch.total_seconds())
            self._counts[who, stretch, number] += 1
            if self._counts[who, stretch, number] > self.allowed:
                end = datetime.fromtimestamp((number + 1) * stretch.total_seconds(), UTC)
                until = end if until is None else max(until, end)
        return until

    def use_up(self, who: str, at: datetime) -> None:
        """Others behind the same address ask all that is left."""
        for stretch in (ALL, PAGING):
            self._counts[who, stretch, int(at.timestamp() // stretch.total_seconds())] += self.allowed
