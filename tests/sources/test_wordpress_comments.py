"""A raw comment into a post."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_blog import ADDRESS, PERMALINK, json_of

from collector.model import Found, Hashtag, Post, Rejection
from collector.sources.raw import unpack
from collector.sources.wordpress.comments import kept_of_comment, normalise_comment
from collector.sources.wordpress.items import read_raw

BLOG = "https://blog.example"


def raw_comment(**changes: Any) -> dict[str, Any]:
    return {
        "id": 2,
        "post": 4,
        "parent": 0,
        "author": 0,
        "author_name": "Jo at home",
        "author_url": "http://cushions.example/",
        "date": "2026-07-17T10:41:00",
        "date_gmt": "2026-07-17T09:41:00",
        "content": {"rendered": "<p>I chose the cushions. #NotCoProduction</p>\n"},
        "link": f"{BLOG}/a-post/#comment-2",
        "status": "approved",
        "type": "comment",
        "author_avatar_urls": {"24": "https://0.gravatar.com/avatar/c1a44d5a403a324840f1f3f978b865ff?s=24"},
        "_links": {"self": [{"href": f"{BLOG}/wp-json/wp/v2/comments/2"}]},
        "_embedded": {"up": [{"id": 4, "type": "post", "link": f"{BLOG}/a-post/", "title": {"rendered": "A &amp; B"}}]},
    } | changes


def read(**changes: Any) -> Post:
    item = read_raw(raw_comment(**changes))
    assert isinstance(item, Found)
    assert item.native_id == "comment-2"
    return item.post


def test_a_comment_becomes_a_post_under_its_post() -> None:
    post = read()
    assert post.network == "wordpress"
    assert post.uri == post.url == f"{BLOG}/a-post/#comment-2"
    assert post.published_at == datetime(2026, 7, 17, 9, 41, tzinfo=UTC)
    assert post.edited_at is None
    assert (post.title, post.text) == ("A & B", "I chose the cushions. #NotCoProduction")
    assert post.hashtags == (Hashtag(normal="notcoproduction", display="NotCoProduction"),)
    assert post.reply_to_uri == f"{BLOG}/a-post/"
    assert post.other_addresses == (f"{BLOG}/?p=4#comment-2",)
    assert (post.author.name, post.author.url) == ("Jo at home", "http://cushions.example/")


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"parent": 1}, "reply_to_uri", f"{BLOG}/a-post/#comment-1"),
        ({"link": f"{BLOG}/a-post/comment-page-3/#comment-2"}, "uri", f"{BLOG}/a-post/#comment-2"),
        ({"link": f"{BLOG}/?p=4&cpage=3#comment-2"}, "uri", f"{BLOG}/?p=4#comment-2"),
        ({"link": f"{BLOG}/?p=4#comment-2"}, "other_addresses", ()),
        ({"_links": None}, "other_addresses", ()),
        ({"_links": {"self": [{"href": "https://elsewhere.example/wp-json/wp/v2/comments/2"}]}}, "other_addresses", ()),
        (
            {"_links": {"self": [{"href": "https://public-api.wordpress.com/wp/v2/sites/blog.example/comments/2"}]}},
            "other_addresses",
            (f"{BLOG}/?p=4#comment-2",),
        ),
        (
            {"_embedded": {"up": [{"type": "page", "title": {"rendered": "About"}}]}},
            "other_addresses",
            (f"{BLOG}/?page_id=4#comment-2",),
        ),
        ({"_embedded": {"up": [{"code": "rest_forbidden", "message": "Sorry."}]}}, "title", ""),
        ({"_embedded": None}, "title", ""),
        ({"content": {"rendered": "<p>Me &#8211; 2&#215;4 &lt;3 🙃<br />x</p>"}}, "text", "Me – 2×4 <3 🙃\nx"),
        ({"content": {"rendered": '<a href="mailto:me@mail.example">me@mail.example</a>'}}, "links", ()),
        ({"content": {"rendered": '<a href="https://a.example/">a</a>'}}, "links", ("https://a.example/",)),
        ({"content": {"rendered": "No tag: https://a.example/#notcoproduction"}}, "hashtags", ()),
    ],
)
def test_each_part_is_read_for_itself(changes: dict[str, Any], field: str, value: object) -> None:
    assert getattr(read(**changes), field) == value


def test_the_title_of_the_post_is_not_the_words_of_the_comment() -> None:
    up = {"type": "post", "title": {"rendered": "Examples of #notcoproduction"}}
    assert read(content={"rendered": "<p>No tag.</p>"}, _embedded={"up": [up]}).hashtags == ()


def test_members_are_known_by_their_number() -> None:
    assert read(author=2).author.key == "user-2@blog.example"
    assert read(author="2", _links=None).author.key == "user-2@blog.example"
    assert read(author=None).author.key == read().author.key


@pytest.mark.parametrize(
    "changes", [{"type": "pingback"}, {"type": "trackback"}, {"type": "review"}, {"type": []}, {"status": "hold"}]
)
def test_what_nobody_wrote_there_is_left_out(changes: dict[str, Any]) -> None:
    assert read_raw(raw_comment(**changes)) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "no id"),
        ({"id": "x"}, "no id"),
        ({"id": True}, "no id"),
        ({"link": ""}, "link: not a web address"),
        ({"link": "tag:blog.example,2026:2"}, "link: not a web address"),
        ({"date_gmt": None}, "date_gmt: not an instant"),
        ({"date_gmt": "0000-00-00T00:00:00"}, "date_gmt: not an instant"),
        ({"content": None}, "content: not a text"),
        ({"content": {"rendered": None}}, "content: not a text"),
        ({"id": None, "type": []}, "no id"),
    ],
)
def test_what_lacks_what_makes_it_a_comment_is_rejected(changes: dict[str, Any], reason: str) -> None:
    item = read_raw(raw_comment(**changes))
    assert isinstance(item, Rejection)
    assert item.reason == reason


@pytest.mark.parametrize("raw", [None, [], "comment", 7])
def test_what_is_no_object_is_rejected(raw: object) -> None:
    item = read_raw(raw)
    assert isinstance(item, Rejection)
    assert item.reason == "not an object"


def test_recorded_comments_are_all_read() -> None:
    items = [read_raw(raw) for raw in json_of("comments")]
    assert all(isinstance(item, Found) for item in items)
    posts = [item.post for item in items if isinstance(item, Found)]
    assert {post.title for post in posts} == {"Examples of not #coproduction"}
    assert all(post.uri.startswith(f"{PERMALINK}#comment-") for post in posts)
    assert all(post.other_addresses[0].startswith(f"{ADDRESS}/?p=4#comment-") for post in posts)
    assert {post.author.name for post in posts} >= {"Hal & Sons", "관리자", '"Lou"', "Bo O’Neil", ""}
    assert read_raw(json_of("comment-pingback")) is None


def test_nothing_of_a_mail_address_is_kept() -> None:
    secrets = {"author_email": "jo@mail.example", "author_name": "jo@mail.example", "author_ip": "192.0.2.7"}
    item = read_raw(raw_comment(**secrets, meta={"gravatar": "c1a44d5a403a324840f1f3f978b865ff"}))
    assert isinstance(item, Found)
    assert item.post.author.name == "jo"
    kept = str(unpack(item.raw))
    assert not [word for word in ("gravatar", "mail.example", "192.0.2.7", "c1a44d") if word in kept]
    assert not [one for one in map(read_raw, json_of("comments")) if one and "/avatar/" in str(unpack(one.raw))]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(raw_comment())), _JSON, max_size=4))
def test_any_answer_is_a_post_a_rejection_or_nothing(changes: dict[str, Any]) -> None:
    item = read_raw(raw_comment(**changes))
    if isinstance(item, Found):
        assert read_raw(unpack(item.raw)) == item
    elif item is not None:
        assert not item.reason.startswith("not foreseen")


@given(st.text(max_size=30), st.text(max_size=60))
def test_what_is_kept_makes_the_same_post(name: str, content: str) -> None:
    kept = kept_of_comment(raw_comment(author_name=name, content={"rendered": content}))
    assert kept_of_comment(kept) == kept
    assert normalise_comment(kept).author.name == normalise_comment(kept_of_comment(kept)).author.name
