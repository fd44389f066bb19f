"""People who get a series, straight into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from collector.storage.database import Database
from collector.storage.tables import subscribers, subscriptions
from collector.text.mailaddresses import folded_address


def subscribe(database: Database, addresses: Sequence[str], now: datetime, series: str = "weekly") -> None:
    """Confirmed subscribers, in this order."""
    with database.write() as conn:
        people = [
            {"key": f"key-of-{address}", "address": address, "folded": folded_address(address), "created_at": now}
            for address in addresses
        ]
        conn.execute(subscribers.insert(), people)
        ids = {row.folded: row.id for row in conn.execute(subscribers.select())}
        wanted = {"series": series, "state": "confirmed", "origin": "page", "asked_at": now, "confirmed_at": now}
        theirs = [wanted | {"subscriber_id": ids[person["folded"]]} for person in people]
        conn.execute(subscriptions.insert(), theirs)


def leave(database: Database, address: str, now: datetime) -> None:
    """Ends all that somebody gets."""
    with database.write() as conn:
        theirs = subscribers.select().where(subscribers.c.folded == folded_address(address))
        of = conn.execute(theirs).one().id
        ended = {"state": "ended", "ended_at": now, "ended_why": "one click"}
        conn.execute(subscriptions.update().where(subscriptions.c.subscriber_id == of).values(ended))
