"""The blog of the demo: what it says by itself, and how the WordPress source reads it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from making import NOW

from collector.demo.replay import start_servers
from collector.errors import Condition, SourceError
from collector.model import Found, WatchKey
from collector.sources import Look, Setup
from collector.sources.wordpress import WordPressSource

LONDON = ZoneInfo("Europe/London")
POST = "https://blog.example/2013/11/26/examples-of-not-coproduction/"
PAGE = "/2013/11/26/examples-of-not-coproduction/"
COMMENTS = "/wp-json/wp/v2/comments"
ALL = [12, 13, 57, 301, 612, 618, 621, 622, 624, 625, 627, 628, 630, 631, 633]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with start_servers(NOW, LONDON) as servers:
        yield next(server.address for server in servers if server.kind == "wordpress")


@pytest.fixture
def source(address: str) -> Iterator[WordPressSource]:
    setup = Setup(address=address, user_agent="test/1", now=lambda: NOW, url=address + PAGE, allow_private=True)
    source = WordPressSource(setup)
    yield source
    source.close()


def watch(address: str, part: str = "", hashtag: str = "") -> WatchKey:
    thread = f"{address}{PAGE}{part}"
    return WatchKey(kind="wordpress", address=address, hashtag=hashtag, topic="notcoproduction", thread=thread)


def ask(address: str, *, data: bytes | None = None) -> tuple[int, Any, dict[str, str]]:
    """Status, JSON (or text) and headers of one plain request."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data=data), timeout=5) as answer:
            status, body, headers = answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            status, body, headers = error.code, error.read().decode(), dict(error.headers)
    return status, json.loads(body) if "json" in headers["Content-Type"] else body, headers


def ids(address: str, query: str) -> list[int]:
    return [comment["id"] for comment in ask(f"{address}{COMMENTS}?{query}")[1]]


# What it says


def test_the_page_of_a_post_tells_of_the_api_and_of_itself(address: str) -> None:
    status, page, headers = ask(address + PAGE)
    assert status == 200
    assert "Examples of not #coproduction" in page
    assert headers["Link"] == (
        f'<{address}/wp-json/>; rel="https://api.w.org/", '
        f'<{address}/wp-json/wp/v2/posts/4>; rel="alternate"; type="application/json", <{address}/?p=4>; rel=shortlink'
    )


def test_the_front_page_lists_the_posts_and_any_other_is_not_there(address: str) -> None:
    assert POST in ask(f"{address}/")[1]
    assert ask(f"{address}/2014/")[0] == 404


def test_the_api_says_what_the_blog_is_called(address: str) -> None:
    index = ask(f"{address}/wp-json/")[1]
    assert index["name"] == "The Other Cushions"
    assert index["timezone_string"] == "Europe/London"


def test_comments_are_paged_through_each_once(address: str) -> None:
    seen: list[int] = []
    following: str | None = f"{address}{COMMENTS}?post=4&per_page=4"
    while following:
        _, comments, headers = ask(following)
        assert (headers["X-WP-Total"], headers["X-WP-TotalPages"]) == ("15", "4")
        seen += [comment["id"] for comment in comments]
        links = [part.partition("; rel=") for part in headers["Link"].split(", ")]
        following = next((target.strip("<>") for target, _, rel in links if rel == '"next"'), None)
    assert seen == ALL[::-1]


