"""When a finished window goes out. This never moves the window."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from collector.config.schedules import SendOn
from collector.digest.windows import local_time
from collector.model import Window


def due_at(window: Window, send_on: SendOn, zone: ZoneInfo) -> datetime:
    """When a window's digest goes out: the first such local time at or after the window's end, in UTC."""
    day = window.ends_at.astimezone(zone).date()
    day += timedelta(days=(send_on.weekday - day.weekday()) % 7)
    instant = local_time(day, send_on.at, zone)
    return instant if instant >= window.ends_at else local_time(day + timedelta(weeks=1), send_on.at, zone)
