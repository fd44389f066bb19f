"""A post as ActivityPub writes it, from an export, into the one `Post`. Pure.

The same post comes out as it does from the API of the server that it was exported from, as far as the two tell the
same: strict about what identity needs, lenient about the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from collector.archives.handles import handle_at, handle_of, mentioned
from collector.model import Author, Counts, Hashtag, Media, Mention, Poll, Post, Wish
from collector.text.addresses import author_key
from collector.text.cleaning import one_line, plain_text
from collector.text.hashtags import find_hashtags, hashtag_from
from collector.text.html import HtmlText, html_to_text
from collector.text.links import MOST_LINKS
from collector.text.values import (
    count_of,
    flag_of,
    instant_of,
    language_of,
    object_of,
    objects_of,
    text_of,
    uri_of,
    uri_or_none,
    web_address,
)
from collector.text.wishes import may_wish, wishes_in

POST_TYPES = frozenset(("Note", "Question", "Article"))
_EVERYBODY = frozenset(("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"))
_BOTS = frozenset(("Service", "Application"))
_FLAGS = (Wish.INDEXABLE, Wish.DISCOVERABLE)  # fields of an actor, by these very names
_QUOTES = ("quote", "quoteUri", "quoteUrl", "_misskey_quote")


def is_for_everybody(note: Mapping[str, Any]) -> bool:
    """True where it is addressed to the public itself, not only copied to it, as what is unlisted is."""
    return not _EVERYBODY.isdisjoint(addresses(note.get("to")))


def addresses(value: Any) -> list[str]:
    """The addresses in what ActivityPub writes as one, a list of them, or objects with an id."""
    items = value if isinstance(value, list) else [value]
    return [text for item in items if (text := text_of(item.get("id") if isinstance(item, dict) else item))]


def normalise_note(note: Mapping[str, Any], *, actor: Mapping[str, Any] | None = None, by: str = "") -> Post:
    """The post that a Note, Question or Article tells of.

    `actor` is whose export it is, `by` the address of whoever did the activity around it. ValueError, with a short
    reason, for what cannot be known again.
    """
    uri = uri_of(note.get("id"), "id")
    published_at = _published_at(note.get("published"))
    edited_at = instant_of(note.get("updated"))
    written, language = _written(note)
    content = html_to_text(written)
    return Post(
        network="fediverse",
        uri=uri,
        url=_page(note.get("url")),
        author=_author(note, actor or {}, by),
        published_at=published_at,
        edited_at=edited_at if edited_at != published_at else None,
        text=content.text,
        title=one_line(text_of(note.get("name"))) if note.get("type") == "Article" else "",
        content_warning=plain_text(text_of(note.get("summary"))),
        language=language,
        hashtags=_hashtags(note.get("tag"), content),
        mentions=_mentions(note.get("tag")),
        links=content.links,
        media=_media(note.get("attachment")),
        poll=_poll(note),
        reply_to_uri=next(map(uri_or_none, addresses(note.get("inReplyTo"))), None),
        quote_of_uri=_quote_of(note),
        counts=_counts(note),
        is_sensitive=note.get("sensitive") is True,
    )


def _published_at(value: Any) -> datetime:
    instant = instant_of(value)
    if instant is None:
        raise ValueError("published: not an instant")
    return instant


def _written(note: Mapping[str, Any]) -> tuple[str, str | None]:
    """The HTML and its language: of several versions the one that stands as the content, else the first."""
    content = text_of(note.get("content"))
    versions = {code: text for code, text in object_of(note.get("contentMap")).items() if isinstance(text, str)}
    fitting = [code for code, text in versions.items() if not content or text == content]
    code = fitting[0] if fitting else ""
    return content or versions.get(code, ""), language_of(code)


def _page(value: Any) -> str | None:
    """Where a person reads it: an address, or links of which one is a page."""
    links = value if isinstance(value, list) else [value]
    found = (web_address(link.get("href") if isinstance(link, dict) else link) for link in links)
    return next((address for address in found if address), None)


def _author(note: Mapping[str, Any], actor: Mapping[str, Any], by: str) -> Author:
    address = next(iter(addresses(note.get("attributedTo"))), by)
    if actor and address in ("", actor.get("id")) and (handle := handle_of(actor)):
        return _exporter(actor, handle)
    found = handle_at(address, _page(note.get("url")) or "")
    if found is None:
        raise ValueError("attributedTo: does not say who wrote it")
    return Author(key=author_key(found), handle=found, name="", url=None)


def _exporter(actor: Mapping[str, Any], handle: str) -> Author:
    profile = [html_to_text(html) for html in _profile(actor)]
    wishes = wishes_in((text_of(actor.get("name")), *(part.text for part in profile if may_wish(part.text))))
    return Author(
        key=author_key(handle),
        handle=handle,
        name=one_line(text_of(actor.get("name"))),
        url=_page(actor.get("url")),
        is_bot=text_of(actor.get("type")) in _BOTS,
        wishes=wishes | {wish for wish in _FLAGS if actor.get(wish.value) is True},
        links=tuple(dict.fromkeys(link for part in profile for link in part.links))[:MOST_LINKS],
        is_indexable=flag_of(actor.get(Wish.INDEXABLE.value)),
    )


def _profile(actor: Mapping[str, Any]) -> Iterable[str]:
    yield text_of(actor.get("summary"))
    for field in objects_of(actor.get("attachment")):
        yield text_of(field.get("name"))
        yield text_of(field.get("value"))


def _tags(tags: Any, kind: str) -> list[dict[str, Any]]:
    return [tag for tag in objects_of(tags if isinstance(tags, list) else [tags]) if tag.get("type") == kind]


def _hashtags(tags: Any, content: HtmlText) -> tuple[Hashtag, ...]:
    """What the text links as hashtags, then what only the list names; a bare `#word` counts where there is no list."""
    found = {tag.normal: tag for tag in content.hashtags}
    if not isinstance(tags, (list, dict)):
        return tuple(({tag.normal: tag for tag in find_hashtags(content.text)} | found).values())
    for item in _tags(tags, "Hashtag"):
        if hashtag := hashtag_from(text_of(item.get("name")), "tags"):
            found.setdefault(hashtag.normal, hashtag)
    return tuple(found.values())


def _mentions(tags: Any) -> tuple[Mention, ...]:
    found: dict[str, Mention] = {}
    for item in _tags(tags, "Mention"):
        address = text_of(item.get("href"))
        if handle := mentioned(text_of(item.get("name")), address):
            found.setdefault(author_key(handle), Mention(handle=handle, url=web_address(address)))
    return tuple(found.values())


def _media(attachments: Any) -> tuple[Media, ...]:
    """Those that stand on the web; what was packed into the export has no address."""
    media = []
    for item in objects_of(attachments if isinstance(attachments, list) else [attachments]):
        alt_text = item.get("name")
        if url := _page(item.get("url") or item.get("href")):
            media.append(
                Media(
                    url=url,
                    type=_media_type(item),
                    alt_text=plain_text(alt_text) if isinstance(alt_text, str) else None,
                )
            )
    return tuple(media)


def _media_type(item: Mapping[str, Any]) -> str:
    for told in (text_of(item.get("mediaType")).partition("/")[0].lower(), text_of(item.get("type")).lower()):
        if told in {"image", "video", "audio"}:
            return told
    return "unknown"


def _poll(note: Mapping[str, Any]) -> Poll | None:
    options = objects_of(note.get("oneOf")) or objects_of(note.get("anyOf"))
    if not options:
        return None
    closes_at = instant_of(note.get("endTime")) or instant_of(note.get("closed"))
    return Poll(options=tuple(one_line(text_of(option.get("name"))) for option in options), closes_at=closes_at)


def _quote_of(note: Mapping[str, Any]) -> str | None:
    found = (uri_or_none(address) for name in _QUOTES for address in addresses(note.get(name)))
    return next((address for address in found if address), None)


def _counts(note: Mapping[str, Any]) -> Counts:
    replies, boosts, likes = (
        count_of(object_of(note.get(name)).get("totalItems")) for name in ("replies", "shares", "likes")
    )
    return Counts(replies=replies, boosts=boosts, likes=likes)
