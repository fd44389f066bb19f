"""`collector digest`: list, show and send digests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector.cli.calling import say, say_stopped, stoppable, the_app
from collector.cli.progress import Progress
from collector.cli.reading import check_week, read_address, read_series, week_option
from collector.cli.tables import count, instant, print_json, print_table

if TYPE_CHECKING:
    from collector.config import SeriesSettings
    from collector.mailing.by_hand import Sending

_SERIES = click.option("--series", metavar="S", help="Which series, where there are several.")
_LISTED = 20  # addresses that a dry run names
_WEEK = click.option(
    "--week",
    metavar="WEEK",
    callback=week_option,
    help="Which one: 2026-W47, or of a daily series 2026-11-17, of a monthly one 2026-11 (default: the last finished).",
)


@click.group("digest", short_help="List, show and send digests.")
def command() -> None:
    """List, show and send digests."""


@command.command("list", short_help="The digests so far, and to how many each went.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_digests(as_json: bool) -> None:
    """The digests so far: open, built or skipped, and to how many each went."""
    from collector.mailing.listing import list_windows

    with the_app(needs="ready") as app, app.database.read() as conn:
        windows = [line for series in app.settings.digests for line in list_windows(conn, series, app.now())]
        zones = {series.name: ZoneInfo(series.timezone) for series in app.settings.digests}
    if as_json:
        print_json(
            {
                "digests": [
                    {
                        "series": line.series,
                        "week": line.window.name,
                        "starts_at": instant(line.window.starts_at),
                        "ends_at": instant(line.window.ends_at),
                        "timezone": line.window.timezone,
                        "state": str(line.state),
                        "posts": line.posts,
                        "sent": line.sent,
                        "owed": line.owed,
                        "refused": line.refused,
                        "pause_reason": line.pause_reason,
                    }
                    for line in windows
                ]
            }
        )
        return
    print_table(
        ("series", "week", "begins", "state", "posts", "sent", "owed", "refused"),
        [
            (
                *(line.series, line.window.name, f"{line.window.starts_at.astimezone(zones[line.series]):%a %d %b %Y}"),
                *(f"{line.state}, pauses" if line.pause_reason else str(line.state), line.posts),
                *(line.sent, line.owed, line.refused),
            )
            for line in windows
        ],
    )


@command.command("show")
@_SERIES
@_WEEK
@click.option("--format", "format_name", type=click.Choice(["text", "html", "eml", "json"]), default="text")
def show(series: str | None, week: str | None, format_name: str) -> None:
    """Show one digest: as it was built, or as it would be. Nothing is built or sent.

    Without --week: the last finished one, or the running one as long as there is nothing in that.
    """
    from collector.mailing.showing import draw, find_shown

    with the_app(needs="read up") as app, app.database.read() as conn:
        chosen = read_series(app, series)
        check_week(conn, app, chosen, week)
        digest = find_shown(conn, app.settings, chosen, week, app.now())
        drawn = draw(conn, app.settings, chosen, digest, format_name, app.now())
    click.echo(drawn, nl=isinstance(drawn, str) and not drawn.endswith("\n"))


@command.command("send")
@_SERIES
@_WEEK
@click.option("--to", metavar="ADDRESS", help="One copy to this address; nothing is built or written down.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and do nothing.")
def send(series: str | None, week: str | None, to: str | None, dry_run: bool) -> int:
    """Build a finished digest if needed, and deliver what is still owed.

    SIGTERM or Ctrl-C end it once the mail in the air has arrived, a second one at once. The same command goes on.
    """
    from collector.mailing.by_hand import send_copy, send_digest

    address = None if to is None else read_address(to, "--to")
    with the_app(needs="read up") as app, stoppable(app):
        chosen = read_series(app, series)
        with app.database.read() as conn:
            check_week(conn, app, chosen, week)
        if address and not dry_run:
            _tell(send_copy(app.mailer(), chosen, week, address), chosen)
            return 0
        with Progress("sending", None, "mails") as progress:
            sending = send_digest(app.mailer(), chosen, week, is_dry=dry_run, tell=lambda _report: progress.advance())
        is_stopped = app.stop.is_set()
    if dry_run:
        _rehearse(sending, chosen, (address,) if address else sending.addresses)
        return 0
    if not is_stopped or (sending.report and sending.report.sent):
        _tell(sending, chosen)
    problems = sending.report.problems if sending.report else []
    for problem in problems:
        click.echo(f"collector: {problem}", err=True)
    if sending.report and sending.report.unnamed:
        click.echo(f"collector: and {count(sending.report.unnamed, 'other problem')}", err=True)
    if is_stopped:
        say_stopped()
    elif sending.report and sending.report.has_paused:
        say("the rest waits for somebody who knows why: this command goes on with it")
    elif sending.report and sending.report.waiting:
        say("what waits is tried again by 'collector run', 'collector tick' or this command")
    return int(bool(problems) or is_stopped)


def _rehearse(sending: Sending, series: SeriesSettings, addresses: tuple[str, ...]) -> None:
    click.echo(f"{series.name}/{sending.window.name}: {sending.state}, {count(sending.posts, 'post')}")
    if sending.is_approval:
        click.echo(f"it waits for its curator, {series.curator}; sending it counts as their word")
    for address in addresses[:_LISTED]:
        click.echo(f"would go to {address}")
    if not addresses:
        click.echo("would go to nobody")
    elif len(addresses) > 1:
        click.echo(f"would go to {len(addresses):,} addresses in all")


def _tell(sending: Sending, series: SeriesSettings) -> None:
    name = f"{series.name}/{sending.window.name}"
    report = sending.report
    if report is None:
        return
    if sending.is_approval:
        click.echo(f"{name}: it waited for its curator, {series.curator}; this counts as their word")
    if report.sent or report.refused or report.waiting:
        parts = [f"{report.sent} sent", f"{report.waiting} waiting" * bool(report.waiting)]
        parts.append(f"{report.refused} refused" * bool(report.refused))
        click.echo(f"{name}: {', '.join(filter(None, parts))}")
    elif not sending.posts:
        click.echo(f"{name}: {sending.state}; nothing is in it, so nothing is sent")
    elif not sending.addresses:
        click.echo(f"{name}: {sending.state}; nobody to send it to (no subscribers, and no 'to' in the configuration)")
    else:
        click.echo(f"{name}: {sending.state}; nothing is owed")
