"""What twarc2 writes: JSON Lines of the API 2, a page of answers a line, a single answer a line, or a tweet a line.

In an answer the tweets stand under `data`; whoever and whatever they name stands beside them under `includes`. In what
`twarc2 flatten` makes of it, each tweet holds its `author` and the rest itself. A retweet is passed over, and the tweet
it passes on, which the same answer includes, is an entry. What is included only because it was quoted or answered is
none: nobody asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from collector.archives.files import ArchiveFile, Content
from collector.archives.json_lines import first_objects, read_objects
from collector.archives.protocol import Entry, Format, Item, PassedOver, Unreadable
from collector.archives.tweets import ERROR, NOT_PUBLIC, REPOST, WITHHELD
from collector.archives.tweets_v2 import Included, normalise_v2, referenced
from collector.text.values import object_of, objects_of

_SIGNS = (b'"author_id"', b'"edit_history_tweet_ids"', b'"public_metrics"', b'"referenced_tweets"', b'"result_count"')
_NOTHING = Included({})


def recognises(file: ArchiveFile) -> bool:
    """True where an answer of the API 2, or a tweet out of one, stands on one of the first lines."""
    start = file.beginning
    if not start.lstrip().startswith(b"{") or not any(sign in start for sign in _SIGNS):
        return False
    return any(map(_is_one, first_objects(start))) or _seems_one(start)


def read(file: Content) -> Iterator[Item]:
    """Everything in the file."""
    for line, raw in read_objects(file):
        if isinstance(raw, Unreadable):
            yield raw
        elif raw.get("data") is not None:
            yield from _read_answer(raw, line)
        elif "id" in raw and "text" in raw:
            yield from _read_tweet(raw, line, _NOTHING)
        elif "errors" in raw or "error" in raw or ("title" in raw and "type" in raw):
            yield PassedOver(line=line, reason=ERROR)
        elif "meta" not in raw:  # a page without results says so there, and nothing else
            yield Unreadable(line=line, reason="no tweet")


def _read_answer(answer: dict[str, Any], line: int) -> Iterator[Item]:
    data = answer["data"]
    tweets = data if isinstance(data, list) else [data]
    includes = object_of(answer.get("includes"))
    included = Included(includes)
    passed_on: set[str] = set()
    for raw in tweets:
        if isinstance(raw, dict):
            original = referenced(raw, "retweeted") if "referenced_tweets" in raw else None
            if original is not None and isinstance(number := original.get("id"), str):
                passed_on.add(number)
            yield from _read_tweet(raw, line, included)
        else:
            yield Unreadable(line=line, reason="not an object")
    if passed_on:
        for raw in objects_of(includes.get("tweets")):
            if isinstance(number := raw.get("id"), str) and number in passed_on:
                passed_on.discard(number)
                yield _inside(_read_original(raw, line, included))


def _read_tweet(raw: dict[str, Any], line: int, included: Included) -> Iterator[Item]:
    """A tweet, or a retweet and what stands in it once it is flattened."""
    original = referenced(raw, "retweeted") if "referenced_tweets" in raw else None
    if original is None:
        yield _read_original(raw, line, included)
        return
    yield PassedOver(line=line, reason=REPOST)
    if "text" in original:
        yield _inside(_read_original(original, line, included))


def _inside(item: Item) -> Item:
    """The API tells less of a tweet that stands inside another: its pictures are missing."""
    return replace(item, is_inside=True) if isinstance(item, Entry) else item


def _read_original(raw: dict[str, Any], line: int, included: Included) -> Item:
    if "withheld" in raw and object_of(raw["withheld"]).get("copyright") is True:
        return PassedOver(line=line, reason=WITHHELD)
    try:
        if included.is_protected(raw):
            return PassedOver(line=line, reason=NOT_PUBLIC)
        return Entry(post=normalise_v2(raw, included), line=line)
    except ValueError as error:
        return Unreadable(line=line, reason=str(error))


def _seems_one(start: bytes) -> bool:
    """For an answer that is longer than the beginning; a short one without tweets may stand before it."""
    cut = start.rpartition(b"\n")[2].lstrip()[:20]
    return cut.startswith(b"{") and (b'"data"' in cut or b'"includes"' in cut)


def _is_one(raw: dict[str, Any]) -> bool:
    if "data" in raw:
        data = raw["data"]
        first = data[0] if isinstance(data, list) and data else data
        return isinstance(first, dict) and "id" in first and "text" in first
    if "id_str" in raw:
        return False
    return "id" in raw and "text" in raw and ("author" in raw or "author_id" in raw)


FORMAT = Format(name="twarc2", title="tweets that twarc2 kept (API 2, JSON Lines)", recognises=recognises, read=read)
