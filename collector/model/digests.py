"""A digest, from the window it covers to the value that text, HTML and JSON are all made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from collector.model.gaps import Unread
from collector.model.posts import Counts, Post


class Cadence(StrEnum):
    """How often a series has a digest, and so how long its windows are."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class DigestState(StrEnum):
    """A window is open until it is built (its members frozen) or skipped (nothing in it)."""

    OPEN = "open"
    BUILT = "built"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """A stretch of time, half-open: `starts_at` is in it, `ends_at` is not. Both are aware UTC."""

    name: str  # of a week "2026-W47", of a day "2026-11-17", of a month "2026-11"; no two of a series have one
    starts_at: datetime
    ends_at: datetime
    timezone: str  # the IANA zone its edges and days were worked out in

    def __contains__(self, instant: datetime) -> bool:
        return self.starts_at <= instant < self.ends_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """What choosing and ranking need to know of a post that may be in a digest."""

    post_id: int
    uri: str
    cluster: int  # copies of one post share it
    author: str  # the author's key
    network: str
    topic: str
    dated_at: datetime  # the earlier of published_at and first_seen_at
    counts: Counts
    hashtags: tuple[tuple[str, str], ...] = ()  # (normal, display)
    is_comment: bool = False  # an answer to a blog post
    is_copy: bool = False  # made by a bridge: the original stands for it where both are there
    is_history: bool = False  # published before its watch began, or imported: never late


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A post's place in a digest, with the counts that were shown: frozen when it is built."""

    post_id: int
    section: str  # "top", "comments", "more", "late"
    position: int  # from 0 within its section
    counts: Counts


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """A window in numbers; copies of one post count once."""

    posts: int
    authors: int
    by_network: dict[str, int]
    by_day: dict[date, int]  # the window's local days in order, zero included; late posts are of no day here
    previous_posts: int | None  # None: there is no window before to compare with


@dataclass(frozen=True, kw_only=True, slots=True)
class IssueFacts:
    """What a digest says beside its members, frozen with them."""

    totals: Totals
    also_tagged: tuple[tuple[str, int], ...] = ()  # (display form, posts), most used first
    references: tuple[tuple[str, tuple[int, ...]], ...] = ()  # ("threads" | "archive" | "new_voices", post ids)
    unread: tuple[Unread, ...] = ()  # what could not be read in its window, as it was known when it was built
    trend: tuple[tuple[str, int], ...] = ()  # (window, posts), up to this one; digests of earlier versions have none


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuePlan:
    """What building decides: who is in, where, and the numbers. Storage freezes it as it stands."""

    window: Window
    members: tuple[Member, ...]
    facts: IssueFacts


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestPost:
    """A post as a digest shows it: today's text, the counts of when the digest was built."""

    post_id: int = 0  # its number in the database; 0: it comes from no database
    post: Post
    counts: Counts
    dated_at: datetime
    first_seen_at: datetime
    also_at: tuple[str, ...] = ()  # the addresses of its copies
    note: str = ""  # what its curator says about it


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of a digest. `taken_back` members are gone, withdrawn, hidden or opted out by now."""

    name: str  # "top", "comments", "more", "late"; as a reference "threads", "archive", "new_voices"
    title: str
    posts: tuple[DigestPost, ...]
    taken_back: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """One issue of a series, ready to be rendered."""

    series: str
    topics: tuple[str, ...]  # as shown, without '#'
    window: Window
    state: DigestState
    subject: str
    totals: Totals
    sections: tuple[Section, ...]
    references: tuple[Section, ...] = ()
    also_tagged: tuple[tuple[str, int], ...] = ()
    unread: tuple[Unread, ...] = ()
    missed: tuple[tuple[str, int], ...] = ()  # earlier digests that were built and not mailed: (name, posts)
    contact: str = ""
    sources: tuple[str, ...] = field(default=())  # the places it was collected from, as addresses
    open_places: tuple[str, ...] = field(default=())  # those among them where everything counts, tagged or not
    opening: str = ""  # a line of whoever sends it, above the posts …
    closing: str = ""  # … and one below
    trend: tuple[tuple[str, int], ...] = ()  # (window, posts), up to this one
    switched_off: frozenset[str] = frozenset()  # parts that its letter does not show

    @property
    def not_shown(self) -> int:
        """How many posts stand in sections that are switched off."""
        return sum(len(section.posts) for section in self.sections if section.name in self.switched_off)

    @property
    def shows_none(self) -> bool:
        """True where no member stands in its letter."""
        return not any(section.posts for section in self.sections if section.name not in self.switched_off)
