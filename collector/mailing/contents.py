"""What one digest says to everybody: subject, bodies, attachment and the links behind it, made once a run."""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from collector.config import SeriesSettings, Settings
from collector.export import write
from collector.links import Pages, Purpose, Signer, settings_token, unsubscribe_token, write_subject
from collector.mailing.bodies import Attachment
from collector.mailing.compose import Letter, make_message_id, reply_address
from collector.mailing.issuing import Desk, look_up, show_window
from collector.model import DigestState
from collector.render import Enclosure, Silence, render_bodies, render_sign_of_life
from collector.render.limits import LADDER
from collector.storage.database import Connection
from collector.storage.digests import last_dated_at
from collector.storage.exporting import Selection, stream_posts
from collector.storage.schema import read_secret
from collector.text.mailaddresses import mail_uri

LARGEST_TABLE = 3_000_000  # bytes: a third more in a mail, and many servers take no more than ten million


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """Which letter is to be written."""

    settings: Settings
    series: SeriesSettings
    name: str  # of its window: "2026-W47"
    now: datetime
    slots: Mapping[Purpose, str]  # words that stand for each reader's tokens; none: the letter has no links of theirs


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """A letter, and how many posts are in it."""

    posts: int
    letter: Letter


def make_slots() -> dict[Purpose, str]:
    """Words for places that each reader's own tokens are put at: made anew, so that no post can hold one of them."""
    return {purpose: secrets.token_hex(16) for purpose in (Purpose.UNSUBSCRIBE, Purpose.SETTINGS)}


def make_tokens(signer: Signer, key: str | None, series: str) -> dict[Purpose, str]:
    """What goes to those places for the reader with this key; None: it is no reader's."""
    if key is None:
        return {}
    return {
        Purpose.UNSUBSCRIBE: unsubscribe_token(signer, key, series),
        Purpose.SETTINGS: settings_token(signer, key),
    }


def write_digest(conn: Connection, order: Order) -> Contents:
    """The digest of a window: as it was built, or as it would be."""
    desk = look_up(conn, order.settings, order.series)
    digest = show_window(conn, desk, desk.window_named(order.name), order.name)
    attachments: tuple[Attachment, ...] = ()
    if digest.state is DigestState.BUILT and (digest.totals.posts > LADDER[0].lines or digest.not_shown):
        table = _attach(conn, desk.series.name, order.name)
        attachments = (table,) if len(table.content) <= LARGEST_TABLE else ()
    attached = attachments[0].filename if attachments else None
    bodies = render_bodies(digest, words=desk.series.words, enclosure=_enclose(order, order.name, attachment=attached))
    letter = _letter(conn, desk, order, subject=digest.subject, text=bodies.text, html=bodies.html)
    return Contents(posts=digest.totals.posts, letter=replace(letter, attachments=attachments))


def write_sign_of_life(conn: Connection, order: Order) -> Contents:
    """The few words that stand in for a digest after silent weeks."""
    desk = look_up(conn, order.settings, order.series)
    series, settings = desk.series, desk.settings
    silence = Silence(
        topics=tuple(settings.display(topic) for topic in series.topics),
        since_at=last_dated_at(conn, series.topics),
        zone=ZoneInfo(series.timezone),
        contact=settings.collector.contact,
    )
    subject, text, html = render_sign_of_life(silence, words=series.words, enclosure=_enclose(order))
    return Contents(posts=0, letter=_letter(conn, desk, order, subject=subject, text=text, html=html))


def _letter(conn: Connection, desk: Desk, order: Order, *, subject: str, text: str, html: str) -> Letter:
    settings, series = order.settings, order.series
    mail, pages = settings.mail, _pages(settings)
    return Letter(
        sender=mail.sender,
        return_to=mail.bounces_to or mail.sender.address,
        subject=subject,
        text=text,
        html=html,
        series=series.name,
        list_name=_list_name(desk),
        root_id=make_message_id(
            key=read_secret(conn), label=f"{series.name}/all", address="", domain=mail.sender.domain
        ),
        contact=settings.collector.contact,
        archive_page=pages.archive(series.name) if pages else None,
        unsubscribe=_ways_out(order, pages),
        is_one_click=pages is not None and pages.base.startswith("https:") and bool(order.slots),
        slots=order.slots,
    )


def _ways_out(order: Order, pages: Pages | None) -> tuple[str, ...]:
    """A page first, where there is one, and then whom to write to: the mailbox that is read by itself, or a person."""
    settings, token = order.settings, order.slots.get(Purpose.UNSUBSCRIBE)
    if settings.bounces.host:
        address = settings.mail.bounces_to or settings.mail.sender.address
    else:
        address = reply_address(settings.collector.contact, settings.mail.sender)
    mailed = mail_uri(address, write_subject(token or order.series.name))
    return (pages.unsubscribe(token), mailed) if pages and token else (mailed,)


def _attach(conn: Connection, series: str, name: str) -> Attachment:
    """All of it, for what does not fit on the page."""
    out = io.BytesIO()
    write("csv", stream_posts(conn, Selection(digest=(series, name), is_for_readers=True)), out)
    return Attachment(filename=f"{series}-{name}.csv", content=out.getvalue())


def _list_name(desk: Desk) -> str:
    if desk.series.title:
        return desk.series.title
    topics = [desk.settings.display(topic) for topic in desk.series.topics]
    return f"{desk.series.words.name_topics(topics)} {desk.series.name}"


def _enclose(order: Order, name: str | None = None, *, attachment: str | None = None) -> Enclosure:
    """Where a mail of the series leads, about the digest of this name or about none."""
    settings, series, slots, pages = order.settings, order.series.name, order.slots, _pages(order.settings)
    alone = Enclosure(
        unsubscribe=reply_address(settings.collector.contact, settings.mail.sender),
        attachment=attachment,
        imprint=settings.web.imprint,
        is_copy=not slots,
    )
    if pages is None:
        return alone
    return replace(
        alone,
        digest_page=pages.digest(series, name) if name else None,
        csv_page=pages.digest_csv(series, name) if name else None,
        archive_page=pages.archive(series),
        settings_page=pages.settings(slots[Purpose.SETTINGS]) if slots else None,
        unsubscribe_page=pages.unsubscribe(slots[Purpose.UNSUBSCRIBE]) if slots else None,
        privacy_page=pages.privacy,
    )


def _pages(settings: Settings) -> Pages | None:
    """The pages that mails lead to; None: there are none."""
    return Pages(base=settings.web.base_url) if settings.web.base_url else None
