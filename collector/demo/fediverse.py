"""What a server that speaks the Mastodon API answers, as values: pages, Link headers, refusals.

Servers differ in what they say when something is missing or wrong; a `Dialect` holds those differences. Its values
were seen on the real software, but for Takahē's word on what it does not have.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from collector.demo.server import Answer, Request, json_answer

Status = Mapping[str, Any]

_CURSORS = ("max_id", "since_id", "min_id")
_DEFAULT_LIMIT = 20
_HIGHEST_LIMIT = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How one kind of server says what is not there or not allowed."""

    native_id: re.Pattern[str]  # what its ids look like
    on_strange_cursor: Answer | None  # None: it gives the newest page
    without_token: Answer
    with_bad_token: Answer
    on_unused_hashtag: Answer
    on_missing_status: Answer
    on_missing_path: Answer


GOTOSOCIAL = Dialect(
    native_id=re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}"),
    on_strange_cursor=None,
    without_token=json_answer({"error": "Unauthorized: token not supplied"}, status=401),
    with_bad_token=json_answer({"error": "Unauthorized: token not supplied"}, status=401),
    on_unused_hashtag=json_answer(
        {"error": "Not Found: tag was not found, or not useable/listable on this instance"}, status=404
    ),
    on_missing_status=json_answer({"error": "Not Found: target status not found"}, status=404),
    on_missing_path=json_answer({"error": "Not Found"}, status=404),
)

TAKAHE = Dialect(
    native_id=re.compile(r"[0-9]+"),
    on_strange_cursor=Answer(status=500, body=b"Server Error", headers={"Content-Type": "text/html"}),
    without_token=json_answer({"error": "identity_token_required"}, status=401),
    with_bad_token=Answer(
        status=400, body=b"Invalid Bearer token", headers={"Content-Type": "text/html; charset=utf-8"}
    ),
    on_unused_hashtag=json_answer([]),
    on_missing_status=json_answer({"error": "not_found"}, status=404),
    on_missing_path=json_answer({"error": "not_found"}, status=404),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """One server at one moment: what it holds, and how it answers."""

    dialect: Dialect
    documents: Mapping[str, Any]  # exact path → JSON that anybody may read
    timelines: Mapping[str, Sequence[Status]]  # folded hashtag → statuses, newest first
    statuses: Mapping[str, Status]  # by the server's own id
    token: str | None = None  # None: anybody may read, and every token is a wrong one
    page_limit: int = _HIGHEST_LIMIT

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        if request.method != "GET":
            return self.dialect.on_missing_path
        if request.path in self.documents:
            return json_answer(self.documents[request.path])
        match request.path.split("/")[1:]:
            case ["api", "v1", "timelines", "tag", hashtag]:
                return self._refusal(request) or self._page(fold_hashtag(unquote(hashtag)), request)
            case ["api", "v1", "statuses", native_id]:
                return self._refusal(request) or self._one(native_id)
        return self.dialect.on_missing_path

    def _refusal(self, request: Request) -> Answer | None:
        given = request.headers.get("authorization")
        if given is None:
            return None if self.token is None else self.dialect.without_token
        return None if self.token is not None and given == f"Bearer {self.token}" else self.dialect.with_bad_token

    def _page(self, hashtag: str, request: Request) -> Answer:
        if hashtag not in self.timelines:
            return self.dialect.on_unused_hashtag
        limit = _read_limit(request.query.get("limit"), self.page_limit)
        if limit is None:
            return json_answer({"error": "Bad Request: limit is not a number"}, status=400)
        asked = {name: request.query[name] for name in _CURSORS if name in request.query}
        cursors = {name: value for name, value in asked.items() if self.dialect.native_id.fullmatch(value)}
        if cursors != asked and self.dialect.on_strange_cursor:
            return self.dialect.on_strange_cursor
        page = choose_page(self.timelines[hashtag], cursors, limit)
        return json_answer(page, headers=_link_header(request, limit, page))

    def _one(self, native_id: str) -> Answer:
        status = self.statuses.get(native_id)
        return self.dialect.on_missing_status if status is None else json_answer(status)


def fold_hashtag(hashtag: str) -> str:
    """The form that servers compare hashtags in."""
    return unicodedata.normalize("NFKC", hashtag).lower()


def choose_page(statuses: Sequence[Status], cursors: Mapping[str, str], limit: int) -> list[Status]:
    """The page that `max_id`, `since_id` and `min_id` ask for, newest first like `statuses`.

    `since_id` gives the newest page above it, and so may leave a hole; `min_id` gives the page just above it.
    """
    page = [status for status in statuses if _is_asked_for(id_order(status["id"]), cursors)]
    return page[-limit:] if "min_id" in cursors else page[:limit]


def id_order(native_id: str) -> tuple[int, str]:
    """A key that puts one server's ids in their order, be they ULIDs or numbers of any length."""
    return len(native_id), native_id


def _is_asked_for(place: tuple[int, str], cursors: Mapping[str, str]) -> bool:
    highest, lowest = cursors.get("max_id"), cursors.get("min_id", cursors.get("since_id"))
    return (highest is None or place < id_order(highest)) and (lowest is None or place > id_order(lowest))


def _read_limit(text: str | None, highest: int) -> int | None:
    """How many statuses to give; None where the text is no number."""
    try:
        asked = _DEFAULT_LIMIT if text is None else int(text)
    except ValueError:
        return None
    return max(1, min(asked, highest))


def _link_header(request: Request, limit: int, page: Sequence[Status]) -> dict[str, str]:
    """The way on and back: present even on a short last page, absent on an empty one."""
    if not page:
        return {}
    base = f"{request.base}{request.path}"
    onward = urlencode({"limit": limit, "max_id": page[-1]["id"]})
    back = urlencode({"limit": limit, "min_id": page[0]["id"]})
    return {"Link": f'<{base}?{onward}>; rel="next", <{base}?{back}>; rel="prev"'}
