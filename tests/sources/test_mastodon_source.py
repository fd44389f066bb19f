"""The Mastodon source against servers on loopback."""

from __future__ import annotations

import gzip
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from making import NOW
from serving import Asked, Reply, Serving, json_reply, recorded

from collector.errors import Condition, SourceError
from collector.model import WatchKey
from collector.sources import Limits, Look, Setup
from collector.sources.mastodon import MastodonSource

TIMELINE = "/api/v1/timelines/tag/notcoproduction"
V1, V2 = "/api/v1/instance", "/api/v2/instance"
TOKEN = "s3cr3t-t0k3n"
BOMB = Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b" " * 26_000_000))


@pytest.fixture
def server() -> Iterator[Serving]:
    with Serving() as serving:
        serving.answers[V2] = json_reply({"title": "A server", "version": "4.5.0"})
        yield serving


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
def make_source(server: Serving, clock: Clock) -> Iterator[Callable[..., MastodonSource]]:
    made = []

    def make(**changes: Any) -> MastodonSource:
        setup = Setup(address=server.address, user_agent="test/1 (mailto:me@example.org)", now=clock)
        made.append(MastodonSource(replace(setup, **({"allow_private": True} | changes))))
        return made[-1]

    yield make
    for source in made:
        source.close()


@pytest.fixture
def source(make_source: Callable[..., MastodonSource]) -> MastodonSource:
    return make_source()


def key(server: Serving, hashtag: str = "notcoproduction") -> WatchKey:
    return WatchKey(kind="mastodon", address=server.address, hashtag=hashtag, topic=hashtag)


def raw_status(server: Serving, native_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": native_id,
        "uri": f"{server.address}/users/carys/statuses/{native_id}",
        "url": f"{server.address}/@carys/{native_id}",
        "created_at": "2026-11-17T09:41:00.000Z",
        "visibility": "public",
        "account": {"username": "carys", "acct": "carys", "url": f"{server.address}/@carys"},
        "content": "<p>The ramp is a step. #notcoproduction</p>",
    } | changes


def with_access(local: str, remote: str) -> Reply:
    feeds = {"hashtag_feeds": {"local": local, "remote": remote}}
    return json_reply({"title": "A server", "version": "4.5.0", "configuration": {"timelines_access": feeds}})


def as_mastodon_answers(server: Serving, local: str, remote: str) -> None:
    """Mastodon 4.5's own rule: without a token the whole is refused where one half asked for is not public."""
    access = {"local": local, "remote": remote}

    def timeline(asked: Asked) -> Reply:
        halves = [half for half in access if half in asked.query] or list(access)
        if asked.headers["Authorization"] is None and any(access[half] != "public" for half in halves):
            return json_reply({"error": "This method requires an authenticated user"}, 401)
        shown = [half for half in halves if access[half] != "disabled"]
        return json_reply([raw_status(server, half) for half in shown])

    server.answers[V2] = with_access(local, remote)
    server.answers[TIMELINE] = timeline


def error_of(source: MastodonSource, server: Serving, hashtag: str = "notcoproduction") -> SourceError:
    with pytest.raises(SourceError) as caught:
        source.fetch_page(key(server, hashtag), Look())
    return caught.value


def test_a_page_is_asked_for_as_servers_expect(server: Serving, make_source: Callable[..., MastodonSource]) -> None:
    server.answers[TIMELINE] = json_reply([raw_status(server, "01B"), raw_status(server, "01A")])
    page = make_source(token=TOKEN).fetch_page(key(server), Look())
    assert [item.native_id for item in page.found] == ["01B", "01A"]
    assert (page.next_cursor, page.condition) == ("01A", Condition.OK)
    (asked,) = server.asked_for(TIMELINE)
    assert asked.query == {"limit": ["40"]}
    assert asked.headers["User-Agent"] == "test/1 (mailto:me@example.org)"
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"


