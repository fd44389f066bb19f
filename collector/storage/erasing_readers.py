"""Readers taken out of every table; what they were sent stays a number."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Text, cast, literal, select

from collector.model import Subscriber
from collector.storage.matching import is_one_of
from collector.storage.subscribers import drop_subscribers
from collector.storage.tables import deliveries

NAMELESS = "forgotten:"  # and an id: the address of a delivery, or the uri of a post, that must not say whose it was


def erase_readers(conn: Connection, people: Collection[Subscriber]) -> None:
    """Erases people with their subscriptions and letters, and their addresses from what they were sent."""
    addresses = {address for person in people for address in (person.address, person.folded)}
    sent = select(deliveries.c.id).where(is_one_of(deliveries.c.address, addresses))
    make_nameless(conn, set(conn.execute(sent).scalars()))
    drop_subscribers(conn, [person.id for person in people])


def make_nameless(conn: Connection, delivery_ids: Collection[int]) -> None:
    """What was sent stays a number; what is still owed goes to nobody."""
    theirs = is_one_of(deliveries.c.id, delivery_ids)
    conn.execute(deliveries.delete().where(theirs, deliveries.c.state.in_(("owed", "claimed"))))
    nameless = literal(NAMELESS, Text) + cast(deliveries.c.id, Text)
    conn.execute(deliveries.update().where(theirs).values(address=nameless, error=""))
