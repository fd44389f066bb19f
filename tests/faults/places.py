"""One healthy place of each kind, in the way that its fault table needs it: posts come when a test says so.

Each shows its posts in pages of three, so that a walk has more than one page to go.
"""

from __future__ import annotations

import html
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from fediverse import FakeServer
from fediverse_posts import stamp
from feeding import rss, rss_item

from collector.demo.bluesky import Account, HomeServer
from collector.demo.server import Answer, Request, json_answer
from collector.demo.wordpress import Blog

PAGE = 3  # posts
TAG = "notcoproduction"
TOKEN = "t0k3n-0f-the-reader"
READER = Account(
    did="did:plc:qrjxbwtd5mzk4ee2thvyo3ac",
    handle="reader.example",
    password="p4ss-w0rd-0f-mine",
    access="acc3ss-0f-mine",
    refresh="r3fresh-0f-mine",
)
KEY = "k3y-0f-the-feed"
SECRETS = (TOKEN, READER.password, READER.access, READER.refresh, KEY)


class Place(ABC):
    """A place of one kind, whatever it stands on."""

    kind: ClassVar[str]
    path: ClassVar[str]  # where its posts are asked for

    @abstractmethod
    def __init__(self, domain: str) -> None:
        """A place without posts, that calls itself so."""

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """What it says as long as it is well."""

    @abstractmethod
    def publish(self, words: str, at: datetime) -> None:
        """Shows another post."""

    @abstractmethod
    def invent(self, number: int) -> Any:
        """A raw item that nobody published: the higher the number, the older."""

    @abstractmethod
    def page(self, request: Request, items: Sequence[Any], onward: str | None) -> Answer:
        """A page of raw items; `onward` is what its next page is asked for by."""

    @abstractmethod
    def newest(self, request: Request) -> Request:
        """The same request without the cursor that it holds."""

    def source(self, address: str) -> dict[str, Any]:
        """The keys of its `[[source]]`."""
        return {"kind": self.kind, "url": address}

    @classmethod
    def name(cls) -> str:
        """What the table calls it."""
        return cls.__name__.removesuffix("Place").lower()


class MastodonPlace(Place):
    """A server of the Mastodon API that wants a token."""

    kind = "mastodon"
    path = f"/api/v1/timelines/tag/{TAG}"

    def __init__(self, domain: str) -> None:
        self._server = FakeServer("mastodon", domain=domain, token=TOKEN, page_limit=PAGE)

    def source(self, address: str) -> dict[str, Any]:
        return super().source(address) | {"token": TOKEN}

    def answer(self, request: Request) -> Answer:
        return self._server._respond(request)

    def publish(self, words: str, at: datetime) -> None:
        self._server.publish(words, at=at)

    def invent(self, number: int) -> Any:
        status = self._server.write(f"Invented {number}.", at=datetime.fromisoformat("2026-11-17T09:00:00Z"))
        name = str(10**15 - number)
        return status | {"id": name, "uri": f"https://{self._server.domain}/users/asha/statuses/{name}"}

    def page(self, request: Request, items: Sequence[Any], onward: str | None) -> Answer:
        """The last id is the cursor."""
        last = [items[-1] | {"id": onward}] if items and onward else items[-1:]
        return json_answer([*items[:-1], *last])

    def newest(self, request: Request) -> Request:
        return _without(request, "max_id")


class WordPressPlace(Place):
    """A post of a blog, with its comments."""

    kind = "wordpress"
    path = "/wp-json/wp/v2/comments"

    def __init__(self, domain: str) -> None:
        self._posts = _recorded("wordpress-posts")
        self._comments: list[dict[str, Any]] = []

    def source(self, address: str) -> dict[str, Any]:
        return super().source(address) | {"url": f"{address}/2013/11/26/examples-of-not-coproduction/"}

    def answer(self, request: Request) -> Answer:
        blog = Blog(
            index=_recorded("wordpress-index"),
            posts=self._posts,
            comments=self._comments,
            zone=ZoneInfo("Europe/London"),
        )
        per_page = min(PAGE, int(request.query.get("per_page", PAGE)))
        return blog.answer(replace(request, query={**request.query, "per_page": str(per_page)}))

    def publish(self, words: str, at: datetime) -> None:
        self._comments.append(self._comment(len(self._comments) + 1, words, at))

    def invent(self, number: int) -> Any:
        return self._comment(10**9 - number, f"Invented {number}.", datetime.fromisoformat("2026-11-17T09:00:00Z"))

    def page(self, request: Request, items: Sequence[Any], onward: str | None) -> Answer:
        link = {"Link": f'<{request.base}{self.path}?page={onward}>; rel="next"'} if onward else {}
        return json_answer(list(items), headers=link)

    def newest(self, request: Request) -> Request:
        return _without(request, "page")

    def _comment(self, number: int, words: str, at: datetime) -> dict[str, Any]:
        told = at.replace(tzinfo=None).isoformat(timespec="seconds")  # in London, too, where it is winter
        sample: dict[str, Any] = _recorded("wordpress")[0]
        return sample | {
            "id": number,
            "author_name": "Dilwyn",
            "date": told,
            "date_gmt": told,
            "content": {"rendered": f"<p>{html.escape(words)} #{TAG}</p>\n"},
            "link": f"{self._posts[0]['link']}#comment-{number}",
            "_links": {"self": [{"href": f"https://blog.example{self.path}/{number}"}]},
        }


