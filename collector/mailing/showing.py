"""One digest shown without building or sending it."""

from __future__ import annotations

from datetime import datetime

from collector.config import SeriesSettings, Settings
from collector.mailing.compose import compose, make_message_id
from collector.mailing.contents import DIGEST, address_mail, write_contents
from collector.mailing.issuing import look_up, show_window
from collector.model import Digest, DigestState
from collector.render import render_html, render_json, render_text
from collector.storage.database import Connection


def find_shown(conn: Connection, settings: Settings, series: SeriesSettings, week: str | None, now: datetime) -> Digest:
    """The digest of a window; without one the last finished one's, or the running one's while that is empty."""
    desk = look_up(conn, settings, series)
    if week is not None:
        return show_window(conn, desk, desk.window_named(week), week)
    last, running = desk.latest_finished(now).name, desk.running(now).name
    digest = show_window(conn, desk, desk.window_named(last), last)
    if digest.totals.posts or digest.state is DigestState.BUILT:
        return digest
    return show_window(conn, desk, desk.window_named(running), running)


def draw(
    conn: Connection, settings: Settings, series: SeriesSettings, digest: Digest, format_name: str, now: datetime
) -> str | bytes:
    """The digest as text, HTML, JSON, or as the mail that its first reader would get."""
    if format_name == "eml":
        return _mail(conn, settings, series, digest.window.name, now)
    if format_name == "json":
        return render_json(digest)
    draws = {"text": render_text, "html": render_html}
    return draws[format_name](digest, words=series.words)


def _mail(conn: Connection, settings: Settings, series: SeriesSettings, week: str, now: datetime) -> bytes:
    contents = write_contents(conn, settings, series, week, DIGEST)
    to = series.to[0] if series.to else settings.mail.sender.address
    message_id = make_message_id(
        key=b"shown", label=f"{series.name}/{week}/shown", address=to, domain=settings.mail.sender.domain
    )
    return compose(address_mail(contents, settings, to=to, message_id=message_id, sent_at=now)).as_bytes()
