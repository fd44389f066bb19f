"""The daemon's jobs in this process: what a process as a whole cannot show."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from running import Folder, now, wait_until

from collector import daemon
from collector.app import App, opened, read_settings
from collector.daemon import Jobs
from collector.errors import ClockError, StorageError
from collector.probes.pulse import JobPulse


class Counting(App):
    """Counts its rounds, and fails where it is told to."""

    failure: Exception | None = None
    rounds = 0

    def poll_due(self) -> list[object]:  # type: ignore[override]
        self.rounds += 1
        if self.failure is not None:
            raise self.failure
        return []

    def close_due_windows(self) -> None: ...

    def tidy(self) -> None: ...


@pytest.fixture
def app(tmp_path: Path) -> Counting:
    Folder(tmp_path)
    return Counting(read_settings(tmp_path / "collector.toml", {}))


def test_after_the_clock_was_put_back_the_jobs_go_on(app: Counting) -> None:
    jobs = Jobs(app)
    jobs.start()
    wait_until(lambda: app.rounds == 1)
    jobs.follow_clock()
    assert app.rounds == 1, "a clock that runs as it should changes nothing"
    app.now = lambda: now() - timedelta(days=1)
    jobs.follow_clock()
    wait_until(lambda: app.rounds == 2)
    app.stop.set()
    assert jobs.end()


def test_after_the_clock_was_put_forward_by_years_each_job_runs_once_and_at_once(app: Counting) -> None:
    app.now = lambda: now() - timedelta(days=1500)
    jobs = Jobs(app)
    app.now = now
    jobs.start()
    wait_until(lambda: app.rounds == 1, within=5)
    following = jobs._scheduler.get_job("poll").next_run_time
    assert now() < following <= now() + timedelta(seconds=15)
    app.stop.set()
    assert jobs.end()


@pytest.mark.parametrize(
    ("failure", "lines"), [(StorageError("database x: the disk is full"), 1), (ZeroDivisionError("a fault of ours"), 2)]
)
def test_a_job_that_fails_is_logged_and_runs_again(
    app: Counting, failure: Exception, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    app.failure = failure
    jobs = Jobs(app)
    for _ in range(2):
        jobs._guarded("poll", app.poll_due, 0.0)
    assert app.rounds == 2
    assert [record.exc_info is None for record in caplog.records] == [isinstance(failure, StorageError)] * lines


def test_a_job_that_the_database_failed_rests_before_its_next_try(app: Counting) -> None:
    app.failure = StorageError("database x: the disk is full")
    jobs = Jobs(app)
    for _ in range(2):
        jobs._guarded("poll", app.poll_due, 60.0)
    assert app.rounds == 1


def test_a_clock_that_cannot_be_right_does_not_end_the_daemon(app: Counting) -> None:
    said = []

    def wrong() -> datetime:
        said.append("the clock")
        if len(said) == 2:
            app.stop.set()
        raise ClockError("this machine's clock says 1970-01-01 00:00, which cannot be")

    jobs = Jobs(app)
    app.now = wrong
    with patch("collector.daemon.watchdog_seconds", return_value=0.02):
        jobs.watch_over()
    assert len(said) == 2


def test_a_job_that_will_not_end_is_not_waited_for(app: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "GRACE", 0.05)
    jobs = Jobs(app)
    jobs.start()
    wait_until(lambda: app.rounds == 1)
    app.stop.set()
    with jobs._working:
        assert not jobs.end()


def test_a_job_that_is_stuck_is_noticed(app: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = Jobs(app)
    told = []
    for longest in (0.0, 60.0):
        monkeypatch.setattr(daemon, "LONGEST_JOB", longest)
        jobs._guarded("poll", lambda: told.append(jobs._is_stuck()), 1.0)
    assert told == [True, False]
    monkeypatch.setattr(daemon, "LONGEST_JOB", 0.0)
    assert not jobs._is_stuck(), "between jobs nothing is"


def test_the_pulse_tells_how_each_job_ended(app: Counting) -> None:
    jobs = Jobs(app)

    def poll() -> JobPulse:
        return next(job for job in jobs.pulse().jobs if job.name == "poll")

    assert (poll().runs, poll().ended_well_at, poll().error) == (0, None, "")
    jobs._guarded("poll", app.poll_due)
    good = poll()
    assert (good.runs, good.failures, good.error) == (1, 0, "")
    assert good.ended_well_at is not None
    app.failure = StorageError("database x: the disk is full")
    jobs._guarded("poll", app.poll_due)
    assert (poll().error, poll().is_storage_error, poll().ended_well_at) == (
        "database x: the disk is full",
        True,
        good.ended_well_at,
    )
    app.failure = ZeroDivisionError("a secret")
    jobs._guarded("poll", app.poll_due)
    assert (poll().error, poll().is_storage_error) == ("unexpected ZeroDivisionError", False)
    assert (poll().runs, poll().failures) == (3, 2)
    assert poll().quiet_seconds > 0
    app.failure = None
    jobs._guarded("poll", app.poll_due)
    assert poll().error == ""


def test_the_pulse_tells_which_job_is_at_work(app: Counting) -> None:
    jobs = Jobs(app)
    seen = []
    jobs._guarded("digests", lambda: seen.append(jobs.pulse()))
    assert (seen[0].busy_with, jobs.pulse().busy_with) == ("digests", "")
    assert {job.name for job in jobs.pulse().jobs} == {
        "poll",
        "digests",
        "deliveries",
        "bounces",
        "letters",
        "rechecks",
        "warnings",
        "upkeep",
    }


def test_what_is_opened_is_closed_again(tmp_path: Path) -> None:
    Folder(tmp_path)
    with opened(read_settings(tmp_path / "collector.toml", {})) as app:
        app.prepare()
    (tmp_path / "collector.db").rename(tmp_path / "moved.db")
    assert not (tmp_path / "collector.db-wal").exists()