def test_the_next_page_is_asked_for_by_the_last_id_as_it_came(server: Serving, source: MastodonSource) -> None:
    ids = ["115590123456789012", "99", "0099"]  # numbers would lose their zeros, and sorting would change their order
    server.answers[TIMELINE] = json_reply([raw_status(server, native_id) for native_id in ids])
    page = source.fetch_page(key(server), Look(limit=3))
    source.fetch_page(key(server), Look(cursor=page.next_cursor, limit=3))
    assert server.asked_for(TIMELINE)[1].query == {"limit": ["3"], "max_id": ["0099"]}


@pytest.mark.parametrize("software", ["gotosocial", "takahe"])
def test_a_real_servers_page_is_read_whole(server: Serving, source: MastodonSource, software: str) -> None:
    server.answers[TIMELINE] = recorded(f"{software}-tag-page")
    server.answers[V1] = recorded(f"{software}-instance-v1")
    del server.answers[V2]
    page = source.fetch_page(key(server), Look())
    assert len(page.found) == {"gotosocial": 26, "takahe": 22}[software]
    assert page.next_cursor == page.found[-1].native_id
    assert page.account_domain == {"gotosocial": "localhost:18080", "takahe": "localhost:18081"}[software]


@pytest.mark.parametrize("hashtag", ["किसान", "не_соавторство", "共同制作", "أمثلة", "ไม่ใช่", "a/b?c=%41&d", "x y"])
def test_a_hashtag_of_any_script_arrives_as_it_is(server: Serving, source: MastodonSource, hashtag: str) -> None:
    server.otherwise = json_reply([])
    assert source.fetch_page(key(server, hashtag), Look()).condition is Condition.NO_POSTS
    path = server.asked[0].path
    assert path.isascii()
    assert unquote(path.removeprefix("/api/v1/timelines/tag/")) == hashtag


def test_a_malformed_status_becomes_a_rejection_and_its_page_stays(server: Serving, source: MastodonSource) -> None:
    statuses = [raw_status(server, "3"), raw_status(server, "2", account="nobody"), None, raw_status(server, "1")]
    server.answers[TIMELINE] = json_reply(statuses)
    page = source.fetch_page(key(server), Look())
    assert [item.native_id for item in page.found] == ["3", "1"]
    assert page.rejections[0].native_id == "2"
    assert len(page.rejections) == 2


def test_an_empty_page_is_told_apart_from_the_end_of_a_walk(server: Serving, source: MastodonSource) -> None:
    server.answers[TIMELINE] = json_reply([])
    first = source.fetch_page(key(server), Look())
    assert (first.condition, first.next_cursor) == (Condition.NO_POSTS, None)
    last = source.fetch_page(key(server), Look(cursor="01A"))
    assert (last.condition, last.next_cursor) == (Condition.OK, None)


def test_a_hashtag_that_gotosocial_never_met_is_no_failure(server: Serving, source: MastodonSource) -> None:
    server.answers[TIMELINE] = recorded("gotosocial-tag-unknown")
    page = source.fetch_page(key(server), Look())
    assert (page.condition, page.found, page.next_cursor) == (Condition.NEVER_USED, (), None)


