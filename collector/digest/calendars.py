"""Calendars: how each cadence cuts the days into windows, and what it calls them. Days only; zones come in `windows`.

All that differs in time between a daily, a weekly and a monthly series is said here, in one value a cadence. A name
says by its form which cadence it is of, so that a series that has changed its own can tell its older windows apart.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from collector.errors import WindowError
from collector.model import Cadence

_FIRST_YEAR, _LAST_YEAR = 1000, 9998  # so that every window has one before and after it


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """One cadence's rule. A window is known by its first day here."""

    cadence: Cadence
    noun: str
    example: str
    form: re.Pattern[str]  # of a name: a year and what it counts
    most_days: int  # that a window has by the calendar
    shortest: timedelta  # half a usual window; what a change cuts shorter is joined to the next one
    day_of: Callable[..., date]  # a name's numbers → its first day; ValueError where there is no such day
    first_of: Callable[[date], date]  # any day → the first day of its window
    name_of: Callable[[date], str]
    there_are: Callable[..., str]  # a name's numbers → the names there are, for whoever asks for another

    def first_day(self, name: str) -> date:
        """The first day of the window of that name. Raises WindowError for one that no calendar has."""
        numbers = self._numbers(name)
        try:
            return self.day_of(*numbers)
        except ValueError:
            raise WindowError(f"{name} does not exist: {self.there_are(*numbers)}") from None

    def following(self, first: date) -> date:
        """The first day of the window after the one that begins on this day."""
        return self.first_of(first + timedelta(days=self.most_days))

    def preceding(self, first: date) -> date:
        """The first day of the window before the one that begins on this day."""
        return self.first_of(first - timedelta(days=1))

    def in_year(self, name: str, year: int) -> str | None:
        """The name of the same window in another year; None where that year has none, as 2025 has no week 53."""
        same = f"{year:04}{name[4:]}"
        try:
            self.first_day(same)
        except WindowError:
            return None
        return same

    def _numbers(self, name: str) -> tuple[int, ...]:
        match = self.form.fullmatch(name)
        if not match or not _FIRST_YEAR <= int(match[1]) <= _LAST_YEAR:
            raise WindowError(f"{name!r} is not the name of a {self.noun}: such names are like {self.example}")
        return tuple(map(int, match.groups()))


def calendar_of(name: str) -> Calendar:
    """The calendar that a window's name is of. Raises WindowError for what is no such name."""
    for calendar in CALENDARS.values():
        if calendar.form.fullmatch(name):
            return calendar
    forms = ", ".join(calendar.example for calendar in CALENDARS.values())
    raise WindowError(f"{name!r} is not the name of a week, a day or a month; such names are like {forms}")


def check_name(name: str) -> None:
    """WindowError for what is no name of a day, a week or a month that a calendar has."""
    calendar_of(name).first_day(name)


def year_of(name: str) -> int:
    """The year that a window is counted in: of a week its ISO year."""
    return int(name[:4])


def _weeks(year: int) -> str:
    last = date(year, 12, 28).isocalendar().week
    return f"{year} has the weeks {year}-W01 to {year}-W{last}"


def _days(year: int, month: int) -> str:
    if not 1 <= month <= 12:
        return _months(year)
    name = f"{year:04}-{month:02}"
    return f"{name} has the days {name}-01 to {name}-{monthrange(year, month)[1]}"


def _months(year: int) -> str:
    return f"{year} has the months {year}-01 to {year}-12"


def _iso_name(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


DAYS = Calendar(
    cadence=Cadence.DAILY,
    noun="day",
    example="2026-11-17",
    form=re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})"),
    most_days=1,
    shortest=timedelta(hours=12),
    day_of=date,
    first_of=lambda day: day,
    name_of=date.isoformat,
    there_are=lambda year, month, _: _days(year, month),
)
WEEKS = Calendar(
    cadence=Cadence.WEEKLY,
    noun="week",
    example="2026-W47",
    form=re.compile(r"([0-9]{4})-W([0-9]{2})"),
    most_days=7,
    shortest=timedelta(days=3, hours=12),
    day_of=lambda year, week: date.fromisocalendar(year, week, 1),
    first_of=lambda day: day - timedelta(days=day.weekday()),
    name_of=_iso_name,
    there_are=lambda year, _: _weeks(year),
)
MONTHS = Calendar(
    cadence=Cadence.MONTHLY,
    noun="month",
    example="2026-11",
    form=re.compile(r"([0-9]{4})-([0-9]{2})"),
    most_days=31,
    shortest=timedelta(days=14),
    day_of=lambda year, month: date(year, month, 1),
    first_of=lambda day: day.replace(day=1),
    name_of=lambda day: f"{day:%Y-%m}",
    there_are=lambda year, _: _months(year),
)
CALENDARS = {calendar.cadence: calendar for calendar in (WEEKS, DAYS, MONTHS)}
