"""Series and their windows: each window begins where the last ended, and is open until it is built or skipped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, select

from collector.model import DigestState, Window
from collector.storage.clocks import is_clock_behind
from collector.storage.deliveries import FOR_READERS
from collector.storage.matching import is_one_of
from collector.storage.tables import deliveries, digest_members, digests, series, series_topics


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSeries:
    """A series as the tables know it; what it says and to whom is the configuration's."""

    id: int
    name: str
    started_at: datetime
    topic_starts: dict[str, datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredWindow:
    """A window with what became of it."""

    id: int
    window: Window
    state: DigestState
    closed_at: datetime | None
    facts: dict[str, Any] | None  # as frozen
    topics: tuple[str, ...] | None  # as they were when it was built
    approved_at: datetime | None = None  # when its curator, or the operator, said that it may go out


def ensure_series(conn: Connection, name: str, topics: Iterable[str], now: datetime) -> StoredSeries:
    """The series, begun now if it is new; a topic added later has its own start."""
    row = conn.execute(select(series).where(series.c.name == name)).one_or_none()
    if row is None:
        conn.execute(series.insert().values(name=name, started_at=now))
        row = conn.execute(select(series).where(series.c.name == name)).one()
    starts = _topic_starts(conn, row.id)
    new = [{"series_id": row.id, "topic": topic, "started_at": now} for topic in topics if topic not in starts]
    if new:
        conn.execute(series_topics.insert(), new)
    return StoredSeries(id=row.id, name=row.name, started_at=row.started_at, topic_starts=_topic_starts(conn, row.id))


def settle_windows(conn: Connection, name: str, now: datetime) -> None:
    """Takes back what a clock that ran ahead did: nothing begins, and no empty window is over, before its time.

    A clock that is behind itself takes nothing back.
    """
    row = conn.execute(select(series.c.id).where(series.c.name == name)).one_or_none()
    if row is None or is_clock_behind(conn, now):
        return
    has_members = exists().where(digest_members.c.digest_id == digests.c.id)
    is_empty = and_(digests.c.series_id == row.id, ~has_members)
    last = conn.execute(
        select(func.max(digests.c.starts_at)).where(digests.c.series_id == row.id, has_members)
    ).scalar()
    _remove_windows(conn, and_(is_empty, digests.c.starts_at > (max(last, now) if last else now)))
    _reopen_windows(conn, and_(is_empty, digests.c.closed_at > now))
    conn.execute(series.update().where(series.c.id == row.id, series.c.started_at > now).values(started_at=now))


def _remove_windows(conn: Connection, wanted: ColumnElement[bool]) -> None:
    ids = conn.execute(select(digests.c.id).where(wanted)).scalars().all()
    conn.execute(deliveries.delete().where(is_one_of(deliveries.c.digest_id, ids)))
    conn.execute(digests.delete().where(is_one_of(digests.c.id, ids)))


def _reopen_windows(conn: Connection, wanted: ColumnElement[bool]) -> None:
    """Those that nobody has had a mail about: a reader gets one for a window, and no other."""
    is_told = exists().where(
        deliveries.c.digest_id == digests.c.id,
        deliveries.c.state != "owed",
        deliveries.c.kind.in_(FOR_READERS),
    )
    ids = conn.execute(select(digests.c.id).where(wanted, ~is_told)).scalars().all()
    conn.execute(deliveries.delete().where(is_one_of(deliveries.c.digest_id, ids)))
    conn.execute(
        digests.update()
        .where(is_one_of(digests.c.id, ids))
        .values(state=str(DigestState.OPEN), closed_at=None, topics=None, facts=None)
    )


def find_series(conn: Connection, name: str) -> StoredSeries | None:
    """The series of that name, if it has begun."""
    row = conn.execute(select(series).where(series.c.name == name)).one_or_none()
    if row is None:
        return None
    return StoredSeries(id=row.id, name=row.name, started_at=row.started_at, topic_starts=_topic_starts(conn, row.id))


def _topic_starts(conn: Connection, series_id: int) -> dict[str, datetime]:
    rows = conn.execute(select(series_topics).where(series_topics.c.series_id == series_id))
    return {row.topic: row.started_at for row in rows}


def windows_of(conn: Connection, series_id: int) -> list[StoredWindow]:
    """Every window of a series, the earliest first."""
    rows = conn.execute(select(digests).where(digests.c.series_id == series_id).order_by(digests.c.starts_at))
    return [_read_window(row) for row in rows.mappings()]


def find_names(conn: Connection, digest_id: int) -> tuple[str, str]:
    """The series' name and its window's, of a digest."""
    query = select(series.c.name, digests.c.name).join_from(digests, series).where(digests.c.id == digest_id)
    series_name, name = conn.execute(query).one()
    return series_name, name


def find_window(conn: Connection, digest_id: int) -> StoredWindow:
    """The window of a digest."""
    return _read_window(conn.execute(select(digests).where(digests.c.id == digest_id)).mappings().one())


def add_window(conn: Connection, series_id: int, window: Window) -> None:
    """Opens a window."""
    conn.execute(
        digests.insert().values(
            series_id=series_id,
            name=window.name,
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            timezone=window.timezone,
            state=str(DigestState.OPEN),
        )
    )


def _read_window(row: RowMapping) -> StoredWindow:
    return StoredWindow(
        id=row["id"],
        window=Window(name=row["name"], starts_at=row["starts_at"], ends_at=row["ends_at"], timezone=row["timezone"]),
        state=DigestState(row["state"]),
        closed_at=row["closed_at"],
        facts=row["facts"],
        topics=tuple(row["topics"]) if row["topics"] is not None else None,
        approved_at=row["approved_at"],
    )
