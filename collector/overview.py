"""What `status` says: gathered from storage, decided without it, shown by the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from collector.config import Approval, SeriesSettings, Settings
from collector.digest import CALENDARS, due_at, window_of
from collector.digest.unread import tell_unread
from collector.model import (
    DigestState,
    Gap,
    HostState,
    Unread,
    Watch,
    WatchGap,
    Window,
    gap_of,
)
from collector.needs.finding import find_needs, find_waiting
from collector.needs.gathering import take_stock
from collector.needs.standing import HostUse
from collector.sources.budgets import ALL, PAGING
from collector.storage import schema
from collector.storage.database import Database
from collector.storage.digests import count_dated
from collector.storage.gaps import find_gaps
from collector.storage.numbers import Numbers, count_all
from collector.storage.recipients import Readers, measure_readers
from collector.storage.room import find_trouble
from collector.storage.series import StoredWindow, find_series, windows_of

_LATELY = timedelta(days=7)  # gaps that ended longer ago are told as JSON only
_MOST_GAPS = 100  # of a watch


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """What polling says of watches."""

    interval_of: Callable[[Watch], timedelta]  # how often a watch is asked now
    unseen: Callable[[Watch, Sequence[Gap], HostState | None], Gap | None]  # what goes on and is not among its gaps


@dataclass(frozen=True, kw_only=True, slots=True)
class NextDigest:
    """What a series sends next: the earliest window that is not closed."""

    name: str
    week: str  # the name of its window, whatever the cadence
    due_at: datetime
    addresses: int  # that it goes to
    unconfirmed: int  # that asked for it, and have not followed the link yet
    bounced: int  # from which mails come back
    posts: int  # dated in it so far
    waits_for: str | None = None  # the curator whose word it needs, and has not had yet


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """The collection at a glance."""

    database: str
    schema: str | None
    numbers: Numbers
    watches: tuple[Watch, ...]
    gaps: Mapping[int, tuple[Gap, ...]]  # by watch, oldest first
    unread: tuple[Unread, ...]  # the gaps of the last days, put together
    hosts: tuple[HostUse, ...]  # those left alone now, and those that were asked lately
    series: tuple[NextDigest, ...]
    tried_again: tuple[str, ...]  # what fails now, and is tried again by itself
    needs_a_person: tuple[str, ...]


def look_over(database: Database, settings: Settings, now: datetime, habits: Habits) -> Overview:
    """Everything at this moment."""
    with database.read() as conn:
        standing = take_stock(conn, settings, now)
        watches = tuple(
            replace(watch, state=replace(watch.state, interval=habits.interval_of(watch))) for watch in standing.watches
        )
        known = find_gaps(conn, watch_ids=[watch.id for watch in watches])
        series = []
        for configured in settings.digests:
            stored = find_series(conn, configured.name)
            windows = windows_of(conn, stored.id) if stored else []
            window = next_window(configured, windows, now)
            posts = count_dated(conn, configured.topics, window, stored.id if stored else None)
            approved = {one.window.name for one in windows if one.approved_at is not None}
            readers = measure_readers(conn, configured.name, configured.to)
            series.append(_next_digest(configured, window, posts, readers, is_approved=window.name in approved))
        numbers = count_all(conn)
    unwritable = find_trouble(database)
    gaps = with_unseen(known, watches, standing.hosts, habits)
    return Overview(
        database=database.shown,
        schema=schema.current(database),
        numbers=numbers,
        watches=watches,
        gaps=_by_watch(gaps),
        unread=tell_unread(gap for gap in gaps if (gap.gap.ends_at or now) > now - _LATELY),
        hosts=tuple(standing.uses.values()),
        series=tuple(series),
        tried_again=(*([unwritable] if unwritable else []), *find_waiting(standing.facts, now)),
        needs_a_person=tuple(dict.fromkeys(need.message for need in find_needs(standing.facts, now))),
    )


def with_unseen(
    known: Sequence[WatchGap], watches: Sequence[Watch], hosts: Mapping[str, HostState], habits: Habits
) -> list[WatchGap]:
    """The gaps with those that go on and nobody could write down, since the collector is not running."""
    gaps = list(known)
    for watch in watches:
        own = [gap.gap for gap in known if gap.watch_id == watch.id]
        unseen = habits.unseen(watch, own, hosts.get(watch.key.address))
        if unseen is not None:
            gaps.append(gap_of(watch, unseen))
    return sorted(gaps, key=lambda gap: gap.gap.starts_at)


def _by_watch(gaps: Sequence[WatchGap]) -> dict[int, tuple[Gap, ...]]:
    ids = {gap.watch_id for gap in gaps}
    return {watch_id: tuple(gap.gap for gap in gaps if gap.watch_id == watch_id)[-_MOST_GAPS:] for watch_id in ids}


def next_window(series: SeriesSettings, windows: Sequence[StoredWindow], now: datetime) -> Window:
    """The earliest window that is still open, or, where none is, the running one."""
    still_open = [stored.window for stored in windows if stored.state is DigestState.OPEN]
    running = window_of(now, ZoneInfo(series.timezone), CALENDARS[series.cadence])
    return still_open[0] if still_open else running


def _next_digest(
    series: SeriesSettings, window: Window, posts: int, readers: Readers, *, is_approved: bool
) -> NextDigest:
    return NextDigest(
        name=series.name,
        week=window.name,
        due_at=due_at(window, series.send_on, ZoneInfo(window.timezone)),
        addresses=readers.recipients,
        unconfirmed=readers.unconfirmed,
        bounced=readers.bounced,
        posts=posts,
        waits_for=series.curator if series.approval is Approval.REQUIRED and not is_approved else None,
    )


def describe_json(overview: Overview) -> dict[str, Any]:
    """The overview as `status --json` prints it."""
    return {
        "database": overview.database,
        "schema": overview.schema,
        **asdict(overview.numbers),
        "watches": [_watch_json(watch, overview.gaps.get(watch.id, ())) for watch in overview.watches],
        "hosts": [_host_json(host) for host in overview.hosts],
        "series": [asdict(series) for series in overview.series],
        "tried_again": list(overview.tried_again),
        "needs_a_person": list(overview.needs_a_person),
    }


def _host_json(host: HostUse) -> dict[str, Any]:
    return {
        **asdict(host.state),
        "requests": host.requests,
        "requests_allowed": ALL.requests,
        "paging": host.paging,
        "paging_allowed": PAGING.requests,
        "use": host.words,
        "waits_until": host.waits_until,
    }


def _gap_json(gap: Gap) -> dict[str, Any]:
    return {name: getattr(gap, name) for name in ("starts_at", "ends_at", "caught_up_at", "reason", "message")}


def _watch_json(watch: Watch, gaps: Sequence[Gap]) -> dict[str, Any]:
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
        "interval_seconds": round(state.interval.total_seconds()) if state.interval else None,
        "failures": state.failures,
        "failing_since": state.failing_since,
        "walk_goes_on": state.walk is not None,
        "backfill_goes_on": state.backfill is not None,
        "gaps": [_gap_json(gap) for gap in gaps],
    }
