from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

import pytest

from collector.polling.pool import run_side_by_side


def run(
    jobs: Mapping[str, Sequence[Callable[[], str]]],
    *,
    workers: int = 4,
    stop: threading.Event | None = None,
) -> list[str]:
    results = run_side_by_side(
        jobs, workers=workers, stop=stop or threading.Event(), goes_on=lambda result: "bad" not in result
    )
    return list(results)


def test_each_host_s_jobs_run_in_their_order_and_hosts_side_by_side() -> None:
    meet = threading.Barrier(2, timeout=5)

    def meeting(name: str) -> Callable[[], str]:
        def job() -> str:
            meet.wait()
            return name

        return job

    results = run({"a": [meeting("a1"), lambda: "a2"], "b": [meeting("b1"), lambda: "b2"]})
    assert sorted(results) == ["a1", "a2", "b1", "b2"]
    assert results.index("a1") < results.index("a2")
    assert results.index("b1") < results.index("b2")


def test_there_is_never_more_than_one_job_of_a_host_at_a_time() -> None:
    busy = threading.Lock()

    def job() -> str:
        assert busy.acquire(blocking=False)
        time.sleep(0.005)
        busy.release()
        return "well"

    assert run({"a": [job] * 10}) == ["well"] * 10


def test_more_hosts_than_workers_all_have_their_turn() -> None:
    assert len(run({f"host {number}": [lambda: "well"] * 3 for number in range(20)}, workers=3)) == 60


def test_a_host_that_went_bad_is_left_alone_for_the_rest() -> None:
    assert sorted(run({"a": [lambda: "bad", lambda: "never"], "b": [lambda: "b1"]})) == ["b1", "bad"]


def test_nothing_to_do_is_done_at_once() -> None:
    assert run({}) == []


def test_an_error_of_a_job_is_raised_where_the_results_are_read() -> None:
    def broken() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run({"a": [broken]})


def test_whoever_stops_reading_lets_no_further_job_begin() -> None:
    begun: list[int] = []
    go_on = threading.Event()

    def job(number: int) -> Callable[[], str]:
        def work() -> str:
            begun.append(number)
            if number:
                go_on.wait(5)
            return "well"

        return work

    results = run_side_by_side(
        {"a": [job(number) for number in range(5)]}, workers=1, stop=threading.Event(), goes_on=lambda _: True
    )
    assert next(results) == "well"
    results.close()  # type: ignore[attr-defined]
    go_on.set()
    deadline = time.monotonic() + 5
    while any(thread.name.startswith("fetch-") for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(begun) <= 2


def test_the_stop_sign_ends_it_while_a_job_hangs() -> None:
    stop, hang = threading.Event(), threading.Event()
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    assert run({"a": [lambda: "hung" if hang.wait(20) else ""]}, stop=stop) == []
    assert time.monotonic() - began < 1
    hang.set()
