"""Whom and what was forgotten, as keyed hashes: of the names of people and posts that are never to be kept again.

Nobody can read a name out of a mark; who holds the key can ask whether a name is among them. A file beside the database
(`remembering`) has the same keys and marks, so that they outlast a database that is restored or made anew. What stands
in the table has been erased, or `owed` says that this is still to be done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import Connection, select

from collector.storage.bulk import Insertion, Row, add_rows
from collector.storage.marks import Marks, mark_of, new_key
from collector.storage.matching import is_one_of
from collector.storage.tables import about, forgotten

_KEYS, _OWED = "forgotten_keys", "forgetting"  # in `about`

_READ_KEYS = f"SELECT value FROM about WHERE key = '{_KEYS}'"  # noqa: S608 (asked with each batch, so without layers)
_FIND = select(forgotten.c.mark).where(is_one_of(forgotten.c.mark))
_ADD = Insertion(forgotten, ("mark", "forgotten_at"), keeps=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten(Marks):
    """The marks of what was forgotten, each with when that was first asked for."""

    def with_names(self, names: Iterable[str], now: datetime) -> Self:
        """The same with these names, and with a key where there was none."""
        keys = self.keys or (new_key(),)
        marks = {mark_of(bytes.fromhex(keys[0]), name): now for name in names}
        return type(self)(keys=keys, marks={**marks, **self.marks})

    def forgotten_at(self, names: Collection[str]) -> datetime | None:
        """When one of these names was forgotten; None: never."""
        ours = (self.marks.get(mark_of(key, name)) for key in map(bytes.fromhex, self.keys) for name in names)
        return min((at for at in ours if at is not None), default=None)


def read_keys(conn: Connection) -> tuple[bytes, ...]:
    """The keys; none as long as nothing was ever forgotten."""
    row = conn.exec_driver_sql(_READ_KEYS).first()
    return tuple(map(bytes.fromhex, row[0].split())) if row else ()


def find_forgotten(conn: Connection, keys: Collection[bytes], names: Collection[str]) -> set[str]:
    """Which of these names were forgotten."""
    marks = {mark_of(key, name): name for key in keys for name in names}
    return {marks[mark] for mark in conn.execute(_FIND, {"mark": marks}).scalars()} if marks else set()


def read_forgotten(conn: Connection) -> Forgotten:
    """The table's keys and marks."""
    keys = tuple(key.hex() for key in read_keys(conn))
    marks = {mark: at for mark, at in conn.execute(select(forgotten.c.mark, forgotten.c.forgotten_at))}  # noqa: C416
    return Forgotten(keys=keys, marks=marks)


def add_forgotten(conn: Connection, told: Forgotten) -> None:
    """Writes down keys and marks that are not in the table yet."""
    known = [key.hex() for key in read_keys(conn)]
    keys = list(dict.fromkeys([*told.keys, *known]))
    if keys != known:
        _set(conn, _KEYS, " ".join(keys))
    rows: list[Row] = list(told.marks.items())
    add_rows(conn, _ADD, rows)


def is_owed(conn: Connection) -> bool:
    """True where marks stand in the table, and what they mean may still be in the database, or on its free pages."""
    return conn.execute(select(about.c.value).where(about.c.key == _OWED)).first() is not None


def owe(conn: Connection) -> None:
    """Says that erasing has begun."""
    _set(conn, _OWED, "owed")


def settle(conn: Connection) -> None:
    """Says that nothing is left of what was forgotten."""
    conn.execute(about.delete().where(about.c.key == _OWED))


def _set(conn: Connection, key: str, value: str) -> None:
    conn.execute(about.delete().where(about.c.key == key))
    conn.execute(about.insert().values(key=key, value=value))
