"""Everything that the tables hold about a reader, row by row and with nothing left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from collector.storage.disclosing import read_deliveries, read_grouped
from collector.storage.matching import is_one_of
from collector.storage.tables import letters, subscribers, subscriptions

Row = dict[str, Any]

_AT_ONCE = 1_000
_PEOPLE = select(subscribers).order_by(subscribers.c.id)
_LETTER = (letters.c.kind, letters.c.state, letters.c.created_at, letters.c.finished_at, letters.c.error)


def read_reader(conn: Connection, folded: str) -> Row | None:
    """Somebody by their address in small letters, with what they asked for and what they were sent; None: nobody."""
    return next(_whole(conn, _rows(conn, _PEOPLE.where(subscribers.c.folded == folded))), None)


def all_readers(conn: Connection) -> Iterator[Row]:
    """Everybody, each with all of it."""
    last = 0
    while people := _rows(conn, _PEOPLE.where(subscribers.c.id > last).limit(_AT_ONCE)):
        yield from _whole(conn, people)
        last = people[-1]["id"]


def _whole(conn: Connection, people: Sequence[Row]) -> Iterator[Row]:
    ids = [person["id"] for person in people]
    asked = select(subscriptions).where(is_one_of(subscriptions.c.subscriber_id, ids)).order_by(subscriptions.c.series)
    written = select(letters.c.subscriber_id, *_LETTER).where(is_one_of(letters.c.subscriber_id, ids))
    theirs = read_grouped(conn, asked, "subscriber_id")
    told = read_grouped(conn, written.order_by(letters.c.id), "subscriber_id")
    sent: dict[str, list[Row]] = defaultdict(list)
    for row in read_deliveries(
        conn, {address for person in people for address in (person["address"], person["folded"])}
    ):
        sent[row["address"]].append(row)
    for person in people:
        addresses = dict.fromkeys((person["address"], person["folded"]))
        yield person | {
            "subscriptions": theirs[person["id"]],
            "letters": told[person["id"]],
            "deliveries": [one for address in addresses for one in sent[address]],
        }


def _rows(conn: Connection, query: Select[Any]) -> list[Row]:
    return [dict(row) for row in conn.execute(query).mappings()]
