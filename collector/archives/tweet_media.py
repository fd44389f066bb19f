"""What hangs on a tweet, in either API: pictures, films, and films without sound that play again and again."""

from __future__ import annotations

from typing import Any

from collector.archives.tweets import tweet_count
from collector.model import Media
from collector.text.cleaning import plain_text
from collector.text.values import objects_of, web_address

_TYPES = {"photo": "image", "video": "video", "animated_gif": "gifv"}


def tweet_media(url: str | None, kind: Any, alt_text: Any) -> Media | None:
    """The picture or film at an address, if there is one; a film may have no address but that of its picture."""
    if url is None:
        return None
    return Media(
        url=url,
        type=_TYPES.get(kind, "unknown") if isinstance(kind, str) else "unknown",
        alt_text=plain_text(alt_text) if isinstance(alt_text, str) else None,
    )


def best_copy(held: Any, rate: str) -> str | None:
    """The address of a film's best copy, if any is named; the two APIs call its bit rate differently."""
    variants = objects_of(held.get("variants")) if isinstance(held, dict) else []
    films = [item for item in variants if item.get("content_type") == "video/mp4"]
    best = max(films, key=lambda item: tweet_count(item.get(rate)), default=None)
    return web_address(best.get("url")) if best else None
