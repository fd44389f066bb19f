"""When an entry that has no date was first met: its stand-in for one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from collector.sources.feed.entries import entry_id

_MOST = 5_000


class FirstSights:
    """Remembers, so that an undated entry has the same date each time it is met.

    It forgets the oldest, and everything with the process: storage keeps the date that a post came with, so that a
    later one changes nothing there.
    """

    def __init__(self) -> None:
        self._dates: dict[tuple[str, str], str] = {}

    def dated(self, entry: Any, feed: str, seen_at: datetime) -> Any:
        """The entry, with the moment it was first met where it has no date of its own."""
        if not isinstance(entry, dict) or entry.get("date_published") or entry.get("date_modified"):
            return entry
        key = (feed, entry_id(entry))
        if key not in self._dates:
            if len(self._dates) >= _MOST:
                del self._dates[next(iter(self._dates))]
            self._dates[key] = seen_at.isoformat()
        return entry | {"date_seen": self._dates[key]}
