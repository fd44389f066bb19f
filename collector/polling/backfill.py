"""Back through everything that a source still holds: round after round, beside the ordinary ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from collector.model import Depth, Watch
from collector.polling.poller import Poller, WatchReport
from collector.polling.rounds import poll_watches
from collector.storage.watches import read_state


def backfill(
    poller: Poller, watch: Watch, since: datetime | None, tell: Callable[[WatchReport], None]
) -> WatchReport | None:
    """Walks back to `since`, or to the end of what the source holds; tells of each round, and gives the last.

    Ends early at a source's error and at the stop sign; the next call goes on where this one was. Where as much was
    asked of the host as is polite, it waits. None: stopped before the first round came in.
    """
    last: WatchReport | None = None
    while not poller.stop.is_set():
        with poller.database.read() as conn:
            watch = replace(watch, state=read_state(conn, watch.id))
        reports = poll_watches(poller, [watch], Depth.ALL, tell, since=since)
        last = reports[0] if reports else last
        if not reports or reports[0].is_done or reports[0].error is not None:
            break
        if reports[0].waits_until is not None:
            poller.pause(max(reports[0].waits_until - poller.now(), timedelta()))
    return last
