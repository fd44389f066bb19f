"""The words that tables and lines of `status` are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from making import NOW

from collector.cli.status import describe_gap
from collector.cli.tables import count, moment
from collector.model import NOT_HELD, NOT_RUNNING, Unread

LONDON = ZoneInfo("Europe/London")


TUESDAY = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
SPAN = "from Tue 17 Nov 09:00 to Thu 19 Nov 12:00"


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (
            Unread(place="fedi.example", starts_at=TUESDAY, ends_at=THURSDAY, is_caught_up=True),
            f"fedi.example could not be read {SPAN}; caught up since",
        ),
        (
            Unread(place="fedi.example", starts_at=TUESDAY, ends_at=THURSDAY, reason=NOT_HELD),
            f"fedi.example no longer showed what was posted {SPAN}; not caught up with",
        ),
        (
            Unread(place="fedi.example", starts_at=TUESDAY, reason="unreachable", message="no answer"),
            "fedi.example could not be read since Tue 17 Nov 09:00: no answer",
        ),
        (
            Unread(place="fedi.example", starts_at=TUESDAY, reason="half a feed"),
            "fedi.example showed only a part since Tue 17 Nov 09:00",
        ),
        (
            Unread(place="", starts_at=TUESDAY, reason=NOT_RUNNING),
            "the collector stood still since Tue 17 Nov 09:00",
        ),
    ],
)
def test_a_gap_is_told_in_a_line(told: Unread, line: str) -> None:
    assert describe_gap(told, LONDON, NOW) == line


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
