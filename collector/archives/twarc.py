"""What twarc (version 1) writes: JSON Lines of the API 1.1, one tweet a line.

A retweet is passed over, and the tweet that stands whole inside it is an entry: so a hashtag's posts are found even
where only their retweets were caught. A quoted tweet inside another is none: nobody asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collector.archives.files import ArchiveFile, Content
from collector.archives.json_lines import first_objects, read_objects
from collector.archives.protocol import Format, Item, PassedOver, Unreadable
from collector.archives.tweets import ERROR, NOTICE, REPOST
from collector.archives.tweets_v1 import read_v1

_NOTICES = (
    "delete",
    "limit",
    "scrub_geo",
    "status_withheld",
    "user_withheld",
    "user_update",
    "disconnect",
    "warning",
    "event",
    "friends",
    "control",
)


def recognises(file: ArchiveFile) -> bool:
    """True where a tweet of the API 1.1 stands on one of the first lines."""
    start = file.beginning
    if not start.lstrip().startswith(b"{") or b'"id_str"' not in start:
        return False
    return any(map(_is_tweet, first_objects(start))) or _seems_one(start)


def read(file: Content) -> Iterator[Item]:
    """Everything in the file."""
    for line, raw in read_objects(file):
        if isinstance(raw, Unreadable):
            yield raw
        else:
            yield from items_of(raw, line)


def items_of(raw: dict[str, Any], line: int) -> Iterator[Item]:
    """What one object comes to."""
    original = raw.get("retweeted_status")
    if isinstance(original, dict):
        yield PassedOver(line=line, reason=REPOST)
        yield read_v1(original, line)
    elif reason := _is_something_else(raw):
        yield PassedOver(line=line, reason=reason)
    else:
        yield read_v1(raw, line)


def _is_something_else(raw: dict[str, Any]) -> str | None:
    if "id_str" in raw or "id" in raw:
        return None
    if "errors" in raw or "error" in raw:
        return ERROR
    return NOTICE if any(name in raw for name in _NOTICES) else None


def _is_tweet(raw: dict[str, Any]) -> bool:
    return "id_str" in raw and isinstance(raw.get("user"), dict) and ("full_text" in raw or "text" in raw)


def _seems_one(start: bytes) -> bool:
    """For a first line that is longer than the beginning."""
    return b"\n" not in start and all(name in start for name in (b'"user"', b'"created_at"', b'text"'))


FORMAT = Format(name="twarc", title="tweets that twarc kept (API 1.1, JSON Lines)", recognises=recognises, read=read)
