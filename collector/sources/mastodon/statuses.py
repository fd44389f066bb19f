"""A status of Mastodon's API, as any server speaks it, into the one `Post`.

Pure: the same function reads live pages, recorded answers and stored raw ones. It is strict about what identity needs
(`id`, `uri`, `account`, `created_at`) and lenient about the rest: a part that cannot be read is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from collector.model import Author, Counts, Hashtag, Media, Mention, Poll, Post, Wish
from collector.text.addresses import author_key
from collector.text.cleaning import one_line, plain_text
from collector.text.hashtags import find_hashtags, hashtag_from
from collector.text.html import HtmlText, html_to_text
from collector.text.links import MOST_LINKS
from collector.text.values import (
    count_of,
    flag_of,
    host_of,
    id_of,
    instant_of,
    language_of,
    objects_of,
    text_of,
    uri_of,
    uri_or_none,
    web_address,
)
from collector.text.wishes import may_wish, wishes_in

_MEDIA_TYPES = frozenset(("image", "gifv", "video", "audio"))
_HANDLE = re.compile(r"[^\s@/]+(@[^\s@/]+)?")
_FLAGS = (Wish.NOINDEX, Wish.INDEXABLE, Wish.DISCOVERABLE)  # fields of an account, by these very names


class _Hosts(NamedTuple):
    """What the handles of a server's own accounts may end in."""

    account_domain: str | None
    asked: str


def normalise_status(raw: Mapping[str, Any], *, address: str, account_domain: str | None = None) -> Post:
    """The post that a status of the server at `address` tells of.

    `account_domain` is what that server's own handles end in, where it is not its host. ValueError, with a short
    reason, for a status that cannot be known again.
    """
    if not isinstance(raw, Mapping):
        raise ValueError("not a status")  # noqa: TRY004 (one kind of error, whatever is unreadable)
    if not id_of(raw.get("id")):
        raise ValueError("no id")
    uri = uri_of(raw.get("uri"))
    hosts = _Hosts(account_domain, host_of(address))
    if not isinstance(raw.get("content"), str):
        raise ValueError("content: not a text")  # noqa: TRY004 (what is known of it stays as it is)
    content = html_to_text(raw["content"])
    return Post(
        network="fediverse",
        uri=uri,
        url=web_address(raw.get("url")),
        author=_author(raw.get("account"), hosts),
        published_at=_published_at(raw.get("created_at")),
        edited_at=instant_of(raw.get("edited_at")),
        text=content.text,
        content_warning=plain_text(text_of(raw.get("spoiler_text"))),
        language=language_of(raw.get("language")),
        hashtags=_hashtags(raw.get("tags"), content),
        mentions=_mentions(raw.get("mentions"), hosts),
        links=content.links,
        media=_media(raw.get("media_attachments")),
        poll=_poll(raw.get("poll")),
        reply_to_uri=_reply_to(raw, uri),
        quote_of_uri=_quote_of(raw),
        counts=_counts(raw),
        is_sensitive=raw.get("sensitive") is True,
    )


def is_public(raw: Mapping[str, Any]) -> bool:
    """True for a post of its author's own that everybody may see: not a boost, not unlisted."""
    return raw.get("visibility") == "public" and not raw.get("reblog")


def _published_at(value: Any) -> datetime:
    instant = instant_of(value)
    if instant is None:
        raise ValueError("created_at: not an instant")
    return instant


def _author(account: Any, hosts: _Hosts) -> Author:
    if not isinstance(account, dict):
        raise ValueError("no account")  # noqa: TRY004
    url = web_address(account.get("url"))
    handle = _handle(account, hosts, url)
    if handle is None:
        raise ValueError("account: no handle")
    return Author(
        key=author_key(handle),
        handle=handle,
        name=one_line(text_of(account.get("display_name"))),
        url=url,
        is_bot=account.get("bot") is True,
        wishes=_wishes(account),
        links=_links(account),
        is_indexable=flag_of(account.get(Wish.INDEXABLE.value)),
    )


def _handle(account: Mapping[str, Any], hosts: _Hosts, url: str | None) -> str | None:
    """user@host. An `acct` without a host is an account of the server that was asked, whatever that calls itself."""
    acct = one_line(text_of(account.get("acct")) or text_of(account.get("username"))).removeprefix("@")
    if not _HANDLE.fullmatch(acct):
        return None
    if "@" in acct:
        return acct
    domain = hosts.account_domain or host_of(url) or host_of(account.get("uri")) or hosts.asked
    return f"{acct}@{domain}" if domain else None


