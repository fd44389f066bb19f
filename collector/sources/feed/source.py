"""Posts from feeds: RSS, Atom and JSON Feed, from any place that has one.

Each look goes: ask, with the marks of the answer before → find the feed, which a web page may name → read each entry.
Asking stands here; the rest is pure.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, NamedTuple, NoReturn
from urllib.parse import urlsplit

from collector.config.kinds import Asks, SourceForm, Watching
from collector.errors import Condition, SourceError
from collector.model import Found, Page, Rejection, WatchKey
from collector.sources.answers import Answer, failure
from collector.sources.feed.bookmarks import Bookmark, bookmark_of, read_bookmark
from collector.sources.feed.entries import read_entry
from collector.sources.feed.formats import API, MOST_ENTRIES, Feed, read_feed
from collector.sources.feed.pages import named_feed
from collector.sources.feed.sights import FirstSights
from collector.sources.protocol import Look, Probe, Setup, Source
from collector.text.values import instant_of

_LARGEST = 8 * 1024 * 1024  # bytes; feeds of 1,000 entries have 0.5 to 5 MB
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)


class _Got(NamedTuple):
    """A feed, and the answer that it came in; without a feed the answer says that nothing changed."""

    answer: Answer
    feed: Feed | None


class FeedSource(Source):
    """One feed. It shows only its newest entries, so that nothing can be told from what is missing."""

    form: ClassVar[SourceForm] = SourceForm(
        is_page=True,
        collects={
            "hashtag": (Watching(asks=Asks.TOPIC, part=""),),
            "all": (Watching(asks=Asks.EVERYTHING, part=""),),
        },
    )
    reads_all: ClassVar[bool] = True

    def __init__(self, setup: Setup) -> None:
        from collector.sources.web import WebClient

        super().__init__(setup)
        self._web = WebClient.of(setup, replace(setup.limits, body_bytes=min(setup.limits.body_bytes, _LARGEST)))
        self._lock = threading.Lock()
        self._sights = FirstSights()

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        """Gives all that the feed shows; the cursor is the address of older entries, where the feed names one."""
        with self._lock:
            got = self._get(look.cursor or key.thread, Bookmark() if look.cursor else read_bookmark(look.bookmark))
            if got.feed is None:
                return Page(found=(), bookmark=look.bookmark, is_whole=False)
            return self._page(key, got.answer, got.feed, is_first=look.cursor is None)

    def probe(self, key: WatchKey) -> Probe:
        """Asks for the feed, and says how many entries it shows."""
        try:
            with self._lock:
                got = self._get(key.thread, Bookmark())
                feed = got.feed or _no_feed(got.answer)
                page = self._page(key, got.answer, feed, is_first=True)
        except SourceError as error:
            return Probe(address=self.setup.address, condition=error.condition, message=str(error))
        return Probe(
            address=self.setup.address,
            condition=page.condition,
            message=_says(key.thread, got.answer, feed, len(page.rejections)),
            needs_token=False,
            title=feed.title,
        )

    @classmethod
    def read_kept(
        cls,
        raw: Mapping[str, Any],
        key: WatchKey,
        account_domain: str | None,  # noqa: ARG003 (a feed's authors are named after its host)
    ) -> Found | Rejection | None:
        """Reads an entry that was kept."""
        return read_entry(raw, address=key.thread)

    def close(self) -> None:
        """Gives back its connections."""
        self._web.close()

    def _get(self, url: str, bookmark: Bookmark) -> _Got:
        """Asks for a feed; where a web page comes, for the one feed that it names."""
        answer = self._ask(url, bookmark)
        if answer.status == 304:
            return _Got(answer, None)
        feed = read_feed(answer)
        if feed is not None:
            return _Got(answer, feed)
        named = named_feed(answer)
        if named is None:
            raise _no_feed_named(answer)
        answer = self._ask(named, bookmark)
        if answer.status == 304:
            return _Got(answer, None)
        return _Got(answer, read_feed(answer) or _no_feed(answer))

    def _ask(self, url: str, bookmark: Bookmark) -> Answer:
        marks = bookmark.headers_for(url)
        answer = self._web.get(url, {"Accept": _ACCEPT} | marks)
        if answer.status == 304 and marks:
            return answer
        error = failure(answer, token=None, now=self.setup.now(), api=API)
        if error is None:
            return answer
        if error.condition is Condition.NEEDS_TOKEN:
            message = f"{answer.host} does not show this feed to everybody (HTTP {answer.status})"
            raise SourceError(error.condition, message, status=answer.status)
        raise error

    def _page(self, key: WatchKey, answer: Answer, feed: Feed, *, is_first: bool) -> Page:
        seen_at = instant_of(feed.date) or _last_modified(answer) or self.setup.now()
        entries = [self._sights.dated(entry, key.thread, seen_at) for entry in feed.entries]
        read = [read_entry(entry, address=key.thread) for entry in entries]
        found = sorted(
            (item for item in read if isinstance(item, Found)), key=lambda item: item.post.published_at, reverse=True
        )
        return Page(
            found=tuple(found),
            rejections=tuple(item for item in read if isinstance(item, Rejection)),
            next_cursor=feed.next_url,
            condition=_condition(feed, is_first=is_first),
            message=f"{_place(answer.asked_url)} {_missing(feed)}" if feed.is_partial else "",
            bookmark=bookmark_of(answer).written() if is_first and found and not feed.is_cut else None,
            is_whole=False,
        )


def _condition(feed: Feed, *, is_first: bool) -> Condition:
    if feed.is_partial:
        return Condition.HALF_FEED
    return Condition.NO_POSTS if is_first and not feed.entries else Condition.OK


def _missing(feed: Feed) -> str:
    if feed.is_cut:
        return "breaks off: its last entries cannot be seen"
    return f"has more than {MOST_ENTRIES:,} entries: only the newest are read"


def _last_modified(answer: Answer) -> datetime | None:
    try:
        instant = parsedate_to_datetime(answer.headers.get("last-modified", ""))
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _no_feed(answer: Answer) -> NoReturn:
    raise SourceError(Condition.NO_SUCH_API, f"{_place(answer.asked_url)} is a web page, no feed", status=answer.status)


def _no_feed_named(answer: Answer) -> SourceError:
    message = f"{_place(answer.asked_url)} is a web page that names no feed: give the address of the feed itself"
    return SourceError(Condition.NO_SUCH_API, message, status=answer.status)


def _says(configured: str, answer: Answer, feed: Feed, unreadable: int) -> str:
    number = len(feed.entries)
    found = "" if answer.asked_url == configured else f", found through {_place(configured)}"
    broken = f", of which {unreadable} cannot be read" if unreadable else ""
    partial = ", and some are missing" if feed.is_partial else ""
    counted = f"{number} {'entry' if number == 1 else 'entries'}"
    return f"{_place(answer.asked_url)} is a feed of {counted}{broken}{partial}{found}"


def _place(url: str) -> str:
    """An address as messages show it: without its query, where secrets stand."""
    split = urlsplit(url)
    return split.netloc.rpartition("@")[2] + split.path
