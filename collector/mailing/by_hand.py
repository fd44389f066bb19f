"""What somebody asks for by `digest send`: one finished window built and delivered, a copy of it, or a rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from collector.config import SeriesSettings, WhenEmpty
from collector.digest.calendars import calendar_of
from collector.errors import WindowError, WrongUsageError
from collector.links import Signer
from collector.mailing.asking import is_awaited
from collector.mailing.compose import Addressee, Press, make_message_id
from collector.mailing.contents import make_tokens
from collector.mailing.issuing import (
    Desk,
    close_window,
    find_members,
    look_up,
    open_windows,
    plan_issue,
    show_window,
)
from collector.mailing.kinds import write_contents
from collector.mailing.mailer import Mailer, SendReport
from collector.mailing.owing import foresee_readers, owe_to_readers
from collector.mailing.sending import send_owed
from collector.model import DigestState, Window
from collector.storage.choices import save_approval
from collector.storage.database import Connection
from collector.storage.deliveries import DIGEST, served_and_owed
from collector.storage.pausing import resume
from collector.storage.recipients import has_left, key_of
from collector.storage.schema import read_secret
from collector.storage.series import StoredWindow, add_window
from collector.words import ENGLISH


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """What `digest send` did or, as a dry run, would do; without a report nothing was."""

    window: Window
    state: DigestState
    posts: int
    addresses: tuple[str, ...]
    report: SendReport | None
    is_approval: bool = False  # it waited for its curator, for whose word this stands


def send_digest(
    mailer: Mailer,
    series: SeriesSettings,
    name: str | None,
    *,
    is_dry: bool = False,
    tell: Callable[[SendReport], None] | None = None,
) -> Sending:
    """Builds a finished window if needed and delivers what is still owed; WindowError for one that is not over.

    A dry run writes nothing.
    """
    now = mailer.now()
    if is_dry:
        return _rehearse(mailer, series, name, now)
    with mailer.database.write() as conn:
        desk = open_windows(conn, mailer.settings, series, now)
        window = _finished_window(desk, name, now)
        _refuse_overlap(desk, window)
    with mailer.database.read() as conn:
        members = find_members(conn, desk, [window] if _is_open(desk, window) else [])
    mailer.look_again(members)
    if mailer.stop.is_set():
        return Sending(window=window, state=DigestState.OPEN, posts=0, addresses=(), report=None)
    with mailer.database.write() as conn:
        desk = look_up(conn, mailer.settings, series)
        if _is_nothing(conn, desk, window):
            return Sending(window=window, state=DigestState.OPEN, posts=0, addresses=(), report=SendReport())
        stored, is_approval = _closed(conn, desk, _finished(conn, desk, window), now)
        if stored.state is DigestState.BUILT:
            owe_to_readers(conn, mailer, series, stored, DIGEST, now)
        resume(conn, stored.id, now)
        served, owed = served_and_owed(conn, stored.id)
    report = send_owed(mailer, digest_id=stored.id, is_forced=True, tell=tell)
    posts = stored.facts["posts"] if stored.facts else 0
    return Sending(
        window=stored.window,
        state=stored.state,
        posts=posts,
        addresses=(*served, *owed),
        report=report,
        is_approval=is_approval,
    )


def send_copy(mailer: Mailer, series: SeriesSettings, name: str | None, to: str) -> Sending:
    """One copy of a finished window to one address; nothing is built, and nothing is written down.

    Who gets the series has it with their own links, as all of theirs; anybody else has it without. WrongUsageError for
    somebody who left: nothing more goes there.
    """
    now = mailer.now()
    with mailer.database.read() as conn:
        if has_left(conn, series.name, to):
            raise WrongUsageError(f"--to: {to} unsubscribed from {series.name}, so no copy goes there; choose another")
        desk = look_up(conn, mailer.settings, series)
        window = _finished_window(desk, name, now)
        reader, key = key_of(conn, series.name, to), read_secret(conn)
        contents = write_contents(
            conn, mailer.settings, series, window.name, DIGEST, now, is_personal=reader is not None
        )
    label = f"{series.name}/{window.name}/copy/{now.isoformat()}"
    message_id = make_message_id(key=key, label=label, address=to, domain=mailer.settings.mail.sender.domain)
    tokens = make_tokens(Signer(key=key), reader, series.name)
    mail = Press(contents.letter).compose(Addressee(to=to, message_id=message_id, sent_at=now, tokens=tokens))
    with mailer.open_deliverer() as deliverer:
        deliverer.deliver(mail)
    stored = desk.window_named(window.name)
    state = stored.state if stored else DigestState.OPEN
    return Sending(window=window, state=state, posts=contents.posts, addresses=(to,), report=SendReport(sent=1))


def _rehearse(mailer: Mailer, series: SeriesSettings, name: str | None, now: datetime) -> Sending:
    with mailer.database.read() as conn:
        desk = look_up(conn, mailer.settings, series)
        window = _finished_window(desk, name, now)
        stored = desk.window_named(window.name)
        digest = show_window(conn, desk, stored, window.name)
        addresses = foresee_readers(conn, series, stored)
    is_skipped = not digest.totals.posts and series.when_empty is WhenEmpty.SKIP
    going = () if is_skipped else tuple(addresses)
    is_approval = bool(going) and digest.state is DigestState.OPEN and is_awaited(series, stored)
    return Sending(
        window=window,
        state=digest.state,
        posts=digest.totals.posts,
        addresses=going,
        report=None,
        is_approval=is_approval,
    )


def _closed(conn: Connection, desk: Desk, stored: StoredWindow, now: datetime) -> tuple[StoredWindow, bool]:
    """The window built or skipped, if it is open, and whether that took the place of its curator's word."""
    if stored.state is not DigestState.OPEN:
        return stored, False
    is_approval = is_awaited(desk.series, stored) and save_approval(conn, stored.id, now)
    close_window(conn, desk, stored, now)
    return look_up(conn, desk.settings, desk.series).window_named(stored.window.name) or stored, is_approval


