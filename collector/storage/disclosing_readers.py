"""Everything that the tables hold about a reader, row by row and with nothing left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from collector.storage.disclosing import read_deliveries
from collector.storage.tables import letters, subscribers, subscriptions

Row = dict[str, Any]


def read_reader(conn: Connection, folded: str) -> Row | None:
    """Somebody by their address in small letters, with what they asked for and what they were sent; None: nobody."""
    row = conn.execute(select(subscribers).where(subscribers.c.folded == folded)).mappings().one_or_none()
    return _whole(conn, dict(row)) if row else None


def all_readers(conn: Connection) -> Iterator[Row]:
    """Everybody, each with all of it."""
    for row in conn.execute(select(subscribers).order_by(subscribers.c.id)).mappings().all():
        yield _whole(conn, dict(row))


def _whole(conn: Connection, row: Row) -> Row:
    theirs = [column for column in subscriptions.c if column.name != "subscriber_id"]
    asked = select(*theirs).where(subscriptions.c.subscriber_id == row["id"]).order_by(subscriptions.c.series)
    written = (letters.c.kind, letters.c.state, letters.c.created_at, letters.c.finished_at, letters.c.error)
    sent = select(*written).where(letters.c.subscriber_id == row["id"]).order_by(letters.c.id)
    addresses = dict.fromkeys((row["address"], row["folded"]))
    return row | {
        "subscriptions": [dict(one) for one in conn.execute(asked).mappings()],
        "letters": [dict(one) for one in conn.execute(sent).mappings()],
        "deliveries": [one for address in addresses for one in read_deliveries(conn, address)],
    }
