from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from making import NOW
from paging import PACE, SETTLED

from collector.errors import Condition, SourceError
from collector.model import Depth, HostState, Walk, WatchState
from collector.polling.outcome import LONGEST_WAIT, backoff, next_host_state, next_state
from collector.polling.plan import RoundPlan, plan_round
from collector.polling.walk import Walked

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STARTED = NOW - MINUTE

WALK = Walk(depth=Depth.FULL, started_at=NOW - 2 * HOUR, horizon=NOW - 60 * HOUR, cursor="here", seen=40)
FURTHER = replace(WALK, cursor="further", seen=80)


def after(state: WatchState, walked: Walked, asked: Depth | None = None, dice: float = 0.0) -> WatchState:
    return next_state(state, plan_round(state, PACE, STARTED, asked), walked, PACE, NOW, dice)


def fault(condition: Condition = Condition.SERVER_FAULT, retry_at: datetime | None = None) -> SourceError:
    return SourceError(condition, "a fault of its own", retry_at=retry_at)


def test_a_first_complete_round_is_where_a_watch_begins() -> None:
    state = after(WatchState(), Walked(pages=2, is_done=True))
    assert (state.began_at, state.last_complete_at, state.last_success_at) == (STARTED, STARTED, STARTED)
    assert state.last_deep_at is None
    assert state.next_poll_at == STARTED + PACE.interval
    assert state.condition is Condition.OK


def test_a_round_that_was_shown_a_part_says_what_is_missing() -> None:
    state = after(SETTLED, Walked(pages=1, is_done=True, condition=Condition.HALF_FEED, message="the rest"))
    assert (state.condition, state.message, state.failing_since) == (Condition.HALF_FEED, "the rest", None)
    assert after(state, Walked(pages=1, is_done=True)).message == ""


def test_a_quick_round_is_not_a_complete_one() -> None:
    state = after(SETTLED, Walked(pages=1, is_done=True))
    assert state == replace(
        SETTLED,
        last_round_at=STARTED,
        last_success_at=STARTED,
        looked_until=STARTED,
        next_poll_at=STARTED + PACE.interval,
        condition=Condition.OK,
    )


def test_a_deep_round_counts_as_a_full_one_too() -> None:
    state = after(SETTLED, Walked(pages=9, is_done=True), Depth.DEEP)
    assert (state.last_complete_at, state.last_deep_at, state.began_at) == (STARTED, STARTED, SETTLED.began_at)


def test_a_round_at_its_bound_is_not_complete_and_goes_on() -> None:
    state = after(WatchState(), Walked(pages=20, walk=WALK))
    assert (state.walk, state.began_at, state.last_complete_at) == (WALK, None, None)
    assert (state.failures, state.next_poll_at) == (0, STARTED + PACE.interval)


def test_a_walk_over_several_rounds_counts_from_when_it_began() -> None:
    state = after(WatchState(walk=WALK), Walked(pages=3, is_done=True))
    assert (state.began_at, state.last_complete_at, state.walk) == (WALK.started_at, WALK.started_at, None)
    assert state.last_success_at == STARTED


def test_a_slow_round_is_followed_by_the_next_at_once() -> None:
    state = next_state(
        SETTLED,
        RoundPlan(depth=Depth.QUICK, started_at=NOW - HOUR, horizon=None, max_pages=1),
        Walked(pages=1, is_done=True),
        PACE,
        NOW,
        0.5,
    )
    assert state.next_poll_at == NOW


def test_an_error_in_the_middle_keeps_the_place_and_the_failure() -> None:
    state = after(SETTLED, Walked(pages=2, walk=WALK, error=fault()), Depth.FULL)
    assert (state.walk, state.failures, state.failing_since) == (WALK, 1, STARTED)
    assert (state.condition, state.message) == (Condition.SERVER_FAULT, "a fault of its own")
    assert (state.last_complete_at, state.last_success_at) == (SETTLED.last_complete_at, SETTLED.last_success_at)
    assert state.last_round_at == STARTED


@pytest.mark.parametrize("asked", [None, Depth.FULL, Depth.DEEP])
def test_an_error_before_the_first_page_leaves_a_pending_walk_as_it_is(asked: Depth | None) -> None:
    state = after(replace(SETTLED, walk=WALK), Walked(error=fault()), asked)
    assert state.walk == WALK


def test_failures_add_up_and_a_success_ends_them() -> None:
    failing = after(after(SETTLED, Walked(error=fault())), Walked(error=fault(Condition.UNREACHABLE)))
    assert (failing.failures, failing.failing_since, failing.condition) == (2, STARTED, Condition.UNREACHABLE)
    well = after(failing, Walked(pages=1, is_done=True, condition=Condition.NO_POSTS))
    assert (well.failures, well.failing_since, well.condition, well.message) == (0, None, Condition.NO_POSTS, "")


