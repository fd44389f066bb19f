"""What a curator decided, in an issue: who is out, and who stands first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from making_digests import LONDON, RULES, TUESDAY, WEEK, make_candidate

from collector.digest import Surroundings, build_issue, window_named
from collector.digest.building import Rules
from collector.model import Candidate, Choices, Counts, IssuePlan

CLOSED = (window_named("2026-W46", LONDON),)
LAST_WEEK = TUESDAY - timedelta(weeks=1)
LIVELY = Counts(boosts=9, likes=9, replies=9)


def build(
    *candidates: Candidate, left_out: set[int] | None = None, first: tuple[int, ...] = (), top_posts: int = 10
) -> IssuePlan:
    rules = Rules(late_weeks=RULES.late_weeks, top_posts=top_posts, spellings=RULES.spellings)
    choices = Choices(left_out=frozenset(left_out or ()), first=first)
    return build_issue(WEEK, candidates, rules, Surroundings(closed=CLOSED, choices=choices))


def places(plan: IssuePlan) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for member in plan.members:
        found.setdefault(member.section, []).append(member.post_id)
    return found


def test_what_is_left_out_is_no_member_and_counts_nowhere() -> None:
    plan = build(make_candidate(1), make_candidate(2, counts=LIVELY, hashtags=(("a", "a"),)), left_out={2})
    assert places(plan) == {"top": [1]}
    assert (plan.facts.totals.posts, plan.facts.totals.authors, sum(plan.facts.totals.by_day.values())) == (1, 1, 1)
    assert plan.facts.references == ()


def test_copies_of_what_is_left_out_are_out_too() -> None:
    copies = [make_candidate(number, cluster=5) for number in (5, 6, 7)]
    assert places(build(make_candidate(1), *copies, left_out={5})) == {"top": [1]}


def test_what_was_left_out_does_not_come_back_as_late() -> None:
    late = make_candidate(2, dated_at=LAST_WEEK)
    assert places(build(make_candidate(1), late)) == {"top": [1], "late": [2]}
    assert places(build(make_candidate(1), late, left_out={2})) == {"top": [1]}


def test_what_was_left_out_does_not_stand_in_the_archive_of_later_years() -> None:
    archive = [make_candidate(7, dated_at=TUESDAY - timedelta(days=364)), make_candidate(8)]
    around = Surroundings(archive=archive, choices=Choices(left_out=frozenset({7})))
    assert dict(build_issue(WEEK, [make_candidate(1)], RULES, around).facts.references) == {"archive": (8,)}


def test_what_was_put_first_stands_first_in_the_order_of_the_decisions() -> None:
    posts = [make_candidate(number, counts=Counts(boosts=number)) for number in range(1, 6)]
    assert places(build(*posts, first=(2, 1))) == {"top": [2, 1, 5, 4, 3]}


@pytest.mark.parametrize(
    ("top_posts", "first", "expected"),
    [
        (3, (1,), {"top": [1, 5, 4], "more": [2, 3]}),
        (2, (1, 2, 3), {"top": [1, 2, 3], "more": [4, 5]}),  # who is put first has a card, however many there are
    ],
)
def test_cards_go_first_to_what_was_put_first(
    top_posts: int, first: tuple[int, ...], expected: dict[str, list[int]]
) -> None:
    posts = [make_candidate(number, counts=Counts(boosts=number)) for number in range(1, 6)]
    assert places(build(*posts, first=first, top_posts=top_posts)) == expected


def test_whoever_was_put_first_gets_no_second_card_before_everybody_had_one() -> None:
    posts = [
        make_candidate(1, author="a"),
        make_candidate(2, author="a", counts=LIVELY),
        make_candidate(3, author="b"),
    ]
    assert places(build(*posts, first=(1,), top_posts=2)) == {"top": [1, 3], "more": [2]}


def test_a_comment_and_a_late_post_can_be_put_first_and_stand_in_no_other_section() -> None:
    comment, late = make_candidate(2, is_comment=True), make_candidate(3, dated_at=LAST_WEEK)
    plan = build(make_candidate(1), comment, late, first=(3, 2))
    assert places(plan) == {"top": [3, 2, 1]}
    assert sum(plan.facts.totals.by_day.values()) == 2, "a late post is of no day of this week"


def test_what_is_left_out_is_out_even_where_a_copy_was_put_first() -> None:
    assert places(build(make_candidate(1), make_candidate(2), left_out={2}, first=(2,))) == {"top": [1]}


def test_a_choice_about_a_post_of_another_week_changes_nothing() -> None:
    other = make_candidate(9, dated_at=WEEK.ends_at)
    assert places(build(make_candidate(1), other, first=(9,), left_out={77})) == {"top": [1]}
