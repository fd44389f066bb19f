"""What a page of a blog says of itself, in its headers and in its HTML. Pure.

Where the API is, which post this is, where its feeds are: themes and plugins leave out any of it, so each is read from
all the places where it may stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from collector.sources.answers import Answer
from collector.sources.wordpress.addresses import post_id_in, resource_in
from collector.text.addresses import joined
from collector.text.cleaning import one_line
from collector.text.values import web_address

MISSING = frozenset({404, 410})  # with these a blog shows a page that says so

_API = "https://api.w.org/"
_LONGEST_PAGE = (
    1_000_000  # characters that are looked at: what is wanted stands in the head, and in the body's first tag
)
_LINK = re.compile(r"<(?P<target>[^<>]*)>(?P<told>(?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s\",;]*))*)")
_TOLD = re.compile(r"(?P<name>[\w*-]+)\s*=\s*(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^\s\",;]*))")
_BODY_ID = re.compile(r"(?:postid|page-id)-(?P<id>\d{1,18})")


class Link(NamedTuple):
    """A link that a page or an answer tells of, apart from its text."""

    target: str
    rel: str
    type: str
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PageSigns:
    """What one page says of itself."""

    url: str  # where it came from, behind redirects
    api: str | None  # the root of the REST API
    resource: tuple[str, str] | None  # what this page is in the API: "posts" and the number
    post_id: str | None  # the number of the post, as it stands elsewhere on the page
    canonical: str | None
    feeds: tuple[str, ...]
    title: str  # the blog's name
    is_wordpress_com: bool
    is_front: bool  # the front page, under whatever address
    is_list: bool  # the page of newest posts, where it is not the front page
    status: int

    @property
    def is_missing(self) -> bool:
        """True where there is no such page, and this one says so."""
        return self.status in MISSING


def links_of(header: str) -> tuple[Link, ...]:
    """The links of a Link header."""
    return tuple(Link(match["target"], *_told(match["told"])) for match in _LINK.finditer(header))


def read_signs(answer: Answer) -> PageSigns:
    """Reads an answer that brought a page."""
    tree = LexborHTMLParser(answer.body.decode("utf-8", "replace")[:_LONGEST_PAGE])
    links = [*links_of(answer.headers.get("link", "")), *_links_in(tree)]
    links = [link._replace(target=joined(answer.url, link.target)) for link in links]
    classes = _body_classes(tree)
    feeds = [link for link in links if _is_feed(link)]
    return PageSigns(
        url=answer.url,
        api=next((link.target for link in links if _API in link.rel.split() and web_address(link.target)), None),
        resource=next((found for link in links if _is_json(link) and (found := resource_in(link.target))), None),
        post_id=_post_id(links, classes),
        canonical=next((link.target for link in links if link.rel == "canonical"), None),
        feeds=tuple(dict.fromkeys(link.target for link in feeds)),
        title=_title(tree, feeds),
        is_wordpress_com=_is_wordpress_com(answer, tree),
        is_front="home" in classes,
        is_list="blog" in classes and "home" not in classes,
        status=answer.status,
    )


def _told(text: str) -> tuple[str, str]:
    told = {match["name"].lower(): match["quoted"] or match["bare"] or "" for match in _TOLD.finditer(text)}
    return told.get("rel", "").lower(), told.get("type", "").lower()


def _links_in(tree: LexborHTMLParser) -> Iterator[Link]:
    for node in tree.css("link[href]"):
        told = node.attributes
        rel, kind = (told.get("rel") or "").lower(), (told.get("type") or "").lower()
        yield Link(told.get("href") or "", rel, kind, told.get("title") or "")


def _is_json(link: Link) -> bool:
    return "alternate" in link.rel.split() and link.type == "application/json"


def _is_feed(link: Link) -> bool:
    return (
        "alternate" in link.rel.split()
        and link.type in {"application/rss+xml", "application/atom+xml"}
        and web_address(link.target) is not None
    )


def _post_id(links: list[Link], classes: list[str]) -> str | None:
    """By the short link, else by the classes that nearly every theme gives the body."""
    for link in links:
        if link.rel == "shortlink" and (found := post_id_in(link.target)):
            return found
    return next((match["id"] for name in classes if (match := _BODY_ID.fullmatch(name))), None)


def _body_classes(tree: LexborHTMLParser) -> list[str]:
    body = tree.body
    return (body.attributes.get("class") or "").split() if body is not None else []


def _title(tree: LexborHTMLParser, feeds: list[Link]) -> str:
    """As the page names its site, else by how WordPress calls a feed: "The blog » Feed"."""
    for node in tree.css('meta[property="og:site_name"]'):
        return one_line(node.attributes.get("content") or "")
    return next((one_line(link.title.partition("»")[0]) for link in feeds if "»" in link.title), "")


def _is_wordpress_com(answer: Answer, tree: LexborHTMLParser) -> bool:
    host = urlsplit(answer.url).hostname or ""
    if host.endswith(".wordpress.com") or answer.headers.get("host-header", "").lower() == "wordpress.com":
        return True
    makers = (node.attributes.get("content") or "" for node in tree.css('meta[name="generator"]'))
    return any(maker.strip().lower() == "wordpress.com" for maker in makers)
