"""Letters to readers, as the daemon and `tick` send them; and on a thread of their own wherever the pages are served.

Somebody who has just signed up looks into their mailbox now, and the daemon's jobs may have ten thousand mails before
them. Who hands a letter over is settled in the tables, so the daemon's own job for letters and this do not meet.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from collector.app import App
from collector.errors import CollectorError
from collector.mailing.owners import make_owner
from collector.subscribing.sending import LetterReport, Postbox
from collector.subscribing.sending import send_letters as send_due_letters
from collector.troubles import Troubles

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds between two looks
_NAME = "letters beside the pages"  # as the log calls it
GRACE = 3.0  # seconds that a hand-over has to end after the stop sign


def send_letters(app: App) -> LetterReport:
    """Hands over the short letters that readers are owed."""
    return send_due_letters(
        Postbox(
            readership=app.readership,
            open_deliverer=app.deliverer,
            owner=make_owner(),
            now=app.now,
            stop=app.stop,
        )
    )


@contextmanager
def letters_going_out(app: App) -> Iterator[None]:
    """Hands letters over for the length of a block, or until `app.stop`."""
    over = threading.Event()
    thread = threading.Thread(target=_run, args=(app, over), name="letters", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(GRACE)


def _run(app: App, over: threading.Event) -> None:
    troubles = Troubles()
    while not (over.is_set() or app.stop.is_set()):
        _try(app, troubles)
        over.wait(EVERY)


def _try(app: App, troubles: Troubles) -> None:
    try:
        send_letters(app)
    except CollectorError as error:  # the database, or the clock: the next look may find it well
        troubles.note(_NAME, error, time.monotonic(), EVERY)
    except Exception:
        log.exception("letters failed unexpectedly")
    else:
        troubles.end(_NAME)
