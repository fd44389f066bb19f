"""Everybody who gets a series: its subscribers, and the fixed addresses of the configuration, who are subscribers too.

A fixed address has a row like everybody else's, so that it has a key for its links, can leave with one of them, and is
left in peace from then on. Its subscription counts as long as the address stands in the configuration.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from collector.model import Origin
from collector.storage.bulk import Insertion, add_rows
from collector.storage.matching import is_one_of
from collector.storage.refusals import find_refused
from collector.storage.tables import subscribers, subscriptions
from collector.text.mailaddresses import folded_address

_MEET = Insertion(subscribers, ("key", "address", "folded", "created_at"), keeps=True)
_SUBSCRIBE = Insertion(
    subscriptions, ("subscriber_id", "series", "state", "origin", "asked_at", "confirmed_at"), keeps=True
)


def gather_recipients(conn: Connection, series: str, fixed: Sequence[str], now: datetime) -> list[str]:
    """The addresses that get the series now; fixed ones that are new become subscribers. Takes a write."""
    _introduce(conn, series, fixed, now)
    return _addresses(conn, series, fixed)


def _addresses(conn: Connection, series: str, fixed: Sequence[str]) -> list[str]:
    query = select(subscribers.c.address).join_from(subscriptions, subscribers)
    query = query.where(subscriptions.c.series == series, _gets_it(fixed)).order_by(subscribers.c.id)
    return list(conn.execute(query).scalars())


def welcome(
    conn: Connection, series: str, addresses: Collection[str], fixed: Collection[str], now: datetime
) -> dict[str, str]:
    """Of these addresses those that still get the series, each with its key. Takes a write.

    What was owed to a fixed address before there were subscribers finds none: so those are introduced here, too.
    """
    folded = {folded_address(address): address for address in addresses}
    _introduce(conn, series, [address for address in fixed if folded_address(address) in folded], now)
    query = select(subscribers.c.folded, subscribers.c.key).join_from(subscriptions, subscribers)
    query = query.where(subscriptions.c.series == series, is_one_of(subscribers.c.folded, folded), _gets_it(fixed))
    keys = {row.folded: row.key for row in conn.execute(query)}
    return {address: keys[key] for address in addresses if (key := folded_address(address)) in keys}


@dataclass(frozen=True, kw_only=True, slots=True)
class Readers:
    """Who a series has, in numbers."""

    recipients: int
    unconfirmed: int  # they asked, and have not followed the link yet
    bounced: int  # they would get it, if mails did not come back from there


def measure_readers(conn: Connection, series: str, fixed: Sequence[str]) -> Readers:
    """How it stands now; nothing is written."""
    fresh, _ = _sort_out(conn, series, fixed)
    return Readers(
        recipients=_count(conn, series, _gets_it(fixed)) + len(fresh),
        unconfirmed=_count(conn, series, subscriptions.c.state == "asked"),
        bounced=_count(conn, series, _would_get_it(fixed), subscribers.c.bounced_at.is_not(None)),
    )


def find_left(conn: Connection, series: str, fixed: Sequence[str]) -> list[str]:
    """The fixed addresses that unsubscribed: the configuration names them in vain."""
    _, left = _sort_out(conn, series, fixed)
    return left


def _count(conn: Connection, series: str, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(subscriptions.join(subscribers))
    return conn.execute(query.where(subscriptions.c.series == series, *conditions)).scalar_one()


def foresee_recipients(conn: Connection, series: str, fixed: Sequence[str]) -> list[str]:
    """The addresses that `gather_recipients` would give, in its order; nothing is written."""
    fresh, _ = _sort_out(conn, series, fixed)
    return [*_addresses(conn, series, fixed), *fresh]


def _sort_out(conn: Connection, series: str, fixed: Sequence[str]) -> tuple[list[str], list[str]]:
    """Of fixed addresses those that would be introduced, and those that left."""
    wanted = {folded_address(address): address for address in fixed}
    states = {row.folded: row.state for row in conn.execute(_standing(series, wanted))}
    unconfirmed = [key for key in wanted if states.get(key) in {None, "asked"}]
    left = find_refused(conn, unconfirmed, series) if unconfirmed else set()
    left |= {key for key in wanted if states.get(key) == "ended"}
    fresh = [wanted[key] for key in unconfirmed if key not in left]
    return fresh, [wanted[key] for key in wanted if key in left]


def has_left(conn: Connection, series: str, address: str) -> bool:
    """True for somebody who unsubscribed from the series, or from all, and did not come back."""
    _, left = _sort_out(conn, series, [address])
    return bool(left)


def key_of(conn: Connection, series: str, address: str) -> str | None:
    """What links of somebody who gets the series name them by; None: they do not, or nothing went there yet."""
    query = select(subscribers.c.key).join_from(subscriptions, subscribers)
    is_theirs = and_(subscriptions.c.series == series, subscribers.c.folded == folded_address(address))
    return conn.execute(query.where(is_theirs, _gets_it([address]))).scalar()


def _gets_it(fixed: Collection[str]) -> ColumnElement[bool]:
    """What is true of a subscription and its subscriber where mails go there."""
    return and_(_would_get_it(fixed), subscribers.c.bounced_at.is_(None))


def _would_get_it(fixed: Collection[str]) -> ColumnElement[bool]:
    configured = is_one_of(subscribers.c.folded, [folded_address(address) for address in fixed])
    return and_(
        subscriptions.c.state == "confirmed",
        or_(subscriptions.c.origin != Origin.CONFIGURATION, configured),
    )


def _introduce(conn: Connection, series: str, fixed: Sequence[str], now: datetime) -> None:
    """Makes subscribers of fixed addresses, without those that left once; who only asked is taken at their word.

    Anybody can ask in the name of somebody who left: that alone brings nobody back.
    """
    wanted = {folded_address(address): address for address in fixed}
    known = {row.folded: row for row in conn.execute(_standing(series, wanted))}
    strangers = [key for key in wanted if key not in known or known[key].state is None]
    asked = [key for key, row in known.items() if row.state == "asked"]
    refused = find_refused(conn, [*strangers, *asked], series) if strangers or asked else set()
    if fresh := [key for key in strangers if key not in refused]:
        rows = [(new_key(), wanted[key], key, now) for key in fresh if key not in known]
        add_rows(conn, _MEET, rows)
        add_rows(conn, _SUBSCRIBE, list(_subscriptions(conn, series, fresh, now)))
    if willing := [known[key].id for key in asked if key not in refused]:
        theirs = and_(is_one_of(subscriptions.c.subscriber_id, willing), subscriptions.c.series == series)
        values = {"state": "confirmed", "origin": Origin.CONFIGURATION, "confirmed_at": now}
        conn.execute(subscriptions.update().where(theirs).values(values))


def _standing(series: str, folded: Collection[str]) -> Any:
    mine = and_(subscriptions.c.subscriber_id == subscribers.c.id, subscriptions.c.series == series)
    query = select(subscribers.c.id, subscribers.c.folded, subscriptions.c.state)
    return query.outerjoin_from(subscribers, subscriptions, mine).where(is_one_of(subscribers.c.folded, folded))


def _subscriptions(
    conn: Connection, series: str, folded: Collection[str], now: datetime
) -> Iterator[tuple[int, str, str, str, datetime, datetime]]:
    for subscriber_id in conn.execute(
        select(subscribers.c.id).where(is_one_of(subscribers.c.folded, folded))
    ).scalars():
        yield subscriber_id, series, "confirmed", str(Origin.CONFIGURATION), now, now


def new_key() -> str:
    """What links of a new subscriber name them by: nobody guesses it, and it says nothing."""
    return secrets.token_urlsafe(16)
