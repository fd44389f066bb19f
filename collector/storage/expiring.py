"""What has been kept as long as the configuration wants: raw answers, earlier texts, and posts themselves.

A post's time counts from when it was first kept here, not from when it was written: an example of 2013 that is imported
today is new to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, Table, func, select

from collector.model import Erasure
from collector.storage.database import Connection, Database
from collector.storage.erasing import erase_posts
from collector.storage.matching import is_one_of
from collector.storage.tables import post_topics, posts, raw_answers, rejections, revisions

_AT_ONCE = 1_000  # rows a transaction: others want to write, too


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """How long each is kept; None: for ever."""

    raw: timedelta | None = None
    revisions: timedelta | None = None
    posts: timedelta | None = None


@dataclass(slots=True)
class Expired:
    """What was erased, in numbers."""

    raw: int = 0
    revisions: int = 0
    posts: int = 0

    def __bool__(self) -> bool:
        return bool(self.raw or self.revisions or self.posts)


def expire(database: Database, retention: Retention, now: datetime) -> Expired:
    """Erases what is older than it is to be kept, a little at a time."""
    expired = Expired()
    if retention.raw is not None:
        cut = now - retention.raw
        old = select(raw_answers.c.post_id).join_from(raw_answers, posts).where(posts.c.first_seen_at < cut)
        expired.raw += sum(_drop(database, raw_answers, "post_id", old))
        unread = select(rejections.c.native_id).where(rejections.c.first_seen_at < cut)
        expired.raw += sum(_drop(database, rejections, "native_id", unread))
    if retention.revisions is not None:
        old = select(revisions.c.id).where(revisions.c.replaced_at < now - retention.revisions)
        expired.revisions += sum(_drop(database, revisions, "id", old))
    if retention.posts is not None:
        expired.posts += sum(_erase(database, now - retention.posts, now))
    return expired


def _drop(database: Database, table: Table, name: str, old: Select[tuple[int]] | Select[tuple[str]]) -> Iterator[int]:
    while True:
        with database.write() as conn:
            values = conn.execute(old.distinct().limit(_AT_ONCE)).scalars().all()
            if not values:
                return
            yield conn.execute(table.delete().where(is_one_of(table.c[name], values))).rowcount


def _erase(database: Database, cut: datetime, now: datetime) -> Iterator[int]:
    while True:
        with database.write() as conn:
            ids = _kept_since_before(conn, cut)
            if not ids:
                return
            yield erase_posts(conn, ids, Erasure.EXPIRED, now)


def _kept_since_before(conn: Connection, cut: datetime) -> list[int]:
    """By when the last of its topics took the post in; an import tells of others who saw it earlier."""
    query = (
        select(posts.c.id)
        .join_from(posts, post_topics)
        .where(posts.c.erased_at.is_(None))
        .group_by(posts.c.id)
        .having(func.max(post_topics.c.first_seen_at) < cut)
        .limit(_AT_ONCE)
    )
    return list(conn.execute(query).scalars())
