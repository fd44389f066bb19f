"""What a watch could not see: where gaps begin and end, why, and when they are caught up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from making import NOW
from paging import DAY, HOUR, MINUTE, make_found

from collector.errors import Condition, SourceError
from collector.model import NOT_HELD, NOT_RUNNING, Depth, Found, Gap, HostState, Walk, WatchState
from collector.polling.gaps import Sight, begun_gap, next_gaps
from collector.polling.plan import RoundPlan
from collector.polling.walk import Walked

TEN = 10 * MINUTE
DOWN = SourceError(Condition.UNREACHABLE, "no answer")
GOOD = Walked(pages=1, is_done=True, is_whole=True)
BAD = Walked(error=DOWN)
HALF = replace(GOOD, condition=Condition.HALF_FEED)
HOST = "https://fedi.example"

WELL = WatchState(
    began_at=NOW - 90 * DAY,
    last_round_at=NOW - TEN,
    last_success_at=NOW - TEN,
    last_complete_at=NOW - 30 * MINUTE,
    next_poll_at=NOW,
    condition=Condition.OK,
)
OUTAGE = Gap(id=1, starts_at=NOW - 2 * DAY, reason="unreachable", message="no answer")
ENDED = replace(OUTAGE, ends_at=NOW - DAY)


def failing(since: timedelta, **changes: object) -> WatchState:
    """A watch that failed a while ago for the first time, and is asked as one that fails."""
    state = replace(WELL, last_success_at=NOW - since, failing_since=NOW - since + TEN, failures=3)
    state = replace(state, condition=Condition.SERVER_FAULT, message="a fault of its own")
    return replace(state, **changes)  # type: ignore[arg-type]


def asleep(since: timedelta, **changes: object) -> WatchState:
    state = replace(WELL, last_round_at=NOW - since, last_success_at=NOW - since, next_poll_at=NOW - since + TEN)
    return replace(state, **changes)  # type: ignore[arg-type]


def plan(depth: Depth = Depth.FULL, horizon: datetime | None = NOW - 3 * DAY, resume: Walk | None = None) -> RoundPlan:
    return RoundPlan(depth=depth, started_at=NOW, horizon=horizon, resume=resume, max_pages=20)


def after(
    pending: Sequence[Gap], state: WatchState, walked: Walked, planned: RoundPlan | None = None, **sight: object
) -> list[Gap]:
    seen = Sight(state=state, usual=TEN, **sight)  # type: ignore[arg-type]
    return next_gaps(pending, seen, planned or plan(Depth.QUICK), walked)


# Where a gap begins


@pytest.mark.parametrize(
    ("state", "walked", "expected"),
    [
        pytest.param(WELL, GOOD, [], id="all is well"),
        pytest.param(WELL, BAD, [], id="the first failure"),
        pytest.param(failing(HOUR), BAD, [], id="an hour of failures is ordinary"),
        pytest.param(
            failing(2 * HOUR),
            BAD,
            [Gap(starts_at=NOW - 2 * HOUR, reason="unreachable", message="no answer")],
            id="longer",
        ),
        pytest.param(
            failing(2 * HOUR),
            GOOD,
            [
                Gap(
                    starts_at=NOW - 2 * HOUR,
                    ends_at=NOW,
                    reason="server fault",
                    message="a fault of its own",
                )
            ],
            id="it was over before it was told",
        ),
        pytest.param(asleep(70 * MINUTE), GOOD, [], id="an hourly job"),
        pytest.param(
            asleep(9 * HOUR),
            GOOD,
            [Gap(starts_at=NOW - 9 * HOUR, ends_at=NOW, reason=NOT_RUNNING)],
            id="a night's sleep",
        ),
        pytest.param(
            asleep(9 * HOUR), BAD, [Gap(starts_at=NOW - 9 * HOUR, reason=NOT_RUNNING)], id="and still no network"
        ),
        pytest.param(
            asleep(9 * HOUR, failing_since=NOW - 9 * HOUR, condition=Condition.UNREACHABLE),
            GOOD,
            [Gap(starts_at=NOW - 9 * HOUR, ends_at=NOW, reason=NOT_RUNNING)],
            id="the network went before the computer did",
        ),
        pytest.param(
            asleep(9 * HOUR, failing_since=NOW - 9 * HOUR, condition=Condition.UNREACHABLE),
            BAD,
            [Gap(starts_at=NOW - 9 * HOUR, reason="unreachable", message="no answer")],
            id="failing before and after a pause",
        ),
        pytest.param(
            WatchState(failing_since=NOW - DAY, last_round_at=NOW - HOUR, next_poll_at=NOW),
            BAD,
            [Gap(starts_at=NOW - DAY, reason="unreachable", message="no answer")],
            id="never read at all",
        ),
        pytest.param(WatchState(), BAD, [], id="just configured"),
        pytest.param(replace(WELL, last_success_at=NOW + 900 * DAY), GOOD, [], id="the clock was put back"),
    ],
)
def test_a_gap_begins_at_the_last_good_look_once_that_is_longer_ago_than_is_ordinary(
    state: WatchState, walked: Walked, expected: list[Gap]
) -> None:
    assert after([], state, walked) == expected


def test_what_is_asked_less_often_has_no_gap_sooner_than_three_rounds() -> None:
    assert begun_gap([], Sight(state=asleep(9 * HOUR), usual=4 * HOUR), NOW) is None
    assert begun_gap([], Sight(state=asleep(13 * HOUR), usual=4 * HOUR), NOW) is not None


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        (None, (NOT_RUNNING, "")),
        (
            HostState(address=HOST, blocked_until=NOW - TEN, failures=9, reason="no answer"),
            (Condition.UNREACHABLE, "no answer"),
        ),
        (
            HostState(address=HOST, blocked_until=NOW, failures=1, reason="asks for fewer", is_told=True),
            (Condition.RATE_LIMITED, "asks for fewer"),
        ),
        (HostState(address=HOST, blocked_until=NOW - 5 * HOUR, failures=1, reason="busy"), (NOT_RUNNING, "")),
    ],
)
def test_a_watch_whose_host_was_left_alone_was_not_forgotten(host: HostState | None, reason: tuple[str, str]) -> None:
    (gap,) = after([], asleep(9 * HOUR), GOOD, host=host)
    assert (gap.reason, gap.message) == reason


def test_after_a_clock_that_was_behind_a_gap_begins_where_it_last_was_right() -> None:
    state = asleep(400 * DAY)
    assert after([], replace(state, looked_until=NOW - TEN), GOOD) == []
    (gap,) = after([], replace(state, looked_until=NOW - 9 * HOUR), GOOD)
    assert gap.starts_at == NOW - 9 * HOUR
    (gap,) = after([], replace(state, looked_until=NOW + 900 * DAY), GOOD)
    assert gap.starts_at == NOW - 400 * DAY, "what lies ahead tells nothing"


# Where it ends


def test_a_gap_goes_on_until_the_first_good_round() -> None:
    assert after([OUTAGE], failing(2 * DAY), BAD) == [OUTAGE]
    assert after([OUTAGE], failing(2 * DAY), GOOD) == [replace(OUTAGE, ends_at=NOW)]
    assert after([ENDED], WELL, GOOD) == [ENDED]


def test_a_place_that_cannot_be_read_after_a_pause_is_a_gap_of_its_own() -> None:
    pause = Gap(id=5, starts_at=NOW - 9 * HOUR, reason=NOT_RUNNING)
    awake = replace(asleep(9 * HOUR), last_round_at=NOW - TEN, next_poll_at=NOW, failing_since=NOW - TEN)
    assert after([pause], awake, BAD) == [pause], "the network may take its time"
    since = NOW - 2 * HOUR
    assert after([pause], replace(awake, failing_since=since), BAD) == [
        replace(pause, ends_at=since),
        Gap(starts_at=since, reason="unreachable", message="no answer"),
    ]


def test_a_backfill_neither_begins_nor_ends_a_gap() -> None:
    backfill = plan(Depth.ALL, None)
    assert after([OUTAGE], failing(2 * DAY), BAD, backfill) == [OUTAGE]
    assert after([], failing(2 * DAY), BAD, backfill) == []
    assert after([OUTAGE], failing(2 * DAY), replace(GOOD, is_done=False), backfill) == [OUTAGE]


@pytest.mark.parametrize("ahead", [HOUR, 27_000 * DAY])
def test_what_a_clock_that_was_ahead_told_is_taken_back(ahead: timedelta) -> None:
    nonsense = Gap(id=7, starts_at=NOW - TEN, ends_at=NOW + ahead, caught_up_at=NOW + ahead, reason=NOT_RUNNING)
    assert after([ENDED, nonsense], WELL, GOOD) == [ENDED]
    open_one = Gap(id=8, starts_at=NOW + ahead, reason="unreachable")
    assert after([open_one], WELL, BAD) == []


def test_seconds_that_a_clock_is_put_back_by_take_no_gap_away() -> None:
    gap = replace(OUTAGE, ends_at=NOW + timedelta(seconds=2))
    assert after([gap], WELL, GOOD) == [gap]


# When it is caught up

WALK = Walk(depth=Depth.FULL, started_at=NOW - 3 * HOUR, horizon=NOW - 4 * DAY, cursor="below")


@pytest.mark.parametrize(
    ("gap", "planned", "walked", "is_caught_up"),
    [
        pytest.param(OUTAGE, plan(), GOOD, True, id="by the round that ends it"),
        pytest.param(ENDED, plan(), GOOD, True, id="by a later one"),
        pytest.param(ENDED, plan(Depth.DEEP, None), GOOD, True, id="by one without an end"),
        pytest.param(ENDED, plan(Depth.ALL, None), GOOD, True, id="by a backfill"),
        pytest.param(ENDED, plan(Depth.QUICK), GOOD, False, id="not by a quick look"),
        pytest.param(ENDED, plan(horizon=NOW - DAY), GOOD, False, id="not by one that went less far"),
        pytest.param(ENDED, plan(), replace(GOOD, is_done=False), False, id="not by one that goes on"),
        pytest.param(ENDED, plan(), BAD, False, id="not by one that failed"),
        pytest.param(ENDED, plan(resume=WALK), GOOD, True, id="by one over several rounds"),
        pytest.param(
            replace(OUTAGE, ends_at=NOW - HOUR),
            plan(resume=WALK),
            GOOD,
            False,
            id="not by one that began before its end",
        ),
    ],
)
def test_a_complete_walk_over_all_of_a_gap_catches_up_with_it(
    gap: Gap, planned: RoundPlan, walked: Walked, is_caught_up: bool
) -> None:
    (told,) = after([gap], failing(2 * DAY) if gap.ends_at is None else WELL, walked, planned)
    assert told.caught_up_at == (NOW if is_caught_up else None)


# Half a feed


def test_while_half_a_feed_is_hidden_that_half_is_a_gap() -> None:
    (gap,) = after([], WELL, HALF)
    assert gap == Gap(starts_at=NOW - TEN, reason="half a feed")
    assert after([gap], WELL, HALF) == [gap]
    assert after([gap], WELL, BAD) == [gap]
    assert after([gap], WELL, GOOD) == [replace(gap, ends_at=NOW)]
    assert after([], WatchState(), HALF) == [Gap(starts_at=NOW, reason="half a feed")]


def test_half_a_feed_and_an_outage_are_two_gaps() -> None:
    half = Gap(id=3, starts_at=NOW - 9 * DAY, reason="half a feed")
    outage = Gap(starts_at=NOW - 2 * HOUR, reason="unreachable", message="no answer")
    assert after([half], failing(2 * HOUR), BAD) == [half, outage]
    assert after([half, outage], failing(2 * HOUR), HALF) == [half, replace(outage, ends_at=NOW)]


# What a place no longer held


def found(*ago: timedelta) -> tuple[Found, ...]:
    return tuple(make_found(str(number), NOW - each) for number, each in enumerate(ago))


def newest(*ago: timedelta, **changes: object) -> Walked:
    """What a feed shows: its newest, so long ago."""
    walked = Walked(pages=1, is_done=True, found=found(*ago), fresh=len(ago))
    return replace(walked, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "walked", "expected"),
    [
        pytest.param(WELL, newest(MINUTE, 4 * MINUTE), 4 * MINUTE, id="none of them was there before"),
        pytest.param(WELL, newest(MINUTE, 4 * MINUTE, has_known=True), None, id="one of them was"),
        pytest.param(WELL, newest(MINUTE, 30 * MINUTE), None, id="it reaches back, though nothing of it is kept"),
        pytest.param(WELL, newest(MINUTE, 4 * MINUTE, is_whole=True), None, id="a place that shows everything"),
        pytest.param(WELL, newest(MINUTE, 4 * MINUTE, is_done=False), None, id="it goes on"),
        pytest.param(
            WELL, newest(MINUTE, 4 * MINUTE, condition=Condition.HALF_FEED), 0 * MINUTE, id="half a feed tells"
        ),
        pytest.param(WELL, newest(MINUTE, MINUTE), None, id="entries without dates"),
        pytest.param(WELL, newest(), None, id="unchanged"),
        pytest.param(WatchState(), newest(MINUTE, 4 * MINUTE), None, id="the first look"),
    ],
)
def test_what_a_feed_no_longer_held_is_a_gap(state: WatchState, walked: Walked, expected: timedelta | None) -> None:
    holes = [gap for gap in after([], state, walked) if gap.reason == NOT_HELD]
    assert holes == ([Gap(starts_at=NOW - TEN, ends_at=NOW - expected, reason=NOT_HELD)] if expected else [])


def test_holes_close_together_are_told_as_one() -> None:
    before = Gap(id=4, starts_at=NOW - 50 * MINUTE, ends_at=NOW - 40 * MINUTE, reason=NOT_HELD)
    assert after([before], WELL, newest(MINUTE, 4 * MINUTE)) == [replace(before, ends_at=NOW - 4 * MINUTE)]
    long_ago = replace(before, starts_at=NOW - 9 * HOUR, ends_at=NOW - 8 * HOUR)
    assert len(after([long_ago], WELL, newest(MINUTE, 4 * MINUTE))) == 2


@pytest.mark.parametrize(
    ("walked", "is_caught_up"),
    [
        pytest.param(newest(MINUTE, 3 * DAY), True, id="it reaches back to before the gap"),
        pytest.param(newest(MINUTE, HOUR, has_known=True), True, id="what is known joins on"),
        pytest.param(newest(), True, id="nothing has changed"),
        pytest.param(newest(MINUTE, HOUR), False, id="it begins within the gap"),
    ],
)
def test_a_feed_catches_up_with_an_outage_only_where_it_joins_on(walked: Walked, is_caught_up: bool) -> None:
    (gap,) = after([OUTAGE], failing(2 * DAY), walked, plan(Depth.FULL, None))
    assert (gap.ends_at, gap.caught_up_at) == (NOW, NOW if is_caught_up else None)
    (later,) = after([ENDED], WELL, replace(walked, has_known=True), plan(Depth.FULL, None))
    assert later.caught_up_at is None, "what it shows later says nothing of what it no longer held"
