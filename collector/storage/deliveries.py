"""Deliveries: one digest to one address, claimed before the hand-over, so that nothing is sent twice or never."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, or_, select

from collector.storage.bulk import Insertion, add_rows
from collector.storage.claims import find_claimers, is_due, is_orphaned
from collector.storage.matching import is_one_of
from collector.storage.tables import deliveries, digests

_OWE = Insertion(
    deliveries,
    ("digest_id", "address", "kind", "state", "message_id", "created_at", "next_attempt_at"),
    keeps=True,
)

DIGEST, SIGN_OF_LIFE = "digest", "sign of life"
FOR_READERS = (DIGEST, SIGN_OF_LIFE)  # the kinds that those who get a series hear of it by

_IS_OWED = deliveries.c.state == "owed"
_IS_LIVE = deliveries.c.state.in_(["owed", "claimed"])
_IS_LET_GO = and_(deliveries.c.state == "refused", deliveries.c.error == "")
_IS_PAUSED = deliveries.c.digest_id.in_(select(digests.c.id).where(digests.c.paused_at.is_not(None)))

_FREE: dict[str, Any] = {"claimed_by": None, "claimed_at": None}
_MARK_SENT = (  # made once: of ten thousand mails each needs it
    deliveries.update()
    .where(deliveries.c.id == bindparam("of"))
    .values(_FREE | {"state": "sent", "attempts": deliveries.c.attempts + 1, "error": ""})
    .values(tried_at=bindparam("at"), finished_at=bindparam("at"))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A delivery that somebody has claimed and is to hand over now."""

    id: int
    digest_id: int
    address: str
    kind: str  # "digest", "sign of life", …
    message_id: str
    created_at: datetime
    attempts: int  # earlier ones
    tried_at: datetime | None = None  # the last of them, if it was handed over
    error: str = ""  # what came of it


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimer:
    """Who claims, and of what.

    `dead` are owners known to be gone; anybody else's claim ends with its lease. `is_forced` does not wait for a later
    try's time. `after` is the id that they are behind.
    """

    owner: str
    dead: Collection[str] = ()
    digest_id: int | None = None  # None: of all digests
    is_forced: bool = False
    after: int = 0


def owe(conn: Connection, digest_id: int, message_ids: Mapping[str, str], kind: str, now: datetime) -> None:
    """Writes down that addresses are owed a digest; those that have a delivery of it keep the one they have."""
    rows = [(digest_id, address, kind, "owed", message_id, now, now) for address, message_id in message_ids.items()]
    add_rows(conn, _OWE, rows)


def first_live(conn: Connection) -> int | None:
    """The first delivery that is not finished; None: all are. It is found at once, however many are finished."""
    return conn.execute(select(func.min(deliveries.c.id)).where(_IS_LIVE)).scalar()


def claim_some(conn: Connection, claimer: Claimer, now: datetime, most: int) -> list[Delivery]:
    """Claims the first deliveries that are due, or whose claimer died, in their order; none of a digest that pauses."""
    is_free = _IS_OWED if claimer.is_forced else is_due(deliveries, now)
    wanted = [
        or_(is_free, is_orphaned(deliveries, claimer.dead, now)),
        deliveries.c.id > claimer.after,
        ~_IS_PAUSED,
    ]
    if claimer.digest_id is not None:
        wanted.append(deliveries.c.digest_id == claimer.digest_id)
    query = select(deliveries).where(*wanted).order_by(deliveries.c.id).limit(most)
    query = query.with_hint(deliveries, "NOT INDEXED", "sqlite")  # in their order: it would sort all that are owed
    claimed = [_read_delivery(row) for row in conn.execute(query).mappings()]
    if claimed:
        values = {"state": "claimed", "claimed_by": claimer.owner, "claimed_at": now}
        conn.execute(_those([delivery.id for delivery in claimed]).values(values))
    return claimed


def count_in_hand(conn: Connection, dead: Collection[str], now: datetime) -> int:
    """How many deliveries somebody who lives has claimed, and is about to hand over."""
    is_held = and_(deliveries.c.state == "claimed", ~is_orphaned(deliveries, dead, now))
    return conn.execute(select(func.count()).where(is_held)).scalar() or 0


def hand_overs_since(conn: Connection, since: datetime, now: datetime) -> tuple[int, datetime | None]:
    """How many hand-overs there were, taken or refused, and when the first of them was."""
    at = deliveries.c.tried_at
    number, first_at = conn.execute(
        select(func.count(), func.min(at, type_=at.type)).where(at > since, at <= now)
    ).one()
    return number, first_at


