"""From a look at a watch to what the REST API is asked, and from what came back to a page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from collector.errors import Condition
from collector.model import Page
from collector.sources.protocol import Look
from collector.sources.wordpress.answers import Listing
from collector.sources.wordpress.items import read_all
from collector.sources.wordpress.walks import Spot, write_cursor
from collector.text.hashtags import normal_form
from collector.text.html import html_to_text
from collector.text.values import id_of, object_of, objects_of, text_of

POSTS = "#posts"  # the part of a blog that is watched: its own posts, where comments are meant without it
LOST = Page(  # a walk that cannot go on where it stopped
    found=(), condition=Condition.HALF_FEED, message="the way to its older pages was lost", is_whole=False
)

_MOST = 100  # things on a page
_NO_WAY_ON = "it does not say where its older pages are"
# A blog compares the time of day on its own wall: an hour comes twice in autumn, and whoever sets the clock to another
# zone leaves the earlier comments where they were.
_OVERLAP = timedelta(hours=26)


def comments_query(post_id: str | None, hashtag: str, look: Look) -> dict[str, str]:
    """What is asked of the route of comments: those of one post or of all, newest first, with the post's title."""
    asked = {"order": "desc", "orderby": "date_gmt"} | _bounds(look) | {"_embed": "up"}
    if post_id is not None:
        asked["post"] = post_id
    return asked | ({"search": hashtag} if hashtag else {})


def posts_queries(hashtag: str, tags: Sequence[str], look: Look) -> list[dict[str, str]]:
    """What is asked of the route of posts: those in which the hashtag is found, and those that have it as a tag."""
    asked = {"order": "desc", "orderby": "date"} | _bounds(look) | {"_embed": "author,wp:term"}
    queries = [asked | ({"search": hashtag} if hashtag else {})]
    return [*queries, asked | {"tags": ",".join(tags)}] if tags else queries


def tags_query(hashtag: str) -> dict[str, str]:
    """What is asked of the route of tags, to learn the number of one."""
    return {"search": hashtag, "per_page": str(_MOST), "_fields": "id,name,slug"}


def matching_tags(terms: Sequence[Any], hashtag: str) -> list[str]:
    """The numbers of the tags that are this hashtag: by the name, or by how the blog writes it in addresses."""
    wanted = normal_form(hashtag)
    return [
        id_of(term.get("id"))
        for term in objects_of(terms)
        if id_of(term.get("id")).isdecimal() and wanted in {_normal(term.get("name")), _normal(term.get("slug"))}
    ]


def comments_page(listing: Listing, look: Look, post_id: str | None) -> Page:
    """The page that one answer makes; what stands under another post than the one that is asked for is left out."""
    found, rejections = read_all(item for item in listing.items if _is_under(item, post_id))
    return Page(
        found=found,
        rejections=rejections,
        next_cursor=listing.next,
        condition=_condition([listing], look),
        message=_NO_WAY_ON if listing.is_cut else "",
        is_whole=not listing.is_cut,
    )


def posts_page(items: Sequence[Any], spots: Sequence[Spot], listings: Sequence[Listing], look: Look) -> Page:
    """The page that the answers of both lists make together."""
    found, rejections = read_all(items)
    return Page(
        found=found,
        rejections=rejections,
        next_cursor=write_cursor(spots),
        condition=_condition(listings, look),
        message=_NO_WAY_ON if any(listing.is_cut for listing in listings) else "",
        is_whole=not any(listing.is_cut for listing in listings),
    )


def feed_page(entries: Sequence[dict[str, Any]], why: str) -> Page:
    """The page that a comments feed makes: the newest few, behind which nothing can be told. `why` the API is not."""
    found, rejections = read_all(entries)
    message = f"{why}: only its newest comments can be seen, by their feed"
    return Page(found=found, rejections=rejections, condition=Condition.HALF_FEED, message=message, is_whole=False)


def _bounds(look: Look) -> dict[str, str]:
    asked = {"per_page": str(max(1, min(look.limit or _MOST, _MOST)))}
    if look.since is not None:
        asked["after"] = (look.since - _OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
    return asked


def _condition(listings: Sequence[Listing], look: Look) -> Condition:
    if any(listing.is_cut for listing in listings):
        return Condition.HALF_FEED
    is_first = look.cursor is None and look.since is None  # what is newer than a moment may be nothing
    is_empty = is_first and not any(listing.items or listing.next for listing in listings)
    return Condition.NO_POSTS if is_empty else Condition.OK


def _is_under(item: Any, post_id: str | None) -> bool:
    return post_id is None or id_of(object_of(item).get("post")) in {post_id, ""}


def _normal(name: Any) -> str:
    return normal_form(html_to_text(text_of(name)).text)
