"""The id in the address of a post, as the servers of the Mastodon API write them. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from collector.text.addresses import same_host

_PATHS = tuple(
    re.compile(path)
    for path in (
        r"/(?:web/|deck/)?@[^/]+/(?:statuses/|posts/)?(?P<id>[0-9A-Za-z]+)/?",  # Mastodon, GoToSocial, Takahē
        r"/users/[^/]+/statuses/(?P<id>[0-9A-Za-z]+)/?",  # Mastodon's and GoToSocial's URIs
        r"/ap/users/[^/]+/statuses/(?P<id>[0-9A-Za-z]+)/?",  # Mastodon's newer URIs
        r"/(?:web/)?statuses/(?P<id>[0-9A-Za-z]+)/?",
        r"/notice/(?P<id>[0-9A-Za-z]+)/?",  # Pleroma, Akkoma
    )
)


def status_id(url: str, address: str) -> str | None:
    """The id that the server at `address` knows the post at `url` by; None for another server's, or another page."""
    if not same_host(url, address):
        return None
    path = unquote(urlsplit(url).path)
    for pattern in _PATHS:
        if match := pattern.fullmatch(path):
            return match["id"]
    return None
