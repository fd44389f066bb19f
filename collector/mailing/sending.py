"""Claims what is owed, one delivery at a time, hands it over, and writes down what became of it.

A delivery is claimed and committed before the hand-over, so two senders never have the same one; what a crash leaves
claimed is taken over, under the same Message-ID, when its claimer is known to be dead or its lease is over.
"""

from __future__ import annotations

import logging
import os
import platform
import secrets
import threading
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from collector.bouncing.noting import note_refusal
from collector.config import Settings
from collector.deliver import Deliverer
from collector.errors import CollectorError, DeliveryError, StorageError
from collector.mailing.compose import compose
from collector.mailing.contents import Contents, address_mail, write_contents
from collector.mailing.due import next_try
from collector.storage.database import Database
from collector.storage.deliveries import (
    Delivery,
    claim_next,
    claimers,
    mark_refused,
    mark_sent,
    mark_waiting,
    postpone,
)
from collector.storage.series import find_week

log = logging.getLogger(__name__)

_TOKEN = secrets.token_hex(4)
_PATIENCE = (1.0, 3.0, 9.0)  # seconds between tries to write down what was sent
TURN = 5 * 60.0  # seconds after which a run leaves the rest to the next one: nobody polls while a mail server dawdles


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailer:
    """What mailing needs of the world."""

    database: Database
    settings: Settings
    open_deliverer: Callable[[], Deliverer]
    owner: str  # who claims: from `make_owner`
    unrecorded: set[int]  # deliveries that went out while the database was away: written down when it is back
    now: Callable[[], datetime]
    stop: threading.Event
    look_again: Callable[[Collection[int]], None]  # asks whether posts, by id, are still there


@dataclass(slots=True)
class SendReport:
    """What a run of sending came to; `problems` are one line each."""

    sent: int = 0
    refused: int = 0
    waiting: int = 0
    problems: list[str] = field(default_factory=list)

    def note(self, problem: str) -> None:
        """Adds a problem once, however many deliveries met it."""
        if problem not in self.problems:
            self.problems.append(problem)


def send_owed(
    mailer: Mailer,
    *,
    digest_id: int | None = None,
    is_forced: bool = False,
    tell: Callable[[SendReport], None] | None = None,
) -> SendReport:
    """Hands over what is owed and due; `is_forced` does not wait for the time of a later try."""
    _record_earlier(mailer)
    report, over_at = SendReport(), time.monotonic() + TURN
    after = 0
    written: dict[tuple[int, str], Contents] = {}
    listed: Callable[[int], Collection[str] | None] = cache(partial(_listed, mailer))
    with ExitStack() as stack:
        way_out = cache(lambda: stack.enter_context(mailer.open_deliverer()))
        while not mailer.stop.is_set() and (is_forced or time.monotonic() < over_at):
            delivery = _claim(mailer, digest_id, is_forced=is_forced, after=after)
            if delivery is None:
                break
            after = delivery.id
            on_list = listed(delivery.digest_id)
            if on_list is not None and delivery.address not in on_list:
                _let_go(mailer, delivery)
                continue
            error = _try(mailer, delivery, way_out, written)
            if error is None:
                report.sent += 1
            else:
                _record_failure(mailer, delivery, error, report)
            if tell is not None:
                tell(report)
            if error is not None and error.is_setup:
                break
    return report


def _try(
    mailer: Mailer,
    delivery: Delivery,
    way_out: Callable[[], Deliverer],
    written: dict[tuple[int, str], Contents],
) -> DeliveryError | None:
    """One hand-over; what went wrong, if anything, is this delivery's alone. Raises StorageError."""
    try:
        _hand_over(mailer, delivery, way_out(), written)
    except DeliveryError as error:
        return error
    except StorageError:
        raise
    except CollectorError as error:  # a series that the configuration no longer has
        return DeliveryError(str(error))
    except Exception as error:
        log.exception("unexpected error while writing to %s", delivery.address)
        return DeliveryError(f"unexpected {type(error).__name__} while writing it: please report it")
    return None


def _claim(mailer: Mailer, digest_id: int | None, *, is_forced: bool, after: int) -> Delivery | None:
    now = mailer.now()
    with mailer.database.write() as conn:
        dead = [owner for owner in claimers(conn) if is_dead(owner, mailer.owner)]
        return claim_next(conn, mailer.owner, dead, now, digest_id=digest_id, is_forced=is_forced, after=after)


