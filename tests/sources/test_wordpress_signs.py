"""What a page of a blog says of itself."""

from __future__ import annotations

import pytest
from recorded_blog import ADDRESS, PERMALINK, recorded

from collector.sources.answers import Answer
from collector.sources.wordpress.signs import Link, PageSigns, links_of, read_signs


def signs(html: str = "", url: str = "https://blog.example/a-post/", **headers: str) -> PageSigns:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_signs(Answer(asked_url=url, url=url, status=200, headers=told, body=html.encode()))


def recorded_signs(name: str, url: str, **headers: str) -> PageSigns:
    reply = recorded(name, **headers)
    told = {key.lower(): value for key, value in reply.headers.items()}
    return read_signs(Answer(asked_url=url, url=url, status=reply.status, headers=told, body=reply.body))


@pytest.mark.parametrize("is_silent", [False, True])
def test_a_post_says_all_by_its_headers_or_by_its_html(is_silent: bool) -> None:
    read = recorded_signs("page-post", PERMALINK, **({"Link": ""} if is_silent else {}))
    assert read.api == f"{ADDRESS}/wp-json/"
    assert read.resource == ("posts", "4")
    assert read.post_id == "4"
    assert read.canonical == PERMALINK
    assert read.feeds == (f"{ADDRESS}/feed/", f"{ADDRESS}/comments/feed/", f"{PERMALINK}feed/")
    assert read.title == "Rick’s Blog & Sundries"
    assert (read.is_wordpress_com, read.is_list) == (False, False)


def test_with_plain_permalinks_the_api_has_another_address() -> None:
    home = recorded_signs("page-plain-home", f"{ADDRESS}/")
    assert (home.api, home.resource) == (f"{ADDRESS}/index.php?rest_route=/", None)
    post = recorded_signs("page-plain-post", f"{ADDRESS}/?p=4")
    assert (post.resource, post.post_id) == (("posts", "4"), "4")


@pytest.mark.parametrize(
    ("header", "links"),
    [
        ('<https://a/>; rel="next"', (Link("https://a/", "next", ""),)),
        ("<https://a/?b=1,2>;rel=shortlink", (Link("https://a/?b=1,2", "shortlink", ""),)),
        (
            '<https://a/>; rel="prev", <https://b/>; rel="alternate"; type="application/json"',
            (Link("https://a/", "prev", ""), Link("https://b/", "alternate", "application/json")),
        ),
        ('<https://a/>; title="x, y; z"; rel="NEXT"', (Link("https://a/", "next", ""),)),
        ("", ()),
        ("nonsense; rel=next", ()),
    ],
)
def test_a_link_header_is_read_as_it_comes(header: str, links: tuple[Link, ...]) -> None:
    assert links_of(header) == links


@pytest.mark.parametrize(
    ("html", "url", "headers", "expected"),
    [
        ("", "https://rick.wordpress.com/a/", {}, True),
        ("", "https://rick.example/a/", {"host_header": "WordPress.com"}, True),
        ('<meta name="generator" content="WordPress.com">', "https://rick.example/a/", {}, True),
        ('<meta name="generator" content="WordPress 6.1.9">', "https://rick.example/a/", {}, False),
        ("", "https://notwordpress.com/", {}, False),
    ],
)
def test_blogs_of_wordpress_com_are_known(html: str, url: str, headers: dict[str, str], *, expected: bool) -> None:
    assert signs(html, url, **headers).is_wordpress_com is expected


def test_what_a_theme_leaves_out_is_read_elsewhere() -> None:
    html = '<meta property="og:site_name" content="Rick&#8217;s"><body class="single postid-12 logged-out">'
    assert (signs(html).title, signs(html).post_id) == ("Rick’s", "12")
    assert signs('<body class="page page-id-7">').post_id == "7"
    assert signs('<body class="blog paged">').is_list
    assert not signs('<body class="home blog">').is_list


@pytest.mark.parametrize(
    "html", ["", "<![!x", "<link href='http://[' rel='alternate' type='application/rss+xml'>", "\0"]
)
def test_a_page_that_says_nothing_is_read_all_the_same(html: str) -> None:
    read = signs(html)
    assert (read.api, read.resource, read.post_id, read.feeds, read.title) == (None, None, None, (), "")
