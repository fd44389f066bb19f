"""What `status` says: gathered from storage, decided without it, shown by the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from collector.config import SeriesSettings, Settings
from collector.digest.timing import due_at
from collector.digest.windows import window_of
from collector.model import DigestState, HostState, WantedWatch, Watch, WatchState, Window
from collector.storage import schema
from collector.storage.database import Database
from collector.storage.digests import count_dated
from collector.storage.numbers import Numbers, Trouble, count_all, delivery_troubles
from collector.storage.series import StoredWindow, find_series, windows_of
from collector.storage.upkeep import find_trouble
from collector.storage.watches import all_watches, host_states

_MANY_TRIES = 3  # within the first twenty minutes
_NAMED = 3  # addresses that a line names
_LONG = timedelta(hours=24)  # after so long a failing source needs a person


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
        states = host_states(conn)
        hosts = {address: state for address, state in states.items() if state.is_held(now)}
        watches = wanted_watches(all_watches(conn), settings.wanted_watches(), hosts)
        series = []
        for configured in settings.digests:
            stored = find_series(conn, configured.name)
            windows = windows_of(conn, stored.id) if stored else []
            window = next_window(configured, windows, now)
            series.append(_next_digest(configured, window, count_dated(conn, configured.topics, window)))
        numbers, troubles = count_all(conn), delivery_troubles(conn)
    unwritable = find_trouble(database)
    return Overview(
        database=database.shown,
        schema=schema.current(database),
        numbers=numbers,
        watches=watches,
        hosts=tuple(hosts.values()),
        series=tuple(series),
        tried_again=(*([unwritable] if unwritable else []), *find_waiting(watches, troubles, now)),
        needs_a_person=tuple(find_needs(watches, troubles, now)),
    )


def wanted_watches(
    stored: Sequence[Watch], wanted: Sequence[WantedWatch], hosts: Mapping[str, HostState]
) -> tuple[Watch, ...]:
    """The watches as the configuration has them now, also those that were never asked, and when each is next."""
    by_key = {watch.key: watch for watch in stored}
    watches = []
    for want in wanted:
        watch = by_key.get(want.key, Watch(id=0, key=want.key, name=want.name, state=WatchState()))
        host, following = hosts.get(want.key.address), watch.state.next_poll_at
        if following and host and host.blocked_until:
            following = max(following, host.blocked_until)
        watches.append(replace(watch, name=want.name, state=replace(watch.state, next_poll_at=following)))
    return tuple(watches)


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


def find_needs(watches: Sequence[Watch], troubles: Sequence[Trouble], now: datetime) -> list[str]:
    """What will not mend itself, one line each."""
    needs = [f"{watch.name}: {watch.state.message}" for watch in watches if needs_a_person(watch, now)]
    needs += [_describe(trouble) for trouble in troubles if is_for_a_person(trouble)]
    return list(dict.fromkeys(needs))


def find_waiting(watches: Sequence[Watch], troubles: Sequence[Trouble], now: datetime) -> list[str]:
    """What fails now and is tried again by itself, one line each."""
    waiting = [
        f"{watch.name}: {watch.state.message}"
        for watch in watches
        if watch.state.failing_since and not needs_a_person(watch, now)
    ]
    waiting += [_describe(trouble) for trouble in troubles if not is_for_a_person(trouble)]
    return list(dict.fromkeys(waiting))


def is_for_a_person(trouble: Trouble) -> bool:
    """True for what was refused for good, and for what several tries did not mend, such as a wrong log-in."""
    return trouble.state == "refused" or trouble.tries >= _MANY_TRIES


def _describe(trouble: Trouble) -> str:
    fate = "was refused for good for" if trouble.state == "refused" else "is not delivered yet to"
    return f"{trouble.series}/{trouble.week} {fate} {_name_some(trouble.addresses)}: {trouble.error}"


def _name_some(addresses: Sequence[str]) -> str:
    more = len(addresses) - _NAMED
    return ", ".join(addresses[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def needs_a_person(watch: Watch, now: datetime) -> bool:
    """True where a watch fails in a way that waiting does not mend, or fails for long."""
    state = watch.state
    if state.condition is None or state.failing_since is None:
        return False
    return state.condition.needs_a_person or now - state.failing_since >= _LONG


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
