"""A post as an export shows it: one flat row, the same for every format; and what an export says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from collector.model.posts import Wish


class ExportRow(NamedTuple):
    """One post with all that is known of it, its fields in the order of the columns, then what few exports need.

    A named tuple, not a dataclass: hundreds of thousands are made from rows of the database, one after the other
    (`ExportRow._make(values)` is the quick way). The three lists of media run parallel and keep empty items.
    """

    network: str
    source: str  # the label of the source that showed it first
    topic: str  # the configured hashtag it counts for; several joined by " | "
    uri: str
    url: str | None
    published_at: datetime
    edited_at: datetime | None
    first_seen_at: datetime
    author_id: str  # the author's key
    author_handle: str
    author_name: str
    author_url: str | None
    author_is_bot: bool
    title: str
    text: str
    content_warning: str
    language: str | None
    hashtags: tuple[str, ...]  # in normal form, so that they can be counted
    mentions: tuple[str, ...]  # handles
    links: tuple[str, ...]
    media_urls: tuple[str, ...]
    media_types: tuple[str, ...]
    media_alt_texts: tuple[str, ...]  # "" where the author gave none
    reply_to_uri: str | None
    quote_of_uri: str | None
    replies: int
    boosts: int
    likes: int
    quotes: int
    is_sensitive: bool
    seen_on: tuple[str, ...]  # the sources that showed it
    also_at: tuple[str, ...]  # the addresses of its copies
    digests: tuple[str, ...]  # "weekly/2026-W47"
    # What goes out only where it is asked for: earlier texts, oldest first, four lists that run parallel.
    revisions: tuple[str, ...] = ()
    revision_titles: tuple[str, ...] = ()
    revision_content_warnings: tuple[str, ...] = ()
    revisions_replaced_at: tuple[datetime, ...] = ()  # when the next text was first seen
    # No column, but needed to know who the mentions are: where each of them leads.
    mention_urls: tuple[str | None, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownPerson:
    """Somebody whose posts are kept, by all that texts may call them."""

    key: str
    handle: str
    name: str
    url: str | None
    past_handles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """How many of the kept posts an export does not hold: each is counted once, at the first reason there is."""

    gone: int = 0  # taken back where they were posted
    erased: int = 0  # of which only a tombstone is left
    hidden: int = 0  # by the operator, themselves or with their author
    opted_out: int = 0  # of authors who refuse
    by_wish: Mapping[Wish, int] = field(default_factory=dict)  # … by what they ask: an author may ask several things
    withdrawn: int = 0  # the hashtag was edited away
    not_asked_for: int = 0  # they might be shown, and are not what was selected
