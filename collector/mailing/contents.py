"""What one digest says to everybody: subject, bodies and attachment, made once a run."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from collector.config import SeriesSettings, Settings
from collector.export import write
from collector.links import Pages
from collector.mailing.compose import Attachment, Mail, reply_address
from collector.mailing.issuing import Desk, look_up, show_window
from collector.model import DigestState
from collector.render import Enclosure, Silence, render_bodies, render_sign_of_life
from collector.render.limits import LADDER
from collector.storage.database import Connection
from collector.storage.digests import last_dated_at
from collector.storage.exporting import Selection, stream_posts
from collector.storage.series import StoredWindow

DIGEST = "digest"
SIGN_OF_LIFE = "sign of life"


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """A message without its addressee."""

    series: str
    posts: int
    list_name: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


def write_contents(conn: Connection, settings: Settings, series: SeriesSettings, week: str, kind: str) -> Contents:
    """What goes out for a week of a series: its digest, or the sign of life that stands in for one."""
    desk = look_up(conn, settings, series)
    stored = desk.window_named(week)
    if kind == SIGN_OF_LIFE:
        return _sign_of_life(conn, desk)
    return _digest(conn, desk, stored, week)


def _digest(conn: Connection, desk: Desk, stored: StoredWindow | None, week: str) -> Contents:
    digest = show_window(conn, desk, stored, week)
    attachments: tuple[Attachment, ...] = ()
    if digest.state is DigestState.BUILT and (digest.totals.posts > LADDER[0].lines or digest.not_shown):
        attachments = (_attach(conn, desk.series.name, week),)
    name = attachments[0].filename if attachments else None
    bodies = render_bodies(digest, words=desk.series.words, enclosure=_enclose(desk, week, attachment=name))
    return Contents(
        series=desk.series.name,
        posts=digest.totals.posts,
        list_name=_list_name(desk),
        subject=digest.subject,
        text=bodies.text,
        html=bodies.html,
        attachments=attachments,
    )


def _attach(conn: Connection, series: str, week: str) -> Attachment:
    """The whole week, for what does not fit on the page."""
    out = io.BytesIO()
    write("csv", stream_posts(conn, Selection(digest=(series, week), is_for_readers=True)), out)
    return Attachment(filename=f"{series}-{week}.csv", content=out.getvalue())


def _sign_of_life(conn: Connection, desk: Desk) -> Contents:
    series, settings = desk.series, desk.settings
    silence = Silence(
        topics=tuple(settings.display(topic) for topic in series.topics),
        since_at=last_dated_at(conn, series.topics),
        zone=ZoneInfo(series.timezone),
        contact=settings.collector.contact,
    )
    subject, text, html = render_sign_of_life(silence, words=series.words, enclosure=_enclose(desk))
    return Contents(series=series.name, posts=0, list_name=_list_name(desk), subject=subject, text=text, html=html)


def _list_name(desk: Desk) -> str:
    topics = [desk.settings.display(topic) for topic in desk.series.topics]
    return f"{desk.series.words.name_topics(topics)} {desk.series.name}"


def _enclose(desk: Desk, week: str | None = None, *, attachment: str | None = None) -> Enclosure:
    """Where a mail of the series leads, about the digest of this week or about none."""
    settings, series = desk.settings, desk.series.name
    alone = Enclosure(
        unsubscribe=reply_address(settings.collector.contact, settings.mail.sender),
        attachment=attachment,
        imprint=settings.web.imprint,
    )
    if settings.web.base_url is None:
        return alone
    pages = Pages(base=settings.web.base_url)
    return replace(
        alone,
        digest_page=pages.digest(series, week) if week else None,
        csv_page=pages.digest_csv(series, week) if week else None,
        archive_page=pages.archive(series),
        privacy_page=pages.privacy,
    )


def address_mail(contents: Contents, settings: Settings, *, to: str, message_id: str, sent_at: datetime) -> Mail:
    """The contents with one address on them."""
    return Mail(
        sender=settings.mail.sender,
        to=to,
        subject=contents.subject,
        text=contents.text,
        html=contents.html,
        message_id=message_id,
        sent_at=sent_at,
        series=contents.series,
        list_name=contents.list_name,
        contact=settings.collector.contact,
        attachments=contents.attachments,
    )
