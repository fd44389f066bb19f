"""The whole collector over fake servers, with a clock that a test sets.

clock = Clock(NOW)
with collecting(tmp_path, server, clock=clock) as app:
    app.poll_due()
    assert uris(app) == [...]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol

from collector.app import App, opened
from collector.config import Settings, build_settings
from collector.model import Batch, ExportRow, Found, Post, WatchState
from collector.storage.exporting import Selection, stream_posts
from collector.storage.saving import save_batch
from collector.storage.watches import all_watches, save_watch_state


class Addressed(Protocol):
    """A fake server."""

    @property
    def address(self) -> str: ...


class Clock:
    """Shows what the test says."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> datetime:
        """Goes on by so many `minutes`, `hours`, `days`; gives the new time."""
        self.now += timedelta(**duration)
        return self.now


def make_settings(folder: Path, *servers: Addressed, **tables: Any) -> Settings:
    """A small collection's settings: a source for each server, and the tables given in place of the usual ones."""
    usual: dict[str, Any] = {
        "collector": {"hashtags": ["notcoproduction"], "timezone": "Europe/London"},
        "database": {"url": "sqlite:///collector.db"},
        "source": [make_source(server, f"server {number}") for number, server in enumerate(servers, 1)],
        "digest": [{"series": "weekly", "to": ["me@example.org"]}],
        "mail": {"from": "Not coproduction <digest@example.org>", "outbox": "outbox"},
    }
    return build_settings(usual | tables, folder=folder, environ={}, file="collector.toml")


def make_source(server: Addressed, name: str, **keys: Any) -> dict[str, Any]:
    """A `[[source]]` for a fake server."""
    return {"name": name, "kind": "mastodon", "url": server.address, "allow_private_network": True, **keys}


@contextmanager
def collecting(folder: Path, *servers: Addressed, clock: Clock, **tables: Any) -> Iterator[App]:
    """The collector over these servers, its tables made."""
    with opened(make_settings(folder, *servers, **tables), now=clock) as app:
        app.prepare()
        yield app


def rows(app: App, **selection: Any) -> list[ExportRow]:
    """What an export would hold."""
    with app.database.read() as conn:
        return list(stream_posts(conn, Selection(**selection)))


def uris(app: App) -> list[str]:
    """The addresses of all posts that an export would hold, in order."""
    return sorted(row.uri for row in rows(app))


def addresses(statuses: Sequence[Mapping[str, Any]]) -> list[str]:
    """The addresses of statuses, in the order that `uris` has."""
    return sorted(status["uri"] for status in statuses)


def states(app: App) -> dict[str, WatchState]:
    """The state of each watch, by its source's name and hashtag: "server 1 notcoproduction"."""
    with app.database.read() as conn:
        return {f"{watch.name} {watch.key.hashtag}": watch.state for watch in all_watches(conn)}


# Posts without servers


@contextmanager
def publishing(folder: Path, *, clock: Clock, **tables: Any) -> Iterator[App]:
    """The collector with one watch that began long ago and asks nobody: posts come by `keep`."""
    nobody = [{"name": "nobody", "kind": "mastodon", "url": "https://nobody.example"}]
    with opened(make_settings(folder, **({"source": nobody} | tables)), now=clock) as app:
        app.prepare()
        set_state(app, WatchState(began_at=clock() - timedelta(days=100)))
        yield app


def set_state(app: App, state: WatchState) -> None:
    """Gives every watch this state."""
    with app.database.write() as conn:
        for watch in all_watches(conn):
            save_watch_state(conn, watch.id, state)


def keep(app: App, *posts: Post, topic: str = "notcoproduction") -> None:
    """Stores posts as if a round of now had brought them."""
    (watch, *_) = [watch for watch in app.watches() if watch.key.topic == topic]
    batch = Batch(
        watch=watch,
        spellings=app.settings.spellings(topic),
        found=tuple(Found(post=post, native_id=post.uri, raw=b"") for post in posts),
        rejections=(),
        state=watch.state,
        fetched_at=app.now(),
        history_before=watch.state.began_at,
    )
    with app.database.write() as conn:
        save_batch(conn, batch)


def mails(app: App) -> list[EmailMessage]:
    """What lies in the outbox, in the order in which it was written."""
    files = sorted(app.settings.mail.outbox.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    return [message for file in files if isinstance(message := read_mail(file.read_bytes()), EmailMessage)]


def read_mail(content: bytes) -> EmailMessage:
    """A mail as a program reads it."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    """The plain text of a mail."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
