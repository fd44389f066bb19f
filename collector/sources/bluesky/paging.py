"""Where a walk through the search stands. Pure.

One query gives about 10,000 posts and then ends; what is older is reached by another one that ends just after the
oldest post met (`until`). The server sorts by the earlier of what the client said and when it was indexed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from collector.text.values import count_of, instant_of, object_of, text_of

FULL_PAGE = 100  # the most that the server gives
QUERY_HOLDS = 9_500  # posts asked for, after which the end of a query may not be the end of all

_MILLISECOND = timedelta(milliseconds=1)  # all that the server looks at


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The cursor that is handed out, unpacked."""

    cursor: str = ""  # the server's own; empty: the first page of a query
    until: datetime | None = None  # the query holds nothing from then on
    asked: int = 0  # posts asked for in this query: some are taken out of a page after it is counted
    reached: datetime | None = None  # how far down the last page with posts lies

    @property
    def is_deep(self) -> bool:
        """Whether the query may be near the bound of what one gives."""
        return self.asked >= QUERY_HOLDS

    def written(self) -> str:
        """The cursor as text."""
        values = {
            "cursor": self.cursor,
            "until": _text(self.until),
            "asked": self.asked,
            "reached": _text(self.reached),
        }
        return json.dumps({name: value for name, value in values.items() if value}, separators=(",", ":"))


def place_at(cursor: str | None) -> Place:
    """Reads what `written` wrote; what is anything else begins anew."""
    try:
        values = object_of(json.loads(cursor or "{}"))
    except (ValueError, RecursionError):
        values = {}
    return Place(
        cursor=text_of(values.get("cursor")),
        until=instant_of(values.get("until")),
        asked=count_of(values.get("asked")),
        reached=instant_of(values.get("reached")),
    )


def next_place(place: Place, posts: Sequence[Any], cursor: str, limit: int) -> Place | None:
    """Where the page after this one stands; None is the end. A page may be short or empty and yet not the last."""
    after = replace(place, cursor=cursor, asked=place.asked + limit, reached=_reached(posts) or place.reached)
    if cursor:
        return after
    return place_below(after) if after.is_deep else None


def place_below(place: Place) -> Place | None:
    """The first page of another query, below what this one has shown; None where nothing is known to be below.

    Its `until` is always earlier than this one's, also where a whole query was of one millisecond.
    """
    if place.reached is None:
        return None
    try:
        until = _cut(place.reached) + _MILLISECOND
        if place.until is not None and until >= place.until:
            until = place.until - _MILLISECOND
    except OverflowError:
        return None
    return Place(until=until)


def _reached(posts: Sequence[Any]) -> datetime | None:
    """The middle one of a page's times: a single one that is out of order must not make a walk leap over years."""
    times = sorted((time for post in posts if (time := _sort_time(object_of(post)))), reverse=True)
    return times[len(times) // 2] if times else None


def _sort_time(post: dict[str, Any]) -> datetime | None:
    record = object_of(post.get("record"))
    times = [instant_of(post.get("indexedAt")), instant_of(record.get("createdAt"))]
    return min((time for time in times if time is not None), default=None)


def _cut(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def until_text(instant: datetime) -> str:
    """An instant as the search takes it."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
