"""`collector run`: the daemon."""

from __future__ import annotations

import logging

import click

from collector.cli.calling import the_app, this_call


@click.command("run", short_help="Collect and send digests until stopped.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How log lines are written, to standard error.",
)
def command(log_format: str) -> None:
    """Collect and send digests until SIGTERM or Ctrl-C, and stop within five seconds of it."""
    from collector.daemon import run
    from collector.logs import start_logging

    with the_app(needs="nothing") as app:
        call = this_call()
        level = logging.WARNING if call.is_quiet else logging.DEBUG if call.is_verbose else logging.INFO
        start_logging("json" if log_format == "json" else "text", level)
        run(app)
