"""The WordPress source against blogs on loopback: finding one's way, closed doors, and answers that are no answers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from making import NOW
from recorded_blog import POST_PATH, recorded
from serving import Asked, Reply, Route, Serving, json_reply

from collector.config.kinds import Asks, form_of
from collector.errors import Condition, SourceError
from collector.model import Page, WatchKey
from collector.sources import Limits, Look, Setup, kind_of
from collector.sources.wordpress import WordPressSource, sites

API = "/wp-json/wp/v2"
COMMENTS = f"{API}/comments"
HOME = "/"
MakeSource = Callable[..., WordPressSource]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def server() -> Iterator[Serving]:
    """A blog with one post that answers as a real one did."""
    with Serving() as serving:
        serving.answers[HOME] = recorded("page-home", serving.address)
        serving.answers[POST_PATH] = recorded("page-post", serving.address)
        serving.answers[COMMENTS] = recorded("comments", serving.address, Link="")
        serving.otherwise = Reply(status=404, headers={"Content-Type": "text/html"}, body=b"<html>Not found")
        yield serving


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_source(server: Serving, clock: Clock) -> Iterator[MakeSource]:
    made = []

    def make(**changes: Any) -> WordPressSource:
        setup = Setup(address=server.address, user_agent="test/1", now=clock, url=f"{server.address}{POST_PATH}")
        made.append(WordPressSource(replace(setup, **({"allow_private": True} | changes))))
        return made[-1]

    yield make
    for source in made:
        source.close()


@pytest.fixture
def source(make_source: MakeSource) -> WordPressSource:
    return make_source()


def key(server: Serving, path: str = POST_PATH, *, hashtag: str = "", part: str = "") -> WatchKey:
    thread = f"{server.address}{path}{part}"
    return WatchKey(kind="wordpress", address=server.address, hashtag=hashtag, topic="notcoproduction", thread=thread)


def raw_comment(server: Serving, number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "post": 4,
        "author_name": "Jo",
        "date_gmt": f"2026-11-{number:02}T09:41:00",
        "content": {"rendered": "<p>Words.</p>"},
        "link": f"{server.address}{POST_PATH}#comment-{number}",
        "_links": {"self": [{"href": f"{server.address}{COMMENTS}/{number}"}]},
    } | changes


def raw_post(server: Serving, number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "post",
        "date": f"2026-11-{number:02}T09:41:00",
        "date_gmt": f"2026-11-{number:02}T09:41:00",
        "author": 1,
        "title": {"rendered": "A post"},
        "content": {"rendered": "<p>#notcoproduction</p>", "protected": False},
        "link": f"{server.address}/{number}/",
    } | changes


def error_of(source: WordPressSource, watched: WatchKey, look: Look | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source.fetch_page(watched, look or Look())
    return caught.value


def ids(page: Page) -> list[str]:
    return [item.native_id for item in page.found]


# --- what is asked ---------------------------------------------------------------------------------


def test_the_kind_says_what_it_collects() -> None:
    form = form_of("wordpress")
    assert kind_of("wordpress") is WordPressSource
    assert (form.is_page, form.accepts, form.default_collect) == (True, frozenset(), "comments")
    watched = {name: [(watching.asks, watching.part) for watching in form.collects[name]] for name in form.collects}
    assert watched == {
        "comments": [(Asks.EVERYTHING, "")],
        "hashtag": [(Asks.SPELLING, ""), (Asks.SPELLING, "#posts")],
        "posts": [(Asks.SPELLING, "#posts")],
    }
    assert WordPressSource.reads_all


def test_the_comments_of_a_post_are_asked_for_newest_first(server: Serving, source: WordPressSource) -> None:
    page = source.fetch_page(key(server), Look())
    assert (len(page.found), page.next_cursor, page.condition, page.is_whole) == (20, None, Condition.OK, True)
    (asked,) = server.asked_for(COMMENTS)
    assert asked.query == {
        "post": ["4"],
        "order": ["desc"],
        "orderby": ["date_gmt"],
        "per_page": ["100"],
        "_embed": ["up"],
    }
    assert asked.headers["User-Agent"] == "test/1"


def test_the_comments_of_the_whole_site_belong_to_no_one_post(server: Serving, source: WordPressSource) -> None:
    source.fetch_page(key(server, HOME), Look(limit=7))
    (asked,) = server.asked_for(COMMENTS)
    assert "post" not in asked.query
    assert asked.query["per_page"] == ["7"]


def test_a_look_at_the_newest_reaches_back_beyond_any_wall_clock(server: Serving, source: WordPressSource) -> None:
    source.fetch_page(key(server, hashtag="nàtag"), Look(since=NOW))
    (asked,) = server.asked_for(COMMENTS)
    assert datetime.fromisoformat(asked.query["after"][0]) <= NOW - timedelta(hours=2)
    assert asked.query["search"] == ["nàtag"]


def test_the_next_page_is_where_the_blog_says(server: Serving, source: WordPressSource) -> None:
    follows = f"{server.address}{COMMENTS}?post%5B0%5D=4&per_page=100&page=2"
    first = json_reply([raw_comment(server, 3)], Link=f'<{follows}>; rel="next"')

    def comments(asked: Asked) -> Reply:
        return json_reply([raw_comment(server, 2)]) if asked.query.get("page") == ["2"] else first

    server.answers[COMMENTS] = comments
    page = source.fetch_page(key(server), Look())
    assert page.next_cursor == follows
    last = source.fetch_page(key(server), Look(cursor=page.next_cursor))
    assert (ids(last), last.next_cursor) == (["comment-2"], None)
    assert server.asked_for(COMMENTS)[1].query == {"post[0]": ["4"], "per_page": ["100"], "page": ["2"]}


def test_an_empty_page_that_names_another_is_not_the_end(server: Serving, source: WordPressSource) -> None:
    server.answers[COMMENTS] = json_reply([], Link=f'<{server.address}{COMMENTS}?page=2>; rel="next"')
    page = source.fetch_page(key(server), Look())
    assert (page.found, page.condition) == ((), Condition.OK)
    assert page.next_cursor is not None


def test_a_next_page_on_another_host_is_asked_for_here(server: Serving, source: WordPressSource) -> None:
    server.answers[COMMENTS] = json_reply([], Link='<https://inside.example/wp-json/wp/v2/comments?page=2>; rel="next"')
    cursor = source.fetch_page(key(server), Look()).next_cursor or ""
    assert cursor.startswith(f"{server.address}{COMMENTS}?")
    assert "page=2" in cursor


def test_a_next_page_that_cannot_be_asked_for_is_told(server: Serving, source: WordPressSource) -> None:
    server.answers[COMMENTS] = json_reply([raw_comment(server, 2)], Link='<https://inside.example/more>; rel="next"')
    page = source.fetch_page(key(server), Look())
    assert (page.next_cursor, page.condition, page.is_whole) == (None, Condition.HALF_FEED, False)
    assert page.message == "it does not say where its older pages are"


@pytest.mark.parametrize("cursor", ["https://elsewhere.example/wp-json/wp/v2/comments?page=2", "x", ""])
def test_a_cursor_of_another_host_is_never_asked(server: Serving, source: WordPressSource, cursor: str) -> None:
    page = source.fetch_page(key(server), Look(cursor=cursor))
    assert (page.found, page.next_cursor, page.condition, page.is_whole) == ((), None, Condition.HALF_FEED, False)
    assert server.asked_for(COMMENTS) == []


def test_one_unreadable_comment_costs_no_other(server: Serving, source: WordPressSource) -> None:
    broken = raw_comment(server, 2, link=None)
    server.answers[COMMENTS] = json_reply([raw_comment(server, 3), broken, "no object", raw_comment(server, 1)])
    page = source.fetch_page(key(server), Look())
    assert ids(page) == ["comment-3", "comment-1"]
    assert [rejection.reason for rejection in page.rejections] == ["link: not a web address", "not an object"]


def test_comments_of_other_posts_are_left_out(server: Serving, source: WordPressSource) -> None:
    elsewhere = raw_comment(server, 2, post=9, link=f"{server.address}/other/#comment-2")
    server.answers[COMMENTS] = json_reply([raw_comment(server, 3), elsewhere, raw_comment(server, 1)])
    page = source.fetch_page(key(server), Look())
    assert (ids(page), page.rejections) == (["comment-3", "comment-1"], ())


def test_a_count_that_is_no_count_is_none(server: Serving, source: WordPressSource) -> None:
    server.answers[COMMENTS] = json_reply([raw_comment(server, 3)], X_WP_Total="9" * 5_000)
    assert len(source.fetch_page(key(server), Look()).found) == 1


def test_nothing_newer_than_a_moment_does_not_mean_no_posts(server: Serving, source: WordPressSource) -> None:
    server.answers[COMMENTS] = json_reply([])
    assert source.fetch_page(key(server), Look(since=NOW)).condition is Condition.OK


def test_no_comments_are_no_posts(server: Serving, source: WordPressSource) -> None:
    server.answers[COMMENTS] = json_reply([])
    assert source.fetch_page(key(server), Look()).condition is Condition.NO_POSTS


# --- finding one's way -----------------------------------------------------------------------------


def test_the_way_is_looked_for_once_a_day_and_after_a_failure(
    server: Serving, source: WordPressSource, clock: Clock
) -> None:
    def looked() -> int:
        source.fetch_page(key(server), Look())
        return len(server.asked_for(POST_PATH))

    assert [looked(), looked()] == [1, 1]
    clock.now += timedelta(days=1)
    assert [looked(), looked()] == [2, 2]
    answer, server.answers[COMMENTS] = server.answers[COMMENTS], Reply(status=503)
    assert error_of(source, key(server)).condition is Condition.SERVER_FAULT
    server.answers[COMMENTS] = answer
    assert looked() == 3


def test_a_blog_that_changes_its_permalinks_is_found_anew(server: Serving, source: WordPressSource) -> None:
    source.fetch_page(key(server), Look())
    server.answers[COMMENTS] = recorded("page-plain-home", server.address)  # its route is a web page now
    server.answers[POST_PATH] = recorded("page-plain-post", server.address)
    server.answers["/index.php"] = recorded("comments-plain", server.address)
    page = source.fetch_page(key(server), Look())
    assert [item.post.uri for item in page.found] == [f"{server.address}/?p=4#comment-{n}" for n in (2, 3, 4)]
    assert "page=2" in (page.next_cursor or "")
    assert server.asked_for("/index.php")[0].query["rest_route"] == ["/wp/v2/comments"]


def test_a_post_is_known_by_its_name_where_nothing_else_tells(server: Serving, source: WordPressSource) -> None:
    server.answers[POST_PATH] = recorded("page-home", server.address)  # as with plain permalinks
    server.answers[f"{API}/posts"] = json_reply([{"id": 4}])
    assert len(source.fetch_page(key(server), Look()).found) == 20
    assert server.asked_for(f"{API}/posts")[0].query["slug"] == ["examples-of-not-coproduction"]
    assert server.asked_for(COMMENTS)[0].query["post"] == ["4"]


def test_a_page_is_known_by_its_name_too(server: Serving, source: WordPressSource) -> None:
    server.answers["/about/"] = recorded("page-home", server.address)
    server.answers[f"{API}/posts"] = json_reply([])
    server.answers[f"{API}/pages"] = json_reply([{"id": 7}])
    source.fetch_page(key(server, "/about/"), Look())
    assert server.asked_for(COMMENTS)[0].query["post"] == ["7"]


@pytest.mark.parametrize("held", [True, False])
def test_a_post_whose_address_is_no_longer_known_is_found_by_its_name(
    server: Serving, source: WordPressSource, held: bool
) -> None:
    there_is_none = replace(recorded("page-home", server.address), status=404)
    server.answers[POST_PATH] = replace(there_is_none, body=b"<html><body class='error404'>Not found")
    server.answers[f"{API}/posts"] = json_reply([{"id": 4}] if held else [])
    server.answers[f"{API}/pages"] = json_reply([])
    if held:
        source.fetch_page(key(server), Look())
        assert server.asked_for(COMMENTS)[0].query["post"] == ["4"]
    else:
        assert str(error_of(source, key(server))).endswith("(HTTP 404)")
        assert server.asked_for(COMMENTS) == []


def test_a_post_that_is_not_found_never_becomes_the_whole_site(server: Serving, source: WordPressSource) -> None:
    server.answers[POST_PATH] = recorded("page-home", server.address)
    server.answers[f"{API}/posts"] = server.answers[f"{API}/pages"] = json_reply([])
    error = error_of(source, key(server))
    assert error.condition is Condition.NO_SUCH_API
    assert "neither a single post" in str(error)
    assert server.asked_for(COMMENTS) == []


@pytest.mark.parametrize(
    ("alternate", "is_post"),
    [("posts/4", True), ("pages/4", True), ("events/4", True), ("categories/4", False), ("users/1", False)],
)
def test_pages_that_list_posts_are_no_post(
    server: Serving, source: WordPressSource, alternate: str, *, is_post: bool
) -> None:
    link = f'<{server.address}/wp-json/>; rel="https://api.w.org/", '
    link += f'<{server.address}{API}/{alternate}>; rel="alternate"; type="application/json"'
    body = '<body class="postid-4">' if is_post else '<body class="archive">'
    server.answers["/x/"] = Reply(headers={"Link": link}, body=f"<html>{body}".encode())
    if is_post:
        source.fetch_page(key(server, "/x/"), Look())
        assert server.asked_for(COMMENTS)[0].query["post"] == ["4"]
    else:
        assert "neither a single post" in str(error_of(source, key(server, "/x/")))


@pytest.mark.parametrize("query", ["cat=3", "s=coproduction", "author=1"])
def test_a_list_of_some_posts_at_the_home_is_not_the_whole_site(
    server: Serving, source: WordPressSource, query: str
) -> None:
    link = f'<{server.address}/index.php?rest_route=/>; rel="https://api.w.org/"'
    server.answers[HOME] = Reply(headers={"Link": link}, body=b'<html><body class="archive">')
    server.answers["/index.php"] = json_reply([{"id": 4}])  # the only post, whatever name is asked for
    assert "neither a single post" in str(error_of(source, key(server, f"/?{query}")))


def test_a_front_page_under_another_address_is_not_taken_for_it(server: Serving, source: WordPressSource) -> None:
    link = f'<{server.address}/wp-json/>; rel="https://api.w.org/", '
    link += f'<{server.address}{API}/pages/7>; rel="alternate"; type="application/json"'
    server.answers["/x/"] = Reply(headers={"Link": link}, body=b'<html><body class="home page page-id-7">')
    server.answers[f"{API}/posts"] = server.answers[f"{API}/pages"] = json_reply([])
    assert "neither a single post" in str(error_of(source, key(server, "/x/")))


def test_a_blog_in_a_folder_is_a_whole_site(server: Serving, source: WordPressSource) -> None:
    link = f'<{server.address}/a/blog/wp-json/>; rel="https://api.w.org/"'
    server.answers["/a/blog/"] = server.answers["/a/blog"] = Reply(headers={"Link": link}, body=b"<html>")
    server.answers["/a/blog/wp-json/wp/v2/comments"] = json_reply([raw_comment(server, 2)])
    for path in ("/a/blog", "/a/blog/"):
        assert ids(source.fetch_page(key(server, path), Look())) == ["comment-2"]
    assert "post" not in server.asked[-1].query


def test_without_a_link_the_api_is_asked_for_by_its_parameter(server: Serving, source: WordPressSource) -> None:
    server.answers["/x/"] = Reply(body=b'<html><body class="single postid-4">')

    def home(asked: Asked) -> Reply:
        is_api = asked.query.get("rest_route") == ["/wp/v2/comments"] and asked.query.get("post") == ["4"]
        return json_reply([raw_comment(server, 2)]) if is_api else Reply(body=b"<html>")

    server.answers[HOME] = home
    assert ids(source.fetch_page(key(server, "/x/"), Look())) == ["comment-2"]


def test_blogs_of_wordpress_com_answer_at_the_public_api(
    server: Serving, source: WordPressSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sites, "PUBLIC_API", f"{server.address}/wp/v2/sites/")
    place = f"/wp/v2/sites/{server.address.removeprefix('http://')}"
    server.answers["/x/"] = Reply(headers={"Host-Header": "WordPress.com"}, body=b"<html>")
    server.answers[f"{place}/posts"] = json_reply([{"id": 4}])
    link = f'<{server.address}{place}/comments?page=2>; rel="next"'
    raw = raw_comment(server, 2, _links={"self": [{"href": f"{server.address}{place}/comments/2"}]})
    server.answers[f"{place}/comments"] = json_reply([raw], Link=link)
    page = source.fetch_page(key(server, "/x/"), Look())
    assert ids(page) == ["comment-2"]
    assert page.found[0].post.other_addresses == (f"{server.address}/?p=4#comment-2",)
    assert page.next_cursor == f"{server.address}{place}/comments?page=2"


def test_the_public_api_comes_after_the_blogs_own(
    server: Serving, source: WordPressSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sites, "PUBLIC_API", f"{server.address}/wp/v2/sites/")
    place = f"/wp/v2/sites/{server.address.removeprefix('http://')}"
    server.answers[HOME] = recorded("page-home", server.address, **{"Host-Header": "WordPress.com"})
    server.answers[COMMENTS] = recorded("closed", server.address)
    server.answers[f"{place}/comments"] = json_reply([raw_comment(server, 2)])
    assert ids(source.fetch_page(key(server, HOME), Look())) == ["comment-2"]
    source.fetch_page(key(server, HOME), Look())
    assert len(server.asked_for(COMMENTS)) == 1  # what has answered is asked again


# --- closed doors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "closed",
    [
        "closed",
        "no-route",
        Reply(status=403, headers={"Content-Type": "text/html"}, body=b"<html>Blocked"),
        Reply(status=404, headers={"Content-Type": "text/html"}, body=b"<html>Not found"),
        Reply(headers={"Content-Type": "text/html"}, body=b"<html>The home page"),
    ],
)
def test_where_the_api_is_closed_the_feed_is_read(
    server: Serving, source: WordPressSource, closed: str | Reply
) -> None:
    server.answers[COMMENTS] = recorded(closed, server.address) if isinstance(closed, str) else closed
    server.answers[f"{POST_PATH}feed/"] = recorded("feed-of-post", server.address)
    server.answers["/comments/feed/"] = recorded("feed-of-site", server.address)
    for path in (POST_PATH, HOME):
        page = source.fetch_page(key(server, path), Look())
        assert (len(page.found), page.next_cursor) == (10, None)
        assert (page.condition, page.is_whole) == (Condition.HALF_FEED, False)
        assert page.message.startswith(f"127.0.0.1:{server.port} ")
        assert page.message.endswith(": only its newest comments can be seen, by their feed")


def test_a_feed_is_found_under_any_of_its_addresses(server: Serving, source: WordPressSource) -> None:
    server.answers["/x/"] = Reply(body=b'<html><body class="single postid-4">')

    def home(asked: Asked) -> Reply:
        is_feed = asked.query == {"feed": ["rss2"], "p": ["4"]}
        return recorded("feed-plain", server.address) if is_feed else Reply(body=b"<html>")

    server.answers[HOME] = home
    server.answers["/x/feed/"] = Reply(status=404)
    page = source.fetch_page(key(server, "/x/"), Look())
    assert len(page.found) == 10


def test_a_feed_of_other_posts_comments_is_not_this_posts(server: Serving, source: WordPressSource) -> None:
    server.answers[COMMENTS] = recorded("closed", server.address)
    server.answers[f"{POST_PATH}feed/"] = recorded("feed-of-site", server.address)
    page = source.fetch_page(key(server), Look())
    assert len(page.found) == 9  # the tenth is under another post
    assert all(POST_PATH in item.post.uri for item in page.found)


def test_a_feed_of_posts_is_passed_over(server: Serving, source: WordPressSource) -> None:
    server.answers[COMMENTS] = recorded("no-route", server.address)
    server.answers["/comments/feed/"] = recorded("feed-of-posts", server.address)
    error = error_of(source, key(server, HOME))
    assert error.condition is Condition.NO_SUCH_API
    assert "no comments feed" in str(error)


def test_without_api_and_feed_it_is_said_why(server: Serving, source: WordPressSource) -> None:
    server.answers[COMMENTS] = recorded("closed", server.address)
    error = error_of(source, key(server))
    assert (error.condition, error.status) == (Condition.FEED_DISABLED, 401)
    assert "rest_not_logged_in" in str(error)
    assert "no comments feed" in str(error)


def test_a_feed_that_is_out_of_order_is_a_fault_of_now(server: Serving, source: WordPressSource) -> None:
    server.answers[COMMENTS] = recorded("closed", server.address)
    server.answers[f"{POST_PATH}feed/"] = Reply(status=503, headers={"Retry-After": "120"})
    error = error_of(source, key(server))
    assert (error.condition, error.retry_at) == (Condition.SERVER_FAULT, NOW + timedelta(seconds=120))


@pytest.mark.parametrize("is_api_closed", [False, True])
def test_a_post_behind_a_password_is_told_and_never_read(
    server: Serving, source: WordPressSource, *, is_api_closed: bool
) -> None:
    server.answers[COMMENTS] = recorded("closed" if is_api_closed else "locked-post", server.address)
    server.answers[f"{POST_PATH}feed/"] = recorded("feed-of-locked-post", server.address)
    error = error_of(source, key(server))
    assert error.condition is Condition.FEED_DISABLED
    assert "behind a password" in str(error)
    assert bool(server.asked_for(f"{POST_PATH}feed/")) is is_api_closed


def test_a_walk_whose_api_has_closed_comes_to_its_end(server: Serving, source: WordPressSource) -> None:
    server.answers[COMMENTS] = recorded("closed", server.address)
    server.answers[f"{POST_PATH}feed/"] = recorded("feed-of-post", server.address)
    page = source.fetch_page(key(server), Look(cursor=f"{server.address}{COMMENTS}?page=2"))
    assert (page.found, page.next_cursor, page.is_whole) == ((), None, False)


def test_posts_need_the_api(server: Serving, source: WordPressSource) -> None:
    server.answers[f"{API}/tags"] = server.answers[f"{API}/posts"] = recorded("closed", server.address)
    error = error_of(source, key(server, HOME, hashtag="notcoproduction", part="#posts"))
    assert error.condition is Condition.FEED_DISABLED
    assert "its posts cannot be read" in str(error)


@pytest.mark.parametrize(
    ("reply", "condition", "says"),
    [
        (Reply(status=429, headers={"Retry-After": "600"}), Condition.RATE_LIMITED, "fewer requests"),
        (Reply(status=500), Condition.SERVER_FAULT, "HTTP 500"),
        (Reply(status=503), Condition.SERVER_FAULT, "HTTP 503"),
        (Reply(hangs=True), Condition.UNREACHABLE, "in time"),
        (Reply(resets=True), Condition.UNREACHABLE, "broke off"),
        (Reply(body=b"{}"), Condition.UNREADABLE, "no list"),
        (Reply(body=b"[1,"), Condition.UNREADABLE, "broken JSON"),
        (json_reply({"code": "rest_invalid_param"}, 400), Condition.UNREADABLE, "HTTP 400"),
    ],
)
def test_a_blog_out_of_order_is_never_taken_for_a_closed_one(
    server: Serving, make_source: MakeSource, reply: Reply, condition: Condition, says: str
) -> None:
    source = make_source(limits=Limits(silence_seconds=0.2))
    server.answers[COMMENTS] = reply
    error = error_of(source, key(server))
    assert error.condition is condition
    assert says in str(error)
    assert "127.0.0.1" in str(error)
    assert not any("feed" in asked.path for asked in server.asked)


@pytest.mark.parametrize(
    ("status", "condition"),
    [
        (404, Condition.NO_SUCH_API),
        (410, Condition.NO_SUCH_API),
        (403, Condition.FEED_DISABLED),
        (401, Condition.FEED_DISABLED),
        (503, Condition.SERVER_FAULT),
    ],
)
def test_a_page_that_is_not_there_is_told(
    server: Serving, source: WordPressSource, status: int, condition: Condition
) -> None:
    server.answers[POST_PATH] = Reply(status=status, body=b"<html>")
    assert error_of(source, key(server)).condition is condition


def test_private_addresses_are_refused(server: Serving, make_source: MakeSource) -> None:
    assert error_of(make_source(allow_private=False), key(server)).condition is Condition.REFUSED_ADDRESS
    assert server.asked == []


# --- posts -----------------------------------------------------------------------------------------


def test_posts_are_asked_for_by_word_and_by_tag(server: Serving, source: WordPressSource) -> None:
    tags = [{"id": 8, "name": "NotCoproduction", "slug": "x"}, {"id": 9, "name": "notcoproduction2", "slug": "y"}]
    tags += [{"id": 10, "name": "Other", "slug": "notcoproduction"}, {"id": None, "name": "notcoproduction"}]
    server.answers[f"{API}/tags"] = json_reply(tags)

    def posts(asked: Asked) -> Reply:
        by_tag = [raw_post(server, 7), raw_post(server, 5)]
        return json_reply(by_tag if "tags" in asked.query else [raw_post(server, 7), raw_post(server, 6)])

    server.answers[f"{API}/posts"] = posts
    page = source.fetch_page(key(server, HOME, hashtag="notcoproduction", part="#posts"), Look(since=NOW))
    assert (ids(page), page.next_cursor) == (["post-7", "post-6", "post-5"], None)
    worded, tagged = (asked.query for asked in server.asked_for(f"{API}/posts"))
    assert (worded["search"], tagged["tags"]) == (["notcoproduction"], ["8,10"])
    assert worded["after"] == tagged["after"]
    assert worded["_embed"] == ["author,wp:term"]


def test_a_list_of_posts_that_became_shorter_ends(server: Serving, source: WordPressSource) -> None:
    link = f'<{server.address}{API}/posts?page=2>; rel="next"'

    def posts(asked: Asked) -> Reply:
        if "page" in asked.query:
            return recorded("past-the-end", server.address)
        return json_reply([raw_post(server, 7)], Link=link)

    server.answers[f"{API}/tags"] = json_reply([])
    server.answers[f"{API}/posts"] = posts
    watched = key(server, hashtag="notcoproduction", part="#posts")
    page = source.fetch_page(watched, Look())
    last = source.fetch_page(watched, Look(cursor=page.next_cursor))
    assert (ids(page), last.found, last.next_cursor) == (["post-7"], (), None)


def test_a_cursor_of_posts_for_another_host_is_never_asked(server: Serving, source: WordPressSource) -> None:
    cursor = '[{"address":"https://elsewhere.example/wp-json/wp/v2/posts?page=2"}]'
    page = source.fetch_page(key(server, hashtag="x", part="#posts"), Look(cursor=cursor))
    assert (page.found, page.next_cursor, page.is_whole) == ((), None, False)


# --- what is gone ----------------------------------------------------------------------------------


GONE: list[tuple[Route, bool]] = [
    (recorded("comment-trashed"), True),
    (recorded("comment-missing"), True),
    (json_reply({"code": "rest_post_invalid_id"}, 404), True),
    (json_reply({"code": "rest_forbidden"}, 403), True),
    (recorded("closed"), False),
    (recorded("no-route"), False),
    (recorded("locked-post"), False),
    (recorded("comment-one"), False),
    (Reply(status=404, body=b"<html>"), False),
    (Reply(status=401, body=b"<html>"), False),
    (Reply(status=500), False),
    (json_reply({"code": ["rest_cannot_read"]}, 401), False),
    (json_reply(["rest_cannot_read"], 401), False),
]


@pytest.mark.parametrize(("reply", "is_gone"), GONE)
def test_only_a_clear_word_makes_a_comment_gone(
    server: Serving, source: WordPressSource, reply: Route, *, is_gone: bool
) -> None:
    server.answers[COMMENTS] = json_reply([{"id": 2}])
    server.answers[f"{COMMENTS}/9"] = reply
    gone = source.look_up(key(server), ["comment-2", "comment-9"]).gone
    assert gone == (frozenset({"comment-9"}) if is_gone else frozenset())
    assert server.asked_for(COMMENTS)[0].query["include"] == ["2,9"]
    assert server.asked_for(f"{COMMENTS}/2") == []


@pytest.mark.parametrize("reply", [recorded("closed"), recorded("no-route"), Reply(status=500), Reply(body=b"<html>")])
def test_a_closed_door_is_no_deletion(server: Serving, source: WordPressSource, reply: Reply) -> None:
    server.answers[COMMENTS] = reply
    server.answers[f"{COMMENTS}/9"] = recorded("comment-trashed")
    assert source.look_up(key(server), ["comment-9"]).gone == frozenset()


def test_what_is_sure_before_a_failure_stays_sure(server: Serving, source: WordPressSource) -> None:
    server.answers[COMMENTS] = json_reply([])
    server.answers[f"{COMMENTS}/8"] = recorded("comment-trashed")
    server.answers[f"{COMMENTS}/9"] = Reply(resets=True)
    server.answers[f"{COMMENTS}/10"] = recorded("comment-trashed")
    assert source.look_up(key(server), ["comment-8", "comment-9", "comment-10"]).gone == {"comment-8"}


def test_many_are_asked_for_by_the_hundred(server: Serving, source: WordPressSource) -> None:
    def comments(asked: Asked) -> Reply:
        return json_reply([{"id": int(number)} for number in asked.query["include"][0].split(",")])

    server.answers[COMMENTS] = comments
    assert source.look_up(key(server), [f"comment-{number}" for number in range(1, 251)]).gone == frozenset()
    assert [len(asked.query["include"][0].split(",")) for asked in server.asked_for(COMMENTS)] == [100, 100, 50]


@pytest.mark.parametrize("native_id", ["", "comment-", "comment-x", "9", "post", "other-9"])
def test_an_id_of_another_kind_is_not_asked_for(server: Serving, source: WordPressSource, native_id: str) -> None:
    assert source.look_up(key(server), [native_id]).gone == frozenset()
    assert server.asked_for(COMMENTS) == []


# --- single posts, and what `check` shows ----------------------------------------------------------


def test_a_comment_is_fetched_by_its_address(server: Serving, make_source: MakeSource) -> None:
    server.answers[f"{COMMENTS}/2"] = recorded("comment-one", server.address)
    source = make_source(url="")
    item = source.fetch_post(f"{server.address}{POST_PATH}#comment-2")
    assert (item.native_id, item.post.uri) == ("comment-2", f"{server.address}{POST_PATH}#comment-2")
    assert source.may_know(f"{server.address}/?p=4#comment-2")
    assert not source.may_know("https://elsewhere.example/?p=4#comment-2")


def test_a_post_is_fetched_by_its_address(server: Serving, source: WordPressSource) -> None:
    server.answers[f"{API}/posts/4"] = json_reply(raw_post(server, 4))
    item = source.fetch_post(f"{server.address}{POST_PATH}")
    assert (item.native_id, item.post.title) == ("post-4", "A post")


@pytest.mark.parametrize(
    ("reply", "condition"),
    [
        (recorded("post-draft"), Condition.NO_POSTS),
        (json_reply({"code": "rest_post_invalid_id"}, 404), Condition.NO_POSTS),
        (json_reply({"id": 4, "type": "post", "content": {"protected": True}}), Condition.NO_POSTS),
        (json_reply({"id": 4, "type": "post"}), Condition.UNREADABLE),
        (recorded("closed"), Condition.FEED_DISABLED),
        (Reply(status=500), Condition.SERVER_FAULT),
        (json_reply([]), Condition.UNREADABLE),
    ],
)
def test_a_post_that_cannot_be_shown_is_told(
    server: Serving, source: WordPressSource, reply: Reply, condition: Condition
) -> None:
    server.answers[f"{API}/posts/4"] = reply
    with pytest.raises(SourceError) as caught:
        source.fetch_post(f"{server.address}{POST_PATH}")
    assert caught.value.condition is condition


def test_the_home_of_a_blog_is_no_single_post(server: Serving, source: WordPressSource) -> None:
    with pytest.raises(SourceError, match="no single post"):
        source.fetch_post(f"{server.address}/")


def test_check_says_what_there_is(server: Serving, source: WordPressSource) -> None:
    host = server.address.removeprefix("http://")
    probe = source.probe(key(server))
    assert (probe.condition, probe.message) == (Condition.OK, f"{host} shows its comments: 115 so far")
    assert (probe.title, probe.rules_url) == ("Rick’s Blog & Sundries", None)
    assert server.asked_for(COMMENTS)[0].query["per_page"] == ["1"]
    server.answers[COMMENTS] = recorded("closed", server.address)
    server.answers[f"{POST_PATH}feed/"] = recorded("feed-of-post", server.address)
    probe = source.probe(key(server))
    assert probe.condition is Condition.HALF_FEED
    assert probe.message == f"{host} shows its comments by the comments feed only: the newest 10"
    server.answers[f"{POST_PATH}feed/"] = Reply(status=404)
    assert source.probe(key(server)).condition is Condition.FEED_DISABLED


def test_many_threads_ask_one_after_the_other(
    server: Serving, source: WordPressSource, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(len(source.fetch_page(key(server), Look()).found)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [20] * 6
    assert len(server.asked_for(POST_PATH)) == 1
    assert not caplog.records
