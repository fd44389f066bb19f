"""Raw answers, of posts and of what could not be read as one, for a better normaliser to be run over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import ColumnElement, Connection, Table, func, select

from collector.model import ARCHIVE_KIND
from collector.storage.tables import raw_answers, rejections, watches


@dataclass(frozen=True, kw_only=True, slots=True)
class RawAnswer:
    """The latest answer about one thing, scrubbed and compressed as it was kept."""

    watch_id: int
    native_id: str
    body: bytes


def count_raw(conn: Connection) -> int:
    """How many there are of both kinds."""
    return sum(
        conn.execute(select(func.count()).select_from(table)).scalar() or 0 for table in (raw_answers, rejections)
    )


def stream_raw(conn: Connection, size: int) -> Iterator[list[RawAnswer]]:
    """The answers about posts, in lists of at most `size` that hold one watch's.

    Where another watch of the same place had a later answer about the same post, that one stands for both: an earlier
    one may be of a text that was edited since, and nothing in it tells so.
    """
    return _stream(conn, raw_answers, size, func.coalesce(_later_body(), raw_answers.c.body))


def stream_rejected(conn: Connection, size: int) -> Iterator[list[RawAnswer]]:
    """The answers that could not be read, likewise."""
    return _stream(conn, rejections, size, rejections.c.body)


def _later_body() -> ColumnElement[bytes]:
    later, own, other = raw_answers.alias("later"), watches.alias("own"), watches.alias("other")
    return (
        select(later.c.body)
        .join_from(later, other, other.c.id == later.c.watch_id)
        .join(own, own.c.id == raw_answers.c.watch_id)
        .where(
            later.c.post_id == raw_answers.c.post_id,
            later.c.fetched_at > raw_answers.c.fetched_at,
            other.c.kind == own.c.kind,
            other.c.address == own.c.address,
            own.c.kind != ARCHIVE_KIND,
        )
        .order_by(later.c.fetched_at.desc())
        .limit(1)
        .correlate(raw_answers)
        .scalar_subquery()
    )


def _stream(conn: Connection, table: Table, size: int, body: ColumnElement[bytes]) -> Iterator[list[RawAnswer]]:
    told = select(table.c.watch_id).distinct().order_by(table.c.watch_id)
    for watch_id in conn.execute(told).scalars().all():
        query = (
            select(table.c.native_id, body.label("body"))
            .where(table.c.watch_id == watch_id)
            .order_by(table.c.native_id)
        )
        rows = iter(conn.execute(query.execution_options(yield_per=size)))
        while chunk := list(islice(rows, size)):
            yield [RawAnswer(watch_id=watch_id, native_id=row.native_id, body=row.body) for row in chunk]
