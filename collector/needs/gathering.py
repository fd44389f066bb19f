"""Gathers what the decision about needs looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from collector.config import Settings
from collector.model import HostState, Watch
from collector.needs.finding import Facts
from collector.needs.lateness import Awaited, Overdue, find_awaited, find_overdue
from collector.needs.silence import LOOKED_BACK, Silence, find_silence, quiet_after
from collector.needs.standing import HostUse, use_of_hosts, wanted_watches
from collector.storage.bounces import find_bounced
from collector.storage.database import Connection
from collector.storage.deliveries import asked_windows
from collector.storage.hosts import read_spent
from collector.storage.letters import count_letters
from collector.storage.mailboxes import find_mailbox
from collector.storage.numbers import delivery_troubles
from collector.storage.pausing import find_paused
from collector.storage.recipients import find_left
from collector.storage.rhythm import dates_since, has_met_since, newest_since
from collector.storage.series import find_series, windows_of
from collector.storage.watches import all_watches, host_states


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """The watches as they are, and what there is to decide about."""

    watches: tuple[Watch, ...]  # as the configuration has them now
    hosts: Mapping[str, HostState]  # all that is known of hosts, by their addresses
    uses: Mapping[str, HostUse]  # those left alone now, and those that were asked lately
    facts: Facts


def take_stock(conn: Connection, settings: Settings, now: datetime) -> Standing:
    """How everything stands at this moment."""
    hosts = host_states(conn)
    uses = use_of_hosts(hosts, read_spent(conn), now)
    watches = wanted_watches(all_watches(conn), settings.wanted_watches(), uses)
    overdue, awaited = _late(conn, settings, now)
    facts = Facts(
        watches=watches,
        silences=tuple(_silences(conn, settings, watches)),
        overdue=tuple(overdue),
        awaited=tuple(awaited),
        troubles=delivery_troubles(conn),
        bounced=find_bounced(conn, [address for series in settings.digests for address in series.to]),
        mailbox=find_mailbox(conn, settings.bounces.place) if settings.bounces.host else None,
        left={series.name: find_left(conn, series.name, series.to) for series in settings.digests},
        paused=find_paused(conn),
        turned_away_at=_turned_away_at(conn, settings, now),
        patience=settings.warnings.silent_after,
        zone=ZoneInfo(settings.collector.timezone),
    )
    return Standing(watches=watches, hosts=hosts, uses=uses, facts=facts)


def _turned_away_at(conn: Connection, settings: Settings, now: datetime) -> int | None:
    letters = count_letters(conn, now)
    return letters if letters >= settings.mail.letters_per_hour else None


def _silences(conn: Connection, settings: Settings, watches: Sequence[Watch]) -> Iterator[Silence]:
    """Only of a watch that may be silent are all dates read."""
    at_least = settings.warnings.silent_after
    for watch in watches:
        began_at, since = watch.state.began_at, quiet_after(watch, at_least)
        if began_at is None or since is None or has_met_since(conn, watch, since):
            continue
        newest_at = newest_since(conn, watch, began_at)
        if newest_at and (silence := find_silence(watch, dates_since(conn, watch, newest_at - LOOKED_BACK), at_least)):
            yield silence


def _late(conn: Connection, settings: Settings, now: datetime) -> tuple[list[Overdue], list[Awaited]]:
    """The digests that should be out: those that hang, and those that wait for a curator; what is behind is neither."""
    hanging, waiting = [], []
    for series in settings.digests:
        if stored := find_series(conn, series.name):
            windows = windows_of(conn, stored.id)
            awaited = find_awaited(series, windows, asked_windows(conn, stored.id), now)
            waiting += [awaited] if awaited else []
            before = awaited.window.starts_at if awaited else now
            hanging += [late for late in find_overdue(series, windows, now) if late.window.starts_at < before]
    return hanging, waiting
