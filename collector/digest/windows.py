"""Windows: from the name of a day, a week or a month to an exact stretch of time and back, in any zone.

Edges are worked out in local time, differences in UTC: a week is 7 days and 1 hour long in October, and a day that a
zone left out to change sides of the date line is no window at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from collector.digest.calendars import Calendar, calendar_of, year_of
from collector.errors import WindowError
from collector.model import Window

_FIRST_YEAR = 1000


def window_named(name: str, zone: ZoneInfo) -> Window:
    """The window of that name, from local midnight to local midnight, half-open. Raises WindowError."""
    calendar = calendar_of(name)
    window = _window(calendar, calendar.first_day(name), zone)
    if window.starts_at == window.ends_at:
        raise WindowError(f"{name} does not exist: {zone.key} went from the day before to the day after")
    return window


def window_of(instant: datetime, zone: ZoneInfo, calendar: Calendar) -> Window:
    """The calendar's window that an instant is in."""
    first = calendar.first_of(instant.astimezone(zone).date())
    # A clock put back across midnight shows the evening before again after a window has begun.
    while instant >= _midnight(calendar.following(first), zone):
        first = calendar.following(first)
    while instant < _midnight(first, zone):
        first = calendar.preceding(first)
    return _window(calendar, first, zone)


def window_before(window: Window) -> Window:
    """The window of the same cadence before this one, whatever the series had then."""
    zone = ZoneInfo(window.timezone)
    return window_of(window.starts_at - timedelta(microseconds=1), zone, calendar_of(window.name))


def next_window(last: Window, zone: ZoneInfo, calendar: Calendar) -> Window:
    """The window after `last`: it begins where that one ended, also when zone or cadence of the series have changed.

    It ends at the first local midnight between two windows of the calendar that leaves it at least half as long as
    usual, and has the name of the one that ends there; a name that `last` has already is joined to the next, too.
    """
    first = calendar.first_of(last.ends_at.astimezone(zone).date())
    while _midnight(calendar.following(first), zone) - last.ends_at < calendar.shortest or _is_taken(
        calendar.name_of(first), last
    ):
        first = calendar.following(first)
    ends_at = _midnight(calendar.following(first), zone)
    return Window(name=calendar.name_of(first), starts_at=last.ends_at, ends_at=ends_at, timezone=zone.key)


def _is_taken(name: str, last: Window) -> bool:
    """Names of one cadence stand in the order of time, so that the last one's is the highest yet."""
    return calendar_of(name) is calendar_of(last.name) and name <= last.name


def same_windows_before(window: Window, since: datetime) -> Iterator[Window]:
    """The same day, ISO week or month of earlier years that are not over at `since`, newest first.

    A year without it is left out.
    """
    calendar, zone = calendar_of(window.name), ZoneInfo(window.timezone)
    for year in range(year_of(window.name) - 1, max(since.year - 1, _FIRST_YEAR) - 1, -1):
        name = calendar.in_year(window.name, year)
        found = _window(calendar, calendar.first_day(name), zone) if name else None
        if found and found.starts_at < found.ends_at and found.ends_at > since:
            yield found


def weeks_before(window: Window, weeks: int) -> datetime:
    """The instant so many local weeks before a window starts: the same time on the clock, whatever it did between."""
    start = window.starts_at.astimezone(ZoneInfo(window.timezone))
    return (start - timedelta(weeks=weeks)).astimezone(UTC)


def days_of(window: Window) -> tuple[date, ...]:
    """The local days of a window, in order: those of its name, unless a change of zone or cadence cut it."""
    zone = ZoneInfo(window.timezone)
    first = window.starts_at.astimezone(zone).date()
    last = (window.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    return tuple(first + timedelta(days=offset) for offset in range((last - first).days + 1))


def is_whole(window: Window) -> bool:
    """False where a change of zone or cadence cut a window to other days than its name says, or joined it to a rest."""
    calendar, days = calendar_of(window.name), days_of(window)
    first = calendar.first_day(window.name)
    return days[0] == first and days[-1] == calendar.following(first) - timedelta(days=1)


def local_time(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When a local clock shows this, in UTC: the first time if it does so twice, after the gap if it never does."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def _window(calendar: Calendar, first: date, zone: ZoneInfo) -> Window:
    return Window(
        name=calendar.name_of(first),
        starts_at=_midnight(first, zone),
        ends_at=_midnight(calendar.following(first), zone),
        timezone=zone.key,
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return local_time(day, time(), zone)
