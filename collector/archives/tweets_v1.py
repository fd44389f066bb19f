"""A tweet of the API 1.1, as twarc kept it and as accounts' own archives hold it, into a `Post`.

Strict about identity (id, author, date), lenient about the rest. The text may stand in three places: `full_text`, an
`extended_tweet` beside a cut `text`, or `text` alone.
"""

from __future__ import annotations

from typing import Any

from collector.archives.protocol import Entry, Item, PassedOver, Unreadable
from collector.archives.tweet_media import best_copy, tweet_media
from collector.archives.tweet_text import read_hashtags, read_text
from collector.archives.tweets import (
    NETWORK,
    NOT_PUBLIC,
    WITHHELD,
    account_author,
    id_or_none,
    sent_at,
    tweet_count,
    tweet_id,
    tweet_language,
    tweet_mention,
    tweet_uri,
    tweet_url,
)
from collector.model import Author, Counts, Media, Mention, Post
from collector.text.values import objects_of, text_of, web_address

_EVERYWHERE = frozenset(("XX", "XY"))  # withheld in all countries; withheld after a complaint about copyright


def read_v1(raw: dict[str, Any], line: int, author: Author | None = None) -> Item:
    """What a tweet comes to, wherever in a file it stands; `author` where the file says it elsewhere."""
    user = raw.get("user")
    if isinstance(user, dict) and user.get("protected") is True:
        return PassedOver(line=line, reason=NOT_PUBLIC)
    if _is_withheld(raw):
        return PassedOver(line=line, reason=WITHHELD)
    try:
        return Entry(post=normalise_v1(raw, author), line=line)
    except ValueError as error:
        return Unreadable(line=line, reason=str(error))


def normalise_v1(raw: dict[str, Any], author: Author | None = None) -> Post:
    """The post that a tweet tells of. ValueError, with a short reason, for one that cannot be known again."""
    number = tweet_id(raw.get("id_str") or raw.get("id"))
    author = author or _author(raw.get("user"))
    text, entities, pictures = _content(raw)
    hidden = [short for item in pictures if isinstance(short := item.get("url"), str) and short]
    read = read_text(text, entities.get("urls"), own=number, hidden=hidden)
    return Post(
        network=NETWORK,
        uri=tweet_uri(number),
        url=tweet_url(author, number),
        author=author,
        published_at=sent_at(raw.get("created_at"), number),
        edited_at=None,
        text=read.text,
        language=tweet_language(text_of(raw.get("lang"))),
        hashtags=read_hashtags(read.text, hashtag_names(entities)),
        mentions=_mentions(entities.get("user_mentions")),
        links=read.links,
        media=tuple([media for item in pictures if (media := _media(item))]),
        reply_to_uri=_other(raw, "in_reply_to_status_id"),
        quote_of_uri=_other(raw, "quoted_status_id"),
        counts=Counts(
            replies=tweet_count(raw.get("reply_count")),
            boosts=tweet_count(raw.get("retweet_count")),
            likes=tweet_count(raw.get("favorite_count")),
            quotes=tweet_count(raw.get("quote_count")),
        ),
        is_sensitive=raw.get("possibly_sensitive") is True,
    )


def hashtag_names(entities: dict[str, Any]) -> list[str]:
    """The hashtags that the entities name."""
    held = entities.get("hashtags")
    return [text for item in objects_of(held) if isinstance(text := item.get("text"), str)] if held else []


def _author(user: Any) -> Author:
    if not isinstance(user, dict):
        raise ValueError("no author")  # noqa: TRY004 (one kind of error, whatever is unreadable)
    return account_author(user, "screen_name", user.get("id_str") or user.get("id"))


def _content(raw: dict[str, Any]) -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
    """The whole text, its entities and its media."""
    extended = raw.get("extended_tweet")
    held = extended if isinstance(extended, dict) and isinstance(extended.get("full_text"), str) else raw
    text = held.get("full_text")
    if not isinstance(text, str):
        text = held.get("text")
    if not isinstance(text, str):
        raise ValueError("no text")  # noqa: TRY004
    entities, more = held.get("entities"), held.get("extended_entities")
    entities = entities if isinstance(entities, dict) else {}
    pictures = (more.get("media") if isinstance(more, dict) else None) or entities.get("media")
    return text, entities, objects_of(pictures) if pictures else []


def _mentions(held: Any) -> tuple[Mention, ...]:
    if not held:
        return ()
    mentions = [tweet_mention(item.get("screen_name")) for item in objects_of(held)]
    return tuple(dict.fromkeys(mention for mention in mentions if mention))


def _media(item: dict[str, Any]) -> Media | None:
    """A film by its best copy, else by the picture that stands for it."""
    url = best_copy(item.get("video_info"), "bitrate") or web_address(
        item.get("media_url_https") or item.get("media_url")
    )
    return tweet_media(url, item.get("type"), item.get("ext_alt_text"))


def _other(raw: dict[str, Any], field: str) -> str | None:
    """The address of a tweet that this one answers or quotes."""
    number = id_or_none(raw.get(f"{field}_str") or raw.get(field))
    return tweet_uri(number) if number else None


def _is_withheld(raw: dict[str, Any]) -> bool:
    if raw.get("withheld_copyright") is True:
        return True
    countries = raw.get("withheld_in_countries")
    return bool(countries) and isinstance(countries, list) and any(code in _EVERYWHERE for code in map(str, countries))
