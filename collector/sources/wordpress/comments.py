"""A comment as the REST API of WordPress gives it, into the one `Post`.

Pure: the same function reads live pages and what was kept. It is strict about what identity needs (`id`, `link`,
`date_gmt`) and lenient about the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from collector.model import Author, Post
from collector.sources.wordpress.addresses import comment_address, permalink_of, plain_address, root_of
from collector.sources.wordpress.authors import guest, is_member, member, name_of
from collector.sources.wordpress.content import (
    blog_home,
    content_of,
    further,
    hashtags_of,
    kept_content,
    known_by,
    own_address,
    title_of,
    web_links,
)
from collector.text.html import html_to_text
from collector.text.values import host_of, id_of, object_of, objects_of

_KEPT = ("id", "post", "parent", "author", "author_url", "date", "date_gmt", "link", "status", "type")


def is_comment(raw: Mapping[str, Any]) -> bool:
    """True for what somebody wrote there and everybody may read: neither a pingback nor a trackback."""
    return bool(raw.get("type", "comment") == "comment" and raw.get("status", "approved") == "approved")


def comment_native_id(raw: Mapping[str, Any]) -> str:
    """What a comment is known by at its blog: numbers of posts and of comments overlap."""
    number = id_of(raw.get("id"))
    return f"comment-{number}" if number.isdecimal() else ""


def kept_of_comment(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a raw comment: its own fields and its post's title.

    Plugins add what they like to an answer, and WordPress itself addresses of pictures that hold a hash of the mail
    address, so that only what is known to be harmless is taken.
    """
    kept: dict[str, Any] = {name: raw[name] for name in _KEPT if name in raw}
    kept["author_name"] = escape(name_of(raw.get("author_name")), quote=False)  # as it came, but for a mail address
    kept["content"] = kept_content(raw)
    kept["_links"] = {"self": [{"href": own_address(raw)}]}
    post = _answered(raw)
    if post:
        kept["_embedded"] = {"up": [{name: post[name] for name in ("id", "type", "link", "title") if name in post}]}
    return kept


def normalise_comment(raw: Mapping[str, Any]) -> Post:
    """The post that a raw comment tells of; ValueError, with a short reason, for one that cannot be known again."""
    number, published_at = known_by(raw)
    permalink = permalink_of(raw.get("link"))
    content = html_to_text(content_of(raw))
    parent = id_of(raw.get("parent"))
    uri = comment_address(permalink, number)
    return Post(
        network="wordpress",
        uri=uri,
        url=uri,
        author=_author(raw, number, permalink),
        published_at=published_at,
        edited_at=None,  # WordPress tells of no edits
        text=content.text,
        title=title_of(_answered(raw)),
        hashtags=hashtags_of(content),
        links=web_links(content),
        reply_to_uri=comment_address(permalink, parent) if parent not in {"", "0"} else permalink,
        other_addresses=_other_addresses(raw, number, uri),
    )


def _author(raw: Mapping[str, Any], number: str, permalink: str) -> Author:
    name, user_id = name_of(raw.get("author_name")), id_of(raw.get("author"))
    if is_member(user_id):
        return member(user_id, name, raw.get("author_url"), home=blog_home(raw) or root_of(permalink) or "")
    return guest(name, raw.get("author_url"), host=host_of(permalink), comment_id=number)


def _answered(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The post that a comment stands under, where it came along."""
    embedded = objects_of(object_of(raw.get("_embedded")).get("up"))
    return embedded[0] if embedded else {}


def _other_addresses(raw: Mapping[str, Any], number: str, uri: str) -> tuple[str, ...]:
    home, post = blog_home(raw), id_of(raw.get("post"))
    if home is None or not post.isdecimal():
        return ()
    plain = plain_address(home, post, is_page=_answered(raw).get("type") == "page")
    return further(uri, [comment_address(plain, number)])
