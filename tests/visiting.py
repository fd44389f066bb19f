"""The pages as a reader's browser asks for them: a real server on loopback, and what it answered.

with reading(database) as reader:
    assert reader.get("/digests/weekly").status == 200
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from making import NOW
from smtpserver import free_port

from collector.app import App
from collector.config import Listen, Settings, build_settings
from collector.storage.database import Database
from collector.web.serving import serving
from collector.web.visiting import Site
from collector.web.visiting import make_site as make


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An answer."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Reader:
    """Asks a server, each time over a connection of its own."""

    def __init__(self, site: Site, listen: Listen) -> None:
        self.site, self.listen = site, listen

    @property
    def address(self) -> str:
        return f"http://{self.listen}"

    def get(self, path: str, **headers: str) -> Seen:
        """Header names are written with underscores."""
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, fields: Mapping[str, str] | None = None, **headers: str) -> Seen:
        """A form, as browsers send it."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, body=urlencode(fields or {}).encode(), headers=kind | headers)

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Seen:
        connection = HTTPConnection(self.listen.host, self.listen.port, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
            connection.request(method, path, body=body, headers=named)
            answer = connection.getresponse()
            return Seen(status=answer.status, headers=answer.headers, body=answer.read())
        finally:
            connection.close()


def make_settings(**tables: Any) -> Settings:
    """A weekly series about #notcoproduction; tables are as in the file, and replace these."""
    values: dict[str, Any] = {
        "collector": {"hashtags": ["notcoproduction"], "timezone": "Europe/London", "contact": "mailto:me@example.org"},
        "digest": [{"series": "weekly"}],
    }
    return build_settings(values | tables, folder=Path("/nowhere"), environ={})


def make_site(
    database: Database,
    settings: Settings | None = None,
    listen: Listen | None = None,
    *,
    now: Callable[[], datetime] = lambda: NOW,
) -> Site:
    """The site of a database, for tests that need no server."""
    return make(database, settings or make_settings(), listen or Listen(host="127.0.0.1", port=8080), now)


@contextmanager
def reading_app(app: App) -> Iterator[Reader]:
    """A reader before the pages of a collector, as its daemon serves them."""
    listen = Listen(host="127.0.0.1", port=free_port())
    site = app.site(listen)
    with serving(site, listen):
        yield Reader(site, listen)


@contextmanager
def reading(
    database: Database, settings: Settings | None = None, *, now: Callable[[], datetime] = lambda: NOW
) -> Iterator[Reader]:
    """A reader before the pages of a database."""
    listen = Listen(host="127.0.0.1", port=free_port())
    site = make_site(database, settings, listen, now=now)
    with serving(site, listen):
        yield Reader(site, listen)
