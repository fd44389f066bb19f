"""Which feed a web page names as its own: `<link rel="alternate" type="application/rss+xml" …>`. Pure."""

from __future__ import annotations

from collector.sources.answers import Answer
from collector.text.addresses import joined
from collector.text.values import web_address

_TYPES = ("application/atom+xml", "application/rss+xml", "application/feed+json")
_LOOKED_AT = 512 * 1024  # bytes: what a page says of itself stands at its beginning


def named_feed(answer: Answer) -> str | None:
    """The address of the first feed that the page names, in its own order: the first is the main one."""
    from selectolax.lexbor import LexborHTMLParser

    page = LexborHTMLParser(answer.body[:_LOOKED_AT])
    first_base = page.css_first("base[href]")
    base = joined(answer.url, (first_base.attributes.get("href") or "") if first_base else "")
    for link in page.css("link[rel][href]"):
        attributes = link.attributes
        is_alternate = "alternate" in (attributes.get("rel") or "").lower().split()
        kind = (attributes.get("type") or "").partition(";")[0].strip().lower()
        found = web_address(joined(base, (attributes.get("href") or "").strip()))
        if found and is_alternate and kind in _TYPES:
            return found
    return None
