"""Digests whose sending met too many refusals: what was refused, and that the rest waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select

from collector.model import Severity
from collector.storage.deliveries import FOR_READERS
from collector.storage.tables import deliveries, digests, series
from collector.text.refusals import GREYLISTED_AT_MOST, GREYLISTING


@dataclass(frozen=True, kw_only=True, slots=True)
class Paused:
    """A digest whose sending pauses."""

    digest_id: int
    series: str
    name: str  # of its window
    paused_at: datetime
    reason: str
    owed: int  # deliveries that wait


@dataclass(frozen=True, kw_only=True, slots=True)
class Tries:
    """Of a digest's deliveries, how many were handed over since it was resumed, and how many of these not taken."""

    tried: int
    refused: int
    since: datetime | None  # None: it never paused


def count_tries(conn: Connection, digest_id: int) -> Tries:
    """Counted as the tables have it."""
    since = conn.execute(select(digests.c.resumed_at).where(digests.c.id == digest_id)).scalar_one()
    tried_at, error = deliveries.c.tried_at, deliveries.c.error
    is_greylisted = or_(*(error.icontains(word) for word in GREYLISTING))
    is_patient = and_(is_greylisted, deliveries.c.attempts <= GREYLISTED_AT_MOST)
    is_refused = and_(deliveries.c.state != "sent", error != "", ~is_patient)
    query = select(func.count(), func.coalesce(func.sum(case((is_refused, 1), else_=0)), 0)).where(
        deliveries.c.digest_id == digest_id, tried_at.is_not(None) if since is None else tried_at >= since
    )
    tried, refused = conn.execute(query).one()
    return Tries(tried=tried, refused=refused, since=since)


def pause(conn: Connection, digest_id: int, reason: str, now: datetime) -> None:
    """Nothing more of it is claimed."""
    conn.execute(digests.update().where(digests.c.id == digest_id).values(paused_at=now, pause_reason=reason))


def resume(conn: Connection, digest_id: int, now: datetime) -> None:
    """It goes on, and its refusals are counted from now; one that does not pause stays as it is.

    It is owed again to everybody who was refused it, but for those whose mailbox is gone: they lack it for a reason
    that was not theirs, and that somebody has seen to.
    """
    paused = digests.update().where(digests.c.id == digest_id, digests.c.paused_at.is_not(None))
    if conn.execute(paused.values(paused_at=None, pause_reason="", resumed_at=now)).rowcount:
        again = {"state": "owed", "attempts": 0, "next_attempt_at": now, "finished_at": None, "error": "", "bounce": ""}
        conn.execute(deliveries.update().where(_is_to_try_again(digest_id)).values(again))


def foresee_resumed(conn: Connection, digest_id: int) -> list[str]:
    """The addresses that it would be owed to again; none where it does not pause. Nothing is written."""
    is_paused = exists().where(digests.c.id == digest_id, digests.c.paused_at.is_not(None))
    query = select(deliveries.c.address).where(_is_to_try_again(digest_id), is_paused).order_by(deliveries.c.id)
    return list(conn.execute(query).scalars())


def _is_to_try_again(digest_id: int) -> ColumnElement[bool]:
    is_refused = and_(deliveries.c.state == "refused", deliveries.c.error != "")
    is_theirs = or_(deliveries.c.kind.not_in(FOR_READERS), deliveries.c.bounce == str(Severity.HARD))
    return and_(deliveries.c.digest_id == digest_id, is_refused, ~is_theirs)


def find_paused(conn: Connection) -> list[Paused]:
    """Every digest that pauses, the earliest first."""
    is_owed = and_(deliveries.c.digest_id == digests.c.id, deliveries.c.state.in_(["owed", "claimed"]))
    query = (
        select(digests, series.c.name.label("series"), func.count(deliveries.c.id).label("owed"))
        .join_from(digests, series)
        .outerjoin(deliveries, is_owed)
        .where(digests.c.paused_at.is_not(None))
        .group_by(digests.c.id, series.c.name)
        .order_by(digests.c.starts_at, digests.c.id)
    )
    return [
        Paused(
            digest_id=row["id"],
            series=row["series"],
            name=row["name"],
            paused_at=row["paused_at"],
            reason=row["pause_reason"],
            owed=row["owed"],
        )
        for row in conn.execute(query).mappings()
    ]
