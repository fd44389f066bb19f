"""How many posts the windows before one had: what its trend is drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice, takewhile

from collector.digest.calendars import calendar_of
from collector.digest.windows import window_before
from collector.model import DigestState, Window
from collector.storage.database import Connection
from collector.storage.digests import count_dated, first_dated_at
from collector.storage.facts import read_facts
from collector.storage.series import StoredWindow

WINDOWS = 12  # with the one that the trend leads up to


def gather_trend(
    conn: Connection,
    topics: Sequence[str],
    stored: Sequence[StoredWindow],
    window: Window,
    series_id: int | None = None,
) -> tuple[tuple[str, int], ...]:
    """The windows before this one with their posts, the earliest first.

    None of them is before the first post there is, nor of another cadence: only what is alike can be compared.
    """
    first = first_dated_at(conn, topics)
    if first is None:
        return ()
    calendar = calendar_of(window.name)
    earlier = takewhile(
        lambda pair: pair[0].ends_at > first and calendar_of(pair[0].name) is calendar, _walk_back(stored, window)
    )
    numbers = [
        (
            before.name,
            count_posts(conn, topics, known, series_id) if known else count_dated(conn, topics, before, series_id),
        )
        for before, known in islice(earlier, WINDOWS - 1)
    ]
    return tuple(reversed(numbers))


def count_posts(conn: Connection, topics: Sequence[str], stored: StoredWindow, series_id: int | None = None) -> int:
    """How many posts a window had: as it was built, or as they are dated while it is open."""
    if stored.state is DigestState.OPEN:
        return count_dated(conn, topics, stored.window, series_id)
    return read_facts(stored.facts).totals.posts if stored.facts else 0


def _walk_back(stored: Sequence[StoredWindow], window: Window) -> Iterator[tuple[Window, StoredWindow | None]]:
    """The windows before this one, the newest first: as the series has them, and before that as it would have."""
    by_end: dict[datetime, StoredWindow] = {one.window.ends_at: one for one in stored}
    while True:
        known = by_end.get(window.starts_at)
        window = known.window if known else window_before(window)
        yield window, known
