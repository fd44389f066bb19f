from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config.schedules import SendOn
from collector.digest import due_at, next_window, parse_week, same_weeks_before, shift_weeks, week_window, window_of
from collector.digest.windows import days_of, weeks_before
from collector.errors import WeekError
from collector.model import Window

# Both hemispheres, both clock changes, midnights that do not exist or come twice, and a day that never was.
ZONES = [
    *("UTC", "Europe/London", "America/New_York", "Asia/Tokyo", "Africa/Cairo", "Pacific/Apia", "Asia/Beirut"),
    *("America/Havana", "America/Sao_Paulo", "America/St_Johns", "Asia/Gaza", "Asia/Kathmandu", "Australia/Lord_Howe"),
    *("Asia/Jerusalem", "Africa/Casablanca", "Pacific/Kiritimati", "Asia/Tehran", "America/Santiago"),
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
instants = st.integers(480_000_000, 2_100_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
names = st.dates(date(1985, 1, 1), date(2036, 12, 31)).map(lambda day: "{}-W{:02}".format(*day.isocalendar()))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "week"),
    [("2026-W47", (2026, 47)), ("2026-W53", (2026, 53)), ("2025-W01", (2025, 1)), ("2020-W53", (2020, 53))],
)
def test_a_week_that_exists_is_read(name: str, week: tuple[int, int]) -> None:
    assert parse_week(name) == week


def test_a_week_that_the_year_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(WeekError, match=r"2025-W53 does not exist: 2025 has the weeks 2025-W01 to 2025-W52"):
        parse_week("2025-W53")


@pytest.mark.parametrize(
    "name", ["", "47", "2026-47", "2026W47", "2026-W7", "2026-W00", " 2026-W47", "２０２６-W47", "0001-W01", "9999-W52"]
)
def test_what_is_no_week_name_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(WeekError) as refusal:
        parse_week(name)
    assert "\n" not in str(refusal.value)
    assert "2026-W" in str(refusal.value)


