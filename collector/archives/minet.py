"""Tables that minet writes: posts of Bluesky and tweets, lists joined by `|`.

`original_text` is what the author wrote; in `text` minet puts in quoted posts and the addresses of media. The time of
collection stands there in the clock of whoever collected, without its zone, so it is left aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from collector.archives.bluesky_rows import (
    BLUESKY,
    bluesky_author,
    bluesky_mentions,
    page_of,
    post_address,
    written_out,
)
from collector.archives.cells import (
    addresses_in,
    beside,
    counts_in,
    epoch_instant,
    hashtags_in,
    is_true,
    items_in,
)
from collector.archives.protocol import Entry, Format, Item, PassedOver
from collector.archives.tables import Row, columns_in, read_rows
from collector.archives.tweets import (
    NETWORK,
    REPOST,
    id_or_none,
    mentions_of,
    told_by_id,
    tweet_author,
    tweet_id,
    tweet_language,
    tweet_uri,
    tweet_url,
)
from collector.model import Media, Post
from collector.text.bluesky import known_post
from collector.text.cleaning import one_line, plain_text
from collector.text.values import instant_of, language_of, web_address

if TYPE_CHECKING:
    from collector.archives.files import ArchiveFile

_OF_BLUESKY = ("uri", "user_did", "timestamp_utc", "text")
_OF_TWITTER = ("id", "user_screen_name", "timestamp_utc", "text")
_FRACTION = re.compile(r".*:(?P<second>[0-9]{2})\.(?P<fraction>[0-9]{1,6})(?:[+-][0-9:]{4,6})?")
_ADDRESS = re.compile(r"https?://[^\s<>\"»]+", re.IGNORECASE)
_TYPES = {"photo": "image", "animated_gif": "gifv", "video/gif": "gifv"}
_NOT_TO_BE_SHOWN = frozenset(("detached", "blocked"))


def _recognises(file: ArchiveFile) -> bool:
    columns = set(columns_in(file.beginning))
    return columns.issuperset(_OF_BLUESKY) or columns.issuperset(_OF_TWITTER)


def _read(file: ArchiveFile) -> Iterator[Item]:
    if "user_did" in columns_in(file.beginning):
        return read_rows(file, _read_bluesky, needed=_OF_BLUESKY, texts=("text", "original_text"))
    return read_rows(file, _read_tweet, needed=_OF_TWITTER, texts=("text",))


def _read_bluesky(row: Row) -> Entry:
    address = post_address(row.first_of("uri"), "uri")
    author = bluesky_author(address.actor, row.first_of("user_handle"), row.first_of("user_display_name"))
    written = row.first_of("original_text") or row.first_of("text")
    text = written_out(written, _ADDRESS.findall(row.first_of("text")))
    quoted = None if row.first_of("quoted_status") in _NOT_TO_BE_SHOWN else known_post(row.first_of("quoted_uri"))
    parent = known_post(row.first_of("to_post_uri"))
    languages = map(language_of, items_in(row.first_of("user_langs"), "|"))
    post = Post(
        network=BLUESKY,
        uri=address.uri,
        url=page_of(author, address),
        author=author,
        published_at=_published_at(row),
        edited_at=None,
        text=text,
        title="" if text else one_line(row.first_of("card_title")),
        language=next((language for language in languages if language), None),
        hashtags=hashtags_in(written, items_in(row.first_of("hashtags"), "|"), "text"),
        mentions=bluesky_mentions(_spoken_to(row)),
        links=addresses_in(row.first_of("links"), "|"),
        media=_media(row),
        reply_to_uri=parent.uri if parent else None,
        quote_of_uri=quoted.uri if quoted else None,
        counts=counts_in(row, "repost_count"),
        copy_of=web_address(row.first_of("bridgy_original_url")),
    )
    return Entry(post=post, line=row.line)


def _read_tweet(row: Row) -> Entry | PassedOver:
    if row.first_of("retweeted_id") or row.first_of("text").startswith("RT @"):
        return PassedOver(line=row.line, reason=REPOST)
    number = tweet_id(row.first_of("id"))
    user = row.first_of("user_screen_name")
    author = tweet_author(
        id_or_none(row.first_of("user_id")) or "",
        user,
        row.first_of("user_name"),
        row.first_of("user_description"),
        (row.first_of("user_url"),),
    )
    text = plain_text(_own_words(row, number))
    parent, quoted = (id_or_none(row.first_of(name)) for name in ("to_tweetid", "quoted_id"))
    mentions = mentions_of(items_in(row.first_of("mentioned_names"), "|"))
    post = Post(
        network=NETWORK,
        uri=tweet_uri(number),
        url=tweet_url(author, number),
        author=author,
        published_at=_published_at(row, number),
        edited_at=None,
        text=text,
        language=tweet_language(row.first_of("lang")),
        hashtags=hashtags_in(text, items_in(row.first_of("hashtags"), "|")),
        mentions=mentions,
        links=addresses_in(row.first_of("links"), "|"),
        media=_media(row),
        reply_to_uri=tweet_uri(parent) if parent else None,
        quote_of_uri=tweet_uri(quoted) if quoted else None,
        counts=counts_in(row, "retweet_count"),
        is_sensitive=is_true(row.first_of("possibly_sensitive")),
    )
    return Entry(post=post, line=row.line)


def _published_at(row: Row, number: str = "") -> datetime:
    """The second in UTC; parts of one only stand in the local time beside it, whose zone is whole minutes away."""
    instant = epoch_instant(row.first_of("timestamp_utc"))
    instant = instant or (told_by_id(number) if number else instant_of(row.first_of("indexed_at_utc")))
    if instant is None:
        raise ValueError("timestamp_utc: not an instant")
    match = _FRACTION.fullmatch(row.first_of("local_time"))
    if match and int(match["second"]) == instant.second:
        return instant.replace(microsecond=int(match["fraction"].ljust(6, "0")))
    return instant


def _own_words(row: Row, number: str) -> str:
    """A tweet's text without the addresses of its own media, and a quoted tweet as its address."""
    text = re.sub(rf"\s?https?://(?:twitter|x)\.com/\w+/status/{number}/(?:photo|video)/\d+", "", row.first_of("text"))
    quoted = row.first_of("quoted_id")
    begin = text.lower().find(f"« {row.first_of('quoted_user').lower()}: ") if quoted else -1
    if begin < 0:
        return text
    head, tail = text[:begin], text[begin:]
    match = re.search(rf" — (https?://\S+/status/{re.escape(quoted)}\S*) »", tail, re.IGNORECASE)
    return f"{head}{match[1]}{tail[match.end() :]}" if match else text


def _spoken_to(row: Row) -> list[tuple[str, str]]:
    """Pairs of DID and handle; a table may hold but one of the two lists."""
    dids, handles = (items_in(row.first_of(name), "|") for name in ("mentioned_user_dids", "mentioned_user_handles"))
    if len(dids) == len(handles):
        return list(zip(dids, handles, strict=True))
    return [(did, "") for did in dids] or [("", handle) for handle in handles]


def _media(row: Row) -> tuple[Media, ...]:
    urls = row.first_of("media_urls").split("|")
    types, alt_texts = (beside(row.first_of(name), "|", len(urls)) for name in ("media_types", "media_alt_texts"))
    media = []
    for address, kind, alt_text in zip(urls, types, alt_texts, strict=True):
        if url := web_address(address):
            media.append(Media(url=url, type=_type(kind.strip().lower()), alt_text=plain_text(alt_text) or None))
    return tuple(media)


def _type(kind: str) -> str:
    """Twitter's own word, or a MIME type."""
    known = _TYPES.get(kind, kind.partition("/")[0])
    return known if known in {"image", "gifv", "video", "audio"} else "unknown"


FORMAT = Format(name="minet", title="a table of minet", recognises=_recognises, read=_read)
