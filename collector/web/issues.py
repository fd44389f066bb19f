"""What the pages know of digests: which of them may be seen, and one with all that it shows. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.config import Approval, SeriesSettings, Settings
from collector.mailing.issuing import Desk, look_up, show_window
from collector.mailing.trends import count_posts
from collector.model import Digest, DigestState, Window
from collector.storage.database import Connection
from collector.storage.series import StoredWindow


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """One digest in a list."""

    window: Window
    is_running: bool  # more may come
    posts: int  # as frozen; of an open one those dated in it so far


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One digest as a page shows it, and those on either side."""

    digest: Digest
    built_at: datetime | None
    previous: Window | None
    following: Window | None


def list_issues(conn: Connection, settings: Settings, series: SeriesSettings, now: datetime) -> list[Issue]:
    """The digests of a series that may be seen, the newest first; an open one from its first post on."""
    desk = look_up(conn, settings, series)
    listed = [(stored, _list(conn, desk, stored, now)) for stored in reversed(_visible(desk, now))]
    return [issue for stored, issue in listed if issue.posts or stored.state is DigestState.BUILT]


def find_issue(conn: Connection, settings: Settings, series: SeriesSettings, name: str, now: datetime) -> Shown | None:
    """The digest of that name; None where none of that name may be seen."""
    desk = look_up(conn, settings, series)
    seen = _visible(desk, now)
    return next((_show(conn, desk, seen, at) for at, stored in enumerate(seen) if stored.window.name == name), None)


def find_latest(conn: Connection, settings: Settings, series: SeriesSettings, now: datetime) -> Shown | None:
    """The newest digest that was built or, as long as there is none, the one that is open."""
    desk = look_up(conn, settings, series)
    seen = _visible(desk, now)
    built = [at for at, stored in enumerate(seen) if stored.state is DigestState.BUILT]
    return _show(conn, desk, seen, built[-1] if built else len(seen) - 1) if seen else None


def find_newest(
    conn: Connection, settings: Settings, wanted: Sequence[SeriesSettings], most: int
) -> list[tuple[SeriesSettings, Shown]]:
    """The digests of these series that were built last, the newest first."""
    desks = [look_up(conn, settings, series) for series in wanted]
    built = [
        (stored.closed_at, at, desk)
        for desk in desks
        for at, stored in enumerate(desk.windows)
        if stored.state is DigestState.BUILT and stored.closed_at
    ]
    built.sort(key=lambda one: one[:2], reverse=True)
    return [(desk.series, _show(conn, desk, desk.windows, at)) for _, at, desk in built[:most]]


def is_built(conn: Connection, settings: Settings, series: SeriesSettings, name: str) -> bool:
    """Whether there is a digest of that name whose members stand."""
    stored = look_up(conn, settings, series).window_named(name)
    return stored is not None and stored.state is DigestState.BUILT


def _visible(desk: Desk, now: datetime) -> Sequence[StoredWindow]:
    """The earliest first: what was built, and what is open and has begun, unless its curator is to look first."""
    return [
        stored
        for stored in desk.windows
        if stored.state is DigestState.BUILT
        or (
            stored.state is DigestState.OPEN
            and stored.window.starts_at <= now
            and (desk.series.approval is Approval.NONE or stored.approved_at is not None)
        )
    ]


def _list(conn: Connection, desk: Desk, stored: StoredWindow, now: datetime) -> Issue:
    return Issue(
        window=stored.window,
        is_running=stored.state is DigestState.OPEN and now < stored.window.ends_at,
        posts=count_posts(conn, desk.series.topics, stored, desk.stored.id if desk.stored else None),
    )


def _show(conn: Connection, desk: Desk, seen: Sequence[StoredWindow], at: int) -> Shown:
    stored = seen[at]
    return Shown(
        digest=show_window(conn, desk, stored, stored.window.name),
        built_at=stored.closed_at,
        previous=seen[at - 1].window if at else None,
        following=seen[at + 1].window if at + 1 < len(seen) else None,
    )
