"""What a mail that came back means for its reader: pure, from what is known of them and what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from collector.model import Returned, Sent, Severity
from collector.storage.bounces import Bouncing

ARRIVED_AFTER = timedelta(days=6)  # servers try for up to five days before they give up: RFC 5321, 4.5.4.1


class Fate(StrEnum):
    """What comes of it."""

    STOPPED = "stopped"
    COUNTED = "counted"
    KNOWN = "known already"
    OVER = "arrived since"  # the reader confirmed after that mail: it says nothing about today
    NOBODY = "no reader of ours"
    NOT_COUNTED = "not counted"  # a short letter that did not get there just now


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What is to be written down."""

    fate: Fate
    in_a_row: int = 0  # digests that came back


def decide_bounce(
    sent: Sent,
    severity: Severity,
    past: Sequence[Returned],
    reader: Bouncing,
    *,
    soft_limit: int,
    now: datetime,
) -> Verdict:
    """A hard one stops at once; soft ones count, one a digest, until so many came in a row.

    `past` are the digests that went to the address since its reader last confirmed, the latest first. No more are
    counted than the reader has counted so far, and this one: who was forgiven begins anew.
    """
    if reader.bounced_at is not None:
        return Verdict(fate=Fate.KNOWN)
    if reader.confirmed_at is not None and reader.confirmed_at > sent.sent_at:
        return Verdict(fate=Fate.OVER)
    if any(one.delivery_id == sent.delivery_id and one.severity in {Severity.HARD, severity} for one in past):
        return Verdict(fate=Fate.KNOWN)
    if severity is Severity.HARD:
        return Verdict(fate=Fate.STOPPED)
    if sent.delivery_id is None:
        return Verdict(fate=Fate.NOT_COUNTED)
    this = Returned(delivery_id=sent.delivery_id, sent_at=sent.sent_at, severity=severity)
    others = [one for one in past if one.delivery_id != sent.delivery_id]
    found = count_in_a_row(sorted([this, *others], key=lambda one: one.sent_at, reverse=True), now)
    in_a_row = min(found, reader.soft_bounces + 1)
    return Verdict(fate=Fate.STOPPED if in_a_row >= soft_limit else Fate.COUNTED, in_a_row=in_a_row)


def count_in_a_row(past: Sequence[Returned], now: datetime) -> int:
    """How many of the latest digests came back, one after the other.

    What went out lately may still come back and counts for nothing; what did not come back in time has arrived.
    """
    number = 0
    for one in past:
        if one.severity is not None:
            number += 1
        elif now - one.sent_at >= ARRIVED_AFTER:
            break
    return number
