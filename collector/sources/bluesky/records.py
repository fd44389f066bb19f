"""A view of a post, as Bluesky's servers show it, into the one `Post`.

Pure: the same functions read live pages, recorded answers and kept ones. Strict about what identity needs (the at://
address, its author, a date) and lenient about the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from collector.model import Counts, Found, Post, Rejection
from collector.sources.bluesky.authors import account_labels, label_values, read_author
from collector.sources.bluesky.embeds import read_embed, without_quoted
from collector.sources.bluesky.text import read_text
from collector.sources.items import read_item
from collector.text.bluesky import known_post, post_url, warnings_of
from collector.text.values import (
    count_of,
    instant_of,
    language_of,
    object_of,
    objects_of,
    text_of,
    uri_or_none,
    web_address,
)

_OF_THE_ASKER = {"viewer", "debug"}  # and what else belongs to no post
_BEYOND_THE_VIEW = ("description", "website")  # what only the profile itself tells of an author
_OF_THE_AUTHOR = ("did", "handle", "displayName", "labels", *_BEYOND_THE_VIEW)


def read_view(raw: Any, profile: Mapping[str, Any] | None = None) -> Found | Rejection:
    """A post, or why it cannot be read; `profile` is what is known of its author beyond the view."""
    kept = slimmed(raw, profile) if isinstance(raw, dict) else raw
    return read_item(kept, text_of(object_of(raw).get("uri")), normalise_post, is_home=True)


def normalise_post(raw: Mapping[str, Any]) -> Post:
    """The post that a view tells of; ValueError, with a short reason, for one that cannot be known again."""
    address = known_post(raw.get("uri"))
    if address is None:
        raise ValueError("uri: not a post of Bluesky")
    record = raw.get("record")
    if not isinstance(record, dict):
        raise ValueError("no record")  # noqa: TRY004 (one kind of error, whatever is unreadable)
    if not isinstance(record.get("text"), str):
        raise ValueError("record: no text")  # noqa: TRY004 (what is known of it stays as it is)
    author = read_author(raw.get("author"))
    if author.key != address.actor:
        raise ValueError("author: not the one the post belongs to")
    words, embed, warnings = read_text(record), read_embed(raw.get("embed")), _warnings(raw, record)
    return Post(
        network="bluesky",
        uri=address.uri,
        url=post_url(author.handle, address.rkey),
        author=author,
        published_at=_published_at(raw, record),
        edited_at=None,  # a record can be put over, and nothing then tells when
        text=words.text,
        title="" if words.text else embed.title,
        content_warning=", ".join(warnings),
        language=_language(record.get("langs")),
        hashtags=words.hashtags,
        mentions=words.mentions,
        links=tuple(dict.fromkeys([*words.links, *([embed.link] if embed.link else [])])),
        media=embed.media,
        reply_to_uri=uri_or_none(object_of(object_of(record.get("reply")).get("parent")).get("uri")),
        quote_of_uri=embed.quote_of_uri,
        counts=_counts(raw),
        is_sensitive=bool(warnings),
        copy_of=web_address(record.get("bridgyOriginalUrl")),
    )


def slimmed(raw: Mapping[str, Any], profile: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A view as it may be kept: nothing of the account that asked, no other people's profiles, no quoted words."""
    kept = {name: value for name, value in raw.items() if name not in _OF_THE_ASKER}
    kept.pop("threadgate", None)
    if isinstance(raw.get("author"), dict):
        kept["author"] = _part(raw["author"], _OF_THE_AUTHOR) | _part(profile or {}, _BEYOND_THE_VIEW)
    if "embed" in raw:
        kept["embed"] = without_quoted(raw["embed"])
    if isinstance(raw.get("record"), dict):
        kept["record"] = {name: value for name, value in raw["record"].items() if name != "bridgyOriginalText"}
    return kept


def _part(view: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: view[name] for name in names if name in view}


def _published_at(raw: Mapping[str, Any], record: Mapping[str, Any]) -> datetime:
    """The client's word, however odd; where it is no instant at all, when the server first saw it."""
    instant = instant_of(record.get("createdAt")) or instant_of(raw.get("indexedAt"))
    if instant is None:
        raise ValueError("createdAt, indexedAt: neither is an instant")
    return instant


def _language(langs: Any) -> str | None:
    codes = langs if isinstance(langs, list) else []
    return next((language for code in codes if (language := language_of(code))), None)


def _warnings(raw: Mapping[str, Any], record: Mapping[str, Any]) -> tuple[str, ...]:
    """By the author's own labels, by moderators' for this post, and by those for the whole account."""
    own = objects_of(object_of(record.get("labels")).get("values"))
    author = object_of(raw.get("author"))
    return warnings_of([*label_values(own), *label_values(raw.get("labels")), *account_labels(author)])


def _counts(raw: Mapping[str, Any]) -> Counts:
    return Counts(
        replies=count_of(raw.get("replyCount")),
        boosts=count_of(raw.get("repostCount")),
        likes=count_of(raw.get("likeCount")),
        quotes=count_of(raw.get("quoteCount")),
    )
