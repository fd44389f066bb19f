"""Where a walk through Bluesky's search stands: the cursor that is handed out and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.bluesky.paging import Place, next_place, place_at, place_below, until_text

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
instants = st.datetimes(timezones=st.just(UTC))


def seen(*times: Any) -> list[Any]:
    return [{"indexedAt": time, "record": {"createdAt": time}} for time in times]


@given(st.text(max_size=40), st.none() | instants, st.integers(0, 20_000), st.none() | instants)
def test_a_place_is_read_as_it_was_written(
    cursor: str, until: datetime | None, asked: int, reached: datetime | None
) -> None:
    place = Place(cursor=cursor, until=until, asked=asked, reached=reached)
    assert place_at(place.written()) == place


@pytest.mark.parametrize("cursor", [None, "", "{", "[]", "3", '"x"', '{"asked": "x", "until": 3}', "[" * 9999])
def test_what_is_no_place_begins_anew(cursor: str | None) -> None:
    assert place_at(cursor) == Place()


@given(st.none() | instants, instants)
def test_the_next_query_always_ends_earlier(until: datetime | None, reached: datetime) -> None:
    below = place_below(Place(until=until, reached=reached, asked=10_000))
    if below is not None:
        assert below.until is not None
        assert (below.cursor, below.asked) == ("", 0)
        assert until is None or below.until < until
        assert below.until > reached or until is not None


def test_a_query_that_ends_early_is_the_end_of_all() -> None:
    assert next_place(Place(asked=9_300), seen("2026-01-01T00:00:00Z"), "", 100) is None
    after = next_place(Place(asked=9_400), seen("2026-01-01T00:00:00.5Z"), "", 100)
    assert after == Place(until=datetime(2026, 1, 1, 0, 0, 0, 501000, tzinfo=UTC))


def test_an_empty_page_keeps_what_was_reached() -> None:
    after = next_place(Place(reached=NOON, asked=100), [None, {}, 3], "c", 100)
    assert after == Place(cursor="c", reached=NOON, asked=200)


def test_one_post_out_of_order_does_not_make_a_walk_leap() -> None:
    after = next_place(Place(), seen("2026-11-03T00:00:00Z", "0001-10-14T00:00:00Z", "2026-11-02T00:00:00Z"), "c", 3)
    assert after is not None
    assert after.reached == datetime(2026, 11, 2, tzinfo=UTC)


def test_the_earlier_of_two_dates_is_what_the_search_sorts_by() -> None:
    post = {"indexedAt": "2026-11-20T00:00:00Z", "record": {"createdAt": "2012-05-06T00:00:00Z"}}
    after = next_place(Place(), [post], "c", 1)
    assert after is not None
    assert after.reached == datetime(2012, 5, 6, tzinfo=UTC)


def test_an_instant_is_written_as_the_search_takes_it() -> None:
    assert until_text(NOON + timedelta(microseconds=1500)) == "2026-11-23T12:00:00.001Z"
    assert until_text(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000Z"
