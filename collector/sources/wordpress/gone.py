"""Which comments and posts, met before and now missing, a blog no longer shows for sure, and how the others are now.

A closed door is no deletion: only where the API is open, and says of this very comment that it is not public, is it
gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collector.sources.wordpress.answers import is_surely_gone
from collector.sources.wordpress.posts import READABLE
from collector.text.values import id_of, object_of, objects_of

if TYPE_CHECKING:
    from collector.sources.wordpress.api import WordPressApi

_ROUTES = {"comment": "comments"} | READABLE
_EMBEDDED = {"comments": "up"} | dict.fromkeys(READABLE.values(), "author,wp:term")
AT_ONCE = 100  # the most that WordPress lists


@dataclass(slots=True)
class Told:
    """What a blog has told so far; what stands in it stays true if the asking ends early."""

    shown: list[dict[str, Any]] = field(default_factory=list)  # as its API tells them now
    gone: set[str] = field(default_factory=set)  # native ids


def ask_about(api: WordPressApi, namespace: str, native_ids: Sequence[str], told: Told) -> None:
    """Asks for all of them by the hundred, then for each that is left out: that alone may be a plugin's doing.

    SourceError ends it.
    """
    for kind, numbers in _at_once(native_ids):
        route = _ROUTES[kind]
        asked = {"include": ",".join(numbers), "per_page": str(AT_ONCE), "_embed": _EMBEDDED[route]}
        listed = objects_of(api.listing(namespace, route, asked).items)
        locked = {id_of(item.get("id")) for item in listed if object_of(item.get("content")).get("protected") is True}
        told.gone.update(f"{kind}-{number}" for number in numbers if number in locked)
        told.shown += [item for item in listed if id_of(item.get("id")) not in locked]
        shown = {id_of(item.get("id")) for item in listed}
        for number in numbers:
            if number not in shown and is_surely_gone(api.answer(namespace, f"{route}/{number}", {"_fields": "id"})):
                told.gone.add(f"{kind}-{number}")


def _at_once(native_ids: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The numbers that can be asked for together, with what they are numbers of."""
    for kind in _ROUTES:
        wanted = [number for native in native_ids if (number := _number(native, kind))]
        for start in range(0, len(wanted), AT_ONCE):
            yield kind, wanted[start : start + AT_ONCE]


def _number(native_id: str, kind: str) -> str | None:
    start, _, number = native_id.partition("-")
    return number if start == kind and number.isdecimal() else None
