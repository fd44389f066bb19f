"""Deliveries: one digest to one address, claimed before the hand-over, so that nothing is sent twice or never."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, and_, func, or_, select

from collector.storage.bulk import Insertion, add_rows
from collector.storage.tables import deliveries, digests

_OWE = Insertion(
    deliveries,
    ("digest_id", "address", "kind", "state", "message_id", "created_at", "next_attempt_at"),
    keeps=True,
)

LEASE = timedelta(minutes=15)  # longer than any single hand-over can take
LONGEST_WAIT = timedelta(hours=3)  # between two tries


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A delivery that somebody has claimed and is to hand over now."""

    id: int
    digest_id: int
    address: str
    kind: str  # "digest" or "sign of life"
    message_id: str
    created_at: datetime
    attempts: int  # earlier ones


def owe(conn: Connection, digest_id: int, message_ids: Mapping[str, str], kind: str, now: datetime) -> None:
    """Writes down that addresses are owed a digest; those that have a delivery of it keep the one they have."""
    rows = [(digest_id, address, kind, "owed", message_id, now, now) for address, message_id in message_ids.items()]
    add_rows(conn, _OWE, rows)


def claim_next(
    conn: Connection,
    owner: str,
    dead: Iterable[str],
    now: datetime,
    *,
    digest_id: int | None,
    is_forced: bool,
    after: int,
) -> Delivery | None:
    """Claims the first delivery beyond the id `after` that is due, or whose claimer died.

    `is_forced` does not wait for a later try's time. `dead` are owners known to be gone; anybody else's claim ends
    with its lease. What lies further ahead than either lasts was written under a clock that was wrong.
    """
    waits = deliveries.c.state == "owed"
    if not is_forced:
        attempt_at = deliveries.c.next_attempt_at
        waits = and_(waits, or_(attempt_at <= now, attempt_at > now + LONGEST_WAIT))
    orphaned = and_(
        deliveries.c.state == "claimed",
        or_(
            deliveries.c.claimed_by.in_(list(dead)),
            deliveries.c.claimed_at <= now - LEASE,
            deliveries.c.claimed_at > now + LEASE,
        ),
    )
    query = select(deliveries).where(or_(waits, orphaned), deliveries.c.id > after).order_by(deliveries.c.id).limit(1)
    if digest_id is not None:
        query = query.where(deliveries.c.digest_id == digest_id)
    row = conn.execute(query).mappings().one_or_none()
    if row is None:
        return None
    conn.execute(
        deliveries.update()
        .where(deliveries.c.id == row["id"])
        .values(state="claimed", claimed_by=owner, claimed_at=now, attempts=row["attempts"] + 1)
    )
    return _read_delivery(row)


def claimers(conn: Connection) -> set[str]:
    """Everybody who holds a claim."""
    query = select(deliveries.c.claimed_by).where(deliveries.c.state == "claimed").distinct()
    return {owner for owner in conn.execute(query).scalars() if owner}


def mark_sent(conn: Connection, delivery_id: int, now: datetime) -> None:
    """The server took it."""
    _finish(conn, delivery_id, state="sent", finished_at=now, error="")


def mark_refused(conn: Connection, delivery_id: int, error: str, now: datetime) -> None:
    """Refused for good: this delivery is not tried again."""
    _finish(conn, delivery_id, state="refused", finished_at=now, error=error)


def mark_waiting(conn: Connection, delivery_id: int, error: str, next_attempt_at: datetime) -> None:
    """Refused for now: owed, and tried again at that time."""
    _finish(conn, delivery_id, state="owed", next_attempt_at=next_attempt_at, error=error)


def _finish(conn: Connection, delivery_id: int, **values: object) -> None:
    conn.execute(
        deliveries.update().where(deliveries.c.id == delivery_id).values(claimed_by=None, claimed_at=None, **values)
    )


def count_states(conn: Connection) -> dict[int, Counter[str]]:
    """For each digest, how many deliveries are in which state."""
    query = select(deliveries.c.digest_id, deliveries.c.state, func.count().label("number")).group_by(
        deliveries.c.digest_id, deliveries.c.state
    )
    counted: dict[int, Counter[str]] = {}
    for row in conn.execute(query):
        counted.setdefault(row.digest_id, Counter())[row.state] = row.number
    return counted


def postpone(conn: Connection, error: str, next_attempt_at: datetime) -> int:
    """Lets everything that is owed wait, because the next hand-over would fail alike; gives how many."""
    waits = deliveries.c.state == "owed"
    sooner = deliveries.c.next_attempt_at < next_attempt_at
    result = conn.execute(deliveries.update().where(waits, sooner).values(next_attempt_at=next_attempt_at, error=error))
    return result.rowcount


def addresses_served(conn: Connection, digest_id: int) -> set[str]:
    """The addresses whose delivery of a digest is finished, for good or ill."""
    query = select(deliveries.c.address).where(
        deliveries.c.digest_id == digest_id, deliveries.c.state.in_(["sent", "refused"])
    )
    return set(conn.execute(query).scalars())


def last_error(conn: Connection, digest_id: int) -> str:
    """What the latest trouble with a digest's deliveries was."""
    query = (
        select(deliveries.c.error)
        .where(deliveries.c.digest_id == digest_id, deliveries.c.error != "")
        .order_by(deliveries.c.id.desc())
        .limit(1)
    )
    return conn.execute(query).scalar() or ""


def mailed_windows(conn: Connection, series_id: int) -> set[int]:
    """The digests of a series that were owed to somebody: those a reader has heard of."""
    query = (
        select(deliveries.c.digest_id).join_from(deliveries, digests).where(digests.c.series_id == series_id).distinct()
    )
    return set(conn.execute(query).scalars())


def _read_delivery(row: RowMapping) -> Delivery:
    return Delivery(
        id=row["id"],
        digest_id=row["digest_id"],
        address=row["address"],
        kind=row["kind"],
        message_id=row["message_id"],
        created_at=row["created_at"],
        attempts=row["attempts"],
    )
