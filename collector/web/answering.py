"""Whether the pages are answered at an address, as somebody on this machine sees it."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException

from collector.config import Listen
from collector.web.visiting import Site

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (what listens everywhere listens here, too)
_LONGEST_ANSWER = 4_000_000  # a feed of ten digests


def are_answered(site: Site, listen: Listen) -> bool:
    """True if these very pages are answered there: their feed says which it is."""
    connection = HTTPConnection(_EVERYWHERE.get(listen.host, listen.host), listen.port, timeout=5)
    try:
        connection.request("GET", site.pages.digest_feed("json"))
        told = json.loads(connection.getresponse().read(_LONGEST_ANSWER))
    except (OSError, HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return isinstance(told, dict) and told.get("feed_url") == site.public.digest_feed("json")
