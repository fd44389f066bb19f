"""Whatever arrives when and where: round after round, every post within the look-back is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from making import NOW
from paging import KEY, SPELLINGS, Timeline, make_found

from collector.model import Depth, WatchState
from collector.polling.outcome import next_state
from collector.polling.plan import ENOUGH_OLDER, Pace, plan_round
from collector.polling.walk import Walked, Walker

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OVERLAP = 48 * HOUR


def native_id(at: datetime, serial: int) -> str:
    return f"{int(at.timestamp()):012d}.{serial:06d}"


@dataclass
class World:
    """A server, one watch on it, and a clock."""

    timeline: Timeline
    pace: Pace
    now: datetime = NOW
    state: WatchState = field(default_factory=WatchState)
    stored: set[str] = field(default_factory=set)
    owed: set[str] = field(default_factory=set)  # what must have been found in the end
    serial: int = 0

    def arrive(self, minutes_ago: int, *, in_its_place: bool) -> str:
        """A post arrives now: on top, or at the place of its date."""
        published_at = self.now - minutes_ago * MINUTE
        self.serial += 1
        name = native_id(published_at if in_its_place else self.now, self.serial)
        self.timeline.add([make_found(name, published_at)])
        return name

    def go_round(self, asked: Depth | None = None) -> Walked:
        """One round: at most the pages it may, and what it brings is stored."""
        before = len(self.timeline.requests)
        plan = plan_round(self.state, self.pace, self.now, asked)
        walker = Walker(self.timeline, KEY, SPELLINGS, lambda ids: self.stored & set(ids), lambda: False)
        walked = walker.walk(plan)
        assert len(self.timeline.requests) - before <= self.pace.max_pages
        self.stored |= {item.native_id for item in walked.found}
        self.state = next_state(self.state, plan, walked, self.pace, self.now, 0.5)
        return walked

    def settle(self) -> None:
        """Goes on until a complete round has begun after everything arrived and come to its end."""
        since = self.now
        most = 10 * (len(self.timeline.held) // self.timeline.page_size + 10)
        while self.state.last_complete_at is None or self.state.last_complete_at <= since:
            self.now += 61 * MINUTE
            self.go_round()
            most -= 1
            assert most, "the walk never ends"


@dataclass(frozen=True)
class Arrival:
    minutes_ago: int
    in_its_place: bool
    is_hidden: bool = False


LATE = st.builds(Arrival, minutes_ago=st.integers(0, 48 * 60), in_its_place=st.booleans())
FUTURE = st.builds(Arrival, minutes_ago=st.integers(-40_000_000, -1), in_its_place=st.just(False))
HIDDEN = st.builds(Arrival, minutes_ago=st.integers(0, 48 * 60), in_its_place=st.booleans(), is_hidden=st.just(True))
BACKDATED = st.builds(Arrival, minutes_ago=st.integers(0, 28_000_000), in_its_place=st.booleans())
ROUND = st.tuples(
    st.integers(1, 600),  # minutes since the last round
    st.lists(st.one_of(LATE, LATE, LATE, FUTURE, HIDDEN), max_size=12),
    st.lists(st.integers(0, 6), max_size=1),  # a request that fails
)


@settings(max_examples=150, deadline=None)
@given(
    page_size=st.integers(1, 12),
    max_pages=st.integers(1, 6),
    history=st.lists(BACKDATED, max_size=30),
    rounds=st.lists(ROUND, max_size=12),
    backdated=st.lists(BACKDATED, max_size=ENOUGH_OLDER // 2),
)
def test_every_post_within_the_look_back_is_found(
    page_size: int,
    max_pages: int,
    history: list[Arrival],
    rounds: list[tuple[int, list[Arrival], list[int]]],
    backdated: list[Arrival],
) -> None:
    world = World(Timeline(page_size), make_pace(max_pages))
    for arrival in history:
        world.arrive(arrival.minutes_ago, in_its_place=arrival.in_its_place)
    for minutes, arrivals, faults in rounds:
        world.timeline.faults = list(faults)
        world.go_round()
        world.now += minutes * MINUTE
        for arrival in arrivals:
            name = world.arrive(arrival.minutes_ago, in_its_place=arrival.in_its_place)
            (world.timeline.hidden if arrival.is_hidden else world.owed).add(name)
    world.timeline.faults = []
    for arrival in backdated:
        world.arrive(arrival.minutes_ago, in_its_place=arrival.in_its_place)
    world.settle()
    assert world.owed <= world.stored
    if world.state.walk is None and not world.timeline.hidden:
        before = len(world.timeline.requests)
        world.now += MINUTE
        world.go_round(Depth.QUICK)
        assert len(world.timeline.requests) == before + 1


@settings(max_examples=60, deadline=None)
@given(page_size=st.integers(1, 12), max_pages=st.integers(1, 6), posts=st.integers(0, 120), step=st.integers(1, 999))
def test_a_backfill_finds_everything_however_often_it_is_stopped(
    page_size: int, max_pages: int, posts: int, step: int
) -> None:
    world = World(Timeline(page_size), make_pace(max_pages))
    for number in range(posts):
        world.arrive(number * step, in_its_place=True)
    while not world.go_round(Depth.ALL).is_done:
        assert world.state.backfill is not None
    assert world.stored == set(world.timeline.held)
    assert world.state == WatchState()
    assert len(world.timeline.requests) <= posts // page_size + 2


def make_pace(max_pages: int) -> Pace:
    return Pace(
        interval=10 * MINUTE,
        overlap=OVERLAP,
        overlap_interval=HOUR,
        deep_overlap=30 * DAY,
        deep_interval=DAY,
        max_pages=max_pages,
    )
