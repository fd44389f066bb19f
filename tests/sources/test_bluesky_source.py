"""The Bluesky source against a server on loopback: pages, walks, profiles, single posts, probes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bluesky_server import (
    ALICE,
    GET_POSTS,
    PASSWORD,
    PROFILES,
    SEARCH,
    BlueskyServer,
    a_view,
    error_reply,
    recorded,
    recorded_posts,
)
from making import NOW
from serving import Asked, Reply, json_reply

from collector.errors import Condition, SourceError
from collector.model import Page, WatchKey, Wish
from collector.sources import Look, Setup
from collector.sources.bluesky import BlueskySource
from collector.sources.raw import unpack

TAG = "notcoproduction"
KEY = WatchKey(kind="bluesky", address="https://pds.example", hashtag=TAG, topic=TAG)
DESCRIBE = "/xrpc/com.atproto.server.describeServer"
RESOLVE = "/xrpc/com.atproto.identity.resolveHandle"


@pytest.fixture
def server() -> Iterator[BlueskyServer]:
    with BlueskyServer() as serving:
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
def source(server: BlueskyServer, clock: Clock) -> Iterator[BlueskySource]:
    made = BlueskySource(
        Setup(
            address=server.address,
            user_agent="test/1 (mailto:me@example.org)",
            now=clock,
            username="reader.test",
            password=PASSWORD,
            allow_private=True,
        )
    )
    yield made
    made.close()


def walk(source: BlueskySource, limit: int | None = None) -> list[Page]:
    pages, cursor = [], None
    while True:
        pages.append(source.fetch_page(KEY, Look(cursor=cursor, limit=limit)))
        cursor = pages[-1].next_cursor
        if cursor is None:
            return pages


class Index:
    """A search as the network has it: sorted by time, so many posts a query, filtered after paging."""

    def __init__(self, times: list[datetime], most: int = 10_000, hidden: frozenset[int] = frozenset()) -> None:
        self.posts = sorted(((time, number) for number, time in enumerate(times)), reverse=True)
        self.most, self.hidden = most, hidden
        self.refuses: Callable[[str], bool] = lambda _: False

    def __call__(self, asked: Asked) -> Reply:
        query = {name: values[0] for name, values in asked.query.items()}
        if self.refuses(query.get("cursor", "")):
            return error_reply("InvalidRequest", message="Invalid cursor format")
        until = datetime.fromisoformat(query["until"]) if "until" in query else None
        held = [post for post in self.posts if until is None or post[0] < until][: self.most]
        start, limit = int(query.get("cursor", 0)), int(query["limit"])
        shown = [view(*post) for post in held[start : start + limit] if post[1] not in self.hidden]
        more = start + limit < len(held)
        return json_reply({"posts": shown} | ({"cursor": str(start + limit)} if more else {}))


def view(time: datetime, number: int) -> dict[str, Any]:
    stamp = time.isoformat().replace("+00:00", "Z")
    return a_view(f"3k{number:06}", record={"createdAt": stamp}, indexedAt=stamp)


def numbers(pages: list[Page]) -> list[int]:
    return [int(item.native_id[-6:]) for page in pages for item in page.found]


def test_importing_the_kind_does_not_import_the_network() -> None:
    code = "import sys, collector.sources.bluesky; print(sorted({'httpx', 'httpcore', 'mastodon'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_form_asks_for_an_account() -> None:
    assert BlueskySource.form.needs == {"username", "password"}
    assert BlueskySource.form.default_collect == "hashtag"


def test_a_page_is_asked_for_as_the_network_expects(server: BlueskyServer, source: BlueskySource) -> None:
    server.shows([a_view()], cursor="25")
    page = source.fetch_page(KEY, Look())
    assert page.condition is Condition.OK
    (asked,) = server.asked_for(SEARCH)
    assert asked.query == {"q": ["#notcoproduction"], "sort": ["latest"], "limit": ["100"]}
    assert asked.headers["User-Agent"] == "test/1 (mailto:me@example.org)"
    assert asked.headers["atproto-proxy"] is None
    source.fetch_page(KEY, Look(cursor=page.next_cursor, since=NOW, limit=3))
    assert server.asked_for(SEARCH)[1].query == {
        "q": ["#notcoproduction"],
        "sort": ["latest"],
        "limit": ["3"],
        "cursor": ["25"],
    }


@pytest.mark.parametrize("hashtag", ["किसान", "не_соавторство", "a b&c=d#e%41", "共同制作"])
def test_a_hashtag_of_any_script_arrives_as_it_is(server: BlueskyServer, source: BlueskySource, hashtag: str) -> None:
    server.shows([])
    source.fetch_page(replace(KEY, hashtag=hashtag), Look())
    assert server.asked_for(SEARCH)[0].query["q"] == [f"#{hashtag}"]


def test_a_real_servers_page_is_read_whole(server: BlueskyServer, source: BlueskySource) -> None:
    server.answers[SEARCH] = recorded("search-page")
    page = source.fetch_page(KEY, Look())
    assert [item.native_id for item in page.found] == [post["uri"] for post in recorded_posts()]
    assert (page.rejections, page.next_cursor, page.condition) == ((), None, Condition.OK)
    assert all(item.post.carries(frozenset({TAG})) for item in page.found)
    for item in page.found:
        assert source.read_kept(unpack(item.raw), KEY, None) == item


def test_what_cannot_be_read_becomes_a_rejection_and_its_page_stays(
    server: BlueskyServer, source: BlueskySource
) -> None:
    server.shows([a_view("3ka"), a_view("3kb", author={"did": "did:plc:bob"}), None, {"uri": 3}, a_view("3kc")])
    page = source.fetch_page(KEY, Look())
    assert [item.native_id[-3:] for item in page.found] == ["3ka", "3kc"]
    assert [item.reason for item in page.rejections] == [
        "author: not the one the post belongs to",
        "not an object",
        "no id",
    ]


def test_no_posts_is_told_apart_from_an_empty_page_that_goes_on(server: BlueskyServer, source: BlueskySource) -> None:
    server.shows([])
    assert source.fetch_page(KEY, Look()).condition is Condition.NO_POSTS
    server.shows([], cursor="100")
    page = source.fetch_page(KEY, Look())
    assert (page.condition, page.found) == (Condition.OK, ())
    assert page.next_cursor


def test_short_and_empty_pages_are_not_the_end(server: BlueskyServer, source: BlueskySource) -> None:
    times = [NOW - timedelta(hours=number) for number in range(60)]
    server.answers[SEARCH] = Index(times, hidden=frozenset(range(25)) | {31, 47})
    pages = walk(source, limit=10)
    assert [len(page.found) for page in pages] == [0, 0, 5, 9, 9, 10]
    assert numbers(pages) == [number for number in range(25, 60) if number not in {31, 47}]


def test_a_walk_goes_on_below_what_one_query_holds(server: BlueskyServer, source: BlueskySource) -> None:
    times = [NOW - timedelta(minutes=number) for number in range(25_000)]
    server.answers[SEARCH] = Index(times)
    pages = walk(source)
    assert set(numbers(pages)) == set(range(25_000))
    assert len(numbers(pages)) < 25_300
    untils = [until[0] for asked in server.asked_for(SEARCH) if (until := asked.query.get("until"))]
    assert untils == sorted(untils, reverse=True)
    assert len(set(untils)) == 2


def test_a_query_full_of_one_instant_does_not_hold_a_walk_up(server: BlueskyServer, source: BlueskySource) -> None:
    times = [NOW] * 10_500 + [NOW - timedelta(days=1)] * 5
    server.answers[SEARCH] = Index(times)
    assert set(range(10_500, 10_505)) <= set(numbers(walk(source)))


def test_a_cursor_that_is_no_longer_taken_is_replaced_by_a_time(server: BlueskyServer, source: BlueskySource) -> None:
    times = [NOW - timedelta(seconds=number) for number in range(50)]
    server.answers[SEARCH] = index = Index(times)
    first = source.fetch_page(KEY, Look(limit=20))
    index.refuses = lambda cursor: cursor == "20"
    rest, cursor = [first], first.next_cursor
    while cursor:
        rest.append(source.fetch_page(KEY, Look(cursor=cursor, limit=20)))
        cursor = rest[-1].next_cursor
        index.refuses = lambda _: False
    assert set(numbers(rest)) == set(range(50))


def test_a_request_that_is_refused_for_itself_is_an_error(server: BlueskyServer, source: BlueskySource) -> None:
    server.answers[SEARCH] = recorded("search-limit-101-400")
    with pytest.raises(SourceError, match="integer too big") as caught:
        source.fetch_page(KEY, Look())
    assert caught.value.condition is Condition.UNREADABLE
    assert len(server.asked_for(SEARCH)) == 1


@pytest.mark.parametrize(
    ("reply", "condition", "words"),
    [
        (recorded("search-backend-down"), Condition.SERVER_FAULT, "HTTP 502"),
        (recorded("search-proxy-bad-did"), Condition.SERVER_FAULT, "HTTP 500"),
        (error_reply("UpstreamFailure", 502, "Upstream service unreachable"), Condition.SERVER_FAULT, "cannot reach"),
        (error_reply("UpstreamTimeout", 504), Condition.SERVER_FAULT, "in time"),
        (error_reply("MethodNotImplemented", 501), Condition.NO_SUCH_API, "does not know this part"),
        (error_reply("AccountDeactivated", 401), Condition.BAD_TOKEN, "activate it again"),
        (Reply(status=404, body=b"<html>"), Condition.NO_SUCH_API, "no Bluesky API"),
        (Reply(status=403, body=b"<html>"), Condition.UNREADABLE, "HTTP 403"),
        (Reply(status=403, body=b"no"), Condition.UNREADABLE, "HTTP 403"),
        (error_reply("AuthenticationRequired", 401, "could not resolve"), Condition.SERVER_FAULT, "could not resolve"),
        (error_reply("Forbidden", 403, "administrative rules"), Condition.UNREADABLE, "administrative rules"),
        (Reply(body=b"<!doctype html>"), Condition.NO_SUCH_API, "web page"),
        (Reply(body=b'{"posts": ['), Condition.UNREADABLE, "broken JSON"),
        (json_reply([]), Condition.UNREADABLE, "no object"),
        (json_reply({"feed": []}), Condition.UNREADABLE, "without posts"),
        (Reply(resets=True), Condition.UNREACHABLE, "broke off"),
    ],
)
def test_each_failure_is_told_apart(
    server: BlueskyServer, source: BlueskySource, reply: Reply, condition: Condition, words: str
) -> None:
    server.answers[SEARCH] = reply
    with pytest.raises(SourceError) as caught:
        source.fetch_page(KEY, Look())
    assert caught.value.condition is condition
    assert words in str(caught.value)
    assert f"127.0.0.1:{server.port}" in str(caught.value)


@pytest.mark.parametrize("headers", [{"Retry-After": "90"}, {"RateLimit-Reset": str(int(NOW.timestamp()) + 90)}])
def test_a_rate_limit_says_when_to_come_back(
    server: BlueskyServer, source: BlueskySource, headers: dict[str, str]
) -> None:
    limited = error_reply("RateLimitExceeded", 429)
    server.answers[SEARCH] = replace(limited, headers={**limited.headers, **headers})
    with pytest.raises(SourceError) as caught:
        source.fetch_page(KEY, Look())
    assert caught.value.condition is Condition.RATE_LIMITED
    assert caught.value.retry_at == NOW + timedelta(seconds=90)


def test_only_an_answer_that_says_to_wait_sets_a_time(server: BlueskyServer, source: BlueskySource) -> None:
    refused = error_reply("InvalidRequest")
    server.answers[SEARCH] = replace(refused, headers={**refused.headers, "RateLimit-Reset": "1795420890"})
    with pytest.raises(SourceError) as caught:
        source.fetch_page(KEY, Look())
    assert caught.value.retry_at is None


def profile(did: str, description: str) -> dict[str, Any]:
    return {"did": did, "handle": "old.test", "description": description, "labels": [], "avatar": "https://x/a.jpg"}


def test_authors_wishes_and_links_come_from_their_profiles(server: BlueskyServer, source: BlueskySource) -> None:
    server.shows([a_view("3ka"), a_view("3kb")])
    told = profile(ALICE, "Also at https://fedi.example/@alice. #NoBot")
    server.answers[PROFILES] = json_reply({"profiles": [told | {"website": "https://alice.example"}]})
    page = source.fetch_page(KEY, Look())
    for item in page.found:
        assert item.post.author.wishes == {Wish.NOBOT}
        assert item.post.author.links == ("https://alice.example/", "https://fedi.example/@alice")
        assert item.post.author.handle == "alice.test"  # the post is fresher than what is remembered
        assert source.read_kept(unpack(item.raw), KEY, None) == item
        assert "a.jpg" not in str(unpack(item.raw))
    assert server.asked_for(PROFILES)[0].query == {"actors": [ALICE]}


def test_profiles_are_asked_for_once_a_day_and_25_at_a_time(
    server: BlueskyServer, source: BlueskySource, clock: Clock
) -> None:
    server.shows([a_view("3ka", did=f"did:plc:a{number}") for number in range(60)])
    for hours, requests in ((0, 3), (23, 3), (24, 6)):
        clock.now = NOW + timedelta(hours=hours)
        source.fetch_page(KEY, Look())
        assert len(server.asked_for(PROFILES)) == requests
    assert [len(asked.query["actors"]) for asked in server.asked_for(PROFILES)[:3]] == [25, 25, 10]


@pytest.mark.parametrize(
    "reply",
    [Reply(status=500), Reply(resets=True), json_reply([]), error_reply("X", 429)],
)
def test_posts_wait_until_it_is_known_what_their_authors_ask_for(
    server: BlueskyServer, source: BlueskySource, reply: Reply
) -> None:
    server.shows([a_view()])
    server.answers[PROFILES] = reply
    with pytest.raises(SourceError):
        source.fetch_page(KEY, Look())
    server.answers[PROFILES] = json_reply({"profiles": [profile(ALICE, "#nobot")]})
    assert source.fetch_page(KEY, Look()).found[0].post.author.wishes == {Wish.NOBOT}


def test_an_author_without_a_profile_costs_no_post(server: BlueskyServer, source: BlueskySource) -> None:
    server.shows([a_view()])
    server.answers[PROFILES] = json_reply({"profiles": [3]})
    assert len(source.fetch_page(KEY, Look()).found) == 1


def test_what_was_known_of_an_author_goes_on_where_it_cannot_be_asked(
    server: BlueskyServer, source: BlueskySource, clock: Clock
) -> None:
    server.shows([a_view()])
    server.answers[PROFILES] = json_reply({"profiles": [profile(ALICE, "#noindex")]})
    source.fetch_page(KEY, Look())
    for days, reply in ((3, Reply(status=500)), (5, json_reply({"profiles": []}))):
        server.answers[PROFILES], clock.now = reply, NOW + timedelta(days=days)
        assert source.fetch_page(KEY, Look()).found[0].post.author.wishes == {Wish.NOINDEX}


def test_no_more_authors_are_remembered_than_there_is_room_for(
    server: BlueskyServer, source: BlueskySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.sources.bluesky.profiles.KNOWN_AUTHORS", 30)
    for page in range(3):
        server.shows([a_view(did=f"did:plc:p{page}x{number}") for number in range(20)])
        source.fetch_page(KEY, Look())
    assert len(source._profiles._known) == 30


@pytest.mark.parametrize(
    ("url", "is_known"),
    [
        ("https://bsky.app/profile/alice.test/post/3kaaa", True),
        ("https://bsky.app/profile/did:plc:alice/post/3kaaa/?ref=x#y", True),
        ("at://did:plc:alice/app.bsky.feed.post/3kaaa", True),
        ("at://alice.test/app.bsky.feed.post/3kaaa", True),
        ("https://bsky.app/profile/alice.test", False),
        ("https://bsky.app/profile/alice.test/feed/3kaaa", False),
        ("at://did:plc:alice/app.bsky.feed.generator/3kaaa", False),
        ("https://fedi.example/@alice/1", False),
        ("http://bsky.app.evil.example/profile/alice.test/post/3kaaa", False),
        ("nonsense", False),
    ],
)
def test_a_post_is_known_by_either_sort_of_address(source: BlueskySource, url: str, is_known: bool) -> None:
    assert source.may_know(url) is is_known


def test_a_post_is_fetched_by_handle_or_did(server: BlueskyServer, source: BlueskySource) -> None:
    server.answers[RESOLVE] = json_reply({"did": ALICE})
    server.answers[GET_POSTS] = json_reply({"posts": [a_view(text="No tag.")]})
    server.answers[PROFILES] = json_reply({"profiles": [profile(ALICE, "#nobot")]})
    for url in ("https://bsky.app/profile/alice.test/post/3kaaa", f"at://{ALICE}/app.bsky.feed.post/3kaaa"):
        found = source.fetch_post(url)
        assert found.post.text == "No tag."
        assert found.post.author.wishes == {Wish.NOBOT}
    assert [asked.query for asked in server.asked_for(GET_POSTS)] == [
        {"uris": [f"at://{ALICE}/app.bsky.feed.post/3kaaa"]}
    ] * 2
    assert server.asked_for(RESOLVE)[0].query == {"handle": ["alice.test"]}
    assert len(server.asked_for(RESOLVE)) == 1


def test_what_cannot_be_fetched_as_a_post_says_why(server: BlueskyServer, source: BlueskySource) -> None:
    url = "https://bsky.app/profile/alice.test/post/3kaaa"
    gone, odd = json_reply({"posts": []}), json_reply({"posts": [a_view(record={"createdAt": "x"}, indexedAt="y")]})
    known = json_reply({"did": ALICE})
    cases: list[tuple[Reply, Reply, Condition, str]] = [
        (error_reply("HandleNotFound"), gone, Condition.NO_POSTS, "nobody on Bluesky is called alice.test"),
        (json_reply({}), gone, Condition.UNREADABLE, "does not tell whom"),
        (known, gone, Condition.NO_POSTS, "shows no post"),
        (known, odd, Condition.UNREADABLE, "neither is an instant"),
        (known, Reply(status=500), Condition.SERVER_FAULT, "HTTP 500"),
    ]
    for resolved, posts, condition, words in cases:
        server.answers[RESOLVE], server.answers[GET_POSTS] = resolved, posts
        with pytest.raises(SourceError, match=words) as caught:
            source.fetch_post(url)
        assert caught.value.condition is condition
    with pytest.raises(SourceError, match="not the address of a post"):
        source.fetch_post("https://bsky.app/profile/alice.test")


def test_a_probe_tells_how_a_source_is(server: BlueskyServer, source: BlueskySource) -> None:
    server.shows([a_view()])
    server.answers[DESCRIBE] = recorded("describeServer")
    server.answers["/xrpc/_health"] = json_reply({"version": "0.5.35"})
    probe = source.probe(KEY)
    assert (probe.condition, probe.message) == (Condition.OK, f"127.0.0.1:{server.port} can be read")
    assert (probe.version, probe.rules_url) == ("0.5.35", "https://bsky.social/about/support/tos")
    assert server.asked_for(SEARCH)[0].query["limit"] == ["1"]


def test_a_probe_tells_what_is_wrong(server: BlueskyServer, source: BlueskySource) -> None:
    server.shows([])
    probe = source.probe(KEY)
    assert probe.condition is Condition.NO_POSTS
    assert probe.message.endswith("can be read, and holds no post with #notcoproduction")
    assert (probe.version, probe.rules_url) == ("", None)
    server.answers[SEARCH] = error_reply("UpstreamFailure", 502)
    assert source.probe(KEY).condition is Condition.SERVER_FAULT


def test_a_probe_of_a_refused_address_asks_nothing(server: BlueskyServer) -> None:
    setup = Setup(address=server.address, user_agent="t", now=lambda: NOW, username="reader.test", password=PASSWORD)
    source = BlueskySource(setup)
    assert source.probe(KEY).condition is Condition.REFUSED_ADDRESS
    assert (server.asked, server.posted) == ([], [])
    source.close()


def test_times_are_aware_and_utc(server: BlueskyServer, source: BlueskySource) -> None:
    server.shows([a_view(record={"createdAt": "2026-06-01T12:00:00+01:00"})])
    assert source.fetch_page(KEY, Look()).found[0].post.published_at == datetime(2026, 6, 1, 11, tzinfo=UTC)
