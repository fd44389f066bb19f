"""The stretches of time that watches could not see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select

from collector.model import Gap, WatchGap
from collector.storage.matching import is_one_of
from collector.storage.tables import gaps, watches

_MOST_PENDING = 50  # of one watch, newest first: older ones that no walk went over stay as they are


def pending_gaps(conn: Connection, watch_id: int, now: datetime) -> list[Gap]:
    """The gaps of a watch that go on, are not caught up yet, or lie ahead after a clock was put back; oldest first."""
    rows = conn.execute(
        select(gaps)
        .where(gaps.c.watch_id == watch_id, or_(gaps.c.caught_up_at.is_(None), gaps.c.ends_at > now))
        .order_by(gaps.c.starts_at.desc(), gaps.c.id.desc())
        .limit(_MOST_PENDING)
    ).mappings()
    return [_read_gap(row) for row in rows][::-1]


def save_gaps(conn: Connection, watch_id: int, before: Sequence[Gap], after: Sequence[Gap]) -> None:
    """Makes a watch's pending gaps, which were as `before`, as they are `after` a round."""
    kept = {gap.id for gap in after}
    dropped = [gap.id for gap in before if gap.id not in kept]
    if dropped:
        conn.execute(gaps.delete().where(is_one_of(gaps.c.id, dropped)))
    for gap in after:
        if gap.id is None:
            conn.execute(gaps.insert().values(watch_id=watch_id, **_values(gap)))
        elif gap not in before:
            conn.execute(gaps.update().where(gaps.c.id == gap.id).values(_values(gap)))


def end_gaps(conn: Connection, watch_ids: Sequence[int], now: datetime) -> None:
    """Ends what goes on for watches that nobody wants any more: from now on nothing is missed there."""
    conn.execute(
        gaps.update().where(is_one_of(gaps.c.watch_id, watch_ids), gaps.c.ends_at.is_(None)).values(ends_at=now)
    )


def find_gaps(
    conn: Connection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    topics: Collection[str] | None = None,
    watch_ids: Collection[int] | None = None,
) -> list[WatchGap]:
    """The gaps that overlap a stretch of time (None: without an end on that side), of any watch or of these.

    Oldest first. Those that go on have no end.
    """
    query = select(gaps, *(watches.c[name] for name in ("name", "kind", "address", "hashtag", "topic"))).join(watches)
    if since is not None:
        query = query.where(or_(gaps.c.ends_at.is_(None), gaps.c.ends_at > since))
    if until is not None:
        query = query.where(gaps.c.starts_at < until)
    if topics is not None:
        query = query.where(is_one_of(watches.c.topic, sorted(topics)))
    if watch_ids is not None:
        query = query.where(is_one_of(gaps.c.watch_id, sorted(watch_ids)))
    rows = conn.execute(query.order_by(gaps.c.starts_at, watches.c.name, gaps.c.id)).mappings()
    return [_read_watch_gap(row) for row in rows]


def _values(gap: Gap) -> dict[str, Any]:
    return {
        "starts_at": gap.starts_at,
        "ends_at": gap.ends_at,
        "caught_up_at": gap.caught_up_at,
        "reason": gap.reason,
        "message": gap.message,
    }


def _read_gap(row: RowMapping) -> Gap:
    names = ("id", "starts_at", "ends_at", "caught_up_at", "reason", "message")
    return Gap(**{name: row[name] for name in names})


def _read_watch_gap(row: RowMapping) -> WatchGap:
    names = ("watch_id", "kind", "address", "hashtag", "topic")
    return WatchGap(source=row["name"], gap=_read_gap(row), **{name: row[name] for name in names})
