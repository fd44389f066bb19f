"""The addresses a post may be known by, and links in a form in which two of them can be compared."""

from __future__ import annotations

import re
from functools import lru_cache

from collector.model import Post
from collector.text.addresses import canonical_uri, same_host

_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_TRACKING = re.compile(r"(?<=[?&])(?:utm_[a-z]+|fbclid|gclid|mc_[a-z]+)=[^&#]*&?")
_BLUESKY_PAGE = "https://bsky.app/profile/"


def addresses_of(post: Post) -> frozenset[str]:
    """Its uri, and those others that can be believed: one on another host anybody could claim.

    The page on which Bluesky's website shows a record is the exception, told by the record's key.
    """
    return _believed(post.uri, post.url, post.other_addresses)


@lru_cache(maxsize=4096)  # a batch is asked for its addresses several times on its way
def _believed(uri: str, url: str | None, others: tuple[str, ...]) -> frozenset[str]:
    return frozenset((uri, *(address for address in (url, *others) if address and _fits(uri, address))))


def _fits(uri: str, address: str) -> bool:
    if not uri.startswith("at://"):
        return same_host(address, uri)
    return address.startswith(_BLUESKY_PAGE) and address.endswith("/post/" + last_part(uri))


def last_part(address: str) -> str:
    """What stands behind the last slash: the key of a post on every network that has one."""
    return address.rstrip("/").rpartition("/")[2]


@lru_cache(maxsize=16_384)
def bare(address: str) -> str:
    """A web address without what makes no difference to a person: scheme, www, case, last slash, tracking; else ""."""
    try:
        address = canonical_uri(address)
    except ValueError:
        return ""
    start = _SCHEME.match(address)
    return _TRACKING.sub("", address[start.end() :].lower()).rstrip("/?&#") if start else ""
