"""The archive of an account's own tweets that X, formerly Twitter, hands out: the zip, or one file of tweets out of it.

The files are JavaScript: `window.YTD.tweets.part0 = [ {"tweet": {…}}, … ]`, in archives from before 2018
`Grailbird.data.tweets_2013_11 = [ {…}, … ]`, and hold tweets of the API 1.1. Retweets are passed over: but for the
oldest archives, which hold the original too, only their first words are there. Whose tweets they are is looked up by
`account`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from collector.archives.account import account_named, guessed_account
from collector.archives.files import ArchiveFile, Content
from collector.archives.json_lists import list_items
from collector.archives.protocol import Format, Item, PassedOver, Unreadable
from collector.archives.tweets import REPOST
from collector.archives.tweets_v1 import read_v1
from collector.errors import ArchiveError
from collector.model import Author

_BEGINNING = re.compile(rb"\s*(window\.YTD\.tweets?\.part[0-9]+|Grailbird\.data\.tweets_[0-9_]+)\s*=")
_FILES = ("tweets.js", "tweets-part*.js", "tweet.js", "tweet-part*.js", "data/js/tweets/*.js")
_WRAPPED = r'\{\s*"tweet"\s*:'  # how an item begins
_BARE = r'\{\s*"(?:source|retweeted)"\s*:'
_NUMBERS = re.compile(r"([0-9]+)")


def recognises(file: ArchiveFile) -> bool:
    """True for a zip with a file of tweets in it, and for such a file."""
    if file.is_container and _tweet_files(file):
        return True
    return _BEGINNING.match(file.beginning) is not None


def read(file: ArchiveFile) -> Iterator[Item]:
    """Everything in the archive; items are counted through all its files."""
    parts = _parts(file)
    author = account_named(file)
    for line, raw in _all_items(parts):
        if isinstance(raw, Unreadable):
            yield Unreadable(line=line, reason=raw.reason)
            continue
        tweet = unwrapped(raw)
        if tweet is None:
            yield Unreadable(line=line, reason="not a tweet")
            continue
        if author is None and not _is_signed(tweet):
            author = guessed_account(unwrapped(item) or {} for _, item in _all_items(parts))
            if author is None:
                raise ArchiveError(
                    f"{file.path}: does not say whose tweets these are:"
                    " give the whole zip, or put its account.js into the same folder"
                )
        yield from _read_tweet(tweet, line, author)


def unwrapped(item: Any) -> dict[str, Any] | None:
    """The tweet that an item of the list is, or holds."""
    if not isinstance(item, dict):
        return None
    held = item.get("tweet", item)
    return held if isinstance(held, dict) else None


def _read_tweet(tweet: dict[str, Any], line: int, author: Author | None) -> Iterator[Item]:
    original, text = tweet.get("retweeted_status"), tweet.get("full_text") or tweet.get("text")
    if isinstance(original, dict):
        yield PassedOver(line=line, reason=REPOST)
        yield read_v1(original, line)
    elif isinstance(text, str) and text.startswith("RT @"):
        yield PassedOver(line=line, reason=REPOST)
    else:
        yield read_v1(tweet, line, None if _is_signed(tweet) else author)


def _is_signed(tweet: dict[str, Any]) -> bool:
    """Whether a tweet says itself who wrote it, as in the oldest archives."""
    user = tweet.get("user")
    return isinstance(user, dict) and "screen_name" in user


def _parts(file: ArchiveFile) -> list[Content]:
    if not file.is_container:
        return [file]
    parts = [file.open_member(name) for name in _tweet_files(file)]
    if not parts:
        raise ArchiveError(f"{file.path}: holds no tweets.js: the whole archive as X gives it is accepted")
    return parts


def _all_items(parts: list[Content]) -> Iterator[tuple[int, Any]]:
    before = 0
    for part in parts:
        number = 0
        begins = _WRAPPED if b'"tweet"' in part.beginning else _BARE
        for number, item in list_items(part.name, part.pieces(), begins):
            yield before + number, item
        before += number


def _tweet_files(file: ArchiveFile) -> list[str]:
    """In the order of their numbers: part 10 comes after part 9."""
    names = {name for pattern in _FILES for name in file.members(pattern)}
    return sorted(names, key=lambda name: [int(part) if part.isdigit() else part for part in _NUMBERS.split(name)])


FORMAT = Format(
    name="x-archive", title="an account's own archive, as X or Twitter gives it", recognises=recognises, read=read
)
