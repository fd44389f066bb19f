"""When somebody agreed: read as a list or a person writes it, and written so that it can be read again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

_ACCEPTED = "accepted: 2026-11-23 or 23.11.2026, and behind it a time such as 08:00 if it is known"
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4}),?(?=\Z|[ T])")  # with dots nobody puts the month first


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """A day, or a day and a time, in ISO 8601 or with the day first and dots; ValueError says what is accepted."""
    told = _DAY_FIRST.sub(_turn, text.strip(), count=1)
    told = told.removesuffix(" UTC") + ("+00:00" if told.endswith(" UTC") else "")
    try:
        moment = datetime.fromisoformat(told)
        if len(told) <= len("2026-11-23"):
            moment = datetime.combine(moment.date(), time())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        raise ValueError(f"{text!r} is no date that can be read; {_ACCEPTED}") from None


def _turn(found: re.Match[str]) -> str:
    day, month, year = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}"


def write_moment(at: datetime, zone: ZoneInfo) -> str:
    """What `read_moment` reads as the same: a day where it is the beginning of one, which is what a day was read as.

    As an instant in UTC a day east of it would be the day before, and that is no proof of what was told.
    """
    day = at.astimezone(zone).date()
    if datetime.combine(day, time(), zone).astimezone(UTC) == at:
        return day.isoformat()
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
