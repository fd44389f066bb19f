"""The comments feed: what is left where the API is closed."""

from __future__ import annotations

from typing import Any

import pytest
from recorded_blog import ADDRESS, body_of, json_of

from collector.model import Found, Rejection
from collector.sources.wordpress.feed import FEED_COMMENT, read_comments_feed
from collector.sources.wordpress.items import read_all, read_raw

BLOG = "https://blog.example"


def entry(content: str = "<p>Words.</p>", **changes: Any) -> dict[str, Any]:
    return {
        "type": FEED_COMMENT,
        "link": f"{BLOG}/a-post/#comment-2",
        "guid": f"{BLOG}/?p=4#comment-2",
        "author_name": "Jo",
        "date_gmt": "2026-11-17T09:41:00+00:00",
        "title": "A post",
        "content": {"rendered": content},
    } | changes


def found(raw: dict[str, Any]) -> Found:
    item = read_raw(raw)
    assert isinstance(item, Found)
    return item


def feed(*items: str, title: str = "Comments for A blog") -> bytes:
    head = f'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{title}</title>'
    return f'<?xml version="1.0"?>{head}{"".join(items)}</channel></rss>'.encode()


def item(text: str, number: int = 2, **changes: str) -> str:
    told = {
        "title": "Comment on A post by Jo",
        "link": f"{BLOG}/a-post/#comment-{number}",
        "creator": "Jo",
        "date": f"Tue, 17 Nov 2026 09:4{number}:00 +0000",
    } | changes
    return (
        f"<item><title>{told['title']}</title><link>{told['link']}</link><dc:creator>{told['creator']}</dc:creator>"
        f"<pubDate>{told['date']}</pubDate><description><![CDATA[{text}]]></description></item>"
    )


@pytest.mark.parametrize("name", ["feed-of-site", "feed-of-post", "feed-plain"])
def test_a_feed_tells_the_same_as_the_api(name: str) -> None:
    read = read_comments_feed(body_of(name))
    assert read is not None
    by_feed, rejections = read_all(read.entries)
    assert (len(by_feed), rejections, read.is_locked) == (10, (), False)
    if name == "feed-plain":
        assert all(post.post.uri.startswith(f"{ADDRESS}/?p=") for post in by_feed)
        return
    by_api = {one.native_id: one.post for one in read_all(json_of("comments"))[0]}
    both = [(one.post, by_api[one.native_id]) for one in by_feed if one.native_id in by_api]
    assert len(both) >= 9
    for told, wanted in both:
        assert (told.uri, told.text, told.title) == (wanted.uri, wanted.text, wanted.title)
        assert (told.reply_to_uri, told.published_at) == (wanted.reply_to_uri, wanted.published_at)
        assert (told.hashtags, told.links) == (wanted.hashtags, wanted.links)


@pytest.mark.parametrize("name", ["feed-of-posts", "page-plain-home", "closed"])
def test_what_is_no_comments_feed_is_known(name: str) -> None:
    assert read_comments_feed(body_of(name)) is None


def test_the_form_in_place_of_a_locked_comment_is_never_kept() -> None:
    read = read_comments_feed(body_of("feed-of-locked-post"))
    assert read is not None
    assert (read.entries, read.is_locked) == ((), True)


@pytest.mark.parametrize(
    "text",
    [
        "[&#8230;] examples of what co-production is not [&#8230;]",
        "<p>[...] cut out of another page [...]</p>",
        "<strong>Not co-production...</strong> A trackback excerpt [...]",
        "<p><strong>Another blog</strong></p><p>The beginning of a page&#8230;</p>",
    ],
)
def test_pings_are_left_out_by_their_looks(text: str) -> None:
    read = read_comments_feed(feed(item(text), item("Words…", 3), item("<strong>Loud</strong> words.", 4)))
    assert read is not None
    assert [raw["link"].rpartition("-")[2] for raw in read.entries] == ["4", "3"]


