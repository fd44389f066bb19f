"""Waiting for a piece of work, and only so long."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from running import wait_until

from collector.errors import StorageError
from collector.probes.patience import Patient


def test_it_gives_what_the_work_gives_and_raises_what_it_raises() -> None:
    def fail() -> None:
        raise StorageError("away")

    assert Patient(lambda: 42, 10)() == 42
    with pytest.raises(StorageError, match="away"):
        Patient(fail, 10)()


def test_work_that_hangs_holds_one_thread_however_often_it_is_asked_for() -> None:
    begun, may_end = threading.Semaphore(0), threading.Event()

    def hang() -> str:
        begun.release()
        may_end.wait(20)
        return "done"

    patient = Patient(hang, 0.05)
    for _ in range(5):
        with pytest.raises(TimeoutError):
            patient()
    assert begun.acquire(blocking=False)
    assert not begun.acquire(blocking=False)
    may_end.set()
    answers = []

    def is_answered() -> bool:
        with suppress(TimeoutError):
            answers.append(patient())
        return bool(answers)

    wait_until(is_answered)
    assert answers == ["done"]


def test_a_thread_that_hangs_does_not_keep_the_process_from_ending() -> None:
    threads = []

    def look() -> None:
        threads.append(threading.current_thread())

    Patient(look, 10)()
    assert [thread.daemon for thread in threads] == [True]
