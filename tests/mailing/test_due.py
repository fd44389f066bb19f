from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from collecting import make_settings
from making import NOW

from collector.config import CatchUp, SeriesSettings
from collector.digest.calendars import WEEKS
from collector.digest.windows import window_named
from collector.mailing.due import (
    choose_mailed,
    due_windows,
    is_sign_due,
    latest_finished,
    next_try,
    windows_to_open,
)
from collector.model import DigestState, Window
from collector.storage.series import StoredWindow

LONDON, TOKYO = ZoneInfo("Europe/London"), ZoneInfo("Asia/Tokyo")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def make_series(**keys: Any) -> SeriesSettings:
    return make_settings(Path.cwd(), digest=[{"series": "weekly", "to": ["me@example.org"], **keys}]).digests[0]


def stored(week: str, number: int = 0, state: DigestState = DigestState.OPEN) -> StoredWindow:
    window = window_named(week, LONDON)
    return StoredWindow(
        id=number or int(week[-2:]), window=window, state=state, closed_at=None, facts=None, topics=None
    )


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def names(windows: list[Window]) -> list[str]:
    return [window.name for window in windows]


# Opening


def test_a_series_begins_with_the_window_it_is_in() -> None:
    (window,) = windows_to_open(NOW, None, LONDON, WEEKS, NOW)
    assert window == window_named("2026-W48", LONDON)


def test_there_is_nothing_to_open_while_the_last_window_lasts() -> None:
    assert windows_to_open(NOW, window_named("2026-W48", LONDON), LONDON, WEEKS, NOW + 6 * DAY) == []


def test_windows_missed_over_a_pause_are_opened_each_where_the_last_ended() -> None:
    last = window_named("2026-W48", LONDON)
    opened = windows_to_open(NOW, last, LONDON, WEEKS, NOW + 42 * DAY)
    assert names(opened) == ["2026-W49", "2026-W50", "2026-W51", "2026-W52", "2026-W53", "2027-W01"]
    assert [window.starts_at for window in opened] == [window.ends_at for window in [last, *opened[:-1]]]


def test_a_window_ends_with_its_last_instant() -> None:
    last = window_named("2026-W48", LONDON)
    assert windows_to_open(NOW, last, LONDON, WEEKS, last.ends_at - timedelta(microseconds=1)) == []
    assert names(windows_to_open(NOW, last, LONDON, WEEKS, last.ends_at)) == ["2026-W49"]


def test_windows_follow_each_other_across_a_change_of_zone() -> None:
    last = window_named("2026-W48", LONDON)
    opened = windows_to_open(NOW, last, TOKYO, WEEKS, NOW + 21 * DAY)
    assert opened[0].starts_at == last.ends_at
    assert opened[0].ends_at == window_named("2026-W49", TOKYO).ends_at
    assert [window.timezone for window in opened] == ["Asia/Tokyo"] * len(opened)
    assert all(earlier.ends_at == later.starts_at for earlier, later in pairwise(opened))


def test_a_clock_put_back_opens_nothing() -> None:
    assert windows_to_open(NOW, window_named("2026-W48", LONDON), LONDON, WEEKS, NOW - 300 * DAY) == []
    assert names(windows_to_open(NOW, None, LONDON, WEEKS, NOW - 21 * DAY)) == ["2026-W45"]


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        pytest.param([], "2026-W47", id="before it began: the week before"),
        pytest.param(["2026-W48"], "2026-W47", id="in its first week: the week before"),
        pytest.param(["2026-W46", "2026-W47", "2026-W48"], "2026-W47", id="as stored"),
        pytest.param(["2026-W40"], "2026-W47", id="one that was not opened yet"),
        (["2019-W40"], "2026-W47"),  # built by hand, long ago
        (["2019-W40", "2026-W48"], "2026-W47"),
    ],
)
def test_the_latest_finished_window(windows: list[str], expected: str) -> None:
    assert latest_finished([window_named(name, LONDON) for name in windows], LONDON, WEEKS, NOW).name == expected


# Due


@pytest.mark.parametrize(
    ("send_on", "now", "is_due"),
    [
        ("monday 08:00", "2026-11-23T07:59:59", False),
        ("monday 08:00", "2026-11-23T08:00:00", True),
        ("monday 08:00", "2026-11-26T12:00:00", True),
        ("monday 00:00", "2026-11-23T00:00:00", True),
        ("friday 17:30", "2026-11-26T12:00:00", False),
        ("friday 17:30", "2026-11-27T17:30:00", True),
        ("monday 08:00", "2026-11-22T23:59:59", False),
    ],
)
def test_a_window_is_due_at_the_first_such_moment_after_its_end(send_on: str, now: str, is_due: bool) -> None:
    found = due_windows([stored("2026-W47")], make_series(send_on=send_on), local(now))
    assert bool(found) is is_due


