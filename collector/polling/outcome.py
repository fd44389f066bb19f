"""What a round changes in a watch and its host: pure decisions, with the dice handed in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from collector.errors import Condition, SourceError
from collector.model import Depth, HostState, WatchState
from collector.polling.pace import next_interval, present_interval
from collector.polling.plan import Pace, RoundPlan, settle
from collector.polling.walk import Walked

LONGEST_WAIT = timedelta(hours=1)  # between two tries of something that fails, unless its server says otherwise
FIRST_HOST_WAIT = timedelta(minutes=1)
STUCK_AFTER = 3  # failed rounds in a row before the one that gives a walk up


def next_state(
    state: WatchState, plan: RoundPlan, walked: Walked, pace: Pace, now: datetime, dice: float
) -> WatchState:
    """The watch's state after a round; `dice` is from 0 up to 1 and spreads the waits.

    A backfill is beside the rounds: it changes nothing but where itself goes on.
    """
    state = replace(
        settle(state, now),
        account_domain=walked.account_domain or state.account_domain,
        bookmark=walked.bookmark or state.bookmark,
    )
    if plan.depth is Depth.ALL:
        return replace(state, backfill=walked.walk) if walked.pages else state
    if walked.waits_until is not None and not walked.pages:
        return state  # nothing was asked: it stays the one that waits longest
    state = replace(state, last_round_at=plan.started_at)
    if walked.pages:
        state = replace(state, walk=None if _is_stuck(state, plan, walked) else walked.walk)
    if walked.error is not None:
        return _failed(state, walked.error, pace, plan.started_at, now, dice)
    state = replace(state, interval=next_interval(state, pace, walked.fresh, plan.started_at))
    due_at = plan.started_at + present_interval(state, pace)
    state = replace(
        state,
        last_success_at=plan.started_at,
        looked_until=max(state.looked_until or plan.started_at, plan.started_at),
        next_poll_at=max(now, min(due_at, walked.waits_until or due_at)),
        failures=0,
        failing_since=None,
        condition=walked.condition,
        message=walked.message,
    )
    return _completed(state, plan) if walked.is_done else state


def _is_stuck(state: WatchState, plan: RoundPlan, walked: Walked) -> bool:
    """True for a walk whose next page fails again and again while the newest page can be read.

    Servers change their software, and their ids with it: then no cursor of before is good for anything, and the walk
    begins anew. Nothing is lost, since the horizon is still that of the last complete round.
    """
    return (
        plan.resume is not None
        and walked.walk is not None
        and walked.walk.cursor == plan.resume.cursor
        and walked.error is not None
        and walked.error.condition in {Condition.SERVER_FAULT, Condition.UNREADABLE}
        and state.failures >= STUCK_AFTER
    )


def _completed(state: WatchState, plan: RoundPlan) -> WatchState:
    """A walk to its horizon is a complete round; it counts from when its first page was asked for."""
    if plan.depth is Depth.QUICK:
        return state
    began = plan.resume.started_at if plan.resume else plan.started_at
    return replace(
        state,
        began_at=state.began_at or began,
        last_complete_at=max(state.last_complete_at or began, began),
        last_deep_at=began if plan.depth is Depth.DEEP else state.last_deep_at,
    )


def _failed(
    state: WatchState, error: SourceError, pace: Pace, started_at: datetime, now: datetime, dice: float
) -> WatchState:
    """The server's own word on when to come back goes before our guess."""
    wait = backoff(pace.interval, state.failures, max(LONGEST_WAIT, pace.interval), dice)
    return replace(
        state,
        next_poll_at=max(error.retry_at, now + pace.interval) if error.retry_at else now + wait,
        failures=state.failures + 1,
        failing_since=state.failing_since or started_at,
        condition=error.condition,
        message=str(error),
    )


def next_host_state(host: HostState, error: SourceError | None, now: datetime, dice: float) -> HostState:
    """Leaves a host alone as long as it asks for, or longer each time; one good answer ends it."""
    if error is None:
        return HostState(address=host.address)
    if not error.holds_the_host:
        return host
    wait = backoff(FIRST_HOST_WAIT, host.failures, LONGEST_WAIT, dice)
    return HostState(
        address=host.address,
        blocked_until=error.retry_at or now + wait,
        failures=host.failures + 1,
        reason=str(error),
        is_told=error.retry_at is not None,
    )


def backoff(first: timedelta, failures: int, longest: timedelta, dice: float) -> timedelta:
    """Doubles with each failure up to `longest`, and up to a quarter more, so that many do not come back at once."""
    doubled = first * (1 << min(failures, 20))
    return min(doubled, longest) * (1 + dice / 4)