@pytest.mark.parametrize(
    ("failures", "retry_at", "dice", "expected"),
    [
        pytest.param(0, None, 0.0, NOW + 10 * MINUTE, id="the first time, an interval"),
        pytest.param(1, None, 0.0, NOW + 20 * MINUTE, id="then twice as long"),
        pytest.param(2, None, 0.8, NOW + 48 * MINUTE, id="spread by up to a quarter"),
        pytest.param(60, None, 0.0, NOW + HOUR, id="an hour at most"),
        pytest.param(0, NOW + 3 * HOUR, 0.9, NOW + 3 * HOUR, id="as long as the server says"),
        pytest.param(9, NOW + 3 * MINUTE, 0.9, NOW + 10 * MINUTE, id="but never sooner than an interval"),
    ],
)
def test_how_long_a_watch_that_failed_waits(
    failures: int, retry_at: datetime | None, dice: float, expected: datetime
) -> None:
    state = after(replace(SETTLED, failures=failures), Walked(error=fault(retry_at=retry_at)), dice=dice)
    assert state.next_poll_at == expected


def test_a_backfill_changes_nothing_but_its_own_place() -> None:
    place = replace(WALK, depth=Depth.ALL)
    state = replace(SETTLED, walk=WALK, failures=2, failing_since=STARTED)
    assert after(state, Walked(pages=20, walk=place), Depth.ALL) == replace(state, backfill=place)
    begun = replace(state, backfill=place)
    assert after(begun, Walked(error=fault()), Depth.ALL) == begun
    assert after(begun, Walked(pages=3, is_done=True), Depth.ALL) == state


def test_a_cursor_that_its_server_no_longer_understands_is_given_up_in_the_end() -> None:
    state = replace(SETTLED, walk=WALK)
    stuck = Walked(pages=1, walk=WALK, error=fault())
    for _ in range(3):
        state = after(state, stuck)
        assert state.walk == WALK
    state = after(state, stuck)
    assert (state.walk, state.last_complete_at) == (None, SETTLED.last_complete_at)


@pytest.mark.parametrize(
    "walked",
    [
        pytest.param(Walked(pages=2, walk=FURTHER, error=fault()), id="it got further"),
        pytest.param(Walked(pages=1, walk=WALK, error=fault(Condition.RATE_LIMITED)), id="asked too much"),
        pytest.param(Walked(pages=1, walk=WALK, error=fault(Condition.UNREACHABLE)), id="no connection"),
        pytest.param(Walked(error=fault()), id="nothing could be read at all"),
    ],
)
def test_a_walk_is_not_given_up_for_what_is_no_fault_of_its_cursor(walked: Walked) -> None:
    state = replace(SETTLED, walk=WALK, failures=50)
    assert after(state, walked).walk in {WALK, FURTHER}


def test_rounds_under_a_clock_that_was_ahead_do_not_count_as_later() -> None:
    ahead = NOW + 27_000 * DAY
    state = replace(SETTLED, last_round_at=ahead, last_complete_at=ahead, last_deep_at=ahead, next_poll_at=ahead)
    state = after(state, Walked(pages=1, is_done=True))
    assert (state.last_complete_at, state.last_deep_at) == (NOW, STARTED)
    assert state.next_poll_at == STARTED + PACE.interval


HOST = "https://fedi.example"


@pytest.mark.parametrize(
    ("failures", "error", "blocked_until", "is_told"),
    [
        (0, fault(), NOW + MINUTE, False),
        (3, fault(Condition.UNREACHABLE), NOW + 8 * MINUTE, False),
        (30, fault(), NOW + LONGEST_WAIT, False),
        (5, fault(Condition.RATE_LIMITED, NOW + 7 * MINUTE), NOW + 7 * MINUTE, True),
        (0, fault(Condition.RATE_LIMITED), NOW + MINUTE, False),
    ],
)
def test_a_host_in_trouble_is_left_alone_as_a_whole(
    failures: int, error: SourceError, blocked_until: datetime, is_told: bool
) -> None:
    after = next_host_state(HostState(address=HOST, failures=failures), error, NOW, 0.0)
    assert (after.blocked_until, after.is_told, after.failures) == (blocked_until, is_told, failures + 1)
    assert after.reason == "a fault of its own"


def test_what_is_wrong_with_one_watch_is_not_held_against_its_host() -> None:
    host = HostState(address=HOST)
    for condition in (Condition.BAD_TOKEN, Condition.NEEDS_TOKEN, Condition.NO_SUCH_API, Condition.UNREADABLE):
        assert next_host_state(host, fault(condition), NOW, 0.0) == host


def test_one_good_answer_ends_a_host_s_troubles() -> None:
    troubled = HostState(address=HOST, blocked_until=NOW + HOUR, failures=7, reason="down", is_told=True)
    assert next_host_state(troubled, None, NOW, 0.5) == HostState(address=HOST)


@pytest.mark.parametrize("dice", [0.0, 0.3, 0.999])
def test_waits_grow_to_their_limit_and_spread_by_a_quarter(dice: float) -> None:
    waits = [backoff(MINUTE, failures, HOUR, dice) for failures in range(100)]
    assert waits[0] == MINUTE * (1 + dice / 4)
    assert waits == sorted(waits)
    assert waits[-1] == HOUR * (1 + dice / 4)
