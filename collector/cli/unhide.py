"""`collector unhide`: the way back from `collector hide`."""

from __future__ import annotations

import click

from collector.cli.hide import set_hidden


@click.command("unhide", short_help="Let a hidden post or author in again.")
@click.argument("url", required=False)
@click.option("--author", metavar="HANDLE", help="Everything of this author, known as user@host.")
def command(url: str | None, author: str | None) -> None:
    """Let the post at URL, or an author, into digests and exports again."""
    set_hidden(url, author, is_hidden=False)
