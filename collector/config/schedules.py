"""When things happen, as the configuration writes it: time zones, and the moment a digest goes out, by cadence."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from collector.config.faults import shown
from collector.model import Cadence

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, kw_only=True, slots=True)
class SendOn:
    """A moment that comes again and again, in the local time of a series."""

    cadence: Cadence
    day: int = 0  # of a week from 0, which is Monday; of a month from 1; of a day there is but one
    at: time

    def is_on(self, day: date) -> bool:
        """True for the days on which it comes."""
        return _FORMS[self.cadence].number_of(day) == self.day


@dataclass(frozen=True, kw_only=True, slots=True)
class _Form:
    """How one cadence's moment is written."""

    said: str  # in a message
    usual: str
    days: tuple[str, ...]  # what stands before the time …
    first: int  # … and the number that the first of them has
    number_of: Callable[[date], int]  # the number of a day


_FORMS = {
    Cadence.WEEKLY: _Form(
        said="a weekday and a time", usual="monday 08:00", days=WEEKDAYS, first=0, number_of=date.weekday
    ),
    Cadence.DAILY: _Form(said="a time", usual="08:00", days=("",), first=0, number_of=lambda _: 0),
    Cadence.MONTHLY: _Form(
        said="a day of the month from 1 to 28 and a time",  # that every month has
        usual="1 08:00",
        days=tuple(map(str, range(1, 29))),
        first=1,
        number_of=lambda day: day.day,
    ),
}
SEND_ON_FORM = "; ".join(f'{cadence} {form.said}, such as "{form.usual}"' for cadence, form in _FORMS.items())


def usual_moment(cadence: Cadence) -> str:
    """When digests of this cadence go out, unless the configuration says otherwise."""
    return _FORMS[cadence].usual


def parse_send_on(text: str, cadence: Cadence) -> SendOn:
    """The moment that "monday 08:00" names; ValueError where the text names none of this cadence."""
    form = _FORMS[cadence]
    *named, clock = text.lower().split() or [""]
    day, match = " ".join(named), _CLOCK.fullmatch(clock)
    if match is None or day not in form.days:
        raise ValueError(f"not {form.said}, as a {cadence} digest needs: {shown(text)}")
    return SendOn(cadence=cadence, day=form.first + form.days.index(day), at=time(int(match[1]), int(match[2])))


def zone_name(text: str) -> str:
    """The text itself where it names an IANA time zone; ValueError where it does not."""
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError) as error:  # a folder of zones ("Europe") is an OSError
        raise ValueError(f"not a time zone: {shown(text)}") from error
