"""Durations as they are written in the configuration: "2s", "10m", "48h", "7d"."""

from __future__ import annotations

import re
from datetime import timedelta

from collector.config.faults import shown

DURATION_FORM = 'a number and s, m, h or d, such as "10m"'

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}
_DURATION = re.compile(r"([0-9]{1,12})([smhd])")
_LONGEST = timedelta(days=36_500)  # dates further back or ahead than a century have no use, and soon no calendar


def parse_duration(text: str) -> timedelta:
    """The stretch of time that `text` names; ValueError where it names none, or more than a century."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"not a duration: {shown(text)}")
    number, unit = int(match[1]), _UNITS[match[2]]
    if number > _LONGEST // unit:
        raise ValueError(f"longer than a century: {shown(text)}")
    return number * unit


def parse_keeping(text: str) -> timedelta | None:
    """How long something is kept: a duration that is not nothing, or None for "forever"; ValueError for the rest."""
    duration = None if text == "forever" else parse_duration(text)
    if duration == timedelta(0):
        raise ValueError(f"too short: {shown(text)}")
    return duration


def format_duration(duration: timedelta) -> str:
    """The shortest way to write a duration of whole seconds: `parse_duration` reads it back."""
    for letter, unit in _UNITS.items():
        if duration and duration % unit == timedelta(0):
            return f"{duration // unit}{letter}"
    return f"{duration // _UNITS['s']}s"
