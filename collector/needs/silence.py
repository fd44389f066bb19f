"""Whether a watch is quiet for longer than it ever is: a pure decision, from the dates of its own posts.

A hashtag has its own rhythm. One that is used once a month is not silent after a week; one with ten posts a day is
silent after a day. So a watch is measured by the longest pause of its last year, and what has no year's worth of
rhythm yet (few posts, or all of them within days, as around a conference) is never called silent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from collector.model import Watch

LOOKED_BACK = timedelta(days=365)  # a hashtag of a yearly conference is quiet for most of it
TIMES = 3  # the longest pause
_A_DAY = timedelta(days=1)
_ENOUGH_POSTS = 20
_ENOUGH_TIME = timedelta(days=14)


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """A watch that can be read, and shows nothing new for unusually long."""

    watch: Watch
    since_at: datetime  # the date of its newest post
    longest_pause: timedelta  # within the year before


def quiet_after(watch: Watch, at_least: timedelta) -> datetime | None:
    """A watch without posts after this heard nothing new for a day and for `at_least`, which any hashtag may.

    That counts up to the last time that it could be read: what a source did not show while it was away, or while this
    computer slept, is no silence. None: it could never be read.
    """
    listened = watch.state.last_success_at
    return listened - max(at_least, _A_DAY) if listened else None


def find_silence(watch: Watch, dates: Sequence[datetime], at_least: timedelta) -> Silence | None:
    """The silence that a watch keeps, given the dates of its posts of the last year, the earliest first."""
    if len(dates) < _ENOUGH_POSTS or dates[-1] - dates[0] < _ENOUGH_TIME:
        return None
    longest = max(later - earlier for earlier, later in pairwise(dates))
    since = quiet_after(watch, max(at_least, TIMES * longest))
    if since is None or dates[-1] > since:
        return None
    return Silence(watch=watch, since_at=dates[-1], longest_pause=longest)
