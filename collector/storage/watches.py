"""Watches with their state, and hosts: who is asked, what is due, what is known already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, not_, or_, select

from collector.errors import Condition
from collector.model import (
    LONGEST_BLOCK,
    Depth,
    HostState,
    Landmark,
    Walk,
    WantedWatch,
    Watch,
    WatchKey,
    WatchState,
)
from collector.storage.bulk import Insertion, add_rows
from collector.storage.gaps import end_gaps
from collector.storage.matching import is_one_of
from collector.storage.tables import hosts, posts, rejections, sightings, watches

LONGEST_PAUSE = timedelta(days=30)  # longer than any watch waits between two rounds

_KEY = ("kind", "address", "hashtag", "topic", "thread")
_STATE = tuple(field.name for field in fields(WatchState) if field.name != "interval")
_HOST = tuple(field.name for field in fields(HostState))
_SAVE_HOST = Insertion(hosts, _HOST, refreshed=_HOST[1:])


def sync_watches(conn: Connection, wanted: Iterable[WantedWatch], now: datetime) -> None:
    """Makes the configured watches stand in the table, due at once; the others retire and keep what they know."""
    wanted = list(wanted)
    stored = {watch.key: watch for watch in all_watches(conn)}
    keys = {want.key for want in wanted}
    for want in wanted:
        watch = stored.get(want.key)
        if watch is None:
            key = {name: getattr(want.key, name) for name in _KEY}
            conn.execute(watches.insert().values(**key, name=want.name, next_poll_at=now))
        elif watch.is_retired or watch.name != want.name:
            again = {"next_poll_at": now} if watch.is_retired else {}
            conn.execute(
                watches.update().where(watches.c.id == watch.id).values(name=want.name, is_retired=False, **again)
            )
    gone = [watch.id for key, watch in stored.items() if key not in keys and watch.state.next_poll_at is not None]
    if gone:
        conn.execute(watches.update().where(is_one_of(watches.c.id, gone)).values(is_retired=True, next_poll_at=None))
        end_gaps(conn, gone, now)


def wake_watches(conn: Connection, now: datetime) -> None:
    """Makes those due whose fault the operator may just have mended, such as a wrong token."""
    mendable = [condition for condition in Condition if condition.needs_a_person]
    conn.execute(
        watches.update().where(watches.c.condition.in_(mendable), watches.c.next_poll_at > now).values(next_poll_at=now)
    )


def ensure_watch(conn: Connection, want: WantedWatch) -> Watch:
    """A watch that is never due by itself, such as the one that posts added by hand belong to."""
    for watch in all_watches(conn):
        if watch.key == want.key:
            return watch
    key = {name: getattr(want.key, name) for name in _KEY}
    conn.execute(watches.insert().values(**key, name=want.name))
    return ensure_watch(conn, want)


def all_watches(conn: Connection) -> list[Watch]:
    """Every watch, retired ones too, in a stable order."""
    rows = conn.execute(select(watches).order_by(watches.c.name, watches.c.id)).mappings()
    return [_read_watch(row) for row in rows]


def due_watches(conn: Connection, now: datetime, ended: Mapping[str, datetime] | None = None) -> list[Watch]:
    """What is to be asked now, longest waiting first, without the hosts that are to be left alone.

    `ended`: by topic, when a week ended that a digest is to be made of. Whoever was not asked since is asked once more
    before, however quiet it is; one that fails is not waited for.

    What lies further ahead than anything here is ever put off was written under a clock that was wrong. So was the
    time of a watch that was to be asked at once, and never was.
    """
    is_wrong = or_(
        watches.c.last_round_at > now, watches.c.last_round_at.is_(None), watches.c.next_poll_at > now + LONGEST_PAUSE
    )
    is_wanted = [
        and_(watches.c.topic == topic, watches.c.last_round_at < ends_at, watches.c.failures == 0)
        for topic, ends_at in (ended or {}).items()
    ]
    is_held = and_(hosts.c.blocked_until > now, hosts.c.blocked_until <= now + LONGEST_BLOCK)
    rows = conn.execute(
        select(watches)
        .outerjoin(hosts, hosts.c.address == watches.c.address)
        .where(
            watches.c.next_poll_at.is_not(None),
            or_(watches.c.next_poll_at <= now, is_wrong, *is_wanted),
            watches.c.is_retired.is_(False),
            or_(hosts.c.blocked_until.is_(None), not_(is_held)),
        )
        .order_by(watches.c.next_poll_at, watches.c.id)
    ).mappings()
    return [_read_watch(row) for row in rows]


def host_states(conn: Connection) -> dict[str, HostState]:
    """What is known of each host that ever gave trouble."""
    rows = conn.execute(select(*(hosts.c[name] for name in _HOST))).mappings()
    return {row["address"]: HostState(**row) for row in rows}


def read_state(conn: Connection, watch_id: int) -> WatchState:
    """A watch's state as it is now."""
    return _read_watch(conn.execute(select(watches).where(watches.c.id == watch_id)).mappings().one()).state


