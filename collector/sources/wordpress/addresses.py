"""Addresses of a WordPress: where a comment stands, where a route of the REST API is asked. Pure.

A blog writes the address of one comment in many ways: with the page of comments it is on, which changes as others come
in, or with its post's number in place of its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from collector.text.addresses import host_address, joined
from collector.text.values import web_address

_COMMENT = re.compile(r"comment-(\d{1,18})")
_COMMENT_PAGE = re.compile(r"/comment-page-\d+(?P<slash>/?)$")
_FEED = re.compile(r"/feed(/(rss2?|atom|rdf))?/?$")
_BESIDE_THE_POST = frozenset({"cpage", "replytocom", "unapproved", "moderation-hash"})
_PRETTY_ROOT = re.compile(r"(?P<home>/(?:.*?/)??)(?:index\.php/)?wp-json(?:/.*)?")
_RESOURCE = re.compile(r"/wp/v2/(?:sites/[^/]+/)?(?P<base>[\w-]+)/(?P<id>\d{1,18})/?$")
_NUMBERS = ("p", "page_id")


def permalink_of(link: Any) -> str:
    """The address of the post that a comment's link leads to: without the comment, and without its page of comments.

    ValueError where it is no web address.
    """
    url = web_address(link)
    if url is None:
        raise ValueError("link: not a web address")
    split = urlsplit(url)
    query = "&".join(part for part in split.query.split("&") if part.partition("=")[0] not in _BESIDE_THE_POST)
    path = _COMMENT_PAGE.sub(r"\g<slash>", split.path)
    return split._replace(path=path or "/", query=query, fragment="").geturl()


def comment_address(permalink: str, comment_id: str) -> str:
    """Where a comment stands on its post's page."""
    return f"{permalink}#comment-{comment_id}"


def comment_id_in(url: str) -> str | None:
    """The number of the comment that an address leads to."""
    match = _COMMENT.fullmatch(url.partition("#")[2])
    return match[1] if match else None


def post_id_in(url: str) -> str | None:
    """The number of the post in an address that names it so: `?p=4`, `?page_id=4`."""
    for name, value in parse_qsl(urlsplit(url).query):
        if name in _NUMBERS and value.isdecimal():
            return value
    return None


def slug_in(url: str) -> str:
    """The last part of the path: what a post is mostly called by; empty for a site's root."""
    return unquote(urlsplit(permalink_of(url)).path.rstrip("/").rpartition("/")[2])


def without_scheme(url: str) -> str:
    """An address to compare: many blogs write http here and https there, with the last slash and without."""
    split = urlsplit(url)
    query = f"?{split.query}" if split.query else ""
    return f"{split.netloc}{split.path.rstrip('/')}{query}"


def feed_owner(feed: str) -> str:
    """The page that a feed's address belongs to, by how WordPress makes such addresses."""
    split = urlsplit(feed)
    return split._replace(path=_FEED.sub("/", split.path), query="", fragment="").geturl()


def home_of(api: str) -> str | None:
    """The blog's own root, with a last slash, by an address of its REST API; None where that does not tell it.

    The API of WordPress.com stands on another host than its blogs.
    """
    split = urlsplit(api)
    if any(name == "rest_route" for name, _ in parse_qsl(split.query)):
        folder = split.path.removesuffix("index.php")
        return split._replace(path=folder if folder.endswith("/") else "/", query="", fragment="").geturl()
    match = _PRETTY_ROOT.fullmatch(split.path)
    return split._replace(path=match["home"], query="", fragment="").geturl() if match else None


def is_wordpress_com_api(api: str) -> bool:
    """True for the API that WordPress.com has for all its blogs together: they stand on other hosts, at their roots."""
    return "/wp/v2/sites/" in api


def root_of(url: str) -> str | None:
    """The root of a host, with a slash; None for no web address."""
    try:
        return f"{host_address(url)}/"
    except ValueError:
        return None


def plain_address(home: str, post_id: str, *, is_page: bool = False) -> str:
    """The address of a post by its number, which stays the same whatever the blog's way to write addresses."""
    return f"{home}?{'page_id' if is_page else 'p'}={post_id}"


def namespace_of(root: str) -> str:
    """Where the routes of WordPress itself begin, by the root of the API."""
    return f"{root.removesuffix('/')}/wp/v2/"


def route_address(namespace: str, route: str, asked: Mapping[str, str]) -> str:
    """The address of a route with what is asked of it; with plain permalinks the route itself is a parameter."""
    joint = "&" if "?" in namespace else "?"
    return f"{namespace}{route}{joint}{urlencode(asked, safe=',:')}"


def resource_in(api: str) -> tuple[str, str] | None:
    """What an address of the API leads to: the route's name, such as "posts", and the number."""
    match = _RESOURCE.search(unquote(api))
    return (match["base"], match["id"]) if match else None


def with_page_of(asked: str, told: str) -> str | None:
    """The asked address, with the number of the page that `told` names.

    A blog behind a proxy tells of its next page under a scheme or port at which nobody outside reaches it.
    """
    page = dict(parse_qsl(urlsplit(joined(asked, told)).query)).get("page", "")
    if not page.isdecimal():
        return None
    split = urlsplit(asked)
    others = [(name, value) for name, value in parse_qsl(split.query, keep_blank_values=True) if name != "page"]
    return split._replace(query=urlencode([*others, ("page", page)], safe=",:/")).geturl()
