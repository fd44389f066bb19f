"""A tweet of the API 2 into a `Post`: what it names is looked up in what its answer includes, or stands in it.

Strict about identity (id, author, date), lenient about the rest.
"""

from __future__ import annotations

from typing import Any

from collector.archives.tweet_media import best_copy, tweet_media
from collector.archives.tweet_text import read_hashtags, read_text
from collector.archives.tweets import (
    NETWORK,
    account_author,
    id_or_none,
    sent_at,
    told_by_id,
    tweet_author,
    tweet_count,
    tweet_id,
    tweet_language,
    tweet_mention,
    tweet_uri,
    tweet_url,
)
from collector.model import Author, Counts, Media, Mention, Poll, Post
from collector.text.cleaning import one_line
from collector.text.values import instant_of, objects_of, text_of, web_address

_Object = dict[str, Any]


class Included:
    """What an answer includes beside its tweets, by what it is called there; users, media and polls."""

    __slots__ = ("_authors", "_media", "_polls", "_users")

    def __init__(self, includes: _Object) -> None:
        self._users = _by(includes, "users", "id")
        self._media = _by(includes, "media", "media_key")
        self._polls = _by(includes, "polls", "id")
        self._authors: dict[str, Author] = {}

    def author(self, raw: _Object) -> Author:
        """Who wrote a tweet. Where nothing tells the account's name, its number stands for it."""
        number = raw.get("author_id")
        known = self._authors.get(number) if isinstance(number, str) else None
        if known is None:
            known = self._find_author(raw, number)
            if isinstance(number, str) and "author" not in raw:
                self._authors[number] = known
        return known

    def is_protected(self, raw: _Object) -> bool:
        """True where only those may read it whom its author allowed to."""
        user = self._user(raw)
        return user is not None and user.get("protected") is True

    def media(self, attachments: _Object) -> list[_Object]:
        """What hangs on a tweet."""
        if held := attachments.get("media"):
            return [item for item in objects_of(held) if item]
        keys = attachments.get("media_keys")
        found = [self._media.get(key) for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
        return [item for item in found if item]

    def poll(self, attachments: _Object) -> _Object | None:
        """What a tweet asks."""
        held, keys = attachments.get("poll"), attachments.get("poll_ids")
        if isinstance(held, dict):
            return held
        key = keys[-1] if isinstance(keys, list) and keys else None
        return self._polls.get(key) if isinstance(key, str) else None

    def _find_author(self, raw: _Object, number: Any) -> Author:
        user = self._user(raw)
        if user is None:
            return tweet_author(id_or_none(number) or "", "")
        return account_author(user, "username", number or user.get("id"))

    def _user(self, raw: _Object) -> _Object | None:
        user = raw.get("author")
        if isinstance(user, dict) and user:
            return user
        number = raw.get("author_id")
        return self._users.get(number) if isinstance(number, str) else None


def _by(includes: _Object, part: str, key: str) -> dict[str, _Object]:
    held = includes.get(part)
    return {name: item for item in objects_of(held) if isinstance(name := item.get(key), str)} if held else {}


def normalise_v2(raw: _Object, included: Included) -> Post:
    """The post that a tweet tells of. ValueError, with a short reason, for one that cannot be known again."""
    number = tweet_id(raw.get("id"))
    text, entities = _content(raw)
    author = included.author(raw)
    attachments = raw.get("attachments")
    hung = included.media(attachments) if isinstance(attachments, dict) and attachments else []
    read = read_text(text, entities.get("urls"), own=number, has_media=bool(hung))
    sent = sent_at(raw.get("created_at"), number)
    earlier = _earlier_versions(raw, number)
    metrics = raw.get("public_metrics")
    return Post(
        network=NETWORK,
        uri=tweet_uri(number),
        url=tweet_url(author, number),
        author=author,
        published_at=(told_by_id(earlier[0]) or sent) if earlier else sent,
        edited_at=sent if earlier else None,
        text=read.text,
        language=tweet_language(text_of(raw.get("lang"))),
        hashtags=read_hashtags(read.text, _names(entities.get("hashtags"))),
        mentions=_mentions(entities.get("mentions")),
        links=read.links,
        media=tuple([media for item in hung if (media := _media(item))]) if hung else (),
        poll=_poll(included.poll(attachments)) if isinstance(attachments, dict) and attachments else None,
        reply_to_uri=_other(raw, "replied_to"),
        quote_of_uri=_other(raw, "quoted"),
        counts=_counts(metrics) if isinstance(metrics, dict) else _NONE,
        is_sensitive=raw.get("possibly_sensitive") is True,
        other_addresses=tuple(map(tweet_uri, earlier)),
    )


def referenced(raw: _Object, kind: str) -> _Object | None:
    """The tweet that this one passes on ("retweeted"), quotes or answers ("replied_to")."""
    held = raw.get("referenced_tweets")
    for item in held if isinstance(held, list) else ():
        if isinstance(item, dict) and item.get("type") == kind:
            return item
    return None


def _content(raw: _Object) -> tuple[str, _Object]:
    """The whole text and its entities: those of a long tweet stand apart."""
    note = raw.get("note_tweet")
    held = note if isinstance(note, dict) and isinstance(note.get("text"), str) else raw
    text, entities = held.get("text"), held.get("entities")
    if not isinstance(text, str):
        raise ValueError("no text")  # noqa: TRY004 (one kind of error, whatever is unreadable)
    return text, entities if isinstance(entities, dict) else {}


def _earlier_versions(raw: _Object, number: str) -> list[str]:
    """The ids that an edited tweet had before: each edit is a tweet of its own there."""
    held = raw.get("edit_history_tweet_ids")
    if not isinstance(held, list) or len(held) < 2:
        return []
    known = [id_or_none(item) for item in held]
    return sorted({item for item in known if item and int(item) < int(number)}, key=int)


def _names(held: Any) -> list[str]:
    return [name for item in objects_of(held) if isinstance(name := item.get("tag"), str)] if held else []


def _mentions(held: Any) -> tuple[Mention, ...]:
    if not held:
        return ()
    mentions = [tweet_mention(item.get("username")) for item in objects_of(held)]
    return tuple(dict.fromkeys(mention for mention in mentions if mention))


def _media(item: _Object) -> Media | None:
    """A film by its best copy, else by the picture that stands for it."""
    url = best_copy(item, "bit_rate") or web_address(item.get("url")) or web_address(item.get("preview_image_url"))
    return tweet_media(url, item.get("type"), item.get("alt_text"))


def _poll(held: _Object | None) -> Poll | None:
    options = tuple(one_line(text_of(item.get("label"))) for item in objects_of(held.get("options"))) if held else ()
    return Poll(options=options, closes_at=instant_of(held.get("end_datetime"))) if held and options else None


def _other(raw: _Object, kind: str) -> str | None:
    """The address of a tweet that this one answers or quotes."""
    other = referenced(raw, kind) if "referenced_tweets" in raw else None
    number = id_or_none(other.get("id")) if other else None
    return tweet_uri(number) if number else None


def _counts(metrics: _Object) -> Counts:
    return Counts(
        replies=tweet_count(metrics.get("reply_count")),
        boosts=tweet_count(metrics.get("retweet_count")),
        likes=tweet_count(metrics.get("like_count")),
        quotes=tweet_count(metrics.get("quote_count")),
    )


_NONE = Counts()