@pytest.mark.parametrize(
    ("reply", "token", "condition", "words"),
    [
        (recorded("gotosocial-tag-anon"), None, Condition.NEEDS_TOKEN, "give the source a token"),
        (recorded("takahe-tag-anon"), None, Condition.NEEDS_TOKEN, "give the source a token"),
        (recorded("gotosocial-tag-badtoken"), TOKEN, Condition.BAD_TOKEN, "refuses the token"),
        (recorded("takahe-tag-badtoken"), TOKEN, Condition.BAD_TOKEN, "Invalid Bearer token"),
        (json_reply({"error": f"no {TOKEN}"}, 403), TOKEN, Condition.BAD_TOKEN, "no …"),
        (recorded("gotosocial-notfound"), None, Condition.NO_SUCH_API, "not a server of that kind?"),
        (Reply(body=b"<!doctype html>Hi", headers={"Content-Type": "text/html"}), None, Condition.NO_SUCH_API, "page"),
        (Reply(status=404, body=b"<html>"), None, Condition.NO_SUCH_API, "no Mastodon API"),
        (Reply(body=b'[{"id": "1"'), None, Condition.UNREADABLE, "broken JSON"),
        (json_reply({"posts": []}), None, Condition.UNREADABLE, "no list"),
        (json_reply({"error": "boom"}, 500), None, Condition.SERVER_FAULT, "500"),
        (Reply(resets=True), None, Condition.UNREACHABLE, "broke off"),
        (BOMB, None, Condition.UNREADABLE, "more than 24,576 KiB"),
    ],
)
def test_each_failure_is_told_apart(
    server: Serving,
    make_source: Callable[..., MastodonSource],
    reply: Reply,
    token: str | None,
    condition: Condition,
    words: str,
) -> None:
    server.answers[TIMELINE] = reply
    error = error_of(make_source(token=token), server)
    assert error.condition is condition
    assert words in str(error)
    assert f"127.0.0.1:{server.port}" in str(error)
    assert TOKEN not in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "90"},
        {"Retry-After": "Mon, 23 Nov 2026 08:01:30 GMT"},
        {"X-RateLimit-Reset": "2026-11-23T08:01:30.000Z"},
        {"X-Ratelimit-Reset": "1795420890"},
        {"X-RateLimit-Reset": "2026-11-23T10:01:30Z", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"},
    ],
)
def test_a_rate_limit_says_when_to_come_back(server: Serving, source: MastodonSource, headers: dict[str, str]) -> None:
    server.answers[TIMELINE] = Reply(status=429, headers=headers | {"X-RateLimit-Remaining": "none"})
    error = error_of(source, server)
    assert error.condition is Condition.RATE_LIMITED
    assert error.retry_at == NOW + timedelta(seconds=90)
    assert len(server.asked) == 1


def test_a_rate_limit_without_a_time_leaves_the_wait_to_us(server: Serving, source: MastodonSource) -> None:
    server.answers[TIMELINE] = json_reply({"error": "Too many requests"}, 429)
    assert error_of(source, server).retry_at is None


@pytest.mark.parametrize(
    ("local", "remote", "token", "found", "condition"),
    [
        ("public", "public", None, ["local", "remote"], Condition.OK),
        ("public", "authenticated", None, ["local"], Condition.HALF_FEED),
        ("disabled", "public", None, ["remote"], Condition.HALF_FEED),
        ("public", "authenticated", TOKEN, ["local", "remote"], Condition.OK),
        ("authenticated", "disabled", TOKEN, ["local"], Condition.HALF_FEED),
    ],
)
def test_half_a_feed_is_read_and_called_so(
    server: Serving,
    make_source: Callable[..., MastodonSource],
    local: str,
    remote: str,
    token: str | None,
    found: list[str],
    condition: Condition,
) -> None:
    as_mastodon_answers(server, local, remote)
    source = make_source(token=token)
    for _ in range(2):
        page = source.fetch_page(key(server), Look())
        assert [item.native_id for item in page.found] == found
        assert page.condition is condition
        assert ("hides the posts of" in page.message) == (condition is Condition.HALF_FEED)
    is_half_asked = condition is Condition.HALF_FEED and token is None
    assert len(server.asked_for(TIMELINE)) == (3 if is_half_asked else 2)


