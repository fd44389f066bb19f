"""When a finished window goes out. This never moves the window."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from collector.config.schedules import SendOn
from collector.digest.calendars import calendar_of
from collector.digest.windows import local_time
from collector.model import Window


def due_at(window: Window, send_on: SendOn, zone: ZoneInfo) -> datetime:
    """When a window's digest goes out: the first such local time at or after the window's end, in UTC.

    One that a series still has from an earlier cadence goes out at that time of the next day: on "monday" or "1", a
    day could wait for a month, and go out together with newer ones.
    """
    is_of_now = calendar_of(window.name).cadence is send_on.cadence
    day = window.ends_at.astimezone(zone).date()
    while (is_of_now and not send_on.is_on(day)) or local_time(day, send_on.at, zone) < window.ends_at:
        day += timedelta(days=1)
    return local_time(day, send_on.at, zone)
