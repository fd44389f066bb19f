"""`collector export`: posts out, as CSV or JSON Lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector.cli.calling import say, the_app, this_call
from collector.cli.progress import Progress
from collector.cli.reading import read_date, read_digest, week_option
from collector.cli.tables import count

if TYPE_CHECKING:
    from collector.app import App
    from collector.model import ExportRow
    from collector.storage.exporting import Selection


@click.command("export", short_help="Give posts out as CSV or JSON Lines.")
@click.option("--format", "format_name", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option("--output", metavar="FILE|-", default="-", help="Where to; - is standard output (default).")
@click.option("--since", metavar="DATE", help="Published on this day or later.")
@click.option("--until", metavar="DATE", help="Published before this day.")
@click.option("--hashtag", metavar="T", help="Of this topic.")
@click.option("--source", metavar="S", help="Seen on this source.")
@click.option("--network", metavar="N", help="Of this network, such as fediverse.")
@click.option("--language", metavar="L", help="In this language, such as en.")
@click.option("--week", metavar="WEEK", callback=week_option, help="Dated in this week, such as 2026-W47.")
@click.option("--digest", metavar="SERIES/WEEK", help="Members of this digest, such as weekly/2026-W47.")
@click.option("--columns", metavar="A,B", help="Only these columns, in this order.")
@click.option("--for-excel", is_flag=True, help="CSV as Excel likes it: byte order mark, one line a post, short cells.")
@click.option("--raw-cells", is_flag=True, help="CSV without the apostrophe before what looks like a formula.")
@click.option("--data-dictionary", is_flag=True, help="Print what each column means, and nothing else.")
def command(
    format_name: str,
    output: str,
    columns: str | None,
    for_excel: bool,
    raw_cells: bool,
    data_dictionary: bool,
    **wanted: str | None,
) -> None:
    """Give out the posts that may be shown, by the time they were published.

    A DATE is a day such as 2026-11-16, which begins at midnight in the configured time zone, or an instant such as
    2026-11-16T09:00Z.
    """
    if data_dictionary:
        print_dictionary()
        return
    from collector.errors import UnknownNameError, WrongUsageError
    from collector.export import COLUMNS, open_output, select_columns, write
    from collector.storage.exporting import count_posts, stream_posts

    if format_name != "csv" and (for_excel or raw_cells):
        raise click.UsageError("--for-excel and --raw-cells go with --format csv")
    try:
        chosen = select_columns(columns) if columns else COLUMNS
    except UnknownNameError as error:
        raise WrongUsageError(str(error)) from error
    with the_app(needs="ready") as app, app.database.read() as conn:
        _refuse_own_file(app, output)
        selection = read_selection(app, wanted)
        total = count_posts(conn, selection)  # refuses what names nothing before anything is written
        is_out_of_the_way = output != "-" or not sys.stdout.isatty()
        with Progress("exporting", total, is_shown=is_out_of_the_way) as progress, open_output(output) as out:
            rows = _counted(stream_posts(conn, selection), progress)
            number = write(format_name, rows, out, chosen, for_excel=for_excel, raw_cells=raw_cells)
    if output != "-":
        say(f"{count(number, 'post')} written to {Path(output)}")


def _counted(rows: Iterable[ExportRow], progress: Progress) -> Iterator[ExportRow]:
    for number, row in enumerate(rows, 1):
        if number % 1000 == 0:
            progress.advance(1000)
        yield row


def read_selection(app: App, wanted: dict[str, str | None]) -> Selection:
    """The options as a selection; what names nothing is an error that says what there is."""
    from collector.digest.windows import week_window
    from collector.storage.exporting import Selection

    zone = ZoneInfo(app.settings.collector.timezone)
    window = week_window(wanted["week"], zone) if wanted["week"] else None
    return Selection(
        since=read_date("--since", wanted["since"], zone),
        until=read_date("--until", wanted["until"], zone),
        dated=(window.starts_at, window.ends_at) if window else None,
        topic=app.topic(wanted["hashtag"]) if wanted["hashtag"] else None,
        source=wanted["source"],
        network=wanted["network"],
        language=wanted["language"],
        digest=read_digest(wanted["digest"]),
    )


def print_dictionary() -> None:
    """The columns: as a table in a terminal, as CSV in a pipe."""
    from collector.cli.tables import print_table
    from collector.export import DICTIONARY_HEADER, READING_NOTES, data_dictionary, data_dictionary_csv

    if not sys.stdout.isatty():
        click.echo(data_dictionary_csv(), nl=False)
        return
    print_table(DICTIONARY_HEADER, data_dictionary())
    for note in READING_NOTES:
        click.echo(note)


def _refuse_own_file(app: App, output: str) -> None:
    """An export in the place of the database or of the configuration would be the end of a collection."""
    from collector.config.files import find_file
    from collector.errors import OutputError

    own = (app.database.path, app.memory.file, find_file(this_call().config, os.environ, Path.cwd()))
    if output != "-" and Path(output).resolve() in {path.resolve() for path in own if path is not None}:
        raise OutputError(f"{output}: is the collector's own file; name another one")
