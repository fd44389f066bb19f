"""Two lists of one blog, each newest first and in pages, read as one list that is newest first. Pure.

A post is wanted if a search finds its hashtag or if it has the tag; the API has no way to ask for either, and the two
lists come in pages that reach back differently far. Of each page so much is shown as no page still to come can have
anything newer than; the rest is asked for again with the next page.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from collector.sources.wordpress.answers import Listing
from collector.text.values import object_of, objects_of, text_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where a list goes on."""

    address: str  # of the page
    shown: int = 0  # how many of that page were shown already


def read_cursor(cursor: str) -> tuple[Spot, ...]:
    """The places where the lists go on; none for a cursor that says nothing."""
    try:
        told = objects_of(json.loads(cursor))
    except (ValueError, RecursionError):
        return ()
    spots = (Spot(address=text_of(spot.get("address")), shown=_count(spot.get("shown"))) for spot in told)
    return tuple(spot for spot in spots if spot.address)


def write_cursor(spots: Sequence[Spot]) -> str | None:
    """The cursor that says where the lists go on; None at the end of all of them."""
    if not spots:
        return None
    return json.dumps([{"address": spot.address, "shown": spot.shown} for spot in spots], separators=(",", ":"))


def merge(pages: Sequence[tuple[Spot, Listing]]) -> tuple[list[Any], tuple[Spot, ...]]:
    """What is shown of these pages, newest first and each thing once, and where the lists go on."""
    edge = max((_edge(spot, page) for spot, page in pages if page.next), default="")
    shown: list[Any] = []
    spots: list[Spot] = []
    for spot, page in pages:
        rest = page.items[spot.shown :]
        count = _count_shown(rest, edge, is_edge=page.next is not None and _edge(spot, page) == edge)
        shown += rest[:count]
        if count < len(rest):
            spots.append(Spot(address=spot.address, shown=spot.shown + count))
        elif page.next:
            spots.append(Spot(address=page.next))
    newest_first = sorted(shown, key=_date, reverse=True)
    return list({_identity(item): item for item in newest_first}.values()), tuple(spots)


def _count_shown(rest: list[Any], edge: str, *, is_edge: bool) -> int:
    """How many may be shown. The list whose page ends last shows all of it, so that every call gets further."""
    if is_edge:
        return len(rest)
    return next((number for number, item in enumerate(rest) if _date(item) < edge), len(rest))


def _edge(spot: Spot, page: Listing) -> str:
    """The date below which nothing of this list is known; of an empty page, that is everything."""
    rest = page.items[spot.shown :]
    return _date(rest[-1]) if rest else "9999"


def _date(item: Any) -> str:
    """In the blog's own time, by which it sorts: such texts sort as their instants do."""
    return text_of(object_of(item).get("date"))


def _identity(item: Any) -> str:
    return (
        json.dumps(object_of(item).get("id"), default=str)
        if object_of(item).get("id") is not None
        else f"at {id(item)}"
    )


def _count(value: Any) -> int:
    return value if type(value) is int and value > 0 else 0
