"""Everybody whose posts are kept, for who must know them to leave them out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, select

from collector.model import KnownPerson
from collector.storage.erasing import NOBODY
from collector.storage.tables import author_handles, authors

_PEOPLE = (
    select(authors.c.id, authors.c.key, authors.c.handle, authors.c.name, authors.c.url)
    .where(authors.c.key != NOBODY.key)
    .order_by(authors.c.id)
)
_HANDLES = select(author_handles.c.author_id, author_handles.c.handle).order_by(author_handles.c.handle)


def all_people(conn: Connection) -> Iterator[KnownPerson]:
    """Each with the handles they had before; those who are hidden or opted out, too, as others speak of them."""
    had: dict[int, list[str]] = defaultdict(list)
    for author_id, handle in conn.execute(_HANDLES):
        had[author_id].append(handle)
    for author_id, key, handle, name, url in conn.execute(_PEOPLE):
        past = tuple(one for one in had[author_id] if one != handle.lower())
        yield KnownPerson(key=key, handle=handle, name=name, url=url, past_handles=past)
