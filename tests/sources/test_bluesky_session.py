"""The session on Bluesky: begun, renewed and begun again, against a server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from bluesky_server import (
    LOG_IN,
    PASSWORD,
    REFRESH,
    SEARCH,
    BlueskyServer,
    a_view,
    error_reply,
    recorded,
)
from making import NOW
from serving import Asked, Reply, json_reply

from collector.errors import Condition, SourceError
from collector.model import WatchKey
from collector.sources import Look, Setup
from collector.sources.bluesky import BlueskySource

KEY = WatchKey(kind="bluesky", address="https://pds.example", hashtag="notcoproduction", topic="notcoproduction")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> Iterator[BlueskyServer]:
    with BlueskyServer() as serving:
        serving.shows([a_view()])
        yield serving


@pytest.fixture
def make_source(server: BlueskyServer, clock: Clock) -> Iterator[Callable[..., BlueskySource]]:
    made = []

    def make(**changes: Any) -> BlueskySource:
        setup = Setup(address=server.address, user_agent="test/1", now=clock, username="reader.test", password=PASSWORD)
        made.append(BlueskySource(replace(setup, **({"allow_private": True} | changes))))
        return made[-1]

    yield make
    for source in made:
        source.close()


@pytest.fixture
def source(make_source: Callable[..., BlueskySource]) -> BlueskySource:
    return make_source()


def error_of(source: BlueskySource) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source.fetch_page(KEY, Look())
    assert PASSWORD not in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_session_is_begun_once_and_kept(server: BlueskyServer, source: BlueskySource) -> None:
    for _ in range(3):
        assert len(source.fetch_page(KEY, Look()).found) == 1
    (sent,) = server.posted
    assert (sent.path, sent.authorization) == (LOG_IN, None)
    assert sent.value == {"identifier": "reader.test", "password": PASSWORD}
    assert {asked.headers["Authorization"] for asked in server.asked} == {"Bearer access-1-s3cr3t"}


def test_a_handle_may_be_written_with_its_sign(
    server: BlueskyServer, make_source: Callable[..., BlueskySource]
) -> None:
    make_source(username=" @reader.test").fetch_page(KEY, Look())
    assert server.log_ins()[0].value["identifier"] == "reader.test"


def test_an_expired_session_is_renewed_without_the_password(server: BlueskyServer, source: BlueskySource) -> None:
    source.fetch_page(KEY, Look())
    server.end_access()
    assert len(source.fetch_page(KEY, Look()).found) == 1
    assert [sent.path for sent in server.posted] == [LOG_IN, REFRESH]
    assert server.posted[1].authorization == "Bearer refresh-1-s3cr3t"
    assert server.asked[-1].headers["Authorization"] == "Bearer access-2-s3cr3t"


@pytest.mark.parametrize("name", ["search-expired-token-400", "search-no-auth-401", "search-garbage-token"])
def test_a_session_is_over_by_name_whatever_the_status(server: BlueskyServer, source: BlueskySource, name: str) -> None:
    refusals = [recorded(name)]
    server.answers[SEARCH] = lambda _: refusals.pop() if refusals else json_reply({"posts": [a_view()]})
    assert len(source.fetch_page(KEY, Look()).found) == 1
    assert len(server.refreshes()) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        None,
        error_reply("InvalidToken"),
        error_reply("InvalidRequest", message="Could not find user info"),
        Reply(status=401),
    ],
)
def test_a_refused_refresh_leads_to_a_new_log_in(
    server: BlueskyServer, source: BlueskySource, refusal: Reply | None
) -> None:
    source.fetch_page(KEY, Look())
    server.end_sessions()
    server.refresh = refusal
    assert len(source.fetch_page(KEY, Look()).found) == 1
    assert [sent.path for sent in server.posted] == [LOG_IN, REFRESH, LOG_IN]


def test_a_session_is_renewed_once_for_a_request_and_then_it_is_the_servers_fault(
    server: BlueskyServer, source: BlueskySource
) -> None:
    server.answers[SEARCH] = error_reply("ExpiredToken")
    error = error_of(source)
    assert error.condition is Condition.SERVER_FAULT
    assert "does not accept the session" in str(error)
    assert [sent.path for sent in server.posted] == [LOG_IN, REFRESH]
    server.shows([a_view()])
    source.fetch_page(KEY, Look())
    assert [sent.path for sent in server.posted] == [LOG_IN, REFRESH, LOG_IN]


def test_a_server_in_trouble_while_renewing_keeps_the_session(server: BlueskyServer, source: BlueskySource) -> None:
    source.fetch_page(KEY, Look())
    server.end_access()
    server.refresh = Reply(status=503)
    assert error_of(source).condition is Condition.SERVER_FAULT
    server.refresh = None
    source.fetch_page(KEY, Look())
    assert len(server.log_ins()) == 1


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (recorded("createSession-wrong-401"), "refuses the app password of reader.test"),
        (error_reply("AuthFactorTokenRequired", 401), "give the source an app password, not the account's own"),
        (recorded("createSession-takendown"), "has taken down the account reader.test"),
        (recorded("createSession-deactivated"), "reader.test that the source reads with is deactivated"),
        (error_reply("AuthenticationRequired", 401, f"not {PASSWORD}"), 'it says "not …"'),
        (Reply(status=401), "refuses the account reader.test"),
    ],
)
def test_a_refused_log_in_says_why_and_is_not_tried_again_at_once(
    server: BlueskyServer, source: BlueskySource, clock: Clock, reply: Reply, words: str
) -> None:
    server.log_in = reply
    for _ in range(3):
        error = error_of(source)
        assert error.condition is Condition.BAD_TOKEN
        assert words in str(error)
        assert f"127.0.0.1:{server.port}" in str(error)
        clock.now += timedelta(minutes=10)
    assert len(server.log_ins()) == 1
    server.log_in, clock.now = None, NOW + timedelta(hours=1)
    assert len(source.fetch_page(KEY, Look()).found) == 1


def test_the_limit_of_log_ins_is_waited_for(server: BlueskyServer, source: BlueskySource, clock: Clock) -> None:
    server.log_in = recorded("createSession-429")
    clock.now = datetime.fromisoformat("2026-11-22T20:46:44Z")
    until = clock.now + timedelta(seconds=289)
    for _ in range(2):
        error = error_of(source)
        assert (error.condition, error.retry_at) == (Condition.RATE_LIMITED, until)
    assert len(server.log_ins()) == 1
    server.log_in, clock.now = None, until
    source.fetch_page(KEY, Look())


@pytest.mark.parametrize(
    "reply", [Reply(resets=True), Reply(status=502, body=b"<html>"), json_reply([]), json_reply({})]
)
def test_a_log_in_that_went_wrong_by_the_way_is_tried_again(
    server: BlueskyServer, source: BlueskySource, reply: Reply
) -> None:
    server.log_in = reply
    assert error_of(source).condition in {Condition.UNREACHABLE, Condition.SERVER_FAULT, Condition.UNREADABLE}
    server.log_in = None
    source.fetch_page(KEY, Look())


@pytest.mark.parametrize("status", ["deactivated", "takendown", "suspended", "deleted"])
def test_an_account_that_is_put_away_meanwhile_is_told(
    server: BlueskyServer, source: BlueskySource, status: str
) -> None:
    source.fetch_page(KEY, Look())
    server.end_access()
    server.refresh = server.session(active=False, status=status)
    server.end_access()
    error = error_of(source)
    assert error.condition is Condition.BAD_TOKEN
    assert "reader.test" in str(error)


def test_the_accounts_own_server_is_asked_behind_an_entryway(
    server: BlueskyServer, make_source: Callable[..., BlueskySource]
) -> None:
    with BlueskyServer() as entryway:
        entryway.lives_at = f"{server.address}/"
        server.shows([a_view("3khome")])
        source = make_source(address=entryway.address)
        server.access = {"access-1-s3cr3t"}
        page = source.fetch_page(KEY, Look())
        assert page.found[0].native_id.endswith("3khome")
        assert [sent.path for sent in entryway.posted] == [LOG_IN]
        assert entryway.asked == []
        server.access, server.refreshing = set(), {"refresh-1-s3cr3t"}
        source.fetch_page(KEY, Look())
        assert [sent.path for sent in server.posted] == [REFRESH]


def test_an_own_server_in_a_private_network_is_refused(server: BlueskyServer) -> None:
    from collector.sources.bluesky.session import BlueskySession, Session

    setup = Setup(address="https://pds.example", user_agent="t", now=lambda: NOW, username="a.test", password="x")
    session = BlueskySession(setup)
    session._session = Session(access="a", refresh="b", did="did:plc:x", handle="", pds=server.address)
    with pytest.raises(SourceError) as caught:
        session.get("app.bsky.feed.searchPosts")
    assert caught.value.condition is Condition.REFUSED_ADDRESS
    assert server.asked == []
    session.close()


@pytest.mark.parametrize(
    ("document", "asked", "expected"),
    [
        ({"service": [{"id": "#atproto_pds", "serviceEndpoint": "https://home.example"}]}, "a", "https://home.example"),
        (
            {"service": [{"id": "did:plc:x#atproto_pds", "serviceEndpoint": "https://H.example/"}]},
            "a",
            "https://h.example",
        ),
        (
            {"service": [{"id": "#other", "serviceEndpoint": "https://home.example"}]},
            "https://a.example",
            "https://a.example",
        ),
        (
            {"service": [{"id": "#atproto_pds", "serviceEndpoint": "http://h.example"}]},
            "https://a.example",
            "https://a.example",
        ),
        (
            {"service": [{"id": "#atproto_pds", "serviceEndpoint": "file:///x"}]},
            "https://a.example",
            "https://a.example",
        ),
        ({"service": "x"}, "https://a.example", "https://a.example"),
        (None, "https://a.example", "https://a.example"),
    ],
)
def test_the_own_server_is_read_off_the_accounts_document(document: Any, asked: str, expected: str) -> None:
    from collector.sources.bluesky.session import _own_server

    assert _own_server(document, asked) == expected


def test_a_redirect_is_not_given_the_password(server: BlueskyServer, source: BlueskySource) -> None:
    with BlueskyServer() as elsewhere:
        server.log_in = Reply(status=307, headers={"Location": f"{elsewhere.address}{LOG_IN}"})
        assert error_of(source).condition is Condition.UNREADABLE
        assert elsewhere.posted == []


@pytest.mark.parametrize("password", ["", "line\nbreak", "lone \ud800"])
def test_a_password_that_cannot_be_sent_is_a_bad_one(
    server: BlueskyServer, make_source: Callable[..., BlueskySource], password: str
) -> None:
    with pytest.raises(SourceError, match="cannot be sent") as caught:
        make_source(password=password).fetch_page(KEY, Look())
    assert caught.value.condition is Condition.BAD_TOKEN
    assert server.posted == []


def test_threads_share_one_session_and_ask_one_at_a_time(server: BlueskyServer, source: BlueskySource) -> None:
    busy, overlaps = threading.Semaphore(1), []

    def search(asked: Asked) -> Reply:
        if not busy.acquire(blocking=False):
            overlaps.append(asked)
        server.closing.wait(0.01)
        busy.release()
        return json_reply({"posts": [a_view()]})

    server.answers[SEARCH] = search
    threads = [threading.Thread(target=source.fetch_page, args=(KEY, Look())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.log_ins()) == 1
    assert overlaps == []


def test_neither_password_nor_tokens_are_shown_by_what_holds_them(server: BlueskyServer, source: BlueskySource) -> None:
    source.fetch_page(KEY, Look())
    shown = repr(source._session._session) + repr(source.setup)
    assert "s3cr3t" not in shown
    assert PASSWORD not in shown


def test_a_token_that_a_server_repeats_in_its_words_is_never_told(server: BlueskyServer, source: BlueskySource) -> None:
    def repeats(asked: Asked) -> Reply:
        return error_reply("ExpiredToken", message=f"not {asked.headers['Authorization']} any more")

    server.answers[SEARCH] = repeats
    for _ in range(3):
        assert "s3cr3t" not in str(error_of(source))
    server.end_sessions()
    words = f"not access-{server.given}-s3cr3t, refresh-{server.given - 1}-s3cr3t"
    server.log_in = error_reply("AuthenticationRequired", 401, words)
    assert "s3cr3t" not in str(error_of(source))
