from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from making_digests import LONDON, TUESDAY, WEEK, make_candidate

from collector.digest import window_named
from collector.digest.membership import Membership, choose_members, merge_copies
from collector.model import Candidate, Counts

CLOSED = [window_named(f"2026-W{week}", LONDON) for week in range(46, 39, -1)]
FOUR_WEEKS_BEFORE = datetime(2026, 10, 18, 23, 0, tzinfo=UTC)  # Monday 00:00 in London, still summer time
LAST_WEEK = TUESDAY - timedelta(weeks=1)


def choose(*candidates: Candidate, topic_starts: Mapping[str, datetime] | None = None) -> Membership:
    return choose_members(WEEK, candidates, closed=CLOSED, late_weeks=4, topic_starts=topic_starts or {})


def ids(candidates: tuple[Candidate, ...]) -> list[int]:
    return [candidate.post_id for candidate in candidates]


@pytest.mark.parametrize(
    ("dated_at", "own", "late"),
    [
        (WEEK.starts_at, [1], []),
        (WEEK.ends_at - timedelta(microseconds=1), [1], []),
        (WEEK.ends_at, [], []),
        (WEEK.starts_at - timedelta(microseconds=1), [], [1]),
        (FOUR_WEEKS_BEFORE, [], [1]),
        (FOUR_WEEKS_BEFORE - timedelta(microseconds=1), [], []),
    ],
)
def test_a_post_joins_its_own_window_or_for_some_weeks_a_later_one(
    dated_at: datetime, own: list[int], late: list[int]
) -> None:
    membership = choose(make_candidate(dated_at=dated_at))
    assert (ids(membership.own), ids(membership.late)) == (own, late)


def test_a_late_post_waits_while_its_own_window_is_open() -> None:
    late = make_candidate(dated_at=LAST_WEEK)
    membership = choose_members(WEEK, [late], closed=CLOSED[1:], late_weeks=4, topic_starts={})
    assert membership == Membership(own=(), late=())


def test_history_is_never_late_and_yet_in_the_window_of_its_date() -> None:
    membership = choose(
        make_candidate(1, is_history=True, dated_at=LAST_WEEK), make_candidate(2, is_history=True, dated_at=TUESDAY)
    )
    assert (ids(membership.own), ids(membership.late)) == ([2], [])


def test_nothing_from_before_a_topic_joined_the_series_is_late() -> None:
    starts = {"added": LAST_WEEK}
    membership = choose(
        make_candidate(1, topic="added", dated_at=LAST_WEEK - timedelta(seconds=1)),
        make_candidate(2, topic="added", dated_at=LAST_WEEK),
        make_candidate(3, dated_at=LAST_WEEK - timedelta(seconds=1)),
        topic_starts=starts,
    )
    assert ids(membership.late) == [3, 2]


def test_no_late_weeks_means_no_late_posts() -> None:
    late = make_candidate(dated_at=WEEK.starts_at - timedelta(seconds=1))
    assert choose_members(WEEK, [late], closed=CLOSED, late_weeks=0, topic_starts={}).late == ()


def test_copies_are_one_member_with_the_highest_counts() -> None:
    original = make_candidate(5, cluster=1, counts=Counts(boosts=3, likes=1))
    copy = make_candidate(2, cluster=1, dated_at=TUESDAY + timedelta(minutes=5), counts=Counts(likes=8, replies=2))
    (member,) = choose(copy, original).own
    assert member.post_id == 5
    assert member.counts == Counts(boosts=3, likes=8, replies=2)


def test_of_copies_of_the_same_moment_the_address_decides() -> None:
    assert ids(choose(make_candidate(2, cluster=1), make_candidate(1, cluster=1)).own) == [1]


def test_a_post_is_not_late_while_a_copy_of_it_is_of_this_week() -> None:
    membership = choose(make_candidate(1, cluster=1, dated_at=LAST_WEEK), make_candidate(2, cluster=1))
    assert (ids(membership.own), ids(membership.late)) == ([2], [])


def test_a_post_of_two_topics_is_one_member() -> None:
    assert ids(choose(make_candidate(1, topic="a"), make_candidate(1, topic="b")).own) == [1]


def test_members_stand_in_order_of_time() -> None:
    posts = [make_candidate(number, dated_at=TUESDAY - timedelta(hours=number)) for number in (1, 3, 2)]
    assert ids(choose(*posts).own) == [3, 2, 1]


def test_an_original_stands_for_the_copies_that_bridges_made_of_it() -> None:
    original = make_candidate(1, dated_at=TUESDAY + timedelta(seconds=1), cluster=1)
    copy = make_candidate(2, dated_at=TUESDAY, cluster=1, is_copy=True)
    assert [member.post_id for member in merge_copies([copy, original])] == [1]
    assert [member.post_id for member in merge_copies([copy])] == [2]
