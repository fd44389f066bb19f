"""The conductor of mailing: the daemon, `tick` and `digest send` call these."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.config import Approval, SeriesSettings, Settings, WhenEmpty
from collector.digest.calendars import calendar_of
from collector.errors import WindowError
from collector.links import Signer
from collector.mailing.asking import those_let_go
from collector.mailing.compose import Addressee, Press, make_message_id
from collector.mailing.contents import make_tokens
from collector.mailing.due import choose_mailed, due_windows, is_sign_due
from collector.mailing.issuing import (
    Desk,
    close_window,
    find_members,
    is_unread,
    look_up,
    open_windows,
    plan_issue,
    show_window,
)
from collector.mailing.kinds import write_contents
from collector.mailing.mailer import Mailer, SendReport
from collector.mailing.previewing import owe_curator
from collector.mailing.sending import send_owed
from collector.model import DigestState, Window
from collector.storage.choices import save_approval
from collector.storage.database import Connection
from collector.storage.deliveries import DIGEST, SIGN_OF_LIFE, owe, served_and_owed
from collector.storage.pausing import resume
from collector.storage.recipients import foresee_recipients, gather_recipients, key_of
from collector.storage.schema import read_secret
from collector.storage.series import StoredWindow, add_window
from collector.text.mailaddresses import folded_address
from collector.words import ENGLISH

log = logging.getLogger(__name__)

_MOST_LOOKED_AT = 4  # windows whose posts are asked about once more: after a long pause the rest is mere history


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """What `digest send` did or, as a dry run, would do; without a report nothing was."""

    window: Window
    state: DigestState
    posts: int
    addresses: tuple[str, ...]
    report: SendReport | None
    is_approval: bool = False  # it waited for its curator, for whose word this stands


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
        _owe(conn, mailer, series, stored, DIGEST, now)
    if not built and is_sign_due(due[-1], first, desk.last_mailed(now), series):
        _owe(conn, mailer, series, due[-1], SIGN_OF_LIFE, now)


def _owe(
    conn: Connection, mailer: Mailer, series: SeriesSettings, stored: StoredWindow, kind: str, now: datetime
) -> None:
    """To everybody who gets the series now; of what was owed before, to fixed addresses that were added since."""
    key, domain = read_secret(conn), mailer.settings.mail.sender.domain
    label = f"{series.name}/{stored.window.name}" + ("" if kind == DIGEST else f"/{kind}")
    addresses = [recipient.address for recipient in gather_recipients(conn, series.name, series.to, now)]
    if any(served_and_owed(conn, stored.id)):
        addresses = _only_fixed(addresses, series)
    ids = {to: make_message_id(key=key, label=label, address=to, domain=domain) for to in addresses}
    owe(conn, stored.id, ids, kind, now)


def _only_fixed(addresses: Iterable[str], series: SeriesSettings) -> list[str]:
    """Those that stand in the configuration: who subscribes gets what follows, and nothing of before."""
    fixed = {folded_address(address) for address in series.to}
    return [address for address in addresses if folded_address(address) in fixed]


def send_week(
    mailer: Mailer,
    series: SeriesSettings,
    week: str | None,
    *,
    is_dry: bool = False,
    tell: Callable[[SendReport], None] | None = None,
) -> Sending:
    """Builds a finished window if needed and delivers what is still owed; WindowError for one that is not over.

    A dry run writes nothing.
    """
    now = mailer.now()
    if is_dry:
        return _rehearse(mailer, series, week, now)
    with mailer.database.write() as conn:
        desk = open_windows(conn, mailer.settings, series, now)
        window = _finished_window(desk, week, now)
        _refuse_overlap(desk, window)
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
            _owe(conn, mailer, series, stored, DIGEST, now)
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


def _closed(conn: Connection, desk: Desk, stored: StoredWindow, now: datetime) -> tuple[StoredWindow, bool]:
    """The window built or skipped, if it is open, and whether that took the place of its curator's word."""
    if stored.state is not DigestState.OPEN:
        return stored, False
    is_approval = _is_awaited(desk.series, stored) and save_approval(conn, stored.id, now)
    close_window(conn, desk, stored, now)
    return look_up(conn, desk.settings, desk.series).window_named(stored.window.name) or stored, is_approval


