from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("2s", timedelta(seconds=2)),
        ("10m", timedelta(minutes=10)),
        ("48h", timedelta(hours=48)),
        ("7d", timedelta(days=7)),
        ("0s", timedelta(0)),
        ("36500d", timedelta(days=36_500)),
    ],
)
def test_a_number_and_a_letter_is_a_duration(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "10", "m", "10 m", "10M", "1.5h", "-1s", "+1s", "1w", "10m5s", "10m\n", "١٠m", "10 parsecs"]
)
def test_anything_else_is_not(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["36501d", "999999999999d", "999999999999s"])
def test_more_than_a_century_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="longer than a century"):
        parse_duration(text)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (59, "59s"), (3_600, "1h"), (172_800, "2d"), (90, "90s")])
def test_a_duration_is_written_in_its_largest_whole_unit(seconds: int, text: str) -> None:
    assert format_duration(timedelta(seconds=seconds)) == text


@given(st.integers(min_value=0, max_value=36_500 * 86_400))
def test_what_is_written_is_read_back(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration
