"""A status of Mastodon's API, as any server speaks it, into the one `Post`.

Pure: the same function reads live pages, recorded answers and stored raw ones. It is strict about what identity needs
(`id`, `uri`, `account`, `created_at`) and lenient about the rest: a part that cannot be read is left out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from collector.model import Author, Counts, Hashtag, Media, Mention, Poll, Post, Wish
from collector.text.addresses import ascii_host, canonical_uri, canonical_url, host_address
from collector.text.cleaning import one_line, plain_text
from collector.text.hashtags import find_hashtags, hashtag_from
from collector.text.html import HtmlText, html_to_text

_LONGEST_ADDRESS = 2_500  # bytes that every database's index takes
HIGHEST_COUNT = 2**31 - 1  # what every database's plain integer holds

_MEDIA_TYPES = frozenset(("image", "gifv", "video", "audio"))
_LANGUAGE = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*")
_HANDLE = re.compile(r"[^\s@/]+(@[^\s@/]+)?")
_MAY_WISH = re.compile(r"no(bots?|index|archive|search)", re.IGNORECASE)
_WISHES = {
    "nobot": Wish.NOBOT,
    "nobots": Wish.NOBOT,
    "noindex": Wish.NOINDEX,
    "noarchive": Wish.NOARCHIVE,
    "nosearch": Wish.NOSEARCH,
}

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
    if not _id(raw.get("id")):
        raise ValueError("no id")
    uri = _uri(raw.get("uri"))
    hosts = _Hosts(account_domain, _host(address))
    content = html_to_text(_text(raw.get("content")))
    return Post(
        network="fediverse",
        uri=uri,
        url=_web_address(raw.get("url")),
        author=_author(raw.get("account"), hosts),
        published_at=_published_at(raw.get("created_at")),
        edited_at=_instant(raw.get("edited_at")),
        text=content.text,
        content_warning=plain_text(_text(raw.get("spoiler_text"))),
        language=_language(raw.get("language")),
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


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _items(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _uri(value: Any) -> str:
    try:
        return canonical_uri(_text(value))
    except ValueError as error:
        raise ValueError(f"uri: {error}") from None


def _uri_or_none(value: Any) -> str | None:
    try:
        return canonical_uri(_text(value))
    except ValueError:
        return None


def _id(value: Any) -> str:
    """Opaque text; some servers write it as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _web_address(value: Any) -> str | None:
    """None also for one that is too long for a database's index: a post can do without it."""
    try:
        address = canonical_url(_text(value))
    except ValueError:
        return None
    return address if len(address.encode()) <= _LONGEST_ADDRESS else None


def _host(address: Any) -> str:
    """host[:port] of a web address, or nothing."""
    try:
        return host_address(_text(address)).partition("://")[2]
    except ValueError:
        return ""


def _published_at(value: Any) -> datetime:
    instant = _instant(value)
    if instant is None:
        raise ValueError("created_at: not an instant")
    return instant


def _instant(value: Any) -> datetime | None:
    """An ISO 8601 instant in UTC; one without an offset is taken for UTC."""
    try:
        instant = datetime.fromisoformat(_text(value))
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _author(account: Any, hosts: _Hosts) -> Author:
    if not isinstance(account, dict):
        raise ValueError("no account")  # noqa: TRY004
    url = _web_address(account.get("url"))
    handle = _handle(account, hosts, url)
    if handle is None:
        raise ValueError("account: no handle")
    return Author(
        key=_key(handle),
        handle=handle,
        name=one_line(_text(account.get("display_name"))),
        url=url,
        is_bot=account.get("bot") is True,
        wishes=_wishes(account),
    )


def _handle(account: Mapping[str, Any], hosts: _Hosts, url: str | None) -> str | None:
    """user@host. An `acct` without a host is an account of the server that was asked, whatever that calls itself."""
    acct = one_line(_text(account.get("acct")) or _text(account.get("username"))).removeprefix("@")
    if not _HANDLE.fullmatch(acct):
        return None
    if "@" in acct:
        return acct
    domain = hosts.account_domain or _host(url) or _host(account.get("uri")) or hosts.asked
    return f"{acct}@{domain}" if domain else None


