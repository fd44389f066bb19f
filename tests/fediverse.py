"""A fediverse for tests: servers on loopback that a test fills, changes, breaks and switches off.

Nothing here reads the clock: ids and dates come from the instants that a test gives.

    with FakeServer("mastodon", domain="toot.example") as server:
        post = server.publish("The ramp is a step.", at=NOW)
        collect(server.address)
        assert server.asked("/timelines/tag/")
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from fediverse_kinds import KINDS, Kind
from fediverse_posts import (
    Status,
    created_at,
    hashtags_of,
    make_account,
    make_content,
    make_documents,
    make_status,
    stamp,
)

from collector.demo.fediverse import Site, choose_page, id_order
from collector.demo.server import Answer, LoopbackServer, Request, json_answer, listening

Access = Literal["public", "authenticated", "disabled"]


@dataclass
class _Shown:
    """A status that this server holds, and the hashtag timelines it stands in."""

    status: Status
    hashtags: set[str]


@dataclass
class _Fault:
    """What happens to the next requests whose path holds `path`: a stall, or another answer, or both."""

    path: str
    times: int
    answer: Answer | None = None
    stall_seconds: float = 0.0


@dataclass
class _Limit:
    """A rate limit that is used up by requests and by nothing else."""

    left: int
    allowed: int
    reset: str | None
    retry_after: str | None


@dataclass
class FakeServer:
    """One server of a kind ("gotosocial", "takahe", "mastodon"), listening inside `with` or after `up()`.

    Without a `token` anybody may read; with one only who shows it, unless it `is_open`. On Mastodon a half of the
    hashtag feed (`local_feed`, `remote_feed`) can be closed to strangers or switched off.
    """

    kind: str = "gotosocial"
    domain: str = "fedi.example"
    token: str | None = None
    is_open: bool = False
    page_limit: int = 40
    local_feed: Access = "public"
    remote_feed: Access = "public"
    requests: list[Request] = field(default_factory=list)  # all that came, in their order
    _shown: dict[str, _Shown] = field(default_factory=dict)  # by uri
    _used_hashtags: set[str] = field(default_factory=set)  # a server remembers them without posts, too
    _faults: list[_Fault] = field(default_factory=list)
    _limit: _Limit | None = None
    _port: int = 0
    _serial: count[int] = field(default_factory=lambda: count(1))
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _released: threading.Event = field(default_factory=threading.Event)
    _running: ExitStack = field(default_factory=ExitStack)

    # Listening

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    @property
    def software(self) -> Kind:
        return KINDS[self.kind]

    @property
    def address(self) -> str:
        """The base URL; the same before and after it was down."""
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        """Listens; after `down()` on the same port as before."""
        self._released.clear()
        server: LoopbackServer = self._running.enter_context(listening(self._respond, self._port))
        self._port = server.server_address[1]

    def down(self) -> None:
        """Refuses connections, and lets stalled requests go."""
        self._released.set()
        self._running.close()

    def asked(self, part: str = "/timelines/tag/") -> list[Request]:
        """The requests so far whose path holds this part."""
        with self._lock:
            return [request for request in self.requests if part in request.path]

    # Posts

    def write(
        self,
        text: str = "",
        *,
        at: datetime,
        author: str = "asha",
        tags: Sequence[str] = ("notcoproduction",),
        html: str | None = None,
        reply_to: Status | None = None,
        account: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> Status:
        """A complete status that no timeline shows yet.

        #hashtags, @mentions and links of `text` become HTML in this server's way; `tags` that it lacks are put at
        its end. `html` stands in place of all that. An author "x@elsewhere.example" is of another server. `account`
        and `fields` overwrite what the JSON would hold, also with nonsense.
        """
        user, _, host = author.partition("@")
        domain = host or self.domain
        made = make_account(self.software, self.domain, user, domain)
        status = make_status(self.software, self._make_id(at), {**made, **(account or {})}, domain, at)
        if reply_to:
            status["in_reply_to_id"] = reply_to["id"]
            status["in_reply_to_account_id"] = reply_to["account"]["id"]
        content = make_content(self.software, self.domain, domain, text=text, html=html, tags=tags)
        return status | content | fields

    def publish(self, text: str = "", **details: Any) -> Status:
        """Writes a status (see `write`) and shows it at once, under the id of its own instant."""
        return self._show(self.write(text, **details))

    def deliver_late(self, status: Status, at: datetime) -> Status:
        """Another server's status arrives by delivery: an old created_at, an id of the instant it arrives.

        On GoToSocial the id follows created_at even then.
        """
        return self._receive(status, created_at(status) if self.software.late_ids_follow_creation else at)

    def fetch_late(self, status: Status) -> Status:
        """Another server's status is looked up: its id is made from created_at, so it stands behind any cursor."""
        return self._receive(status, created_at(status))

    def edit(
        self,
        status: Status,
        text: str = "",
        *,
        at: datetime,
        tags: Sequence[str] = ("notcoproduction",),
        html: str | None = None,
        **fields: Any,
    ) -> Status:
        """Gives a status that this server holds another text; id and place stay."""
        domain = urlsplit(status["uri"]).hostname or self.domain
        content = make_content(self.software, self.domain, domain, text=text, html=html, tags=tags)
        return self.change(status, edited_at=stamp(at), **content, **fields)

    def change(self, status: Status, **fields: Any) -> Status:
        """Overwrites fields of a status that this server holds, such as its counts."""
        with self._lock:
            shown = self._shown[status["uri"]]
            shown.status.update(copy.deepcopy(fields))
            kept = shown.hashtags if self.software.keeps_untagged else set()
            shown.hashtags = kept | hashtags_of(shown.status)
            self._used_hashtags |= shown.hashtags
            return copy.deepcopy(shown.status)

    def delete(self, status: Status) -> None:
        """Holds a status no longer."""
        with self._lock:
            del self._shown[status["uri"]]

    # Trouble

    def fail_next(
        self,
        status: int = 500,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        times: int = 1,
        path: str = "/timelines/tag/",
    ) -> None:
        """Gives this answer to the next requests whose path holds `path`."""
        answer = Answer(status=status, body=body, headers={"Content-Type": "text/html", **(headers or {})})
        self._faults.append(_Fault(path=path, times=times, answer=answer))

    def stall_next(self, seconds: float, *, times: int = 1, path: str = "/timelines/tag/") -> None:
        """Keeps the next requests waiting, until the server goes down at the latest."""
        self._faults.append(_Fault(path=path, times=times, stall_seconds=seconds))

    def limit_requests(
        self,
        allowed: int,
        *,
        reset_at: datetime | None = None,
        in_epoch: bool = False,
        retry_after: str | None = None,
    ) -> None:
        """Answers 429 after so many more requests, until `lift_limit()`.

        `reset_at` is told in X-RateLimit-Reset, as ISO 8601 or in seconds since 1970; `retry_after` as it is.
        """
        reset = None if reset_at is None else str(int(reset_at.timestamp())) if in_epoch else stamp(reset_at)
        self._limit = _Limit(left=allowed, allowed=allowed, reset=reset, retry_after=retry_after)

    def lift_limit(self) -> None:
        """Answers again."""
        self._limit = None

    # Answering

    def _respond(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            fault = self._take_fault(request)
        if fault and fault.stall_seconds:
            self._released.wait(fault.stall_seconds)
        if fault and fault.answer:
            return fault.answer
        with self._lock:
            headers = self._use_up_limit()
            if self._limit and self._limit.left < 0:
                return json_answer({"error": "rate limit reached"}, status=429, headers=headers)
            answer = self._answer(request)
        return Answer(status=answer.status, body=answer.body, headers={**answer.headers, **headers})

    def _take_fault(self, request: Request) -> _Fault | None:
        for fault in self._faults:
            if fault.times and fault.path in request.path:
                fault.times -= 1
                return fault
        return None

    def _use_up_limit(self) -> dict[str, str]:
        if self._limit is None:
            return {}
        self._limit.left -= 1
        headers = {
            "X-RateLimit-Limit": str(self._limit.allowed),
            "X-RateLimit-Remaining": str(max(0, self._limit.left)),
        }
        if self._limit.reset:
            headers["X-RateLimit-Reset"] = self._limit.reset
        if self._limit.left < 0 and self._limit.retry_after:
            headers["Retry-After"] = self._limit.retry_after
        return headers

    def _answer(self, request: Request) -> Answer:
        if self.kind == "gotosocial" and not request.headers.get("user-agent"):
            return json_answer({"error": "I'm a teapot: no user-agent sent with request"}, status=418)
        is_stranger = "authorization" not in request.headers
        halves = self._halves_asked_for(request)
        is_closed = any(access != "public" for access in halves.values())
        if is_stranger and is_closed and "/timelines/tag/" in request.path:
            return self.software.dialect.without_token
        if request.path == "/api/v2/search":
            return self._search(request)
        if request.path == "/api/v1/statuses" and self.kind == "mastodon":
            return self._listed(request, is_stranger=is_stranger)
        if request.path.startswith("/api/v1/accounts/"):
            return self._account(request, is_stranger=is_stranger)
        return self._site(halves, is_stranger=is_stranger).answer(request)

    def _listed(self, request: Request, *, is_stranger: bool) -> Answer:
        """At most twenty statuses by their ids, those that are not there left out."""
        if is_stranger and self.token and not self.is_open:
            return self.software.dialect.without_token
        held = {shown.status["id"]: shown.status for shown in self._shown.values()}
        return json_answer([held[wanted] for wanted in request.repeated.get("id[]", ())[:20] if wanted in held])

    def _account(self, request: Request, *, is_stranger: bool) -> Answer:
        """An account by its handle, or what it posted: with a hashtag, where this software looks at that."""
        if is_stranger and (self.kind == "gotosocial" or self.token):
            return self.software.dialect.without_token
        posted = [shown.status for shown in self._shown.values()]
        accounts = {status["account"]["id"]: status["account"] for status in posted}
        if request.path.endswith("/lookup"):
            wanted = request.query["acct"]
            names = {wanted, wanted.removesuffix(f"@{self.domain}")}
            found = [account for account in accounts.values() if account["acct"] in names]
            return json_answer(found[0]) if found else json_answer({"error": "Record not found"}, status=404)
        account_id, tagged = request.path.split("/")[4], request.query.get("tagged")
        own = [
            status
            for status in sorted(posted, key=lambda status: id_order(status["id"]), reverse=True)
            if status["account"]["id"] == account_id
            and (not tagged or self.kind != "mastodon" or tagged in {tag["name"] for tag in status["tags"]})
        ]
        cursors = {name: request.query[name] for name in ("max_id",) if name in request.query}
        return json_answer(choose_page(own, cursors, int(request.query.get("limit", "20"))))

    def _site(self, halves: Mapping[str, Access], *, is_stranger: bool) -> Site:
        feeds = {"local": self.local_feed, "remote": self.remote_feed}
        return Site(
            dialect=self.software.dialect,
            documents=make_documents(self.software, self.domain, feeds),
            timelines=self._timelines({half for half, access in halves.items() if access != "disabled"}),
            statuses={shown.status["id"]: shown.status for shown in self._shown.values()},
            token=None if is_stranger and self.is_open else self.token,
            page_limit=self.page_limit,
        )

    def _halves_asked_for(self, request: Request) -> dict[str, Access]:
        """The halves of a hashtag's feed that a request is about; only Mastodon can be asked for one."""
        feeds: dict[str, Access] = {"local": self.local_feed, "remote": self.remote_feed}
        named = {half: access for half, access in feeds.items() if request.query.get(half, "").lower() in ("1", "true")}
        return named if named and self.kind == "mastodon" else feeds

    def _search(self, request: Request) -> Answer:
        """Finds a status by its address, for whoever is logged in."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return self.software.dialect.without_token
        statuses = [shown.status for shown in self._shown.values()]
        hits = [status for status in statuses if request.query.get("q") in (status["uri"], status["url"])]
        return json_answer({"accounts": [], "statuses": hits, "hashtags": []})

    def _timelines(self, halves: set[str]) -> dict[str, list[Status]]:
        timelines: dict[str, list[Status]] = {hashtag: [] for hashtag in self._used_hashtags}
        newest_first = sorted(self._shown.values(), key=lambda shown: id_order(shown.status["id"]), reverse=True)
        for shown in newest_first:
            if _half_of(self.domain, shown.status) in halves and self._is_in_timelines(shown.status):
                for hashtag in shown.hashtags:
                    timelines[hashtag].append(shown.status)
        return timelines

    def _is_in_timelines(self, status: Status) -> bool:
        if status["visibility"] != "public" or status["reblog"]:
            return False
        answered = status["in_reply_to_account_id"]
        return {
            "all": True,
            "own": answered in (None, status["account"]["id"]),
            "none": answered is None,
        }[self.software.replies_shown]

    # Keeping

    def _make_id(self, at: datetime) -> str:
        return self.software.make_id(at, next(self._serial))

    def _show(self, status: Status) -> Status:
        with self._lock:
            self._shown[status["uri"]] = _Shown(status=copy.deepcopy(status), hashtags=hashtags_of(status))
            self._used_hashtags |= hashtags_of(status)
        return status

    def _receive(self, status: Status, id_at: datetime) -> Status:
        host = urlsplit(status["uri"]).hostname or ""
        account = status["account"]
        here = make_account(self.software, self.domain, account["username"], host)
        received = copy.deepcopy(status) | {
            "id": self._make_id(id_at),
            "account": {**account, "acct": here["acct"], "id": here["id"]},
            "in_reply_to_id": None,
            "replies_count": 0,
            "reblogs_count": 0,
            "favourites_count": 0,
        }
        return self._show(received)


def _half_of(domain: str, status: Status) -> str:
    return "local" if urlsplit(status["uri"]).hostname == domain else "remote"
