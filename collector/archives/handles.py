"""Who somebody of the fediverse is: user@host out of what a file says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from collector.text.cleaning import one_line
from collector.text.values import host_of, text_of

_HANDLE = re.compile(r"[^\s@/]+@[^\s@/]+")
_LONGEST = 500  # characters of user@host
_NAME = r"(?P<name>[^\s@/?#]+)"
_POST_PAGE = re.compile(rf"/@{_NAME}/.*")  # the pages of Mastodon and its kin
_ACTOR = re.compile(rf"(?:/(?:users|u|user|actors?|accounts|profile)/@?|/@){_NAME}/?", re.IGNORECASE)
_BY_NUMBER = re.compile(r"[0-9]{6,}")  # no name: newer servers count their members


def handle_of(actor: Mapping[str, Any]) -> str | None:
    """user@host of an ActivityPub actor, by its own word."""
    told = one_line(text_of(actor.get("webfinger"))).removeprefix("acct:").removeprefix("@")
    if len(told) <= _LONGEST and _HANDLE.fullmatch(told):
        return told
    host = host_of(actor.get("id")) or host_of(actor.get("url"))
    return _handle(one_line(text_of(actor.get("preferredUsername"))), host)


def handle_at(actor_address: str, post_address: str = "") -> str | None:
    """user@host as the addresses of an actor and of a post's page show it; None where neither does."""
    for address, pattern in ((post_address, _POST_PAGE), (actor_address, _ACTOR)):
        match = pattern.fullmatch(_path(address))
        if match and not _BY_NUMBER.fullmatch(match["name"]):
            return _handle(match["name"], host_of(address))
    return None


def mentioned(name: str, address: str) -> str | None:
    """user@host of a mention, whose name is @user, of the host it leads to, or @user@host."""
    told = one_line(name).removeprefix("@")
    if len(told) <= _LONGEST and _HANDLE.fullmatch(told):
        return told
    return _handle(told, host_of(address))


def _handle(user: str, host: str) -> str | None:
    handle = f"{user}@{host}"
    return handle if len(handle) <= _LONGEST and _HANDLE.fullmatch(handle) else None


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""
