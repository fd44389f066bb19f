"""What somebody is called, wherever they write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import make_author

from collector.identity import names_of

CARYS = [
    ("fediverse", "carys@fedi.example"),
    ("fediverse", "Carys@FEDI.example"),
    ("fediverse", "carys@carys.example"),
    ("fediverse", "carys@social.carys.example"),
    ("fediverse", "carys.bsky.social@bsky.brid.gy"),
    ("fediverse", "carys.example@web.brid.gy"),
    ("bluesky", "carys.bsky.social"),
    ("bluesky", "carys.fedi.example"),
    ("bluesky", "carys.example"),
    ("bluesky", "www.carys.example"),
    ("bluesky", "carys.co.uk"),
    ("bluesky", "carys.fedi.example.ap.brid.gy"),
    ("bluesky", "carys.example.web.brid.gy"),
    ("twitter", "carys@twitter.com"),
    ("twitter", "CARYS@x.com"),
    ("wordpress", "carys@blog.example"),
    ("wordpress", "Carys@blog.example"),
]


def names(network: str, handle: str) -> frozenset[str]:
    return names_of(make_author(handle=handle), network)


@pytest.mark.parametrize(("network", "handle"), CARYS)
def test_one_person_has_one_name_everywhere(network: str, handle: str) -> None:
    assert "carys" in names(network, handle)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("fediverse", "carys@fedi.example"), ("bluesky", "carys.fedi.example.ap.brid.gy")),
        (("fediverse", "carys_m@fedi.example"), ("bluesky", "carys-m.fedi.example.ap.brid.gy")),
        (("fediverse", "carys@fedi.example"), ("bluesky", "carys.fedi.example")),
        (("fediverse", "me@carys.example"), ("bluesky", "carys.example")),
        (("fediverse", "hello@social.carys.example"), ("bluesky", "www.carys.example")),
        (("fediverse", "morgan@carysmorgan.example"), ("bluesky", "carysmorgan.example")),
        (("fediverse", "carys.example@carys.example"), ("bluesky", "carys.example")),
        (("fediverse", "carys_morgan@fedi.example"), ("bluesky", "carys-morgan.bsky.social")),
        (("fediverse", "carys.morgan@fedi.example"), ("twitter", "CarysMorgan@twitter.com")),
        (("wordpress", "Carys Morgan@blog.example"), ("twitter", "carys_morgan@twitter.com")),
        (("wordpress", "小林花子@blog.example"), ("fediverse", "小林花子@fedi.example")),
        (("wordpress", "سارة@blog.example"), ("fediverse", "سارة@fedi.example")),
    ],
)
def test_names_agree_across_networks(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert names(*one) & names(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("fediverse", "carys@fedi.example"), ("bluesky", "dilys.bsky.social")),
        (("fediverse", "carys@fedi.example"), ("bluesky", "carys2.bsky.social")),
        (("fediverse", "carys@fedi.example"), ("bluesky", "fedi.example")),  # the server's own account
        (("fediverse", "sam@wetdry.example"), ("bluesky", "wetdry.bsky.social")),
        (("fediverse", "fos@fosstodon.example"), ("bluesky", "fosstodon.example")),
        (("fediverse", "me@carys.example"), ("bluesky", "me.bsky.social")),
        (("fediverse", "admin@fedi.example"), ("wordpress", "admin@blog.example")),
        (("wordpress", "anonymous@blog.example"), ("twitter", "anonymous@twitter.com")),
        (("wordpress", "me@carys.example"), ("bluesky", "carys.example")),  # a guest on her blog
        (("wordpress", "dilys@carys.example"), ("bluesky", "carys.example")),
        (("bluesky", "news.bsky.social"), ("twitter", "news@twitter.com")),
        (("bluesky", "www.gov.example"), ("twitter", "gov@twitter.com")),
        (("fediverse", "al@fedi.example"), ("bluesky", "al.bsky.social")),
        (("fediverse", "2026@fedi.example"), ("twitter", "2026@twitter.com")),
        (("wordpress", "@blog.example"), ("fediverse", "@fedi.example")),
        (("wordpress", "user-12@blog.example"), ("fediverse", "user12@fedi.example")),
        (("wordpress", "anonymous-7@blog.example"), ("twitter", "anonymous7@twitter.com")),
        (("bluesky", "handle.invalid"), ("fediverse", "handle@fedi.example")),
        (("bluesky", "did:plc:3ljm"), ("fediverse", "didplc3ljm@fedi.example")),
        (("wordpress", "🌻@blog.example"), ("fediverse", "🌻@fedi.example")),
    ],
)
def test_names_of_different_people_do_not_agree(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert not names(*one) & names(*other)


@pytest.mark.parametrize(
    "user",
    ["www", "blog", "Admin", "news", "editor", "hello", "mail", "social", "anonymous", "No_Reply", "a", "42", "🌻", ""],
)
def test_desks_and_initials_are_no_names(user: str) -> None:
    assert names("wordpress", f"{user}@blog.example") == frozenset()


@given(st.text(max_size=40), st.sampled_from(["fediverse", "bluesky", "twitter", "wordpress", "feed"]))
def test_no_handle_is_too_odd(handle: str, network: str) -> None:
    assert "" not in names(network, handle)


@given(st.from_regex(r"[a-z]{4}[a-z._-]{0,8}[a-z]", fullmatch=True))
def test_case_and_signs_inside_make_no_difference(user: str) -> None:
    plain = names("wordpress", user.replace(".", "").replace("_", "").replace("-", "") + "@blog.example")
    assert names("wordpress", user.upper() + "@blog.example") == plain
