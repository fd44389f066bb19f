"""What is kept of a raw answer: scrubbed of what is nobody's business here, and packed small."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from collector.text.packing import pack, unpack

__all__ = ["pack", "scrub", "unpack"]

# Pictures of people (their addresses may hold a hash of an e-mail address), what the asking account did or hides, the
# private side of an account, and anything that opens a door.
_PRIVATE = re.compile(
    r".*avatar.*|header(_.*)?|favourited|reblogged|muted|bookmarked|pinned|filtered|voted|own_votes|source|relationship"
    r"|mute_expires_at|vapid_key|client_id|.*(e-?mail|token|secret|password).*",
    re.IGNORECASE,
)
_DEEPEST = 20  # levels that are kept; a status with a quote in a quote has ten


def scrub(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A status without the fields that are not to be kept, on every level; it still makes the same `Post`."""
    return {key: _scrubbed(value, _DEEPEST) for key, value in raw.items() if not _is_private(key)}


def _scrubbed(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        kept = value.items() if depth else ()
        return {key: _scrubbed(inner, depth - 1) for key, inner in kept if not _is_private(key)}
    if isinstance(value, list):
        return [_scrubbed(inner, depth - 1) for inner in value] if depth else []
    return value


@lru_cache(maxsize=1024)
def _is_private(key: str) -> bool:
    return _PRIVATE.fullmatch(key) is not None
