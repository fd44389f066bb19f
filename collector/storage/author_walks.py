"""How far a backfill has come with what each known author posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from collector.storage.bulk import Insertion, add_rows
from collector.storage.matching import is_one_of
from collector.storage.tables import author_walks, authors, posts, sightings

_SAVE = Insertion(
    author_walks,
    ("watch_id", "author_id", "cursor", "finished_at"),
    refreshed=("cursor", "finished_at"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthorWalk:
    """An author whose own timeline is to be walked, and where that goes on."""

    author_id: int
    handle: str
    cursor: str | None  # None: at the newest


def find_author_walks(conn: Connection, watch_id: int, finished_before: datetime) -> list[AuthorWalk]:
    """The authors of this watch's posts whose walk is not done, or was long ago; those that were begun come first.

    Who asked not to be collected, or was hidden, is left alone.
    """
    is_due = or_(author_walks.c.finished_at.is_(None), author_walks.c.finished_at < finished_before)
    seen = select(posts.c.author_id).join_from(sightings, posts).where(sightings.c.watch_id == watch_id).distinct()
    query = (
        select(authors.c.id, authors.c.handle, author_walks.c.cursor)
        .join_from(
            authors,
            author_walks,
            and_(author_walks.c.author_id == authors.c.id, author_walks.c.watch_id == watch_id),
            isouter=True,
        )
        .where(
            authors.c.id.in_(seen),
            authors.c.handle != "",
            authors.c.hidden_at.is_(None),
            authors.c.is_opted_out.is_(False),
            is_due,
        )
        .order_by(func.coalesce(author_walks.c.cursor, "") == "", authors.c.id)
    )
    return [AuthorWalk(author_id=row.id, handle=row.handle, cursor=row.cursor) for row in conn.execute(query)]


def save_author_walk(
    conn: Connection, watch_id: int, author_id: int, cursor: str | None, finished_at: datetime | None
) -> None:
    """Where the walk goes on, or when it was done; nothing for an author who is no longer known."""
    if conn.execute(select(authors.c.id).where(is_one_of(authors.c.id, [author_id]))).first() is not None:
        add_rows(conn, _SAVE, [(watch_id, author_id, cursor, finished_at)])
