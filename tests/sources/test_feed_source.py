"""The feed source against servers on loopback."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from feeding import feed_body, feed_reply, rss, rss_item
from making import NOW
from serving import Asked, Reply, Serving, json_reply

from collector.config.kinds import Asks
from collector.errors import Condition, SourceError
from collector.model import Found, WatchKey
from collector.sources import Look, Setup
from collector.sources.feed import FeedSource
from collector.sources.raw import unpack

PATH = "/tags/notcoproduction.rss"
WEAK = 'W/"5f-abc"'
DATE = "Tue, 17 Nov 2026 09:41:00 GMT"


@pytest.fixture
def server() -> Iterator[Serving]:
    with Serving() as serving:
        serving.answers[PATH] = feed_reply(rss(rss_item(1), rss_item(2)), ETag=WEAK, Last_Modified=DATE)
        yield serving


@pytest.fixture
def make_source(server: Serving) -> Iterator[Callable[..., FeedSource]]:
    made = []

    def make(**changes: Any) -> FeedSource:
        setup = Setup(address=server.address, user_agent="test/1", now=lambda: NOW, url=server.address + PATH)
        made.append(FeedSource(replace(setup, **({"allow_private": True} | changes))))
        return made[-1]

    yield make
    for source in made:
        source.close()


@pytest.fixture
def source(make_source: Callable[..., FeedSource]) -> FeedSource:
    return make_source()


def key(server: Serving, path: str = PATH) -> WatchKey:
    tag = "notcoproduction"
    return WatchKey(kind="feed", address=server.address, hashtag=tag, topic=tag, thread=server.address + path)


def error_of(source: FeedSource, server: Serving, path: str = PATH) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source.fetch_page(key(server, path), Look())
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_feed_is_asked_for_as_feeds_are(server: Serving, source: FeedSource) -> None:
    page = source.fetch_page(key(server), Look())
    assert [item.native_id for item in page.found] == ["https://feeds.example/1", "https://feeds.example/2"]
    assert (page.condition, page.next_cursor, page.is_whole) == (Condition.OK, None, False)
    (asked,) = server.asked
    assert (asked.path, asked.query) == (PATH, {})
    assert "application/rss+xml" in asked.headers["Accept"]
    assert asked.headers["If-None-Match"] is None
    assert asked.headers["If-Modified-Since"] is None


def test_the_marks_of_an_answer_are_given_back_as_they_came(server: Serving, source: FeedSource) -> None:
    bookmark = source.fetch_page(key(server), Look()).bookmark
    server.answers[PATH] = Reply(status=304)
    page = source.fetch_page(key(server), Look(bookmark=bookmark))
    assert server.asked[-1].headers["If-None-Match"] == WEAK
    assert server.asked[-1].headers["If-Modified-Since"] == DATE
    assert (page.found, page.condition, page.bookmark, page.is_whole) == ((), Condition.OK, bookmark, False)
    server.answers[PATH] = feed_reply(rss(rss_item(3)))
    changed = source.fetch_page(key(server), Look(bookmark=bookmark))
    assert [item.native_id for item in changed.found] == ["https://feeds.example/3"]
    assert changed.bookmark is None


@pytest.mark.parametrize(
    "bookmark",
    [
        "",
        "no JSON",
        "[]",
        '{"etag": "\\"a\\""}',
        '{"url": 3, "etag": "\\"a\\""}',
        '{"url": "U", "etag": "a\\nb: c"}',
        '{"url": "U", "etag": "é", "last-modified": 7}',
        '{"url": "https://elsewhere.example/", "etag": "\\"a\\""}',
    ],
)
def test_a_bookmark_that_means_nothing_here_asks_for_the_whole(
    server: Serving, source: FeedSource, bookmark: str
) -> None:
    page = source.fetch_page(key(server), Look(bookmark=bookmark.replace('"U"', json.dumps(server.address + PATH))))
    assert len(page.found) == 2
    assert server.asked[-1].headers["If-None-Match"] is None
    assert server.asked[-1].headers["If-Modified-Since"] is None


def test_not_modified_without_having_been_asked_is_no_answer(server: Serving, source: FeedSource) -> None:
    server.answers[PATH] = Reply(status=304)
    assert error_of(source, server).condition is Condition.UNREADABLE


def test_older_entries_are_followed_at_the_same_host(server: Serving, source: FeedSource) -> None:
    following = '<atom:link rel="next" href="{}/older.rss?page=2"/>'
    server.answers[PATH] = feed_reply(rss(rss_item(1), head=following.format(server.address)), ETag=WEAK)
    server.answers["/older.rss"] = feed_reply(rss(rss_item(2)), ETag='"older"')
    first = source.fetch_page(key(server), Look())
    assert first.next_cursor == f"{server.address}/older.rss?page=2"
    older = source.fetch_page(key(server), Look(cursor=first.next_cursor, bookmark=first.bookmark))
    assert [item.native_id for item in older.found] == ["https://feeds.example/2"]
    assert (older.next_cursor, older.bookmark) == (None, None)
    assert server.asked[-1].query == {"page": ["2"]}
    assert server.asked[-1].headers["If-None-Match"] is None
    server.answers[PATH] = feed_reply(rss(rss_item(1), head=following.format("http://localhost:1")))
    assert source.fetch_page(key(server), Look()).next_cursor is None


def test_the_newest_entry_comes_first_whatever_the_feeds_order(server: Serving, source: FeedSource) -> None:
    days = ("Mon, 16 Nov 2026 00:00:00 GMT", "Wed, 18 Nov 2026 00:00:00 GMT", "Tue, 17 Nov 2026 00:00:00 GMT")
    server.answers[PATH] = feed_reply(rss(*(rss_item(day, pubDate=text) for day, text in enumerate(days))))
    found = source.fetch_page(key(server), Look()).found
    assert [item.post.published_at.day for item in found] == [18, 17, 16]


def test_a_web_page_leads_to_the_feed_that_it_names(server: Serving, source: FeedSource) -> None:
    page = feed_reply(feed_body("page-with-feed.html"), "text/html", ETag='"page"', Last_Modified=DATE)
    server.answers["/blog"] = page
    server.answers["/feed.xml"] = feed_reply(rss(rss_item(1)), ETag='"feed"')
    bookmark = source.fetch_page(key(server, "/blog"), Look()).bookmark
    server.answers["/feed.xml"] = lambda asked: Reply(status=304 if asked.headers["If-None-Match"] == '"feed"' else 500)
    again = source.fetch_page(key(server, "/blog"), Look(bookmark=bookmark))
    assert (again.found, again.bookmark) == ((), bookmark)
    assert [asked.headers["If-None-Match"] for asked in server.asked_for("/blog")] == [None, None]
    server.answers["/feed.xml"] = feed_reply(rss(rss_item(1)))
    probe = source.probe(key(server, "/blog"))
    host = f"127.0.0.1:{server.port}"
    assert probe.message == f"{host}/feed.xml is a feed of 1 entry, found through {host}/blog"


@pytest.mark.parametrize(
    "reply",
    [
        feed_reply("<!doctype html><title>Hi</title>", "text/html"),
        feed_reply('<!doctype html><link rel="alternate" type="application/rss+xml" href="javascript:x">', "text/html"),
        feed_reply('<!doctype html><link rel="alternate" type="text/html" href="/cy">', "text/html"),
        feed_reply("<p>Hi</p>", "text/html"),
    ],
)
def test_a_web_page_that_names_no_feed_is_no_feed(server: Serving, source: FeedSource, reply: Reply) -> None:
    server.answers[PATH] = reply
    error = error_of(source, server)
    assert error.condition is Condition.NO_SUCH_API
    assert "names no feed: give the address of the feed itself" in str(error)


def test_a_page_is_never_followed_to_a_second_one(server: Serving, source: FeedSource) -> None:
    server.answers["/blog"] = server.answers["/feed.xml"] = feed_reply(feed_body("page-with-feed.html"), "text/html")
    error = error_of(source, server, "/blog")
    assert (error.condition, len(server.asked)) == (Condition.NO_SUCH_API, 2)
    assert "is a web page, no feed" in str(error)


def test_what_a_page_names_is_guarded_like_everything_else(
    server: Serving, make_source: Callable[..., FeedSource]
) -> None:
    server.answers["/blog"] = feed_reply(feed_body("page-with-feed.html"), "text/html")
    error = error_of(make_source(allow_private=False), server, "/blog")
    assert error.condition is Condition.REFUSED_ADDRESS
    assert server.asked == []


@pytest.mark.parametrize(
    ("reply", "condition", "words"),
    [
        (Reply(status=404), Condition.NO_SUCH_API, "no feed (HTTP 404)"),
        (Reply(status=410, body=b"<html>"), Condition.NO_SUCH_API, "no feed (HTTP 410)"),
        (Reply(status=401), Condition.NEEDS_TOKEN, "does not show this feed to everybody"),
        (json_reply({"error": "no"}, 403), Condition.NEEDS_TOKEN, "does not show this feed to everybody"),
        (Reply(status=403, body=b"<html>shield"), Condition.UNREADABLE, "HTTP 403"),
        (Reply(status=503, headers={"Retry-After": "60"}), Condition.SERVER_FAULT, "HTTP 503"),
        (Reply(body=b""), Condition.UNREADABLE, "empty answer"),
        (feed_reply(b" " * 8_400_000), Condition.UNREADABLE, "more than 8,192 KiB"),
        (Reply(resets=True), Condition.UNREACHABLE, "broke off"),
    ],
)
def test_each_failure_is_told_apart(
    server: Serving, source: FeedSource, reply: Reply, condition: Condition, words: str
) -> None:
    server.answers[PATH] = reply
    error = error_of(source, server)
    assert error.condition is condition
    assert words in str(error)
    assert source.probe(key(server)).condition is condition


def test_an_entry_that_cannot_be_read_costs_only_itself(server: Serving, source: FeedSource) -> None:
    server.answers[PATH] = feed_reply(rss(rss_item(1), "<item></item>", rss_item(2)))
    page = source.fetch_page(key(server), Look())
    assert len(page.found) == 2
    assert [rejection.reason for rejection in page.rejections] == ["no id"]


def test_an_empty_feed_holds_no_posts_and_half_a_feed_is_called_so(server: Serving, source: FeedSource) -> None:
    for body, condition in ((rss(), Condition.NO_POSTS), (feed_body("cut-off.rss"), Condition.HALF_FEED)):
        server.answers[PATH] = feed_reply(body, ETag=WEAK)
        page = source.fetch_page(key(server), Look())
        assert (page.condition, page.bookmark) == (condition, None)
        assert ("breaks off" in page.message) == (condition is Condition.HALF_FEED)


def test_a_feed_that_breaks_off_before_its_first_entry_is_unreadable(server: Serving, source: FeedSource) -> None:
    server.answers[PATH] = feed_reply(rss(rss_item())[:300])
    error = error_of(source, server)
    assert error.condition is Condition.UNREADABLE
    assert "breaks off before its first entry" in str(error)


@pytest.mark.parametrize(
    ("head", "headers", "seen_at"),
    [
        (f"<lastBuildDate>{DATE}</lastBuildDate>", {"Last_Modified": "Wed, 18 Nov 2026 00:00:00 GMT"}, (17, 9, 41)),
        ("<lastBuildDate>soon</lastBuildDate>", {"Last_Modified": "Wed, 18 Nov 2026 00:00:00 GMT"}, (18, 0, 0)),
        ("", {"Last_Modified": "soon"}, (23, 8, 0)),
        ("", {}, (23, 8, 0)),
    ],
)
def test_an_entry_without_a_date_has_that_of_its_first_sight_and_keeps_it(
    server: Serving,
    make_source: Callable[..., FeedSource],
    head: str,
    headers: dict[str, str],
    seen_at: tuple[int, int, int],
) -> None:
    clock = [NOW]
    source = make_source(now=lambda: clock[0])
    undated = rss_item(1, pubDate=None)
    server.answers[PATH] = feed_reply(rss(undated, head=head), **headers)
    (first,) = source.fetch_page(key(server), Look()).found
    assert first.post.published_at == datetime(2026, 11, *seen_at, tzinfo=UTC)
    clock[0] = NOW + timedelta(days=1)
    later = f"<lastBuildDate>{DATE.replace('17', '20')}</lastBuildDate>"
    server.answers[PATH] = feed_reply(rss(rss_item(2, pubDate=None), undated, head=later))
    again = source.fetch_page(key(server), Look()).found
    assert first in again
    assert FeedSource.read_kept(unpack(first.raw), key(server), None) == first


def test_a_kept_entry_is_read_as_it_was(server: Serving, source: FeedSource) -> None:
    for name in ("mastodon-tag.rss", "youtube-channel.xml", "blogger.atom", "json-feed.json", "undated.rss"):
        server.answers[PATH] = feed_reply(feed_body(name))
        page = source.fetch_page(key(server), Look())
        assert page.found
        for item in page.found:
            assert source.read_kept(unpack(item.raw), key(server), None) == item


def test_a_probe_says_what_the_feed_is(server: Serving, source: FeedSource) -> None:
    probe = source.probe(key(server))
    assert probe.message == f"127.0.0.1:{server.port}{PATH} is a feed of 2 entries"
    assert (probe.title, probe.condition, probe.needs_token) == ("A feed", Condition.OK, False)
    server.answers[PATH] = feed_reply(rss(rss_item(1), "<item></item>"))
    assert source.probe(key(server)).message.endswith("a feed of 2 entries, of which 1 cannot be read")
    server.answers[PATH] = feed_reply(feed_body("cut-off.rss"))
    assert source.probe(key(server)).message.endswith("a feed of 1 entry, and some are missing")
    server.answers[PATH] = feed_reply(rss())
    assert source.probe(key(server)).condition is Condition.NO_POSTS


def test_a_secret_in_the_address_stands_in_no_message(
    server: Serving, source: FeedSource, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="collector")
    path = f"{PATH}?key=s3cr3t"
    told = [source.probe(key(server, path)).message]
    for reply in (Reply(status=404), Reply(status=401), Reply(body=b"<!doctype html>"), Reply(resets=True)):
        server.answers[PATH] = reply
        told += [str(error_of(source, server, path)), source.probe(key(server, path)).message]
    assert "s3cr3t" not in " ".join(told) + caplog.text


def test_a_feed_that_moved_is_followed(server: Serving, source: FeedSource) -> None:
    server.answers["/old"] = Reply(status=301, headers={"Location": PATH})
    bookmark = source.fetch_page(key(server, "/old"), Look()).bookmark

    def unchanged(asked: Asked) -> Reply:
        return Reply(status=304 if asked.headers["If-None-Match"] == WEAK else 500)

    server.answers[PATH] = unchanged
    assert source.fetch_page(key(server, "/old"), Look(bookmark=bookmark)).found == ()


def test_a_feed_says_what_its_configuration_takes() -> None:
    form = FeedSource.form
    assert (form.is_page, form.default_collect) == (True, "hashtag")
    assert {name: [each.asks for each in watched] for name, watched in form.collects.items()} == {
        "hashtag": [Asks.TOPIC],
        "all": [Asks.EVERYTHING],
    }
    assert FeedSource.reads_all


def test_entries_that_are_told_again_are_equal(server: Serving, make_source: Callable[..., FeedSource]) -> None:
    one, other = (make_source().fetch_page(key(server), Look()) for _ in range(2))
    assert one == other
    assert all(isinstance(item, Found) for item in one.found)


def test_the_kind_is_imported_without_its_heavy_parts() -> None:
    heavy = "('httpx', 'feedparser', 'mastodon')"
    code = f"import sys, collector.sources.feed; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_feed_that_broke_off_is_asked_for_whole_the_next_time(server: Serving, source: FeedSource) -> None:
    whole = rss(rss_item(1), rss_item(2), rss_item(3))
    server.answers[PATH] = feed_reply(whole[: whole.rindex("<item>") + 30], ETag=WEAK)
    page = source.fetch_page(key(server), Look())
    assert (page.condition, page.bookmark) == (Condition.HALF_FEED, None)
