"""Addresses: one form for each, and nothing shown as a link that is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.text.addresses import canonical_uri, canonical_url, host_address, is_web_address, same_host


@pytest.mark.parametrize(
    ("uri", "canonical"),
    [
        ("https://fedi.example/users/carys/statuses/1", "https://fedi.example/users/carys/statuses/1"),
        ("HTTPS://Fedi.Example:443/Users/Carys?A=b#C", "https://fedi.example/Users/Carys?A=b#C"),
        ("http://a.example:80", "http://a.example"),
        ("http://a.example:443/", "http://a.example:443/"),
        ("http://localhost:18080/x", "http://localhost:18080/x"),
        ("https://localhost:18081/@a@localhost:18081/posts/1/", "https://localhost:18081/@a@localhost:18081/posts/1/"),
        (" https://a.example/x\n", "https://a.example/x"),
        ("https://例え.jp/道", "https://xn--r8jz45g.jp/道"),
        ("https://User:Pass@A.example/x", "https://User:Pass@a.example/x"),
        ("https://[2001:DB8::1]:443/x", "https://[2001:db8::1]/x"),
        ("https://a.example/a/../b//c", "https://a.example/a/../b//c"),
        ("at://did:plc:AbC/app.bsky.feed.post/3k", "at://did:plc:AbC/app.bsky.feed.post/3k"),
        ("tag:A.example,2026:objectId=1:objectType=Status", "tag:A.example,2026:objectId=1:objectType=Status"),
    ],
)
def test_the_canonical_form_of_a_uri(uri: str, canonical: str) -> None:
    assert canonical_uri(uri) == canonical


@pytest.mark.parametrize(
    "uri",
    ["", "x", "/x", "//a.example/x", "https://", "https:///x", "https:a", "http://a.example:99999/", "1a:b", "tag:",
     "https://a.example/a b", "https://a.example/\u202ex", "https://[::1", "https://a.example/\ud800",
     "a" * 3000 + ":b", "https://a.example/" + "x" * 3000],
)  # fmt: skip
def test_what_is_no_uri_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match=r"URI|address|longer"):
        canonical_uri(uri)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("https://a.example/1", "https://a.example/1#x"),
        ("https://a.example/1", "https://a.example/1/"),
        ("https://a.example/A", "https://a.example/a"),
        ("https://a.example/1", "http://a.example/1"),
        ("https://faß.example/1", "https://fass.example/1"),
    ],
)
def test_two_posts_never_become_one(a: str, b: str) -> None:
    assert canonical_uri(a) != canonical_uri(b)


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://a.example/", True),
        ("http://a.example", True),
        ("HTTP://A.example:8080/x?y#z", True),
        ("https://例え.jp/道", True),
        ("http://[::1]:8080/", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("mailto:me@example.org", False),
        ("at://did:plc:x/y/z", False),
        ("//a.example/", False),
        ("https://", False),
        ("https://good.example\\@evil.example/", False),
        ('https://a.example/"onclick=', False),
        ("https://a.example/<b>", False),
        ("https://a.example/a b", False),
        ("https://a.example/\u202egpj.exe", False),
        ("https://a,b/", False),
        ("https://a.example:x/", False),
        ("\x01javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("", False),
    ],
)
def test_only_web_addresses_are_shown_as_links(url: str, is_one: bool) -> None:
    assert is_web_address(url) is is_one


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://A.example/x", "https://a.example"),
        ("https://a.example:443", "https://a.example"),
        ("http://a.example:443", "http://a.example:443"),
        ("http://user@localhost:18080/x", "http://localhost:18080"),
        ("https://例え.jp/道", "https://xn--r8jz45g.jp"),
        ("http://[::1]:80/", "http://[::1]"),
    ],
)
def test_a_host_is_scheme_name_and_port(url: str, address: str) -> None:
    assert host_address(url) == address


def test_hosts_are_compared_by_their_addresses() -> None:
    assert same_host("https://A.example/x", "https://a.example:443/y")
    assert not same_host("https://a.example/", "http://a.example/")
    assert not same_host("https://a.example/", "https://b.example/")
    assert not same_host("at://did:plc:x/y", "at://did:plc:x/y")


def test_a_web_address_always_has_a_path() -> None:
    assert canonical_url("https://A.example") == "https://a.example/"
    assert canonical_url("https://例え.jp?q=1") == "https://xn--r8jz45g.jp/?q=1"
    with pytest.raises(ValueError, match="not a web address"):
        canonical_url("tag:a.example,2026:x")


addresses = st.one_of(
    st.text(),
    st.tuples(
        st.sampled_from(["http://", "HTTPS://", "https:", "tag:", "at://", "javascript:", ""]),
        st.sampled_from(
            ["a.example", "Å.example", "[::1]", "[::g]", "x:80", "x:443", "x:99999", "x:", "a@b:1", "ß", ""]
        ),
        st.sampled_from(["", "/", "?", "#", "/x y", "/é", "\\"]),
        st.text(max_size=8),
    ).map("".join),
)


@given(addresses)
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    for form in (canonical_uri, canonical_url, host_address):
        try:
            once = form(text)
        except ValueError:
            continue
        assert form(once) == once
    if is_web_address(text):
        assert host_address(text).startswith(("http://", "https://"))
        assert canonical_url(text)
    assert isinstance(same_host(text, text), bool)
