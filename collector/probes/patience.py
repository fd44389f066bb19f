"""Waiting for a piece of work, and only so long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Patient(Generic[T]):
    """Calls `work` on a thread of its own, one call at a time, and waits no longer than `seconds` for its end.

    A database that hangs then holds one thread, however often it is asked for; and as nothing waits for that thread, it
    does not keep the process from ending, as a pool's would.
    """

    def __init__(self, work: Callable[[], T], seconds: float) -> None:
        self._work = work
        self._seconds = seconds
        self._free = threading.Lock()

    def __call__(self) -> T:
        """What the work gives, or raises; TimeoutError where that takes too long."""
        deadline = time.monotonic() + self._seconds
        if not self._free.acquire(timeout=self._seconds):
            raise TimeoutError
        done: Future[T] = Future()
        threading.Thread(target=self._run, args=(done,), daemon=True).start()
        return done.result(timeout=max(0.0, deadline - time.monotonic()))

    def _run(self, done: Future[T]) -> None:
        try:
            done.set_result(self._work())
        except BaseException as error:
            done.set_exception(error)
        finally:
            self._free.release()
