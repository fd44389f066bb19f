"""`collector about`: everything held about a person."""

from __future__ import annotations

import click

from collector.cli.calling import the_app
from collector.cli.tables import print_parts


@click.command("about", short_help="Everything held about a person, as JSON.")
@click.argument("handle")
def command(handle: str) -> None:
    """Print everything held about a person as JSON, to answer somebody who asks.

    HANDLE is user@host, any handle they had, a DID, the address of their profile, or a mail address that digests go to.
    """
    from collector.disclosing import disclose

    with the_app(needs="ready") as app:
        print_parts(disclose(app.memory, handle))