def save_watch_state(conn: Connection, watch_id: int, state: WatchState) -> None:
    """Replaces a watch's state."""
    values: dict[str, Any] = {name: getattr(state, name) for name in _STATE}
    values["walk"] = _walk_values(state.walk)
    values["backfill"] = _walk_values(state.backfill)
    values["interval_seconds"] = round(state.interval.total_seconds()) if state.interval else None
    conn.execute(watches.update().where(watches.c.id == watch_id).values(values))


def save_host_state(conn: Connection, state: HostState) -> None:
    """Replaces what is known of a host."""
    add_rows(conn, _SAVE_HOST, [tuple(getattr(state, name) for name in _SAVE_HOST.columns)])


def known_ids(conn: Connection, watch_id: int, native_ids: Sequence[str]) -> set[str]:
    """Which of a server's ids this watch has met: as a post, or as something unreadable."""
    found: set[str] = set()
    for table in (sightings, rejections):
        query = select(table.c.native_id).where(table.c.watch_id == watch_id, is_one_of(table.c.native_id, native_ids))
        found.update(conn.execute(query).scalars())
    return found


def find_landmarks(
    conn: Connection, watch_id: int, *, met_since: datetime, published_from: datetime, limit: int
) -> list[Landmark]:
    """What walks have met since then of the posts that are not older than a horizon, oldest first."""
    query = (
        select(sightings.c.native_id, posts.c.published_at, sightings.c.first_seen_at, sightings.c.last_seen_at)
        .join_from(sightings, posts)
        .where(
            sightings.c.watch_id == watch_id,
            sightings.c.last_seen_at >= met_since,
            sightings.c.looked_at >= met_since,  # so it is, and there is an index of it
            sightings.c.missing_since.is_(None),
            posts.c.published_at >= published_from,
        )
        .order_by(posts.c.published_at, sightings.c.native_id)
        .limit(limit)
    )
    return [Landmark(**row) for row in conn.execute(query).mappings()]


def _read_watch(row: RowMapping) -> Watch:
    state: dict[str, Any] = {name: row[name] for name in _STATE}
    state["condition"] = Condition(row["condition"]) if row["condition"] else None
    state["walk"] = _read_walk(row["walk"])
    state["backfill"] = _read_walk(row["backfill"])
    state["interval"] = timedelta(seconds=row["interval_seconds"]) if row["interval_seconds"] else None
    return Watch(
        id=row["id"],
        key=WatchKey(**{name: row[name] for name in _KEY}),
        name=row["name"],
        state=WatchState(**state),
        is_retired=row["is_retired"],
    )


def _walk_values(walk: Walk | None) -> dict[str, Any] | None:
    if walk is None:
        return None
    return {
        "depth": str(walk.depth),
        "started_at": walk.started_at.isoformat(),
        "horizon": walk.horizon.isoformat() if walk.horizon else None,
        "cursor": walk.cursor,
        "seen": walk.seen,
    }


def _read_walk(values: dict[str, Any] | None) -> Walk | None:
    if not values:
        return None
    return Walk(
        depth=Depth(values["depth"]),
        started_at=datetime.fromisoformat(values["started_at"]),
        horizon=datetime.fromisoformat(values["horizon"]) if values["horizon"] else None,
        cursor=values["cursor"],
        seen=values["seen"],
    )
