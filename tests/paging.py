"""A source made of pages, for tests of walks: no network, every arrangement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from making import NOW, make_post

from collector.errors import Condition, SourceError
from collector.model import Found, Hashtag, Page, WatchKey, WatchState
from collector.polling.plan import Pace
from collector.sources import Look, Source

KEY = WatchKey(kind="mastodon", address="https://fedi.example", hashtag="notcoproduction", topic="notcoproduction")
SPELLINGS = frozenset({"notcoproduction"})

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

PACE = Pace(
    interval=10 * MINUTE,
    overlap=48 * HOUR,
    overlap_interval=HOUR,
    deep_overlap=30 * DAY,
    deep_interval=DAY,
    max_pages=20,
)
SETTLED = WatchState(
    began_at=NOW - 90 * DAY,
    last_round_at=NOW - 10 * MINUTE,
    last_complete_at=NOW - 30 * MINUTE,
    last_deep_at=NOW - 5 * HOUR,
)


def make_found(native_id: str, published_at: datetime, hashtag: str = "notcoproduction") -> Found:
    """A post under a server's own id."""
    post = make_post(
        uri=f"https://fedi.example/posts/{native_id}",
        url=None,
        published_at=published_at,
        hashtags=(Hashtag(normal=hashtag, display=hashtag),),
    )
    return Found(post=post, native_id=native_id, raw=b"")


def make_page(*found: Found, next_cursor: str | None = "below", condition: Condition = Condition.OK) -> Page:
    """A page in the middle of a timeline, unless told otherwise."""
    return Page(found=found, next_cursor=next_cursor, condition=condition)


@dataclass
class Timeline(Source):
    """A server that pages as those of the Mastodon API do: newest id first, by the last id of the page before.

    Ids sort as text. What is in `hidden` takes its place on a page and is not shown, as servers filter after paging.
    `faults` counts down at each request; at 0 it fails.
    """

    page_size: int
    held: dict[str, Found] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    faults: list[int] = field(default_factory=list)
    requests: list[str | None] = field(default_factory=list)

    def add(self, items: Iterable[Found]) -> None:
        self.held |= {item.native_id: item for item in items}

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        cursor = look.cursor
        self.requests.append(cursor)
        self.faults = [left - 1 for left in self.faults]
        if -1 in self.faults:
            self.faults.remove(-1)
            raise SourceError(Condition.SERVER_FAULT, "a fault of its own")
        ids = sorted((i for i in self.held if cursor is None or i < cursor), reverse=True)[: self.page_size]
        found = tuple(self.held[native_id] for native_id in ids if native_id not in self.hidden)
        return Page(found=found, next_cursor=ids[-1] if ids else None)
