"""What every kind of source is held to: one small stand-in a kind, that holds given posts as raw answers of that kind.

A further kind joins by one more class here. It says where its server answers, and how it writes

- an item: with the given words, and beside them all that such answers hold and that must never be kept;
- a broken item, that cannot be known again;
- a page of items.
"""

from __future__ import annotations

import html
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from bluesky_server import PASSWORD, SEARCH, BlueskyServer, a_view
from feeding import feed_reply, rss, rss_item
from making import NOW
from plugging import GUESTBOOK
from recorded_blog import POST_PATH, recorded
from serving import Reply, Serving, json_reply

from collector.model import WatchKey
from collector.sources import Setup, Source, kind_of

TAG = "notcoproduction"
MAILBOX = "mallory@mail.example"
FACE = "https://www.gravatar.com/avatar/0bc83cb571cd1c50ba6f3e8a78ef1346"
TOKEN = "t0k3n-0f-somebody"
NEVER_KEPT = (MAILBOX, FACE, TOKEN, "203.0.113.7")  # the last: from where somebody wrote
NEVER_SAID = (*NEVER_KEPT, PASSWORD, "s3cr3t")


class Stand(ABC):
    """A kind on loopback."""

    kind: ClassVar[str]
    path: ClassVar[str]  # where its pages are asked for
    network: ClassVar[str]
    follows: ClassVar[bool] = True  # False: a redirect is no answer of that kind

    def open(self) -> Serving:
        """A server of that kind, that is not running yet."""
        return Serving()

    def prepare(self, server: Serving) -> None:  # noqa: B027 (most kinds ask for their page at once)
        """Answers what a source asks before it comes to its page."""

    def key(self, address: str) -> WatchKey:
        """A watch at a server."""
        return WatchKey(kind=self.kind, address=address, hashtag=TAG, topic=TAG)

    def setup(self, address: str) -> Setup:
        """What its source is made from."""
        return Setup(address=address, user_agent="test/1", now=lambda: NOW, allow_private=True)

    def source_class(self) -> type[Source]:
        """The class of the kind."""
        return kind_of(self.kind)

    def make(self, address: str, **changes: Any) -> Source:
        """A source at a server."""
        return self.source_class()(replace(self.setup(address), **changes))

    @abstractmethod
    def item(self, address: str, number: int, words: str) -> Any:
        """A raw item, with everything in it that must not be kept."""

    @abstractmethod
    def broken_item(self) -> Any:
        """A raw item that nobody could know again."""

    @abstractmethod
    def page(self, items: Sequence[Any]) -> Reply:
        """The answer with these items."""

    def holds(self, server: Serving, *items: Any) -> None:
        """Lets the server answer with these items."""
        server.answers[self.path] = self.page(items)

    def __str__(self) -> str:
        return self.kind


class MastodonStand(Stand):
    kind, network = "mastodon", "fediverse"
    path = f"/api/v1/timelines/tag/{TAG}"

    def setup(self, address: str) -> Setup:
        return replace(super().setup(address), token="own-s3cr3t")

    def prepare(self, server: Serving) -> None:
        server.answers["/api/v2/instance"] = json_reply({"title": "A server", "version": "4.5.0"})

    def item(self, address: str, number: int, words: str) -> Any:
        account = {"username": "carys", "acct": "carys", "url": f"{address}/@carys", "avatar": FACE, "email": MAILBOX}
        return {
            "id": str(number),
            "uri": f"{address}/users/carys/statuses/{number}",
            "url": f"{address}/@carys/{number}",
            "created_at": f"2026-11-17T09:{number:02}:00.000Z",
            "visibility": "public",
            "account": account | {"avatar_static": FACE, "source": {"note": MAILBOX}},
            "content": f"<p>{html.escape(words)}</p>",
            "application": {"name": "app", "client_secret": TOKEN},
        }

    def broken_item(self) -> Any:
        return {"id": "99", "visibility": "public", "account": {"email": MAILBOX, "avatar": FACE}}

    def page(self, items: Sequence[Any]) -> Reply:
        return json_reply(list(items))


