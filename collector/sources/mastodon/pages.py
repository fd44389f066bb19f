"""From the raw statuses of one answer to posts, rejections and the next cursor. Pure.

Only public posts leave this room; what cannot be read becomes a rejection, and the others of its page stay.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from collector.model import Found, Rejection
from collector.sources.items import is_native_id, read_item
from collector.sources.mastodon.statuses import is_public, normalise_status
from collector.text.values import host_of, id_of, object_of, text_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadPage:
    """What one answer held. `last_id` is where the next page goes on: the server's own word, never computed with."""

    found: tuple[Found, ...]
    rejections: tuple[Rejection, ...]
    last_id: str | None


def read_page(statuses: Sequence[Any], *, address: str, account_domain: str | None) -> ReadPage:
    """Reads each status for itself. Boosts and what is not public are passed over."""
    read = [read_status(raw, address=address, account_domain=account_domain) for raw in statuses]
    ids = [native_id for raw in statuses if is_native_id(native_id := _native_id(raw))]
    return ReadPage(
        found=tuple(item for item in read if isinstance(item, Found)),
        rejections=tuple(item for item in read if isinstance(item, Rejection)),
        last_id=ids[-1] if ids else None,
    )


def read_status(raw: Any, *, address: str, account_domain: str | None) -> Found | Rejection | None:
    """One status: the post, why it cannot be read, or None for what is not public or only a boost.

    What has not even an id is no status of any sort, and not passed over in silence.
    """
    if _native_id(raw) and (raw.get("reblog") is not None or not is_public(raw)):
        return None
    normalise = partial(normalise_status, address=address, account_domain=account_domain)
    return read_item(
        _without_quoted(raw), _native_id(raw), normalise, is_home=_is_home(raw, {account_domain, host_of(address)})
    )


def _is_home(raw: Any, own: Collection[str | None]) -> bool:
    """True for a post of the server's own member: told without a host, or with one of the server's own names."""
    acct = text_of(object_of(object_of(raw).get("account")).get("acct"))
    return bool(acct) and (acct.partition("@")[2].lower() or None) in {None, *own}


def _without_quoted(raw: Any) -> Any:
    """The same status with no more of a quoted one than its address: those words are somebody else's to take back."""
    quote = object_of(raw).get("quote")
    if not isinstance(quote, dict):
        return raw
    bare = {name: quote[name] for name in ("state", "uri", "id", "quoted_status_id") if name in quote}
    if isinstance(quote.get("quoted_status"), dict):
        bare["quoted_status"] = {name: quote["quoted_status"].get(name) for name in ("id", "uri")}
    return raw | {"quote": bare}


def _native_id(raw: Any) -> str:
    return id_of(raw.get("id")) if isinstance(raw, dict) else ""
