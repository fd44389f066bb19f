"""What was sent to whom, for what comes back; and what is written down of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from collector.model import Returned, Sent, Severity
from collector.storage.deliveries import FOR_READERS
from collector.storage.matching import is_one_of
from collector.storage.tables import deliveries, digests, letters, series, subscribers, subscriptions
from collector.text.mailaddresses import folded_address

_MOST = 200  # digests to one address that are looked back over


@dataclass(frozen=True, kw_only=True, slots=True)
class Bouncing:
    """A subscriber, as far as it matters for what came back."""

    id: int
    address: str
    soft_bounces: int  # digests in a row that were counted
    confirmed_at: datetime | None  # when they last showed that mails reach them
    bounced_at: datetime | None
    bounce_reason: str


def find_sent(conn: Connection, message_ids: Collection[str], since: datetime) -> list[Sent]:
    """The mails with these ids that went out since then, digests and letters, the latest first."""
    at = func.coalesce(deliveries.c.finished_at, deliveries.c.created_at)
    query = (
        select(deliveries.c.id, deliveries.c.address, series.c.name, at.label("sent_at"))
        .join_from(deliveries, digests)
        .join(series, series.c.id == digests.c.series_id)
        .where(is_one_of(deliveries.c.message_id, message_ids), at >= since, deliveries.c.kind.in_(FOR_READERS))
    )
    found = [
        Sent(delivery_id=row.id, address=row.address, series=row.name, sent_at=row.sent_at)
        for row in conn.execute(query)
    ]
    at = func.coalesce(letters.c.finished_at, letters.c.created_at)
    query = (
        select(subscribers.c.address, at.label("sent_at"))
        .join_from(letters, subscribers)
        .where(is_one_of(letters.c.message_id, message_ids), at >= since)
    )
    found += [
        Sent(delivery_id=None, address=row.address, series="", sent_at=row.sent_at) for row in conn.execute(query)
    ]
    return sorted(found, key=lambda sent: sent.sent_at, reverse=True)


def find_last_sent(conn: Connection, folded: str, since: datetime, until: datetime) -> Sent | None:
    """The last digest that went to an address, given in small letters, between two moments."""
    query = (
        select(deliveries.c.id, deliveries.c.address, series.c.name, deliveries.c.finished_at)
        .join_from(deliveries, digests)
        .join(series, series.c.id == digests.c.series_id)
        .join(subscribers, subscribers.c.address == deliveries.c.address)
        .where(
            subscribers.c.folded == folded,
            deliveries.c.state == "sent",
            deliveries.c.kind.in_(FOR_READERS),
            deliveries.c.finished_at >= since,
            deliveries.c.finished_at <= until,
        )
        .order_by(deliveries.c.finished_at.desc(), deliveries.c.id.desc())
        .limit(1)
    )
    row = conn.execute(query).one_or_none()
    return row and Sent(delivery_id=row.id, address=row.address, series=row.name, sent_at=row.finished_at)


def find_delivery(conn: Connection, delivery_id: int) -> Sent:
    """A delivery, as something that may come back."""
    at = func.coalesce(deliveries.c.finished_at, deliveries.c.created_at)
    query = (
        select(deliveries.c.address, series.c.name, at.label("sent_at"))
        .join_from(deliveries, digests)
        .join(series, series.c.id == digests.c.series_id)
        .where(deliveries.c.id == delivery_id)
    )
    row = conn.execute(query).one()
    return Sent(delivery_id=delivery_id, address=row.address, series=row.name, sent_at=row.sent_at)


def find_bouncing(conn: Connection, address: str) -> Bouncing | None:
    """Whose address it is; None: they are erased, or never had a row."""
    return next(iter(_read(conn, [folded_address(address)])), None)


def find_bounced(conn: Connection, addresses: Sequence[str]) -> list[Bouncing]:
    """Those of these addresses to which nothing is sent any more, since it came back."""
    return [one for one in _read(conn, [folded_address(one) for one in addresses]) if one.bounced_at]


def past_of(conn: Connection, address: str, since: datetime | None) -> list[Returned]:
    """The digests that went to an address since then, the latest first, and which of them came back."""
    at = func.coalesce(deliveries.c.finished_at, deliveries.c.created_at)
    query = (
        select(deliveries.c.id, at.label("sent_at"), deliveries.c.bounce)
        .where(
            deliveries.c.address == address,
            deliveries.c.kind.in_(FOR_READERS),
            (deliveries.c.state == "sent") | (deliveries.c.bounce != ""),
        )
        .order_by(at.desc(), deliveries.c.id.desc())
        .limit(_MOST)
    )
    if since is not None:
        query = query.where(at >= since)
    return [
        Returned(delivery_id=row.id, sent_at=row.sent_at, severity=Severity(row.bounce) if row.bounce else None)
        for row in conn.execute(query)
    ]


def mark_bounced(conn: Connection, delivery_id: int, severity: Severity) -> None:
    """That a digest came back."""
    conn.execute(deliveries.update().where(deliveries.c.id == delivery_id).values(bounce=str(severity)))


def count_bounces(conn: Connection, subscriber_id: int, in_a_row: int, now: datetime) -> None:
    """How many digests in a row came back."""
    _set(conn, subscriber_id, soft_bounces=in_a_row, last_bounce_at=now)


def stop_sending(conn: Connection, subscriber_id: int, reason: str, now: datetime) -> None:
    """Nothing more goes there."""
    _set(conn, subscriber_id, bounced_at=now, last_bounce_at=now, bounce_reason=reason)


def _set(conn: Connection, subscriber_id: int, **values: object) -> None:
    conn.execute(subscribers.update().where(subscribers.c.id == subscriber_id).values(values))


def _read(conn: Connection, folded: Sequence[str]) -> list[Bouncing]:
    shown = (
        select(func.max(subscriptions.c.confirmed_at))
        .where(subscriptions.c.subscriber_id == subscribers.c.id, subscriptions.c.origin != "configuration")
        .scalar_subquery()
    )
    query = select(subscribers, shown.label("confirmed_at")).where(is_one_of(subscribers.c.folded, folded))
    return [
        Bouncing(
            id=row.id,
            address=row.address,
            soft_bounces=row.soft_bounces,
            confirmed_at=row.confirmed_at,
            bounced_at=row.bounced_at,
            bounce_reason=row.bounce_reason,
        )
        for row in conn.execute(query.order_by(subscribers.c.id))
    ]
