"""A stand-in for an account's server on Bluesky: it gives sessions that a test can end, and answers as it is told.

with BlueskyServer() as server:
    server.shows([a_view(server, "3kaaa")])
    ...
    server.end_access()
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from serving import Asked, Reply, Route, Serving, _bytes_of, _Handler, _Server, json_reply

DATA = Path(__file__).parent / "data" / "bluesky"
READER = "did:plc:reader"
ALICE = "did:plc:alice"
SEARCH = "/xrpc/app.bsky.feed.searchPosts"
GET_POSTS = "/xrpc/app.bsky.feed.getPosts"
PROFILES = "/xrpc/app.bsky.actor.getProfiles"
PROFILE = "/xrpc/app.bsky.actor.getProfile"
RECORD = "/xrpc/com.atproto.repo.getRecord"
LOG_IN = "/xrpc/com.atproto.server.createSession"
REFRESH = "/xrpc/com.atproto.server.refreshSession"
PASSWORD = "abcd-efgh-ijkl-mnop"
_OF_THE_CONNECTION = {"connection", "content-length", "transfer-encoding", "keep-alive"}


@dataclass(frozen=True, kw_only=True)
class Posted:
    """One thing that was sent."""

    path: str
    value: Any
    authorization: str | None


def recorded(name: str) -> Reply:
    """An answer that a real server once gave."""
    first, *lines = (DATA / f"{name}.headers").read_text("utf-8").splitlines()
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    headers = {key.strip(): value.strip() for key, value in pairs if key.strip().lower() not in _OF_THE_CONNECTION}
    return Reply(status=int(first.split()[1]), headers=headers, body=(DATA / f"{name}.body").read_bytes())


def recorded_posts() -> list[dict[str, Any]]:
    """The views of a real server's page."""
    posts: list[dict[str, Any]] = json.loads(recorded("search-page").body)["posts"]
    return posts


def error_reply(name: str, status: int = 400, message: str = "no") -> Reply:
    """An error as atproto has it."""
    return json_reply({"error": name, "message": message}, status)


def a_view(rkey: str = "3kaaa", did: str = ALICE, **changes: Any) -> dict[str, Any]:
    """The view of a post; `text`, `record` and `author` change a part of it."""
    text = changes.pop("text", "The ramp is a step. #notcoproduction")
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-17T09:41:00.000Z"}
    author = {"did": did, "handle": "alice.test", "displayName": "Alice", "labels": []}
    return {
        "uri": f"at://{did}/app.bsky.feed.post/{rkey}",
        "cid": "bafyone",
        "author": author | changes.pop("author", {}),
        "record": record | changes.pop("record", {}),
        "indexedAt": "2026-11-17T09:41:00.000Z",
        "labels": [],
    } | changes


class BlueskyServer(Serving):
    """Answers only who has a session; `log_in` and `refresh` may be set to refuse it."""

    def __init__(self) -> None:
        super().__init__()
        self._http.RequestHandlerClass = _PostHandler
        self.posted: list[Posted] = []
        self.given = 0
        self.access: set[str] = set()
        self.refreshing: set[str] = set()
        self.lives_at = self.address
        self.log_in: Reply | None = None
        self.refresh: Reply | None = None
        self.answers[PROFILES] = json_reply({"profiles": []})

    def shows(self, posts: list[Any], cursor: str | None = None) -> None:
        """What every search finds."""
        self.answers[SEARCH] = json_reply({"posts": posts} | ({"cursor": cursor} if cursor else {}))

    def end_access(self) -> None:
        """The access tokens have lived their time."""
        self.access.clear()

    def end_sessions(self) -> None:
        """And the refresh tokens too."""
        self.access.clear()
        self.refreshing.clear()

    def log_ins(self) -> list[Posted]:
        """The times that the password was sent."""
        return [sent for sent in self.posted if sent.path == LOG_IN]

    def refreshes(self) -> list[Posted]:
        """The times that a session was renewed."""
        return [sent for sent in self.posted if sent.path == REFRESH]

    def reply_to(self, asked: Asked) -> Reply:
        """A session first, then what the test wants said."""
        reply = super().reply_to(asked)
        is_open = asked.path.endswith(("describeServer", "_health"))
        if is_open or _token(asked.headers["Authorization"]) in self.access:
            return reply
        return error_reply("ExpiredToken", message="Token has expired")

    def reply_to_post(self, sent: Posted) -> Reply:
        """Gives or renews a session."""
        self.posted.append(sent)
        if sent.path == LOG_IN:
            is_right = sent.value == {"identifier": "reader.test", "password": PASSWORD}
            return self.log_in or (self.session() if is_right else recorded("createSession-wrong-401"))
        if self.refresh:
            return self.refresh
        is_known = _token(sent.authorization) in self.refreshing
        return self.session() if is_known else recorded("refreshSession-after-delete")

    def session(self, **changes: Any) -> Reply:
        """A new session's answer."""
        self.given += 1
        access, refresh = f"access-{self.given}-s3cr3t", f"refresh-{self.given}-s3cr3t"
        self.access, self.refreshing = {access}, {refresh}
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.lives_at}
        return json_reply(
            {
                "accessJwt": access,
                "refreshJwt": refresh,
                "did": READER,
                "handle": "reader.test",
                "email": "reader@mail.example",
                "didDoc": {"id": READER, "service": [service]},
                "active": True,
            }
            | changes
        )


class _PostHandler(_Handler):
    def do_POST(self) -> None:  # noqa: N802 (the standard library's name)
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        server = cast("BlueskyServer", cast("_Server", self.server).serving)
        value = json.loads(body) if body else None
        reply = server.reply_to_post(Posted(path=self.path, value=value, authorization=self.headers["Authorization"]))
        if reply.resets:
            self._reset()
            return
        self._send(_bytes_of(reply), 0, server.closing)


def _token(header: str | None) -> str:
    return (header or "").removeprefix("Bearer ")


def by_query(name: str, replies: Mapping[str, Route], otherwise: Route) -> Callable[[Asked], Reply]:
    """A route that answers by one value of the query."""

    def route(asked: Asked) -> Reply:
        found = replies.get(asked.query.get(name, [""])[0], otherwise)
        return found if isinstance(found, Reply) else found(asked)

    return route
