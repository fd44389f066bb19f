"""What could not be read, told of places: gaps put together, and the sentences at a digest's foot."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from making_digests import WEEK

from collector.digest import window_named
from collector.digest.unread import describe_unread, tell_unread
from collector.model import NOT_HELD, NOT_RUNNING, Gap, Unread, WatchGap
from collector.words import ENGLISH

LATE = "What is shown nowhere else may arrive late."
FOUND = "What still stands there was found since."
PART = "What was not shown is missing here."


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    """In November 2026, whose 16th is the Monday of week 47."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def gap(
    starts_at: datetime,
    ends_at: datetime | None = None,
    reason: str = "unreachable",
    *,
    source: str = "fedi.example",
    caught_up: bool = False,
) -> WatchGap:
    return WatchGap(
        watch_id=1,
        source=source,
        kind="mastodon",
        address="https://fedi.example",
        hashtag="one",
        topic="one",
        gap=Gap(starts_at=starts_at, ends_at=ends_at, caught_up_at=ends_at if caught_up else None, reason=reason),
    )


def stretches(*gaps: WatchGap) -> list[tuple[str, datetime, datetime | None]]:
    return [(told.place, told.starts_at, told.ends_at) for told in tell_unread(gaps)]


def test_the_watches_of_a_source_are_told_as_one() -> None:
    assert stretches(gap(at(17), at(19)), gap(at(17, 13), at(19, 11)), gap(at(17, 11), at(18))) == [
        ("fedi.example", at(17, 11), at(19))
    ]
    assert stretches(gap(at(17), at(18)), gap(at(17)), gap(at(19), at(20))) == [("fedi.example", at(17), None)]
    assert stretches(gap(at(17), at(18)), gap(at(20))) == [
        ("fedi.example", at(17), at(18)),
        ("fedi.example", at(20), None),
    ]


def test_while_the_collector_was_off_all_sources_are_told_as_one_and_first() -> None:
    off = [gap(at(18), at(19), NOT_RUNNING, source=name) for name in ("one", "two")]
    assert stretches(gap(at(17), at(18)), *off) == [("", at(18), at(19)), ("fedi.example", at(17), at(18))]


def test_what_is_caught_up_is_so_by_all_watches_of_a_place() -> None:
    both = (gap(at(17), at(19), caught_up=True), gap(at(17), at(19)))
    assert [told.is_caught_up for told in tell_unread(both)] == [False]
    assert [told.is_caught_up for told in tell_unread([both[0]])] == [True]


def test_what_is_missing_does_not_begin_where_what_is_caught_up_did() -> None:
    looks = [(at(17), at(18)), (at(18), at(19, 13))]  # one look a day, as a laptop's
    known = [gap(*look, NOT_RUNNING, source=name, caught_up=True) for look in looks for name in ("one", "two")]
    going_on = [gap(at(19, 13, minute), None, NOT_RUNNING, source="one") for minute in (0, 1)]
    assert [(told.starts_at, told.ends_at, told.is_caught_up) for told in tell_unread([*known, *going_on])] == [
        (at(17), at(18), True),
        (at(18), at(19, 13), True),
        (at(19, 13), None, False),
    ]


def test_half_a_feed_and_an_outage_of_a_place_are_two_stories() -> None:
    assert len(tell_unread([gap(at(17)), gap(at(17), reason="half a feed")])) == 2


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        pytest.param([], "", id="nothing"),
        pytest.param(
            [gap(at(17), at(19), caught_up=True)],
            f"Caught up: fedi.example could not be read from Tuesday to Thursday. {FOUND}",
            id="days",
        ),
        pytest.param(
            [gap(at(17, 9), at(17, 14, 5), caught_up=True)],
            f"Caught up: fedi.example could not be read on Tuesday from 09:00 to 14:05. {FOUND}",
            id="hours",
        ),
        pytest.param(
            [gap(at(17, 22), at(18, 7))],
            f"Still missing: fedi.example could not be read from Tuesday 22:00 to Wednesday 07:00. {LATE}",
            id="a night",
        ),
        pytest.param([gap(at(20))], f"Still missing: fedi.example could not be read since Friday. {LATE}", id="since"),
        pytest.param(
            [gap(at(9), at(24))],
            f"Still missing: fedi.example could not be read from Mon 9 Nov to Tue 24 Nov. {LATE}",
            id="beyond the week",
        ),
        pytest.param(
            [gap(at(day, 22), at(day + 1, 7), NOT_RUNNING, caught_up=True) for day in range(16, 22)],
            f"Caught up: the collector stood still 6 times between Monday and Sunday. {FOUND}",
            id="every night",
        ),
        pytest.param(
            [gap(at(16), reason="half a feed"), gap(at(18), at(19), NOT_HELD, source="a feed")],
            "Seen in part: fedi.example showed only a part since Monday and "
            f"a feed no longer showed what was posted from Wednesday to Thursday. {PART}",
            id="parts",
        ),
        pytest.param(
            [gap(at(17), at(19), caught_up=True, source="one"), gap(at(20), source="two")],
            f"Still missing: two could not be read since Friday. {LATE} "
            f"Caught up: one could not be read from Tuesday to Thursday. {FOUND}",
            id="one is back and one is not",
        ),
    ],
)
def test_what_could_not_be_read_is_said_in_sentences(gaps: list[WatchGap], expected: str) -> None:
    assert describe_unread(ENGLISH, tell_unread(gaps), WEEK, 8, str) == expected


def test_of_many_places_some_are_named_and_the_others_counted() -> None:
    many = tuple(Unread(place=f"place {number}", starts_at=at(17)) for number in range(30))
    told = describe_unread(ENGLISH, many, WEEK, 2, lambda place: place.upper())
    assert told == (
        "Still missing: PLACE 0 could not be read since Tuesday, PLACE 1 could not be read since Tuesday "
        f"and 28 others. {LATE}"
    )


@pytest.mark.parametrize(
    ("name", "when"),
    [
        ("2026-W47", "from Tuesday to Thursday"),
        ("2026-11-17", "from Tuesday to Thu 19 Nov"),
        ("2026-11", "from Tue 17 Nov to Thu 19 Nov"),  # a month has several Tuesdays
    ],
)
def test_a_day_is_named_by_its_date_where_the_window_has_others_of_that_name(name: str, when: str) -> None:
    window = window_named(name, ZoneInfo("Europe/London"))
    told = describe_unread(ENGLISH, tell_unread([gap(at(17), at(19))]), window, 8, str)
    assert told.startswith(f"Still missing: fedi.example could not be read {when}.")