def _listed(mailer: Mailer, digest_id: int) -> Collection[str] | None:
    """Who is on the list of a digest's series today; None where the configuration has no such series any more."""
    with mailer.database.read() as conn:
        name, _ = find_week(conn, digest_id)
    return next((frozenset(series.to) for series in mailer.settings.digests if series.name == name), None)


def _let_go(mailer: Mailer, delivery: Delivery) -> None:
    """Closes what is owed to an address that was taken off the list since: it asked for no more."""
    log.info("no longer on the list", extra={"numbers": {"to": delivery.address}})
    with mailer.database.write() as conn:
        mark_refused(conn, delivery.id, "", mailer.now())


def _hand_over(
    mailer: Mailer, delivery: Delivery, deliverer: Deliverer, written: dict[tuple[int, str], Contents]
) -> None:
    key = (delivery.digest_id, delivery.kind)
    if key not in written:
        with mailer.database.read() as conn:
            series, week = find_week(conn, delivery.digest_id)
            written[key] = write_contents(conn, mailer.settings, mailer.settings.series(series), week, delivery.kind)
    mail = address_mail(
        written[key],
        mailer.settings,
        to=delivery.address,
        message_id=delivery.message_id,
        sent_at=mailer.now(),
    )
    deliverer.deliver(compose(mail), delivery.address)
    _record_sent(mailer, delivery)
    log.info(
        "sent", extra={"numbers": {"series": mail.series, "to": delivery.address, "attempt": delivery.attempts + 1}}
    )


def _record_sent(mailer: Mailer, delivery: Delivery) -> None:
    """Has patience with a database that is busy or away for a moment, and a memory for one that is for longer.

    What is never written down is sent again.
    """
    for pause in (*_PATIENCE, None):
        try:
            with mailer.database.write() as conn:
                mark_sent(conn, delivery.id, mailer.now())
        except StorageError as error:
            if pause is None:
                mailer.unrecorded.add(delivery.id)
                raise
            log.warning("the mail to %s went out, but could not be written down: %s", delivery.address, error)
            mailer.stop.wait(pause)
        else:
            return


def _record_earlier(mailer: Mailer) -> None:
    """What went out in an earlier run, before any of it is due once more."""
    for delivery_id in sorted(mailer.unrecorded):
        with mailer.database.write() as conn:
            mark_sent(conn, delivery_id, mailer.now())
        mailer.unrecorded.discard(delivery_id)


def _record_failure(mailer: Mailer, delivery: Delivery, error: DeliveryError, report: SendReport) -> None:
    now = mailer.now()
    again = next_try(delivery.attempts + 1, delivery.created_at, now)
    report.note(str(error))
    log.warning("not sent to %s: %s", delivery.address, error)
    with mailer.database.write() as conn:
        if error.is_permanent or (again is None and not error.is_setup):
            mark_refused(conn, delivery.id, str(error), now)
            note_refusal(conn, delivery.id, error, soft_limit=mailer.settings.bounces.soft_limit, now=now)
            report.refused += 1
            return
        again = again or next_try(delivery.attempts + 1, now, now) or now
        mark_waiting(conn, delivery.id, str(error), again)
        report.waiting += 1
        if error.is_setup:  # the next address would meet the same
            report.waiting += postpone(conn, str(error), again)


def make_owner() -> str:
    """Who claims: the machine since it was started, the process, and what a later one with its number has not."""
    return f"{platform.node()}:{_boot()}:{os.getpid()}:{_TOKEN}"


def _boot() -> str:
    """Tells apart machines of the same name, where the system has a number for that."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def is_dead(owner: str, me: str) -> bool:
    """True where the claimer was a process of this machine that is no more; False where that is not known."""
    place, process, _ = _parts(owner)
    my_place, my_process, _ = _parts(me)
    if owner == me or place != my_place or not process.isdecimal():
        return False
    return process == my_process or not _is_alive(int(process))


def _parts(owner: str) -> tuple[str, str, str]:
    """The place, the process and the token."""
    rest, _, token = owner.rpartition(":")
    place, _, process = rest.rpartition(":")
    return place, process, token


def _is_alive(process: int) -> bool:
    """True also where it cannot be asked: on Windows the question would end the process."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
