from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config.schedules import SendOn, parse_send_on
from collector.digest import CALENDARS, Calendar, due_at, next_window, same_windows_before, window_named, window_of
from collector.digest.calendars import DAYS, MONTHS, WEEKS, calendar_of, check_name
from collector.digest.windows import days_of, is_whole, weeks_before, window_before
from collector.errors import WindowError
from collector.model import Cadence, Window

LONDON, APIA = ZoneInfo("Europe/London"), ZoneInfo("Pacific/Apia")
# Both hemispheres, both clock changes, midnights that do not exist or come twice, and days that never were.
STRANGE = [
    *("UTC", "Europe/London", "America/New_York", "Asia/Tokyo", "Africa/Cairo", "Pacific/Apia", "Asia/Beirut"),
    *("America/Havana", "America/Sao_Paulo", "America/St_Johns", "Asia/Gaza", "Asia/Kathmandu", "Australia/Lord_Howe"),
    *("Asia/Jerusalem", "Africa/Casablanca", "Pacific/Kiritimati", "Asia/Tehran", "America/Santiago"),
]
zones = (st.sampled_from(STRANGE) | st.sampled_from(sorted(available_timezones() - {"localtime"}))).map(ZoneInfo)
instants = st.integers(0, 2_100_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
calendars = st.sampled_from(list(CALENDARS.values()))
days = st.dates(date(1970, 1, 3), date(2036, 12, 30))
SKIPPED = [  # days that a zone left out
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Fakaofo", date(2011, 12, 30)),
    ("Pacific/Kiritimati", date(1994, 12, 31)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def monday(clock: time) -> SendOn:
    return SendOn(cadence=Cadence.WEEKLY, day=0, at=clock)


# Names


@pytest.mark.parametrize(
    ("name", "first", "cadence"),
    [
        ("2026-W47", date(2026, 11, 16), Cadence.WEEKLY),
        ("2026-W53", date(2026, 12, 28), Cadence.WEEKLY),
        ("2025-W01", date(2024, 12, 30), Cadence.WEEKLY),
        ("2020-W53", date(2020, 12, 28), Cadence.WEEKLY),
        ("2026-11-17", date(2026, 11, 17), Cadence.DAILY),
        ("2024-02-29", date(2024, 2, 29), Cadence.DAILY),
        ("2026-11", date(2026, 11, 1), Cadence.MONTHLY),
    ],
)
def test_a_name_says_what_it_is_of_and_when_that_begins(name: str, first: date, cadence: Cadence) -> None:
    calendar = calendar_of(name)
    assert (calendar.cadence, calendar.first_day(name)) == (cadence, first)
    assert calendar.name_of(first) == name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("2025-W53", "2025-W53 does not exist: 2025 has the weeks 2025-W01 to 2025-W52"),
        ("2026-W00", "2026-W00 does not exist: 2026 has the weeks 2026-W01 to 2026-W53"),
        ("2026-02-29", "2026-02-29 does not exist: 2026-02 has the days 2026-02-01 to 2026-02-28"),
        ("2026-11-00", "2026-11-00 does not exist: 2026-11 has the days 2026-11-01 to 2026-11-30"),
        ("2026-13-01", "2026-13-01 does not exist: 2026 has the months 2026-01 to 2026-12"),
        ("2026-13", "2026-13 does not exist: 2026 has the months 2026-01 to 2026-12"),
        ("2026-00", "2026-00 does not exist: 2026 has the months 2026-01 to 2026-12"),
    ],
)
def test_what_no_calendar_has_is_refused_with_what_there_is(name: str, told: str) -> None:
    with pytest.raises(WindowError) as refusal:
        check_name(name)
    assert str(refusal.value) == told


@pytest.mark.parametrize(
    "name",
    [
        *("", "47", "2026", "2026-1", "2026-1-1", "2026W47", "2026-W7", " 2026-W47", "2026-W47\n", "２０２６-W47"),
        *("0001-W01", "9999-W52", "0999-12", "9999-01-01", "20261117", "2026-11-17T09", "2026-w47", "November"),
    ],
)
def test_what_names_no_window_is_refused_in_one_line_that_says_what_does(name: str) -> None:
    with pytest.raises(WindowError) as refusal:
        check_name(name)
    assert "\n" not in str(refusal.value)
    assert "such" in str(refusal.value)


@given(days, calendars)
def test_one_window_on_and_back_is_where_it_began(day: date, calendar: Calendar) -> None:
    first = calendar.first_of(day)
    following = calendar.following(first)
    assert calendar.preceding(following) == first
    assert calendar.name_of(following) > calendar.name_of(first)


# Windows


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
        ("Europe/London", "2026-11-17", "2026-11-17T00:00", "2026-11-18T00:00"),
        ("Europe/London", "2025-10-26", "2025-10-25T23:00", "2025-10-27T00:00"),  # 25 hours
        ("Europe/London", "2026-03-29", "2026-03-29T00:00", "2026-03-29T23:00"),  # 23 hours
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00", "2026-04-05T13:30"),  # 24 hours and a half
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00", "2018-11-05T02:00"),  # began at 01:00
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00", "2011-12-31T10:00"),  # after the 29th
        ("Europe/London", "2026-11", "2026-11-01T00:00", "2026-12-01T00:00"),
        ("Europe/London", "2025-10", "2025-09-30T23:00", "2025-11-01T00:00"),  # 31 days and 1 hour
        ("Europe/London", "2024-02", "2024-02-01T00:00", "2024-03-01T00:00"),
        ("Pacific/Apia", "2011-12", "2011-12-01T10:00", "2011-12-31T10:00"),  # 30 days
    ],
)
def test_a_window_runs_from_local_midnight_to_local_midnight(
    zone: str, name: str, starts_at: str, ends_at: str
) -> None:
    window = window_named(name, ZoneInfo(zone))
    assert (window.starts_at, window.ends_at) == (at(starts_at), at(ends_at))
    assert (window.name, window.timezone) == (name, zone)