def test_past_the_last_page_there_is_an_empty_one(address: str) -> None:
    status, comments, headers = ask(f"{address}{COMMENTS}?post=4&per_page=10&page=3")
    assert (status, comments) == (200, [])
    assert headers["Link"] == f'<{address}{COMMENTS}?post%5B0%5D=4&per_page=10&page=2>; rel="prev"'


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("per_page=3", [633, 631, 630]),
        ("per_page=3&order=asc&orderby=date_gmt", [12, 13, 57]),
        ("post=5", []),
        ("include=12,99999,57", [57, 12]),
        ("include[0]=12", [12]),
        ("after=2026-11-21T11:19:03Z", [633]),
        ("after=2026-11-21T11:19:02Z", [633, 631]),
        ("after=2026-11-21T12:19:02%2B01:00", [633, 631]),
        ("after=2026-11-21T11:19:02", [633, 631]),
        ("per_page=1&_fields=id,content.protected", [633]),
    ],
)
def test_comments_are_chosen_as_asked(address: str, query: str, expected: list[int]) -> None:
    assert ids(address, query) == expected


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{COMMENTS}?per_page=0", 400, "rest_invalid_param"),
        (f"{COMMENTS}?per_page=101", 400, "rest_invalid_param"),
        (f"{COMMENTS}?per_page=ten", 400, "rest_invalid_param"),
        (f"{COMMENTS}?page=0", 400, "rest_invalid_param"),
        (f"{COMMENTS}?after=yesterday", 400, "rest_invalid_param"),
        (f"{COMMENTS}/99999", 404, "rest_comment_invalid_id"),
        ("/wp-json/wp/v2/posts/5", 404, "rest_post_invalid_id"),
        ("/wp-json/wp/v2/nothing", 404, "rest_no_route"),
        ("/wp-json/oembed/1.0", 404, "rest_no_route"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(address: str, path: str, status: int, code: str) -> None:
    answered, body, _ = ask(address + path)
    assert (answered, body["code"]) == (status, code)


def test_nothing_can_be_sent_to_it(address: str) -> None:
    assert ask(address + COMMENTS, data=b"{}")[0] == 404


def test_a_post_comes_along_where_it_is_asked_for(address: str) -> None:
    with_post = ask(f"{address}{COMMENTS}/627?_embed=up")[1]
    assert with_post["_embedded"]["up"][0]["title"]["rendered"] == "Examples of not #coproduction"
    assert "content" not in with_post["_embedded"]["up"][0]
    assert "_embedded" not in ask(f"{address}{COMMENTS}/627")[1]
    assert ask(f"{address}/wp-json/wp/v2/posts/4?_embed=author,wp:term")[1]["_embedded"]["author"][0]["name"] == "Rhian"


def test_it_holds_no_mail_address_and_no_picture_of_anybody(address: str) -> None:
    comments = json.dumps(ask(f"{address}{COMMENTS}?per_page=100")[1])
    assert "avatar" not in comments
    assert "email" not in comments
    assert "127.0.0.1" not in comments


# How it is read


def test_the_whole_thread_is_read_over_several_pages(address: str, source: WordPressSource) -> None:
    found: list[Found] = []
    cursor = None
    while True:
        page = source.fetch_page(watch(address), Look(cursor=cursor, limit=4))
        assert page.condition is Condition.OK
        assert (page.rejections, page.is_whole) == ((), True)
        found += page.found
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [item.native_id for item in found] == [f"comment-{number}" for number in ALL[::-1]]


def test_comments_have_the_addresses_that_their_readers_know(address: str, source: WordPressSource) -> None:
    posts = {item.native_id: item.post for item in source.fetch_page(watch(address), Look()).found}
    reply = posts["comment-625"]
    assert (reply.uri, reply.url) == (f"{POST}#comment-625", f"{POST}#comment-625")
    assert reply.reply_to_uri == f"{POST}#comment-624"
    assert reply.title == "Examples of not #coproduction"
    assert "https://blog.example/?p=4#comment-625" in reply.other_addresses
    assert posts["comment-621"].reply_to_uri == POST
    assert posts["comment-624"].author.name == ""
    assert posts["comment-301"].author.name == "Hal & Sons"
    assert posts["comment-630"].author.key == "user-1@blog.example"


def test_what_is_there_is_not_gone(address: str, source: WordPressSource) -> None:
    assert source.look_up(watch(address), ["comment-625", "comment-99999"]).gone == {"comment-99999"}


def test_one_comment_is_found_by_its_address_and_the_post_by_its_own(address: str, source: WordPressSource) -> None:
    assert source.fetch_post(f"{address}{PAGE}#comment-627").post.text.endswith("It is laminated.")
    post = source.fetch_post(address + PAGE).post
    assert (post.uri, post.author.name) == (POST, "Rhian")
    with pytest.raises(SourceError, match="shows nothing"):
        source.fetch_post(f"{address}{PAGE}#comment-99999")


def test_it_is_checked_as_any_blog_is(address: str, source: WordPressSource) -> None:
    probe = source.probe(watch(address))
    assert probe.title == "The Other Cushions"
    assert probe.message.endswith("shows its comments: 15 so far")
