"""The conductor of what happens by itself: the daemon and `tick` call these."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from collector.config import SeriesSettings, Settings
from collector.mailing.asking import those_let_go
from collector.mailing.due import choose_mailed, due_windows, is_sign_due
from collector.mailing.issuing import (
    Desk,
    close_window,
    find_members,
    is_unread,
    look_up,
    open_windows,
    plan_issue,
)
from collector.mailing.mailer import Mailer
from collector.mailing.owing import owe_to_readers
from collector.mailing.previewing import owe_curator
from collector.model import DigestState
from collector.storage.database import Connection
from collector.storage.deliveries import DIGEST, SIGN_OF_LIFE
from collector.storage.series import StoredWindow

log = logging.getLogger(__name__)

_MOST_LOOKED_AT = 4  # windows whose posts are asked about once more: after a long pause the rest is mere history


def close_due(mailer: Mailer) -> None:
    """Builds or skips every window whose time has come, and writes down who is owed what.

    Each series has transactions of its own; one that fails harms no other, and its error is raised at the end.
    """
    failures: list[Exception] = []
    for series in mailer.settings.digests:
        try:
            _close_due(mailer, series)
        except Exception as error:
            failures.append(error)
    if failures:
        raise failures[0]


def windows_to_read(conn: Connection, settings: Settings, now: datetime) -> dict[str, datetime]:
    """By topic, when the window ended whose digest is to be made next: its posts are asked for once more before."""
    ended: dict[str, datetime] = {}
    for series in settings.digests:
        for stored in due_windows(look_up(conn, settings, series).windows, series, now)[-1:]:
            ended |= {
                topic: max(stored.window.ends_at, ended.get(topic, stored.window.ends_at)) for topic in series.topics
            }
    return ended


def _close_due(mailer: Mailer, series: SeriesSettings) -> None:
    """Opens what is to be open; then, with nobody waiting for the database, looks at the posts again; then builds."""
    now = mailer.now()
    with mailer.database.write() as conn:
        desk = open_windows(conn, mailer.settings, series, now)
        owe_curator(conn, mailer, desk, now)
    with mailer.database.read() as conn:  # a digest that waits for its curator is looked through at every turn
        due = _due(conn, desk, now)
        members = find_members(conn, desk, [stored.window for stored in due[-_MOST_LOOKED_AT:]])
    if not due:
        return
    mailer.look_again(members)
    if mailer.stop.is_set():  # not all were looked at, and what is built stays
        return
    with mailer.database.write() as conn:
        desk = look_up(conn, mailer.settings, series)
        _close(conn, mailer, desk, _due(conn, desk, now))


def _due(conn: Connection, desk: Desk, now: datetime) -> list[StoredWindow]:
    """What is to be built now; nothing as long as a watch still has something to tell about it, or a curator."""

    def is_empty(stored: StoredWindow) -> bool:
        return not plan_issue(conn, desk, stored.window).members

    due = those_let_go(due_windows(desk.windows, desk.series, now), desk.series, is_empty)
    return [] if not due or is_unread(conn, desk.series, due[-1].window, now) else due


def _close(conn: Connection, mailer: Mailer, desk: Desk, due: Sequence[StoredWindow]) -> None:
    if not due or desk.stored is None:
        return
    series, now = desk.series, mailer.now()
    began_at = desk.stored.started_at
    first = next((stored.window for stored in desk.windows if stored.window.ends_at > began_at), due[0].window)
    built: list[StoredWindow] = []
    for stored in due:
        state = close_window(conn, desk, stored, now)
        log.info("digest", extra={"numbers": {"series": series.name, "week": stored.window.name, "state": str(state)}})
        if state is DigestState.BUILT:
            desk = look_up(conn, mailer.settings, series)
            built.append(stored)
        else:
            desk = desk.with_skipped(stored)
    for stored in choose_mailed(built, desk.last_mailed(now), series.catch_up):
        owe_to_readers(conn, mailer, series, stored, DIGEST, now)
    if not built and is_sign_due(due[-1], first, desk.last_mailed(now), series):
        owe_to_readers(conn, mailer, series, due[-1], SIGN_OF_LIFE, now)
