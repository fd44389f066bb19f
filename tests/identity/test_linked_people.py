"""What profiles declare of each other, and when it counts."""

from __future__ import annotations

import pytest
from making_identity import comment, skeet, toot, tweet

from collector.identity import is_linked, links_to
from collector.model import Author

ON_FEDIVERSE = "https://fedi.example/@carys"
ON_BLUESKY = "https://bsky.app/profile/carys.bsky.social"


def fedi(*links: str, handle: str = "carys@fedi.example", name: str = "") -> Author:
    return toot(handle=handle, name=name, declares=links).author


def bsky(*links: str, handle: str = "carys.bsky.social", name: str = "") -> Author:
    return skeet(handle=handle, name=name, declares=links).author


@pytest.mark.parametrize(
    ("link", "target"),
    [
        (ON_BLUESKY, bsky()),
        ("http://www.bsky.app/profile/Carys.bsky.social/", bsky()),
        ("https://bsky.app/profile/did:plc:carysbskysocial", bsky()),
        ("https://carys.example", bsky(handle="carys.example")),
        ("http://www.carys.example/", bsky(handle="carys.example")),
        ("https://CARYS.example/?utm_source=fedi", bsky(handle="carys.example")),
        (ON_FEDIVERSE, fedi()),
        ("https://FEDI.example:443/@carys/", fedi()),
        ("https://fedi.example/users/carys", fedi()),
        ("https://twitter.com/carys", tweet().author),
        ("https://x.com/Carys", tweet().author),
    ],
)
def test_a_profile_is_linked_to_in_many_ways(link: str, target: Author) -> None:
    assert links_to(fedi("https://elsewhere.example/", link, handle="c@other.example"), target)


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("https://bsky.app/profile/carys.bsky.social.evil.example", bsky()),
        ("https://bsky.app/profile/carys.bsky.social/post/1", bsky()),
        ("https://bsky.app/", bsky()),
        ("https://fedi.example/", fedi()),
        ("https://fedi.example/@carysmorgan", fedi()),
        ("https://blog.carys.example/", bsky(handle="carys.example")),
        ("https://carys.example/about", bsky(handle="carys.example")),
        ("mailto:carys@fedi.example", fedi()),
        ("carys.example", bsky(handle="carys.example")),
        ("https://carys.example", comment(url_of_author="https://carys.example").author),  # what a guest typed
        ("", comment().author),
    ],
)
def test_other_links_are_none_to_that_profile(link: str, target: Author) -> None:
    assert not links_to(fedi(link), target)


@pytest.mark.parametrize(
    ("a", "b", "is_true"),
    [
        (fedi(ON_BLUESKY), bsky(ON_FEDIVERSE), True),
        (fedi("https://x.com/cmw"), tweet(handle="cmw@twitter.com", declares=(ON_FEDIVERSE,)).author, True),
        # One side's word, and called the same.
        (fedi(ON_BLUESKY), bsky(), True),
        (fedi(), bsky(ON_FEDIVERSE), True),
        (fedi("https://cmw.example", name="Carys Morgan 🌻"), bsky(handle="cmw.example", name="carys morgan"), True),
        (fedi("https://carys.example/"), bsky(handle="carys.example"), True),
        # One side's word only: an impostor, a fan, somebody of the staff.
        (fedi(ON_BLUESKY, handle="mallory@evil.example"), bsky(), False),
        (fedi(ON_BLUESKY, handle="fan@fedi.example", name="A fan of Carys"), bsky(name="Carys"), False),
        (
            fedi("https://charity.example", handle="sam@fedi.example", name="Sam Price, Charity Cymru"),
            bsky(handle="charity.example", name="Charity Cymru"),
            False,
        ),
        (fedi("https://cmw.example"), bsky(handle="cmw.example"), False),
        (fedi(), bsky(), False),
    ],
)
def test_what_profiles_declare_counts_where_both_do_or_both_are_called_the_same(
    a: Author, b: Author, is_true: bool
) -> None:
    assert is_linked(a, b) is is_true
    assert is_linked(b, a) is is_true