@pytest.mark.parametrize(
    ("local", "remote", "token", "condition", "words"),
    [
        ("authenticated", "authenticated", None, Condition.NEEDS_TOKEN, "give the source a token"),
        ("authenticated", "disabled", None, Condition.NEEDS_TOKEN, "give the source a token"),
        ("disabled", "disabled", None, Condition.FEED_DISABLED, "switched its hashtag timelines off"),
        ("disabled", "disabled", TOKEN, Condition.FEED_DISABLED, "switched its hashtag timelines off"),
    ],
)
def test_a_closed_timeline_is_never_no_posts(
    server: Serving,
    make_source: Callable[..., MastodonSource],
    local: str,
    remote: str,
    token: str | None,
    condition: Condition,
    words: str,
) -> None:
    as_mastodon_answers(server, local, remote)
    error = error_of(make_source(token=token), server)
    assert error.condition is condition
    assert words in str(error)


@pytest.mark.parametrize("condition", [Condition.FEED_DISABLED, Condition.NEEDS_TOKEN])
def test_a_server_that_hides_by_giving_an_empty_page_is_seen_through(
    server: Serving, source: MastodonSource, condition: Condition
) -> None:
    word = "disabled" if condition is Condition.FEED_DISABLED else "authenticated"
    server.answers[TIMELINE] = json_reply([])
    server.answers[V2] = with_access(word, word)
    assert error_of(source, server).condition is condition


def test_handles_of_a_split_domain_end_in_the_account_domain(server: Serving, source: MastodonSource) -> None:
    server.answers[TIMELINE] = json_reply([raw_status(server, "1", uri="https://social.fedi.example/users/carys/1")])
    server.answers[V2] = json_reply({"domain": "fedi.example"})
    page = source.fetch_page(key(server), Look())
    assert page.account_domain == "fedi.example"
    assert page.found[0].post.author.handle == "carys@fedi.example"


@pytest.mark.parametrize(
    "reply",
    [
        json_reply([1, 2]),
        json_reply({"configuration": 3, "domain": []}),
        Reply(status=503),
        Reply(body=b"<html>"),
        Reply(resets=True),
    ],
)
def test_an_odd_description_never_costs_the_page(server: Serving, source: MastodonSource, reply: Reply) -> None:
    server.answers[TIMELINE] = json_reply([raw_status(server, "1")])
    server.answers[V1] = server.answers[V2] = reply
    page = source.fetch_page(key(server), Look())
    assert (len(page.found), page.condition, page.account_domain) == (1, Condition.OK, None)


def test_the_description_is_asked_for_once_a_day_and_sooner_where_it_failed(
    server: Serving, source: MastodonSource, clock: Clock
) -> None:
    server.answers[TIMELINE] = json_reply([])
    server.answers[V2] = Reply(status=500)
    for minutes, times in ((0, 1), (59, 1), (60, 2)):
        clock.now = NOW + timedelta(minutes=minutes)
        source.fetch_page(key(server), Look())
        assert len(server.asked_for(V2)) == times
    server.answers[V2] = json_reply({"domain": "fedi.example"})
    for hours, times in ((2, 3), (25, 3), (26, 4)):
        clock.now = NOW + timedelta(hours=hours)
        assert source.fetch_page(key(server), Look()).account_domain == "fedi.example"
        assert len(server.asked_for(V2)) == times


def test_a_private_address_is_refused_unless_that_is_meant(
    server: Serving, make_source: Callable[..., MastodonSource]
) -> None:
    for address in (server.address, f"http://localhost:{server.port}"):
        source = make_source(address=address, allow_private=False)
        error = error_of(source, server)
        assert error.condition is Condition.REFUSED_ADDRESS
        assert "allow_private_network = true" in str(error)
        assert source.probe(key(server)).condition is Condition.REFUSED_ADDRESS
    assert server.asked == []


def test_a_server_that_drips_is_left_at_the_deadline(
    server: Serving, make_source: Callable[..., MastodonSource]
) -> None:
    server.answers[TIMELINE] = replace(json_reply([]), drip_seconds=0.02)
    error = error_of(make_source(limits=Limits(answer_seconds=0.3)), server)
    assert error.condition is Condition.UNREACHABLE
    assert error.holds_the_host


