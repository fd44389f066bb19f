"""By what a walk knows how far it has come."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from making import NOW

from collector.model import Landmark
from collector.polling.landmarks import choose_landmarks, has_passed

HOUR = timedelta(hours=1)
BEGAN = NOW - 100 * HOUR


def known(hours: int, *, came_after: int = 0, met_at: datetime = NOW - HOUR) -> Landmark:
    """A post of so many hours ago, named after them."""
    at = NOW - hours * HOUR
    return Landmark(
        native_id=str(hours), published_at=at, first_seen_at=at + came_after * HOUR, last_seen_at=max(met_at, at)
    )


@pytest.mark.parametrize(
    ("posts", "ids"),
    [
        ([], set()),
        ([known(40), known(10)], {"40", "10"}),
        ([known(hours) for hours in (10, 20, 30, 40, 41, 42, 43)], {"43", "42", "41", "40", "30"}),
        ([known(40, came_after=30), known(30)], {"30"}),  # it may stand at the top
        ([known(200, came_after=100), known(30)], {"200", "30"}),  # it was there when the watch began
        ([known(40, met_at=NOW), known(30, met_at=NOW), known(20)], set()),  # this walk met most of them already
        ([known(40, met_at=NOW), known(30), known(20)], {"30", "20"}),
    ],
)
def test_landmarks_are_the_oldest_posts_that_stand_where_their_dates_say(posts: list[Landmark], ids: set[str]) -> None:
    assert choose_landmarks(posts, BEGAN, NOW) == ids


@pytest.mark.parametrize(
    ("landmarks", "met", "is_passed"),
    [
        ("", "", True),
        ("", "x", True),
        ("ab", "", False),
        ("ab", "bx", True),
        ("abcde", "ab", False),
        ("abc", "ab", True),
    ],
)
def test_half_of_the_landmarks_will_do(landmarks: str, met: str, is_passed: bool) -> None:
    assert has_passed(frozenset(landmarks), set(met)) is is_passed
