"""When a job that fails is tried again, and what is said about it."""

from __future__ import annotations

import logging

import pytest

from collector.errors import ClockError, CollectorError, StorageError
from collector.troubles import LONGEST_REST, Troubles

FULL, LOCKED = StorageError("database x: the disk is full"), StorageError("database x: another program holds it")


def rest(troubles: Troubles, error: CollectorError) -> float:
    """How many seconds a job that runs every 15 rests after this failure."""
    troubles.note("poll", error, 1000.0, 15.0)
    return next(second for second in range(1000) if not troubles.rests("poll", 1000.0 + second))


def test_with_the_database_a_job_rests_each_time_for_longer() -> None:
    troubles = Troubles()
    assert [rest(troubles, FULL) for _ in range(7)] == [15, 30, 60, 120, 240, LONGEST_REST, LONGEST_REST]
    troubles.end("poll")
    assert not troubles.rests("poll", 1000.0)
    assert rest(troubles, FULL) == 15


def test_what_is_no_fault_of_the_database_is_tried_at_every_turn() -> None:
    assert rest(Troubles(), ClockError("this machine's clock says 1970")) == 0


def test_a_trouble_is_said_once_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    troubles = Troubles()
    for name in ("poll", "digests", "poll", "deliveries", "poll"):
        troubles.note(name, FULL, 0.0, 15.0)
    for name in ("deliveries", "poll", "digests", "poll"):
        troubles.end(name)
    assert [record.getMessage() for record in caplog.records] == [
        "poll failed: database x: the disk is full",
        "works again",
    ]
    assert caplog.records[-1].numbers == {"job": "poll", "failures": 3}  # type: ignore[attr-defined]


def test_another_trouble_is_said_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    troubles = Troubles()
    for error in (FULL, LOCKED, FULL):
        troubles.note("poll", error, 0.0, 15.0)
    assert len(caplog.records) == 3
