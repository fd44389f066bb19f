"""How far a round walks back, and where it goes on: pure decisions over a watch's state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collector.errors import Condition
from collector.model import Depth, Walk, WatchState

ENOUGH_OLDER = 40  # as many as a full page of most servers has

_ORDER = (Depth.QUICK, Depth.FULL, Depth.DEEP)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How often and how far: the [polling] table with a source's own interval."""

    interval: timedelta
    overlap: timedelta
    overlap_interval: timedelta
    deep_overlap: timedelta
    deep_interval: timedelta
    max_pages: int
    fastest: timedelta | None = None  # how often a busy watch is asked at most; None: always at its interval
    slowest: timedelta | None = None  # and a quiet one at least
    reads_all: bool = False  # a first and a deep round go to the end of what the source holds, as does one after a gap
    enough_older: int = ENOUGH_OLDER  # for deep rounds: in some places late posts stand far behind


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundPlan:
    """What one round of one watch sets out to do."""

    depth: Depth
    started_at: datetime
    horizon: datetime | None  # nothing older is looked for; None: no end but the server's
    resume: Walk | None = None  # this walk goes on; a backfill skips the newest pages for it
    max_pages: int
    enough_older: int = ENOUGH_OLDER  # posts in a row that are older than the horizon: then no newer ones follow
    bookmark: str | None = None  # what the source asked to be given with its newest page
    is_asked: bool = False  # by a person, just now


def plan_round(
    state: WatchState, pace: Pace, now: datetime, asked: Depth | None = None, since: datetime | None = None
) -> RoundPlan:
    """Decides this round's depth. `asked` is what a person wants now; otherwise the schedule says.

    `since` is where a backfill (Depth.ALL) ends; it may be another one each time the backfill goes on.
    """
    depth = asked or due_depth(state, pace, now)
    state = settle(state, now)
    pending = state.walk
    if depth is Depth.ALL:
        return RoundPlan(depth=depth, started_at=now, horizon=since, resume=state.backfill, max_pages=pace.max_pages)
    if pending is not None and _ORDER.index(depth) <= _ORDER.index(pending.depth):
        return RoundPlan(
            depth=pending.depth,
            started_at=now,
            horizon=pending.horizon,
            resume=pending,
            max_pages=pace.max_pages,
            enough_older=_enough_older(pace, pending.depth),
            is_asked=asked is not None,
        )
    return RoundPlan(
        depth=depth,
        started_at=now,
        horizon=_horizon(state, pace, now, depth),
        max_pages=pace.max_pages,
        enough_older=_enough_older(pace, depth),
        is_asked=asked is not None,
        bookmark=None if depth is Depth.DEEP else state.bookmark,  # a deep round takes nobody's word for "unchanged"
    )


def due_depth(state: WatchState, pace: Pace, now: datetime) -> Depth:
    """The deepest look-back whose time has come."""
    if state.began_at is None or state.last_complete_at is None:
        return Depth.FULL
    if state.last_round_at is not None and state.last_round_at > now:
        return Depth.DEEP  # the clock was put back: what it said at the last rounds is anybody's guess
    if now - (state.last_deep_at or state.began_at) >= pace.deep_interval:
        return Depth.DEEP
    if now - state.last_complete_at >= pace.overlap_interval or _has_gap(state, pace):
        return Depth.FULL
    return Depth.QUICK


def settle(state: WatchState, now: datetime) -> WatchState:
    """The state with nothing that has happened lying ahead, after a clock that was wrong was put back."""
    return replace(
        state,
        began_at=_not_after(state.began_at, now),
        last_complete_at=_not_after(state.last_complete_at, now),
        last_deep_at=_not_after(state.last_deep_at, now),
        failing_since=_not_after(state.failing_since, now),
    )


def _not_after(instant: datetime | None, now: datetime) -> datetime | None:
    return None if instant is None else min(instant, now)


def _enough_older(pace: Pace, depth: Depth) -> int:
    return pace.enough_older if depth is Depth.DEEP else ENOUGH_OLDER


def _has_gap(state: WatchState, pace: Pace) -> bool:
    """True where the last round was shown only a part, as by a feed while an API is closed: the rest may be any age."""
    return pace.reads_all and state.condition is Condition.HALF_FEED


def _horizon(state: WatchState, pace: Pace, now: datetime, depth: Depth) -> datetime | None:
    """Measured from the start of the last complete round, never from the newest post: one dated 2099 would blind us.

    A deeper walk takes the place of one that is pending, so it goes at least as far.
    """
    is_endless = state.walk is not None and state.walk.horizon is None
    is_first = state.began_at is None
    if is_endless or _has_gap(state, pace) or (pace.reads_all and (depth is Depth.DEEP or is_first)):
        return None
    horizon = (state.last_complete_at or now) - (pace.deep_overlap if depth is Depth.DEEP else pace.overlap)
    pending = state.walk.horizon if state.walk else None
    return min(horizon, pending) if pending else horizon
