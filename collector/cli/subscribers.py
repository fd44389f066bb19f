"""`collector subscribers`: list, add, remove, import and export who gets digests."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector.cli.bounces import command as bounces
from collector.cli.calling import say, the_app, this_call
from collector.cli.own_files import refuse_own_file
from collector.cli.progress import Progress
from collector.cli.reading import read_address, read_date, read_series
from collector.cli.tables import count, instant, print_json, print_table
from collector.text.cleaning import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.app import App
    from collector.model import Subscriber
    from collector.subscribing.deciding import Outcome
    from collector.subscribing.importing import ListReport

_MOST_LINES = 20  # unreadable rows that are told one by one
_COLUMNS = (
    *("address", "series", "state", "origin", "consent_source", "consent_at", "asked_at", "confirmed_at"),
    *("ended_at", "ended_why", "bounced_at", "bounce_reason"),
)
_CONSENT = click.option("--consent", metavar="TEXT", help="How they agreed, such as 'paper list, conference 2026'.")
_DATE = click.option("--date", metavar="DATE", help="When they agreed, such as 2026-11-23.")


@click.group("subscribers", short_help="List, add, remove, import and export who gets digests; what came back.")
def command() -> None:
    """List, add, remove, import and export who gets digests; what came back."""


command.add_command(bounces)


@command.command("list", short_help="Who is subscribed, and how that stands.")
@click.option("--series", metavar="S", help="Only of this series.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_subscribers(series: str | None, as_json: bool) -> None:
    """Say who is subscribed to what, and how that stands."""
    from collector.storage.subscribers import all_subscribers

    with the_app(needs="ready") as app, app.database.read() as conn:
        chosen = None if series is None else read_series(app, series).name
        zone = ZoneInfo(app.settings.collector.timezone)
        rows = [row for person in all_subscribers(conn, chosen) for row in _rows(person, chosen, zone)]
    if as_json:
        print_json({"subscribers": [dict(zip(_COLUMNS, row, strict=True)) for row in rows]})
        return
    shown = ("address", "series", "state", "origin", "since", "bounced")
    print_table(shown, [(*row[:4], (row[8] or row[7] or row[6] or "")[:10], (row[10] or "")[:10]) for row in rows])


def _rows(person: Subscriber, series: str | None, zone: ZoneInfo) -> Iterator[tuple[str | None, ...]]:
    """One for each subscription, in the order of `_COLUMNS`."""
    from collector.subscribing.moments import write_moment

    for one in person.subscriptions:
        if series in {None, one.series}:
            yield (
                *(person.address, one.series, str(one.state), str(one.origin)),
                *((one.consent.source, write_moment(one.consent.given_at, zone)) if one.consent else ("", None)),
                *(write_moment(one.asked_at, zone), instant(one.confirmed_at), instant(one.ended_at), one.ended_why),
                *(instant(person.bounced_at), person.bounce_reason),
            )


@command.command("add", short_help="Add people who agreed.")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@click.option("--series", metavar="S", multiple=True, help="To which series, where there are several.")
@_CONSENT
@_DATE
def add(addresses: tuple[str, ...], series: tuple[str, ...], consent: str | None, date: str | None) -> int:
    """Add people who told you that they want a series; they get the next digest, and no letter before.

    Nobody is added who unsubscribed: only they themselves can sign up again. Ends with 1 if somebody was not added
    while the others were; if one of ADDRESSES is no e-mail address, with 2, and adds nobody.
    """
    from collector.model import Consent, Origin
    from collector.subscribing.adding import Newcomer, add_readers
    from collector.subscribing.deciding import Outcome

    with the_app() as app:
        given_at = _read_day(app, date)
        if not consent or given_at is None:
            raise click.UsageError("say how and when they agreed: --consent 'by mail' --date 2026-11-23")
        names = [read_series(app, name).name for name in (series or (None,))]
        told = Consent(source=one_line(consent), given_at=given_at)
        people = [Newcomer(address=read_address(text), consent=told) for text in addresses]
        failed = 0
        for name in names:
            for person, outcome in zip(
                people, add_readers(app.readership, people, name, Origin.COMMAND, app.now()), strict=True
            ):
                if outcome in {Outcome.ADDED, Outcome.KNOWN}:
                    click.echo(f"{person.address}: {'added to' if outcome is Outcome.ADDED else 'gets'} {name}")
                    continue
                failed += 1
                why = _say_why(app, outcome, person.address)
                click.echo(f"collector: {person.address}: not added to {name}: {why}", err=True)
    return int(bool(failed))


def _say_why(app: App, outcome: Outcome, address: str) -> str:
    from collector.links import Pages
    from collector.subscribing.deciding import Outcome

    if outcome is Outcome.BOUNCED:
        return f"{outcome}; 'collector subscribers bounces --forgive {address}' lets mails go there again"
    base = app.settings.web.base_url
    way = f"at {Pages(base=base).subscribe}" if base else "on the page, which needs [web] base_url"
    return f"{outcome}; only they themselves can sign up again, {way}"


def _read_day(app: App, date: str | None) -> datetime | None:
    given_at = read_date("--date", date, ZoneInfo(app.settings.collector.timezone))
    if given_at is not None and given_at > app.now():
        raise click.UsageError(f"--date: {date} lies in the future: nobody has agreed then")
    return given_at


@command.command("remove", short_help="Take somebody off a series, or off all.")
@click.argument("address", metavar="ADDRESS")
@click.option("--series", metavar="S", help="Only off this series (default: off all).")
@click.option("--erase", "is_erased", is_flag=True, help="Erase all that is held about them, too.")
def remove(address: str, series: str | None, is_erased: bool) -> None:
    """Take somebody off a series, or off all, because they asked for it. No import brings them back."""
    from collector.errors import UnknownNameError
    from collector.subscribing.leaving import erase
    from collector.subscribing.leaving import remove as remove_reader
    from collector.text.mailaddresses import folded_address

    if is_erased and series is not None:
        raise click.UsageError("--erase takes somebody off everything: leave out --series")
    normal = read_address(address)
    with the_app(needs="ready") as app:
        folded, now = folded_address(normal), app.now()
        if is_erased:
            was_known = erase(app.readership, folded, now)
            click.echo(f"{normal}: {'erased' if was_known else 'not known; no list will bring it in'}")
            return
        known, ended = remove_reader(app.readership, folded, series, "command", now)
        if known is None:
            raise UnknownNameError(f"{normal} is not known; 'remove --erase' keeps it from ever being imported")
        if series is not None and known.subscription(series) is None:
            read_series(app, series)  # somebody may still get one that is configured no more
    click.echo(f"{normal}: {'taken off ' + ', '.join(ended) if ended else 'gets nothing that could be stopped'}")


@command.command("import", short_help="Add the people of a list who agreed.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, readable=False))
@click.option("--series", metavar="S", multiple=True, help="To which series, where there are several.")
@_CONSENT
@_DATE
def import_subscribers(file: Path, series: tuple[str, ...], consent: str | None, date: str | None) -> int:
    """Add the people of FILE, a CSV with a header as newsletter tools give it out.

    The columns with addresses, and with when and how they agreed, are known by their names; --consent and --date say
    it where the list does not. Who unsubscribed here, or is marked as gone in the list, is not added; nobody is mailed.
    The same list twice changes nothing. Ends with 1 if a row cannot be read.
    """
    from collector.subscribing.importing import import_list
    from collector.subscribing.lists import Missing, ReaderList

    with the_app() as app:
        names = list(dict.fromkeys(read_series(app, name).name for name in (series or (None,))))
        missing = Missing(source=one_line(consent or ""), date=_read_day(app, date))
        reports = {}
        for name in names:
            rows = ReaderList(file, missing, ZoneInfo(app.settings.collector.timezone), app.now())
            with Progress(f"importing {one_line(file.name)}", rows.size) as progress:
                reports[name] = import_list(app.readership, rows, name, app.now(), progress.advance)
    _tell_unreadable(file, reports[names[0]])
    for name, report in reports.items():
        click.echo(f"{name}: {_describe(report)}")
    return int(bool(reports[names[0]].unreadable))


def _describe(report: ListReport) -> str:
    from collector.subscribing.deciding import Outcome

    parts = [count(report.outcomes[Outcome.ADDED], "subscriber") + " added"]
    parts += [f"{report.outcomes[one]:,} {one}" for one in Outcome if one is not Outcome.ADDED and report.outcomes[one]]
    parts += [f"{report.off:,} off that list"] if report.off else []
    parts += [f"{count(len(report.unreadable), 'row')} not readable"] if report.unreadable else []
    return ", ".join(parts)


def _tell_unreadable(file: Path, report: ListReport) -> None:
    name = one_line(str(file))
    shown = report.unreadable if this_call().is_verbose else report.unreadable[:_MOST_LINES]
    for line, reason in shown:
        click.echo(f"collector: {name}:{line}: {one_line(reason)}", err=True)
    if (more := len(report.unreadable) - len(shown)) > 0:
        click.echo(f"collector: {name}: and {count(more, 'more row')} that cannot be read", err=True)


@command.command("export", short_help="All that is held about one person, or the whole list.")
@click.argument("address", metavar="[ADDRESS]", required=False)
@click.option("--output", metavar="FILE|-", default="-", help="Where to; - is standard output (default).")
@click.option("--json", "as_json", is_flag=True, help="Everything about everybody as JSON, in place of CSV.")
def export(address: str | None, output: str, as_json: bool) -> None:
    """Give out all that is held about one person as JSON, to answer them; or the whole list as CSV.

    The list can be imported again, here or elsewhere: when and how everybody agreed is in it.
    """
    from collector.export import open_output, write_texts
    from collector.storage.disclosing_readers import all_readers
    from collector.storage.subscribers import all_subscribers

    with the_app(needs="ready") as app, app.database.read() as conn:
        held = None if address is None else _find(app, address)
        refuse_own_file(app, output)
        with open_output(output) as out:
            if held is not None or as_json:
                out.write(_as_json(held if held is not None else {"subscribers": list(all_readers(conn))}))
                return
            zone = ZoneInfo(app.settings.collector.timezone)
            rows = (row for person in all_subscribers(conn) for row in _rows(person, None, zone))
            number = write_texts(_COLUMNS, ([cell or "" for cell in row] for row in rows), out)
    if output != "-" or not sys.stdout.isatty():
        say(f"{count(number, 'subscription')} written")


def _find(app: App, address: str) -> dict[str, object]:
    from collector.errors import UnknownNameError
    from collector.storage.disclosing_readers import read_reader
    from collector.text.mailaddresses import folded_address

    normal = read_address(address)
    with app.database.read() as conn:
        held = read_reader(conn, folded_address(normal))
    if held is None:
        raise UnknownNameError(f"{normal} is not known; 'collector about' looks for digests that went there, too")
    return held


def _as_json(value: object) -> bytes:
    from collector.cli.tables import as_json

    return f"{as_json(value)}\n".encode()
