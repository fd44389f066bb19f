"""Who left, as keyed hashes: what remains when everything else about a reader is erased.

A mark stands for somebody who left one series, or everything; it goes when they themselves come back. A file beside
the database (`remembering`) has the same keys and marks: an older state of the database that is brought back knows
from it who left since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import Connection, select

from collector.storage.bulk import Insertion, add_rows
from collector.storage.marks import Marks, mark_of, new_key
from collector.storage.matching import is_one_of
from collector.storage.tables import about, refusals

_KEYS = "refusal_keys"  # in `about`
_PUT = Insertion(refusals, ("mark", "refused_at"), refreshed=("refused_at",))


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusals(Marks):
    """The marks of those who left, each with when they did last."""

    def united(self, other: Self) -> Self:
        """Everything that is in either, the keys of this one first, and the later of two dates."""
        keys = tuple(dict.fromkeys([*self.keys, *other.keys]))
        marks = dict(other.marks)
        for mark, at in self.marks.items():
            marks[mark] = max(at, marks.get(mark, at))
        return type(self)(keys=keys, marks=marks)

    def with_names(self, names: Iterable[str], now: datetime) -> Self:
        """The same with these names, and with a key where there was none."""
        keys = self.keys or (new_key(),)
        marks = {mark_of(bytes.fromhex(keys[0]), name): now for name in names}
        return type(self)(keys=keys, marks={**self.marks, **marks})

    def without_names(self, names: Collection[str]) -> Self:
        """The same without these names: they are back."""
        back = {mark_of(bytes.fromhex(key), name) for key in self.keys for name in names}
        return type(self)(keys=self.keys, marks={mark: at for mark, at in self.marks.items() if mark not in back})

    def refused_at(self, names: Collection[str]) -> datetime | None:
        """When one of these names was refused last; None: never."""
        ours = (self.marks.get(mark_of(key, name)) for key in map(bytes.fromhex, self.keys) for name in names)
        return max((at for at in ours if at is not None), default=None)


def refusal_names(folded: str, series: str) -> tuple[str, str, str]:
    """What is hashed for somebody who left everything, who left one series, or who was erased.

    No address holds a ":", and no series is without a name.
    """
    return folded, f"{series}:{folded}", erased_name(folded)


def erased_name(folded: str) -> str:
    """What is hashed for somebody who was erased, and is to be again where a backup brings them back."""
    return f":{folded}"


def find_refused(conn: Connection, folded: Collection[str], series: str) -> set[str]:
    """Which of these addresses, in small letters, left the series, or everything."""
    names = {name: address for address in folded for name in refusal_names(address, series)}
    marks = {mark_of(bytes.fromhex(key), name): names[name] for key in _read_keys(conn) for name in names}
    if not marks:
        return set()
    query = select(refusals.c.mark).where(is_one_of(refusals.c.mark, marks))
    return {marks[mark] for mark in conn.execute(query).scalars()}


def read_refusals(conn: Connection) -> Refusals:
    """The table's keys and marks."""
    marks = {mark: at for mark, at in conn.execute(select(refusals.c.mark, refusals.c.refused_at))}  # noqa: C416
    return Refusals(keys=_read_keys(conn), marks=marks)


def write_refusals(conn: Connection, told: Refusals, before: Mapping[str, datetime]) -> None:
    """Makes the table, which has the marks of `before`, say this."""
    if told.keys != _read_keys(conn):
        conn.execute(about.delete().where(about.c.key == _KEYS))
        conn.execute(about.insert().values(key=_KEYS, value=" ".join(told.keys)))
    gone = before.keys() - told.marks.keys()
    conn.execute(refusals.delete().where(is_one_of(refusals.c.mark, gone)))
    add_rows(conn, _PUT, [(mark, at) for mark, at in told.marks.items() if before.get(mark) != at])


def _read_keys(conn: Connection) -> tuple[str, ...]:
    """As hexadecimal text, the one that makes new marks first; none as long as nobody left."""
    value = conn.execute(select(about.c.value).where(about.c.key == _KEYS)).scalar()
    return tuple((value or "").split())
