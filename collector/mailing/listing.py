"""The windows of a series so far, with what became of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from collector.config import SeriesSettings
from collector.digest import CALENDARS, window_of
from collector.mailing.trends import count_posts
from collector.model import DigestState, Window
from collector.storage.database import Connection
from collector.storage.deliveries import count_states
from collector.storage.pausing import find_paused
from collector.storage.series import StoredWindow, find_series, windows_of


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowLine:
    """One window. `posts` of an open one are those dated in it so far."""

    series: str
    window: Window
    state: DigestState
    posts: int
    sent: int
    owed: int
    refused: int
    pause_reason: str = ""  # why it is not sent any further, if it is not


def list_windows(conn: Connection, series: SeriesSettings, now: datetime) -> list[WindowLine]:
    """Every window that has begun, the earliest first; of a series that has not, the running one."""
    stored = find_series(conn, series.name)
    if stored is None:
        window = window_of(now, ZoneInfo(series.timezone), CALENDARS[series.cadence])
        running = StoredWindow(id=0, window=window, state=DigestState.OPEN, closed_at=None, facts=None, topics=None)
        return [_line(conn, series, None, running, (Counter(), ""))]
    counted = count_states(conn)
    paused = {each.digest_id: each.reason for each in find_paused(conn)}
    return [
        _line(conn, series, stored.id, window, (counted.get(window.id, Counter()), paused.get(window.id, "")))
        for window in windows_of(conn, stored.id)
        if window.window.starts_at <= now
    ]


def _line(
    conn: Connection,
    series: SeriesSettings,
    series_id: int | None,
    stored: StoredWindow,
    sending: tuple[Counter[str], str],
) -> WindowLine:
    states, pause_reason = sending
    return WindowLine(
        series=series.name,
        window=stored.window,
        state=stored.state,
        posts=count_posts(conn, series.topics, stored, series_id),
        sent=states["sent"],
        owed=states["owed"] + states["claimed"],
        refused=states["refused"],
        pause_reason=pause_reason,
    )
