"""`collector export`: posts out, as CSV or JSON Lines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from collector.cli.calling import say, the_app
from collector.cli.own_files import refuse_own_file
from collector.cli.progress import Progress
from collector.cli.reading import read_date, read_digest, week_option
from collector.cli.tables import count

if TYPE_CHECKING:
    from collector.app import App
    from collector.export import Column
    from collector.exporting import Order
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
@click.option(
    "--week", metavar="WEEK", callback=week_option, help="Dated in this week, day or month, such as 2026-W47."
)
@click.option("--digest", metavar="SERIES/WEEK", help="Members of this digest, such as weekly/2026-W47.")
@click.option("--columns", metavar="A,B", help="Only these columns, in this order.")
@click.option("--for-excel", is_flag=True, help="CSV as Excel likes it: byte order mark, one line a post, short cells.")
@click.option("--raw-cells", is_flag=True, help="CSV without the apostrophe before what looks like a formula.")
@click.option("--pseudonymise", is_flag=True, help="Pseudonyms for people and posts, no addresses, also inside texts.")
@click.option("--with-revisions", is_flag=True, help="Also the earlier texts of edited posts, in columns of their own.")
@click.option("--data-dictionary", is_flag=True, help="Print what each column means, and nothing else.")
def command(data_dictionary: bool, **options: Any) -> None:
    """Give out the posts that may be shown, by the time they were published.

    A DATE is a day such as 2026-11-16, which begins at midnight in the configured time zone, or an instant such as
    2026-11-16T09:00Z. Beside a file stands its manifest, which says what is in it and what is not.
    """
    columns = read_columns(options)
    if data_dictionary:
        print_dictionary(columns)
        return
    from collector.export import manifest_place
    from collector.exporting import look_up, write_out

    output = options["output"]
    with the_app(needs="read up") as app, app.database.read() as conn:
        refuse_own_file(app, output, manifest_place(output))
        order = read_order(app, options, columns)
        found = look_up(conn, order)  # refuses what names nothing before anything is written
        is_out_of_the_way = output != "-" or not sys.stdout.isatty()
        with Progress("exporting", found.posts, is_shown=is_out_of_the_way) as progress:
            number = write_out(conn, order, found, app.now(), progress.advance)
    if output != "-":
        say(f"{count(number, 'post')} written to {Path(output)}")
    _warn(order)


def read_columns(options: dict[str, Any]) -> tuple[Column, ...]:
    """The columns that the options ask for."""
    from collector.errors import UnknownNameError, WrongUsageError
    from collector.export import select_columns

    if options["format_name"] != "csv" and (options["for_excel"] or options["raw_cells"]):
        raise click.UsageError("--for-excel and --raw-cells go with --format csv")
    try:
        return select_columns(options["columns"] or None, with_revisions=options["with_revisions"])
    except UnknownNameError as error:
        raise WrongUsageError(str(error)) from error


def read_order(app: App, options: dict[str, Any], columns: tuple[Column, ...]) -> Order:
    """All options as an order."""
    from collector.exporting import Order

    return Order(
        selection=read_selection(app, options),
        output=options["output"],
        format_name=options["format_name"],
        timezone=app.settings.collector.timezone,
        columns=columns,
        for_excel=options["for_excel"],
        raw_cells=options["raw_cells"],
        is_pseudonymised=options["pseudonymise"],
        has_revisions=options["with_revisions"],
        asked={name.removesuffix("_name"): value for name, value in options.items() if value and name != "output"},
    )


def _warn(order: Order) -> None:
    if order.is_pseudonymised:
        say("pseudonymous, not anonymous: whoever searches for the words of a text may find who wrote it")
    if order.has_revisions:
        say("with earlier texts, which their authors took back or changed: nothing to publish or pass on")


def read_selection(app: App, wanted: dict[str, Any]) -> Selection:
    """The options as a selection; what names nothing is an error that says what there is."""
    from collector.digest.windows import window_named
    from collector.storage.exporting import Selection

    zone = ZoneInfo(app.settings.collector.timezone)
    window = window_named(wanted["week"], zone) if wanted["week"] else None
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


def print_dictionary(columns: tuple[Column, ...]) -> None:
    """What each column is: as a table in a terminal, as CSV in a pipe."""
    from collector.cli.tables import print_table
    from collector.export import DICTIONARY_HEADER, READING_NOTES, data_dictionary, data_dictionary_csv

    if not sys.stdout.isatty():
        click.echo(data_dictionary_csv(columns), nl=False)
        return
    print_table(DICTIONARY_HEADER, data_dictionary(columns))
    for note in READING_NOTES:
        click.echo(note)
