"""Ids in the addresses of posts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.mastodon.permalinks import status_id

HERE = "https://fedi.example"


@pytest.mark.parametrize(
    ("path", "native_id"),
    [
        ("/@carys/115590123456789012", "115590123456789012"),
        ("/@carys@other.example/115590123456789012", "115590123456789012"),
        ("/@carys/115590123456789012?utm=x#top", "115590123456789012"),
        ("/deck/@carys/115590123456789012", "115590123456789012"),
        ("/users/carys/statuses/115590123456789012", "115590123456789012"),
        ("/ap/users/115/statuses/115590123456789012", "115590123456789012"),
        ("/web/statuses/115590123456789012", "115590123456789012"),
        ("/@carys/statuses/01M82F801PG7ZDZJ2A2F4PEJ23", "01M82F801PG7ZDZJ2A2F4PEJ23"),
        ("/users/carys/statuses/01M82F801PG7ZDZJ2A2F4PEJ23", "01M82F801PG7ZDZJ2A2F4PEJ23"),
        ("/@asha@fedi.example/posts/647430488095661608/", "647430488095661608"),
        ("/%40asha/posts/647430488095661608/", "647430488095661608"),
        ("/notice/AbCd12", "AbCd12"),
        ("/@carys", None),
        ("/@carys/followers/all", None),
        ("/about", None),
        ("/tags/notcoproduction", None),
        ("/@carys/1/../2", None),
        ("/@carys/1%2F2", None),
        ("", None),
    ],
)
def test_each_softwares_addresses_give_the_servers_own_id(path: str, native_id: str | None) -> None:
    assert status_id(HERE + path, HERE) == native_id


@pytest.mark.parametrize(
    ("url", "is_here"),
    [
        ("https://FEDI.example:443/@carys/1", True),
        ("http://fedi.example/@carys/1", False),
        ("https://fedi.example:8443/@carys/1", False),
        ("https://other.example/@carys/1", False),
        ("https://fedi.example.evil.example/@carys/1", False),
        ("at://did:plc:x/app.bsky.feed.post/1", False),
        ("no address", False),
    ],
)
def test_an_id_counts_only_on_its_own_server(url: str, is_here: bool) -> None:
    assert (status_id(url, HERE) == "1") is is_here


@given(st.text())
def test_an_id_can_always_stand_in_a_path(text: str) -> None:
    native_id = status_id(f"{HERE}/@carys/{text}", HERE)
    assert native_id is None or (native_id.isascii() and native_id.isalnum())
