"""A post as an export shows it: one flat row, the same for every format."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class ExportRow(NamedTuple):
    """One post with all that is known of it, its fields in the order of the columns.

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