class FeedStand(Stand):
    kind, network = "feed", "feed"
    path = "/all.rss"

    def key(self, address: str) -> WatchKey:
        return replace(super().key(address), thread=address + self.path)

    def item(self, address: str, number: int, words: str) -> Any:
        told = "".join(character for character in words if character.isprintable() or character in "\n\u202e")
        return rss_item(
            number,
            title=f"Example {number}",
            link=f"{address}/{number}",
            guid=f"{address}/{number}",
            pubDate=f"Tue, 17 Nov 2026 09:{number:02}:00 GMT",
            author=f"{MAILBOX} (Carys)",
            description=f"<![CDATA[<p>{html.escape(told)}</p><img src='{FACE}?s=96'>]]>",
            **{f'media:content url="{FACE}" medium="image"': "", "token": TOKEN, "ip": "203.0.113.7"},
        )

    def broken_item(self) -> Any:
        return f"<item><author>{MAILBOX}</author></item>"

    def page(self, items: Sequence[Any]) -> Reply:
        return feed_reply(rss(*items, head=f"<managingEditor>{MAILBOX}</managingEditor>"))


class WordPressStand(Stand):
    kind, network = "wordpress", "wordpress"
    path = "/wp-json/wp/v2/comments"

    def prepare(self, server: Serving) -> None:
        server.answers["/"] = recorded("page-home", server.address)
        server.answers[POST_PATH] = recorded("page-post", server.address)

    def setup(self, address: str) -> Setup:
        return replace(super().setup(address), url=address + POST_PATH, collect="comments")

    def key(self, address: str) -> WatchKey:
        return replace(super().key(address), hashtag="", thread=address + POST_PATH)

    def item(self, address: str, number: int, words: str) -> Any:
        return {
            "id": number,
            "post": 4,
            "author_name": "Carys",
            "author_email": MAILBOX,
            "author_ip": "203.0.113.7",
            "author_avatar_urls": {"24": FACE, "96": FACE},
            "date_gmt": f"2026-11-17T09:{number:02}:00",
            "content": {"rendered": f"<p>{html.escape(words)}</p>"},
            "link": f"{address}{POST_PATH}#comment-{number}",
            "_links": {"self": [{"href": f"{address}{self.path}/{number}"}]},
            "meta": {"_token": TOKEN},
        }

    def broken_item(self) -> Any:
        return {"id": 99, "author_email": MAILBOX, "author_avatar_urls": {"24": FACE}, "author_ip": "203.0.113.7"}

    def page(self, items: Sequence[Any]) -> Reply:
        return json_reply(list(items))


class BlueskyStand(Stand):
    kind, network = "bluesky", "bluesky"
    path = SEARCH
    follows = False  # a session is not carried elsewhere

    def open(self) -> Serving:
        return BlueskyServer()

    def setup(self, address: str) -> Setup:
        return replace(super().setup(address), username="reader.test", password=PASSWORD)

    def item(self, address: str, number: int, words: str) -> Any:
        created = {"createdAt": f"2026-11-17T09:{number:02}:00.000Z"}
        return a_view(
            f"3kaa{number}", text=words, author={"avatar": FACE, "email": MAILBOX}, record=created, token=TOKEN
        )

    def broken_item(self) -> Any:
        return {"uri": "at://did:plc:x/app.bsky.feed.post/3kbbb", "author": {"avatar": FACE, "email": MAILBOX}}

    def page(self, items: Sequence[Any]) -> Reply:
        return json_reply({"posts": list(items)})


class GuestbookStand(Stand):
    """The example of a kind in a package of its own."""

    kind, network = "guestbook", "guestbook"
    path = "/book"

    def source_class(self) -> type[Source]:
        if str(GUESTBOOK) not in sys.path:
            sys.path.append(str(GUESTBOOK))
        from guestbook import GuestbookSource

        return GuestbookSource

    def key(self, address: str) -> WatchKey:
        return replace(super().key(address), thread=address + self.path)

    def item(self, address: str, number: int, words: str) -> Any:
        written = f"2026-11-17T10:{number:02}:00+01:00"
        told = {"id": number, "page": f"{address}/book/{number}", "name": "Carys", "written": written, "words": words}
        return told | {"mailbox": MAILBOX, "portrait": FACE, "login": TOKEN, "from": "203.0.113.7"}

    def broken_item(self) -> Any:
        return {"id": 99, "mailbox": MAILBOX, "portrait": FACE}

    def page(self, items: Sequence[Any]) -> Reply:
        return json_reply({"title": "A book", "entries": list(items)})


STANDS: tuple[Stand, ...] = (MastodonStand(), FeedStand(), WordPressStand(), BlueskyStand(), GuestbookStand())


def kept_text(raw: Any) -> str:
    """All that is kept of an answer, to search in."""
    return json.dumps(raw, ensure_ascii=False)
