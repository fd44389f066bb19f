"""The comments feed of a blog: what is left where the REST API is closed. Pure.

It shows the newest few, as HTML that is meant for feed readers: a reply begins with a line that says to whom, pingbacks
stand among the comments without a mark, and of a post behind a password there is a form in place of each comment.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from collector.model import Post
from collector.sources.syndication import parse
from collector.sources.wordpress.addresses import comment_address, comment_id_in, permalink_of
from collector.sources.wordpress.authors import guest, name_of
from collector.sources.wordpress.content import further, hashtags_of, web_links
from collector.text.addresses import same_host
from collector.text.cleaning import one_line
from collector.text.html import html_to_text
from collector.text.values import host_of, instant_of, object_of, text_of

FEED_COMMENT = "feed-comment"  # the type of what is kept of an entry, beside WordPress's own types

_REPLY = re.compile(
    r"\s*(?:<p>)?\s*(?P<before>[^<]{0,40})<a\s[^>]*?href=[\"'](?P<href>[^\"'<>]+#comment-\d{1,18})[\"'][^>]*>"
    r"[^<]{0,200}</a>(?P<after>[^<]{0,20}?)\s*(?:</p>|<br\s*/?>|\n\s*\n)\s*",
    re.IGNORECASE,
)
_LOCKED = re.compile(r"class=[\"']post-password-form|name=[\"']post_password[\"']")
_PING = re.compile(r"\[(?:…|\.\.\.)\].*\[(?:…|\.\.\.)\]", re.DOTALL)
_TRACKBACK = re.compile(r"\s*(?:<p>)?\s*<strong>[^<]+</strong>")
_CUT_OFF = re.compile(r"\[(?:…|\.\.\.)\]$|…$")
_OF_ONE_POST = re.compile(r"Comments on: (?P<title>.+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class CommentsFeed:
    """A feed of comments: its entries as they are kept, newest first."""

    entries: tuple[dict[str, Any], ...]
    is_locked: bool  # it has entries that are only shown with a password


def read_comments_feed(body: bytes) -> CommentsFeed | None:
    """Reads a feed; None for what is none, or has entries of which none is a comment."""
    from feedparser.encodings import convert_to_utf8

    try:
        parsed = parse(convert_to_utf8({}, body, {}), "")
    except ValueError:
        return None
    if not parsed.version:
        return None
    entries = [(entry, link) for entry in parsed.entries if (link := _comment_link(entry))]
    if parsed.entries and not entries:
        return None
    title = html.unescape(text_of(parsed.feed.get("title")))
    kept = [_kept(entry, link, title) for entry, link in entries if not _is_locked(entry)]
    kept.sort(key=lambda item: text_of(item["date_gmt"]), reverse=True)
    return CommentsFeed(
        entries=tuple(item for item in kept if not _is_ping(item)),
        is_locked=any(_is_locked(entry) for entry, _ in entries),
    )


def feed_native_id(raw: Mapping[str, Any]) -> str:
    """The same as the REST API's comment has: by the number in the link."""
    number = comment_id_in(text_of(raw.get("link")))
    return f"comment-{number}" if number else ""


def normalise_feed_comment(raw: Mapping[str, Any]) -> Post:
    """The post that an entry tells of: as far as a feed can tell, the same that the REST API's comment makes."""
    link = text_of(raw.get("link"))
    number = comment_id_in(link)
    if number is None:
        raise ValueError("link: leads to no comment")
    published_at = instant_of(raw.get("date_gmt"))
    if published_at is None:
        raise ValueError("no date")
    permalink = permalink_of(link)
    uri = comment_address(permalink, number)
    answered, written = _split_reply(text_of(object_of(raw.get("content")).get("rendered")), permalink)
    content = html_to_text(written)
    guid = text_of(raw.get("guid"))
    return Post(
        network="wordpress",
        uri=uri,
        url=uri,
        author=guest(name_of(raw.get("author_name")), None, host=host_of(permalink), comment_id=number),
        published_at=published_at,
        edited_at=None,
        text=content.text,
        title=one_line(text_of(raw.get("title"))),
        hashtags=hashtags_of(content),
        links=web_links(content),
        reply_to_uri=answered or permalink,
        other_addresses=further(uri, [guid if same_host(guid, uri) else None]),
    )


def _comment_link(entry: Mapping[str, Any]) -> str | None:
    """Where the comment stands; a guid may be written in an older way, and is looked at last."""
    for address in (text_of(entry.get("link")), text_of(entry.get("id"))):
        if comment_id_in(address):
            return address
    return None


def _kept(entry: Mapping[str, Any], link: str, feed_title: str) -> dict[str, Any]:
    name = name_of(entry.get("author"))
    return {
        "type": FEED_COMMENT,
        "link": link,
        "guid": text_of(entry.get("id")),
        "author_name": html.escape(name, quote=False),
        "date_gmt": _date(entry.get("published_parsed")),
        "title": _post_title(html.unescape(text_of(entry.get("title"))), feed_title, name),
        "content": {"rendered": _content(entry)},
    }


def _content(entry: Mapping[str, Any]) -> str:
    for content in entry.get("content") or ():
        return text_of(content.get("value"))
    return text_of(entry.get("summary"))


def _date(told: Any) -> str | None:
    try:
        year, month, day, hour, minute, second = told[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).isoformat()
    except (TypeError, ValueError):
        return None


def _post_title(title: str, feed_title: str, name: str) -> str:
    """The title of the post that is answered, out of the English words around it; empty in other languages."""
    if match := _OF_ONE_POST.fullmatch(one_line(feed_title)):
        return match["title"]
    start, end = "Comment on ", f" by {name}"
    title = one_line(title)
    return title[len(start) : -len(end)] if title.startswith(start) and title.endswith(end) else ""


def _is_locked(entry: Mapping[str, Any]) -> bool:
    return _LOCKED.search(_content(entry)) is not None or text_of(entry.get("summary")).startswith(
        "Protected Comments:"
    )


def _is_ping(raw: Mapping[str, Any]) -> bool:
    """By its looks: an excerpt in square dots, or a title in bold above one that is cut off."""
    content = text_of(object_of(raw.get("content")).get("rendered"))
    text = html_to_text(content).text
    return _PING.fullmatch(text) is not None or bool(_TRACKBACK.match(content) and _CUT_OFF.search(text))


def _split_reply(content: str, permalink: str) -> tuple[str | None, str]:
    """The address of the comment that is answered, and the content without the line that says so.

    The line is in the blog's language, so that it is known by its shape: a first paragraph of a few words around one
    link, to another comment on the same post.
    """
    match = _REPLY.match(content)
    rest = content[match.end() :] if match else ""
    if match is None or not rest.strip() or not (match["before"] + match["after"]).strip():
        return None, content
    href = html.unescape(match["href"])
    try:
        is_here = permalink_of(href) == permalink
    except ValueError:
        is_here = False
    number = comment_id_in(href)
    return (comment_address(permalink, number), rest) if is_here and number else (None, content)
