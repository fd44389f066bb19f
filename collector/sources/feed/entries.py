"""An entry of a feed into the one `Post`. Pure.

Whatever the feed's format, an entry arrives here as one dict, in the shape of JSON Feed's items and with a few keys of
our own: `formats` makes it, it is what is kept, and reading it again gives the same post.

    id, url, external_url              as the feed has them; `is_permalink` false: the address is not this entry's alone
    title | title_html                 plain, or HTML
    content_text | content_html        the text, or where there is none the summary
    date_published, date_modified      ISO 8601; `date_seen` stands in where there are none
    authors, tags, language            names and addresses of people, never their e-mail addresses
    attachments                        url, mime_type, medium, alt
    in_reply_to, replies, is_sensitive
    feed                               title, url, language, authors
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urldefrag

from collector.model import Counts, Found, Hashtag, Post, Rejection
from collector.sources.feed.authors import author_of
from collector.sources.feed.media import media_of
from collector.sources.items import is_native_id, read_item
from collector.text.addresses import same_host
from collector.text.cleaning import one_line, plain_text
from collector.text.hashtags import find_hashtags, hashtag_from, is_hashtag
from collector.text.html import HtmlText, html_to_text
from collector.text.values import (
    count_of,
    id_of,
    instant_of,
    language_of,
    object_of,
    text_of,
    uri_of,
    uri_or_none,
    web_address,
)

_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]'’”]", re.IGNORECASE)
_SAFE = "/:@!$&'()*+,;=-._~?"  # what a fragment may hold as it is


def read_entry(raw: Any, *, address: str) -> Found | Rejection:
    """One entry of the feed at `address`: the post, or why it cannot be read."""
    native_id = entry_id(raw) if isinstance(raw, dict) else ""
    return read_item(raw, native_id, partial(normalise_entry, address=address))


def normalise_entry(raw: Mapping[str, Any], *, address: str) -> Post:
    """The post that an entry tells of; ValueError, with a short reason, for one that cannot be known again.

    Its identity is its own web address; where it has none, its id (or a digest of what it says) within the feed.
    """
    said, title = _said(raw), _title(raw)
    link = web_address(raw.get("url"))
    uri = _uri(raw, address)
    published_at, edited_at = _dates(raw)
    return Post(
        network="feed",
        uri=uri,
        url=link or web_address(raw.get("external_url")),
        author=author_of(raw, address=address, link=_permalink(raw)),
        published_at=published_at,
        edited_at=edited_at,
        text=said.text,
        title="" if _repeats(title, said.text) else title,
        language=language_of(raw.get("language")) or language_of(object_of(raw.get("feed")).get("language")),
        hashtags=_hashtags(raw, title, said),
        links=_links(raw, said),
        media=media_of(raw),
        reply_to_uri=uri_or_none(raw.get("in_reply_to")),
        counts=Counts(replies=count_of(raw.get("replies"))),
        is_sensitive=raw.get("is_sensitive") is True,
        other_addresses=_other_addresses(raw, uri),
    )


def entry_id(raw: Mapping[str, Any]) -> str:
    """What an entry is known by in its feed: its id, else its address, else a digest of what it says; or nothing."""
    own = id_of(raw.get("id")).strip() or _permalink(raw) or ""
    if own:
        return own if is_native_id(own) else _digest(own)
    said = "\0".join(text_of(raw.get(key)) for key in ("title", "title_html", "content_text", "content_html"))
    return _digest(said) if said.strip("\0 \n") else ""


def _permalink(raw: Mapping[str, Any]) -> str | None:
    return None if raw.get("is_permalink") is False else web_address(raw.get("url"))


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _uri(raw: Mapping[str, Any], address: str) -> str:
    own, known_by = _permalink(raw), entry_id(raw)
    if own is not None:
        return own
    if not known_by:
        raise ValueError("neither id nor address nor text")
    return uri_of(f"{urldefrag(address).url}#{quote(known_by, safe=_SAFE)}", "id")


def _other_addresses(raw: Mapping[str, Any], uri: str) -> tuple[str, ...]:
    """Its id, where that is a web address too, as of posts that moved. One of another host is no proof."""
    other = web_address(raw.get("id"))
    return (other,) if other is not None and other != uri and same_host(other, uri) else ()


def _dates(raw: Mapping[str, Any]) -> tuple[datetime, datetime | None]:
    published, modified = instant_of(raw.get("date_published")), instant_of(raw.get("date_modified"))
    known = published or modified or instant_of(raw.get("date_seen"))
    if known is None:
        raise ValueError("no date")
    return known, modified if modified is not None and modified > known else None


def _said(raw: Mapping[str, Any]) -> HtmlText:
    html = text_of(raw.get("content_html"))
    if html:
        return html_to_text(html)
    text = plain_text(text_of(raw.get("content_text")))
    links = (web_address(found[0]) for found in _ADDRESS.finditer(text))
    return HtmlText(text, tuple(dict.fromkeys(link for link in links if link)), ())


def _title(raw: Mapping[str, Any]) -> str:
    html = text_of(raw.get("title_html"))
    return one_line(html_to_text(html).text if html else text_of(raw.get("title")))


def _repeats(title: str, text: str) -> bool:
    """Whether a title only says how the text begins, as microblogs make theirs."""
    cut = title.removesuffix("…").removesuffix("...").rstrip()
    start, whole = cut.casefold(), one_line(text[: 2 * len(title) + 200]).casefold()
    if not start or not whole.startswith(start):
        return False
    return len(cut) < len(title) or not whole[len(start) : len(start) + 1].isalnum()


def _hashtags(raw: Mapping[str, Any], title: str, said: HtmlText) -> tuple[Hashtag, ...]:
    """Those of the text and the title, then what only stands in the feed's categories."""
    found = {tag.normal: tag for tag in (*find_hashtags(said.text), *said.hashtags)}
    for tag in find_hashtags(title):
        found.setdefault(tag.normal, tag)
    tags = raw.get("tags")
    for name in tags if isinstance(tags, list) else ():
        written = one_line(text_of(name)).lstrip("#＃")
        if is_hashtag(written) and (named := hashtag_from(written, "tags")):
            found.setdefault(named.normal, named)
    return tuple(found.values())


def _links(raw: Mapping[str, Any], said: HtmlText) -> tuple[str, ...]:
    about = web_address(raw.get("external_url"))
    return tuple(dict.fromkeys((*said.links, about) if about else said.links))
