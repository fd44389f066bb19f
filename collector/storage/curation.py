"""The operator's word on what is shown: posts and authors kept out of digests, exports and pages, and let in again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from collector.errors import UnknownNameError
from collector.storage.tables import author_handles, authors, post_addresses, posts
from collector.text.addresses import canonical_uri


def hide_post(conn: Connection, address: str, hidden_at: datetime | None) -> str:
    """Hides the post with this address, or shows it again (None); gives its uri."""
    row = _find_post(conn, address)
    conn.execute(posts.update().where(posts.c.id == row[0]).values(hidden_at=hidden_at))
    return row[1]


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


def _find_post(conn: Connection, address: str) -> tuple[int, str]:
    try:
        wanted = canonical_uri(address)
    except ValueError as error:
        raise UnknownNameError(f"{address!r} is no address of a post: {error}") from error
    query = select(posts.c.id, posts.c.uri).join_from(posts, post_addresses).where(post_addresses.c.address == wanted)
    row = conn.execute(query).one_or_none()
    if row is None:
        raise UnknownNameError(
            f"no post with the address {address} is known; the columns uri and url of an export hold them"
        )
    return row.id, row.uri
