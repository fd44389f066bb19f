"""Runs one queue of jobs a host side by side, and gives each result as it comes.

The threads are daemons, and only the caller writes: a stop leaves a slow request alone, and nothing is half done.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

T = TypeVar("T")

_Todo: TypeAlias = "queue.SimpleQueue[Sequence[Callable[[], T]]]"
_Results: TypeAlias = "queue.SimpleQueue[tuple[list[T], BaseException | None, bool]]"

_GLANCE = 0.2  # seconds between two looks at the stop sign


def run_side_by_side(
    jobs: Mapping[str, Sequence[Callable[[], T]]],
    *,
    workers: int,
    stop: threading.Event,
    goes_on: Callable[[T], bool],
) -> Iterator[T]:
    """One job a host at a time, in its order; a host whose result says so is left alone for the rest.

    Ends early when `stop` is set. A job's exception is raised here. However it ends, no further job is begun.
    """
    todo: _Todo[T] = queue.SimpleQueue()
    results: _Results[T] = queue.SimpleQueue()
    for host_jobs in jobs.values():
        todo.put(host_jobs)
    busy = min(workers, len(jobs))
    ended = threading.Event()
    for number in range(busy):
        arguments = (todo, results, ended, goes_on)
        threading.Thread(target=_work, args=arguments, name=f"fetch-{number}", daemon=True).start()
    try:
        while busy and not stop.is_set():
            try:
                found, error, is_last = results.get(timeout=_GLANCE)
            except queue.Empty:
                continue
            if error is not None:
                raise error
            yield from found
            busy -= is_last
    finally:
        ended.set()


def _work(todo: _Todo[T], results: _Results[T], ended: threading.Event, goes_on: Callable[[T], bool]) -> None:
    """What each thread does: host after host, until there is none left."""
    error: BaseException | None = None
    try:
        while not ended.is_set():
            for job in todo.get_nowait():
                result = job()
                results.put(([result], None, False))
                if ended.is_set() or not goes_on(result):
                    break
    except queue.Empty:
        pass
    except BaseException as caught:  # handed to the caller, who raises it
        error = caught
    results.put(([], error, True))
