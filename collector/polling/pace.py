"""How often a watch is asked: a quiet one less and less, a busy one more, within bounds. Pure decisions.

Slowing down loses nothing: every walk goes back from the last complete one, and the look-backs keep their own rhythm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from collector.config import Settings
from collector.model import WatchKey, WatchState
from collector.polling.plan import Pace
from collector.sources import kind_of

SLOWER = 1.04  # for each empty round: an interval grows by a twenty-fifth of the time that was quiet
FASTER = 0.5  # for each busy one
BACK = 1.25  # for each empty one that came early: as before a busy time, soon
BUSY = 4  # new posts in an interval
NOTICED = 1.25  # a watch slows down when it should by a quarter, which takes six empty rounds

_QUICK = timedelta(minutes=1)  # whoever wants to be as quick as that means it
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """The shortest and the longest interval; the configured one lies between."""

    fastest: timedelta
    slowest: timedelta


def bounds_around(interval: timedelta, fastest: timedelta | None, slowest: timedelta | None) -> Bounds:
    """The bounds as configured, or a fifth of the interval and its sixfold up to an hour; widened to hold it."""
    fastest = fastest or max(interval / 5, _QUICK)
    slowest = slowest or (min(interval * 6, _HOUR) if interval > _QUICK else interval)
    return Bounds(fastest=min(fastest, interval), slowest=max(slowest, interval))


def pace_for(settings: Settings, key: WatchKey) -> Pace:
    """How often and how far a watch is walked, by the configuration and by what its kind of source is like."""
    polling, kind = settings.polling, kind_of(key.kind)
    interval = settings.source_for(key).interval
    bounds = bounds_around(interval, polling.fastest, polling.slowest) if polling.adaptive else None
    return Pace(
        reads_all=kind.reads_all,
        enough_older=kind.enough_older,
        interval=interval,
        fastest=bounds.fastest if bounds else None,
        slowest=bounds.slowest if bounds else None,
        overlap=polling.overlap,
        overlap_interval=polling.overlap_interval,
        deep_overlap=polling.deep_overlap,
        deep_interval=polling.deep_interval,
        max_pages=polling.max_pages,
    )


def present_interval(state: WatchState, pace: Pace) -> timedelta:
    """How often the watch is asked now."""
    if pace.fastest is None or pace.slowest is None:
        return pace.interval
    interval = _bounded(state.interval or pace.interval, pace.fastest, pace.slowest)
    return pace.interval if pace.interval <= interval < pace.interval * NOTICED else interval


def next_interval(state: WatchState, pace: Pace, fresh: int, started_at: datetime) -> timedelta | None:
    """How often to ask, as it is kept, after a round that brought so many fresh posts; None: as configured.

    A first walk brings history, and says nothing. What came after a pause came over all of it. A round by hand right
    after another is no sign of quiet.
    """
    if pace.fastest is None or pace.slowest is None:
        return None
    kept, present = state.interval or pace.interval, present_interval(state, pace)
    if state.began_at is None or state.last_success_at is None:
        return state.interval
    waited = started_at - state.last_success_at
    if fresh:
        is_busy = fresh * (present / max(waited, present)) >= BUSY
        kept = min(kept, pace.interval) * (FASTER if is_busy else 1)
    elif waited >= present / 2:
        kept = kept * SLOWER if kept >= pace.interval else min(kept * BACK, pace.interval)
    return timedelta(seconds=ceil(_bounded(kept, pace.fastest, pace.slowest).total_seconds()))


def _bounded(interval: timedelta, fastest: timedelta, slowest: timedelta) -> timedelta:
    return min(max(interval, fastest), slowest)
