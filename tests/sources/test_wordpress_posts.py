"""A raw post of a blog's own into a post."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from recorded_blog import ADDRESS, PERMALINK, json_of

from collector.model import Found, Hashtag, Post, Rejection
from collector.sources.raw import unpack
from collector.sources.wordpress.items import read_raw

BLOG = "https://blog.example"


def term(name: str, taxonomy: str = "post_tag") -> dict[str, Any]:
    return {"id": 3, "taxonomy": taxonomy, "name": name, "slug": name.lower(), "link": f"{BLOG}/tag/{name}/"}


def raw_post(**changes: Any) -> dict[str, Any]:
    return {
        "id": 4,
        "type": "post",
        "status": "publish",
        "date_gmt": "2026-11-17T09:41:00",
        "modified_gmt": "2026-11-17T09:41:59",
        "slug": "a-post",
        "link": f"{BLOG}/a-post/",
        "guid": {"rendered": f"{BLOG}/?p=4"},
        "title": {"rendered": "Examples &#8211; #coproduction"},
        "content": {"rendered": "<p>See #NotCoProduction.</p>", "protected": False},
        "author": 1,
        "_links": {"self": [{"href": f"{BLOG}/wp-json/wp/v2/posts/4"}]},
        "_embedded": {
            "author": [
                {
                    "id": 1,
                    "name": "Rick",
                    "url": "",
                    "slug": "rick",
                    "avatar_urls": {"24": "https://a.example/avatar/x"},
                }
            ],
            "wp:term": [
                [term("Uncategorized", "category")],
                [term("Participation"), term("Two words"), term("R&amp;D")],
            ],
        },
    } | changes


def read(**changes: Any) -> Post:
    item = read_raw(raw_post(**changes))
    assert isinstance(item, Found)
    assert read_raw(unpack(item.raw)) == item
    assert "avatar" not in str(unpack(item.raw))
    return item.post


def test_a_post_becomes_a_post_with_its_tags() -> None:
    post = read()
    assert post.uri == post.url == f"{BLOG}/a-post/"
    assert post.published_at == datetime(2026, 11, 17, 9, 41, tzinfo=UTC)
    assert (post.title, post.text) == ("Examples – #coproduction", "See #NotCoProduction.")
    assert post.hashtags == (
        Hashtag(normal="coproduction", display="coproduction"),
        Hashtag(normal="notcoproduction", display="NotCoProduction"),
        Hashtag(normal="participation", display="Participation", found_in="tags"),
        Hashtag(normal="r&d", display="R&D", found_in="tags"),
    )
    assert (post.author.key, post.author.handle, post.author.name) == (
        "user-1@blog.example",
        "rick@blog.example",
        "Rick",
    )
    assert post.reply_to_uri is None
    assert post.other_addresses == (f"{BLOG}/?p=4",)


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"modified_gmt": "2026-11-17T10:41:00"}, "edited_at", datetime(2026, 11, 17, 10, 41, tzinfo=UTC)),
        ({"modified_gmt": "2026-11-17T09:42:00"}, "edited_at", None),
        ({"modified_gmt": "2026-11-16T09:41:00"}, "edited_at", None),
        ({"modified_gmt": None}, "edited_at", None),
        (
            {"guid": {"rendered": f"{BLOG}/2013/old-name/"}},
            "other_addresses",
            (f"{BLOG}/?p=4", f"{BLOG}/2013/old-name/"),
        ),
        ({"guid": {"rendered": "http://old.example/?p=4"}}, "other_addresses", (f"{BLOG}/?p=4",)),
        ({"link": f"{BLOG}/?p=4", "_links": {}}, "other_addresses", ()),
        ({"_embedded": {"author": [{"code": "rest_user_invalid_id"}]}}, "text", "See #NotCoProduction."),
        ({"_embedded": {"wp:term": [{"not": "a list"}, None]}}, "title", "Examples – #coproduction"),
        ({"title": {"rendered": ""}}, "title", ""),
    ],
)
def test_each_part_is_read_for_itself(changes: dict[str, Any], field: str, value: object) -> None:
    assert getattr(read(**changes), field) == value


def test_a_page_is_known_by_another_number() -> None:
    item = read_raw(raw_post(type="page", guid=None))
    assert isinstance(item, Found)
    assert (item.native_id, item.post.other_addresses) == ("page-4", (f"{BLOG}/?page_id=4",))


@pytest.mark.parametrize(
    "changes", [{"content": {"rendered": "", "protected": True}}, {"status": "private"}, {"status": "draft"}]
)
def test_what_is_not_for_everybody_is_left_out(changes: dict[str, Any]) -> None:
    assert read_raw(raw_post(**changes)) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "no id"),
        ({"link": None}, "link: not a web address"),
        ({"date_gmt": None}, "date_gmt: not an instant"),
        ({"author": None}, "no author"),
        ({"content": {"rendered": 4}}, "content: not a text"),
    ],
)
def test_what_cannot_be_known_again_is_rejected(changes: dict[str, Any], reason: str) -> None:
    item = read_raw(raw_post(**changes))
    assert isinstance(item, Rejection)
    assert item.reason == reason


def test_recorded_posts_are_all_read() -> None:
    items = [read_raw(raw) for raw in json_of("posts")]
    posts = [item.post for item in items if isinstance(item, Found)]
    assert [post.uri for post in posts] == [f"{ADDRESS}/2014/11/26/a-year-of-notcoproduction/", PERMALINK]
    assert [post.author.name for post in posts] == ["rick", "rick"]
    assert all(post.carries(frozenset({"notcoproduction"})) for post in posts)
