"""Which of many posts are copies of one, and where nobody is chosen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_identity import TEXT, comment, later, skeet, toot, tweet

from collector.identity import copies_among
from collector.model import Post

ON_BLUESKY = "https://bsky.app/profile/carys.bsky.social"
MIRROR = "carys.fedi.example.ap.brid.gy"


def test_copies_on_every_network_are_found_in_their_order() -> None:
    others = [toot(handle="dilys@fedi.example"), tweet(), comment("Something else, at length."), comment(), skeet()]
    assert copies_among(toot(), others) == [1, 3, 4]


def test_nothing_is_a_copy_of_nothing() -> None:
    assert copies_among(toot(), []) == []
    assert copies_among(toot(), [toot(), toot(number=2)]) == []


def test_what_was_posted_twice_elsewhere_is_twice_a_copy() -> None:
    others = [skeet(number=1), skeet(number=2, published_at=later(5))]
    assert copies_among(toot(), others) == [0, 1]


def alex(make: Any, handle: str, **changes: Any) -> Post:
    post: Post = make(TEXT, handle, name="Alex", **changes)
    return post


ONE = alex(toot, "alex@fedi.example")
OTHER = alex(toot, "alex@other.example")
THEIRS = alex(skeet, "alex.bsky.social")


@pytest.mark.parametrize(
    ("post", "others", "chosen"),
    [
        (THEIRS, [ONE], [0]),
        (THEIRS, [ONE, OTHER], []),
        (ONE, [THEIRS, OTHER], []),
        (OTHER, [THEIRS, ONE], []),
        (alex(tweet, "alex@twitter.com"), [ONE, OTHER, THEIRS], [2]),
        # The profile in question says who it is.
        (alex(skeet, "alex.bsky.social", declares=("https://fedi.example/@alex",)), [ONE, OTHER], [0]),
        (OTHER, [alex(skeet, "alex.bsky.social", declares=("https://fedi.example/@alex",)), ONE], []),
        (ONE, [alex(skeet, "alex.bsky.social", declares=("https://fedi.example/@alex",)), OTHER], [0]),
        # What the two say of themselves does not count: one may be an impostor.
        (THEIRS, [alex(toot, "alex@fedi.example", declares=("https://bsky.app/profile/alex.bsky.social",)), OTHER], []),
        (alex(toot, "alex@fedi.example", declares=("https://bsky.app/profile/alex.bsky.social",)), [THEIRS, OTHER], []),
        (
            alex(skeet, "alex.bsky.social", declares=("https://fedi.example/@alex", "https://other.example/@alex")),
            [ONE, OTHER],
            [],
        ),
    ],
)
def test_between_two_of_one_network_only_the_profile_in_question_decides(
    post: Post, others: list[Post], chosen: list[int]
) -> None:
    assert copies_among(post, others) == chosen


def test_an_impostor_on_her_own_network_does_not_take_her_place() -> None:
    hers = toot(name="Carys Morgan", declares=(ON_BLUESKY,))
    true = skeet(name="Carys Morgan", published_at=later(2))
    false = skeet(handle="carys.evil.example", name="Carys Morgan", declares=("https://fedi.example/@carys",))
    assert copies_among(hers, [false, true]) == [1]
    assert copies_among(true, [false, hers]) == [1]
    assert copies_among(false, [true, hers]) == []


def test_a_rival_with_another_text_is_none() -> None:
    silent = alex(toot, "alex@other.example", published_at=later(61))
    assert copies_among(THEIRS, [ONE, silent]) == [0]
    assert copies_among(ONE, [THEIRS, silent]) == [0]


def test_a_bridges_copy_needs_neither_name_nor_time_nor_text() -> None:
    original = toot("Short.", published_at=later(-9_999))
    copy = skeet("Corr.", handle=MIRROR, copy_of=original.url)
    assert copies_among(original, [skeet(), copy]) == [1]
    assert copies_among(copy, [toot(number=2), original]) == [1]


def test_a_mirror_is_no_rival_of_its_owners_other_account() -> None:
    original, own = toot(), skeet()
    mirror = skeet(handle=MIRROR, copy_of=original.url)
    assert copies_among(original, [mirror, own]) == [0, 1]
    assert copies_among(own, [mirror, original]) == [1]
    assert copies_among(mirror, [own, original]) == [1]
    assert copies_among(tweet(), [own, mirror, original]) == [0, 2]  # and so, by its original, the mirror


def test_a_mirror_whose_original_was_not_seen_stands_for_itself() -> None:
    mirror = skeet(handle=MIRROR, copy_of=toot().url)
    assert copies_among(tweet(), [mirror]) == [0]
    assert copies_among(mirror, [tweet()]) == [0]
    assert copies_among(tweet(), [mirror, skeet()]) == []


_MAKERS = {"@fedi.example": toot, "@other.example": toot, ".bsky.social": skeet, ".example": skeet, "@x.com": tweet}
_LINKS = ("https://fedi.example/@alex", "https://bsky.app/profile/alex.bsky.social", "https://x.com/alex")


@st.composite
def crowds(draw: st.DrawFn) -> list[Post]:
    """Several who are called Alex, around one hour, with one text and another."""
    crowd: list[Post] = []
    for number in range(draw(st.integers(2, 6))):
        end = draw(st.sampled_from(sorted(_MAKERS)))
        links = tuple(draw(st.lists(st.sampled_from(_LINKS), max_size=2)))
        text = draw(st.sampled_from([TEXT, TEXT, TEXT, TEXT.replace("complaints", "wishes")]))
        at = later(draw(st.integers(0, 70)))
        crowd.append(_MAKERS[end](text, f"alex{end}", number=number, declares=links, published_at=at))
    return crowd


@given(crowds())
def test_each_is_a_copy_of_the_other_or_neither_is(crowd: list[Post]) -> None:
    for place, post in enumerate(crowd):
        others = [*crowd[:place], *crowd[place + 1 :]]
        for found in copies_among(post, others):
            copy = others[found]
            rest = [other for other in crowd if other is not copy]
            assert post in [rest[again] for again in copies_among(copy, rest)]


@given(crowds(), st.randoms(use_true_random=False))
def test_the_order_of_the_others_makes_no_difference(crowd: list[Post], random: Any) -> None:
    post, *others = crowd
    shuffled = random.sample(others, len(others))
    found = sorted(others[place].uri for place in copies_among(post, others))
    assert found == sorted(shuffled[place].uri for place in copies_among(post, shuffled))


@given(crowds())
def test_two_people_of_one_network_are_never_both_chosen(crowd: list[Post]) -> None:
    post, *others = crowd
    chosen = [others[place] for place in copies_among(post, others)]
    authors = {(copy.network, copy.author.key) for copy in chosen}
    assert len(authors) == len({network for network, _ in authors})