def _wishes(account: Mapping[str, Any]) -> frozenset[Wish]:
    told = (html_to_text(html).text for html in _profile(account) if may_wish(html))
    return wishes_in((text_of(account.get("display_name")), *told)) | {
        wish for wish in _FLAGS if account.get(wish.value) is True
    }


def _links(account: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses in a profile: in its text, and in the fields that people make for them."""
    linked = (link for html in _profile(account) if "href" in html for link in _links_in(html))
    return tuple(dict.fromkeys(linked))[:MOST_LINKS]


@lru_cache(maxsize=4096)  # people post more than once
def _links_in(html: str) -> tuple[str, ...]:
    return html_to_text(html).links


def _profile(account: Mapping[str, Any]) -> Iterable[str]:
    yield text_of(account.get("note"))
    for field in objects_of(account.get("fields")):
        yield text_of(field.get("name"))
        yield text_of(field.get("value"))


def _hashtags(tags: Any, content: HtmlText) -> tuple[Hashtag, ...]:
    """What the text links as hashtags, then what only the server lists.

    A `#word` that is not linked is no hashtag (code, a fragment of an address), unless the server keeps no list.
    """
    found = {tag.normal: tag for tag in content.hashtags}
    if not isinstance(tags, list):
        return tuple(({tag.normal: tag for tag in find_hashtags(content.text)} | found).values())
    for item in objects_of(tags):
        if hashtag := hashtag_from(text_of(item.get("name")), "tags"):
            found.setdefault(hashtag.normal, hashtag)
    return tuple(found.values())


def _mentions(mentions: Any, hosts: _Hosts) -> tuple[Mention, ...]:
    found: dict[str, Mention] = {}
    for item in objects_of(mentions):
        url = web_address(item.get("url"))
        if handle := _handle(item, hosts, url):
            found.setdefault(author_key(handle), Mention(handle=handle, url=url))
    return tuple(found.values())


def _media(attachments: Any) -> tuple[Media, ...]:
    """The server's copy, else the original; an empty description stays apart from none at all."""
    media = []
    for item in objects_of(attachments):
        url = web_address(item.get("url")) or web_address(item.get("remote_url"))
        if url is None:
            continue
        kind, alt_text = item.get("type"), item.get("description")
        media.append(
            Media(
                url=url,
                type=kind if isinstance(kind, str) and kind in _MEDIA_TYPES else "unknown",
                alt_text=plain_text(alt_text) if isinstance(alt_text, str) else None,
            )
        )
    return tuple(media)


def _poll(poll: Any) -> Poll | None:
    if not isinstance(poll, dict):
        return None
    options = tuple(one_line(text_of(option.get("title"))) for option in objects_of(poll.get("options")))
    return Poll(options=options, closes_at=instant_of(poll.get("expires_at"))) if options else None


def _reply_to(raw: Mapping[str, Any], uri: str) -> str | None:
    """The address of the post this one answers, where it can be told for sure.

    The API gives the parent's id on the server that was asked, not its address. On the server where a thread was
    written the addresses of its posts differ in nothing but their ids; all other parents stay unknown.
    """
    own_id, parent_id = id_of(raw.get("id")), id_of(raw.get("in_reply_to_id"))
    account = raw.get("account")
    author_id = id_of(account.get("id")) if isinstance(account, dict) else ""
    if not parent_id or not author_id or id_of(raw.get("in_reply_to_account_id")) != author_id:
        return None
    head, found, tail = uri.rpartition(f"/{own_id}")
    return uri_or_none(f"{head}/{parent_id}{tail}") if found and tail in {"", "/"} else None


def _quote_of(raw: Mapping[str, Any]) -> str | None:
    """The quoted post's address, unless the quote is pending, refused or revoked.

    Mastodon 4.4 has `quote: {state, quoted_status}`; older forks put the status itself there, Pleroma and Akkoma an
    address under `pleroma`.
    """
    quote = raw.get("quote")
    if isinstance(quote, dict):
        if "state" in quote and quote["state"] != "accepted":
            return None
        quoted = quote.get("quoted_status", quote)
        return uri_or_none(quoted.get("uri")) if isinstance(quoted, dict) else None
    pleroma = raw.get("pleroma")
    return uri_or_none(pleroma.get("quote_url")) if isinstance(pleroma, dict) else None


def _counts(raw: Mapping[str, Any]) -> Counts:
    return Counts(
        replies=count_of(raw.get("replies_count")),
        boosts=count_of(raw.get("reblogs_count")),
        likes=count_of(raw.get("favourites_count")),
        quotes=count_of(raw.get("quotes_count")),
    )