@pytest.mark.parametrize(("zone", "day"), SKIPPED)
def test_a_day_that_a_zone_left_out_is_no_window(zone: str, day: date) -> None:
    place = ZoneInfo(zone)
    with pytest.raises(WindowError, match=f"{day} does not exist: {zone} went from"):
        window_named(str(day), place)
    before, after = window_named(str(day - timedelta(1)), place), window_named(str(day + timedelta(1)), place)
    assert next_window(before, place, DAYS) == after
    assert window_before(after) == before


@given(instants, zones, calendars)
def test_every_instant_is_in_exactly_one_window_and_windows_tile_time(
    instant: datetime, zone: ZoneInfo, calendar: Calendar
) -> None:
    window = window_of(instant, zone, calendar)
    assert instant in window
    assert window == window_named(window.name, zone)
    before, after = window_before(window), next_window(window, zone, calendar)
    assert before.ends_at == window.starts_at
    assert window.ends_at == after.starts_at
    assert before.name < window.name < after.name
    assert after == window_of(window.ends_at, zone, calendar)


@given(instants, zones, calendars)
def test_a_window_is_known_by_its_edges_again(instant: datetime, zone: ZoneInfo, calendar: Calendar) -> None:
    window = window_of(instant, zone, calendar)
    assert window_of(window.starts_at, zone, calendar) == window
    assert window_of(window.ends_at - timedelta(microseconds=1), zone, calendar) == window


@given(instants, zones, calendars)
def test_a_windows_days_are_those_of_its_name(instant: datetime, zone: ZoneInfo, calendar: Calendar) -> None:
    window = window_of(instant, zone, calendar)
    assert is_whole(window)
    assert {calendar.name_of(calendar.first_of(day)) for day in days_of(window)} == {window.name}
    assert {DAYS: (1,), WEEKS: (7,), MONTHS: (28, 29, 30, 31)}[calendar].count(len(days_of(window))) == 1


@pytest.mark.parametrize("calendar", CALENDARS.values())
@pytest.mark.parametrize(
    ("zone", "begins"),
    [
        ("America/St_Johns", "2006-10-29T00:00"),  # put back at one past midnight: Sunday 23:30 came again after Monday
        ("America/Toronto", "1919-03-30T00:00"),  # put forward at 23:30: Monday began at 00:30
    ],
)
def test_a_clock_that_is_changed_across_midnight_opens_and_closes_each_window_once(
    zone: str, begins: str, calendar: Calendar
) -> None:
    moments = [at(begins) + timedelta(minutes=step) for step in range(0, 48 * 60, 10)]
    windows = [window_of(moment, ZoneInfo(zone), calendar) for moment in moments]
    assert all(moment in window for moment, window in zip(moments, windows, strict=True))
    assert [window.name for window in windows] == sorted(window.name for window in windows)


