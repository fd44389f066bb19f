"""What comes back, as the daemon, `tick` and the command line read it."""

from __future__ import annotations

from collector.app import App
from collector.bouncing.rounds import BounceReport, Postmaster, read_mailbox
from collector.mailbox import mailbox_for
from collector.subscribing.leaving import remove


def postmaster_of(app: App) -> Postmaster:
    """What reading what comes back needs of the world."""
    return Postmaster(
        database=app.database,
        settings=app.settings.bounces,
        open_mailbox=lambda: mailbox_for(app.settings.bounces),
        end=lambda folded, series, why: remove(app.readership, folded, series, why, app.now()),
        now=app.now,
        stop=app.stop,
    )


def read_bounces(app: App) -> BounceReport:
    """Reads the mailbox that undeliverable mails come back to, if it is time to. Raises MailboxError."""
    return read_mailbox(postmaster_of(app))
