"""The original that a bridge names: its own word only, in both directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_identity import comment, skeet, toot, tweet

from collector.identity import addresses_of, is_bridged, mirrored_handle, original_of
from collector.text.addresses import canonical_uri

RECORD = "at://did:plc:3ljmtyyjqcjee2kpewgsifvb/app.bsky.feed.post/3lvcb3tswns26"
MIRROR = "carys.fedi.example.ap.brid.gy"


@pytest.mark.parametrize(
    ("uri", "original"),
    [
        (f"https://bsky.brid.gy/convert/ap/{RECORD}", RECORD),
        (f"https://BSKY.brid.gy/convert/ap/{RECORD}", RECORD),
        (f"https://bsky.brid.gy/ap/{RECORD}", RECORD),
        (f"https://fed.brid.gy/convert/atproto/activitypub/{RECORD}", RECORD),
        (f"https://fed.brid.gy/convert/bsky/ap/{RECORD}", RECORD),
        (f"https://bsky.brid.gy/convert/ap/{RECORD.replace(':', '%3A')}", RECORD),
        (f"https://bsky.brid.gy/convert/ap/{RECORD.replace(':', '%3a').replace('/', '%2f')}", RECORD),
        (f"https://bsky.brid.gy/convert/ap/at://{RECORD[5:].replace(':', '%3A')}", RECORD),
        (f"https://bsky.brid.gy/convert/ap/{RECORD.replace('//', '/', 1)}", RECORD),
        (f"https://bsky.brid.gy/convert/ap/{RECORD.replace('at:', 'AT:')}", RECORD),
        (
            "https://bsky.brid.gy/r/https://bsky.app/profile/did:plc:3ljmtyyjqcjee2kpewgsifvb/post/3lvcb3tswns26",
            RECORD,
        ),
        (
            "https://bsky.brid.gy/r/https://bsky.app/profile/carys.bsky.social/post/3lvcb3tswns26",
            "https://bsky.app/profile/carys.bsky.social/post/3lvcb3tswns26",
        ),
        ("https://web.brid.gy/r/https://blog.example/2026/11/box", "https://blog.example/2026/11/box"),
        ("https://fed.brid.gy/r/https://blog.example/2026/11/box", "https://blog.example/2026/11/box"),
        ("https://fed.brid.gy/r/https:/blog.example/?p=12", "https://blog.example/?p=12"),
        ("https://web.brid.gy/r/https://Blog.Example:443/a%20box", "https://blog.example/a%20box"),
        ("https://web.brid.gy/r/https%3A%2F%2Fblog.example%2Fbox", "https://blog.example/box"),
        ("https://web.brid.gy/r/https://blog.example", "https://blog.example/"),
    ],
)
def test_a_post_on_the_bridges_host_names_its_original(uri: str, original: str) -> None:
    assert original_of(toot(uri=uri)) == original


@pytest.mark.parametrize(
    "uri",
    [
        f"https://fedi.example/convert/ap/{RECORD}",
        f"https://bsky.brid.gy.evil.example/convert/ap/{RECORD}",
        f"https://evilbsky.brid.gy/convert/ap/{RECORD}",
        f"https://brid.gy/convert/ap/{RECORD}",
        f"http://bsky.brid.gy/convert/ap/{RECORD}",
        f"https://bsky.brid.gy@evil.example/convert/ap/{RECORD}",
        f"https://evil.example/https://bsky.brid.gy/convert/ap/{RECORD}",
        f"https://evil.example/?uri=https://bsky.brid.gy/convert/ap/{RECORD}",
        f"https://bsky.brid.gy/convert/web/{RECORD}",
        f"https://bsky.brid.gy/convert/ap/{RECORD}#bridgy-fed-create-2026-11-17T09:41:00+00:00",
        "https://bsky.brid.gy/convert/ap/at://carys.bsky.social/app.bsky.feed.post/3lvcb3tswns26",
        "https://bsky.brid.gy/convert/ap/at://did:plc:3ljm",
        "https://bsky.brid.gy/ap/did:plc:3ljmtyyjqcjee2kpewgsifvb",
        "https://fed.brid.gy/convert/ap/ui:my-note",
        "https://fed.brid.gy/docs",
        "https://web.brid.gy/r/blog.example",
        "https://web.brid.gy/r/https://",
        "https://web.brid.gy/r/https://web.brid.gy/r/https://blog.example/box",
        "https://web.brid.gy/r/javascript:alert(1)",
    ],
)
def test_other_posts_of_the_fediverse_are_no_copies(uri: str) -> None:
    assert original_of(toot(uri=uri, copy_of=RECORD)) is None


@pytest.mark.parametrize(
    ("handle", "named", "original"),
    [
        (MIRROR, "https://fedi.example/@carys/1", "https://fedi.example/@carys/1"),
        (MIRROR, "https://FEDI.example:443/@carys/1", "https://fedi.example/@carys/1"),
        (MIRROR, "https://fedi.example/users/carys/statuses/1", "https://fedi.example/users/carys/statuses/1"),
        (MIRROR, "https://social.fedi.example/@carys/1", "https://social.fedi.example/@carys/1"),
        (MIRROR, "https://fedi.example/notes/9xy", "https://fedi.example/notes/9xy"),
        ("Carys.Fedi.Example.AP.brid.gy", "https://fedi.example/@carys/1", "https://fedi.example/@carys/1"),
        ("carys-m.fedi.example.ap.brid.gy", "https://fedi.example/@carys_m/1", "https://fedi.example/@carys_m/1"),
        ("blog.example.web.brid.gy", "https://blog.example/2026/11/box", "https://blog.example/2026/11/box"),
        ("blog.example.web.brid.gy", "https://www.blog.example/box", "https://www.blog.example/box"),
    ],
)
def test_a_record_of_the_bridges_own_account_names_its_original(handle: str, named: str, original: str) -> None:
    assert original_of(skeet(handle=handle, copy_of=named)) == original


@pytest.mark.parametrize(
    ("handle", "named"),
    [
        ("mallory.bsky.social", "https://fedi.example/@carys/1"),  # anybody may write the field
        ("carys.example", "https://fedi.example/@carys/1"),  # a mirror's own domain, or a stranger's: who can tell
        ("carys.fedi.example.ap.brid.gy.mallory.example", "https://fedi.example/@carys/1"),
        ("carys.fedi.example.apxbrid.gy", "https://fedi.example/@carys/1"),
        ("fedi.example.brid.gy", "https://fedi.example/@carys/1"),
        ("ap.brid.gy", "https://fedi.example/@carys/1"),
        ("handle.invalid", "https://fedi.example/@carys/1"),
        (MIRROR, "https://other.example/@carys/1"),
        (MIRROR, "https://otherfedi.example/@carys/1"),
        (MIRROR, "https://fedi.example.evil.example/@carys/1"),
        (MIRROR, "https://fedi.example/@dilys/1"),
        (MIRROR, "https://fedi.example/users/dilys/statuses/1"),
        (MIRROR, "https://fedi.example@evil.example/@carys/1"),
        (MIRROR, RECORD),
        (MIRROR, "tag:fedi.example,2026:1"),
        (MIRROR, "not an address"),
        (MIRROR, ""),
        ("blog.example.web.brid.gy", "https://example/box"),
        ("carys.ap.brid.gy", "https://fedi.example/@carys/1"),
    ],
)
def test_what_a_record_says_of_somebody_elses_post_does_not_count(handle: str, named: str) -> None:
    assert original_of(skeet(handle=handle, copy_of=named)) is None


def test_only_the_networks_that_are_bridged_have_copies() -> None:
    made = f"https://bsky.brid.gy/convert/ap/{RECORD}"
    assert original_of(comment(uri=made, copy_of=RECORD)) is None
    assert original_of(tweet(copy_of="https://fedi.example/@carys/1")) is None
    assert original_of(skeet(handle=MIRROR)) is None


def test_what_was_decided_once_is_decided_the_same_again() -> None:
    copy = skeet(handle=MIRROR, copy_of="https://FEDI.example/@carys/1")
    assert original_of(skeet(handle=MIRROR, copy_of=original_of(copy))) == original_of(copy)


@given(st.text(max_size=60), st.sampled_from(["https://bsky.brid.gy/convert/ap/", "https://web.brid.gy/r/", ""]))
def test_no_address_is_too_odd_and_each_answer_is_canonical(rest: str, start: str) -> None:
    for post in (toot(uri=start + rest), skeet(handle=MIRROR, copy_of=start + rest)):
        original = original_of(post)
        assert original is None or original == canonical_uri(original)


@pytest.mark.parametrize(
    ("handle", "whose"),
    [
        (MIRROR, "carys.fedi.example"),
        ("blog.example.web.brid.gy", "blog.example"),
        ("carys.bsky.social@bsky.brid.gy", "carys.bsky.social"),
        ("blog.example@web.brid.gy", "blog.example"),
        ("blog.example@fed.brid.gy", "blog.example"),
        ("carys@fedi.example", None),
        ("carys.bsky.social", None),
        ("ap.brid.gy", None),
        ("carys@evil.example.ap.brid.gy", None),
        ("carys@notbsky.brid.gy", None),
    ],
)
def test_a_mirrors_handle_tells_whose_it_is(handle: str, whose: str | None) -> None:
    assert mirrored_handle(handle) == whose


def test_a_bridged_post_is_a_copy_of_its_original_and_of_its_other_copies() -> None:
    original = toot()
    copy = skeet(handle=MIRROR, copy_of="https://fedi.example/@carys/1")
    page = comment(uri="https://blog.example/box", url="https://blog.example/box")
    on_fediverse = toot(uri="https://web.brid.gy/r/https://blog.example/box", url=None)
    on_bluesky = skeet(handle="blog.example.web.brid.gy", copy_of="https://blog.example/box")
    pairs = [(original, copy), (page, on_fediverse), (page, on_bluesky), (on_fediverse, on_bluesky)]
    assert all(is_bridged(a, b) and is_bridged(b, a) for a, b in pairs)
    assert not is_bridged(original, on_bluesky)
    assert not is_bridged(original, page)


def test_a_record_and_its_copy_on_the_fediverse_are_one_whatever_the_address() -> None:
    record = skeet(number=7)
    by_uri = toot(uri=f"https://bsky.brid.gy/convert/ap/{record.uri}")
    by_page = toot(uri=f"https://bsky.brid.gy/r/{record.url}")
    assert is_bridged(record, by_uri)
    assert is_bridged(record, by_page)
    assert not is_bridged(skeet(number=8), by_uri)


def test_an_address_on_another_host_is_not_believed() -> None:
    victim = toot()
    thief = toot(handle="mallory@evil.example", url=victim.url, other_addresses=(victim.uri,))
    assert addresses_of(thief) == {thief.uri}
    assert addresses_of(victim) == {victim.uri, victim.url}
    assert addresses_of(skeet(number=7, url="https://bsky.app/profile/carys.bsky.social/post/8")) == {
        skeet(number=7).uri
    }
    assert not is_bridged(thief, skeet(handle=MIRROR, copy_of=victim.url))
