"""What every process that shares the database is to know of hosts: what they were asked lately, and what they said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from collector.model import Spent
from collector.storage.bulk import Insertion, add_rows
from collector.storage.tables import hosts

_KEPT_FOR = timedelta(hours=1)  # longer than any limit on requests looks back

_SAVE = Insertion(hosts, ("address", "spent"), refreshed=("spent",))
_REMEMBER = Insertion(hosts, ("address", "memory"), refreshed=("memory",))


def read_spent(conn: Connection) -> dict[str, Spent]:
    """What was asked of each host."""
    rows = conn.execute(select(hosts.c.address, hosts.c.spent).where(hosts.c.spent.is_not(None)))
    return {
        row.address: Spent({datetime.fromisoformat(minute): (n[0], n[1]) for minute, n in row.spent.items()})
        for row in rows
    }


def add_spent(conn: Connection, more: Mapping[str, Spent], now: datetime) -> dict[str, Spent]:
    """Adds to it, and gives what is stored of these hosts now. What is old, or lies ahead, is dropped."""
    before = read_spent(conn)
    after = {address: (before.get(address, Spent()) + spent).within(_KEPT_FOR, now) for address, spent in more.items()}
    add_rows(conn, _SAVE, [(address, _values(spent)) for address, spent in after.items()])
    return after


def read_memory(conn: Connection, address: str) -> dict[str, Any]:
    """What sources learned of a host, by their kind."""
    return conn.execute(select(hosts.c.memory).where(hosts.c.address == address)).scalar() or {}


def save_memory(conn: Connection, address: str, kind: str, memory: Mapping[str, Any]) -> None:
    """Keeps what a source learned, for other processes."""
    before = read_memory(conn, address)
    if before.get(kind) != memory:
        add_rows(conn, _REMEMBER, [(address, before | {kind: dict(memory)})])


def _values(spent: Spent) -> dict[str, list[int]]:
    return {minute.isoformat(): list(numbers) for minute, numbers in sorted(spent.minutes.items())}