def claimers(conn: Connection) -> set[str]:
    """Everybody who holds a claim."""
    return find_claimers(conn, deliveries)


def release(conn: Connection, ids: Collection[int]) -> None:
    """Gives back what was claimed and not handed over."""
    conn.execute(_those(ids).values(_FREE | {"state": "owed"}))


def mark_sent(conn: Connection, delivery_id: int, now: datetime) -> None:
    """The server took it."""
    conn.execute(_MARK_SENT, {"of": delivery_id, "at": now})


def mark_refused(conn: Connection, delivery_id: int, error: str, now: datetime) -> None:
    """Refused for good: this delivery is not tried again."""
    _finish(conn, delivery_id, state="refused", tried_at=now, finished_at=now, error=error)


def mark_waiting(
    conn: Connection, delivery_id: int, error: str, next_attempt_at: datetime, tried_at: datetime | None
) -> None:
    """Refused for now: owed, and tried again at that time. `tried_at` is None where it was not even handed over."""
    tried = {"tried_at": tried_at} if tried_at else {}
    _finish(conn, delivery_id, state="owed", next_attempt_at=next_attempt_at, error=error, **tried)


def _finish(conn: Connection, delivery_id: int, **values: object) -> None:
    conn.execute(
        deliveries.update()
        .where(deliveries.c.id == delivery_id)
        .values(_FREE | {"attempts": deliveries.c.attempts + 1} | values)
    )


def let_go(conn: Connection, ids: Collection[int], now: datetime) -> None:
    """Closes what is owed to people who left since: they asked for no more."""
    conn.execute(_those(ids).values(_FREE | {"state": "refused", "finished_at": now, "error": ""}))


def _those(ids: Collection[int]) -> Any:
    return deliveries.update().where(is_one_of(deliveries.c.id, ids))


def count_states(conn: Connection) -> dict[int, Counter[str]]:
    """For each digest, how many deliveries to readers are in which state; who left before is in none."""
    query = (
        select(deliveries.c.digest_id, deliveries.c.state, func.count().label("number"))
        .where(deliveries.c.kind.in_(FOR_READERS), ~_IS_LET_GO)
        .group_by(deliveries.c.digest_id, deliveries.c.state)
    )
    counted: dict[int, Counter[str]] = {}
    for row in conn.execute(query):
        counted.setdefault(row.digest_id, Counter())[row.state] = row.number
    return counted


def postpone(conn: Connection, error: str, next_attempt_at: datetime) -> int:
    """Lets everything that is owed wait, because the next hand-over would fail alike; gives how many."""
    sooner = deliveries.c.next_attempt_at < next_attempt_at
    result = conn.execute(
        deliveries.update().where(_IS_OWED, sooner).values(next_attempt_at=next_attempt_at, error=error)
    )
    return result.rowcount


def served_and_owed(conn: Connection, digest_id: int) -> tuple[list[str], list[str]]:
    """The readers whose delivery of a digest is finished, for good or ill, and those whose is not, in their order."""
    query = (
        select(deliveries.c.address, _IS_LIVE.label("is_live"))
        .where(deliveries.c.digest_id == digest_id, deliveries.c.kind.in_(FOR_READERS))
        .order_by(deliveries.c.id)
    )
    rows = conn.execute(query).all()
    return [row.address for row in rows if not row.is_live], [row.address for row in rows if row.is_live]


def asked_windows(conn: Connection, series_id: int) -> set[int]:
    """The digests of a series that its curator was asked about."""
    query = select(deliveries.c.digest_id).join_from(deliveries, digests).distinct()
    query = query.where(digests.c.series_id == series_id, deliveries.c.kind.not_in(FOR_READERS))
    return set(conn.execute(query).scalars())


def kinds_told(conn: Connection, digest_id: int, address: str) -> set[str]:
    """The kinds of mails about a digest that an address got, or is to get."""
    query = select(deliveries.c.kind).where(deliveries.c.digest_id == digest_id, deliveries.c.address == address)
    return set(conn.execute(query).scalars())


def mailed_windows(conn: Connection, series_id: int) -> set[int]:
    """The digests of a series that were owed to its readers: those they have heard of."""
    query = select(deliveries.c.digest_id).join_from(deliveries, digests).distinct()
    query = query.where(digests.c.series_id == series_id, deliveries.c.kind.in_(FOR_READERS))
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
        tried_at=row["tried_at"],
        error=row["error"],
    )