# Windows that follow one another, wherever a series moves


@given(instants, st.lists(st.tuples(zones, calendars), min_size=2, max_size=8))
def test_windows_follow_each_other_under_names_of_their_own_through_all_changes(
    instant: datetime, moves: list[tuple[ZoneInfo, Calendar]]
) -> None:
    (zone, calendar), *others = moves
    windows = [window_of(instant, zone, calendar)]
    for zone, calendar in others:
        windows.append(next_window(windows[-1], zone, calendar))
        length = windows[-1].ends_at - windows[-1].starts_at
        assert calendar.shortest <= length < calendar.shortest + timedelta(days=calendar.most_days + 1, hours=15)
        assert calendar_of(windows[-1].name) is calendar
        assert windows[-1].ends_at == window_named(windows[-1].name, zone).ends_at
    assert all(earlier.ends_at == later.starts_at for earlier, later in pairwise(windows))
    assert len({window.name for window in windows}) == len(windows)


@given(instants, st.lists(zones, min_size=2, max_size=6))
def test_a_weekly_series_has_every_week_wherever_it_moves(instant: datetime, moves: list[ZoneInfo]) -> None:
    window = window_of(instant, moves[0], WEEKS)
    for zone in moves[1:]:
        following = next_window(window, zone, WEEKS)
        assert following.name == WEEKS.name_of(WEEKS.following(WEEKS.first_day(window.name)))
        window = following


@pytest.mark.parametrize(
    ("last", "last_zone", "zone", "calendar", "name", "ends_at"),
    [
        ("2026-W47", "Europe/London", "Asia/Tokyo", WEEKS, "2026-W48", "2026-11-29T15:00"),
        # A day that begins with the same name again is joined to the next.
        ("2026-11-17", "Pacific/Kiritimati", "Pacific/Honolulu", DAYS, "2026-11-18", "2026-11-19T10:00"),
        ("2026-11-17", "Europe/London", "Asia/Tokyo", DAYS, "2026-11-18", "2026-11-18T15:00"),
        # To another cadence: its own edges from there on, and no rest shorter than half a window.
        ("2026-W47", "Europe/London", "Europe/London", DAYS, "2026-11-23", "2026-11-24T00:00"),
        ("2026-11-17", "Europe/London", "Europe/London", WEEKS, "2026-W47", "2026-11-23T00:00"),
        ("2026-11-19", "Europe/London", "Europe/London", WEEKS, "2026-W48", "2026-11-30T00:00"),
        ("2026-11-09", "Europe/London", "Europe/London", MONTHS, "2026-11", "2026-12-01T00:00"),
        ("2026-W47", "Europe/London", "Europe/London", MONTHS, "2026-12", "2027-01-01T00:00"),
        ("2026-11", "Europe/London", "Europe/London", WEEKS, "2026-W49", "2026-12-07T00:00"),
        ("2026-11", "Europe/London", "Europe/London", DAYS, "2026-12-01", "2026-12-02T00:00"),
    ],
)
def test_a_series_that_changes_zone_or_cadence_goes_on_where_it_was(
    last: str, last_zone: str, zone: str, calendar: Calendar, name: str, ends_at: str
) -> None:
    before = window_named(last, ZoneInfo(last_zone))
    assert next_window(before, ZoneInfo(zone), calendar) == Window(
        name=name, starts_at=before.ends_at, ends_at=at(ends_at), timezone=zone
    )


@pytest.mark.parametrize(("last", "is_cut"), [("2026-W48", True), ("2026-W49", True), ("2026-11-30", False)])
def test_a_month_that_began_late_is_known_to_be_cut(last: str, is_cut: bool) -> None:
    following = next_window(window_named(last, LONDON), LONDON, MONTHS)
    assert following.name == "2026-12"
    assert is_whole(following) is not is_cut


# When it goes out


