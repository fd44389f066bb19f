"""The Bluesky of the demo: what it says by itself, and how the Bluesky source reads it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from making import NOW

from collector.demo.replay import DemoServer, start_servers
from collector.errors import Condition, SourceError
from collector.model import Found, WatchKey, Wish
from collector.sources import Look, Setup
from collector.sources.bluesky import BlueskySource

LONDON = ZoneInfo("Europe/London")
TAG = {"q": "#notcoproduction"}
SEARCH = "app.bsky.feed.searchPosts"


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with start_servers(NOW, LONDON) as servers:
        yield next(server for server in servers if server.kind == "bluesky")


def make_setup(server: DemoServer, password: str) -> Setup:
    return Setup(
        address=server.address,
        user_agent="test/1",
        now=lambda: NOW,
        allow_private=True,
        username=server.keys["username"],
        password=password,
    )


@pytest.fixture
def source(server: DemoServer) -> Iterator[BlueskySource]:
    source = BlueskySource(make_setup(server, server.keys["password"]))
    yield source
    source.close()


@pytest.fixture(scope="module")
def access(server: DemoServer) -> str:
    token: str = log_in(server)[1]["accessJwt"]
    return token


def call(
    server: DemoServer, method: str, query: Any = (), *, token: str | None = None, data: bytes | None = None
) -> tuple[int, Any]:
    """Status and JSON of one plain request; with data it is a POST."""
    address = f"{server.address}/xrpc/{method}?{urlencode(query, doseq=True)}"
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data=data, headers=headers), timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def log_in(server: DemoServer, **changes: str) -> tuple[int, Any]:
    words = {"identifier": server.keys["username"], "password": server.keys["password"]} | changes
    return call(server, "com.atproto.server.createSession", data=json.dumps(words).encode())


def watch(server: DemoServer) -> WatchKey:
    return WatchKey(kind="bluesky", address=server.address, hashtag="notcoproduction", topic="notcoproduction")


def read_all(server: DemoServer, source: BlueskySource) -> list[Found]:
    found: list[Found] = []
    cursor = None
    while True:
        page = source.fetch_page(watch(server), Look(cursor=cursor))
        assert (page.condition, page.rejections) == (Condition.OK, ())
        found += page.found
        cursor = page.next_cursor
        if cursor is None:
            return found


# What it says


def test_who_logs_in_is_given_a_session_on_this_very_server(server: DemoServer) -> None:
    status, session = log_in(server)
    assert (status, session["active"]) == (200, True)
    assert session["didDoc"]["service"][0]["serviceEndpoint"] == server.address


@pytest.mark.parametrize(
    ("words", "status", "name"),
    [
        ({"password": "wrong"}, 401, "AuthenticationRequired"),
        ({"identifier": "nobody.example"}, 401, "AuthenticationRequired"),
        ({"password": ""}, 400, "InvalidRequest"),
        ({"identifier": ""}, 400, "InvalidRequest"),
    ],
)
def test_nobody_else_is(server: DemoServer, words: dict[str, str], status: int, name: str) -> None:
    answered, body = log_in(server, **words)
    assert (answered, body["error"]) == (status, name)


@pytest.mark.parametrize("data", [b"", b"[]", b"nonsense"])
def test_a_log_in_that_says_nothing_is_refused(server: DemoServer, data: bytes) -> None:
    assert call(server, "com.atproto.server.createSession", data=data)[1]["error"] == "InvalidRequest"


def test_a_session_is_renewed_by_the_token_for_that_alone(server: DemoServer) -> None:
    session = log_in(server)[1]
    assert call(server, "com.atproto.server.refreshSession", token=session["refreshJwt"], data=b"")[0] == 200
    status, body = call(server, "com.atproto.server.refreshSession", token=session["accessJwt"], data=b"")
    assert (status, body["error"]) == (400, "InvalidToken")


@pytest.mark.parametrize(("token", "status", "name"), [(None, 401, "AuthMissing"), ("garbage", 400, "InvalidToken")])
def test_the_search_wants_a_session(server: DemoServer, token: str | None, status: int, name: str) -> None:
    answered, body = call(server, SEARCH, TAG, token=token)
    assert (answered, body["error"]) == (status, name)


@pytest.mark.parametrize("method", ["_health", "com.atproto.server.describeServer"])
def test_anybody_may_ask_what_it_is(server: DemoServer, method: str) -> None:
    assert call(server, method)[0] == 200


@pytest.mark.parametrize(
    ("method", "query", "status", "name", "words"),
    [
        (SEARCH, {}, 400, "InvalidRequest", 'Missing required key "q"'),
        (SEARCH, TAG | {"limit": 101}, 400, "InvalidRequest", "integer too big"),
        (SEARCH, TAG | {"limit": 0}, 400, "InvalidRequest", "integer too small"),
        (SEARCH, TAG | {"limit": "ten"}, 400, "InvalidRequest", "Expected integer"),
        (SEARCH, TAG | {"cursor": "notacursor"}, 500, "InternalServerError", "Internal"),
        ("app.bsky.feed.getPosts", {"uris": ["at://x"] * 26}, 400, "InvalidRequest", "array too big"),
        ("app.bsky.actor.getProfiles", {"actors": ["x"] * 26}, 400, "InvalidRequest", "array too big"),
        ("com.atproto.repo.getRecord", {"repo": "x"}, 400, "RecordNotFound", "Could not locate record"),
        ("com.atproto.server.createSession", {}, 400, "InvalidRequest", "Incorrect HTTP method (GET) expected POST"),
        ("app.bsky.feed.noSuchMethod", {}, 501, "MethodNotImplemented", "Method Not Implemented"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    server: DemoServer, access: str, method: str, query: Any, status: int, name: str, words: str
) -> None:
    answered, body = call(server, method, query, token=access)
    assert (answered, body["error"]) == (status, name)
    assert words in body["message"]


def test_the_search_is_paged_through_by_cursor_each_post_once(server: DemoServer, access: str) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = call(server, SEARCH, TAG | {"limit": 4} | cursor, token=access)[1]
        assert 0 < len(page["posts"]) <= 4
        seen += [post["indexedAt"] for post in page["posts"]]
        if "cursor" not in page:
            break
        cursor = {"cursor": page["cursor"]}
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 11


def test_a_hashtag_is_found_in_any_case_and_a_word_where_it_stands(server: DemoServer, access: str) -> None:
    def count(words: str) -> int:
        return len(call(server, SEARCH, {"q": words, "limit": 100}, token=access)[1]["posts"])

    assert count("#NotCoProduction") == count("#notcoproduction") == 6  # a page
    assert count("#coproduction") == 0
    assert count("flipchart") == 1


def test_posts_profiles_and_records_are_shown_to_who_knows_them(server: DemoServer, access: str) -> None:
    first, second = call(server, SEARCH, TAG | {"limit": 2}, token=access)[1]["posts"]
    wanted = {"uris": [first["uri"], second["uri"], "at://did:plc:x/app.bsky.feed.post/x"]}
    assert call(server, "app.bsky.feed.getPosts", wanted, token=access)[1]["posts"] == [first, second]
    actors = {"actors": [first["author"]["did"], second["author"]["handle"], "did:plc:x"]}
    profiles = call(server, "app.bsky.actor.getProfiles", actors, token=access)[1]["profiles"]
    assert {profile["did"] for profile in profiles} == {first["author"]["did"], second["author"]["did"]}
    did, collection, rkey = first["uri"].removeprefix("at://").split("/")
    where = {"repo": did, "collection": collection, "rkey": rkey}
    assert call(server, "com.atproto.repo.getRecord", where, token=access)[1]["value"] == first["record"]


# How it is read


def test_all_posts_are_read_over_several_pages(server: DemoServer, source: BlueskySource) -> None:
    found = read_all(server, source)
    assert len(found) == len({item.native_id for item in found}) == 11
    assert all(item.post.carries(frozenset({"notcoproduction"})) for item in found)


def test_the_recording_shows_what_posts_are_made_of(server: DemoServer, source: BlueskySource) -> None:
    posts = [item.post for item in read_all(server, source)]
    uris = {post.uri for post in posts}
    assert [post.media[0].alt_text for post in posts if post.media and not post.content_warning] != [None]
    assert [post.content_warning for post in posts if post.content_warning] == ["graphic media"]
    assert [post.quote_of_uri in uris for post in posts if post.quote_of_uri] == [True]
    assert [post.reply_to_uri in uris for post in posts if post.reply_to_uri] == [True]
    assert [post.links for post in posts if post.links] == [("https://council.example/co-production-charter",)]
    assert [post.copy_of for post in posts if post.copy_of] == [
        "https://commons.example/@haruki/posts/647430316563908088/"
    ]


def test_profiles_tell_who_somebody_else_is_and_what_they_ask(server: DemoServer, source: BlueskySource) -> None:
    authors = {item.post.author.handle: item.post.author for item in read_all(server, source)}
    assert authors["carys.example"].links == ("https://fedi.example/@carys",)
    assert [handle for handle, author in authors.items() if author.is_opted_out] == ["kestrel.sky.example"]
    assert Wish.NO_UNAUTHENTICATED in authors["kestrel.sky.example"].wishes


def test_handles_are_of_nobody_on_the_real_network(server: DemoServer, source: BlueskySource) -> None:
    handles = {item.post.author.handle.removesuffix(".ap.brid.gy") for item in read_all(server, source)}
    assert all(handle.endswith(".example") for handle in handles)


def test_what_is_there_is_not_gone(server: DemoServer, source: BlueskySource) -> None:
    found = read_all(server, source)[0]
    missing = found.native_id + "x"
    assert source.look_up(watch(server), [found.native_id, missing]).gone == {missing}


def test_it_is_checked_as_any_server_is(server: DemoServer, source: BlueskySource) -> None:
    probe = source.probe(watch(server))
    assert (probe.condition, probe.version) == (Condition.OK, "0.4.204")
    assert probe.rules_url == "https://sky.example/terms"


def test_a_wrong_password_is_told_as_that(server: DemoServer) -> None:
    source = BlueskySource(make_setup(server, "wrong"))
    with pytest.raises(SourceError, match="refuses the app password"):
        source.fetch_page(watch(server), Look())
    source.close()