def send_copy(mailer: Mailer, series: SeriesSettings, week: str | None, to: str) -> Sending:
    """One copy of a finished window to one address; nothing is built, and nothing is written down.

    Who gets the series has it with their own links, as all of theirs; anybody else has it without.
    """
    now = mailer.now()
    with mailer.database.read() as conn:
        desk = look_up(conn, mailer.settings, series)
        window = _finished_window(desk, week, now)
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


def _rehearse(mailer: Mailer, series: SeriesSettings, week: str | None, now: datetime) -> Sending:
    with mailer.database.read() as conn:
        desk = look_up(conn, mailer.settings, series)
        window = _finished_window(desk, week, now)
        stored = desk.window_named(window.name)
        digest = show_window(conn, desk, stored, window.name)
        addresses = _would_get(conn, series, stored)
    is_skipped = not digest.totals.posts and series.when_empty is WhenEmpty.SKIP
    going = () if is_skipped else tuple(addresses)
    is_approval = bool(going) and digest.state is DigestState.OPEN and _is_awaited(series, stored)
    return Sending(
        window=window,
        state=digest.state,
        posts=digest.totals.posts,
        addresses=going,
        report=None,
        is_approval=is_approval,
    )


def _would_get(conn: Connection, series: SeriesSettings, stored: StoredWindow | None) -> list[str]:
    """Whom it is owed to, or would be."""
    wanted = foresee_recipients(conn, series.name, series.to)
    served, owed = served_and_owed(conn, stored.id) if stored else ([], [])
    if not served and not owed:
        return wanted
    known = {folded_address(address) for address in (*served, *owed)}
    added = [address for address in _only_fixed(wanted, series) if folded_address(address) not in known]
    staying = {folded_address(address) for address in wanted}
    return [*(address for address in owed if folded_address(address) in staying), *added]


def _refuse_overlap(desk: Desk, window: Window) -> None:
    """WindowError for a window of the present zone and cadence that shares days with a stored one of another."""
    for other in (stored.window for stored in desk.windows if stored.window.name != window.name):
        if other.starts_at < window.ends_at and window.starts_at < other.ends_at:
            raise WindowError(f"{window.name} overlaps {other.name} of series {desk.series.name}")


def _is_awaited(series: SeriesSettings, stored: StoredWindow | None) -> bool:
    """True for a digest that waits for its curator's word."""
    return series.approval is Approval.REQUIRED and (stored is None or stored.approved_at is None)


def _is_open(desk: Desk, window: Window) -> bool:
    stored = desk.window_named(window.name)
    return stored is None or stored.state is DigestState.OPEN


def _is_nothing(conn: Connection, desk: Desk, window: Window) -> bool:
    """True for a window without posts: only its time closes it, for some may still be found, by a backfill say."""
    return (
        _is_open(desk, window)
        and desk.series.when_empty is WhenEmpty.SKIP
        and not plan_issue(conn, desk, window).members
    )


def _finished(conn: Connection, desk: Desk, window: Window) -> StoredWindow:
    """The stored window; one from before the series began is opened."""
    stored = desk.window_named(window.name)
    if stored is None and desk.stored is not None:
        add_window(conn, desk.stored.id, window)
        stored = look_up(conn, desk.settings, desk.series).window_named(window.name)
    if stored is None:
        raise ValueError("a window is opened in a series that has begun")
    return stored


def _finished_window(desk: Desk, week: str | None, now: datetime) -> Window:
    """The window of that name, or the newest that is over; WindowError for one that is not."""
    if week is None:
        return desk.latest_finished(now)
    window = desk.find_window(week)
    if window.ends_at > now:
        end = ENGLISH.name_moment(window.ends_at, desk.zone, with_year=True)
        raise WindowError(f"{calendar_of(week).noun} {week} is not over: it ends on {end}")
    return window
