"""`collector backfill`: back through what the sources still hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector.cli.calling import say, the_app
from collector.cli.poll import find_held, print_rows, summarise
from collector.cli.progress import Progress
from collector.cli.reading import read_date

if TYPE_CHECKING:
    from collector.app import App
    from collector.model import Watch
    from collector.polling.poller import WatchReport


@click.command("backfill", short_help="Walk back through what the sources still hold.")
@click.argument("sources", metavar="[SOURCE]...", nargs=-1)
@click.option("--since", metavar="DATE", help="Go back to this day and no further (default: as far as they go).")
def command(sources: tuple[str, ...], since: str | None) -> int:
    """Walk back through what the SOURCEs (default: all) still hold, one after the other.

    After the hashtag's own timeline come those of the authors who are known by then, where a server shows them.

    It can be stopped at any time, and goes on where it was when it is called again. A DATE is a day such as
    2026-01-31, or an instant. Ends with 1 if a source could not be read.
    """
    with the_app() as app:
        horizon = read_date("--since", since, ZoneInfo(app.settings.collector.timezone))
        watches = app.watches(sources)
        held = find_held(app, watches)
        try:
            reports = _walk_back(app, watches, held, horizon)
        except KeyboardInterrupt:
            say("the same command goes on from here")
            raise
        rows = summarise(watches, reports, held)
    print_rows(rows)
    is_failed = any(row["error"] for row in rows)
    if is_failed:
        say("the same command goes on where it was")
    return int(is_failed)


def _walk_back(
    app: App, watches: Sequence[Watch], held: Mapping[str, str], horizon: datetime | None
) -> list[WatchReport]:
    with Progress("walking back", None, unit="posts") as progress:
        return [
            report
            for watch in watches
            if watch.key.address not in held
            for report in _walk_one(app, watch, horizon, progress)
        ]


def _walk_one(app: App, watch: Watch, horizon: datetime | None, progress: Progress) -> list[WatchReport]:
    from collector.polling.backfill import backfill
    from collector.polling.estimating import estimate
    from collector.polling.histories import History, report_of, walk_authors

    reports: list[WatchReport] = []
    began_at, zone = app.now(), ZoneInfo(app.settings.collector.timezone)

    def tell(report: WatchReport) -> None:
        reports.append(report)
        progress.advance(report.fetched)
        left = estimate(began_at, app.now(), report.reached_at, horizon)
        progress.note(describe_way(report.reached_at, left, zone))
        tell_wait(report.waits_until)

    def tell_wait(until: datetime | None) -> None:
        if until is not None:
            say(f"{watch.name} waits until {until:%H:%M} UTC, having been asked enough for now")

    def tell_authors(history: History, posts: int) -> None:
        tell_wait(history.waits_until)
        progress.advance(posts)
        progress.note(f"authors' own timelines: {history.left} to go")

    last = backfill(app.poller(), watch, horizon, tell)
    if last is not None and last.is_done:
        history = walk_authors(app.poller(), watch, horizon, tell_authors)
        reports.append(report_of(watch, history, last.condition))
    return reports


def describe_way(reached_at: datetime | None, left: timedelta | None, zone: ZoneInfo) -> str:
    """How far back it has come, and how long the rest may take."""
    if reached_at is None:
        return ""
    local = reached_at.astimezone(zone)
    words = f"back to {local.day} {local:%b %Y}"
    if left is None:
        return words
    minutes = -(-left // timedelta(minutes=1))
    return f"{words}, about {minutes} min to go" if minutes < 120 else f"{words}, about {minutes // 60} h to go"