@pytest.mark.parametrize(
    ("lead", "answered"),
    [
        ('<p>In reply to <a href="{blog}/a-post/#comment-1">Sam</a>.</p>\n', "#comment-1"),
        ('<p>In reply to <a href="{blog}/a-post/comment-page-1/#comment-1">&#8220;Lou&#8221;</a>.</p>', "#comment-1"),
        ('<p>En réponse à <a href="{blog}/a-post/#comment-1" rel="nofollow">Sam</a>.</p>', "#comment-1"),
        ('<p><a href="{blog}/a-post/#comment-1">Sam</a> への返信。</p>', "#comment-1"),
        ('In reply to <a href="{blog}/a-post/#comment-1">Sam</a>.\n\n', "#comment-1"),
        ("", ""),
    ],
)
def test_the_line_that_says_whom_a_reply_answers_becomes_an_address(lead: str, answered: str) -> None:
    post = found(entry(lead.format(blog=BLOG) + "<p>Words.</p>")).post
    assert post.text == "Words."
    assert post.reply_to_uri == f"{BLOG}/a-post/{answered}"


@pytest.mark.parametrize(
    "content",
    [
        '<p>See <a href="https://other.example/a-post/#comment-1">there</a>.</p><p>Words.</p>',
        '<p>See <a href="https://blog.example/a-post/">the post</a>.</p><p>Words.</p>',
        '<p><a href="https://blog.example/a-post/#comment-1">Sam</a></p><p>Words.</p>',
        '<p>Words. See <a href="https://blog.example/a-post/#comment-1">Sam</a> and all the others who wrote so.</p>',
    ],
)
def test_a_line_of_the_commenters_own_stays(content: str) -> None:
    post = found(entry(content)).post
    assert "Words." in post.text
    assert len(post.links) == 1
    assert post.reply_to_uri == f"{BLOG}/a-post/"


@pytest.mark.parametrize(
    ("title", "feed_title", "creator", "expected"),
    [
        ("Comment on A post by Jo", "Comments for A blog", "Jo", "A post"),
        ("Comment on Tea by the sea by Jo", "Comments for A blog", "Jo", "Tea by the sea"),
        ("Comment on Q &amp;amp; A by Hal &amp;#38; Sons", "Comments for A blog", "Hal &amp;#38; Sons", "Q & A"),
        ("By: Jo", "Comments on: A post", "Jo", "A post"),
        ("Kommentar zu A post von Jo", "Kommentare für A blog", "Jo", ""),
    ],
)
def test_the_title_of_the_post_is_found_among_the_words_around_it(
    title: str, feed_title: str, creator: str, expected: str
) -> None:
    read = read_comments_feed(feed(item("Words.", title=title, creator=creator), title=feed_title))
    assert read is not None
    assert read.entries[0]["title"] == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"date_gmt": None}, "no date"),
        ({"link": f"{BLOG}/a-post/"}, "no id"),
        ({"link": "#comment-2"}, "link: not a web address"),
    ],
)
def test_an_entry_that_cannot_be_known_again_is_rejected(changes: dict[str, Any], reason: str) -> None:
    read = read_raw(entry(**changes))
    assert isinstance(read, Rejection)
    assert read.reason == reason


def test_an_entry_without_a_date_costs_no_other() -> None:
    read = read_comments_feed(feed(item("One.", date="yesterday"), item("Two.", 3)))
    assert read is not None
    posts, rejections = read_all(read.entries)
    assert [post.post.text for post in posts] == ["Two."]
    assert [rejection.native_id for rejection in rejections] == ["comment-2"]


def test_nobody_is_the_same_nobody_by_feed_and_by_api() -> None:
    post = found(entry(author_name="Anonymous")).post
    assert post.author.key == "comment-2@blog.example"


@pytest.mark.parametrize(
    "body", [b"", b"\0", b"<rss", b"{}", b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><rss>&a;</rss>"]
)
def test_broken_feeds_do_no_harm(body: bytes) -> None:
    read = read_comments_feed(body)
    assert read is None or read.entries == ()


def test_one_link_that_is_no_address_costs_no_other_comment() -> None:
    broken = item("Lost.", 3).replace("<link>https://", "<link>http://[")
    read = read_comments_feed(feed(broken, item("Kept.")))
    assert read is not None
    assert [found(raw).post.text for raw in read.entries if raw["link"].endswith("-2")] == ["Kept."]
