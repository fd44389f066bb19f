"""One post with all that its page tells: what it says today, where it was seen, and which digests it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from collector.model import DigestPost, DigestState, Window
from collector.storage.digests import shown_posts
from collector.storage.tables import digest_members, digests, posts, series, sightings, watches


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighted:
    """A source that showed the post."""

    source: str  # its label
    address: str
    first_seen_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A digest that the post stands in."""

    series: str
    window: Window


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPost:
    """A post as its page shows it."""

    shown: DigestPost
    seen: tuple[Sighted, ...]  # the earliest first
    digests: tuple[Standing, ...]  # that were built


def find_shown(conn: Connection, post_id: int) -> ShownPost | None:
    """The post, if it may be shown."""
    shown = shown_posts(conn, [post_id], None).get(post_id)
    if shown is None:
        return None
    return ShownPost(shown=shown, seen=tuple(_seen(conn, post_id)), digests=tuple(_digests(conn, post_id)))


def was_there(conn: Connection, post_id: int) -> bool:
    """Whether there ever was such a post, whatever became of it."""
    return conn.execute(select(posts.c.id).where(posts.c.id == post_id)).first() is not None


def _seen(conn: Connection, post_id: int) -> Sequence[Sighted]:
    first_seen_at = func.min(sightings.c.first_seen_at)
    query = (
        select(watches.c.name, watches.c.address, first_seen_at)
        .join_from(sightings, watches)
        .where(sightings.c.post_id == post_id)
        .group_by(watches.c.name, watches.c.address)
        .order_by(first_seen_at, watches.c.name)
    )
    return [Sighted(source=name, address=address, first_seen_at=at) for name, address, at in conn.execute(query)]


def _digests(conn: Connection, post_id: int) -> Sequence[Standing]:
    query = (
        select(series.c.name, digests.c.name, digests.c.starts_at, digests.c.ends_at, digests.c.timezone)
        .join_from(digest_members, digests)
        .join(series, series.c.id == digests.c.series_id)
        .where(digest_members.c.post_id == post_id, digests.c.state == str(DigestState.BUILT))
        .order_by(digests.c.starts_at, series.c.name)
    )
    return [
        Standing(series=told, window=Window(name=name, starts_at=starts_at, ends_at=ends_at, timezone=timezone))
        for told, name, starts_at, ends_at, timezone in conn.execute(query)
    ]
