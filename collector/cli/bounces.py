"""`collector subscribers bounces`: what came back, out of files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.calling import say, the_app
from collector.cli.tables import count

if TYPE_CHECKING:
    from collector.bouncing.noting import Noted
    from collector.bouncing.rounds import Taken

_SAID = {
    "stopped": "nothing more goes there",
    "known already": "known already",
    "arrived since": "has confirmed since, so it counts for nothing",
    "no reader of ours": "no reader of this collector",
    "not counted": "a letter that was not taken just now, which counts for nothing",
}


@click.command("bounces", short_help="Read mails that came back, out of files.")
@click.argument("files", metavar="FILE…", nargs=-1, type=click.Path(path_type=Path))
@click.option("--forgive", metavar="ADDRESS", multiple=True, help="Send to an address again that mails came back from.")
def command(files: tuple[Path, ...], forgive: tuple[str, ...]) -> None:
    """Read reports about undelivered mails, complaints, and mails that unsubscribe; say what each came to.

    A FILE is an mbox, one mail, a Maildir, or a folder with *.eml; "-" is standard input. Reading a report twice
    changes nothing. The mailbox of [bounces] is read by 'collector run' and 'collector tick'.
    """
    from collector.bouncing.noting import forgive as forgive_address
    from collector.bouncing.rounds import read_files
    from collector.errors import WrongUsageError
    from collector.returning import postmaster_of

    if not files and not forgive:
        raise WrongUsageError("name a file with mails that came back ('-' is standard input), or --forgive an address")
    with the_app(needs="ready") as app:
        for address in forgive:
            click.echo(f"{forgive_address(app.database, address)}: gets mails again")
        mails = 0
        for name, taken in read_files(postmaster_of(app), files):
            mails += 1
            for line in describe(taken):
                click.echo(f"{name}: {line}")
    if files:
        say(f"{count(mails, 'mail')} read")


def describe(taken: Taken) -> list[str]:
    """What one mail came to."""
    lines = [_describe_bounce(noted) for noted in taken.noted]
    lines += [f"{address}: left {series}" for address, series in taken.left]
    if lines:
        return lines
    match str(taken.kind):
        case "bounce":
            return ["about no mail that this collector sent in the last 30 days"]
        case "delay":
            return ["a delay: the server goes on trying"]
        case "complaint" | "leaving":
            return ["asks to be taken off, and is from nobody who gets anything"]
        case "automatic reply":
            return ["an automatic reply"]
        case _:
            return ["no report"]


def _describe_bounce(noted: Noted) -> str:
    in_a_row = "a digest" if noted.in_a_row == 1 else f"{noted.in_a_row:,} digests in a row"
    said = _SAID.get(str(noted.fate)) or f"{in_a_row} came back"
    return f"{noted.address}: {said}" + (f" ({noted.reason})" if noted.reason else "")
