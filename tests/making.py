"""Makes the values that tests are about: each call says only what matters to its test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from collector.model import Author, Hashtag, Post

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # a Monday morning


def make_author(**changes: Any) -> Author:
    """Carys, unless told otherwise; a new handle brings its own key."""
    handle = changes.get("handle", "carys@fedi.example")
    values: dict[str, Any] = {
        "key": handle.lower(),
        "handle": handle,
        "name": "Carys",
        "url": f"https://{handle.partition('@')[2]}/@{handle.partition('@')[0]}",
    }
    return Author(**(values | changes))


def make_post(number: int = 1, **changes: Any) -> Post:
    """A #notcoproduction post of a Tuesday; `number` gives it an address of its own."""
    values: dict[str, Any] = {
        "network": "fediverse",
        "uri": f"https://fedi.example/users/carys/statuses/{number}",
        "url": f"https://fedi.example/@carys/{number}",
        "author": make_author(),
        "published_at": datetime(2026, 11, 17, 9, 41, tzinfo=UTC),
        "edited_at": None,
        "text": "They renamed the complaints box 'co-creation portal'. #notcoproduction",
        "language": "en",
        "hashtags": (Hashtag(normal="notcoproduction", display="notcoproduction"),),
    }
    return Post(**(values | changes))
