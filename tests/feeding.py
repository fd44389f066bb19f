"""Feeds for tests: those that were recorded or written after real ones, and small ones made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from serving import Reply

from collector.model import Found, Post
from collector.sources.answers import Answer
from collector.sources.feed.entries import read_entry
from collector.sources.feed.formats import Feed, read_feed

FEEDS = Path(__file__).parent / "data" / "feeds"
ADDRESS = "https://feeds.example/all.xml"
_SEEN = {"date_seen": "2026-11-18T12:00:00+00:00"}


def feed_body(name: str) -> bytes:
    """A kept feed as it came."""
    return (FEEDS / name).read_bytes()


def feed_reply(body: bytes | str, content_type: str = "application/rss+xml; charset=UTF-8", **headers: str) -> Reply:
    """A feed as a server gives it; header names are written with underscores."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(
        headers={"Content-Type": content_type} | named, body=body if isinstance(body, bytes) else body.encode()
    )


def answer(body: bytes | str, url: str = ADDRESS, **headers: str) -> Answer:
    """An answer with this body."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    content = body if isinstance(body, bytes) else body.encode()
    return Answer(asked_url=url, url=url, status=200, headers=named, body=content)


def feed_in(body: bytes | str, **headers: str) -> Feed:
    """The feed in these bytes."""
    feed = read_feed(answer(body, **headers))
    assert feed is not None
    return feed


def posts_in(body: bytes | str, **headers: str) -> list[Post]:
    """The posts of a feed, in its own order; undated ones were seen on a Wednesday."""
    entries: list[Any] = [
        entry | _SEEN if isinstance(entry, dict) else entry for entry in feed_in(body, **headers).entries
    ]
    return [read.post for entry in entries if isinstance(read := read_entry(entry, address=ADDRESS), Found)]


def rss_item(number: int = 1, **changes: str | None) -> str:
    """One item; `changes` are elements, None leaves one out."""
    elements = {
        "title": f"Example {number}",
        "link": f"https://feeds.example/{number}",
        "guid": f"https://feeds.example/{number}",
        "pubDate": "Tue, 17 Nov 2026 09:41:00 GMT",
        "description": "The ramp is a step. #notcoproduction",
    } | changes
    inner = "".join(f"<{name}>{text}</{name.split()[0]}>" for name, text in elements.items() if text is not None)
    return f"<item>{inner}</item>"


def rss(*items: str, head: str = "", title: str = "A feed") -> str:
    """A feed of these items; `head` is more of its channel."""
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
    atom = 'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    channel = f"<title>{title}</title><link>https://feeds.example/</link>{head}{''.join(items)}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {spaces} {atom}><channel>{channel}</channel></rss>'
    )


def entry(**changes: Any) -> dict[str, Any]:
    """An entry as the formats give it; None takes a key out."""
    values = {
        "id": "https://feeds.example/1",
        "url": "https://feeds.example/1",
        "title": "Example 1",
        "content_html": "<p>The ramp is a step. #notcoproduction</p>",
        "date_published": "2026-11-17T09:41:00+00:00",
        "feed": {"title": "A feed", "url": "https://feeds.example/"},
    } | changes
    return {key: value for key, value in values.items() if value is not None}
