"""One mail of ours that did not get there: gather what is known of it and its reader, decide, write down; forgive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collector.bouncing.deciding import Fate, decide_bounce
from collector.bouncing.prose import as_reason
from collector.errors import DeliveryError, UnknownNameError, WrongUsageError
from collector.model import Sent, Severity
from collector.storage.bounces import (
    count_bounces,
    find_bouncing,
    find_delivery,
    mark_bounced,
    past_of,
    stop_sending,
)
from collector.storage.database import Connection, Database
from collector.storage.subscribers import clear_bounces, find_subscriber
from collector.text.mailaddresses import folded_address, normal_address


@dataclass(frozen=True, kw_only=True, slots=True)
class Noted:
    """What became of it."""

    address: str
    fate: Fate
    reason: str = ""
    in_a_row: int = 0


def note_bounce(
    conn: Connection, sent: Sent, severity: Severity, reason: str, *, soft_limit: int, now: datetime
) -> Noted:
    """Takes a write."""
    reader = find_bouncing(conn, sent.address)
    if reader is None:
        return Noted(address=sent.address, fate=Fate.NOBODY, reason=reason)
    verdict = decide_bounce(
        sent,
        severity,
        past_of(conn, sent.address, reader.confirmed_at),
        reader,
        soft_limit=soft_limit,
        now=now,
    )
    if verdict.fate in {Fate.STOPPED, Fate.COUNTED} and sent.delivery_id is not None:
        mark_bounced(conn, sent.delivery_id, severity)
    if verdict.in_a_row:
        count_bounces(conn, reader.id, verdict.in_a_row, now)
    if verdict.fate is Fate.STOPPED:
        stop_sending(conn, reader.id, reason, now)
    return Noted(address=reader.address, fate=verdict.fate, reason=reason, in_a_row=verdict.in_a_row)


def note_refusal(conn: Connection, delivery_id: int, error: DeliveryError, *, soft_limit: int, now: datetime) -> Noted:
    """For a delivery that a mail server refused for good while it was spoken to: the same as if it had come back."""
    severity = Severity.HARD if error.is_address else Severity.SOFT
    sent = find_delivery(conn, delivery_id)
    return note_bounce(conn, sent, severity, as_reason(str(error)), soft_limit=soft_limit, now=now)


def forgive(database: Database, address: str) -> str:
    """Lets mails go again to where they came back from; gives the address as it is written. Takes a write."""
    try:
        folded = folded_address(normal_address(address))
    except ValueError as error:
        raise WrongUsageError(str(error)) from None
    with database.write() as conn:
        known = find_subscriber(conn, folded)
        if known is None or (known.bounced_at is None and not known.soft_bounces):
            raise UnknownNameError(f"no mails came back from {address}")
        clear_bounces(conn, known.id)
    return known.address
