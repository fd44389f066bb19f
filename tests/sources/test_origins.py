"""The place where a post was first posted, asked whether it still stands there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from collecting import Clock
from making import NOW
from serving import Reply, Serving, json_reply

from collector.errors import Condition, SourceError
from collector.model import Found, Page, WatchKey
from collector.sources import Look, Setup, Source
from collector.sources.origins import Origins, OriginSays

POST = "/users/carys/statuses/1"
NODEINFO = "/.well-known/nodeinfo"
SHOWN, GONE, UNKNOWN = OriginSays.SHOWN, OriginSays.GONE, OriginSays.UNKNOWN


class Configured(Source):
    """A source that gives one answer about any post of its own."""

    error: SourceError | None = None

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        raise NotImplementedError

    def fetch_post(self, url: str) -> Found:
        if self.error is not None:
            raise self.error
        return Found.__new__(Found)


@pytest.fixture
def server() -> Iterator[Serving]:
    with Serving() as serving:
        serving.answers[NODEINFO] = json_reply({"links": []})
        serving.otherwise = Reply(status=404)
        yield serving


@pytest.fixture
def sources() -> list[Source]:
    return []


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def origins(sources: list[Source], clock: Clock) -> Iterator[Origins]:
    made = Origins(lambda: sources, user_agent="test/1", now=clock, allow_private=True)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (json_reply({"type": "Note", "id": "x"}), SHOWN),
        (json_reply({"type": "Tombstone", "id": "x"}), GONE),
        (Reply(status=410), GONE),
        (Reply(status=404), GONE),
        (Reply(status=404, body=b"<html>"), GONE),
        (json_reply({"error": "who are you?"}, status=401), UNKNOWN),
        (json_reply([]), UNKNOWN),
        (Reply(body=b"<html>Parked</html>"), UNKNOWN),
        (Reply(status=503), UNKNOWN),
        (Reply(resets=True), UNKNOWN),
    ],
)
def test_a_stranger_is_asked_at_the_posts_own_address(
    server: Serving, origins: Origins, reply: Reply, says: OriginSays
) -> None:
    server.answers[POST] = reply
    assert origins.ask(server.address + POST) is says
    assert "activity+json" in server.asked_for(POST)[0].headers["accept"]


@pytest.mark.parametrize("nodeinfo", [Reply(status=404), Reply(body=b"<html>"), Reply(resets=True)])
def test_a_host_that_runs_no_server_of_the_network_any_more_says_nothing(
    server: Serving, origins: Origins, nodeinfo: Reply
) -> None:
    server.answers[NODEINFO] = nodeinfo
    assert origins.ask(server.address + POST) is UNKNOWN


def test_whether_a_server_runs_there_is_asked_once(server: Serving, origins: Origins) -> None:
    for number in range(3):
        assert origins.ask(f"{server.address}/posts/{number}") is GONE
    assert len(server.asked_for(NODEINFO)) == 1


@pytest.mark.parametrize("trouble", [Reply(resets=True), Reply(status=429), Reply(status=503)])
def test_a_host_in_trouble_is_left_alone_for_a_while(
    server: Serving, origins: Origins, clock: Clock, trouble: Reply
) -> None:
    server.otherwise = trouble
    for number in range(3):
        assert origins.ask(f"{server.address}/posts/{number}") is UNKNOWN
    assert len(server.asked) == 1
    server.otherwise = Reply(status=410)
    clock.advance(minutes=10)
    assert origins.ask(server.address + POST) is GONE


@pytest.mark.parametrize("uri", ["at://did:plc:a/app.bsky.feed.post/1", "nonsense", "http://nowhere.invalid/1", ""])
def test_what_cannot_be_asked_says_nothing(origins: Origins, uri: str) -> None:
    assert origins.ask(uri) is UNKNOWN


def test_strangers_in_a_private_network_are_not_asked(server: Serving) -> None:
    guarded = Origins(list, user_agent="test/1", now=Clock(NOW))
    assert guarded.ask(server.address + POST) is UNKNOWN
    assert server.asked == []
    guarded.close()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (None, SHOWN),
        (SourceError(Condition.NO_POSTS, "no", status=404), GONE),
        (SourceError(Condition.NO_POSTS, "no", status=410), GONE),
        (SourceError(Condition.NO_POSTS, "not found by a search"), UNKNOWN),
        (SourceError(Condition.NO_SUCH_API, "a web page that says not found, to everything", status=404), UNKNOWN),
        (SourceError(Condition.NEEDS_TOKEN, "no", status=401), UNKNOWN),
        (SourceError(Condition.UNREACHABLE, "no"), UNKNOWN),
    ],
)
def test_a_place_that_is_configured_is_asked_as_it_is(
    server: Serving, origins: Origins, sources: list[Source], error: SourceError | None, says: OriginSays
) -> None:
    configured = Configured(Setup(address=server.address, user_agent="test/1", now=Clock(NOW)))
    configured.error = error
    sources.append(configured)
    assert origins.ask(server.address + POST) is says
    assert server.asked == []
