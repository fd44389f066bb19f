"""Each comment and post of an answer for itself: read, left out, or rejected. Pure.

What is read is always what is kept, never the raw answer, so that a kept one makes the same post again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from collector.model import Found, Rejection
from collector.sources.items import read_item
from collector.sources.wordpress.comments import comment_native_id, is_comment, kept_of_comment, normalise_comment
from collector.sources.wordpress.feed import FEED_COMMENT, feed_native_id, normalise_feed_comment
from collector.sources.wordpress.posts import (
    READABLE,
    is_public_post,
    kept_of_post,
    normalise_post,
    post_native_id,
)
from collector.text.values import text_of


def read_raw(raw: Any) -> Found | Rejection | None:
    """One comment or post, raw or kept, from the API or a feed; None for what is left out.

    What has not even a number is neither, and not left out in silence.
    """
    if not isinstance(raw, dict):
        return read_item(raw, "", normalise_comment)
    kind = text_of(raw.get("type"))
    if kind == FEED_COMMENT:
        return read_item(raw, feed_native_id(raw), normalise_feed_comment)
    if kind in READABLE:
        is_counted, native_id = is_public_post(raw), post_native_id(raw)
        return read_item(kept_of_post(raw), native_id, normalise_post, is_home=True) if is_counted else None
    native_id = comment_native_id(raw)
    if native_id and not is_comment(raw):
        return None
    return read_item(kept_of_comment(raw), native_id, normalise_comment, is_home=True)


def read_all(raws: Iterable[Any]) -> tuple[tuple[Found, ...], tuple[Rejection, ...]]:
    """What could be read, and what could not."""
    read = [item for raw in raws if (item := read_raw(raw)) is not None]
    return (
        tuple(item for item in read if isinstance(item, Found)),
        tuple(item for item in read if isinstance(item, Rejection)),
    )
