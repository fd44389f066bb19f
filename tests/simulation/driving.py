"""Lives through virtual time: at each tick what is due in the network happens, then what the daemon would do is done.

Ticks at which nothing is due are skipped. What each round came to is written down, for it is by the complete rounds
that a collector's recall is measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collecting import Clock

from collector.app import App
from collector.model import Depth, Watch, WatchState
from collector.polling.poller import WatchReport
from collector.storage.watches import all_watches, host_states
from simulation.network import Network
from simulation.since_id import Follower

TICK = timedelta(seconds=15)  # the daemon's own
HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class LookBack:
    """A complete round: what stood in the timeline all through it, no deeper than its horizon, must have been met."""

    server: str  # its address
    depth: Depth
    began: datetime  # when its first page was asked for
    ended: datetime
    horizon: datetime
    standing: int  # how many posts the timeline showed down to the horizon


@dataclass(kw_only=True)
class Journal:
    """What the rounds came to, by the addresses of servers."""

    rounds: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    look_backs: list[LookBack] = field(default_factory=list)


@dataclass(kw_only=True)
class Driver:
    """The collector, the network that it collects from, and beside it a collector that only follows `since_id`."""

    app: App
    clock: Clock
    network: Network
    follower: Follower | None = None
    journal: Journal = field(default_factory=Journal)
    _hourly_at: datetime | None = None

    def live(self, until: datetime) -> Journal:
        """Goes on until then."""
        while self.clock() < until:
            self.network.advance(self.clock())
            self.tick()
            self.clock.now = min(self._next_tick(), until)
        self.network.advance(until)
        return self.journal

    def tick(self) -> list[WatchReport]:
        """What the daemon does at this moment."""
        before = self._states()
        reports = self.app.poll_due()
        after = self._states()
        for report in reports:
            if report.waits_until is not None and not report.pages:
                continue  # its host's budget was spent: nothing was asked
            self._write_down(report, before[report.watch.id], after[report.watch.id])
        if self.follower is not None:
            self.follower.follow()
        if self._hourly_at is None or self.clock() >= self._hourly_at:
            self._hourly_at = self.clock() + HOUR
            self.app.recheck()
            self.app.close_due_windows()
        return reports

    def _write_down(self, report: WatchReport, before: WatchState, after: WatchState) -> None:
        address = report.watch.key.address
        self.journal.rounds[address] += 1
        self.journal.pages[address] += report.pages
        self.journal.failures[address] += report.error is not None
        self.journal.look_backs += self._look_backs(address, before, after)

    def _look_backs(self, address: str, before: WatchState, after: WatchState) -> Iterator[LookBack]:
        is_deep = after.last_deep_at != before.last_deep_at
        began = after.last_deep_at if is_deep else after.last_complete_at
        if began is None or (not is_deep and began == before.last_complete_at):
            return
        polling = self.app.settings.polling
        reach = polling.deep_overlap if is_deep else polling.overlap
        horizon = (before.last_complete_at or began) - reach
        holdings = next(server.holdings for server in self.network.polled if server.address == address)
        yield LookBack(
            server=address,
            depth=Depth.DEEP if is_deep else Depth.FULL,
            began=began,
            ended=self.clock(),
            horizon=horizon,
            standing=holdings.standing_since(horizon),
        )

    def _states(self) -> dict[int, WatchState]:
        return {watch.id: watch.state for watch in self._watches()}

    def _watches(self) -> list[Watch]:
        with self.app.database.read() as conn:
            return all_watches(conn)

    def _next_tick(self) -> datetime:
        """When the next thing is due."""
        with self.app.database.read() as conn:
            blocked = {address: state.blocked_until for address, state in host_states(conn).items()}
        due = [
            max(watch.state.next_poll_at, blocked.get(watch.key.address) or watch.state.next_poll_at)
            for watch in self._watches()
            if watch.state.next_poll_at is not None
        ]
        others = [at for at in (self._hourly_at, self.follower.next_at if self.follower else None) if at is not None]
        return max(min(due + others), self.clock() + TICK)
