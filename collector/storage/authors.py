"""Authors: known by their key; handles and names are attributes that change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from collector.model import Author
from collector.storage.bulk import Insertion, Row, add_rows
from collector.storage.indexing import index_authors
from collector.storage.matching import is_one_of
from collector.storage.merging import StoredProfile, is_profile_taken
from collector.storage.rows import PROFILE, profile_row
from collector.storage.tables import author_handles, authors

_HANDLE, _NAME = PROFILE.index("handle"), PROFILE.index("name")
_TOLD_BY, _IS_OPTED_OUT = PROFILE.index("told_by"), PROFILE.index("is_opted_out")

_FIND = select(authors.c.key, authors.c.id, *(authors.c[name] for name in PROFILE)).where(is_one_of(authors.c.key))
_HIGHEST_ID = select(func.max(authors.c.id))
_ADD = Insertion(authors, ("id", "key", "first_seen_at", *PROFILE))
_ADD_HANDLES = Insertion(author_handles, ("handle", "author_id"), keeps=True)
_UPDATE = (
    authors.update().where(authors.c.id == bindparam("b_id")).values({name: bindparam(f"b_{name}") for name in PROFILE})
)


def save_authors(conn: Connection, told: Iterable[Author], told_by: str, now: datetime) -> dict[str, int]:
    """Adds the unknown, brings the known up to date; gives the id of each key."""
    wanted = {author.key: author for author in told}
    if not wanted:
        return {}
    ids: dict[str, int] = {}
    known: dict[str, Row] = {}
    for key, author_id, *profile in conn.execute(_FIND, {"key": wanted}).all():
        ids[key] = author_id
        known[key] = tuple(profile)
    ids |= _add(conn, [author for key, author in wanted.items() if key not in ids], told_by, now)
    _update(conn, [author for key, author in wanted.items() if key in known], known, ids, told_by)
    return ids


def _add(conn: Connection, new: list[Author], told_by: str, now: datetime) -> dict[str, int]:
    if not new:
        return {}
    first = (conn.execute(_HIGHEST_ID).scalar() or 0) + 1  # nobody else takes it: we hold the write lock
    ids = {author.key: number for number, author in enumerate(new, first)}
    add_rows(conn, _ADD, [(ids[author.key], author.key, now, *profile_row(author, told_by)) for author in new])
    add_rows(conn, _ADD_HANDLES, [(author.handle.lower(), ids[author.key]) for author in new])
    return ids


def _update(conn: Connection, told: list[Author], known: dict[str, Row], ids: dict[str, int], told_by: str) -> None:
    changed: list[dict[str, object]] = []
    handles: list[Row] = []
    renamed: set[int] = set()
    for author in told:
        stored, row = known[author.key], profile_row(author, told_by)
        if row == stored:
            continue
        profile = StoredProfile(told_by=stored[_TOLD_BY], is_opted_out=stored[_IS_OPTED_OUT])
        if is_profile_taken(profile, author, told_by):
            changed.append({f"b_{name}": value for name, value in zip(PROFILE, row, strict=True)})
            changed[-1]["b_id"] = ids[author.key]
            handles.append((author.handle.lower(), ids[author.key]))
            if (author.handle, author.name) != (stored[_HANDLE], stored[_NAME]):
                renamed.add(ids[author.key])
    if changed:
        conn.execute(_UPDATE, changed)
        add_rows(conn, _ADD_HANDLES, handles)
        index_authors(conn, renamed)
