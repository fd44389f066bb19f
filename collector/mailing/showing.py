"""One digest shown without building or sending it."""

from __future__ import annotations

from datetime import datetime

from collector.config import SeriesSettings, Settings
from collector.links import Signer
from collector.mailing.compose import Addressee, Press, make_message_id
from collector.mailing.contents import make_tokens
from collector.mailing.issuing import look_up, show_window
from collector.mailing.kinds import write_contents
from collector.model import Digest, DigestState
from collector.render import render_html, render_json, render_text
from collector.storage.database import Connection
from collector.storage.deliveries import DIGEST
from collector.storage.recipients import key_of
from collector.storage.schema import read_secret


def find_shown(conn: Connection, settings: Settings, series: SeriesSettings, name: str | None, now: datetime) -> Digest:
    """The digest of a window; without one the last finished one's, or the running one's while that is empty."""
    desk = look_up(conn, settings, series)
    if name is not None:
        return show_window(conn, desk, desk.window_named(name), name)
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


def _mail(conn: Connection, settings: Settings, series: SeriesSettings, name: str, now: datetime) -> bytes:
    to = series.to[0] if series.to else settings.mail.sender.address
    reader = key_of(conn, series.name, to)
    contents = write_contents(conn, settings, series, name, DIGEST, now, is_personal=reader is not None)
    message_id = make_message_id(
        key=b"shown", label=f"{series.name}/{name}/shown", address=to, domain=settings.mail.sender.domain
    )
    tokens = make_tokens(Signer(key=read_secret(conn)), reader, series.name)
    return Press(contents.letter).compose(Addressee(to=to, message_id=message_id, sent_at=now, tokens=tokens)).content
