"""What a curator is asked, and when: pure decisions.

A preview comes so long before the digest goes out, once. If the computer slept until the digest was due, no preview
holds it up: it is the readers' digest. Only where the series wants its curator's word (`approval = "required"`) does a
digest wait for it, with a reminder a day; those after it wait behind it, for readers get them in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from collector.config import Approval, SeriesSettings
from collector.digest.timing import due_at
from collector.digest.windows import local_time
from collector.model import DigestState, Window
from collector.storage.series import StoredWindow

PREVIEW = "preview"
REMINDER = "reminder"  # and the day it is of


def is_reminder(kind: str) -> bool:
    """True for the kind of a delivery that reminds of a digest that waits."""
    return kind.partition(" ")[0] == REMINDER


def is_for_curator(kind: str) -> bool:
    """True for what goes to a series' curator, and to no reader."""
    return kind == PREVIEW or is_reminder(kind)


def preview_at(window: Window, series: SeriesSettings) -> datetime:
    """When the preview of a window's digest is due: so long before on the local clock, but not before it begins."""
    zone = ZoneInfo(window.timezone)
    goes_out = due_at(window, series.send_on, zone).astimezone(zone)
    return max((goes_out - series.preview).astimezone(UTC), window.starts_at)


def is_awaited(series: SeriesSettings, stored: StoredWindow | None) -> bool:
    """True for a digest that waits for its curator's word; None is one that was never asked about."""
    return series.approval is Approval.REQUIRED and (stored is None or stored.approved_at is None)


def wanted_mail(stored: StoredWindow, series: SeriesSettings, told: Collection[str], now: datetime) -> str | None:
    """The kind of mail that the curator is to have about a window by now, besides those that they were `told`."""
    if series.curator is None or stored.state is not DigestState.OPEN or stored.approved_at is not None:
        return None
    goes_out = due_at(stored.window, series.send_on, ZoneInfo(stored.window.timezone))
    waits = is_awaited(series, stored)
    if PREVIEW not in told:
        is_time = preview_at(stored.window, series) <= now and (waits or now < goes_out)
        return PREVIEW if is_time else None
    reminder = _reminder_of_day(stored.window, goes_out, now)
    return reminder if waits and reminder not in told else None


def _reminder_of_day(window: Window, goes_out: datetime, now: datetime) -> str | None:
    """Today's reminder, from the time on that digests go out at; days that were slept through are not made up for."""
    zone = ZoneInfo(window.timezone)
    today = now.astimezone(zone).date()
    clock = goes_out.astimezone(zone).time()
    if now < goes_out or now < local_time(today, clock, zone):
        return None
    return f"{REMINDER} {today.isoformat()}"


def is_still_wanted(kind: str, stored: StoredWindow, series: SeriesSettings, now: datetime) -> bool:
    """False for what is owed to a curator and would tell them nothing any more: it went out, or it is yesterday's."""
    if stored.state is not DigestState.OPEN:
        return False
    today = now.astimezone(ZoneInfo(stored.window.timezone)).date()
    return kind == PREVIEW or (kind == f"{REMINDER} {today.isoformat()}" and is_awaited(series, stored))


def those_let_go(
    due: Sequence[StoredWindow], series: SeriesSettings, is_empty: Callable[[StoredWindow], bool]
) -> list[StoredWindow]:
    """Of the windows that are due those that may go out: all before the first that waits for its curator.

    There is nothing to say about an empty one, and so it waits for nobody.
    """
    free: list[StoredWindow] = []
    for stored in due:
        if is_awaited(series, stored) and not is_empty(stored):
            break
        free.append(stored)
    return free
