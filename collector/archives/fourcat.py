"""Tables that 4CAT writes: posts of Bluesky and tweets, lists joined by commas.

`unix_timestamp` depends on the clock of the machine that 4CAT ran on: it is only asked where `timestamp` is missing.
Reposts have columns of their own, and are passed over.
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
    counts_in,
    epoch_instant,
    hashtags_in,
    is_true,
    items_in,
)
from collector.archives.protocol import Entry, Format, Item, PassedOver
from collector.archives.tables import Row, columns_in, read_rows
from collector.archives.tweet_text import tidy, unescaped, without
from collector.archives.tweets import (
    NETWORK,
    REPOST,
    WITHHELD,
    id_or_none,
    mentions_of,
    told_by_id,
    tweet_at,
    tweet_author,
    tweet_id,
    tweet_language,
    tweet_uri,
    tweet_url,
)
from collector.model import Media, Post, Wish
from collector.text.bluesky import PostAddress, is_did, known_post, post_behind, warnings_of
from collector.text.values import instant_of, language_of

if TYPE_CHECKING:
    from collector.archives.files import ArchiveFile

_OF_BLUESKY = ("id", "author_id", "body", "created_at", "repost_count")
_OF_TWITTER = ("id", "author", "body", "timestamp", "is_retweet")
_SHORT = re.compile(r"https?://t\.co/\w+", re.IGNORECASE)
_OWN_MEDIA = re.compile(r"https?://(?:twitter|x)\.com/\w+/status/(?P<id>\d+)/(?:photo|video)/\d+", re.IGNORECASE)


def _recognises(file: ArchiveFile) -> bool:
    columns = set(columns_in(file.beginning))
    return columns.issuperset((*_OF_BLUESKY, "replied_to_post")) or columns.issuperset(_OF_TWITTER)


def _read(file: ArchiveFile) -> Iterator[Item]:
    if "repost_count" in columns_in(file.beginning):
        return read_rows(file, _read_bluesky, needed=_OF_BLUESKY, texts=("body",))
    return read_rows(file, _read_tweet, needed=_OF_TWITTER, texts=("body",))


def _read_bluesky(row: Row) -> Entry:
    address = post_address(row.first_of("id"), "id")
    if row.first_of("author_id") not in {"", address.actor}:
        raise ValueError("author_id: not the one the post belongs to")
    labels = items_in(row.first_of("labels"), ",")
    warnings = warnings_of(labels)
    wishes = frozenset({Wish.NO_UNAUTHENTICATED}) if Wish.NO_UNAUTHENTICATED.value in labels else frozenset()
    author = bluesky_author(address.actor, row.first_of("author"), row.first_of("author_display_name"), wishes)
    links = addresses_in(row.first_of("links"), ",")
    languages = map(language_of, items_in(row.first_of("languages"), ","))
    post = Post(
        network=BLUESKY,
        uri=address.uri,
        url=page_of(author, address),
        author=author,
        published_at=_published_at(row, "created_at", "timestamp"),
        edited_at=None,
        text=written_out(row.first_of("body"), links),
        content_warning=", ".join(warnings),
        language=next((language for language in languages if language), None),
        hashtags=hashtags_in(row.first_of("body"), items_in(row.first_of("tags"), ","), "text"),
        mentions=bluesky_mentions(_actor(actor) for actor in items_in(row.first_of("mentions"), ",")),
        links=links,
        media=_pictures(row),
        reply_to_uri=_parent(row, address),
        quote_of_uri=_post_behind(row.first_of("quoted_post"), address, author.handle),
        counts=counts_in(row, "repost_count"),
        is_sensitive=bool(warnings),
    )
    return Entry(post=post, line=row.line)


def _read_tweet(row: Row) -> Entry | PassedOver:
    if is_true(row.first_of("is_retweet")) or row.first_of("body").startswith("RT @"):
        return PassedOver(line=row.line, reason=REPOST)
    if is_true(row.first_of("is_withheld")):
        return PassedOver(line=row.line, reason=WITHHELD)
    number = tweet_id(row.first_of("id"))
    author = tweet_author(
        id_or_none(row.first_of("author_id")) or "", row.first_of("author"), row.first_of("author_fullname")
    )
    urls = addresses_in(row.first_of("urls"), ",")
    links = tuple(url for url in urls if not _is_own_media(url, number))
    media = _pictures(row)
    text = _in_full(row.first_of("body"), urls, links, has_media=bool(media))
    quoted = id_or_none(row.first_of("quote_tweet_id")) or _quoted(row, links)
    mentions = mentions_of(items_in(row.first_of("mentions"), ","))
    post = Post(
        network=NETWORK,
        uri=tweet_uri(number),
        url=tweet_url(author, number),
        author=author,
        published_at=_published_at(row, "timestamp", "unix_timestamp", number),
        edited_at=None,
        text=text,
        language=tweet_language(row.first_of("language_guess")),
        hashtags=hashtags_in(text, items_in(row.first_of("hashtags"), ",")),
        mentions=mentions,
        links=links,
        media=media,
        quote_of_uri=tweet_uri(quoted) if quoted else None,
        counts=counts_in(row, "retweet_count"),
        is_sensitive=is_true(row.first_of("possibly_sensitive")),
    )
    return Entry(post=post, line=row.line)


def _published_at(row: Row, written: str, seconds: str, number: str = "") -> datetime:
    cells = (row.first_of(written), row.first_of(seconds))
    instant = instant_of(cells[0]) or epoch_instant(cells[1]) or instant_of(cells[1])
    instant = instant or (told_by_id(number) if number else None)
    if instant is None:
        raise ValueError(f"{written}: not an instant")
    return instant


def _actor(written: str) -> tuple[str, str]:
    """DID and handle: 4CAT writes the handle where it could look it up."""
    return (written, "") if is_did(written) else ("", written)


def _parent(row: Row, own: PostAddress) -> str | None:
    """The post that this one answers: the thread's first, if it has the same key, or one whose author is known."""
    page = row.first_of("replied_to_post")
    first, found = known_post(row.first_of("thread_id")), post_behind(page.strip())
    if first and found and first.rkey == found.rkey and first != own:
        return first.uri
    return _post_behind(page, own, row.first_of("author"))


