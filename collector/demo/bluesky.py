"""What an account's own server on Bluesky answers, as values: a session, and the network's search behind it.

Everything but the log-in wants the session's token. Errors bear the names that the reference software gives them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from collector.demo.fediverse import fold_hashtag
from collector.demo.server import Answer, Request, json_answer

View = Mapping[str, Any]  # a post or a profile, as the network shows it

_MOST_FOUND = 100
_MOST_NAMED = 25
_USUAL_PAGE = 25
_LOG_IN = "com.atproto.server.createSession"
_RENEW = "com.atproto.server.refreshSession"


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Who may log in. The tokens open nothing but this server, and never change."""

    did: str
    handle: str
    password: str = field(repr=False)
    access: str = field(default="access-on-loopback", repr=False)
    refresh: str = field(default="refresh-on-loopback", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeServer:
    """One account's server at one moment: what the network holds, and how it answers."""

    account: Account
    documents: Mapping[str, Any]  # method → JSON that anybody may read
    posts: Sequence[View]  # newest first
    profiles: Sequence[View]
    page_limit: int = _MOST_FOUND

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        method = request.path.removeprefix("/xrpc/")
        if method in self.documents:
            return json_answer(self.documents[method])
        procedures: dict[str, Callable[[Request], Answer]] = {_LOG_IN: self._log_in, _RENEW: self._renew}
        queries: dict[str, Callable[[Request], Answer]] = {
            "app.bsky.feed.searchPosts": self._search,
            "app.bsky.feed.getPosts": self._posts,
            "app.bsky.actor.getProfiles": self._profiles,
            "com.atproto.repo.getRecord": self._record,
        }
        asked = procedures.get(method) or queries.get(method)
        if asked is None:
            return _error("MethodNotImplemented", "Method Not Implemented", 501)
        expected = "POST" if method in procedures else "GET"
        if request.method != expected:
            return _error("InvalidRequest", f"Incorrect HTTP method ({request.method}) expected {expected}")
        refused = None if method == _LOG_IN else self._refusal(request, is_renewal=method == _RENEW)
        return refused or asked(request)

    def _refusal(self, request: Request, *, is_renewal: bool) -> Answer | None:
        given = request.headers.get("authorization")
        if given is None:
            return _error("AuthMissing", "Authentication Required", 401)
        wanted = self.account.refresh if is_renewal else self.account.access
        return None if given == f"Bearer {wanted}" else _error("InvalidToken", "Token could not be verified")

    def _log_in(self, request: Request) -> Answer:
        given = _read_json(request.body)
        if not given.get("identifier") or not given.get("password"):
            missing = "password" if given.get("identifier") else "identifier"
            return _error("InvalidRequest", f'Missing required key "{missing}" at $')
        is_known = (given["identifier"], given["password"]) == (self.account.handle, self.account.password)
        if not is_known:
            return _error("AuthenticationRequired", "Invalid identifier or password", 401)
        return self._renew(request)

    def _renew(self, request: Request) -> Answer:
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": request.base}
        return json_answer(
            {
                "accessJwt": self.account.access,
                "refreshJwt": self.account.refresh,
                "did": self.account.did,
                "didDoc": {
                    "@context": ["https://www.w3.org/ns/did/v1"],
                    "id": self.account.did,
                    "alsoKnownAs": [f"at://{self.account.handle}"],
                    "service": [service],
                },
                "handle": self.account.handle,
                "active": True,
            }
        )

    def _search(self, request: Request) -> Answer:
        """Posts that hold what is asked for, from below the one that the cursor names."""
        if not request.query.get("q"):
            return _invalid_params(request, 'Missing required key "q"')
        limit, refused = _read_limit(request)
        if refused is not None:
            return refused
        found = [post for post in self.posts if _is_found(post, request.query["q"])]
        cursor = request.query.get("cursor")
        if cursor:
            places = [place for place, post in enumerate(found, 1) if _cursor_at(post) == cursor]
            if not places:
                return _error("InternalServerError", "Internal Server Error", 500)
            found = found[places[0] :]
        page = found[: min(limit, self.page_limit)]
        onward = {"cursor": _cursor_at(page[-1])} if len(page) < len(found) else {}
        return json_answer({"posts": page} | onward)

    def _posts(self, request: Request) -> Answer:
        uris = request.repeated.get("uris", ())
        if refused := _refuse_many(request, uris):
            return refused
        return json_answer({"posts": [post for post in self.posts if post["uri"] in uris]})

    def _profiles(self, request: Request) -> Answer:
        actors = request.repeated.get("actors", ())
        if refused := _refuse_many(request, actors):
            return refused
        shown = [profile for profile in self.profiles if profile["did"] in actors or profile["handle"] in actors]
        return json_answer({"profiles": shown})

    def _record(self, request: Request) -> Answer:
        repo, collection, rkey = (request.query.get(name, "") for name in ("repo", "collection", "rkey"))
        uri = f"at://{repo}/{collection}/{rkey}"
        post = next((post for post in self.posts if post["uri"] == uri), None)
        if post is None:
            return _error("RecordNotFound", f"Could not locate record: {uri}")
        return json_answer({"uri": uri, "cid": post["cid"], "value": post["record"]})


def _error(name: str, message: str, status: int = 400) -> Answer:
    return json_answer({"error": name, "message": message}, status=status)


def _invalid_params(request: Request, reason: str) -> Answer:
    return _error("InvalidRequest", f"Invalid {request.path.removeprefix('/xrpc/')} params: {reason}")


def _refuse_many(request: Request, named: Sequence[str]) -> Answer | None:
    if len(named) <= _MOST_NAMED:
        return None
    return _invalid_params(request, f"array too big (maximum {_MOST_NAMED}, got {len(named)})")


def _read_limit(request: Request) -> tuple[int, Answer | None]:
    text = request.query.get("limit", str(_USUAL_PAGE))
    if not text.isdecimal():
        return 0, _invalid_params(request, f'Expected integer value type (got "{text}")')
    limit = int(text)
    if limit > _MOST_FOUND:
        return 0, _invalid_params(request, f"integer too big (maximum {_MOST_FOUND}, got {limit})")
    return limit, _invalid_params(request, "integer too small (minimum 1, got 0)") if limit < 1 else None


def _is_found(post: View, words: str) -> bool:
    """A hashtag is looked for where the text is marked up, any other word in the text itself."""
    record = post["record"]
    if not words.startswith("#"):
        return words.lower() in record["text"].lower()
    features = [feature for facet in record.get("facets", ()) for feature in facet["features"]]
    return fold_hashtag(words[1:]) in {fold_hashtag(feature.get("tag", "")) for feature in features}


def _cursor_at(post: View) -> str:
    """The place of a post in the search, in the way that the network's own index names it."""
    return f"{round(datetime.fromisoformat(post['indexedAt']).timestamp() * 1000)}__{post['cid']}"


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
