"""The words that tables are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from making import NOW

from collector.cli.tables import count, moment

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (None, "never"),
        (datetime(2026, 11, 23, 6, 5, tzinfo=UTC), "today, 06:05"),
        (datetime(2026, 11, 30, 8, 0, tzinfo=UTC), "Mon 30 Nov, 08:00"),
        (datetime(2026, 6, 1, 23, 30, tzinfo=UTC), "Tue 2 Jun, 00:30"),
        (datetime(2027, 1, 4, 8, 0, tzinfo=UTC), "Mon 4 Jan 2027, 08:00"),
    ],
)
def test_a_moment_is_local_and_says_no_more_than_needed(at: datetime | None, shown: str) -> None:
    assert moment(at, LONDON, NOW) == shown


@pytest.mark.parametrize(("number", "shown"), [(0, "0 posts"), (1, "1 post"), (1234, "1,234 posts")])
def test_things_are_counted_in_words(number: int, shown: str) -> None:
    assert count(number, "post") == shown
