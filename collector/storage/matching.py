"""`column = any of these`, with however many values in one parameter.

`IN (?, ?, …)` makes another statement for every number of values, and ends where the database's parameters do: 32,766
in SQLite, 65,535 in PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, Self

from sqlalchemy import ARRAY, Boolean, Column, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Listed(TypeDecorator[Collection[Any]]):
    """Values as one parameter: JSON for SQLite, an array for PostgreSQL."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.item))

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        listed = list(value or ())
        return json.dumps(listed) if dialect.name == "sqlite" else listed


class is_one_of(FunctionElement[bool]):  # noqa: N801 (it reads as a function, and is used as one)
    """True where the column, of texts or numbers, equals one of the values.

    Without values the statement takes them when it is executed, under the column's name.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Column[Any], values: Collection[Any] | None = None) -> None:
        listed = _Listed(column.type)
        given = (
            bindparam(column.name, type_=listed)
            if values is None
            else bindparam(column.name, list(values), type_=listed, unique=True)
        )
        super().__init__(column, given)

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002
        """Itself: SQLAlchemy would write `(…) = 1` for SQLite, which then uses no index."""
        return self


@compiles(is_one_of, "sqlite")
def _in_sqlite(element: is_one_of, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 (both are what the compiler made of them)


@compiles(is_one_of, "postgresql")
def _in_postgresql(element: is_one_of, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({values})"
