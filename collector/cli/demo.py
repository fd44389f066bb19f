"""`collector demo`: the whole job in seconds."""

from __future__ import annotations

from pathlib import Path

import click

from collector.cli.calling import log_to_terminal


@click.command("demo", short_help="Show the whole job in seconds, without a network.")
@click.argument("folder", metavar="[DIR]", default="collector-demo", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Show the whole job in seconds, with no network and no account.

    Small servers on this machine play recorded posts of the fediverse, of a blog and of Bluesky; the collector polls
    them as it would any, and writes the digest and the posts into DIR (default: ./collector-demo).
    """
    import logging

    from collector.demo.show import show

    log_to_terminal(logging.CRITICAL)
    for line in show(folder):
        click.echo(line)
