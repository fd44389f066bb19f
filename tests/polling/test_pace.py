"""How often a watch is asked: bounds, quiet and busy times, and what says nothing of either."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from making import NOW
from paging import DAY, HOUR, MINUTE, PACE, SETTLED

from collector.model import WatchState
from collector.polling.pace import Bounds, bounds_around, next_interval, present_interval
from collector.polling.plan import Pace

SECOND = timedelta(seconds=1)
ADAPTIVE = replace(PACE, fastest=2 * MINUTE, slowest=HOUR)
READ = replace(SETTLED, last_success_at=NOW - 10 * MINUTE)


@pytest.mark.parametrize(
    ("interval", "fastest", "slowest", "expected"),
    [
        pytest.param(10 * MINUTE, None, None, (2 * MINUTE, HOUR), id="the usual"),
        pytest.param(30 * MINUTE, None, None, (6 * MINUTE, HOUR), id="an hour at most"),
        pytest.param(6 * HOUR, None, None, (72 * MINUTE, 6 * HOUR), id="no slower than slow"),
        pytest.param(2 * MINUTE, None, None, (MINUTE, 12 * MINUTE), id="a minute at least"),
        pytest.param(2 * SECOND, None, None, (2 * SECOND, 2 * SECOND), id="who is that quick means it"),
        pytest.param(10 * MINUTE, 5 * MINUTE, 3 * HOUR, (5 * MINUTE, 3 * HOUR), id="as configured"),
        pytest.param(10 * MINUTE, 20 * MINUTE, DAY, (10 * MINUTE, DAY), id="widened below"),
        pytest.param(DAY, MINUTE, HOUR, (MINUTE, DAY), id="widened above"),
    ],
)
def test_bounds_lie_around_the_interval(
    interval: timedelta,
    fastest: timedelta | None,
    slowest: timedelta | None,
    expected: tuple[timedelta, timedelta],
) -> None:
    assert bounds_around(interval, fastest, slowest) == Bounds(fastest=expected[0], slowest=expected[1])


@pytest.mark.parametrize(
    ("kept", "fresh", "waited", "expected"),
    [
        pytest.param(10 * MINUTE, 0, 10 * MINUTE, 624 * SECOND, id="quiet: a little slower"),
        pytest.param(30 * MINUTE, 0, 30 * MINUTE, 1872 * SECOND, id="still quiet"),
        pytest.param(59 * MINUTE, 0, HOUR, HOUR, id="as slow as it gets"),
        pytest.param(30 * MINUTE, 0, MINUTE, 30 * MINUTE, id="a round by hand right after another"),
        pytest.param(30 * MINUTE, 0, -DAY, 30 * MINUTE, id="the clock was put back"),
        pytest.param(30 * MINUTE, 1, 30 * MINUTE, 10 * MINUTE, id="something new: as configured, at once"),
        pytest.param(10 * MINUTE, 3, 10 * MINUTE, 10 * MINUTE, id="some"),
        pytest.param(10 * MINUTE, 4, 10 * MINUTE, 5 * MINUTE, id="busy: twice as often"),
        pytest.param(30 * MINUTE, 40, 30 * MINUTE, 5 * MINUTE, id="busy after quiet"),
        pytest.param(3 * MINUTE, 40, 3 * MINUTE, 2 * MINUTE, id="as quick as it gets"),
        pytest.param(5 * MINUTE, 2, 5 * MINUTE, 5 * MINUTE, id="some, while quick"),
        pytest.param(4 * MINUTE, 0, 4 * MINUTE, 5 * MINUTE, id="calm again: soon as configured"),
        pytest.param(9 * MINUTE, 0, 9 * MINUTE, 10 * MINUTE, id="and no slower by that"),
        pytest.param(10 * MINUTE, 200, 7 * DAY, 10 * MINUTE, id="what came over a week is not busy"),
        pytest.param(9 * HOUR, 0, 9 * HOUR, HOUR, id="kept from another configuration"),
        pytest.param(None, 0, 10 * MINUTE, 624 * SECOND, id="nothing kept yet"),
    ],
)
def test_a_round_decides_how_often_the_watch_is_asked(
    kept: timedelta | None, fresh: int, waited: timedelta, expected: timedelta
) -> None:
    state = replace(READ, interval=kept, last_success_at=NOW - waited)
    assert next_interval(state, ADAPTIVE, fresh, NOW) == expected


@pytest.mark.parametrize("fresh", [0, 400])
@pytest.mark.parametrize("state", [WatchState(), replace(READ, began_at=None), replace(READ, last_success_at=None)])
def test_a_first_walk_brings_history_and_says_nothing(state: WatchState, fresh: int) -> None:
    assert next_interval(state, ADAPTIVE, fresh, NOW) is None


@pytest.mark.parametrize("fresh", [0, 400])
def test_where_it_is_switched_off_the_interval_is_the_configured_one(fresh: int) -> None:
    state = replace(READ, interval=HOUR)
    assert next_interval(state, PACE, fresh, NOW) is None
    assert present_interval(state, PACE) == PACE.interval


def rounds_of_quiet(pace: Pace, number: int) -> list[timedelta]:
    state, intervals = READ, []
    for _ in range(number):
        assert state.last_success_at is not None
        at = state.last_success_at + present_interval(state, pace)
        state = replace(state, interval=next_interval(state, pace, 0, at), last_success_at=at)
        intervals.append(present_interval(state, pace))
    return intervals


def test_an_hour_of_quiet_changes_nothing_and_a_day_of_it_makes_a_watch_slow() -> None:
    intervals = rounds_of_quiet(ADAPTIVE, 60)
    assert set(intervals[:5]) == {10 * MINUTE}
    assert intervals[6] > 12 * MINUTE
    assert intervals == sorted(intervals)
    assert 12 * HOUR < sum(intervals[: intervals.index(HOUR)], timedelta()) < 36 * HOUR
