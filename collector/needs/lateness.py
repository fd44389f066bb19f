"""Digests whose time has come, and which did not go out: those that hang, and those that wait for a curator. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from collector.config import Approval, SeriesSettings
from collector.digest.timing import due_at
from collector.model import DigestState, Window
from collector.storage.series import StoredWindow

BUILT_WITHIN = timedelta(hours=1)  # of the time a digest goes out; it may wait for a round first


@dataclass(frozen=True, kw_only=True, slots=True)
class Overdue:
    """A digest whose time has come and gone, and which is not built."""

    series: str
    window: Window
    due_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Awaited:
    """A digest whose time has come, and which waits for its curator's word."""

    series: str
    window: Window
    since_at: datetime
    curator: str
    behind: int  # newer ones that wait behind it


def find_overdue(series: SeriesSettings, windows: Sequence[StoredWindow], now: datetime) -> list[Overdue]:
    """The open windows of a series that should have been closed by now."""
    over = [stored.window for stored in windows if stored.state is DigestState.OPEN and stored.window.ends_at <= now]
    found = [Overdue(series=series.name, window=window, due_at=_due_at(window, series)) for window in over]
    return [overdue for overdue in found if overdue.due_at + BUILT_WITHIN <= now]


def find_awaited(
    series: SeriesSettings, windows: Sequence[StoredWindow], asked: Collection[int], now: datetime
) -> Awaited | None:
    """The earliest window of a series whose digest waits for its curator; `asked` are those they had a preview of."""
    if series.approval is not Approval.REQUIRED or series.curator is None:
        return None
    due = [stored for stored in windows if stored.state is DigestState.OPEN and _due_at(stored.window, series) <= now]
    for place, stored in enumerate(due):
        if stored.approved_at is None and stored.id in asked:
            return Awaited(
                series=series.name,
                window=stored.window,
                since_at=_due_at(stored.window, series),
                curator=series.curator,
                behind=len(due) - place - 1,
            )
    return None


def _due_at(window: Window, series: SeriesSettings) -> datetime:
    return due_at(window, series.send_on, ZoneInfo(window.timezone))
