"""Rows by the thousand: a statement compiled once for each database, plain tuples, each column converted in one go.

SQLAlchemy's own `executemany` takes a dict for each row and looks every value up by name; for the few wide tables that
a batch of posts fills, that costs three times what the database itself does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Boolean, Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.types import TypeEngine

from collector.storage.columns import Instant, Json, instant_text, json_text

_DIALECTS: dict[str, Dialect] = {
    "sqlite": sqlite.dialect(),
    "postgresql": PGDialect_psycopg(paramstyle="format"),  # type: ignore[no-untyped-call]
}

Row: TypeAlias = tuple[Any, ...]
_Convert: TypeAlias = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class Insertion:
    """One way of adding rows to a table: made once, with the columns in the order of the rows' values."""

    table: Table
    columns: tuple[str, ...]
    keeps: bool = False  # a row whose key or unique value is taken stays as it is
    refreshed: tuple[str, ...] = ()  # these columns of a row that is there, by primary key, take the new values …
    unless_same: str = ""  # … but where this column has the new value already, the row stays as it is


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    columns: tuple[tuple[int, _Convert], ...]  # in the statement's order: a value's place in a row, its conversion

    @property
    def is_plain(self) -> bool:
        """True where rows can go to the database as they are."""
        return all(column == (place, None) for place, column in enumerate(self.columns))


def add_rows(conn: Connection, insertion: Insertion, rows: Sequence[Row]) -> None:
    """Adds the rows."""
    if not rows:
        return
    compiled = _compile(insertion, conn.dialect.name)
    if compiled.is_plain:
        conn.exec_driver_sql(compiled.sql, list(rows))
        return
    told = list(zip(*rows, strict=True))
    columns = [
        told[place] if convert is None else [convert(value) for value in told[place]]
        for place, convert in compiled.columns
    ]
    conn.exec_driver_sql(compiled.sql, list(zip(*columns, strict=True)))


@cache
def _compile(insertion: Insertion, name: str) -> _Compiled:
    dialect = _DIALECTS[name]
    compiled = _statement(insertion, name).compile(dialect=dialect, column_keys=list(insertion.columns))
    return _Compiled(
        sql=str(compiled),
        columns=tuple(
            (insertion.columns.index(column), _conversion(insertion.table.c[column].type, dialect))
            for column in compiled.positiontup or ()
        ),
    )


def _conversion(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    """What SQLAlchemy does to a value of this type, without its layers where they cost most; None: nothing."""
    if dialect.name == "sqlite" and isinstance(kind, Instant):
        return instant_text
    if dialect.name == "sqlite" and isinstance(kind, Json):
        return json_text
    return None if isinstance(kind, Boolean) else kind.dialect_impl(dialect).bind_processor(dialect)


def _statement(insertion: Insertion, name: str) -> Any:
    statement: Any = (sqlite if name == "sqlite" else postgresql).insert(insertion.table)
    if insertion.keeps:
        return statement.on_conflict_do_nothing()
    if insertion.refreshed:
        return statement.on_conflict_do_update(
            index_elements=list(insertion.table.primary_key.columns),
            set_={column: statement.excluded[column] for column in insertion.refreshed},
            where=_differs(insertion, statement),
        )
    return statement


def _differs(insertion: Insertion, statement: Any) -> Any:
    name = insertion.unless_same
    return insertion.table.c[name] != statement.excluded[name] if name else None
