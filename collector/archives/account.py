"""Whose tweets an account's own archive holds: each tweet leaves it out, and `account.js` beside them says it.

Of a lone file of tweets the addresses of the account's own pictures tell its name, and its answers to itself its
number. Nothing else of `account.js` is looked at: it holds mail addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from collector.archives.files import ArchiveFile, Content
from collector.archives.json_lists import list_items
from collector.archives.tweets import id_or_none, tweet_at, tweet_author, user_name
from collector.errors import ArchiveError
from collector.model import Author
from collector.text.values import id_of, object_of, objects_of, text_of

_Object = dict[str, Any]


def account_named(file: ArchiveFile) -> Author | None:
    """Who `account.js` says it is: the one in the archive, or in the folder of an unpacked file."""
    account = _only_object(_beside(file, "account.js"), "account")
    number, user = id_of(account.get("accountId")), user_name(account.get("username"))
    if not user or not id_or_none(number):
        return None
    profile = _only_object(_beside(file, "profile.js"), "profile")
    bio = text_of(object_of(profile.get("description")).get("bio"))
    return tweet_author(number, user, text_of(account.get("accountDisplayName")), bio)


def guessed_account(tweets: Iterable[_Object]) -> Author | None:
    """Whose they are by what stands in them, if anything tells; reads no further than it has to."""
    user = ""
    numbers: dict[str, str] = {}  # of everybody who was answered, by name in lower case
    for tweet in tweets:
        user = user or _user_in_own_address(tweet)
        answered, number = user_name(tweet.get("in_reply_to_screen_name")), _answered_number(tweet)
        if answered and number:
            numbers[answered.lower()] = number
        if user and user.lower() in numbers:
            break
    return tweet_author(numbers.get(user.lower(), ""), user) if user else None


def _user_in_own_address(tweet: _Object) -> str:
    """The name in an address of the tweet itself, as its pictures have it."""
    number = id_of(tweet.get("id_str")) or id_of(tweet.get("id"))
    for part in ("extended_entities", "entities"):
        for item in objects_of(object_of(tweet.get(part)).get("media")):
            found = tweet_at(text_of(item.get("expanded_url")))
            if found is not None and found[0] and found[1] == number:
                return found[0]
    return ""


def _answered_number(tweet: _Object) -> str | None:
    return id_or_none(tweet.get("in_reply_to_user_id_str") or tweet.get("in_reply_to_user_id"))


def _beside(file: ArchiveFile, name: str) -> Content | None:
    if file.is_container:
        return next(map(file.open_member, file.members(name)), None)
    try:
        return ArchiveFile(file.path.parent / name)
    except ArchiveError:
        return None


def _only_object(content: Content | None, part: str) -> _Object:
    """What the one item of such a file holds; nothing where it cannot be read."""
    if content is None:
        return {}
    try:
        items: Iterator[tuple[int, Any]] = list_items(content.name, content.pieces(), r"\{")
        _, item = next(items, (0, None))
    except ArchiveError:
        return {}
    return object_of(object_of(item).get(part))
