"""A watch, its state, and what one round of it brings: the values that polling hands from room to room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from collector.errors import Condition
from collector.model.gaps import Gap, WatchGap
from collector.model.posts import Post

ARCHIVE_KIND = "archive"  # the kind of the watches that imported posts belong to
LONGEST_BLOCK = timedelta(hours=30)  # no source lets its host ask for longer
SECOND_HAND = "feed:"  # what the witness of a feed begins with: it tells of people and posts only in part


class Depth(StrEnum):
    """How far a walk back from the newest page goes."""

    QUICK = "quick"  # until a page holds nothing new
    FULL = "full"  # over the whole overlap
    DEEP = "deep"  # over the deep overlap
    ALL = "all"  # to the end of what the server still holds (backfill)


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchKey:
    """What makes a watch the same watch, whatever its source is called in the configuration."""

    kind: str  # "mastodon", …
    address: str  # scheme://host[:port], lower case, the default port left out: also the "host" for politeness
    hashtag: str  # the spelling that the server is asked for, in lower case
    topic: str  # the configured hashtag it counts for (an alias belongs to its topic)
    thread: str = ""  # the address of the page that is watched, for kinds that watch pages

    @property
    def witness(self) -> str:
        """Whose word it is that this watch brings: its address, marked where it is at second hand."""
        return f"{SECOND_HAND}{self.address}" if self.kind == "feed" else self.address


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedWatch:
    """A watch as the configuration asks for it."""

    key: WatchKey
    name: str  # the source's label


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """A walk back that has not come to its end, and goes on next round."""

    depth: Depth
    started_at: datetime  # when its first page was asked for
    horizon: datetime | None  # nothing older is looked for; None: no end but the server's
    cursor: str  # where it goes on: opaque, the source's own
    seen: int = 0  # posts it has met so far


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchState:
    """Everything about a watch that a round may change."""

    began_at: datetime | None = None  # the start of its first complete round
    last_round_at: datetime | None = None  # the start of the last round, good or bad
    last_success_at: datetime | None = None  # the start of the last round that could read
    last_complete_at: datetime | None = None  # the start of the last walk over the whole overlap
    last_deep_at: datetime | None = None
    next_poll_at: datetime | None = None  # None: never by itself
    failures: int = 0  # failed rounds in a row
    failing_since: datetime | None = None
    condition: Condition | None = None  # None: never asked
    message: str = ""
    walk: Walk | None = None
    backfill: Walk | None = None
    account_domain: str | None = None  # what local handles end in, where it is not the host
    bookmark: str | None = None  # what the source asked to be given with the next look at its newest page
    interval: timedelta | None = None  # how often it is asked now; None: as configured
    looked_until: datetime | None = None  # the latest good look there ever was, also by a clock that was wrong


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """One source and one hashtag (or one comment thread), as it is stored."""

    id: int
    key: WatchKey
    name: str
    state: WatchState
    is_retired: bool = False  # no longer in the configuration


def gap_of(watch: Watch, gap: Gap) -> WatchGap:
    """A gap with the watch that has it."""
    key = watch.key
    return WatchGap(
        watch_id=watch.id,
        source=watch.name,
        kind=key.kind,
        address=key.address,
        hashtag=key.hashtag,
        topic=key.topic,
        gap=gap,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class HostState:
    """What is known of a host as a whole: it is left alone until `blocked_until`."""

    address: str
    blocked_until: datetime | None = None
    failures: int = 0
    reason: str = ""
    is_told: bool = False  # the server itself said until when: then nothing asks it, not even by hand

    def is_held(self, now: datetime) -> bool:
        """True while it is to be left alone; what lies further ahead was written under a clock that was wrong."""
        return self.blocked_until is not None and now < self.blocked_until <= now + LONGEST_BLOCK


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One post as one source showed it. `raw` is the scrubbed answer, zlib-compressed JSON."""

    post: Post
    native_id: str  # the server's own id: opaque text
    raw: bytes  # empty: nothing is kept
    is_home: bool = False  # True: its author's own place shows it, and has the last word on it
    first_seen_at: datetime | None = None  # when another collector saw it first, whose export this is; None: now


@dataclass(frozen=True, kw_only=True, slots=True)
class Landmark:
    """A known post by which a walk sees how far it has come."""

    native_id: str
    published_at: datetime
    first_seen_at: datetime  # by this watch
    last_seen_at: datetime  # in a walk of it


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """Something a source showed that could not be read as a post. `raw` as in `Found`."""

    native_id: str
    reason: str
    raw: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page of a source, newest first. An absent `next_cursor` is the end of what it holds."""

    found: tuple[Found, ...]
    rejections: tuple[Rejection, ...] = ()
    next_cursor: str | None = None
    condition: Condition = Condition.OK
    message: str = ""  # one line about what is missing, where something is
    account_domain: str | None = None
    bookmark: str | None = None  # to be given back with the next look at the newest page
    is_whole: bool = True  # False: the place shows only its newest, so that nothing can be told from what is missing


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What one round of one watch brings to the database: committed whole, posts and state together."""

    watch: Watch
    spellings: frozenset[str]  # the topic's hashtags in normal form; empty: every post counts
    found: tuple[Found, ...]
    rejections: tuple[Rejection, ...]
    state: WatchState
    fetched_at: datetime
    history_before: datetime | None  # what was published earlier is history: never late in a digest
    asked_for: frozenset[str] = frozenset()  # native ids of what was asked for by them, and not met in a walk


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """What saving a batch did, in numbers of posts."""

    new: int = 0
    changed: int = 0
    same: int = 0
    withdrawn: int = 0
    gone: int = 0
    rejected: int = 0
    forgotten: frozenset[str] = frozenset()  # the uris of posts that are not kept: they, or their authors, asked for it
