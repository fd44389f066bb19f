"""What an answer holds: RSS, Atom or JSON Feed, whatever it is declared as, becomes one `Feed`. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from collector.errors import Condition, SourceError
from collector.sources.answers import Answer, json_object
from collector.sources.feed.jsonfeed import is_json_feed, read_json_feed
from collector.sources.feed.xmlfeed import read_xml
from collector.text.addresses import joined, same_host
from collector.text.values import instant_of, web_address

API = "feed"  # as messages name it
MOST_ENTRIES = 1_000  # of one answer

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HTML = re.compile(rb"(?:\s|<\?xml[^>]*>|<!--.*?-->)*+<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_BLANK = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """What one answer held."""

    title: str
    date: str  # when the feed says that it was last changed, in ISO 8601; may be empty
    entries: tuple[Any, ...]  # in the shape that `entries` reads
    next_url: str | None  # older entries, on the same host
    is_cut: bool  # it breaks off: what follows may come the next time
    is_partial: bool  # something is known to be missing


def read_feed(answer: Answer) -> Feed | None:
    """The feed in an answer; None where a web page came. SourceError for everything else that is no feed."""
    body = answer.body.lstrip(_BLANK)
    if not body:
        raise SourceError(Condition.UNREADABLE, f"{answer.host} gives an empty answer", status=answer.status)
    if _is_html(body):
        return None
    try:
        if body[:1] in {b"{", b"["}:
            return _feed(answer, _json_feed(answer))
        told = read_xml(answer.body, charset=_charset(answer), url=answer.url)
    except ValueError as error:
        raise SourceError(Condition.UNREADABLE, f"{answer.host} gives {error}", status=answer.status) from error
    if told is None and "html" not in answer.headers.get("content-type", "").lower():
        raise SourceError(Condition.NO_SUCH_API, f"{answer.host} answers with no feed", status=answer.status)
    return _feed(answer, told) if told else None


def _is_html(body: bytes) -> bool:
    """By its first words: feeds are declared as HTML, and web pages as feeds."""
    return _HTML.match(body, 0, 4000) is not None


def _json_feed(answer: Answer) -> dict[str, Any]:
    value = json_object(answer, API)
    if not is_json_feed(value):
        raise SourceError(
            Condition.NO_SUCH_API, f"{answer.host} answers with JSON that is no feed", status=answer.status
        )
    return read_json_feed(value)


def _charset(answer: Answer) -> str:
    """What the server says, unless it is plainly UTF-8: many servers say what their administrator once set for all."""
    found = _CHARSET.search(answer.headers.get("content-type", ""))
    if found is None:
        return ""
    try:
        answer.body.decode("utf-8")
    except UnicodeDecodeError:
        return found[1]
    return ""


def _feed(answer: Answer, told: dict[str, Any]) -> Feed:
    entries, feed_url = told["entries"], answer.url
    is_long = len(entries) > MOST_ENTRIES
    following = web_address(joined(feed_url, told["next_url"])) if told["next_url"] else None
    return Feed(
        title=told["title"],
        date=told["date"],
        entries=tuple(_told_apart(_newest(entries) if is_long else entries, {answer.asked_url, feed_url})),
        next_url=following if following and following != feed_url and same_host(following, feed_url) else None,
        is_cut=told["is_cut"],
        is_partial=is_long or told["is_cut"],
    )


def _newest(entries: list[Any]) -> list[Any]:
    """As many as are read: the first of them, or the last where a feed begins with its oldest."""
    first, last = (
        instant_of(entry.get("date_published")) if _is_entry(entry) else None for entry in (entries[0], entries[-1])
    )
    return entries[-MOST_ENTRIES:] if first and last and first < last else entries[:MOST_ENTRIES]


def _told_apart(entries: list[Any], feed_urls: set[str]) -> list[Any]:
    """The entries, each once. An id or address that several share is no identity, nor is the feed's own page."""
    once = list({_sameness(entry): entry for entry in reversed(entries)}.values())[::-1]
    ids = Counter(entry.get("id") for entry in once if _is_entry(entry))
    links = Counter(entry.get("url") for entry in once if _is_entry(entry))
    return [_identified(entry, ids, links, feed_urls) if _is_entry(entry) else entry for entry in once]


def _sameness(entry: Any) -> str:
    """Entries that are equal in this are one: what was listed again after an edit, the newer first."""
    has_id = _is_entry(entry) and entry.get("id")
    return json.dumps([entry["id"], entry.get("url")] if has_id else entry, sort_keys=True)


def _identified(entry: dict[str, Any], ids: Counter[Any], links: Counter[Any], feed_urls: set[str]) -> dict[str, Any]:
    entry = dict(entry)
    link = entry.get("url")
    if ids[entry.get("id")] > 1:
        entry.pop("id", None)
    if link and (links[link] > 1 or link in {*feed_urls, entry["feed"].get("url")}):
        entry["is_permalink"] = False
    return entry


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict)
