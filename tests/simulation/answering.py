"""What a server answers, from what it holds: timelines, posts by their ids, and what it says of itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote, urlencode

from fediverse_posts import make_documents

from collector.demo.fediverse import fold_hashtag
from collector.demo.server import Answer, Request, json_answer
from simulation.holdings import Held, Holdings
from simulation.truth import TAG

PAGE = 40
LOOK_UP = 20  # ids that one request may name
CURSORS = ("max_id", "since_id", "min_id")

_PATHS = {
    "timeline": re.compile("/api/v1/timelines/tag/[^/]+"),
    "look up": re.compile("/api/v1/statuses"),
    "status": re.compile("/api/v1/statuses/[^/]+"),
    "instance": re.compile("/api/v[12]/instance"),
    "other": re.compile("/api/.*"),  # of the API
    "nodeinfo": re.compile("/.well-known/nodeinfo"),
}
_ACTIVITY = {"Content-Type": "application/activity+json"}
_A_POST = Answer(body=b'{"@context": "https://www.w3.org/ns/activitystreams", "type": "Note"}', headers=_ACTIVITY)
_UNSIGNED = json_answer({"error": "Unauthorized: not signed"}, status=401)
_NO_PAGE = Answer(status=404, body=b"<!DOCTYPE html><title>Not found</title>", headers={"Content-Type": "text/html"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A server as the script casts it."""

    name: str
    kind: str  # "mastodon", "gotosocial", "takahe"
    is_polled: bool = True
    local: bool = True  # the half of its hashtag timelines with its own people's posts is shown
    remote: bool = True
    skew: timedelta = timedelta()  # how far its clock is ahead
    token: str | None = None  # None: anybody may read
    looks_up: bool = True  # knows `statuses?id[]=`, as Mastodon does since 4.3
    is_limited: bool = True
    page: int = PAGE  # the most posts that it puts on one
    shows_unlisted: bool = False

    @property
    def takes_many(self) -> bool:
        """Whether one request may ask for several posts."""
        return self.kind == "mastodon" and self.looks_up


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a request is about."""

    what: str  # one of `_PATHS`, or the "page" of a post
    ids: tuple[str, ...] = ()
    is_paging: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An answer, and the posts that stand in it."""

    answer: Answer
    held: Sequence[Held] = ()


def read_question(request: Request) -> Question:
    """What is asked."""
    path = request.path.rstrip("/")
    last = path.rpartition("/")[2]
    what = next((what for what, pattern in _PATHS.items() if pattern.fullmatch(path)), "page")
    ids = tuple(request.repeated.get("id[]", ())) if what == "look up" else (last,)
    return Question(what=what, ids=ids, is_paging=any(name in request.query for name in CURSORS))


def answer_question(request: Request, question: Question, member: Member, holdings: Holdings) -> Shown:
    """The answer to somebody who may ask."""
    match question.what:
        case "timeline":
            return _timeline(request, member, holdings)
        case "look up":
            return _look_up(question.ids, member, holdings)
        case "status":
            return _status(question.ids[0], holdings)
        case "instance":
            answer = _instance(request.path, member, holdings)
        case "nodeinfo":
            answer = json_answer({"links": []})
        case "page":
            answer = _page_of_post(question.ids[0], holdings)
        case _:
            answer = holdings.host.software.dialect.on_missing_path
    return Shown(answer=answer)


def _status(native_id: str, holdings: Holdings) -> Shown:
    held = holdings.by_id.get(native_id)
    if held is None:
        return Shown(answer=holdings.host.software.dialect.on_missing_status)
    return Shown(answer=_json(held.body), held=[held])


def _page_of_post(native_id: str, holdings: Holdings) -> Answer:
    """A post at its own address, as other servers ask for it; GoToSocial wants that signed."""
    if holdings.host.software.name == "gotosocial":
        return _UNSIGNED
    held = holdings.by_id.get(native_id)
    return _A_POST if held and held.is_local else _NO_PAGE


def _instance(path: str, member: Member, holdings: Holdings) -> Answer:
    feeds = {"local": "public" if member.local else "disabled", "remote": "public" if member.remote else "disabled"}
    document = make_documents(holdings.host.software, holdings.host.domain, feeds).get(path)
    return json_answer(document) if document else holdings.host.software.dialect.on_missing_path


def _look_up(ids: Sequence[str], member: Member, holdings: Holdings) -> Shown:
    """Those that are there, in an order of the server's own; more than it takes are refused."""
    if not member.takes_many:
        return Shown(answer=holdings.host.software.dialect.on_missing_path)
    if len(ids) > LOOK_UP:
        return Shown(answer=json_answer({"error": f"Validation failed: more than {LOOK_UP} ids"}, status=422))
    found = [held for native_id in sorted(set(ids)) if (held := holdings.by_id.get(native_id))]
    return Shown(answer=_many(found), held=found)


def _timeline(request: Request, member: Member, holdings: Holdings) -> Shown:
    dialect = holdings.host.software.dialect
    local, remote = _halves(request, member)
    if (local and not member.local) or (remote and not member.remote):
        return Shown(answer=dialect.without_token)  # as Mastodon does to strangers, whichever half is not public
    if fold_hashtag(unquote(request.path.rpartition("/")[2])) != TAG:
        return Shown(answer=dialect.on_unused_hashtag)
    asked = {name: request.query[name] for name in CURSORS if name in request.query}
    cursors = {name: value for name, value in asked.items() if dialect.native_id.fullmatch(value)}
    if cursors != asked and dialect.on_strange_cursor is not None:
        return Shown(answer=dialect.on_strange_cursor)
    limit = max(1, min(int(request.query.get("limit", "20")), member.page))
    if "min_id" in cursors:
        held = holdings.page_above(cursors["min_id"], limit)
    else:
        held = holdings.page(cursors.get("max_id"), cursors.get("since_id"), limit, local=local, remote=remote)
    return Shown(answer=_many(held, _link(request, held)), held=held)


def _halves(request: Request, member: Member) -> tuple[bool, bool]:
    """The halves that are asked for; only Mastodon can be asked for one."""
    local, remote = (request.query.get(half, "").lower() in {"1", "true"} for half in ("local", "remote"))
    return (local, remote) if (local or remote) and member.kind == "mastodon" else (True, True)


def _link(request: Request, held: Sequence[Held]) -> dict[str, str]:
    """The way on and back: present even on a short last page, absent on an empty one."""
    if not held:
        return {}
    base = f"{request.base}{request.path}"
    onward, back = urlencode({"max_id": held[-1].native_id}), urlencode({"min_id": held[0].native_id})
    return {"Link": f'<{base}?{onward}>; rel="next", <{base}?{back}>; rel="prev"'}


def _many(held: Sequence[Held], headers: dict[str, str] | None = None) -> Answer:
    return _json(b"[" + b",".join(item.body for item in held) + b"]", headers)


def _json(body: bytes, headers: dict[str, str] | None = None) -> Answer:
    return Answer(body=body, headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})})
