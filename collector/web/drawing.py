"""Templates: every page extends one layout, in the letter's look; whatever is filled in is escaped."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import jinja2

from collector.render.templating import read_templates
from collector.text.mailaddresses import shown_address
from collector.web.visiting import Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedLink:
    """A feed that belongs to a page."""

    title: str
    address: str
    type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What a page says of itself, to tabs, search engines and whoever shares it."""

    title: str
    address: str = ""  # its whole address from `visit.public`; empty: it is one person's, and nobody lists or keeps it
    description: str = ""
    feeds: tuple[FeedLink, ...] = ()
    is_listed: bool = True  # False: search engines are asked to leave it out


def draw(visit: Visit, template: str, head: Head, **values: object) -> str:
    """The page as HTML."""
    words, settings = visit.words, visit.settings
    shared = {
        "head": head,
        "words": words,
        "say": words.say,
        "count": words.count,
        "pages": visit.pages,
        "is_reachable": settings.web.base_url is not None,
        "site_title": name_site(visit),
        "imprint": settings.web.imprint,
        "open_series": settings.open_series,
        "style": f"{visit.pages.style}?{_mark(stylesheet())}",
    }
    return _templates().get_template(template).render(shared | values)


def draw_part(visit: Visit, template: str, **values: object) -> str:
    """A piece of HTML that stands in no page of ours: in a feed, say."""
    words = visit.words
    shared = {"say": words.say, "count": words.count, "pages": visit.public}
    return _templates().get_template(template).render(shared | values)


def name_site(visit: Visit) -> str:
    """What stands above every page."""
    settings = visit.settings
    return settings.web.title or visit.words.name_topics([settings.display(topic) for topic in settings.topics])


@cache
def stylesheet() -> str:
    """The one stylesheet, in light and in dark."""
    return _templates().get_template("style.css").render()


@cache
def _mark(text: str) -> str:
    """Tells a text from what it was before: browsers may keep it under an address with this mark."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@cache
def _templates() -> jinja2.Environment:
    templates = read_templates("collector.web")
    templates.filters["shown_address"] = shown_address
    return templates