@pytest.mark.parametrize(
    ("zone", "name", "starts_at", "ends_at"),
    [
        ("Europe/London", "2026-W47", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("Europe/London", "2025-W43", "2025-10-19T23:00", "2025-10-27T00:00"),  # 7 days and 1 hour
        ("Europe/London", "2026-W13", "2026-03-23T00:00", "2026-03-29T23:00"),  # 6 days and 23 hours
        ("America/New_York", "2025-W44", "2025-10-27T04:00", "2025-11-03T05:00"),
        ("America/New_York", "2026-W10", "2026-03-02T05:00", "2026-03-09T04:00"),
        ("Asia/Tokyo", "2026-W47", "2026-11-15T15:00", "2026-11-22T15:00"),
        ("Africa/Cairo", "2026-W17", "2026-04-19T22:00", "2026-04-26T21:00"),
        ("Africa/Cairo", "2026-W44", "2026-10-25T21:00", "2026-11-01T22:00"),
        ("Pacific/Apia", "2011-W52", "2011-12-26T10:00", "2012-01-01T10:00"),  # without its Friday
        ("America/Havana", "2026-W44", "2026-10-26T04:00", "2026-11-02T05:00"),
        ("Africa/Casablanca", "2009-W23", "2009-06-01T00:00", "2009-06-07T23:00"),  # Monday began at 01:00
        ("Asia/Jerusalem", "2001-W39", "2001-09-23T21:00", "2001-09-30T22:00"),  # Monday 00:00 came twice
        ("Asia/Tehran", "2022-W12", "2022-03-20T20:30", "2022-03-27T19:30"),
    ],
)
def test_a_week_runs_from_local_monday_to_local_monday(zone: str, name: str, starts_at: str, ends_at: str) -> None:
    window = week_window(name, ZoneInfo(zone))
    assert (window.starts_at, window.ends_at) == (at(starts_at), at(ends_at))
    assert (window.name, window.timezone) == (name, zone)


@given(names, zones)
def test_weeks_tile_time_without_gap_or_overlap(name: str, zone: ZoneInfo) -> None:
    assert week_window(name, zone).ends_at == week_window(shift_weeks(name, 1), zone).starts_at


@given(instants, zones)
def test_every_instant_is_in_exactly_one_week(instant: datetime, zone: ZoneInfo) -> None:
    window = window_of(instant, zone)
    near = [week_window(shift_weeks(window.name, shift), zone) for shift in (-2, -1, 0, 1, 2)]
    assert [instant in other for other in near] == [False, False, True, False, False]


@given(names, zones)
def test_a_week_is_known_by_its_edges_again(name: str, zone: ZoneInfo) -> None:
    window = week_window(name, zone)
    assert window_of(window.starts_at, zone) == window
    assert window_of(window.ends_at - timedelta(microseconds=1), zone) == window
    assert window_of(window.ends_at, zone).name == shift_weeks(name, 1)


@given(names, st.integers(-500, 500))
def test_shifting_there_and_back_ends_where_it_began(name: str, weeks: int) -> None:
    assert shift_weeks(shift_weeks(name, weeks), -weeks) == name


def test_a_second_sunday_evening_after_midnight_belongs_to_the_week_that_has_begun() -> None:
    """St John's put its clocks back at one past midnight, so that Sunday 23:30 came once more after Monday."""
    zone = ZoneInfo("America/St_Johns")
    moments = [at("2006-10-29T00:00") + timedelta(minutes=step) for step in range(0, 48 * 60, 10)]
    windows = [window_of(moment, zone) for moment in moments]
    assert all(moment in window for moment, window in zip(moments, windows, strict=True))
    assert [window.name for window in windows] == sorted(window.name for window in windows)


@given(names, zones)
def test_in_one_zone_the_next_window_is_the_next_week(name: str, zone: ZoneInfo) -> None:
    assert next_window(week_window(name, zone), zone) == week_window(shift_weeks(name, 1), zone)


@given(names, st.lists(zones, min_size=2, max_size=6))
def test_windows_follow_each_other_wherever_a_series_moves(name: str, moves: list[ZoneInfo]) -> None:
    window = week_window(name, moves[0])
    for zone in moves[1:]:
        following = next_window(window, zone)
        assert following.starts_at == window.ends_at
        assert timedelta(days=3, hours=12) <= following.ends_at - following.starts_at <= timedelta(days=10, hours=14)
        assert following.name == shift_weeks(window.name, 1)
        assert following.ends_at == week_window(shift_weeks(following.name, 1), zone).starts_at
        window = following


def test_a_series_that_moves_to_another_zone_loses_no_hour() -> None:
    london = week_window("2026-W47", ZoneInfo("Europe/London"))
    moved = next_window(london, ZoneInfo("Asia/Tokyo"))
    assert moved == Window(
        name="2026-W48", starts_at=london.ends_at, ends_at=at("2026-11-29T15:00"), timezone="Asia/Tokyo"
    )


@pytest.mark.parametrize(
    ("zone", "send_on", "due"),
    [
        ("Europe/London", SendOn(weekday=0, at=time(8)), "2026-11-23T08:00"),
        ("Europe/London", SendOn(weekday=0, at=time(0)), "2026-11-23T00:00"),
        ("Europe/London", SendOn(weekday=6, at=time(23, 59)), "2026-11-29T23:59"),
        ("Asia/Tokyo", SendOn(weekday=2, at=time(7, 30)), "2026-11-24T22:30"),
    ],
)
def test_a_window_goes_out_at_the_first_such_time_after_its_end(zone: str, send_on: SendOn, due: str) -> None:
    place = ZoneInfo(zone)
    assert due_at(week_window("2026-W47", place), send_on, place) == at(due)


def test_a_window_that_ended_elsewhere_is_never_due_before_its_end() -> None:
    tokyo = week_window("2026-W47", ZoneInfo("America/New_York"))  # ends on Monday 14:00 in Tokyo
    assert due_at(tokyo, SendOn(weekday=0, at=time(8)), ZoneInfo("Asia/Tokyo")) == at("2026-11-29T23:00")


@given(names, zones, st.integers(0, 6), st.times())
def test_every_window_is_due_within_the_week_after_it(name: str, zone: ZoneInfo, weekday: int, clock: time) -> None:
    window = week_window(name, zone)
    due = due_at(window, SendOn(weekday=weekday, at=clock.replace(second=0, microsecond=0)), zone)
    assert window.ends_at <= due <= window.ends_at + timedelta(days=8, hours=2)


@given(names, zones)
def test_a_week_has_seven_days(name: str, zone: ZoneInfo) -> None:
    days = days_of(week_window(name, zone))
    assert [day.isocalendar().weekday for day in days] == [1, 2, 3, 4, 5, 6, 7]


def test_weeks_are_counted_back_by_the_clock_on_the_wall() -> None:
    window = week_window("2026-W14", ZoneInfo("Europe/London"))  # the first week of summer time
    assert weeks_before(window, 4) == at("2026-03-02T00:00")


def test_the_same_week_of_earlier_years_is_found_as_far_back_as_there_is_something() -> None:
    window = week_window("2026-W47", ZoneInfo("Europe/London"))
    found = [earlier.name for earlier in same_weeks_before(window, at("2023-11-22T00:00"))]
    assert found == ["2025-W47", "2024-W47", "2023-W47"]


def test_a_week_53_has_its_like_only_in_the_years_that_have_one() -> None:
    window = week_window("2026-W53", ZoneInfo("Europe/London"))
    assert [earlier.name for earlier in same_weeks_before(window, at("2010-01-01T00:00"))] == [
        "2020-W53",
        "2015-W53",
        "2009-W53",
    ]
