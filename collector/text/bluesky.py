"""What is told of Bluesky in words and signs: addresses, handles, and the labels that warn of a post.

at:// is what a post is known by, bsky.app is where people read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from collector.text.addresses import same_host
from collector.text.values import text_of

WEB = "https://bsky.app"
POSTS = "app.bsky.feed.post"  # the collection of a repository that posts stand in

_WARNINGS = {  # labels by which a post, or all of an account, is kept behind a warning, and how the warning reads
    "porn": "adult content",
    "sexual": "sexually suggestive",
    "sexual-figurative": "sexual content in art",
    "nudity": "nudity",
    "graphic-media": "graphic media",
    "gore": "graphic media",
    "nsfl": "graphic media",
    "self-harm": "self-harm",
    "!warn": "a warning by moderators",
    "!hide": "hidden by moderators",
}

_DID = r"did:[a-z0-9]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]"
_HANDLE = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+"
_RKEY = r"[A-Za-z0-9._:~-]{1,512}"
_ACTOR = rf"(?P<actor>{_DID}|{_HANDLE})"
_AT_POST = re.compile(rf"at://{_ACTOR}/{re.escape(POSTS)}/(?P<rkey>{_RKEY})")
_WEB_POST = re.compile(rf"/profile/@?{_ACTOR}/post/(?P<rkey>{_RKEY})/?")
_IS_DID = re.compile(_DID)
_IS_HANDLE = re.compile(_HANDLE)
_UNKNOWN = "handle.invalid"  # what servers show where a handle no longer leads to its account


class PostAddress(NamedTuple):
    """Who wrote a post, by DID or handle, and its key in their repository."""

    actor: str
    rkey: str

    @property
    def uri(self) -> str:
        """The at:// address; the identity only where the actor is a DID."""
        return f"at://{self.actor}/{POSTS}/{self.rkey}"


def post_at(uri: Any) -> PostAddress | None:
    """What an at:// address of a post says; None for one of anything else."""
    match = _AT_POST.fullmatch(text_of(uri))
    return PostAddress(match["actor"], match["rkey"]) if match else None


def known_post(uri: Any) -> PostAddress | None:
    """The same, only where the author stands there by DID: handles change hands."""
    address = post_at(uri)
    return address if address is not None and is_did(address.actor) else None


def post_behind(url: str) -> PostAddress | None:
    """The post that a person means by an address, of either sort; None for any other page."""
    if not same_host(url, WEB):
        return post_at(url.strip())
    match = _WEB_POST.fullmatch(unquote(urlsplit(url).path))
    return PostAddress(match["actor"], match["rkey"]) if match else None


def is_did(text: str) -> bool:
    """Whether this is the name that an account keeps for ever."""
    return _IS_DID.fullmatch(text) is not None


def handle_of(value: Any) -> str:
    """A handle in lower case; empty where there is none that leads to an account."""
    handle = text_of(value).lower()
    return handle if handle != _UNKNOWN and _IS_HANDLE.fullmatch(handle) else ""


def profile_url(actor: str) -> str:
    """Where a person reads about an account."""
    return f"{WEB}/profile/{actor}"


def did_in(profile: str) -> str | None:
    """The DID in the address of a profile, if it stands there."""
    actor = profile.removeprefix(f"{WEB}/profile/")
    return actor if is_did(actor) else None


def post_url(actor: str, rkey: str) -> str:
    """Where a person reads a post."""
    return f"{WEB}/profile/{actor}/post/{rkey}"


def warnings_of(labels: Iterable[str]) -> tuple[str, ...]:
    """What the labels warn of, in words, each once."""
    return tuple(dict.fromkeys(_WARNINGS[label] for label in labels if label in _WARNINGS))