def _finished(conn: Connection, desk: Desk, window: Window) -> StoredWindow:
    """The stored window; one from before the series began is opened."""
    stored = desk.window_named(window.name)
    if stored is None and desk.stored is not None:
        add_window(conn, desk.stored.id, window)
        stored = look_up(conn, desk.settings, desk.series).window_named(window.name)
    if stored is None:
        raise ValueError("a window is opened in a series that has begun")
    return stored


def _finished_window(desk: Desk, name: str | None, now: datetime) -> Window:
    """The window of that name, or the newest that is over; WindowError for one that is not."""
    if name is None:
        return desk.latest_finished(now)
    window = desk.find_window(name)
    if window.ends_at > now:
        end = ENGLISH.name_moment(window.ends_at, desk.zone, with_year=True)
        raise WindowError(f"{calendar_of(name).noun} {name} is not over: it ends on {end}")
    return window


def _refuse_overlap(desk: Desk, window: Window) -> None:
    """WindowError for a window of the present zone and cadence that shares days with a stored one of another."""
    for other in (stored.window for stored in desk.windows if stored.window.name != window.name):
        if other.starts_at < window.ends_at and window.starts_at < other.ends_at:
            raise WindowError(f"{window.name} overlaps {other.name} of series {desk.series.name}")


def _is_nothing(conn: Connection, desk: Desk, window: Window) -> bool:
    """True for a window without posts: only its time closes it, for some may still be found, by a backfill say."""
    return (
        _is_open(desk, window)
        and desk.series.when_empty is WhenEmpty.SKIP
        and not plan_issue(conn, desk, window).members
    )


def _is_open(desk: Desk, window: Window) -> bool:
    stored = desk.window_named(window.name)
    return stored is None or stored.state is DigestState.OPEN