def test_a_server_that_moved_is_named_and_is_not_given_the_token(
    server: Serving, make_source: Callable[..., MastodonSource]
) -> None:
    def timeline(asked: Asked) -> Reply:
        if asked.headers["Host"].startswith("localhost"):
            return json_reply({"error": "The access token is invalid"}, 401)
        return Reply(status=301, headers={"Location": f"http://localhost:{server.port}{TIMELINE}"})

    server.answers[TIMELINE] = timeline
    error = error_of(make_source(token=TOKEN), server)
    assert error.condition is Condition.NEEDS_TOKEN
    assert f"redirects to http://localhost:{server.port}" in str(error)
    assert [asked.headers["Authorization"] for asked in server.asked_for(TIMELINE)] == [f"Bearer {TOKEN}", None]


def test_the_token_never_stands_in_a_log_or_a_description(
    server: Serving, make_source: Callable[..., MastodonSource], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers[TIMELINE] = json_reply([raw_status(server, "1"), {"id": "2", "visibility": "public"}])
    source = make_source(token=TOKEN)
    source.fetch_page(key(server), Look())
    server.answers[TIMELINE] = Reply(resets=True)
    error_of(source, server)
    assert caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(Setup(address=server.address, user_agent="x", now=lambda: NOW, token=TOKEN))


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "", "schlüssel", "null\x00"])
def test_a_token_that_cannot_be_sent_is_a_bad_token_and_is_not_repeated(
    server: Serving, make_source: Callable[..., MastodonSource], token: str
) -> None:
    error = error_of(make_source(token=token), server)
    assert error.condition is Condition.BAD_TOKEN
    assert not token or token not in str(error)
    assert server.asked == []


def test_a_token_that_is_also_the_name_of_a_file_is_still_a_token(
    server: Serving, make_source: Callable[..., MastodonSource], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "token").write_text("what stands in the file")
    monkeypatch.chdir(tmp_path)
    server.answers[TIMELINE] = json_reply([])
    make_source(token="token").fetch_page(key(server), Look())
    assert server.asked_for(TIMELINE)[0].headers["Authorization"] == "Bearer token"


