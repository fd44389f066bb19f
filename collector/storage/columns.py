"""Column types that read alike from both databases: instants that stay aware UTC, and lists kept as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_decode_json = json.JSONDecoder().decode


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant. SQLite keeps it as ISO 8601 text that sorts and reads well, PostgreSQL as timestamptz."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, which has no type of its own for instants."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuses a naive datetime: which instant it means is anybody's guess."""
        if value is None:
            return None
        return instant_text(value) if dialect.name == "sqlite" else _in_utc(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Gives the instant back in UTC, whatever zone the session of the database is in."""
        if value is None:
            return None
        return _in_utc(datetime.fromisoformat(value) if dialect.name == "sqlite" else value)


class Json(TypeDecorator[Any]):
    """A list or an object; None is NULL. SQLite keeps it as compact text, PostgreSQL as json."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, which has no type of its own for JSON."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else JSON(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Text for SQLite."""
        return json_text(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Most lists are empty, and need no decoder."""
        if dialect.name != "sqlite" or value is None:
            return value
        return [] if value == "[]" else _decode_json(value)


@lru_cache(maxsize=4096)  # a batch writes the same instants in several tables, and some of them in every row
def instant_text(instant: datetime | None) -> str | None:
    """An instant as SQLite keeps it; ValueError for a naive one."""
    return None if instant is None else _in_utc(instant).isoformat(timespec="microseconds")[:26] + "Z"


def json_text(value: Any) -> str | None:
    """A list or an object as SQLite keeps it. Most lists are empty, and need no encoder."""
    if value == []:
        return "[]"
    return None if value is None else encode_json(value)


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is UTC:
        return instant
    if instant.tzinfo is None:
        raise ValueError(f"naive datetime {instant!r}: instants are aware UTC")
    return instant.astimezone(UTC)
