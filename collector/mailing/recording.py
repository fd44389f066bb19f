"""Writes down what became of a hand-over, at once: what is not written down is sent again."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection

from collector.bouncing.noting import note_refusal
from collector.errors import DeliveryError, StorageError
from collector.mailing.due import next_try
from collector.mailing.mailer import Mailer
from collector.storage.deliveries import Delivery, mark_refused, mark_sent, mark_waiting, postpone, release

log = logging.getLogger(__name__)

_PATIENCE = (1.0, 3.0, 9.0)  # seconds between tries to write down what was sent


def record_sent(mailer: Mailer, delivery: Delivery) -> None:
    """Has patience with a database that is busy or away for a moment, and a memory for one that is for longer."""
    for pause in (*_PATIENCE, None):
        try:
            with mailer.database.jot() as conn:
                mark_sent(conn, delivery.id, mailer.now())
        except StorageError as error:
            if pause is None:
                mailer.unrecorded.add(delivery.id)
                raise
            log.warning("the mail %s went out, but could not be written down: %s", delivery.message_id, error)
            mailer.stop.wait(pause)
        else:
            return


def record_earlier(mailer: Mailer) -> None:
    """What went out in an earlier run, before any of it is due once more."""
    for delivery_id in sorted(mailer.unrecorded):
        with mailer.database.write() as conn:
            mark_sent(conn, delivery_id, mailer.now())
        mailer.unrecorded.discard(delivery_id)


def record_refusal(mailer: Mailer, delivery: Delivery, error: DeliveryError) -> bool:
    """What concerns one mail: it is tried again later, or given up; True where it is given up."""
    now = mailer.now()
    again = None if error.is_permanent else next_try(delivery.attempts + 1, delivery.created_at, now)
    with mailer.database.write() as conn:
        if again is None:
            mark_refused(conn, delivery.id, str(error), now)
            note_refusal(conn, delivery.id, error, soft_limit=mailer.settings.bounces.soft_limit, now=now)
        else:
            mark_waiting(conn, delivery.id, str(error), again, now)
    return again is None


def say_of_all(delivery: Delivery, error: DeliveryError) -> str:
    """What was said of one mail, for what is kept about others: without whom it was for, who may be erased."""
    return re.sub(re.escape(delivery.address), "[address]", str(error), flags=re.IGNORECASE)


def record_standstill(mailer: Mailer, delivery: Delivery, rest: Collection[int], error: DeliveryError) -> int:
    """What every other mail would meet, too: all wait, those in hand as well. Gives how many."""
    now = mailer.now()
    again = (
        next_try(delivery.attempts + 1, delivery.created_at, now) or next_try(delivery.attempts + 1, now, now) or now
    )
    with mailer.database.write() as conn:
        release(conn, rest)
        mark_waiting(conn, delivery.id, str(error), again, None)
        return 1 + postpone(conn, say_of_all(delivery, error), again)
