"""Everything that is measured, from the database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from collector.config import Settings
from collector.digest.timing import due_at
from collector.model import DigestState, Watch
from collector.needs.finding import find_needs
from collector.needs.gathering import take_stock
from collector.storage import schema
from collector.storage.database import Connection, Database
from collector.storage.measures import (
    NetworkCount,
    StateCount,
    count_by_network,
    count_deliveries,
    count_digests,
    count_open_gaps,
    database_size,
)
from collector.storage.recipients import Readers, measure_readers
from collector.storage.series import find_series, windows_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Measures:
    """What the database says at one moment."""

    schema: str
    is_sqlite: bool
    bytes: int
    networks: tuple[NetworkCount, ...]
    watches: tuple[Watch, ...]  # as the configuration has them
    open_gaps: dict[int, int]  # by the watch's id
    series: tuple[str, ...]  # as the configuration has them
    digests: tuple[StateCount, ...]
    next_due: dict[str, datetime]  # by series: when its earliest open digest goes out, or should have gone
    deliveries: tuple[StateCount, ...]
    readers: dict[str, Readers]  # by series
    paused: dict[str, int]  # by series: how many of its digests wait for a person, for want of servers that take them
    needs: int  # how many things need a person


def measure(database: Database, settings: Settings, now: datetime) -> Measures:
    """Everything at this moment; StorageError where the database cannot tell."""
    version = schema.require_any(database)
    with database.read() as conn:
        standing = take_stock(conn, settings, now)
        return Measures(
            schema=version,
            is_sqlite=database.is_sqlite,
            bytes=database_size(conn),
            networks=tuple(count_by_network(conn)),
            watches=standing.watches,
            open_gaps=count_open_gaps(conn),
            series=tuple(series.name for series in settings.digests),
            digests=tuple(count_digests(conn)),
            next_due=_next_due(conn, settings),
            deliveries=tuple(count_deliveries(conn)),
            readers={one.name: measure_readers(conn, one.name, one.to) for one in settings.digests},
            paused=Counter(each.series for each in standing.facts.paused),
            needs=len({need.message for need in find_needs(standing.facts, now)}),
        )


def _next_due(conn: Connection, settings: Settings) -> dict[str, datetime]:
    due: dict[str, datetime] = {}
    for series in settings.digests:
        stored = find_series(conn, series.name)
        windows = (
            [each.window for each in windows_of(conn, stored.id) if each.state is DigestState.OPEN] if stored else []
        )
        if windows:
            due[series.name] = due_at(windows[0], series.send_on, ZoneInfo(windows[0].timezone))
    return due
