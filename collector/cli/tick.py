"""`collector tick`: everything that is due, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from collector.cli.calling import say, say_stopped, stoppable, the_app
from collector.cli.tables import count

if TYPE_CHECKING:
    from collector.app import App


@click.command("tick", short_help="Do everything that is due, once.")
def command() -> int:
    """Do everything that is due, once, and exit: for cron, or a laptop. It calls what the daemon calls.

    SIGTERM or Ctrl-C end it once the mail that is in the air has arrived, a second one at once.
    """
    from collector.cli.poll import poll_summary
    from collector.posting import send_letters
    from collector.warning.rounds import WarnReport

    with the_app() as app, stoppable(app):
        rows = poll_summary(app, app.poll_due())
        app.recheck()
        app.close_due_windows()
        unread = _read_bounces(app)
        letters, report, warned = send_letters(app), app.send_owed(), WarnReport()
        is_stopped = app.stop.is_set()
        if not is_stopped:
            warned = app.warn()
            app.tidy()
    say(describe(rows, report.sent + letters.sent))
    problems = [f"{row['source']}: {row['error']}" for row in rows if row["error"]]
    problems += [*unread, *letters.problems, *report.problems, *warned.problems]
    for problem in problems:
        click.echo(f"collector: {problem}", err=True)
    if is_stopped:
        say_stopped()
    return int(bool(problems) or is_stopped)


def _read_bounces(app: App) -> list[str]:
    """What is in the way of reading what came back; it holds up nothing else."""
    from collector.errors import MailboxError
    from collector.returning import read_bounces

    try:
        read_bounces(app)
    except MailboxError as error:
        return [str(error)]
    return []


def describe(rows: list[dict[str, Any]], sent: int) -> str:
    """What a tick did, in a line."""
    if not rows and not sent:
        return "nothing was due"
    new = sum(row["new"] for row in rows)
    return f"{count(len(rows), 'source')} asked, {count(new, 'new post')}, {count(sent, 'mail')} sent"
