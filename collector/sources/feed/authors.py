"""Who wrote an entry: feeds name people in many ways, and with their e-mail addresses, which are never kept. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from collector.model import Author
from collector.text.addresses import author_key
from collector.text.cleaning import one_line
from collector.text.values import host_of, object_of, objects_of, text_of, web_address

_LONGEST_SLUG = 100
_MOST_PEOPLE = 5
_EDGE = r"[^\s<>()\[\],;:\"']"
_MAIL = re.compile(rf"(?<!{_EDGE})(?!@){_EDGE}+@{_EDGE}+")  # @user@host, as the fediverse writes it, is none
_BRACKETS = re.compile(r"[<(\[]\s*[>)\]]")
_ALL_IN_BRACKETS = re.compile(r"\((?P<name>[^()]+)\)")
_HANDLE = re.compile(r"@(?P<user>[\w.-]{1,200}+)@(?P<host>(?=[\w.-]{1,250}?\.[\w.-])[\w.-]{1,253}+(:\d+)?)")
_PERMALINK = re.compile(r"/@(?P<user>[\w.-]+)(@(?P<host>[\w.-]+(:\d+)?))?/[^/]+/?")
_PROFILE = re.compile(r"/@(?P<user>[\w.-]+)/?")


def name_without_mail(text: str) -> str:
    """The name in what a feed calls its author, such as `name@host (Name)`; empty where it is only an address."""
    named = _MAIL.sub("", one_line(text).replace("mailto:", ""))
    named = one_line(_BRACKETS.sub("", named)).strip(" ,;:\"'")
    alone = _ALL_IN_BRACKETS.fullmatch(named)
    return alone["name"].strip() if alone else named


def people(named: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Those of a feed's authors, by name and address, that have a name: the first few."""
    told = ({"name": name_without_mail(name), "url": url if url.startswith("http") else ""} for name, url in named)
    return [kept(person) for person in told if person["name"]][:_MOST_PEOPLE]


def kept(values: dict[str, Any]) -> dict[str, Any]:
    """What says something; a feed leaves much empty."""
    return {key: value for key, value in values.items() if value}


def author_of(raw: Mapping[str, Any], *, address: str, link: str | None) -> Author:
    """The author of an entry of the feed at `address`.

    A link as the fediverse has them names the account, so that it is the same author as by its server's API. All
    others are known by their name at the feed's host: the entry's author, else the feed's, else the feed itself.
    """
    feed = object_of(raw.get("feed"))
    named = next(_named([*objects_of(raw.get("authors")), *objects_of(feed.get("authors"))]), None)
    if link and (match := _PERMALINK.fullmatch(urlsplit(link).path)):
        return _of_account(match["user"], match["host"] or host_of(link), link, named, feed)
    name, url = named or (name_without_mail(text_of(feed.get("title"))), None)
    if match := _HANDLE.fullmatch(name):
        return _author(match["user"], match["host"], "", url)
    return _author(_slug(name), host_of(address), name, url)


def _of_account(
    user: str, host: str, link: str, named: tuple[str, str | None] | None, feed: Mapping[str, Any]
) -> Author:
    """An account; the feed's title is its name where the feed is its own, and not that of a hashtag."""
    profile = web_address(feed.get("url")) or ""
    is_own = (match := _PROFILE.fullmatch(urlsplit(profile).path)) is not None and match["user"] == user
    name = named[0] if named else name_without_mail(text_of(feed.get("title"))) if is_own else ""
    split = urlsplit(link)
    url = web_address(f"{split.scheme}://{split.netloc}/@{user}") if host == host_of(link) else None
    return _author(user, host, name, url)


def _author(user: str, host: str, name: str, url: str | None) -> Author:
    handle = f"{user}@{host}"
    return Author(key=author_key(handle), handle=handle, name=name, url=url)


def _named(authors: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str | None]]:
    for author in authors:
        if name := name_without_mail(text_of(author.get("name"))):
            yield name, web_address(author.get("url"))


def _slug(name: str) -> str:
    """A name as one word of letters, marks and digits of any script; one without any is told apart by a digest."""
    folded = unicodedata.normalize("NFKC", name).lower()
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded)
    slug = "-".join(kept.split())[:_LONGEST_SLUG].strip("-")
    return slug or "author-" + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
