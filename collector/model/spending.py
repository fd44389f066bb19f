"""How much was asked of a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Spent:
    """Requests by the minute in which they were made: (all, those that page by ids)."""

    minutes: Mapping[datetime, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def at(cls, instant: datetime, requests: int = 1, paging: int = 0) -> Spent:
        """So many at this instant."""
        return cls({instant.replace(second=0, microsecond=0): (requests, paging)})

    def __add__(self, other: Spent) -> Spent:
        return self._joined(other, 1)

    def __sub__(self, other: Spent) -> Spent:
        return self._joined(other, -1)

    def __bool__(self) -> bool:
        return bool(self.minutes)

    def within(self, stretch: timedelta, now: datetime) -> Spent:
        """What may have been asked in the stretch that ends now: whole minutes, rather one too many."""
        return Spent({minute: n for minute, n in self.minutes.items() if now - stretch - _MINUTE < minute <= now})

    @property
    def requests(self) -> int:
        """All of them."""
        return sum(requests for requests, _ in self.minutes.values())

    @property
    def paging(self) -> int:
        """Those that page by ids."""
        return sum(paging for _, paging in self.minutes.values())

    def _joined(self, other: Spent, sign: int) -> Spent:
        joined = dict(self.minutes)
        for minute, (requests, paging) in other.minutes.items():
            before = joined.get(minute, (0, 0))
            joined[minute] = (before[0] + sign * requests, before[1] + sign * paging)
        return Spent({minute: numbers for minute, numbers in joined.items() if numbers != (0, 0)})
