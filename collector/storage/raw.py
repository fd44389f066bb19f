"""Raw answers, of posts and of what could not be read as one, for a better normaliser to be run over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, Table, func, select

from collector.storage.tables import raw_answers, rejections


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
    """The answers about posts, in lists of at most `size` that hold one watch's."""
    return _stream(conn, raw_answers, size)


def stream_rejected(conn: Connection, size: int) -> Iterator[list[RawAnswer]]:
    """The answers that could not be read, likewise."""
    return _stream(conn, rejections, size)


def _stream(conn: Connection, table: Table, size: int) -> Iterator[list[RawAnswer]]:
    watches = conn.execute(select(table.c.watch_id).distinct().order_by(table.c.watch_id)).scalars().all()
    for watch_id in watches:
        query = select(table.c.native_id, table.c.body).where(table.c.watch_id == watch_id).order_by(table.c.native_id)
        rows = iter(conn.execute(query.execution_options(yield_per=size)))
        while chunk := list(islice(rows, size)):
            yield [RawAnswer(watch_id=watch_id, native_id=row.native_id, body=row.body) for row in chunk]
