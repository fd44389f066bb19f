"""`collector serve`: the pages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

from collector.cli.calling import say, the_app, this_call
from collector.errors import WrongUsageError

if TYPE_CHECKING:
    from collector.config import Listen

_USUAL = "127.0.0.1:8080"


@click.command("serve", short_help="Serve the pages until stopped.")
@click.option("--listen", "address", metavar="ADDRESS", help=f"Where; else [web] listen, or {_USUAL}.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How log lines are written, to standard error.",
)
def command(address: str | None, log_format: str) -> None:
    """Serve the digests and their posts as pages until SIGTERM or Ctrl-C, beside a daemon or without one.

    'collector run' serves them, too, where [web] says at which address.
    """
    from collector.logs import start_logging
    from collector.notify import notify
    from collector.posting import letters_going_out
    from collector.signals import asked_to_stop
    from collector.storage import schema
    from collector.web.serving import serving

    told = _read(address) if address else None
    with the_app(needs="nothing") as app, asked_to_stop(app.stop):
        call = this_call()
        level = logging.WARNING if call.is_quiet else logging.DEBUG if call.is_verbose else logging.INFO
        start_logging("json" if log_format == "json" else "text", level)
        if schema.current(app.database) is None:
            app.prepare()
        else:  # only read: it may be another daemon's
            app.require()
        listen = told or app.settings.web.listen or _read(_USUAL)
        with serving(app.site(listen), listen, "--listen" if told else "web.listen"), letters_going_out(app):
            say(f"the pages are at {app.site(listen).public.home}")
            notify("READY=1")
            app.stop.wait()
            notify("STOPPING=1")


def _read(address: str) -> Listen:
    from collector.config.addresses import listen_address

    try:
        return listen_address(address)
    except ValueError as error:
        raise WrongUsageError(f'--listen: {error}; accepted: an IP address and a port, such as "{_USUAL}"') from error
