"""What a small blog made with WordPress answers, as values: pages, and the routes of its REST API.

The blog tells its readers' addresses as those of `blog.example`, as it was recorded. Where it leads whoever asks
onward, to the API or to a next page, it names the address it was asked at, as a blog behind a proxy should.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from collector.demo.server import Answer, Request, json_answer

Thing = Mapping[str, Any]  # a comment or a post, as the API shows it

_USUAL_PAGE = 10
_LARGEST_PAGE = 100
_OF_AN_EMBEDDED_POST = ("id", "date", "slug", "type", "link", "title", "excerpt", "author", "featured_media", "_links")


@dataclass(frozen=True, kw_only=True, slots=True)
class Blog:
    """One blog at one moment: what it holds, and how it answers."""

    index: Thing  # what its API says of it
    posts: Sequence[Thing]
    comments: Sequence[Thing]  # approved ones, in any order
    zone: ZoneInfo  # the clock on its wall

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        if request.method != "GET":
            return _no_route()
        match request.path.strip("/").split("/"):
            case ["wp-json"]:
                return _json(self.index)
            case ["wp-json", "wp", "v2", route, *rest]:
                return self._route(route, rest, request)
            case ["wp-json", *_]:
                return _no_route()
        return self._page(request)

    def _route(self, route: str, rest: list[str], request: Request) -> Answer:
        match route, rest:
            case "comments", []:
                return self._list_comments(request)
            case "comments", [number]:
                return self._one(self.comments, number, "comment", request)
            case "posts", []:
                return _json([self._as_asked(post, request) for post in self.posts if _has_slug(post, request)])
            case "posts", [number]:
                return self._one(self.posts, number, "post", request)
        return _no_route()

    def _list_comments(self, request: Request) -> Answer:
        per_page = _number(request.query.get("per_page"), _USUAL_PAGE)
        page = _number(request.query.get("page"), 1)
        if per_page is None or not 1 <= per_page <= _LARGEST_PAGE:
            return _invalid("per_page", "per_page must be between 1 (inclusive) and 100 (inclusive)")
        if page is None or page < 1:
            return _invalid("page", "page must be greater than or equal to 1")
        try:
            found = self._found(request)
        except ValueError:
            return _invalid("after", "Invalid date.")
        shown = found[(page - 1) * per_page : page * per_page]
        return _json(
            [self._as_asked(comment, request) for comment in shown],
            _paging(request, page, math.ceil(len(found) / per_page), len(found)),
        )

    def _found(self, request: Request) -> list[Thing]:
        """The comments that are asked for, in their order; ValueError where `after` is no date."""
        posts, numbers = _numbers(request, "post"), _numbers(request, "include")
        after = request.query.get("after")
        edge = _wall_clock(after, self.zone) if after else ""
        found = [
            comment
            for comment in self.comments
            if (not posts or str(comment["post"]) in posts)
            and (not numbers or str(comment["id"]) in numbers)
            and comment["date"] > edge
        ]
        newest_first = request.query.get("order", "desc") == "desc"
        return sorted(found, key=lambda comment: (comment["date_gmt"], comment["id"]), reverse=newest_first)

    def _one(self, things: Iterable[Thing], number: str, kind: str, request: Request) -> Answer:
        thing = next((thing for thing in things if str(thing["id"]) == number), None)
        if thing is None:
            return _refusal(f"rest_{kind}_invalid_id", f"Invalid {kind} ID.", 404)
        return _json(self._as_asked(thing, request))

    def _as_asked(self, thing: Thing, request: Request) -> Thing:
        """With what belongs to it, or without; and only those of its fields that are named, a nested one whole."""
        asked = {name: value for name, value in thing.items() if name != "_embedded"}
        wanted = (request.query["_embed"] or "up,author,wp:term").split(",") if "_embed" in request.query else []
        embedded = {name: value for name, value in self._belonging(thing).items() if name in wanted}
        asked |= {"_embedded": embedded} if embedded else {}
        if "_fields" not in request.query:
            return asked
        names = {name.partition(".")[0] for name in request.query["_fields"].split(",")}
        return {name: value for name, value in asked.items() if name in names}

    def _belonging(self, thing: Thing) -> Thing:
        """The post that a comment stands under; what was recorded with a post."""
        if "post" not in thing:
            return dict(thing.get("_embedded", {}))
        post = next(post for post in self.posts if post["id"] == thing["post"])
        return {"up": [{name: post[name] for name in _OF_AN_EMBEDDED_POST}]}

    def _page(self, request: Request) -> Answer:
        """A page for people: the front page, or one of a post."""
        api = f'<{request.base}/wp-json/>; rel="https://api.w.org/"'
        post = next((post for post in self.posts if urlsplit(post["link"]).path == request.path), None)
        if post is not None:
            own = f"{request.base}/wp-json/wp/v2/posts/{post['id']}"
            short = f"<{request.base}/?p={post['id']}>; rel=shortlink"
            links = f'{api}, <{own}>; rel="alternate"; type="application/json", {short}'
            return _html(self._written(post["title"]["rendered"], post["content"]["rendered"], "single-post"), links)
        if request.path == "/":
            listed = "".join(
                f'<h2><a href="{post["link"]}">{post["title"]["rendered"]}</a></h2>\n' for post in self.posts
            )
            return _html(self._written(self.index["name"], listed, "home blog"), api)
        return _html(self._written("Page not found", "", "error404"), api, status=404)

    def _written(self, title: str, content: str, kind: str) -> str:
        name = escape(self.index["name"])
        return (
            f'<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="UTF-8" />\n<title>{title}</title>\n'
            f'<meta property="og:site_name" content="{name}" />\n</head>\n'
            f'<body class="{kind}">\n<h1>{title}</h1>\n{content}</body>\n</html>\n'
        )


def _json(value: Any, headers: Mapping[str, str] | None = None, *, status: int = 200) -> Answer:
    usual = {"Content-Type": "application/json; charset=UTF-8", "X-Robots-Tag": "noindex"}
    return json_answer(value, status=status, headers={**usual, **(headers or {})})


def _html(page: str, links: str, *, status: int = 200) -> Answer:
    return Answer(
        status=status, body=page.encode(), headers={"Content-Type": "text/html; charset=UTF-8", "Link": links}
    )


def _refusal(code: str, message: str, status: int, **data: Any) -> Answer:
    return _json({"code": code, "message": message, "data": {"status": status, **data}}, status=status)


def _no_route() -> Answer:
    return _refusal("rest_no_route", "No route was found matching the URL and request method.", 404)


def _invalid(name: str, reason: str) -> Answer:
    return _refusal("rest_invalid_param", f"Invalid parameter(s): {name}", 400, params={name: reason})


def _paging(request: Request, page: int, pages: int, total: int) -> dict[str, str]:
    """How many there are, and the way to the pages beside this one."""
    told = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
    beside = {"prev": min(page - 1, pages), "next": page + 1 if page < pages else 0}
    asked = [("post[0]" if name == "post" else name, value) for name, value in request.query.items() if name != "page"]
    links = [
        f'<{request.base}{request.path}?{urlencode([*asked, ("page", number)])}>; rel="{rel}"'
        for rel, number in beside.items()
        if number
    ]
    return told | ({"Link": ", ".join(links)} if links else {})


def _numbers(request: Request, name: str) -> set[str]:
    """The ids in a list, written `name=1,2` or `name[0]=1`."""
    values = [value for key, value in request.query.items() if key.partition("[")[0] == name]
    return {number for value in values for number in value.split(",") if number}


def _number(text: str | None, usual: int) -> int | None:
    if text is None:
        return usual
    return int(text) if text.isdecimal() else None


def _wall_clock(instant: str, zone: ZoneInfo) -> str:
    """What a blog compares dates with: the time on its own wall. ValueError for what is no date."""
    moment = datetime.fromisoformat(instant)
    local = moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo else moment
    return local.isoformat(timespec="seconds")


def _has_slug(post: Thing, request: Request) -> bool:
    return "slug" not in request.query or request.query["slug"] == str(post["slug"])
