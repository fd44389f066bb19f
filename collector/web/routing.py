"""Which path is answered by which function: a table in every module of pages, joined here.

A path's parts in <angle brackets> are the handler's arguments; one named `token` is a signed link, which no log shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule

from collector.web.answers import Answer
from collector.web.refusing import Refusal
from collector.web.visiting import Visit

_PART = re.compile(r"<(?:\w+:)?(\w+)>")

Handler = Callable[[Visit, Mapping[str, Any]], Answer]


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """A path, what shows it, and what a POST there does, if anything."""

    path: str  # "/digests/<series>/<name>", "/posts/<int:post_id>"
    get: Handler
    post: Handler | None = None
    is_rationed: bool = True  # whether one client may send it only so often
    is_shared: bool = False  # the page is the same for everybody, and may be remembered until something changes …
    asks: frozenset[str] = frozenset()  # … unless one of these fields is in its query; any others change nothing

    @property
    def methods(self) -> list[str]:
        """What may be asked of it."""
        return ["GET", "HEAD"] + (["POST"] if self.post else [])


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A route with what the path said."""

    route: Route
    arguments: Mapping[str, Any]

    @property
    def shown(self) -> str:
        """How logs name it: without anything that opens a door."""
        return _PART.sub(lambda part: _say_part(part[1], self.arguments), self.route.path)


def _say_part(name: str, arguments: Mapping[str, Any]) -> str:
    return "…" if name == "token" else quote(str(arguments[name]))[:80]


class Table:
    """All routes, and the search among them."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = tuple(routes)
        rules = [Rule(route.path, endpoint=route, methods=route.methods) for route in routes]
        # Paths are taken as they come: a library that mends them would redirect, with the name the request gave us.
        self._map = Map(rules, merge_slashes=False, strict_slashes=False, redirect_defaults=False)

    def find(self, method: str, path: str) -> Found:
        """The route for a request; Refusal (404, 405) where there is none."""
        try:
            route, arguments = self._map.bind("localhost").match(path, method)
        except MethodNotAllowed as error:
            allowed = ", ".join(sorted(error.valid_methods or ()))
            raise Refusal(405, headers={"Allow": allowed}) from error
        except HTTPException as error:
            raise Refusal(404) from error
        return Found(route=route, arguments=arguments)
