"""`collector poll`: one round now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from collector.cli.calling import say, the_app
from collector.cli.progress import Progress
from collector.cli.tables import print_json, print_table
from collector.text.complaints import about

if TYPE_CHECKING:
    from collector.app import App
    from collector.model import Watch
    from collector.polling.poller import WatchReport

HEADINGS = ("source", "fetched", "new", "changed", "gone", "rejected", "how it is")


@click.command("poll", short_help="Ask the sources now.")
@click.argument("sources", metavar="[SOURCE]...", nargs=-1)
@click.option("--deep", is_flag=True, help="Look back over the deep overlap.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(sources: tuple[str, ...], deep: bool, as_json: bool) -> int:
    """Ask the SOURCEs (default: all) now, whether due or not, over the whole overlap.

    A server that asked to be left alone for a while is not asked, though. Ends with 1 if a source could not be read.
    """
    from collector.model import Depth
    from collector.polling.rounds import poll_watches

    with the_app() as app:
        watches = app.watches(sources)
        held = find_held(app, watches)
        asked = [watch for watch in watches if watch.key.address not in held]
        with Progress("asking", len(asked)) as progress:
            reports = poll_watches(
                app.poller(), asked, Depth.DEEP if deep else Depth.FULL, tell=lambda _: progress.advance()
            )
        rows = summarise(watches, reports, held)
    if as_json:
        print_json({"sources": rows})
    else:
        print_rows(rows)
    return int(any(row["error"] for row in rows))


def find_held(app: App, watches: Sequence[Watch]) -> dict[str, str]:
    """The hosts among these that want no request now: address → why."""
    return {
        address: f"left alone until {until:%Y-%m-%d %H:%M} UTC, as it asked"
        for address, until in app.held_back(watches).items()
    }


def summarise(watches: Sequence[Watch], reports: Sequence[WatchReport], held: dict[str, str]) -> list[dict[str, Any]]:
    """One entry a source: the numbers of its watches' rounds added up, and its first trouble."""
    rounds: dict[int, list[WatchReport]] = {}
    for report in reports:
        rounds.setdefault(report.watch.id, []).append(report)
    rows: dict[str, dict[str, Any]] = {}
    for watch in watches:
        row = rows.setdefault(watch.name, _new_row(watch))
        row["hashtags"].append(watch.key.hashtag or watch.key.topic)
        if watch.id in rounds:
            _add(row, rounds[watch.id])
        else:
            told = held.get(watch.key.address)
            row["error"] = row["error"] or told or "not asked: its host did not answer"
    return list(rows.values())


def _new_row(watch: Watch) -> dict[str, Any]:
    return {
        "source": watch.name,
        "address": watch.key.address,
        "hashtags": [],
        **dict.fromkeys(("fetched", "new", "changed", "gone", "rejected"), 0),
        "condition": None,
        "goes_on": False,
        "waits_until": None,
        "error": None,
    }


def _add(row: dict[str, Any], rounds: Sequence[WatchReport]) -> None:
    for report in rounds:
        row["fetched"] += report.fetched
        row["new"] += report.saved.new
        row["changed"] += report.saved.changed
        row["gone"] += report.saved.withdrawn + report.saved.gone
        row["rejected"] += report.saved.rejected
        row["waits_until"] = row["waits_until"] or report.waits_until
    last = rounds[-1]
    row["goes_on"] = row["goes_on"] or not (last.is_done or last.error)
    if last.error is not None and row["error"] is None:
        row["error"] = str(last.error)
        row["condition"] = str(last.condition)
    if last.pages or last.waits_until is None:
        row["condition"] = row["condition"] or str(last.condition)


def print_rows(rows: list[dict[str, Any]]) -> None:
    if not rows:
        say("no source is configured: add a [[source]] to the configuration")
        return
    print_table(HEADINGS, [[*(row[name] for name in HEADINGS[:-1]), _describe(row)] for row in rows])
    for row in rows:
        if row["error"]:
            click.echo(f"collector: {about(row['source'], row['error'])}", err=True)


def _describe(row: dict[str, Any]) -> str:
    more = "; more next round" if row["goes_on"] else ""
    if row["waits_until"]:
        more = f"; asked enough for now, more from {row['waits_until']:%H:%M} UTC on"
    return f"{row['condition'] or 'not asked'}{more}"


def poll_summary(app: App, reports: Sequence[WatchReport]) -> list[dict[str, Any]]:
    """The summary of a round of what was due."""
    asked = {report.watch.id for report in reports}
    return summarise([watch for watch in app.watches() if watch.id in asked], reports, {})
