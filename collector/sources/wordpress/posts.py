"""A post of a blog's own as the REST API gives it, into the one `Post`. Pure, as `comments` is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from collector.model import Author, Hashtag, Post
from collector.sources.wordpress.addresses import permalink_of, plain_address, root_of
from collector.sources.wordpress.authors import member, name_of
from collector.sources.wordpress.content import (
    blog_home,
    content_of,
    further,
    hashtags_of,
    kept_content,
    known_by,
    own_address,
    rendered,
    title_of,
    web_links,
)
from collector.text.addresses import same_host
from collector.text.cleaning import one_line
from collector.text.hashtags import hashtag_from
from collector.text.html import html_to_text
from collector.text.values import id_of, instant_of, object_of, objects_of, text_of

READABLE = {"post": "posts", "page": "pages"}  # the kinds of posts that are read, and their routes

_AT_ONCE = timedelta(minutes=1)  # what is saved again so soon after it appeared is no edit that anybody saw
_KEPT = (
    "id",
    "type",
    "status",
    "slug",
    "link",
    "date",
    "date_gmt",
    "modified",
    "modified_gmt",
    "author",
    "tags",
    "lang",
)
_OF_AUTHOR = ("id", "name", "slug", "url", "link")
_OF_TERM = ("id", "taxonomy", "name", "slug", "link")


def is_public_post(raw: Mapping[str, Any]) -> bool:
    """True for a published post or page that is not behind a password."""
    is_protected = object_of(raw.get("content")).get("protected") is True
    return text_of(raw.get("type")) in READABLE and raw.get("status", "publish") == "publish" and not is_protected


def post_native_id(raw: Mapping[str, Any]) -> str:
    """What a post is known by at its blog: posts and pages have their numbers together, comments have others."""
    number = id_of(raw.get("id"))
    return f"{raw.get('type')}-{number}" if number.isdecimal() else ""


def kept_of_post(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a raw post: its own fields, its author without pictures, and its tags."""
    kept: dict[str, Any] = {name: raw[name] for name in _KEPT if name in raw}
    for field in ("title", "guid"):
        kept[field] = {"rendered": rendered(raw, field)}
    kept["content"] = kept_content(raw)
    kept["_links"] = {"self": [{"href": own_address(raw)}]}
    kept["_embedded"] = {
        "author": [_only(_OF_AUTHOR, author) for author in _embedded(raw, "author")][:1],
        "wp:term": [[_only(_OF_TERM, term) for term in _tags(raw)]],
    }
    return kept


def normalise_post(raw: Mapping[str, Any]) -> Post:
    """The post that a raw one tells of; ValueError, with a short reason, for one that cannot be known again."""
    number, published_at = known_by(raw)
    uri = permalink_of(raw.get("link"))
    home = blog_home(raw)
    content, title = html_to_text(content_of(raw)), title_of(raw)
    return Post(
        network="wordpress",
        uri=uri,
        url=uri,
        author=_author(raw, home or root_of(uri) or ""),
        published_at=published_at,
        edited_at=_edited_at(raw, published_at),
        text=content.text,
        title=title,
        hashtags=_with_tags(hashtags_of(content, title), raw),
        links=web_links(content),
        other_addresses=_other_addresses(raw, number, uri, home),
    )


def _author(raw: Mapping[str, Any], home: str) -> Author:
    """Its account. Its name and address came along unless the blog keeps them to itself."""
    user_id = id_of(raw.get("author"))
    if not user_id.isdecimal():
        raise ValueError("no author")
    told = next(iter(_embedded(raw, "author")), {})
    return member(user_id, name_of(told.get("name")), told.get("url"), home=home)


def _edited_at(raw: Mapping[str, Any], published_at: datetime) -> datetime | None:
    edited_at = instant_of(raw.get("modified_gmt"))
    return edited_at if edited_at is not None and edited_at - published_at > _AT_ONCE else None


def _with_tags(found: tuple[Hashtag, ...], raw: Mapping[str, Any]) -> tuple[Hashtag, ...]:
    """The hashtags of its text, then the blog's own tags where they are single words."""
    tags = {tag.normal: tag for tag in found}
    for term in _tags(raw):
        if tag := hashtag_from(one_line(html_to_text(text_of(term.get("name"))).text), "tags"):
            tags.setdefault(tag.normal, tag)
    return tuple(tags.values())


def _tags(raw: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    groups = object_of(raw.get("_embedded")).get("wp:term")
    for group in groups if isinstance(groups, list) else []:
        yield from (term for term in objects_of(group) if term.get("taxonomy") == "post_tag")


def _embedded(raw: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return objects_of(object_of(raw.get("_embedded")).get(name))


def _only(names: tuple[str, ...], raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: raw[name] for name in names if name in raw}


def _other_addresses(raw: Mapping[str, Any], number: str, uri: str, home: str | None) -> tuple[str, ...]:
    """By its number, and the address it was first known by, which outlives a change of its name."""
    plain = plain_address(home, number, is_page=raw.get("type") == "page") if home else None
    guid = rendered(raw, "guid")
    return further(uri, [plain, guid if same_host(guid, uri) else None])
