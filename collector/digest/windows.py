"""Weeks: from an ISO name to an exact stretch of time and back, in any zone.

Edges are worked out in local time, differences in UTC: a week is 7 days and 1 hour long in October.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from collector.errors import WeekError
from collector.model import Window

_NAME = re.compile(r"([0-9]{4})-W([0-9]{2})")
_SHORTEST = timedelta(days=3, hours=12)  # a window that a change of zone cuts shorter is joined to the next week
_FIRST_YEAR, _LAST_YEAR = 1000, 9998  # so that every week has a week before and after it


def parse_week(name: str) -> tuple[int, int]:
    """The ISO year and week of a name such as "2026-W47". Raises WeekError for a week that no calendar has."""
    match = _NAME.fullmatch(name)
    if not match or not _FIRST_YEAR <= int(match[1]) <= _LAST_YEAR:
        raise WeekError(f"{name!r} is not the name of a week: a name is a year and an ISO week, such as 2026-W47")
    year, week = int(match[1]), int(match[2])
    last = _last_week(year)
    if not 1 <= week <= last:
        raise WeekError(f"{name} does not exist: {year} has the weeks {year}-W01 to {year}-W{last}")
    return year, week


def name_week(day: date) -> str:
    """The name of the ISO week that a day is in."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def shift_weeks(name: str, weeks: int) -> str:
    """The name of the week so many weeks later, or earlier if negative."""
    return name_week(_monday(name) + timedelta(weeks=weeks))


def week_window(name: str, zone: ZoneInfo) -> Window:
    """The week of that name: local Monday 00:00 to local Monday 00:00, half-open. Raises WeekError."""
    monday = _monday(name)
    return Window(
        name=name,
        starts_at=_midnight(monday, zone),
        ends_at=_midnight(monday + timedelta(weeks=1), zone),
        timezone=zone.key,
    )


def window_of(instant: datetime, zone: ZoneInfo) -> Window:
    """The week that an instant is in."""
    window = week_window(name_week(instant.astimezone(zone).date()), zone)
    if instant >= window.ends_at:  # a clock put back across midnight shows Sunday again after Monday has begun
        return week_window(shift_weeks(window.name, 1), zone)
    if instant < window.starts_at:
        return week_window(shift_weeks(window.name, -1), zone)
    return window


def next_window(last: Window, zone: ZoneInfo) -> Window:
    """The window after `last`: it begins where that one ended, even when the series has moved to another zone.

    It ends at the first local Monday 00:00 that leaves it at least three and a half days, and is named after the ISO
    week of its middle.
    """
    monday = _next_monday(last.ends_at.astimezone(zone).date())
    while _midnight(monday, zone) - last.ends_at < _SHORTEST:
        monday += timedelta(weeks=1)
    ends_at = _midnight(monday, zone)
    middle = last.ends_at + (ends_at - last.ends_at) / 2
    name = name_week(middle.astimezone(zone).date())
    return Window(name=name, starts_at=last.ends_at, ends_at=ends_at, timezone=zone.key)


def same_weeks_before(window: Window, since: datetime) -> Iterator[Window]:
    """The same ISO week of earlier years that are not over at `since`, newest first; a year without it is left out."""
    zone = ZoneInfo(window.timezone)
    year, week = parse_week(window.name)
    for earlier in range(year - 1, max(since.year - 1, _FIRST_YEAR) - 1, -1):
        if week <= _last_week(earlier):
            found = week_window(f"{earlier:04}-W{week:02}", zone)
            if found.ends_at > since:
                yield found


def window_before(window: Window) -> Window:
    """The window of the same kind before this one, whatever the series had then."""
    return window_of(window.starts_at - timedelta(microseconds=1), ZoneInfo(window.timezone))


def weeks_before(window: Window, weeks: int) -> datetime:
    """The instant so many local weeks before a window starts: the same time on the clock, whatever it did between."""
    start = window.starts_at.astimezone(ZoneInfo(window.timezone))
    return (start - timedelta(weeks=weeks)).astimezone(UTC)


def days_of(window: Window) -> tuple[date, ...]:
    """The local days of a window, in order: seven, unless its edges come from two zones."""
    zone = ZoneInfo(window.timezone)
    first = window.starts_at.astimezone(zone).date()
    last = (window.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    return tuple(first + timedelta(days=offset) for offset in range((last - first).days + 1))


def local_time(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When a local clock shows this, in UTC: the first time if it does so twice, after the gap if it never does."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return local_time(day, time(), zone)


def _monday(name: str) -> date:
    return date.fromisocalendar(*parse_week(name), 1)


def _next_monday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def _last_week(year: int) -> int:
    return date(year, 12, 28).isocalendar().week
