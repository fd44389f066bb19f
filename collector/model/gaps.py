"""Stretches of time that a watch could not see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

NOT_RUNNING = "not running"  # nothing was asked: the collector was off, or asleep
NOT_HELD = "no longer shown"  # when it was asked again, the place reached no further back
# Any other reason is the `Condition` that kept the watch from seeing.


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """One such stretch. What was posted in it and still stands was found if it is caught up."""

    starts_at: datetime  # the last good look before
    ends_at: datetime | None = None  # None: it goes on
    caught_up_at: datetime | None = None  # when a complete walk went back over all of it
    reason: str
    message: str = ""
    id: int | None = None  # None: not stored yet


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchGap:
    """A gap with the watch that had it."""

    watch_id: int
    source: str  # the source's label
    kind: str
    address: str
    hashtag: str
    topic: str
    gap: Gap


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """What a place could not be read of, as it is told: the gaps of all its watches in one."""

    place: str  # the source's label; empty: all of them, while the collector was not running
    starts_at: datetime
    ends_at: datetime | None = None  # None: it went on when this was told
    is_caught_up: bool = False  # what still stands was found
    reason: str = ""
    message: str = ""
