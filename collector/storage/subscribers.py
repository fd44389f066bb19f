"""Readers as rows: found by address or key, added, changed, counted, erased."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, or_, select

from collector.model import Consent, Origin, Standing, Subscriber, Subscription
from collector.storage.bulk import Insertion, Row, add_rows
from collector.storage.matching import is_one_of
from collector.storage.tables import letters, subscribers, subscriptions

_ADD = Insertion(subscribers, ("key", "address", "folded", "created_at"), keeps=True)
_CHANGING = (
    *("state", "origin", "consent_source", "consent_at", "asked_at"),
    *("confirmed_at", "ended_at", "ended_why"),
)
_PUT = Insertion(subscriptions, ("subscriber_id", "series", *_CHANGING), refreshed=_CHANGING)
_AT_ONCE = 1_000


def find_subscriber(conn: Connection, folded: str) -> Subscriber | None:
    """Whom an address belongs to, given in small letters."""
    return next(iter(_read(conn, subscribers.c.folded == folded)), None)


def find_by_key(conn: Connection, key: str) -> Subscriber | None:
    """Whom a link names; None: they are erased."""
    return next(iter(_read(conn, subscribers.c.key == key)), None)


def find_by_id(conn: Connection, subscriber_id: int) -> Subscriber | None:
    """The subscriber of that number."""
    return next(iter(_read(conn, subscribers.c.id == subscriber_id)), None)


def find_subscribers(conn: Connection, folded: Collection[str]) -> dict[str, Subscriber]:
    """Those of these addresses, in small letters, that are known."""
    return {found.folded: found for found in _read(conn, is_one_of(subscribers.c.folded, folded))}


def all_subscribers(conn: Connection, series: str | None = None) -> Iterator[Subscriber]:
    """Everybody, or everybody with a subscription of a series, in the order in which they came."""
    last = 0
    mine = and_(subscriptions.c.subscriber_id == subscribers.c.id, subscriptions.c.series == series)
    while True:
        chosen = subscribers.c.id > last
        found = _read(conn, and_(chosen, exists().where(mine)) if series else chosen, _AT_ONCE)
        if not found:
            return
        yield from found
        last = found[-1].id


def add_subscriber(conn: Connection, key: str, address: str, folded: str, now: datetime) -> Subscriber:
    """Somebody new."""
    values = {"key": key, "address": address, "folded": folded, "created_at": now}
    made = conn.execute(subscribers.insert().values(values).returning(subscribers.c.id)).scalar_one()
    return Subscriber(id=made, key=key, address=address, folded=folded, created_at=now)


def add_subscribers(conn: Connection, people: Sequence[tuple[str, str, str]], now: datetime) -> None:
    """New people as (key, address, the address in small letters)."""
    add_rows(conn, _ADD, [(*person, now) for person in people])


def put_subscriptions(conn: Connection, changed: Sequence[tuple[int, Subscription]]) -> None:
    """Subscriptions by the subscriber's id, new or in place of what stood there."""
    add_rows(conn, _PUT, [_subscription_row(subscriber_id, one) for subscriber_id, one in changed])


def touch(conn: Connection, subscriber_id: int) -> None:
    """Changes nothing, as a write: whoever asks from outside is not to tell by the time what was found."""
    conn.execute(subscribers.update().where(subscribers.c.id == subscriber_id).values(key=subscribers.c.key))


def clear_bounces(conn: Connection, subscriber_id: int) -> None:
    """Mails arrive there again."""
    fresh = {"soft_bounces": 0, "last_bounce_at": None, "bounced_at": None, "bounce_reason": ""}
    conn.execute(subscribers.update().where(subscribers.c.id == subscriber_id).values(fresh))


def drop_subscribers(conn: Connection, ids: Collection[int]) -> None:
    """Erases people with their subscriptions and letters."""
    conn.execute(subscribers.delete().where(is_one_of(subscribers.c.id, ids)))


def drop_unconfirmed(conn: Connection, before: datetime) -> int:
    """Erases what was asked for before then and never confirmed, unless a letter about it went out since."""
    written_since = exists().where(
        letters.c.subscriber_id == subscriptions.c.subscriber_id, letters.c.created_at >= before
    )
    old = and_(subscriptions.c.state == "asked", subscriptions.c.asked_at < before, ~written_since)
    return conn.execute(subscriptions.delete().where(old)).rowcount


def find_finished(conn: Connection, *, unconfirmed: datetime, left: datetime, most: int = _AT_ONCE) -> list[Subscriber]:
    """People who have had no subscription since before `unconfirmed`, and those who left everything before `left`."""
    theirs = subscriptions.c.subscriber_id == subscribers.c.id
    has_any = exists().where(theirs)
    is_kept = exists().where(theirs, or_(subscriptions.c.state != "ended", subscriptions.c.ended_at >= left))
    return _read(conn, or_(and_(~has_any, subscribers.c.created_at < unconfirmed), and_(has_any, ~is_kept)), most)


def _read(conn: Connection, chosen: ColumnElement[bool], most: int | None = None) -> list[Subscriber]:
    query = select(subscribers).where(chosen).order_by(subscribers.c.id).limit(most)
    rows = conn.execute(query).mappings().all()
    theirs: dict[int, list[Subscription]] = {row["id"]: [] for row in rows}
    query = (
        select(subscriptions).where(is_one_of(subscriptions.c.subscriber_id, theirs)).order_by(subscriptions.c.series)
    )
    for row in conn.execute(query).mappings():
        theirs[row["subscriber_id"]].append(_read_subscription(row))
    return [Subscriber(**row, subscriptions=tuple(theirs[row["id"]])) for row in rows]


def _read_subscription(row: RowMapping) -> Subscription:
    consent_at = row["consent_at"]
    return Subscription(
        series=row["series"],
        state=Standing(row["state"]),
        origin=Origin(row["origin"]),
        consent=Consent(source=row["consent_source"], given_at=consent_at) if consent_at else None,
        asked_at=row["asked_at"],
        confirmed_at=row["confirmed_at"],
        ended_at=row["ended_at"],
        ended_why=row["ended_why"],
    )


def _subscription_row(subscriber_id: int, one: Subscription) -> Row:
    consent = (one.consent.source, one.consent.given_at) if one.consent else ("", None)
    moments = (one.asked_at, one.confirmed_at, one.ended_at)
    return subscriber_id, one.series, str(one.state), str(one.origin), *consent, *moments, one.ended_why
