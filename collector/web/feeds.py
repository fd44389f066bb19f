"""Feeds of digests, as Atom and as JSON: of one series, or of all.

An entry holds the digest as it is today; what was taken back is gone from it at the next reading. Only digests that
were built are in a feed, since readers keep an entry as they first saw it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

from collector.config import SeriesSettings
from collector.web.allowances import FEEDS
from collector.web.answers import Answer, give
from collector.web.drawing import FeedLink, draw_part, name_site
from collector.web.issues import Shown, find_newest
from collector.web.letters import IN_A_FEED, find_series, name_series, write_letter
from collector.web.routing import Route
from collector.web.visiting import Visit

ATOM, JSON = "application/atom+xml", "application/feed+json"
_KINDS = {"atom": ATOM, "json": JSON}
_MOST = 10  # digests in a feed
_NO_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # what an empty feed says of its age
_NAMESPACE = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One digest, or one post, in a feed."""

    address: str
    title: str
    summary: str  # empty: none
    html: str
    at: datetime
    published_at: datetime | None = None  # where it may have changed since
    author: str = ""  # where it is not the feed's


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A feed, whatever its form."""

    title: str
    language: str
    page: str  # what it is the feed of
    address: str
    entries: tuple[Entry, ...]  # the newest first

    @property
    def at(self) -> datetime:
        """When it last gained something."""
        return max((entry.at for entry in self.entries), default=_NEVER)


def feed_links(visit: Visit, series: SeriesSettings | None) -> tuple[FeedLink, ...]:
    """The feeds that belong to a page about a series, or about all."""
    title = name_series(visit, series) if series else name_site(visit)
    name = series.name if series else None
    return tuple(
        FeedLink(title=title, type=kind, address=visit.pages.digest_feed(form, name)) for form, kind in _KINDS.items()
    )


def give_atom(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """Atom, RFC 4287."""
    return give(draw_atom(_gather(visit, arguments, "atom")), f"{ATOM}; charset=utf-8")


def give_json(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """JSON Feed 1.1."""
    return give(draw_json(_gather(visit, arguments, "json")), f"{JSON}; charset=utf-8")


def _gather(visit: Visit, arguments: Mapping[str, Any], form: str) -> Feed:
    visit.spend(FEEDS)
    name = arguments.get("series")
    wanted = [find_series(visit, name)] if name else list(visit.settings.digests)
    visit = visit.speaking(wanted[0].words)
    with visit.database.read() as conn:
        newest = find_newest(conn, visit.settings, wanted, _MOST)
    return Feed(
        title=name_series(visit, wanted[0]) if name else name_site(visit),
        language=visit.words.language,
        page=visit.public.archive(name) if name else visit.public.home,
        address=visit.public.digest_feed(form, name),
        entries=tuple(_write_entry(visit.speaking(series.words), series, shown) for series, shown in newest),
    )


def _write_entry(visit: Visit, series: SeriesSettings, shown: Shown) -> Entry:
    letter = write_letter(visit, series, shown.digest, visit.public, IN_A_FEED)
    return Entry(
        address=visit.public.digest(series.name, shown.digest.window.name),
        title=shown.digest.subject,
        summary=letter.sentence,
        html=draw_part(visit, "entry.html", letter=letter),
        at=shown.built_at or _NEVER,
    )


def draw_atom(feed: Feed) -> bytes:
    """The feed as Atom."""
    ET.register_namespace("", _NAMESPACE)
    root = ET.Element(_name("feed"), {"xml:lang": feed.language})
    _add(root, "id", feed.address)
    _add(root, "title", feed.title)
    _add(root, "updated", _instant(feed.at))
    _add(root, "link", rel="self", type=ATOM, href=feed.address)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    _add(_add(root, "author"), "name", feed.title)
    for entry in feed.entries:
        element = _add(root, "entry")
        _add(element, "id", entry.address)
        _add(element, "title", entry.title)
        _add(element, "updated", _instant(entry.at))
        if entry.published_at:
            _add(element, "published", _instant(entry.published_at))
        if entry.author:
            _add(_add(element, "author"), "name", entry.author)
        _add(element, "link", rel="alternate", type="text/html", href=entry.address)
        if entry.summary:  # an empty one would be shown in place of the content
            _add(element, "summary", entry.summary)
        _add(element, "content", entry.html, type="html")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, _name(name), attributes)
    element.text = _NO_XML.sub("", text) or None
    return element


def _name(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"


def draw_json(feed: Feed) -> str:
    """The feed as JSON Feed 1.1."""
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "language": feed.language,
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.address,
        "url": entry.address,
        "title": entry.title,
        **({"summary": entry.summary} if entry.summary else {}),
        "content_html": entry.html,
        "date_published": _instant(entry.published_at or entry.at),
        **({"date_modified": _instant(entry.at)} if entry.published_at else {}),
        **({"authors": [{"name": entry.author}]} if entry.author else {}),
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


ROUTES = (
    Route(path="/feeds/digests.atom", get=give_atom, is_shared=True),
    Route(path="/feeds/digests.json", get=give_json, is_shared=True),
    Route(path="/feeds/digests/<series>.atom", get=give_atom, is_shared=True),
    Route(path="/feeds/digests/<series>.json", get=give_json, is_shared=True),
)
