"""Which comments and posts, met before and now missing, a blog no longer shows for sure, and how the others are now.

A closed door is no deletion: only where the API is open, and says of this very comment that it is not public, is it
gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from collector.sources.wordpress.answers import is_surely_gone
from collector.sources.wordpress.posts import READABLE
from collector.text.values import id_of, object_of, objects_of

if TYPE_CHECKING:
    from collector.sources.wordpress.api import WordPressApi

_ROUTES = {"comment": "comments"} | READABLE
_EMBEDDED = {"comments": "up"} | dict.fromkeys(READABLE.values(), "author,wp:term")
_AT_ONCE = 100  # the most that WordPress lists


def find_gone(api: WordPressApi, namespace: str, native_ids: Sequence[str]) -> Iterator[str]:
    """Gives those that are gone, one by one; SourceError ends it, and what was given before stays true."""
    for kind, numbers in _at_once(native_ids):
        for number in _gone_of(api, namespace, _ROUTES[kind], numbers):
            yield f"{kind}-{number}"


def still_shown(api: WordPressApi, namespace: str, native_ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Those that the blog shows, as its API tells them now; SourceError ends it."""
    for kind, numbers in _at_once(native_ids):
        route = _ROUTES[kind]
        asked = {"include": ",".join(numbers), "per_page": str(_AT_ONCE), "_embed": _EMBEDDED[route]}
        yield from objects_of(api.listing(namespace, route, asked).items)


def _at_once(native_ids: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The numbers that can be asked for together, with what they are numbers of."""
    for kind in _ROUTES:
        wanted = [number for native in native_ids if (number := _number(native, kind))]
        for start in range(0, len(wanted), _AT_ONCE):
            yield kind, wanted[start : start + _AT_ONCE]


def _number(native_id: str, kind: str) -> str | None:
    start, _, number = native_id.partition("-")
    return number if start == kind and number.isdecimal() else None


def _gone_of(api: WordPressApi, namespace: str, route: str, numbers: list[str]) -> Iterator[str]:
    """Asks for all of them at once, then for each that is left out: that alone may be a plugin's doing."""
    asked = {"include": ",".join(numbers), "per_page": str(_AT_ONCE), "_fields": "id,content.protected"}
    listed = objects_of(api.listing(namespace, route, asked).items)
    locked = {id_of(item.get("id")) for item in listed if object_of(item.get("content")).get("protected") is True}
    shown = {id_of(item.get("id")) for item in listed}
    yield from (number for number in numbers if number in locked)
    for number in numbers:
        if number not in shown and is_surely_gone(api.answer(namespace, f"{route}/{number}", {"_fields": "id"})):
            yield number
