"""Addresses of a blog: the many ways to write one place."""

from __future__ import annotations

import pytest

from collector.sources.wordpress.addresses import (
    comment_id_in,
    feed_owner,
    home_of,
    namespace_of,
    permalink_of,
    post_id_in,
    resource_in,
    route_address,
    slug_in,
    with_page_of,
    without_scheme,
)

BLOG = "https://blog.example"


@pytest.mark.parametrize(
    ("link", "permalink"),
    [
        (f"{BLOG}/2013/a-post/#comment-2", f"{BLOG}/2013/a-post/"),
        (f"{BLOG}/2013/a-post/comment-page-2/#comment-2", f"{BLOG}/2013/a-post/"),
        (f"{BLOG}/a-post.html/comment-page-12#comment-2", f"{BLOG}/a-post.html"),
        (f"{BLOG}/?p=4#comment-2", f"{BLOG}/?p=4"),
        (f"{BLOG}/?p=4&cpage=2#comment-2", f"{BLOG}/?p=4"),
        (f"{BLOG}/a-post/?replytocom=3#respond", f"{BLOG}/a-post/"),
        (f"{BLOG}/a-post/?lang=cy&cpage=2#comment-2", f"{BLOG}/a-post/?lang=cy"),
        ("HTTPS://Blog.Example:443/a-post#comment-2", f"{BLOG}/a-post"),
        (f"{BLOG}/about-comment-page-2/", f"{BLOG}/about-comment-page-2/"),
        (f"{BLOG}?p=4#comment-2", f"{BLOG}/?p=4"),
    ],
)
def test_a_post_has_one_address_whatever_page_its_comment_is_on(link: str, permalink: str) -> None:
    assert permalink_of(link) == permalink
    assert permalink_of(permalink) == permalink


@pytest.mark.parametrize("link", ["", None, 4, "/a-post/", "mailto:me@example.org", "javascript:alert(1)", "https://"])
def test_what_is_no_web_address_is_no_permalink(link: object) -> None:
    with pytest.raises(ValueError, match="link: not a web address"):
        permalink_of(link)


@pytest.mark.parametrize(
    ("url", "number"),
    [
        (f"{BLOG}/a/#comment-2", "2"),
        (f"{BLOG}/a/#comments", None),
        (f"{BLOG}/a/#comment-", None),
        (f"{BLOG}/comment-2", None),
        (f"{BLOG}/a/#comment-2x", None),
    ],
)
def test_a_comment_is_named_in_the_fragment(url: str, number: str | None) -> None:
    assert comment_id_in(url) == number


@pytest.mark.parametrize(
    ("api", "home"),
    [
        (f"{BLOG}/wp-json/", f"{BLOG}/"),
        (f"{BLOG}/wp-json", f"{BLOG}/"),
        (f"{BLOG}/a/folder/wp-json/wp/v2/comments/2", f"{BLOG}/a/folder/"),
        (f"{BLOG}/index.php/wp-json/", f"{BLOG}/"),
        (f"{BLOG}/index.php?rest_route=/", f"{BLOG}/"),
        (f"{BLOG}/folder/index.php?rest_route=/wp/v2/posts/4", f"{BLOG}/folder/"),
        (f"{BLOG}/?rest_route=/", f"{BLOG}/"),
        (f"{BLOG}/api/v1", None),
        ("https://public-api.wordpress.com/wp/v2/sites/blog.example/comments/2", None),
    ],
)
def test_the_home_of_a_blog_is_told_by_its_api(api: str, home: str | None) -> None:
    assert home_of(api) == home


@pytest.mark.parametrize(
    ("root", "address"),
    [
        (f"{BLOG}/wp-json/", f"{BLOG}/wp-json/wp/v2/comments?post=4&include=1,2"),
        (f"{BLOG}/wp-json", f"{BLOG}/wp-json/wp/v2/comments?post=4&include=1,2"),
        (
            f"{BLOG}/index.php?rest_route=/",
            f"{BLOG}/index.php?rest_route=/wp/v2/comments&post=4&include=1,2",
        ),
    ],
)
def test_a_route_is_asked_for_in_either_way(root: str, address: str) -> None:
    assert route_address(namespace_of(root), "comments", {"post": "4", "include": "1,2"}) == address


@pytest.mark.parametrize(
    ("api", "resource"),
    [
        (f"{BLOG}/wp-json/wp/v2/posts/4", ("posts", "4")),
        (f"{BLOG}/index.php?rest_route=%2Fwp%2Fv2%2Fpages%2F7", ("pages", "7")),
        ("https://public-api.wordpress.com/wp/v2/sites/blog.example/posts/4", ("posts", "4")),
        (f"{BLOG}/wp-json/wp/v2/posts", None),
        (f"{BLOG}/wp-json/oembed/1.0/embed", None),
    ],
)
def test_an_address_of_the_api_says_what_it_leads_to(api: str, resource: tuple[str, str] | None) -> None:
    assert resource_in(api) == resource


def test_a_next_page_behind_a_proxy_is_asked_for_where_the_first_was() -> None:
    asked = f"{BLOG}/wp-json/wp/v2/comments?order=desc&_embed=up&page=2"
    told = "http://127.0.0.1:8080/wp-json/wp/v2/comments?order=desc&_embed=up&page=3"
    assert with_page_of(asked, told) == f"{BLOG}/wp-json/wp/v2/comments?order=desc&_embed=up&page=3"
    assert with_page_of(asked, "http://127.0.0.1:8080/elsewhere?after=x") is None


def test_the_parts_of_addresses_that_tell_something() -> None:
    assert post_id_in(f"{BLOG}/?p=4") == "4"
    assert post_id_in(f"{BLOG}/?page_id=7&preview=true") == "7"
    assert post_id_in(f"{BLOG}/?p=x") is None
    assert slug_in(f"{BLOG}/2013/%C3%BCber-uns/comment-page-2/") == "über-uns"
    assert slug_in(f"{BLOG}/") == ""
    assert without_scheme(f"{BLOG}/a/") == without_scheme("http://blog.example/a")
    assert without_scheme(f"{BLOG}/?p=4") != without_scheme(f"{BLOG}/?p=5")
    assert feed_owner(f"{BLOG}/a-post/feed/") == feed_owner(f"{BLOG}/a-post/feed/atom/") == f"{BLOG}/a-post/"
    assert feed_owner(f"{BLOG}/folder/?feed=comments-rss2") == f"{BLOG}/folder/"
