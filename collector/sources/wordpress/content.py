"""What comments and posts of a blog have in common: content that is HTML, and the address of their blog. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from collector.model import Hashtag
from collector.sources.wordpress.addresses import home_of, is_wordpress_com_api, root_of
from collector.text.cleaning import one_line
from collector.text.hashtags import find_hashtags
from collector.text.html import HtmlText, html_to_text
from collector.text.values import host_of, id_of, instant_of, object_of, objects_of, text_of, web_address


def known_by(raw: Mapping[str, Any]) -> tuple[str, datetime]:
    """Its number and when it was published; ValueError, with a short reason, where one of them is missing."""
    number, published_at = id_of(raw.get("id")), instant_of(raw.get("date_gmt"))
    if not number.isdecimal():
        raise ValueError("no id")
    if published_at is None:
        raise ValueError("date_gmt: not an instant")
    return number, published_at


def rendered(raw: Mapping[str, Any], field: str) -> str:
    """A field's HTML."""
    return text_of(object_of(raw.get(field)).get("rendered"))


def content_of(raw: Mapping[str, Any]) -> str:
    """Its HTML; ValueError where there is none, for then what is known of it has to stay as it is."""
    if "rendered" not in kept_content(raw):
        raise ValueError("content: not a text")
    return rendered(raw, "content")


def kept_content(raw: Mapping[str, Any]) -> dict[str, str]:
    """The content as it is kept: empty where it has none."""
    html = object_of(raw.get("content")).get("rendered")
    return {"rendered": html} if isinstance(html, str) else {}


def title_of(raw: Mapping[str, Any]) -> str:
    """A post's title as plain text."""
    return one_line(html_to_text(rendered(raw, "title")).text)


def hashtags_of(content: HtmlText, title: str = "") -> tuple[Hashtag, ...]:
    """The hashtags that stand in a title and in a content, whether or not they are links there."""
    found: dict[str, Hashtag] = {}
    for tag in (*find_hashtags(title), *find_hashtags(content.text), *content.hashtags):
        found.setdefault(tag.normal, tag)
    return tuple(found.values())


def web_links(content: HtmlText) -> tuple[str, ...]:
    """The links that lead to pages: WordPress makes a link of every mail address, too."""
    return tuple(link for link in content.links if not link.lower().startswith("mailto:"))


def further(uri: str, addresses: Iterable[Any]) -> tuple[str, ...]:
    """Those web addresses, each once, that are any besides `uri`."""
    found = (web_address(address) for address in addresses)
    return tuple(dict.fromkeys(address for address in found if address and address != uri))


def own_address(raw: Mapping[str, Any]) -> str:
    """Where the API has this comment or post."""
    return next((text_of(item.get("href")) for item in objects_of(object_of(raw.get("_links")).get("self"))), "")


def blog_home(raw: Mapping[str, Any]) -> str | None:
    """The root of the blog that a comment or post stands on; None where its API does not tell, or is elsewhere."""
    api = own_address(raw)
    if is_wordpress_com_api(api):
        return root_of(text_of(raw.get("link")))
    home = home_of(api)
    return home if home and host_of(home) == host_of(raw.get("link")) else None
