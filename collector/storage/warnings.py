"""What the operator was, or is to be, warned of: remembered, so that nobody is told twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from collector.storage.matching import is_one_of
from collector.storage.tables import warnings


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredWarning:
    """Something that needed a person when it was last looked at."""

    key: str
    message: str
    began_at: datetime
    claimed_at: datetime | None = None  # when somebody last set out to mail it, or that it is over
    mailed_at: datetime | None = None


def all_warnings(conn: Connection) -> list[StoredWarning]:
    """Every warning, the one that stands longest first."""
    rows = conn.execute(select(warnings).order_by(warnings.c.began_at, warnings.c.key)).mappings()
    return [StoredWarning(**row) for row in rows]


def add_warnings(conn: Connection, begun: Iterable[StoredWarning]) -> None:
    """Remembers what has begun."""
    rows = [{"key": each.key, "message": each.message, "began_at": each.began_at} for each in begun]
    if rows:
        conn.execute(warnings.insert(), rows)


def claim_warnings(conn: Connection, keys: Iterable[str], now: datetime) -> None:
    """Tells other machines that these are being mailed."""
    conn.execute(warnings.update().where(is_one_of(warnings.c.key, list(keys))).values(claimed_at=now))


def mark_mailed(conn: Connection, keys: Iterable[str], now: datetime) -> None:
    """The operator was told of these."""
    conn.execute(warnings.update().where(is_one_of(warnings.c.key, list(keys))).values(mailed_at=now, claimed_at=None))


def forget_warnings(conn: Connection, keys: Iterable[str]) -> None:
    """These are over."""
    conn.execute(warnings.delete().where(is_one_of(warnings.c.key, list(keys))))
