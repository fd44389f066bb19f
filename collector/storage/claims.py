"""Claims on what is handed over once, a delivery or a letter: made and committed before, by one of several programs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select

LEASE = timedelta(minutes=15)  # longer than anybody works on what was claimed together
LONGEST_WAIT = timedelta(hours=3)  # between two tries


def is_due(table: Table, now: datetime) -> ColumnElement[bool]:
    """Owed, and due. What lies further ahead than anybody waits was written under a clock that was wrong."""
    due_at = table.c.next_attempt_at
    return and_(table.c.state == "owed", or_(due_at <= now, due_at > now + LONGEST_WAIT))


def is_orphaned(table: Table, dead: Collection[str], now: datetime) -> ColumnElement[bool]:
    """Claimed by somebody who is known to be gone, or for longer than any claim holds."""
    at = table.c.claimed_at
    is_over = or_(table.c.claimed_by.in_(list(dead)), at <= now - LEASE, at > now + LEASE)
    return and_(table.c.state == "claimed", is_over)


def find_claimers(conn: Connection, table: Table) -> set[str]:
    """Everybody who holds a claim."""
    query = select(table.c.claimed_by).where(table.c.state == "claimed").distinct()
    return {owner for owner in conn.execute(query).scalars() if owner}
