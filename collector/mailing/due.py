"""Which windows a series opens, which are due, and what a reader hears of: pure decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from collector.config import CatchUp, SeriesSettings
from collector.digest.calendars import Calendar
from collector.digest.timing import due_at
from collector.digest.windows import next_window, window_before, window_of
from collector.model import DigestState, Window
from collector.storage.claims import LONGEST_WAIT
from collector.storage.series import StoredWindow

_RETRIES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), LONGEST_WAIT)
GIVE_UP_AFTER = timedelta(days=4)  # of refusals for now; most servers keep mail as long …
FEWEST_TRIES = 12  # … but days that were slept through are no tries


def windows_to_open(
    started_at: datetime, last: Window | None, zone: ZoneInfo, calendar: Calendar, now: datetime
) -> list[Window]:
    """The windows that are missing up to the one that `now` is in; the first is the one that the series began in."""
    opened = [] if last is not None else [window_of(min(started_at, now), zone, calendar)]
    while (last := opened[-1] if opened else last) is not None and last.ends_at <= now:
        opened.append(next_window(last, zone, calendar))
    return opened


def due_windows(windows: Sequence[StoredWindow], series: SeriesSettings, now: datetime) -> list[StoredWindow]:
    """The open windows that are over and whose time to go out has come, in their own zone, the earliest first."""
    return [
        stored
        for stored in windows
        if stored.state is DigestState.OPEN
        and stored.window.ends_at <= now
        and due_at(stored.window, series.send_on, ZoneInfo(stored.window.timezone)) <= now
    ]


def latest_finished(windows: Sequence[Window], zone: ZoneInfo, calendar: Calendar, now: datetime) -> Window:
    """The newest window that is over, stored or still to be opened; before a series' first one the one before now.

    Windows long ago that were built by hand stand apart from the others, and are never it.
    """
    opened = [*windows, *windows_to_open(now, windows[-1] if windows else None, zone, calendar, now)]
    finished = [window for window in opened if window.ends_at <= now]
    running = next((window for window in opened if now in window), window_of(now, zone, calendar))
    before = window_before(running)
    return finished[-1] if finished and finished[-1].ends_at > before.starts_at else before


def choose_mailed(
    built: Sequence[StoredWindow], last_mailed: StoredWindow | None, catch_up: CatchUp
) -> list[StoredWindow]:
    """Of digests that were built together after a pause, those that are mailed.

    With "newest" the others are named in it; and nothing goes out that is older than what was mailed already. What a
    curator let go goes out: they were asked about that very one.
    """
    if catch_up is CatchUp.ALL:
        return list(built)
    is_news = last_mailed is None or (built and built[-1].window.starts_at > last_mailed.window.starts_at)
    newest = built[-1:] if is_news else []
    return [stored for stored in built if stored in newest or stored.approved_at is not None]


def is_sign_due(closed: StoredWindow, first: Window, last_mailed: StoredWindow | None, series: SeriesSettings) -> bool:
    """True where readers have heard nothing for so long that they may wonder, once this window is skipped.

    Counted on the calendar, from the end of the window that was mailed last, or else from the series' first.
    """
    if series.sign_of_life is None:
        return False
    since = last_mailed.window.ends_at if last_mailed else first.starts_at
    zone = ZoneInfo(series.timezone)
    # Local clocks, not instants: four weeks are 28 days, also where one of them is an hour shorter.
    silent = closed.window.ends_at.astimezone(zone).replace(tzinfo=None) - since.astimezone(zone).replace(tzinfo=None)
    return silent >= series.sign_of_life


def next_try(attempts: int, owed_since: datetime, now: datetime) -> datetime | None:
    """When a delivery that was refused for now is tried again; None: it was tried for long enough."""
    if now - owed_since >= GIVE_UP_AFTER and attempts >= FEWEST_TRIES:
        return None
    return now + _RETRIES[min(attempts, len(_RETRIES)) - 1]
