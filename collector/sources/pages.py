"""From the raw statuses of one answer to posts, rejections and the next cursor. Pure.

Only public posts leave this room; what cannot be read becomes a rejection, and the others of its page stay.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from collector.model import Found, Rejection
from collector.sources.raw import pack, scrub
from collector.sources.statuses import is_public, normalise_status

log = logging.getLogger(__name__)

_LONGEST_ID = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadPage:
    """What one answer held. `last_id` is where the next page goes on: the server's own word, never computed with."""

    found: tuple[Found, ...]
    rejections: tuple[Rejection, ...]
    last_id: str | None


def read_page(statuses: Sequence[Any], *, address: str, account_domain: str | None) -> ReadPage:
    """Reads each status for itself. Boosts and what is not public are passed over."""
    read = [read_status(raw, address=address, account_domain=account_domain) for raw in statuses]
    ids = [native_id for raw in statuses if (native_id := _native_id(raw))]
    return ReadPage(
        found=tuple(item for item in read if isinstance(item, Found)),
        rejections=tuple(item for item in read if isinstance(item, Rejection)),
        last_id=ids[-1] if ids else None,
    )


def read_status(raw: Any, *, address: str, account_domain: str | None) -> Found | Rejection | None:
    """One status: the post, why it cannot be read, or None for what is not public or only a boost."""
    if not isinstance(raw, dict):
        return _rejected(raw, "not an object")
    if raw.get("reblog") is not None or not is_public(raw):
        return None
    native_id = _native_id(raw)
    if native_id is None:
        return _rejected(raw, "no id")
    try:
        post = normalise_status(raw, address=address, account_domain=account_domain)
        return Found(post=post, native_id=native_id, raw=pack(scrub(raw)))
    except ValueError as error:
        return _rejected(raw, str(error))
    except Exception as error:  # one status of a shape nobody foresaw must not cost its page
        log.exception("a status of %s could not be read", address)
        return _rejected(raw, f"not foreseen: {type(error).__name__}")


def _rejected(raw: Any, reason: str) -> Rejection:
    kept = _scrubbed(raw if isinstance(raw, dict) else {"item": raw})
    return Rejection(native_id=_native_id(raw) or _digest(kept), reason=reason, raw=pack(kept))


def _scrubbed(raw: dict[str, Any]) -> dict[str, Any]:
    """What may be kept of something unreadable: nothing, where it cannot even be scrubbed."""
    try:
        return scrub(raw)
    except Exception:
        log.exception("an unreadable status could not be scrubbed")
        return {}


def _native_id(raw: Any) -> str | None:
    """The server's own id as opaque text; some write it as a number."""
    value = raw.get("id") if isinstance(raw, dict) else None
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if 0 < len(text) <= _LONGEST_ID and text.isprintable() else None


def _digest(kept: dict[str, Any]) -> str:
    """The same unreadable thing is the same rejection next time."""
    text = json.dumps(kept, sort_keys=True).encode("ascii")
    return "sha256:" + hashlib.sha256(text).hexdigest()[:32]
