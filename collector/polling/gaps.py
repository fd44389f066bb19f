"""What a watch could not see: decided after each round, from how the watch was before it. Pure.

A gap begins at the last good look, once nothing was seen for longer than is ordinary, and ends with the next. While
only half a feed is shown, the other half is a gap. A complete walk that goes back over a gap catches up with it: what
was posted in it and still stands is found then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collector.errors import Condition, SourceError
from collector.model import NOT_HELD, NOT_RUNNING, Depth, Gap, HostState, WatchState
from collector.polling.plan import RoundPlan
from collector.polling.walk import Walked

_HALF = str(Condition.HALF_FEED)
_SHORTEST = timedelta(minutes=75)  # somebody's hourly cron job leaves no gaps
_INTERVALS = 3  # and three rounds may fail
_DRIFT = timedelta(minutes=5)  # what lies further ahead was written under a clock that was wrong
_ONE_HOLE = timedelta(hours=1)  # holes no further apart than this are told as one


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """What is known of a watch's looks before a round."""

    state: WatchState
    usual: timedelta  # how often it is asked
    host: HostState | None = None  # as it was before anything was asked in this round

    def unseen_since(self, now: datetime) -> datetime | None:
        """The last good look, where it is longer ago than is ordinary; of a watch never read, the first bad one."""
        state = self.state
        looked_at = state.last_success_at or state.failing_since
        if looked_at is None:
            return None
        if state.looked_until is not None and looked_at < state.looked_until <= now:  # the clock was behind for a while
            looked_at = state.looked_until
        return looked_at if self.is_unusual(now - looked_at) else None

    def reason(self, now: datetime, error: SourceError | None) -> tuple[str, str]:
        """Why nothing was seen: the reason, and a message."""
        state, host = self.state, self.host
        next_at = max((at for at in (state.next_poll_at, host and host.blocked_until) if at), default=None)
        is_still_failing = error is not None and state.failing_since is not None
        if next_at is not None and self.is_unusual(now - next_at) and not is_still_failing:
            return NOT_RUNNING, ""
        if error is not None:
            return str(error.condition), str(error)
        if state.failing_since is not None and state.condition is not None:
            return str(state.condition), state.message
        if host is not None and host.reason:
            return str(Condition.RATE_LIMITED if host.is_told else Condition.UNREACHABLE), host.reason
        return NOT_RUNNING, ""

    def is_unusual(self, pause: timedelta) -> bool:
        """True for a time without a look that is longer than is ordinary."""
        return pause > max(_SHORTEST, self.usual * _INTERVALS)


def begun_gap(pending: Sequence[Gap], sight: Sight, now: datetime, error: SourceError | None = None) -> Gap | None:
    """The gap that goes on now and is not among those that are known; None: there is none."""
    since = sight.unseen_since(now)
    if since is None or any(map(_is_outage, pending)):
        return None
    reason, message = sight.reason(now, error)
    return Gap(starts_at=since, reason=reason, message=message)


def next_gaps(pending: Sequence[Gap], sight: Sight, plan: RoundPlan, walked: Walked) -> list[Gap]:
    """The pending gaps of a watch after a round; those that are caught up now are among them for the last time."""
    now = plan.started_at
    gaps = [gap for gap in pending if max(gap.starts_at, gap.ends_at or now, gap.caught_up_at or now) <= now + _DRIFT]
    if plan.depth is not Depth.ALL:
        begun = begun_gap(gaps, sight, now, walked.error)
        gaps += [begun] if begun else []
        if walked.error is not None:
            gaps = [part for gap in gaps for part in _parts(gap, sight, now, walked.error)]
        else:
            gaps = [replace(gap, ends_at=now) if _is_over(gap, walked) else gap for gap in gaps]
            gaps = _with_half(_with_hole(gaps, sight.state, plan, walked), sight.state, plan, walked)
    return [replace(gap, caught_up_at=now) if _is_caught_up(gap, plan, walked) else gap for gap in gaps]


def _parts(gap: Gap, sight: Sight, now: datetime, error: SourceError) -> list[Gap]:
    """A pause ends where the collector ran again: that the place cannot be read since then is another gap."""
    since = sight.state.failing_since
    if gap.reason != NOT_RUNNING or gap.ends_at is not None or since is None or not sight.is_unusual(now - since):
        return [gap]
    since = max(since, gap.starts_at)
    outage = Gap(starts_at=since, reason=str(error.condition), message=str(error))
    return [replace(gap, ends_at=since), outage]


def _is_outage(gap: Gap) -> bool:
    return gap.ends_at is None and gap.reason != _HALF


def _is_over(gap: Gap, walked: Walked) -> bool:
    """True for what a good round ends; half a feed ends with the first whole one."""
    return gap.ends_at is None and (gap.reason != _HALF or walked.condition is not Condition.HALF_FEED)


def _with_half(gaps: Sequence[Gap], before: WatchState, plan: RoundPlan, walked: Walked) -> list[Gap]:
    is_known = any(gap.reason == _HALF and gap.ends_at is None for gap in gaps)
    if walked.condition is not Condition.HALF_FEED or is_known:
        return list(gaps)
    starts_at = min(before.last_success_at or plan.started_at, plan.started_at)
    return [*gaps, Gap(starts_at=starts_at, reason=_HALF)]


def _with_hole(gaps: Sequence[Gap], before: WatchState, plan: RoundPlan, walked: Walked) -> list[Gap]:
    """With what a place no longer held, such as a feed of its newest ten; one with an outage is told by that."""
    since = before.last_success_at
    oldest = _reaches_to(walked)
    if since is None or oldest is None or not since < oldest <= plan.started_at or not _may_have_holes(plan, walked):
        return list(gaps)
    if any(gap.ends_at == plan.started_at for gap in gaps):
        return list(gaps)
    last = gaps[-1] if gaps else None
    if last and last.reason == NOT_HELD and last.ends_at and since - last.ends_at <= _ONE_HOLE:
        return [*gaps[:-1], replace(last, ends_at=oldest)]
    return [*gaps, Gap(starts_at=since, ends_at=oldest, reason=NOT_HELD)]


def _may_have_holes(plan: RoundPlan, walked: Walked) -> bool:
    """True where a place showed only its newest, to the end, and nothing of what it had shown before."""
    is_short = walked.is_done and not walked.is_whole and walked.condition is not Condition.HALF_FEED
    return is_short and plan.resume is None and not walked.has_known


def _reaches_to(walked: Walked) -> datetime | None:
    """How old the oldest is that was shown; None where that cannot be told, as of entries without dates."""
    dates = {item.post.published_at for item in walked.found}
    return min(dates) if len(dates) > 1 else None


def _is_caught_up(gap: Gap, plan: RoundPlan, walked: Walked) -> bool:
    began = plan.resume.started_at if plan.resume else plan.started_at
    if gap.ends_at is None or gap.caught_up_at is not None or not walked.is_done or plan.depth is Depth.QUICK:
        return False
    if began < gap.ends_at or (plan.horizon is not None and plan.horizon > gap.starts_at):
        return False
    return walked.is_whole or (gap.ends_at == plan.started_at and _is_joined(gap, walked))


def _is_joined(gap: Gap, walked: Walked) -> bool:
    """True where a place that shows only its newest showed something of before the gap, or nothing at all."""
    oldest = _reaches_to(walked)
    return walked.has_known or not walked.found or (oldest is not None and oldest <= gap.starts_at)
