"""The one place where a post becomes a row and a row becomes a post again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping

from collector.model import Author, Counts, Hashtag, Media, Mention, Poll, Post, Wish
from collector.storage.bulk import Row
from collector.storage.columns import encode_json
from collector.storage.tables import authors, posts

_MAX_COUNT = 2**31 - 1  # what an Integer column of PostgreSQL holds


CONTENT = (  # the columns of `posts` that an edit may change, in the order of `content_row`
    *("url", "author_id", "edited_at", "title", "text", "content_warning", "language", "mentions", "links", "media"),
    *("poll", "reply_to_uri", "quote_of_uri", "is_sensitive", "content_hash", "told_by"),
)
COUNTS = ("replies", "boosts", "likes", "quotes")
HASHTAG = ("post_id", "position", "normal", "display", "found_in")
PROFILE = ("handle", "name", "url", "is_bot", "wishes", "is_opted_out", "links", "is_indexable", "told_by")


def content_row(post: Post, author_id: int, told_by: str, content_hash: bytes) -> Row:
    """The values of CONTENT."""
    return (
        post.url,
        author_id,
        post.edited_at,
        post.title,
        post.text,
        post.content_warning,
        post.language,
        _mention_values(post) if post.mentions else [],
        list(post.links),
        _media_values(post) if post.media else [],
        _poll_values(post.poll),
        post.reply_to_uri,
        post.quote_of_uri,
        post.is_sensitive,
        content_hash,
        told_by,
    )


def hash_content(post: Post) -> bytes:
    """Of everything that an edit may change; not of counts, nor of who told it."""
    told = [post.url or "", post.title, post.text, post.content_warning, post.language or "", post.reply_to_uri or ""]
    told += [post.quote_of_uri or "", "sensitive" if post.is_sensitive else ""]
    told += [tag.normal for tag in post.hashtags]
    for mention in post.mentions:
        told += ("mention", mention.handle, mention.url or "")
    for link in post.links:
        told += ("link", link)
    for media in post.media:
        told += ("media", media.url, media.type, "\1" if media.alt_text is None else media.alt_text)
    if post.poll is not None:
        told += ("poll", encode_json(_poll_values(post.poll)))
    text = "\0".join(told)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def count_row(counts: Counts) -> tuple[int, int, int, int]:
    """The values of COUNTS, within what a column holds."""
    row = (counts.replies, counts.boosts, counts.likes, counts.quotes)
    if max(row) <= _MAX_COUNT:
        return row
    return (min(row[0], _MAX_COUNT), min(row[1], _MAX_COUNT), min(row[2], _MAX_COUNT), min(row[3], _MAX_COUNT))


def hashtag_rows(post_id: int, hashtags: Iterable[Hashtag]) -> list[Row]:
    """The values of HASHTAG for each hashtag, in the post's order."""
    return [(post_id, place, tag.normal, tag.display, tag.found_in) for place, tag in enumerate(hashtags)]


def profile_row(author: Author, told_by: str) -> Row:
    """The values of PROFILE."""
    wishes = sorted(author.wishes)
    links = list(author.links) or None
    known = (author.handle, author.name, author.url, author.is_bot, wishes, author.is_opted_out, links)
    return (*known, False if Wish.NOSEARCH in author.wishes else author.is_indexable, told_by)


POST_COLUMNS: tuple[ColumnElement[Any], ...] = (
    posts.c.id,
    posts.c.uri,
    posts.c.network,
    posts.c.url,
    posts.c.published_at,
    posts.c.edited_at,
    posts.c.first_seen_at,
    posts.c.title,
    posts.c.text,
    posts.c.content_warning,
    posts.c.language,
    posts.c.mentions,
    posts.c.links,
    posts.c.media,
    posts.c.poll,
    posts.c.reply_to_uri,
    posts.c.quote_of_uri,
    posts.c.is_sensitive,
    posts.c.replies,
    posts.c.boosts,
    posts.c.likes,
    posts.c.quotes,
    authors.c.key.label("author_key"),
    authors.c.handle.label("author_handle"),
    authors.c.name.label("author_name"),
    authors.c.url.label("author_url"),
    authors.c.is_bot.label("author_is_bot"),
    authors.c.wishes.label("author_wishes"),
    authors.c.links.label("author_links"),
    authors.c.is_indexable.label("author_is_indexable"),
    posts.c.copy_of,
)


def read_post(row: RowMapping | Mapping[str, Any], hashtags: tuple[Hashtag, ...]) -> Post:
    """A row of POST_COLUMNS as the post it was."""
    poll = row["poll"]
    return Post(
        network=row["network"],
        uri=row["uri"],
        url=row["url"],
        author=Author(
            key=row["author_key"],
            handle=row["author_handle"],
            name=row["author_name"],
            url=row["author_url"],
            is_bot=row["author_is_bot"],
            wishes=frozenset(Wish(wish) for wish in row["author_wishes"]),
            links=tuple(row["author_links"] or ()),
            is_indexable=row["author_is_indexable"],
        ),
        published_at=row["published_at"],
        edited_at=row["edited_at"],
        text=row["text"],
        title=row["title"],
        content_warning=row["content_warning"],
        language=row["language"],
        hashtags=hashtags,
        mentions=tuple(Mention(**mention) for mention in row["mentions"]),
        links=tuple(row["links"]),
        media=tuple(Media(**media) for media in row["media"]),
        poll=Poll(options=tuple(poll["options"]), closes_at=_instant(poll["closes_at"])) if poll else None,
        reply_to_uri=row["reply_to_uri"],
        quote_of_uri=row["quote_of_uri"],
        counts=read_counts(row),
        is_sensitive=row["is_sensitive"],
        copy_of=row["copy_of"],
    )


def read_counts(row: RowMapping | Mapping[str, Any]) -> Counts:
    """The four columns of counts as a value."""
    return Counts(replies=row["replies"], boosts=row["boosts"], likes=row["likes"], quotes=row["quotes"])


def _mention_values(post: Post) -> list[dict[str, Any]]:
    return [{"handle": mention.handle, "url": mention.url} for mention in post.mentions]


def _media_values(post: Post) -> list[dict[str, Any]]:
    return [{"url": media.url, "type": media.type, "alt_text": media.alt_text} for media in post.media]


def _poll_values(poll: Poll | None) -> dict[str, Any] | None:
    if poll is None:
        return None
    return {"options": list(poll.options), "closes_at": poll.closes_at.isoformat() if poll.closes_at else None}


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
