from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from making import NOW
from paging import PACE, SETTLED

from collector.errors import Condition
from collector.model import Depth, Walk, WatchState
from collector.polling.plan import ENOUGH_OLDER, Pace, due_depth, plan_round, settle

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def make_walk(depth: Depth = Depth.FULL) -> Walk:
    return Walk(depth=depth, started_at=NOW - 20 * MINUTE, horizon=NOW - 60 * HOUR, cursor="below here", seen=800)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(WatchState(), Depth.FULL, id="never asked"),
        pytest.param(WatchState(last_round_at=NOW - DAY, failures=9), Depth.FULL, id="never read"),
        pytest.param(SETTLED, Depth.QUICK, id="nothing else is due"),
        pytest.param(replace(SETTLED, last_complete_at=NOW - HOUR), Depth.FULL, id="the overlap is due"),
        pytest.param(replace(SETTLED, last_deep_at=NOW - DAY), Depth.DEEP, id="the deep overlap is due"),
        pytest.param(replace(SETTLED, last_deep_at=None), Depth.DEEP, id="began long ago, never looked deep"),
        pytest.param(
            replace(SETTLED, began_at=NOW - HOUR, last_deep_at=None), Depth.QUICK, id="began lately, never looked deep"
        ),
        pytest.param(
            replace(SETTLED, last_complete_at=NOW - 9 * DAY, last_deep_at=NOW - 9 * DAY), Depth.DEEP, id="slept long"
        ),
        pytest.param(replace(SETTLED, last_round_at=NOW + DAY), Depth.DEEP, id="the clock was put back"),
    ],
)
def test_the_deepest_look_back_that_is_due_is_taken(state: WatchState, expected: Depth) -> None:
    assert due_depth(state, PACE, NOW) is expected


@pytest.mark.parametrize(
    ("state", "asked", "expected"),
    [
        pytest.param(WatchState(), None, NOW - 48 * HOUR, id="a first round: from now"),
        pytest.param(SETTLED, None, NOW - 30 * MINUTE - 48 * HOUR, id="from the last complete round's start"),
        pytest.param(SETTLED, Depth.FULL, NOW - 30 * MINUTE - 48 * HOUR, id="the same when asked for by hand"),
        pytest.param(SETTLED, Depth.DEEP, NOW - 30 * MINUTE - 30 * DAY, id="deep"),
        pytest.param(
            replace(SETTLED, last_complete_at=NOW - 9 * DAY), Depth.FULL, NOW - 11 * DAY, id="over a pause and beyond"
        ),
        pytest.param(
            replace(SETTLED, last_complete_at=NOW + 9 * DAY), Depth.FULL, NOW - 48 * HOUR, id="a round in the future"
        ),
    ],
)
def test_the_horizon_is_measured_from_the_start_of_the_last_complete_round(
    state: WatchState, asked: Depth | None, expected: object
) -> None:
    assert plan_round(state, PACE, NOW, asked).horizon == expected


@pytest.mark.parametrize("asked", [None, Depth.QUICK, Depth.FULL])
def test_a_walk_that_pends_goes_on_whatever_is_due_up_to_its_own_depth(asked: Depth | None) -> None:
    plan = plan_round(replace(SETTLED, walk=make_walk()), PACE, NOW, asked)
    assert (plan.resume, plan.depth, plan.horizon) == (make_walk(), Depth.FULL, NOW - 60 * HOUR)
    assert plan.started_at == NOW


def test_a_deeper_walk_begins_anew_and_goes_no_less_far_than_the_one_it_replaces() -> None:
    plan = plan_round(replace(SETTLED, walk=make_walk()), PACE, NOW, Depth.DEEP)
    assert (plan.resume, plan.depth, plan.horizon) == (None, Depth.DEEP, NOW - 30 * MINUTE - 30 * DAY)
    far = replace(make_walk(), horizon=NOW - 400 * DAY)
    assert plan_round(replace(SETTLED, walk=far), PACE, NOW, Depth.DEEP).horizon == NOW - 400 * DAY


def test_a_deep_walk_that_pends_serves_a_full_round_too() -> None:
    state = replace(SETTLED, walk=make_walk(Depth.DEEP), last_complete_at=NOW - 2 * HOUR)
    assert plan_round(state, PACE, NOW).resume == make_walk(Depth.DEEP)


@pytest.mark.parametrize("since", [None, NOW - 400 * DAY])
def test_a_backfill_goes_on_where_it_was_as_far_as_it_is_asked_to_now(since: object) -> None:
    state = replace(SETTLED, walk=make_walk(), backfill=make_walk(Depth.ALL))
    plan = plan_round(state, PACE, NOW, Depth.ALL, NOW - 400 * DAY if since else None)
    assert (plan.resume, plan.depth, plan.horizon) == (make_walk(Depth.ALL), Depth.ALL, since)


def test_what_has_happened_never_lies_ahead() -> None:
    ahead = NOW + 27_000 * DAY
    settled = settle(replace(SETTLED, began_at=ahead, last_complete_at=ahead, last_deep_at=ahead), NOW)
    assert settled == replace(SETTLED, began_at=NOW, last_complete_at=NOW, last_deep_at=NOW)
    assert settle(SETTLED, NOW) == SETTLED


READS_ALL = replace(PACE, reads_all=True)


@pytest.mark.parametrize(
    ("state", "asked", "is_endless"),
    [
        pytest.param(WatchState(), None, True, id="the first round"),
        pytest.param(WatchState(last_round_at=NOW - DAY, failures=9), Depth.FULL, True, id="still the first"),
        pytest.param(SETTLED, Depth.DEEP, True, id="a deep round"),
        pytest.param(SETTLED, Depth.FULL, False, id="a full round"),
        pytest.param(replace(SETTLED, walk=replace(make_walk(), horizon=None)), Depth.DEEP, True, id="one that pends"),
    ],
)
def test_where_everything_is_read_a_first_and_a_deep_round_have_no_horizon(
    state: WatchState, asked: Depth | None, is_endless: bool
) -> None:
    assert (plan_round(state, READS_ALL, NOW, asked).horizon is None) is is_endless


@pytest.mark.parametrize("depth", [Depth.QUICK, Depth.FULL, Depth.DEEP])
def test_a_deep_round_takes_nobodys_word_for_unchanged_and_looks_behind_more_old_posts(depth: Depth) -> None:
    plan = plan_round(replace(SETTLED, bookmark="etag"), replace(PACE, enough_older=1000), NOW, depth)
    is_deep = depth is Depth.DEEP
    assert (plan.bookmark, plan.enough_older) == ((None, 1000) if is_deep else ("etag", ENOUGH_OLDER))


GAP = replace(SETTLED, condition=Condition.HALF_FEED, last_complete_at=NOW, last_deep_at=NOW, last_round_at=NOW)


@pytest.mark.parametrize(("pace", "depth"), [(READS_ALL, Depth.FULL), (PACE, Depth.QUICK)])
def test_after_a_round_that_was_shown_a_part_everything_is_read_once_more(pace: Pace, depth: Depth) -> None:
    plan = plan_round(GAP, pace, NOW)
    assert (plan.depth, plan.horizon is None) == (depth, pace.reads_all)
