"""When things happen, as the configuration writes it: time zones, and "monday 08:00"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from collector.config.faults import shown

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_SEND_ON = re.compile(
    rf"(?P<day>{'|'.join(WEEKDAYS)}) +(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SendOn:
    """A moment of the week, in the local time of a series."""

    weekday: int  # 0 is Monday
    at: time


def parse_send_on(text: str) -> SendOn:
    """The moment that "monday 08:00" names; ValueError where the text names none."""
    match = _SEND_ON.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a weekday and a time: {shown(text)}")
    clock = time(int(match["hour"]), int(match["minute"]))
    return SendOn(weekday=WEEKDAYS.index(match["day"].lower()), at=clock)


def zone_name(text: str) -> str:
    """The text itself where it names an IANA time zone; ValueError where it does not."""
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError) as error:  # a folder of zones ("Europe") is an OSError
        raise ValueError(f"not a time zone: {shown(text)}") from error