@pytest.mark.parametrize(
    ("zone", "name", "send_on", "due"),
    [
        ("Europe/London", "2026-W47", "monday 08:00", "2026-11-23T08:00"),
        ("Europe/London", "2026-W47", "monday 00:00", "2026-11-23T00:00"),
        ("Europe/London", "2026-W47", "Sunday 23:59", "2026-11-29T23:59"),
        ("Asia/Tokyo", "2026-W47", "wednesday 7:30", "2026-11-24T22:30"),
        ("Europe/London", "2026-11-17", "08:00", "2026-11-18T08:00"),
        ("Europe/London", "2026-11-17", "0:00", "2026-11-18T00:00"),
        ("Pacific/Apia", "2011-12-29", "08:00", "2011-12-30T18:00"),  # on the 31st
        ("Europe/London", "2026-11", "1 08:00", "2026-12-01T08:00"),
        ("Europe/London", "2026-01", "28 6:15", "2026-02-28T06:15"),
        # From an earlier cadence: the next day, whatever the series waits for now.
        ("Europe/London", "2026-11-17", "monday 08:00", "2026-11-18T08:00"),
        ("Europe/London", "2026-W47", "1 08:00", "2026-11-23T08:00"),
        ("Europe/London", "2026-11", "08:00", "2026-12-01T08:00"),
    ],
)
def test_a_window_goes_out_at_the_first_such_time_after_its_end(zone: str, name: str, send_on: str, due: str) -> None:
    place = ZoneInfo(zone)
    cadence = Cadence.MONTHLY if send_on[0] in "12" else Cadence.DAILY if send_on[0] == "0" else Cadence.WEEKLY
    assert due_at(window_named(name, place), parse_send_on(send_on, cadence), place) == at(due)


def test_a_window_that_ended_elsewhere_is_never_due_before_its_end() -> None:
    elsewhere = window_named("2026-W47", ZoneInfo("America/New_York"))  # ends on Monday 14:00 in Tokyo
    assert due_at(elsewhere, monday(time(8)), ZoneInfo("Asia/Tokyo")) == at("2026-11-29T23:00")


@given(instants, zones, st.sampled_from(list(Cadence)), st.integers(1, 28), st.times())
def test_every_window_is_due_before_the_one_after_the_next_has_ended(
    instant: datetime, zone: ZoneInfo, cadence: Cadence, number: int, clock: time
) -> None:
    day = {Cadence.DAILY: 0, Cadence.WEEKLY: number % 7, Cadence.MONTHLY: number}[cadence]
    calendar = CALENDARS[cadence]
    window = window_of(instant, zone, calendar)
    send_on = SendOn(cadence=cadence, day=day, at=clock.replace(second=0, microsecond=0))
    due = due_at(window, send_on, zone)
    assert window.ends_at <= due <= window.ends_at + timedelta(days=calendar.most_days + 1, hours=3)


# Looking back


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("2026-W14", "2026-03-02T00:00"),  # the first week of summer time: by the clock on the wall
        ("2026-04-02", "2026-03-05T00:00"),
        ("2026-04", "2026-03-04T00:00"),
    ],
)
def test_weeks_are_counted_back_by_the_clock_on_the_wall(name: str, before: str) -> None:
    assert weeks_before(window_named(name, LONDON), 4) == at(before)


@pytest.mark.parametrize(
    ("name", "since", "earlier"),
    [
        ("2026-W47", "2023-11-22T00:00", ["2025-W47", "2024-W47", "2023-W47"]),
        ("2026-W53", "2010-01-01T00:00", ["2020-W53", "2015-W53", "2009-W53"]),  # only years that have one
        ("2026-11-17", "2023-11-17T12:00", ["2025-11-17", "2024-11-17", "2023-11-17"]),
        ("2026-11-17", "2023-11-18T12:00", ["2025-11-17", "2024-11-17"]),
        ("2028-02-29", "2019-01-01T00:00", ["2024-02-29", "2020-02-29"]),
        ("2026-11", "2024-11-30T12:00", ["2025-11", "2024-11"]),
    ],
)
def test_the_same_window_of_earlier_years_is_found_as_far_back_as_there_is_something(
    name: str, since: str, earlier: list[str]
) -> None:
    found = same_windows_before(window_named(name, LONDON), at(since))
    assert [window.name for window in found] == earlier


def test_a_day_that_was_left_out_has_no_like() -> None:
    window = window_named("2012-12-30", APIA)
    assert [earlier.name for earlier in same_windows_before(window, at("2010-01-01T00:00"))] == ["2010-12-30"]