def _post_behind(page: str, own: PostAddress, handle: str) -> str | None:
    """The address of a post by its page, where that shows the author's DID or is of the same author."""
    found = post_behind(page.strip())
    if found is None:
        return None
    did = found.actor if is_did(found.actor) else own.actor if found.actor.lower() == handle.lower() else ""
    return PostAddress(did, found.rkey).uri if did else None


def _in_full(body: str, urls: tuple[str, ...], links: tuple[str, ...], *, has_media: bool) -> str:
    """The text with its one short address in full, or without it where it is that of the media.

    Of several nobody can tell which is which: the table gives their addresses without an order.
    """
    text = unescaped(body)
    short = _SHORT.findall(text)
    if len(short) == 1 and len(urls) == 1:
        text = text.replace(short[0], links[0]) if links else without(text, short[0])
    elif len(short) == 1 and not urls and has_media:
        text = without(text, short[0])
    return tidy(text)


def _is_own_media(url: str, number: str) -> bool:
    match = _OWN_MEDIA.fullmatch(url)
    return match is not None and match["id"] == number


def _quoted(row: Row, links: tuple[str, ...]) -> str | None:
    """Which tweet is quoted, where the table does not give its number: the one tweet that is linked."""
    linked = {place[1] for link in links if (place := tweet_at(link))}
    return linked.pop() if len(linked) == 1 and is_true(row.first_of("is_quote_tweet")) else None


def _pictures(row: Row) -> tuple[Media, ...]:
    lists = (("image", "images"), ("video", "videos"))
    return tuple(
        Media(url=url, type=kind, alt_text=None)
        for kind, name in lists
        for url in addresses_in(row.first_of(name), ",")
    )


FORMAT = Format(name="4cat", title="a table of 4CAT", recognises=_recognises, read=_read)