def test_threads_that_share_a_source_ask_one_at_a_time(server: Serving, source: MastodonSource) -> None:
    busy = threading.Semaphore(1)
    overlaps = []

    def timeline(asked: Asked) -> Reply:
        if not busy.acquire(blocking=False):
            overlaps.append(asked)
        server.closing.wait(0.01)
        busy.release()
        return json_reply([raw_status(server, asked.query["max_id"][0])])

    server.answers[TIMELINE] = timeline
    pages: dict[str, str | None] = {}

    def fetch(cursor: str) -> None:
        pages[cursor] = source.fetch_page(key(server), Look(cursor=cursor)).next_cursor

    threads = [threading.Thread(target=fetch, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pages == {str(number): str(number) for number in range(8)}
    assert overlaps == []


def test_a_post_is_fetched_by_the_id_in_its_address(server: Serving, source: MastodonSource) -> None:
    server.answers["/api/v1/statuses/01A"] = json_reply(raw_status(server, "01A", content="<p>No tag.</p>"))
    for path in ("/@carys/01A", "/users/carys/statuses/01A", "/@carys/statuses/01A", "/@carys/posts/01A/"):
        found = source.fetch_post(server.address + path)
        assert (found.native_id, found.post.text) == ("01A", "No tag.")


def test_a_post_from_elsewhere_is_looked_up_with_a_token(
    server: Serving, make_source: Callable[..., MastodonSource]
) -> None:
    url = "https://elsewhere.example/@asha/1?x=y"
    server.answers["/api/v2/search"] = json_reply({"statuses": [raw_status(server, "77")], "accounts": []})
    assert make_source(token=TOKEN).fetch_post(url).native_id == "77"
    (asked,) = server.asked_for("/api/v2/search")
    assert asked.query == {"q": [url], "resolve": ["1"]}
    with pytest.raises(SourceError, match="needs a token") as caught:
        make_source().fetch_post(url)
    assert caught.value.condition is Condition.NEEDS_TOKEN


def test_a_post_that_nobody_else_may_see_is_not_taken(server: Serving, source: MastodonSource) -> None:
    cases = {
        "gone": (recorded("gotosocial-status-nonexistent"), "shows no post"),
        "private": (json_reply(raw_status(server, "private", visibility="private")), "not a public post"),
        "boost": (json_reply(raw_status(server, "boost", reblog=raw_status(server, "x"))), "not a public post"),
    }
    for name, (reply, words) in cases.items():
        server.answers[f"/api/v1/statuses/{name}"] = reply
        with pytest.raises(SourceError, match=words) as caught:
            source.fetch_post(f"{server.address}/@carys/{name}")
        assert caught.value.condition is Condition.NO_POSTS


def test_what_cannot_be_fetched_as_a_post_says_why(server: Serving, make_source: Callable[..., MastodonSource]) -> None:
    cases = {
        "members": (recorded("gotosocial-status-private-anon"), Condition.NEEDS_TOKEN),
        "odd": (json_reply(raw_status(server, "odd", uri=None)), Condition.UNREADABLE),
        "list": (json_reply([]), Condition.UNREADABLE),
        "page": (Reply(status=404, body=b"<html>"), Condition.NO_SUCH_API),
    }
    source = make_source()
    for name, (reply, condition) in cases.items():
        server.answers[f"/api/v1/statuses/{name}"] = reply
        with pytest.raises(SourceError) as caught:
            source.fetch_post(f"{server.address}/@carys/{name}")
        assert caught.value.condition is condition
    for answer in (recorded("gotosocial-search-statuses"), json_reply({}), json_reply({"statuses": [None]})):
        server.answers["/api/v2/search"] = answer
        with pytest.raises(SourceError, match="finds no post"):
            make_source(token=TOKEN).fetch_post("https://elsewhere.example/1")


def test_a_probe_tells_how_a_source_is(server: Serving, source: MastodonSource) -> None:
    server.answers[TIMELINE] = json_reply([raw_status(server, "1")])
    probe = source.probe(key(server))
    assert (probe.condition, probe.needs_token) == (Condition.OK, False)
    assert probe.message == f"127.0.0.1:{server.port} can be read"
    assert (probe.title, probe.version) == ("A server", "4.5.0")
    assert probe.rules_url == f"{server.address}/about"
    assert server.asked_for(TIMELINE)[0].query == {"limit": ["1"]}


@pytest.mark.parametrize(
    ("reply", "condition", "words"),
    [
        (json_reply([]), Condition.NO_POSTS, "holds no post with #notcoproduction"),
        (recorded("gotosocial-tag-unknown"), Condition.NEVER_USED, "#notcoproduction was never used there"),
        (recorded("gotosocial-tag-anon"), Condition.NEEDS_TOKEN, "give the source a token"),
        (Reply(status=502), Condition.SERVER_FAULT, "a fault of its own (HTTP 502)"),
    ],
)
def test_a_probe_tells_what_is_wrong(
    server: Serving, source: MastodonSource, reply: Reply, condition: Condition, words: str
) -> None:
    server.answers[TIMELINE] = reply
    probe = source.probe(key(server))
    assert probe.condition is condition
    assert words in probe.message
    assert probe.version == "4.5.0"


def test_a_probe_names_the_half_that_is_hidden(server: Serving, source: MastodonSource) -> None:
    as_mastodon_answers(server, "public", "authenticated")
    probe = source.probe(key(server))
    assert (probe.condition, probe.needs_token) == (Condition.HALF_FEED, True)
    assert "hides the posts of other servers' members" in probe.message
