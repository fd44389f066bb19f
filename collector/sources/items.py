"""Each item of a page for itself: a post, or a rejection; one that cannot be read never costs its page. Pure."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from collector.model import Found, Post, Rejection
from collector.sources.raw import pack, scrub

log = logging.getLogger(__name__)

_LONGEST_ID = 200


def read_item(
    raw: Any, native_id: str, normalise: Callable[[Mapping[str, Any]], Post], *, is_home: bool = False
) -> Found | Rejection:
    """The post that `normalise` makes of a raw item, or why it cannot be read; what is kept of it is scrubbed.

    `is_home`: the place that shows it is its author's own.
    """
    if not isinstance(raw, dict):
        return rejected(raw, native_id, "not an object")
    if not is_native_id(native_id):
        return rejected(raw, "", "no id")
    try:
        return Found(post=normalise(raw), native_id=native_id, raw=pack(scrub(raw)), is_home=is_home)
    except ValueError as error:
        return rejected(raw, native_id, str(error))
    except Exception as error:  # one item of a shape nobody foresaw must not cost its page
        log.exception("an item could not be read")
        return rejected(raw, native_id, f"not foreseen: {type(error).__name__}")


def rejected(raw: Any, native_id: str, reason: str) -> Rejection:
    """An unreadable item, under its own id where it has one."""
    kept = _scrubbed(raw if isinstance(raw, dict) else {"item": raw})
    known_by = native_id if is_native_id(native_id) else _digest(kept)
    return Rejection(native_id=known_by, reason=reason, raw=pack(kept))


def is_native_id(text: str) -> bool:
    """Whether a server's own id is one that can be kept."""
    return 0 < len(text) <= _LONGEST_ID and text.isprintable()


def _scrubbed(raw: dict[str, Any]) -> dict[str, Any]:
    """What may be kept of something unreadable: nothing, where it cannot even be scrubbed."""
    try:
        return scrub(raw)
    except Exception:
        log.exception("an unreadable item could not be scrubbed")
        return {}


def _digest(kept: dict[str, Any]) -> str:
    """The same unreadable thing is the same rejection next time."""
    text = json.dumps(kept, sort_keys=True).encode("ascii")
    return "sha256:" + hashlib.sha256(text).hexdigest()[:32]
