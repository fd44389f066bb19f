"""What `status` says: gathered from storage, decided without it, shown by the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from collector.config import SeriesSettings, Settings
from collector.digest.timing import due_at
from collector.digest.windows import window_of
from collector.model import DigestState, HostState, Watch, Window
from collector.needs.finding import find_needs, find_waiting
from collector.needs.gathering import take_stock
from collector.storage import schema
from collector.storage.database import Database
from collector.storage.digests import count_dated
from collector.storage.numbers import Numbers, count_all
from collector.storage.series import StoredWindow, find_series, windows_of


@dataclass(frozen=True, kw_only=True, slots=True)
class NextDigest:
    """What a series sends next: the earliest window that is not closed."""

    name: str
    week: str
    due_at: datetime
    addresses: int
    posts: int  # dated in it so far


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """The collection at a glance."""

    database: str
    schema: str | None
    numbers: Numbers
    watches: tuple[Watch, ...]
    hosts: tuple[HostState, ...]  # those left alone now
    series: tuple[NextDigest, ...]
    tried_again: tuple[str, ...]  # what fails now, and is tried again by itself
    needs_a_person: tuple[str, ...]


def look_over(database: Database, settings: Settings, now: datetime) -> Overview:
    """Everything at this moment."""
    with database.read() as conn:
        standing = take_stock(conn, settings, now)
        series = []
        for configured in settings.digests:
            stored = find_series(conn, configured.name)
            windows = windows_of(conn, stored.id) if stored else []
            window = next_window(configured, windows, now)
            series.append(_next_digest(configured, window, count_dated(conn, configured.topics, window)))
        numbers = count_all(conn)
    return Overview(
        database=database.shown,
        schema=schema.current(database),
        numbers=numbers,
        watches=standing.watches,
        hosts=standing.hosts,
        series=tuple(series),
        tried_again=tuple(find_waiting(standing.facts, now)),
        needs_a_person=tuple(dict.fromkeys(need.message for need in find_needs(standing.facts, now))),
    )


def next_window(series: SeriesSettings, windows: Sequence[StoredWindow], now: datetime) -> Window:
    """The earliest window that is still open, or, where none is, the running week."""
    still_open = [stored.window for stored in windows if stored.state is DigestState.OPEN]
    return still_open[0] if still_open else window_of(now, ZoneInfo(series.timezone))


def _next_digest(series: SeriesSettings, window: Window, posts: int) -> NextDigest:
    return NextDigest(
        name=series.name,
        week=window.name,
        due_at=due_at(window, series.send_on, ZoneInfo(window.timezone)),
        addresses=len(series.to),
        posts=posts,
    )


def describe_json(overview: Overview) -> dict[str, Any]:
    """The overview as `status --json` prints it."""
    return {
        "database": overview.database,
        "schema": overview.schema,
        **asdict(overview.numbers),
        "watches": [_watch_json(watch) for watch in overview.watches],
        "hosts": [asdict(host) for host in overview.hosts],
        "series": [asdict(series) for series in overview.series],
        "tried_again": list(overview.tried_again),
        "needs_a_person": list(overview.needs_a_person),
    }


def _watch_json(watch: Watch) -> dict[str, Any]:
    state = watch.state
    return {
        "source": watch.name,
        "kind": watch.key.kind,
        "address": watch.key.address,
        "hashtag": watch.key.hashtag,
        "topic": watch.key.topic,
        "thread": watch.key.thread,
        "condition": str(state.condition) if state.condition else None,
        "message": state.message,
        "began_at": state.began_at,
        "last_round_at": state.last_round_at,
        "last_success_at": state.last_success_at,
        "last_complete_at": state.last_complete_at,
        "next_poll_at": state.next_poll_at,
        "failures": state.failures,
        "failing_since": state.failing_since,
        "walk_goes_on": state.walk is not None,
        "backfill_goes_on": state.backfill is not None,
    }
