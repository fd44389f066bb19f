"""A weekly digest with a curator: its settings, what they may decide about, and the links they get.

with database.write() as conn:
    desk = begin(conn, settings, SUNDAY)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from making import NOW, make_author, make_post
from making_storage import save
from visiting import make_settings

from collector.config import Settings
from collector.links import CuratorLink, Pages, Signer, curate_token
from collector.mailing.issuing import Desk, open_windows
from collector.model import Post
from collector.storage.database import Connection, Database
from collector.storage.schema import read_secret

CURATOR = "curator@example.org"
BASE = "https://digest.example.org"
SUNDAY = NOW - timedelta(days=1)  # when the preview of week 47 is due
WEEK = "2026-W47"
_HREF = re.compile(r'href="([^"]*)"')


def make_curated(**series: Any) -> Settings:
    """The settings of a weekly digest with a curator; more keys are those of the series."""
    keys = {"series": "weekly", "to": ["me@example.org"], "curator": CURATOR} | series
    return make_settings(digest=[keys], web={"base_url": BASE})


def post_of(number: int, **changes: Any) -> Post:
    """A post of somebody of its own."""
    author = make_author(handle=f"somebody{number}@fedi.example", name=f"Somebody {number}")
    return make_post(number, **({"author": author, "text": f"Example number {number}."} | changes))


def fill(database: Database, settings: Settings, posts: int = 3, *, now: datetime = SUNDAY) -> None:
    """The series begun, with so many posts, numbered from 1, in week 47."""
    with database.write() as conn:
        begin(conn, settings, now - timedelta(days=6))
    save(database, *(post_of(number) for number in range(1, posts + 1)))
    with database.write() as conn:
        begin(conn, settings, now)


def begin(conn: Connection, settings: Settings, now: datetime) -> Desk:
    """Opens what is to be open."""
    return open_windows(conn, settings, settings.digests[0], now)


def path_for(
    database: Database,
    post_id: int | None = None,
    choice: str = "",
    *,
    curator: str = CURATOR,
    week: str = WEEK,
    until: datetime = NOW + timedelta(days=14),
) -> str:
    """The path of the link that this curator got."""
    with database.read() as conn:
        signer = Signer(key=read_secret(conn))
    link = CuratorLink(series="weekly", name=week, post_id=post_id)
    return Pages().curate(curate_token(signer, link, curator, until), choice)


def links_in(html: str) -> Iterator[str]:
    """Every address that an HTML text leads to."""
    return map(unescape, _HREF.findall(html))
