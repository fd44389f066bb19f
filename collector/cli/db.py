"""`collector db`: the schema, backups, and a better normaliser run over the past."""

from __future__ import annotations

from pathlib import Path

import click

from collector.cli.calling import say, the_app
from collector.cli.progress import Progress


@click.group("db", short_help="The database's schema, backups, and a better normaliser run over the past.")
def command() -> None:
    """Look after the database."""


@command.command("upgrade", short_help="Bring an older database up to date.")
def upgrade() -> None:
    """Bring the schema to what this program needs, keeping the data."""
    from collector.storage import schema

    with the_app(needs="nothing") as app:
        before = schema.current(app.database)
        schema.upgrade(app.database)
        after = schema.current(app.database)
    click.echo(
        f"schema {after}: already there" if before == after else f"schema {after}: upgraded from {before or 'nothing'}"
    )


@command.command("current", short_help="The schema there is, and the one needed.")
def current() -> None:
    """Say which schema the database has, and which this program needs."""
    from collector.storage import schema

    with the_app(needs="nothing") as app:
        version = schema.current(app.database)
    click.echo(f"{version or 'none'} (this program: {schema.HEAD})")


@command.command("backup")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy the whole database into FILE, also while it is in use.

    An older backup is replaced once the new one is whole; any other file is left alone. PostgreSQL is copied by its
    own pg_dump. The README says how a backup is brought back.
    """
    from collector.errors import OutputError
    from collector.export import replacing_file
    from collector.storage import schema
    from collector.storage.backup import back_up, may_be_replaced

    with the_app(needs="nothing") as app, replacing_file(file) as part:
        version = schema.require_any(app.database)
        if app.database.path is not None and file.resolve() == app.database.path.resolve():
            raise OutputError(f"{file}: is the database itself; name another file")
        if not may_be_replaced(file):
            raise OutputError(f"{file}: is there, and is no backup; name another file")
        if version == schema.HEAD:
            app.forget_again()  # of what an older backup brought back, no newer one is made
        back_up(app.database, part)
    say(f"{file}: {file.stat().st_size / 1_000_000:,.1f} MB, schema {version}")


@command.command("renormalise", short_help="Read the kept answers once more.")
def renormalise() -> None:
    """Read the kept answers of servers once more as this version reads them, and bring the posts up to date."""
    from collector.polling.renormalising import renormalise_all
    from collector.storage.raw import count_raw

    with the_app(needs="ready") as app:
        with app.database.read() as conn:
            total = count_raw(conn)
        with Progress("reading again", total) as progress:
            report = renormalise_all(app.database, app.settings.counted, app.now(), progress.advance)
    click.echo(
        f"{report.read} answers read again, {report.changed} posts changed,"
        f" {report.found} posts found, {report.unreadable} unreadable"
    )
    if report.read == 0:
        say("no raw answers are kept: see keep_raw in the configuration")