def _key(handle: str) -> str:
    user, _, domain = handle.partition("@")
    return f"{user.lower()}@{ascii_host(domain)}"


def _wishes(account: Mapping[str, Any]) -> frozenset[Wish]:
    wishes = {wish for wish in _FLAGS if account.get(wish.value) is True}
    for html in _profile(account):
        if _MAY_WISH.search(html):
            tags = find_hashtags(html_to_text(html).text)
            wishes.update(_WISHES[tag.normal] for tag in tags if tag.normal in _WISHES)
    return frozenset(wishes)


def _profile(account: Mapping[str, Any]) -> Iterable[str]:
    yield _text(account.get("note"))
    for field in _items(account.get("fields")):
        yield _text(field.get("name"))
        yield _text(field.get("value"))


def _hashtags(tags: Any, content: HtmlText) -> tuple[Hashtag, ...]:
    """What the text links as hashtags, then what only the server lists.

    A `#word` that is not linked is no hashtag (code, a fragment of an address), unless the server keeps no list.
    """
    found = {tag.normal: tag for tag in content.hashtags}
    if not isinstance(tags, list):
        return tuple(({tag.normal: tag for tag in find_hashtags(content.text)} | found).values())
    for item in _items(tags):
        if hashtag := hashtag_from(_text(item.get("name")), "tags"):
            found.setdefault(hashtag.normal, hashtag)
    return tuple(found.values())


def _mentions(mentions: Any, hosts: _Hosts) -> tuple[Mention, ...]:
    found: dict[str, Mention] = {}
    for item in _items(mentions):
        url = _web_address(item.get("url"))
        if handle := _handle(item, hosts, url):
            found.setdefault(_key(handle), Mention(handle=handle, url=url))
    return tuple(found.values())


def _media(attachments: Any) -> tuple[Media, ...]:
    """The server's copy, else the original; an empty description stays apart from none at all."""
    media = []
    for item in _items(attachments):
        url = _web_address(item.get("url")) or _web_address(item.get("remote_url"))
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
    options = tuple(one_line(_text(option.get("title"))) for option in _items(poll.get("options")))
    return Poll(options=options, closes_at=_instant(poll.get("expires_at"))) if options else None


def _reply_to(raw: Mapping[str, Any], uri: str) -> str | None:
    """The address of the post this one answers, where it can be told for sure.

    The API gives the parent's id on the server that was asked, not its address. On the server where a thread was
    written the addresses of its posts differ in nothing but their ids; all other parents stay unknown.
    """
    own_id, parent_id = _id(raw.get("id")), _id(raw.get("in_reply_to_id"))
    account = raw.get("account")
    author_id = _id(account.get("id")) if isinstance(account, dict) else ""
    if not parent_id or not author_id or _id(raw.get("in_reply_to_account_id")) != author_id:
        return None
    head, found, tail = uri.rpartition(f"/{own_id}")
    return _uri_or_none(f"{head}/{parent_id}{tail}") if found and tail in {"", "/"} else None


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
        return _uri_or_none(quoted.get("uri")) if isinstance(quoted, dict) else None
    pleroma = raw.get("pleroma")
    return _uri_or_none(pleroma.get("quote_url")) if isinstance(pleroma, dict) else None


def _counts(raw: Mapping[str, Any]) -> Counts:
    return Counts(
        replies=_count(raw.get("replies_count")),
        boosts=_count(raw.get("reblogs_count")),
        likes=_count(raw.get("favourites_count")),
        quotes=_count(raw.get("quotes_count")),
    )


def _count(value: Any) -> int:
    """A number of people: what is no number (nor is True) is 0."""
    if type(value) is float and math.isfinite(value):
        value = int(value)
    return max(0, min(value, HIGHEST_COUNT)) if type(value) is int else 0


def _language(value: Any) -> str | None:
    code = _text(value).strip().lower().replace("_", "-")
    return code if _LANGUAGE.fullmatch(code) and code != "und" else None
