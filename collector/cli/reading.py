"""What people type on the command line: dates, addresses, and series, windows and digests by name.

What is none is wrong usage.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from collector.app import App
    from collector.config import SeriesSettings
    from collector.storage.database import Connection


def read_date(option: str, text: str | None, zone: ZoneInfo) -> datetime | None:
    """A day's beginning in the zone, or an instant; aware UTC."""
    if text is None:
        return None
    try:
        if len(text) == len("2026-11-16"):
            return datetime.combine(date.fromisoformat(text), time(), zone).astimezone(UTC)
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        accepted = "a day such as 2026-11-16, or an instant such as 2026-11-16T09:00Z"
        raise click.UsageError(f"{option}: {text!r} is no date; accepted: {accepted}") from None


def read_address(text: str, option: str = "") -> str:
    """An e-mail address in its normal form."""
    from collector.text.mailaddresses import normal_address

    try:
        return normal_address(text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}" if option else str(error)) from None


def read_series(app: App, name: str | None) -> SeriesSettings:
    """The series of that name, or the only one there is."""
    from collector.errors import UnknownNameError, WrongUsageError

    try:
        return app.settings.series(name)
    except UnknownNameError as error:
        raise WrongUsageError(f"--series: {error}") from error


def week_option(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    """The name of a week, a day or a month that exists: for the callback of an option."""
    return None if text is None else _read_name("--week", text)


def check_week(conn: Connection, app: App, series: SeriesSettings, week: str | None) -> None:
    """Refuses the name of a week, a day or a month that the series can have none of."""
    from collector.errors import WindowError, WrongUsageError
    from collector.mailing.issuing import look_up

    try:
        if week is not None:
            look_up(conn, app.settings, series).find_window(week)
    except WindowError as error:
        raise WrongUsageError(f"--week: {error}") from error


def read_digest(text: str | None) -> tuple[str, str] | None:
    """`weekly/2026-W47` as series and name."""
    if text is None:
        return None
    series, _, name = text.rpartition("/")
    if not series:
        raise click.UsageError(f"--digest: {text!r} is no digest; accepted: SERIES/WEEK, such as weekly/2026-W47")
    return series, _read_name("--digest", name)


def _read_name(option: str, text: str) -> str:
    from collector.digest.calendars import check_name
    from collector.errors import WindowError

    try:
        check_name(text)
    except WindowError as error:
        raise click.UsageError(f"{option}: {error}") from None
    return text