@pytest.mark.parametrize(("week", "now"), [("2025-W43", "2025-10-27T08:00:00"), ("2026-W13", "2026-03-30T08:00:00")])
def test_the_hour_is_the_local_one_after_the_clocks_changed(week: str, now: str) -> None:
    at_eight = local(now)
    assert due_windows([stored(week)], make_series(), at_eight - timedelta(seconds=1)) == []
    assert len(due_windows([stored(week)], make_series(), at_eight)) == 1


def test_only_open_windows_are_due_and_the_earliest_first() -> None:
    windows = [
        stored("2026-W44", state=DigestState.BUILT),
        stored("2026-W45"),
        stored("2026-W46", state=DigestState.SKIPPED),
        stored("2026-W47"),
        stored("2026-W48"),
    ]
    assert [due.window.name for due in due_windows(windows, make_series(), NOW)] == ["2026-W45", "2026-W47"]


# After a pause

BUILT = [stored("2026-W45"), stored("2026-W46"), stored("2026-W47")]


@pytest.mark.parametrize(
    ("built", "last_mailed", "catch_up", "expected"),
    [
        ([], None, CatchUp.NEWEST, []),
        (BUILT, None, CatchUp.NEWEST, ["2026-W47"]),
        (BUILT, stored("2026-W44"), CatchUp.NEWEST, ["2026-W47"]),
        (BUILT[:2], stored("2026-W47"), CatchUp.NEWEST, []),
        (BUILT, stored("2026-W44"), CatchUp.ALL, ["2026-W45", "2026-W46", "2026-W47"]),
        (BUILT[:2], stored("2026-W47"), CatchUp.ALL, ["2026-W45", "2026-W46"]),
    ],
)
def test_which_of_the_digests_built_after_a_pause_are_mailed(
    built: list[StoredWindow], last_mailed: StoredWindow | None, catch_up: CatchUp, expected: list[str]
) -> None:
    assert [chosen.window.name for chosen in choose_mailed(built, last_mailed, catch_up)] == expected


# Signs of life


@pytest.mark.parametrize(
    ("closed", "last_mailed", "silence", "is_due"),
    [
        pytest.param("2026-W47", "2026-W44", "28d", False, id="three weeks"),
        pytest.param("2026-W47", "2026-W43", "28d", True, id="four weeks"),
        pytest.param("2025-W46", "2025-W42", "28d", True, id="four weeks, one of them an hour longer"),
        pytest.param("2026-W16", "2026-W12", "28d", True, id="four weeks, one of them an hour shorter"),
        pytest.param("2026-W47", "2026-W43", "30d", False, id="asked for later"),
        pytest.param("2026-W48", "2026-W43", "30d", True, id="asked for later, and later it is"),
        pytest.param("2026-W47", "2020-W01", "never", False, id="never"),
        pytest.param("2026-W13", None, "28d", True, id="four weeks since the first window"),
        pytest.param("2026-W12", None, "28d", False, id="three weeks since the first window"),
    ],
)
def test_when_silence_has_lasted_long_enough(closed: str, last_mailed: str | None, silence: str, is_due: bool) -> None:
    series = make_series(sign_of_life=silence)
    first = window_named("2026-W10", LONDON)
    mailed = stored(last_mailed) if last_mailed else None
    assert is_sign_due(stored(closed), first, mailed, series) is is_due


# Retries


@pytest.mark.parametrize(
    ("attempts", "owed_for", "expected"),
    [
        (1, MINUTE, 5 * MINUTE),
        (2, 10 * MINUTE, 15 * MINUTE),
        (3, HOUR, HOUR),
        (4, HOUR, 3 * HOUR),
        (50, 3 * DAY, 3 * HOUR),
        (50, 4 * DAY, None),
        (2, 4 * DAY, 15 * MINUTE),  # the days between were slept through
    ],
)
def test_tries_come_further_apart_and_end_after_days(
    attempts: int, owed_for: timedelta, expected: timedelta | None
) -> None:
    again = next_try(attempts, NOW - owed_for, NOW)
    assert again == (None if expected is None else NOW + expected)
