"""How a process that goes on for long is asked to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def asked_to_stop(stop: threading.Event, *, is_hasty: bool = False) -> Iterator[None]:
    """SIGTERM and Ctrl-C ask for an orderly stop, also as process 1, which gets no default handlers.

    Where it `is_hasty`, who asks again does not want to wait for that: KeyboardInterrupt.
    """

    def ask(_number: int, _frame: FrameType | None) -> None:
        if is_hasty and stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
