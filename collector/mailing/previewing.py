"""The mails to a series' curator: owed when they are due, and written when they are handed over.

They are deliveries like those to readers, each kind once to an address, so that no restart and no second daemon sends
one again. Nothing else is like a digest in them: they are from no list, and whoever gets the series besides being its
curator gets both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from collector.links import Pages, Signer
from collector.mailing.asking import PREVIEW, is_reminder, wanted_mail
from collector.mailing.compose import Letter, make_message_id
from collector.mailing.contents import Contents, Order
from collector.mailing.curating import ask_about
from collector.mailing.issuing import Desk, is_unread, look_up, plan_issue
from collector.mailing.mailer import Mailer
from collector.model import DigestState
from collector.render import Asked, render_preview, render_reminder
from collector.storage.database import Connection
from collector.storage.deliveries import kinds_told, owe
from collector.storage.schema import read_secret
from collector.storage.series import StoredWindow
from collector.words import Words


def owe_curator(conn: Connection, mailer: Mailer, desk: Desk, now: datetime) -> None:
    """Writes down the previews that are due, and today's reminder of the earliest digest that waits."""
    series, domain = desk.series, mailer.settings.mail.sender.domain
    if series.curator is None:
        return
    for stored, kind in _wanted(conn, desk, series.curator, now):
        if not _is_readable(conn, desk, stored, now):
            continue
        label = f"{series.name}/{stored.window.name}/{kind}"
        message_id = make_message_id(key=read_secret(conn), label=label, address=series.curator, domain=domain)
        owe(conn, stored.id, {series.curator: message_id}, kind, now)


def _wanted(conn: Connection, desk: Desk, curator: str, now: datetime) -> Iterator[tuple[StoredWindow, str]]:
    is_held_up = False  # an earlier one waits: that is reminded of, and says what waits behind it
    for stored in desk.windows:
        told = kinds_told(conn, stored.id, curator) if stored.state is DigestState.OPEN else set()
        kind = wanted_mail(stored, desk.series, told, now)
        if kind is not None and (kind == PREVIEW or not is_held_up):
            yield stored, kind
        is_held_up = is_held_up or any(map(is_reminder, {*told, kind or ""}))


def _is_readable(conn: Connection, desk: Desk, stored: StoredWindow, now: datetime) -> bool:
    """Whether there is anything to ask about, and all of it is known that a round would bring first."""
    is_over = stored.window.ends_at <= now
    if is_over and is_unread(conn, desk.series, stored.window, now):
        return False
    return bool(plan_issue(conn, desk, stored.window).members)


def write_preview(conn: Connection, order: Order) -> Contents:
    """What the digest would hold, with links to decide about it."""
    return _write(conn, order, render_preview)


def write_reminder(conn: Connection, order: Order) -> Contents:
    """A few words that the digest waits."""
    return _write(conn, order, render_reminder)


def _write(conn: Connection, order: Order, render: Callable[[Asked, Words], tuple[str, str, str]]) -> Contents:
    settings, series = order.settings, order.series
    desk = look_up(conn, settings, series)
    stored = desk.window_named(order.name)
    if stored is None:
        raise ValueError("a curator is asked about a window that is stored")
    pages = Pages(base=settings.web.base_url or "")
    asked = ask_about(conn, desk, stored, Signer(key=read_secret(conn)), pages, order.now)
    subject, text, html = render(asked, series.words)
    letter = Letter(
        sender=settings.mail.sender,
        return_to=settings.mail.bounces_to or settings.mail.sender.address,
        subject=subject,
        text=text,
        html=html,
        series=series.name,
        contact=settings.collector.contact,
    )
    return Contents(posts=asked.digest.totals.posts, letter=letter)
