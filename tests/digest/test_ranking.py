from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_digests import TUESDAY, make_candidate

from collector.digest.ranking import choose_top, rank, score
from collector.model import Candidate, Counts

counts = st.builds(Counts, replies=st.integers(0, 50), boosts=st.integers(0, 50), likes=st.integers(0, 50))


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    numbers = range(1, draw(st.integers(0, 15)) + 1)
    return [
        make_candidate(
            number,
            author=draw(st.sampled_from("abcd")),
            counts=draw(counts),
            dated_at=TUESDAY + timedelta(minutes=draw(st.integers(0, 3))),
        )
        for number in numbers
    ]


@pytest.mark.parametrize(
    ("given_counts", "expected"),
    [
        (Counts(), 0.0),
        (Counts(quotes=9), 0.0),
        (Counts(boosts=1, likes=1, replies=1), 2.0),
        (Counts(boosts=7), 2.0),
        (Counts(boosts=26, likes=26, replies=26), 27.0),
        (Counts(replies=7), 1.0),  # answered more than passed on and liked: half
        (Counts(boosts=1, likes=3, replies=7), 2.0),
    ],
)
def test_a_score_is_the_geometric_mean(given_counts: Counts, expected: float) -> None:
    assert score(given_counts) == pytest.approx(expected)


def test_what_was_passed_on_evenly_stands_before_what_was_only_liked() -> None:
    liked = make_candidate(1, counts=Counts(likes=20))
    carried = make_candidate(2, counts=Counts(likes=6, boosts=6))
    assert [post.post_id for post in rank([liked, carried])] == [2, 1]


def test_of_equals_the_earlier_stands_first_and_then_the_address_decides() -> None:
    later = make_candidate(1, dated_at=TUESDAY + timedelta(minutes=1))
    ninth, second = make_candidate(9), make_candidate(2)
    assert [post.post_id for post in rank([later, ninth, second])] == [2, 9, 1]


@given(candidates(), st.randoms())
def test_the_order_does_not_depend_on_the_order_they_came_in(posts: list[Candidate], random: object) -> None:
    shuffled = list(posts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert choose_top(shuffled, 5) == choose_top(posts, 5)


def test_one_author_never_fills_the_top() -> None:
    loud = [
        make_candidate(number, author="loud", counts=Counts(boosts=100 - number, likes=9)) for number in range(1, 21)
    ]
    others = [make_candidate(100 + number, counts=Counts(likes=1)) for number in range(4)]
    top, more = choose_top([*loud, *others], 6)
    assert [post.post_id for post in top] == [1, 2, 100, 101, 102, 103]
    assert len(more) == 18


def test_an_untouched_post_of_somebody_new_comes_before_a_second_card() -> None:
    loud = [make_candidate(number, author="loud", counts=Counts(boosts=50)) for number in (1, 2)]
    quiet = make_candidate(3)
    top, more = choose_top([*loud, quiet], 2)
    assert [post.post_id for post in top] == [1, 3]
    assert [post.post_id for post in more] == [2]


def test_what_got_no_card_stands_in_order_of_time() -> None:
    posts = [make_candidate(number, dated_at=TUESDAY - timedelta(hours=number)) for number in range(1, 6)]
    posts.append(make_candidate(9, counts=Counts(boosts=1)))
    top, more = choose_top(posts, 1)
    assert [post.post_id for post in top] == [9]
    assert [post.post_id for post in more] == [5, 4, 3, 2, 1]


@given(candidates(), st.integers(0, 20))
def test_nobody_has_two_cards_before_everybody_has_one(posts: list[Candidate], top_posts: int) -> None:
    top, more = choose_top(posts, top_posts)
    assert sorted(post.post_id for post in [*top, *more]) == [post.post_id for post in posts]
    assert len(top) == min(top_posts, len(posts))
    on_top = [post.author for post in top]
    has_second = len(set(on_top)) < len(on_top)
    assert not has_second or {post.author for post in more} <= set(on_top)
    assert top == rank(top)
