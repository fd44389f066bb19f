"""What a monitor asks for: everything that is kept, counted in a form that can be drawn over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select, text

from collector.storage.tables import authors, deliveries, digests, gaps, posts, series
from collector.storage.visibility import has_topic, is_visible


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkCount:
    """The posts of one network."""

    network: str
    shown: int
    kept_out: int  # gone, hidden, withdrawn, or of somebody who opted out


@dataclass(frozen=True, kw_only=True, slots=True)
class StateCount:
    """How many digests, or deliveries, of one series are in one state."""

    series: str
    state: str
    number: int
    last_at: datetime | None = None  # when the last of these digests was closed


def count_by_network(conn: Connection) -> list[NetworkCount]:
    """All posts, network by network."""
    shown = func.sum(case((and_(is_visible(), has_topic(None)), 1), else_=0))
    query = select(posts.c.network, shown, func.count()).join_from(posts, authors).group_by(posts.c.network)
    return [
        NetworkCount(network=network, shown=seen, kept_out=number - seen)
        for network, seen, number in conn.execute(query.order_by(posts.c.network))
    ]


def count_open_gaps(conn: Connection) -> dict[int, int]:
    """For each watch's id, how many stretches it missed and did not catch up on."""
    query = select(gaps.c.watch_id, func.count()).where(gaps.c.caught_up_at.is_(None)).group_by(gaps.c.watch_id)
    return {row[0]: row[1] for row in conn.execute(query)}


def count_digests(conn: Connection) -> list[StateCount]:
    """The digests of every series, by state."""
    query = (
        select(
            series.c.name, digests.c.state, func.count(), func.max(digests.c.closed_at, type_=digests.c.closed_at.type)
        )
        .join_from(digests, series)
        .group_by(series.c.name, digests.c.state)
        .order_by(series.c.name, digests.c.state)
    )
    return [
        StateCount(series=name, state=state, number=number, last_at=last_at)
        for name, state, number, last_at in conn.execute(query)
    ]


def count_deliveries(conn: Connection) -> list[StateCount]:
    """The deliveries of every series, by state."""
    query = (
        select(series.c.name, deliveries.c.state, func.count())
        .join_from(deliveries, digests)
        .join(series, series.c.id == digests.c.series_id)
        .group_by(series.c.name, deliveries.c.state)
        .order_by(series.c.name, deliveries.c.state)
    )
    return [StateCount(series=name, state=state, number=number) for name, state, number in conn.execute(query)]


def database_size(conn: Connection) -> int:
    """Bytes."""
    if conn.dialect.name == "sqlite":
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar() or 0
        return int(pages * (conn.exec_driver_sql("PRAGMA page_size").scalar() or 0))
    return int(conn.execute(text("SELECT pg_database_size(current_database())")).scalar() or 0)