class BlueskyPlace(Place):
    """An account's server on Bluesky."""

    kind = "bluesky"
    path = "/xrpc/app.bsky.feed.searchPosts"

    def __init__(self, domain: str) -> None:
        self._author = f"did:plc:{sha256(domain.encode()).hexdigest()[:24]}"
        self._views: list[dict[str, Any]] = []

    def source(self, address: str) -> dict[str, Any]:
        return super().source(address) | {"username": READER.handle, "password": READER.password}

    def answer(self, request: Request) -> Answer:
        return HomeServer(account=READER, documents={}, posts=self._views, profiles=[], page_limit=PAGE).answer(request)

    def publish(self, words: str, at: datetime) -> None:
        self._views.insert(0, self._view(f"3kaa{len(self._views):04}", words, at))

    def invent(self, number: int) -> Any:
        return self._view(f"3jaa{number}", f"Invented {number}.", datetime.fromisoformat("2026-11-17T09:00:00Z"))

    def page(self, request: Request, items: Sequence[Any], onward: str | None) -> Answer:
        return json_answer({"posts": list(items)} | ({"cursor": onward} if onward else {}))

    def newest(self, request: Request) -> Request:
        return _without(request, "cursor")

    def _view(self, rkey: str, words: str, at: datetime) -> dict[str, Any]:
        text = f"{words} #{TAG}"
        start = len(text.encode()) - len(TAG) - 1
        facet = {
            "index": {"byteStart": start, "byteEnd": len(text.encode())},
            "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": TAG}],
        }
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": stamp(at), "facets": [facet]}
        return {
            "uri": f"at://{self._author}/app.bsky.feed.post/{rkey}",
            "cid": f"bafy{rkey}",
            "author": {"did": self._author, "handle": "eilidh.example", "displayName": "Eilidh", "labels": []},
            "record": record,
            "replyCount": 2,
            "likeCount": 38,
            "indexedAt": stamp(at),
            "labels": [],
        }


@dataclass(frozen=True)
class _Entry:
    number: int
    words: str
    at: datetime


class _FeedPlace(Place):
    """A feed, whose address has a secret in it, and which says "not modified" where it can."""

    kind = "feed"

    def __init__(self, domain: str) -> None:
        self._home = f"https://{domain}"
        self._entries: list[_Entry] = []

    def source(self, address: str) -> dict[str, Any]:
        return super().source(address) | {"url": f"{address}{self.path}?key={KEY}"}

    def publish(self, words: str, at: datetime) -> None:
        self._entries.insert(0, _Entry(len(self._entries) + 1, words, at))

    def answer(self, request: Request) -> Answer:
        if request.path != self.path:
            return Answer(status=404, body=b"<html><title>Not found", headers={"Content-Type": "text/html"})
        mark = f'"{len(self._entries)}"'
        if request.headers.get("if-none-match") == mark:
            return Answer(status=304, headers={"ETag": mark})
        page = int(request.query.get("page", 1))
        shown = self._entries[(page - 1) * PAGE : page * PAGE]
        onward = str(page + 1) if len(self._entries) > page * PAGE else None
        answer = self.page(request, [self._item(entry) for entry in shown], onward)
        return replace(answer, headers={**answer.headers, "ETag": mark})

    def invent(self, number: int) -> Any:
        at = datetime.fromisoformat("2026-11-17T09:00:00Z")
        return self._item(_Entry(10**6 + number, f"Invented {number}.", at))

    def newest(self, request: Request) -> Request:
        return _without(request, "page")

    def _next(self, request: Request, onward: str) -> str:
        return f"{request.base}{self.path}?key={KEY}&page={onward}"

    @abstractmethod
    def _item(self, entry: _Entry) -> Any:
        """An entry as this sort of feed writes it."""


class RssPlace(_FeedPlace):
    """RSS."""

    path = "/all.rss"

    def page(self, request: Request, items: Sequence[Any], onward: str | None) -> Answer:
        link = f'<atom:link rel="next" href="{html.escape(self._next(request, onward))}"/>' if onward else ""
        return Answer(body=rss(*items, head=link).encode(), headers={"Content-Type": "application/rss+xml"})

    def _item(self, entry: _Entry) -> Any:
        address = f"{self._home}/{entry.number}"
        return rss_item(
            entry.number,
            link=address,
            guid=address,
            pubDate=format_datetime(entry.at, usegmt=True),
            description=f"{entry.words} #{TAG}",
        )


class JsonFeedPlace(_FeedPlace):
    """JSON Feed."""

    path = "/all.json"

    def page(self, request: Request, items: Sequence[Any], onward: str | None) -> Answer:
        told = {"version": "https://jsonfeed.org/version/1.1", "title": "A feed", "items": list(items)}
        return json_answer(told | ({"next_url": self._next(request, onward)} if onward else {}))

    def _item(self, entry: _Entry) -> Any:
        address = f"{self._home}/{entry.number}"
        told = {"id": address, "url": address, "title": f"Example {entry.number}", "tags": [TAG]}
        return told | {"content_text": f"{entry.words} #{TAG}", "date_published": stamp(entry.at)}


PLACES = (MastodonPlace, WordPressPlace, BlueskyPlace, RssPlace, JsonFeedPlace)


def _without(request: Request, name: str) -> Request:
    return replace(request, query={key: value for key, value in request.query.items() if key != name})


def _recorded(name: str) -> Any:
    return json.loads(files("collector.demo").joinpath("recordings", f"{name}.json").read_text("utf-8"))
