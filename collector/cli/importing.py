"""`collector import`: posts from exports that people already have."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.calling import say, the_app, this_call
from collector.cli.progress import Progress
from collector.cli.tables import count, print_table
from collector.errors import ArchiveError
from collector.text.cleaning import one_line

if TYPE_CHECKING:
    from collector.app import App
    from collector.importing import ImportReport

_MOST_LINES = 20  # unreadable rows of one file that are told one by one
_HEADINGS = ("file", "format", "read", "new", "changed", "known", "left out", "rejected")


@click.command("import", short_help="Bring in posts from exports that you already have.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.option("--format", "format_name", metavar="NAME", help="What the files are, if their content does not tell.")
@click.option("--hashtag", metavar="T", help="Only for this topic (default: every configured hashtag).")
def command(files: tuple[Path, ...], format_name: str | None, hashtag: str | None) -> int:
    """Bring in the posts of FILEs that carry a configured hashtag.

    The format is known by the content: tweets as twarc, twarc2, TAGS, minet and 4CAT keep them, X's and Mastodon's own
    account archives, and this collector's own CSV and JSON Lines; gzip too. The same file twice changes nothing, and an
    import that was stopped goes on when it is called again. Ends with 1 if a file or a row of it cannot be read.
    """
    _refuse_unknown(format_name)
    rows: list[tuple[object, ...]] = []
    is_failed = False
    with the_app() as app:
        for path in files:
            try:
                is_whole = _import(app, path, format_name, hashtag, rows)
            except ArchiveError as error:
                click.echo(f"collector: {one_line(str(error))}", err=True)
                is_failed = True
            except KeyboardInterrupt:
                say("the same command goes on from here")
                raise
            else:
                is_failed = is_failed or not is_whole
    if rows:
        print_table(_HEADINGS, rows)
    return int(is_failed)


def _refuse_unknown(format_name: str | None) -> None:
    from collector.archives.recognising import format_named

    if format_name is not None:
        try:
            format_named(format_name)
        except ArchiveError as error:
            raise click.BadParameter(str(error), param_hint="'--format'") from None


def _import(app: App, path: Path, format_name: str | None, hashtag: str | None, rows: list[tuple[object, ...]]) -> bool:
    """Imports one file and adds its row to the table; gives whether all of it could be read.

    A file that breaks in the middle has a row too, for what stood before that is kept.
    """
    from collector.archives.files import ArchiveFile
    from collector.archives.recognising import find_format
    from collector.importing import ImportReport

    with ArchiveFile(path) as file:
        archive = find_format(file, format_name)
        report = ImportReport()
        is_through = False
        try:
            with Progress(f"importing {one_line(path.name)}", file.size) as progress:
                app.import_file(file, archive, hashtag, report, progress.advance)
            is_through = True
        finally:
            _tell(path, report)
            if is_through or report.read:
                rows.append(_row(path, archive.name, report))
    return not report.rejected


def _row(path: Path, format_name: str, report: ImportReport) -> tuple[object, ...]:
    numbers = (report.read, report.new, report.changed, report.known, _describe(report.left_out))
    return (one_line(str(path)), format_name, *numbers, report.rejected)


def _tell(path: Path, report: ImportReport) -> None:
    """The rows that could not be read, as far as anybody would read on, or with --verbose as far as they are known."""
    name = one_line(str(path))
    shown = report.unreadable if this_call().is_verbose else report.unreadable[:_MOST_LINES]
    for row in shown:
        click.echo(f"collector: {name}:{row.line}: {one_line(row.reason)}", err=True)
    if (more := report.rejected - len(shown)) > 0:
        click.echo(f"collector: {name}: and {count(more, 'more row')} that cannot be read", err=True)


def _describe(left_out: Counter[str]) -> str:
    """How many and why: "a repost: 3; without the hashtag: 12"."""
    return "; ".join(f"{reason}: {number:,}" for reason, number in sorted(left_out.items())) or "0"
