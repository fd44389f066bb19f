"""Guestbooks: an example of a further kind of source, in a package of its own.

A guestbook answers at its page's address with

    {"title": "…", "entries": [{"id": 7, "page": "https://…", "name": "…", "written": "…Z", "words": "…"}], "older": 6}
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from collector.config.kinds import Asks, SourceForm, Watching
from collector.errors import Condition
from collector.model import Author, Found, Page, Post, Rejection, WatchKey
from collector.sources.answers import failure, json_object
from collector.sources.items import read_item
from collector.sources.protocol import Look, Setup, Source
from collector.text.cleaning import one_line, plain_text
from collector.text.hashtags import find_hashtags
from collector.text.values import id_of, instant_of, text_of, uri_of

_API = "guestbook"  # as messages name it
_KEPT = ("id", "page", "name", "written", "words")  # and not the address of a mailbox, which entries hold too


class GuestbookSource(Source):
    """One guestbook."""

    form: ClassVar[SourceForm] = SourceForm(is_page=True, collects={"hashtag": (Watching(asks=Asks.TOPIC, part=""),)})

    def __init__(self, setup: Setup) -> None:
        from collector.sources.web import WebClient  # what takes long to import waits until it is needed

        super().__init__(setup)
        self._web = WebClient.of(setup)
        self._lock = threading.Lock()

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        """Gives one page; the cursor is the number that the page before called older."""
        url = key.thread + (f"?before={quote(look.cursor)}" if look.cursor else "")
        with self._lock:
            answer = self._web.get(url)
        error = failure(answer, token=None, now=self.setup.now(), api=_API)
        if error is not None:
            raise error
        value = json_object(answer, _API)
        entries = value.get("entries")
        read = [read_entry(raw) for raw in entries] if isinstance(entries, list) else []
        return Page(
            found=tuple(item for item in read if isinstance(item, Found)),
            rejections=tuple(item for item in read if isinstance(item, Rejection)),
            next_cursor=id_of(value.get("older")) or None,
            condition=Condition.OK if read or look.cursor else Condition.NO_POSTS,
        )

    @classmethod
    def read_kept(cls, raw: Mapping[str, Any], key: WatchKey, account_domain: str | None) -> Found | Rejection | None:
        """Reads an entry that was kept."""
        return read_entry(raw)

    def close(self) -> None:
        """Gives back its connections."""
        self._web.close()


def read_entry(raw: Any) -> Found | Rejection:
    """One entry: the post, or why it cannot be read."""
    if isinstance(raw, dict):
        raw = {name: raw[name] for name in _KEPT if name in raw}
        return read_item(raw, id_of(raw.get("id")), normalise_entry)
    return read_item(raw, "", normalise_entry)


def normalise_entry(raw: Mapping[str, Any]) -> Post:
    """The post that an entry tells of; ValueError for one that cannot be known again."""
    written_at = instant_of(raw.get("written"))
    if written_at is None:
        raise ValueError("written: not an instant")
    uri = uri_of(raw.get("page"), "page")
    name, words = one_line(text_of(raw.get("name"))), plain_text(text_of(raw.get("words")))
    handle = f"{'-'.join(name.lower().split()) or 'somebody'}@{urlsplit(uri).netloc}"
    return Post(
        network="guestbook",
        uri=uri,
        url=uri,
        author=Author(key=handle, handle=handle, name=name, url=None),
        published_at=written_at,
        edited_at=None,
        text=words,
        hashtags=find_hashtags(words),
    )
