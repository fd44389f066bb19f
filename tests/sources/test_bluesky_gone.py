"""Which posts are gone is told by evidence that an outage cannot give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bluesky_server import (
    GET_POSTS,
    PASSWORD,
    PROFILE,
    READER,
    RECORD,
    BlueskyServer,
    a_view,
    by_query,
    error_reply,
    recorded,
)
from making import NOW
from serving import Asked, Reply, json_reply

from collector.model import WatchKey
from collector.sources import Setup
from collector.sources.bluesky import BlueskySource

KEY = WatchKey(kind="bluesky", address="https://pds.example", hashtag="x", topic="x")
GOOD = json_reply({"did": READER, "handle": "reader.test"})


@pytest.fixture
def server() -> Iterator[BlueskyServer]:
    with BlueskyServer() as serving:
        serving.answers[PROFILE] = by_query("actor", {READER: GOOD}, Reply(status=500))
        yield serving


@pytest.fixture
def source(server: BlueskyServer) -> Iterator[BlueskySource]:
    setup = Setup(
        address=server.address,
        user_agent="t",
        now=lambda: NOW,
        username="reader.test",
        password=PASSWORD,
        allow_private=True,
    )
    made = BlueskySource(setup)
    yield made
    made.close()


def uri(name: str, did: str | None = None) -> str:
    return f"at://{did or f'did:plc:{name}'}/app.bsky.feed.post/3k{name}"


def shows(server: BlueskyServer, *uris: str) -> None:
    def posts(asked: Asked) -> Reply:
        shown = [a_view() | {"uri": one} for one in asked.query["uris"] if one in uris]
        return json_reply({"posts": shown})

    server.answers[GET_POSTS] = posts


def records(server: BlueskyServer, otherwise: Reply, **replies: Reply) -> None:
    server.answers[RECORD] = by_query("rkey", {f"3k{name}": reply for name, reply in replies.items()}, otherwise)


def profiles(server: BlueskyServer, reader: Reply = GOOD, **replies: Reply) -> None:
    named = {f"did:plc:{name}": reply for name, reply in replies.items()}
    server.answers[PROFILE] = by_query("actor", {READER: reader} | named, GOOD)


def test_what_is_shown_is_not_gone_and_nothing_more_is_asked(server: BlueskyServer, source: BlueskySource) -> None:
    shows(server, uri("here"))
    assert source.look_up(KEY, [uri("here"), "no address", ""]).gone == frozenset()
    assert server.asked_for(RECORD) == []
    assert source.look_up(KEY, []).gone == frozenset()


def test_a_record_that_is_not_there_is_gone(server: BlueskyServer, source: BlueskySource) -> None:
    shows(server)
    records(server, recorded("getRecord-deleted"))
    assert source.look_up(KEY, [uri("deleted")]).gone == {uri("deleted")}
    assert server.asked_for(RECORD)[0].query == {
        "repo": ["did:plc:deleted"],
        "collection": ["app.bsky.feed.post"],
        "rkey": ["3kdeleted"],
    }


def test_a_record_that_is_there_is_not_gone_however_little_is_shown(
    server: BlueskyServer, source: BlueskySource
) -> None:
    shows(server)  # its author blocks the account that reads, or the index is behind
    records(server, recorded("getRecord-plain"))
    assert source.look_up(KEY, [uri("blocked")]).gone == frozenset()


@pytest.mark.parametrize(
    ("profile", "why"),
    [
        (recorded("getProfile-gone"), "away"),  # deactivated
        (recorded("getProfile-spammer"), "away"),  # taken down
        (recorded("getProfile-erased"), "gone"),
        (recorded("getProfile-alice"), ""),
        (error_reply("InvalidRequest", message="actor must be a valid did"), ""),
        (error_reply("SomethingNew"), ""),
        (Reply(status=500), ""),
    ],
)
def test_an_author_who_is_not_known_has_to_be_away_by_name(
    server: BlueskyServer, source: BlueskySource, profile: Reply, why: str
) -> None:
    shows(server)
    records(server, recorded("getRecord-gone"))
    profiles(server, author=profile)
    one, two = uri("one", "did:plc:author"), uri("two", "did:plc:author")
    told = source.look_up(KEY, [one, two])
    assert told.gone == ({one, two} if why == "gone" else frozenset())
    assert told.away == ({one, two} if why == "away" else frozenset())
    asked = [asked.query["actor"] for asked in server.asked_for(PROFILE)]
    assert asked.count(["did:plc:author"]) == 1


def test_an_index_that_has_lost_everybody_says_nothing_of_anybody(server: BlueskyServer, source: BlueskySource) -> None:
    shows(server)
    records(server, recorded("getRecord-erased"))
    unknown = recorded("getProfile-erased")
    profiles(server, reader=unknown, author=unknown)
    assert source.look_up(KEY, [uri("x", "did:plc:author")]).gone == frozenset()


@pytest.mark.parametrize(
    "reply",
    [
        recorded("search-backend-down"),
        error_reply("UpstreamFailure", 502),
        error_reply("RateLimitExceeded", 429),
        Reply(status=404, body=b"<html>"),
        Reply(resets=True),
        json_reply([]),
    ],
)
def test_an_outage_makes_nothing_gone(server: BlueskyServer, source: BlueskySource, reply: Reply) -> None:
    server.answers[GET_POSTS] = reply
    records(server, recorded("getRecord-deleted"))
    assert source.look_up(KEY, [uri("a")]).gone == frozenset()
    shows(server)
    if reply.body != b"[]":  # whatever a record is, it is there
        records(server, reply)
        assert source.look_up(KEY, [uri("a")]).gone == frozenset()


def test_what_was_found_out_before_a_failure_holds(server: BlueskyServer, source: BlueskySource) -> None:
    shows(server)
    records(server, Reply(status=503), a=recorded("getRecord-deleted"))
    assert source.look_up(KEY, [uri("a"), uri("b"), uri("c")]).gone == {uri("a")}
    assert len(server.asked_for(RECORD)) == 2


def test_posts_are_looked_for_25_at_a_time(server: BlueskyServer, source: BlueskySource) -> None:
    uris = [uri(f"n{number}") for number in range(60)]
    shows(server, *uris[:-1])
    records(server, recorded("getRecord-deleted"))
    assert source.look_up(KEY, uris).gone == {uris[-1]}
    asked: list[Any] = [len(asked.query["uris"]) for asked in server.asked_for(GET_POSTS)]
    assert asked == [25, 25, 10]
