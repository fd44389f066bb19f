"""Hands letters to readers over, by the rules of deliveries: claimed and committed before, written down after.

A letter is written when it goes, so that it says what is so at that moment; tried again, it is the same letter, under
the same Message-ID.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from collector.deliver import Deliverer
from collector.errors import DeliveryError, StorageError
from collector.links import Signer
from collector.mailing.compose import Notice, compose_notice, reply_address
from collector.mailing.due import next_try
from collector.mailing.owners import is_dead
from collector.render.page import draw_note
from collector.render.plain import draw_note_text
from collector.storage.letters import (
    OwedLetter,
    claim_letter,
    finish_letter,
    has_due_letters,
    letter_claimers,
    put_off_letter,
)
from collector.storage.schema import read_secret
from collector.storage.subscribers import find_by_id
from collector.subscribing.deciding import LetterKind
from collector.subscribing.letters import write_letter
from collector.subscribing.readership import Readership

log = logging.getLogger(__name__)

_ADDRESS = re.compile(r"\S+@\S+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Postbox:
    """What sending letters needs of the world."""

    readership: Readership
    open_deliverer: Callable[[], Deliverer]
    owner: str  # who claims: from `make_owner`
    now: Callable[[], datetime]
    stop: threading.Event


@dataclass(slots=True)
class LetterReport:
    """What a run came to; `problems` are one line each."""

    sent: int = 0
    waiting: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)


def send_letters(postbox: Postbox) -> LetterReport:
    """Hands over every letter that is due."""
    report = LetterReport()
    with postbox.readership.database.read() as conn:
        if not has_due_letters(conn, postbox.now()):
            return report
    after = 0
    with ExitStack() as stack:
        way_out = cache(lambda: stack.enter_context(postbox.open_deliverer()))
        while not postbox.stop.is_set():
            letter = _claim(postbox, after)
            if letter is None:
                break
            after = letter.id
            error = _try(postbox, letter, way_out, report)
            if error is not None:
                _record_failure(postbox, letter, error, report)
            if error is not None and error.is_setup:
                break
    return report


def _try(
    postbox: Postbox, letter: OwedLetter, way_out: Callable[[], Deliverer], report: LetterReport
) -> DeliveryError | None:
    """One hand-over; what went wrong, if anything, is this letter's alone. Raises StorageError."""
    try:
        _send(postbox, letter, way_out, report)
    except DeliveryError as error:
        return error
    except StorageError:
        raise
    except Exception as error:
        log.exception("unexpected error while writing a letter")
        return DeliveryError(f"unexpected {type(error).__name__} while writing it: please report it")
    return None


def _claim(postbox: Postbox, after: int) -> OwedLetter | None:
    now = postbox.now()
    with postbox.readership.database.write() as conn:
        dead = [owner for owner in letter_claimers(conn) if is_dead(owner, postbox.owner)]
        return claim_letter(conn, postbox.owner, dead, now, after)


def _send(postbox: Postbox, letter: OwedLetter, way_out: Callable[[], Deliverer], report: LetterReport) -> None:
    """DeliveryError where it does not go out."""
    notice = _write(postbox, letter)
    now = postbox.now()
    if notice is None:  # they confirmed by an earlier one, or left
        with postbox.readership.database.write() as conn:
            finish_letter(conn, letter.id, is_sent=False, now=now)
        return
    way_out().deliver(compose_notice(notice))
    with postbox.readership.database.write() as conn:
        finish_letter(conn, letter.id, is_sent=True, now=postbox.now())
    report.sent += 1
    log.info("letter sent", extra={"numbers": {"kind": letter.kind, "attempt": letter.attempts + 1}})


def _write(postbox: Postbox, letter: OwedLetter) -> Notice | None:
    readership, now = postbox.readership, postbox.now()
    with readership.database.read() as conn:
        reader, signer = find_by_id(conn, letter.subscriber_id), Signer(key=read_secret(conn))
    if reader is None:
        return None
    note = write_letter(readership, LetterKind(letter.kind), readership.as_it_counts(reader), signer, now)
    if note is None:
        return None
    mail = readership.settings.mail
    return Notice(
        sender=mail.sender,
        return_to=mail.bounces_to or "",
        to=reader.address,
        subject=note.subject,
        text=draw_note_text(note),
        html=draw_note(note),
        message_id=letter.message_id,
        sent_at=now,
        answers_to=reply_address(readership.settings.collector.contact, mail.sender),
    )


def _record_failure(postbox: Postbox, letter: OwedLetter, error: DeliveryError, report: LetterReport) -> None:
    """No address in the log, though servers repeat it: it may be anybody's who never asked for anything."""
    now, told = postbox.now(), _ADDRESS.sub("…", str(error))
    again = next_try(letter.attempts + 1, letter.created_at, now)
    report.problems.append(f"a letter to a reader did not go out: {told}")
    log.warning("letter not sent: %s", told)
    with postbox.readership.database.write() as conn:
        if error.is_permanent or (again is None and not error.is_setup):
            finish_letter(conn, letter.id, is_sent=False, error=str(error), now=now)
            report.refused += 1
        else:
            put_off_letter(conn, letter.id, str(error), again or next_try(letter.attempts + 1, now, now) or now)
            report.waiting += 1
