"""A hard bounce stops at once; soft ones count, until so many came in a row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from making import NOW

from collector.bouncing.deciding import ARRIVED_AFTER, Fate, Verdict, count_in_a_row, decide_bounce
from collector.model import Returned, Sent, Severity
from collector.storage.bounces import Bouncing

HARD, SOFT = Severity.HARD, Severity.SOFT
WEEK, DAY = timedelta(days=7), timedelta(days=1)


def sent(number: int | None = 1, at: datetime = NOW) -> Sent:
    return Sent(delivery_id=number, address="me@example.org", series="weekly", sent_at=at)


def past(marks: str, every: timedelta = WEEK) -> list[Returned]:
    """One letter a digest, the latest first: "s" came back softly, "h" hard, "." not at all."""
    severities = {"s": SOFT, "h": HARD, ".": None}
    return [
        Returned(delivery_id=len(marks) - number, sent_at=NOW - every * number, severity=severities[mark])
        for number, mark in enumerate(marks)
    ]


def reader(**changes: Any) -> Bouncing:
    values: dict[str, Any] = {"soft_bounces": 9, "confirmed_at": None, "bounced_at": None, "bounce_reason": ""}
    return Bouncing(id=1, address="me@example.org", **(values | changes))


def decide(severity: Severity, marks: str = ".", *, number: int | None = 0, **changes: Any) -> Verdict:
    latest = sent(len(marks) if number == 0 else number)
    return decide_bounce(latest, severity, past(marks), reader(**changes), soft_limit=3, now=NOW)


@pytest.mark.parametrize(
    ("marks", "severity", "fate", "in_a_row"),
    [
        (".", HARD, Fate.STOPPED, 0),
        (".", SOFT, Fate.COUNTED, 1),
        (".s", SOFT, Fate.COUNTED, 2),
        (".ss", SOFT, Fate.STOPPED, 3),
        (".s.s", SOFT, Fate.COUNTED, 2),
        ("..ss", SOFT, Fate.COUNTED, 1),
        ("s..", SOFT, Fate.KNOWN, 0),
        ("s..", HARD, Fate.STOPPED, 0),
        ("h..", HARD, Fate.KNOWN, 0),
        ("h..", SOFT, Fate.KNOWN, 0),
    ],
)
def test_what_comes_of_a_digest_that_came_back(marks: str, severity: Severity, fate: Fate, in_a_row: int) -> None:
    verdict = decide(severity, marks)
    assert (verdict.fate, verdict.in_a_row) == (fate, in_a_row)


def test_who_is_stopped_stays_so_and_who_confirmed_since_is_left_alone() -> None:
    assert decide(HARD, bounced_at=NOW).fate is Fate.KNOWN
    assert decide(HARD, confirmed_at=NOW + DAY).fate is Fate.OVER
    assert decide(HARD, confirmed_at=NOW - DAY).fate is Fate.STOPPED


def test_who_was_forgiven_begins_anew() -> None:
    assert decide(SOFT, ".ss", soft_bounces=0) == Verdict(fate=Fate.COUNTED, in_a_row=1)
    assert decide(SOFT, ".ss", soft_bounces=1) == Verdict(fate=Fate.COUNTED, in_a_row=2)


def test_a_letter_counts_only_where_there_is_nobody() -> None:
    assert decide(SOFT, number=None).fate is Fate.NOT_COUNTED
    assert decide(HARD, number=None).fate is Fate.STOPPED


def test_a_delivery_that_never_went_out_counts_too() -> None:
    refused = decide_bounce(sent(9, NOW), SOFT, past("ss"), reader(), soft_limit=3, now=NOW)
    assert (refused.fate, refused.in_a_row) == (Fate.STOPPED, 3)


@pytest.mark.parametrize(
    ("marks", "every", "in_a_row"),
    [
        ("", WEEK, 0),
        ("ss", WEEK, 2),
        (".ss", WEEK, 2),  # the newest may still come back
        ("..s", WEEK, 0),  # the one before it had its time
        (".....ss", DAY, 2),  # a server that tries for five days before it gives up
        ("......s", DAY, 1),
        (".......s", DAY, 0),
        ("hs", WEEK, 2),
    ],
)
def test_a_digest_that_had_its_time_has_arrived(marks: str, every: timedelta, in_a_row: int) -> None:
    assert count_in_a_row(past(marks, every), NOW) == in_a_row


def test_servers_have_longer_than_they_try() -> None:
    assert timedelta(days=5) < ARRIVED_AFTER < WEEK
