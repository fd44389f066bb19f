"""Rounds, counted since the daemon began: Prometheus is used to counters that begin anew, and adds them up itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from collector.model import WatchKey
from collector.polling.poller import WatchReport


@dataclass(frozen=True, kw_only=True, slots=True)
class Rounds:
    """The rounds of each watch."""

    made: Mapping[WatchKey, int] = field(default_factory=dict)
    failed: Mapping[WatchKey, int] = field(default_factory=dict)


class Tally:
    """Counts on one thread, and is read on another."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: Counter[WatchKey] = Counter()
        self._failed: Counter[WatchKey] = Counter()

    def note(self, report: WatchReport) -> None:
        """One round of one watch."""
        with self._lock:
            self._made[report.watch.key] += 1
            self._failed[report.watch.key] += report.error is not None

    def read(self) -> Rounds:
        """As it stands."""
        with self._lock:
            return Rounds(made=dict(self._made), failed=dict(self._failed))
