"""What is the same at every visit: the stylesheet, the icon, and what search engines may read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.render.palette import LIGHT
from collector.web.answers import Answer, give
from collector.web.drawing import stylesheet
from collector.web.routing import Route
from collector.web.visiting import Visit

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="6" fill="{ink}"/>'
    '<path d="M12 7 10 25 M22 7 20 25 M6 13h20 M6 19h20" stroke="{paper}" stroke-width="3" stroke-linecap="round"/>'
    "</svg>\n"
)
_FOR_A_DAY = {"Cache-Control": "max-age=86400"}
_CLOSED = ("curate", "settings", "unsubscribe", "confirm")


def show_style(_visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    """Pages name it with a mark of its text, so that it can be kept."""
    return give(stylesheet(), "text/css; charset=utf-8", headers=_FOR_A_DAY)


def show_icon(_visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    """A hash sign on the letter's accent."""
    return give(_ICON.format(ink=LIGHT.accent, paper=LIGHT.paper), "image/svg+xml", headers=_FOR_A_DAY)


def show_robots(visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    """Digests may be found; personal links and what is looked for among the posts need not be."""
    base = visit.pages.base
    closed = [f"Disallow: {base}/{name}/" for name in _CLOSED] + [f"Disallow: {visit.pages.search}?"]
    return give("\n".join(["User-agent: *", *closed, ""]), "text/plain; charset=utf-8", headers=_FOR_A_DAY)


ROUTES = (
    Route(path="/style.css", get=show_style),
    Route(path="/icon.svg", get=show_icon),
    Route(path="/robots.txt", get=show_robots),
)
