"""The operator's word on what is shown: posts and authors kept out of digests, exports and pages, and let in again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, or_, select

from collector.errors import UnknownNameError
from collector.identity.asked import read_asked
from collector.storage.people import OnePost, find_post
from collector.storage.tables import author_handles, authors, posts


def hide_post(conn: Connection, address: str, hidden_at: datetime | None) -> str:
    """Hides the post with this address and its copies, or shows them again (None); gives its uri."""
    post = _find_post(conn, address)
    cluster = select(posts.c.cluster_id).where(posts.c.id == post.id).scalar_subquery()
    theirs = or_(posts.c.id == post.id, posts.c.cluster_id == cluster)
    conn.execute(posts.update().where(theirs).values(hidden_at=hidden_at))
    return post.uri


def hide_author(conn: Connection, handle: str, hidden_at: datetime | None) -> str:
    """Hides everything of an author, known by any handle they had, or shows it again; gives the present handle."""
    wanted = handle.strip().removeprefix("@").lower()
    query = (
        select(authors.c.id, authors.c.handle)
        .join_from(authors, author_handles)
        .where(author_handles.c.handle == wanted)
    )
    rows = conn.execute(query).all()
    if not rows:
        raise UnknownNameError(f"no author {handle!r} is known; the column author_handle of an export has the handles")
    conn.execute(authors.update().where(authors.c.id.in_([row.id for row in rows])).values(hidden_at=hidden_at))
    return str(rows[0].handle)


def _find_post(conn: Connection, address: str) -> OnePost:
    try:
        asked = read_asked(address)
    except ValueError as error:
        raise UnknownNameError(f"{address!r} is no address of a post: {error}") from error
    if asked.name:
        raise UnknownNameError(f"{address!r} is no address of a post: it names an account")
    post = find_post(conn, asked) if asked.posts else None
    if post is None:
        raise UnknownNameError(
            f"no post with the address {address} is known; the columns uri and url of an export hold them"
        )
    return post
