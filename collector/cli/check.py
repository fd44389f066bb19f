"""`collector check`: is everything ready?"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from collector.cli.calling import the_app
from collector.cli.progress import Progress
from collector.cli.tables import print_json, print_line

if TYPE_CHECKING:
    from collector.checking import Finding


@click.command("check", short_help="Look whether everything is ready: configuration, database, sources, mail.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> int:
    """Look at the configuration, the database, each source and the mail server: one line each.

    Nothing is fetched, sent or created. Ends with 1 if anything fails.
    """
    from collector.checking import check_all, steps

    with the_app(needs="nothing") as app, Progress("checking", steps(app)) as progress:
        findings = []
        for finding in check_all(app):
            findings.append(finding)
            progress.advance()
    if as_json:
        print_json({"checks": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            print_line(_mark(finding), f"{finding.what}: {finding.message}")
    return int(any(not finding.is_ok for finding in findings))


def _mark(finding: Finding) -> str:
    mark = "ok    " if finding.is_ok else "fails "
    return click.style(mark, fg="green" if finding.is_ok else "red", bold=True) if sys.stdout.isatty() else mark
