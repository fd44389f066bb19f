"""A few servers and a few posts, for scenes of one phenomenon each.

with playing(tmp_path, OAK, ASH) as stage:
    post = stage.writes("oak")
    stage.network.deliver(post.serial, "ash", stage.now)
    stage.passes(hours=1)
    assert stage.shown == {post.serial: 1}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from collecting import Clock, rows

from collector.model import WatchState
from collector.storage.watches import all_watches
from simulation.answering import Member
from simulation.driving import Driver
from simulation.living import Outcome, driving, look_at
from simulation.measuring import wording_of
from simulation.network import Network, networking
from simulation.server import Asked
from simulation.truth import Writing, first_version
from simulation.week import COLLECTOR, START


@dataclass(kw_only=True)
class Stage:
    """The network, and the collectors that live in it."""

    driver: Driver

    @property
    def network(self) -> Network:
        return self.driver.network

    @property
    def now(self) -> datetime:
        return self.driver.clock()

    def writes(
        self,
        home: str,
        *,
        at: datetime | None = None,
        dated: datetime | None = None,
        is_tagged: bool = True,
        user: str = "asha",
        visibility: str = "public",
    ) -> Writing:
        """Somebody posts, now or at an earlier instant; `dated` is what their program says."""
        at = at or self.now
        serial = len(self.network.writings)
        writing = Writing(
            serial=serial,
            user=user,
            home=home,
            created_at=dated or at + self.network.servers[home].member.skew,
            visibility=visibility,
            versions=[first_version(serial, is_tagged=is_tagged)],
        )
        return self.network.publish(writing, at)

    def writes_many(self, number: int, home: str, *, since: datetime, until: datetime) -> list[Writing]:
        """Somebody posts again and again."""
        return [self.writes(home, at=since + (until - since) * (place / number)) for place in range(number)]

    def edits(self, writing: Writing, *to: str, is_tagged: bool = True) -> None:
        """The author gives a post another wording, and these servers hear of it at once."""
        self.network.edit(writing.serial, self.now, is_tagged=is_tagged)
        for name in to:
            self.network.deliver_edit(writing.serial, name, writing.newest.number, self.now)

    def deletes(self, writing: Writing, *to: str) -> None:
        """The author takes a post back, and these servers hear of it at once."""
        self.network.delete(writing.serial, self.now)
        for name in to:
            self.network.deliver_deletion(writing.serial, name, self.now)

    def delivers(self, writing: Writing, *to: str) -> None:
        """A post arrives now."""
        for name in to:
            self.network.deliver(writing.serial, name, self.now)

    def delivers_all(self, writings: Iterable[Writing], to: str) -> None:
        """Many posts arrive in one burst, in their order."""
        for writing in writings:
            self.delivers(writing, to)

    def passes(self, **duration: float) -> None:
        """Time goes on, and the collectors with it."""
        self.driver.live(self.now + timedelta(**duration))

    @property
    def shown(self) -> dict[int, int]:
        """What the collector would export: the posts' serial numbers, and which wording."""
        serials = {writing.uri: writing.serial for writing in self.network.writings.values()}
        return {serials[row.uri]: wording_of(row.text) for row in rows(self.driver.app)}

    @property
    def followed(self) -> set[int]:
        """What the collector that only follows `since_id` has."""
        assert self.driver.follower is not None
        return {item.serial for item in self.network.writings.values() if item.uri in self.driver.follower.posts}

    def outcome(self) -> Outcome:
        """The figures so far."""
        return look_at(self.driver)

    def asked(self, name: str, what: str = "timeline") -> list[Asked]:
        """What the collector asked a server."""
        log = self.network.servers[name].log
        return [asked for asked in log if asked.who == COLLECTOR and asked.question.what == what]

    def state(self, name: str) -> WatchState:
        """How the watch of a server is."""
        with self.driver.app.database.read() as conn:
            return next(watch.state for watch in all_watches(conn) if watch.name == name)


@contextmanager
def playing(folder: Path, *cast: Member, **tables: Any) -> Iterator[Stage]:
    """Servers that hold nothing yet; time stands still at `START` until it passes."""
    tables = {"polling": {"interval": "30m"}} | tables
    clock = Clock(START)
    with networking(cast, clock) as network, driving(folder, network, clock, **tables) as driver:
        yield Stage(driver=driver)
