"""`collector subscribers`: who gets the digests, and what came back."""

from __future__ import annotations

import click

from collector.cli.bounces import command as bounces


@click.group("subscribers", short_help="Who gets the digests, and what came back.")
def command() -> None:
    """Look after those who get the digests."""


command.add_command(bounces)
