"""The daemon: a few static jobs on one thread, signals, and an orderly stop. What is due, the tables know.

Every job is a call that the one-shot commands make too. All of them write, and they run on one thread, so nothing
here needs a lock; fetching is parallel inside `App.poll_due`.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from filelock import FileLock, Timeout

from collector import __version__
from collector.app import App
from collector.errors import AlreadyRunningError, ClockError, CollectorError, DatabaseUnusableError, StorageError
from collector.notify import notify, watchdog_seconds
from collector.posting import letters_going_out, send_letters
from collector.probes.pages import HEALTH, health_pages
from collector.probes.pulse import JobPulse, Pulse
from collector.probes.server import serving
from collector.returning import read_bounces
from collector.signals import asked_to_stop
from collector.troubles import Troubles

log = logging.getLogger(__name__)

GRACE = 4.0  # seconds that a job in progress has to end after the stop sign
LONGEST_JOB = 15 * 60  # seconds after which a job counts as stuck, and systemd is not told that all is well
RECHECKS = 30 * 60  # seconds
BOUNCES = 60.0  # seconds between two looks whether it is time to read the mailbox
WARNINGS = 5 * 60.0  # seconds between two looks at what needs a person
DAY = 24 * 60 * 60


def run(app: App) -> None:
    """Runs until SIGTERM, SIGINT or `app.stop`; ends the process itself if a job will not end in time."""
    with only_daemon(app), asked_to_stop(app.stop):
        app.prepare()
        app.wake()
        jobs = Jobs(app)
        with _health(app, jobs), _pages(app):
            jobs.start()
            log.info("started", extra={"numbers": {"version": __version__, "database": app.database.shown}})
            notify("READY=1")
            jobs.watch_over()
            notify("STOPPING=1")
            is_orderly = jobs.end()
        log.info("stopped")
    if not is_orderly:
        # A thread sits in a request or a hand-over that no signal reaches; everything it had to write is a
        # transaction that is committed or will never have been.
        logging.shutdown()
        os._exit(0)


@contextmanager
def only_daemon(app: App) -> Iterator[None]:
    """Holds a lock beside an SQLite file for as long as the daemon runs. PostgreSQL takes several daemons."""
    path = app.database.path
    if path is None:
        yield
        return
    if not path.parent.is_dir():  # or the lock would make it
        raise DatabaseUnusableError(f"database {path}: there is no folder {path.parent}")
    lock = FileLock(f"{path.resolve()}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AlreadyRunningError(f"database {path}: another collector is running on it; stop that one first") from None
    except OSError as error:
        raise DatabaseUnusableError(f"database {path}: its folder cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _health(app: App, jobs: Jobs) -> Iterator[None]:
    """Answers probes where the configuration says so.

    A port that is taken is refused at the start: a monitor would hear the program that has it, and all would seem well.
    """
    listen = app.settings.health.listen
    if listen is None:
        yield
        return
    with serving(listen, health_pages(app.subject(), jobs.pulse)):
        log.info("probes are answered", extra={"numbers": {"at": f"http://{listen}{HEALTH}"}})
        yield


@contextmanager
def _pages(app: App) -> Iterator[None]:
    """Serves the pages where the configuration says so. Until they are asked for, nothing of them is loaded."""
    listen = app.settings.web.listen
    if listen is None:
        yield
        return
    from collector.web.serving import serving as serving_pages

    site = app.site(listen)
    with serving_pages(site, listen), letters_going_out(app):
        log.info("the pages are served", extra={"numbers": {"at": site.public.home, "listen": str(listen)}})
        yield


class Every(IntervalTrigger):  # type: ignore[misc]  # the library has no types
    """After a sleep, or a clock put forward, goes on from now: the scheduler would list every run that was missed."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """When the job runs next."""
        following: datetime | None = super().get_next_fire_time(previous_fire_time, now)
        return following if following is None or following > now else now + self.interval


class Jobs:
    """The scheduler and its static jobs."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._working = threading.Lock()  # held by the job in progress
        self._troubles = Troubles()
        self._busy: tuple[str, float] | None = None  # with which job, and since when
        self._began_at, self._began = app.now(), time.monotonic()
        self._pulses = {name: JobPulse(name=name) for name, _, _ in self._jobs()}
        self._good: dict[str, float] = {}  # when each job last ended well
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for name, work, seconds in self._jobs():
            self._scheduler.add_job(
                self._guarded,
                Every(seconds=seconds, timezone="UTC"),
                (name, work, seconds),
                id=name,
                next_run_time=app.now(),
            )

    def _jobs(self) -> list[tuple[str, Callable[[], object], float]]:
        app = self._app
        shortest = min((source.interval.total_seconds() for source in app.settings.sources), default=DAY)
        return [
            ("poll", app.poll_due, max(1.0, min(15.0, shortest / 2))),
            ("digests", app.close_due_windows, 15.0),
            ("deliveries", partial(app.send_owed, is_patient=False), 15.0),
            ("letters", partial(send_letters, app), 10.0),
            ("bounces", partial(read_bounces, app), BOUNCES),
            ("rechecks", app.recheck, RECHECKS),
            ("warnings", app.warn, WARNINGS),
            ("upkeep", app.tidy, DAY),
        ]

    def pulse(self) -> Pulse:
        """How the jobs are; asked from other threads, too."""
        now, busy = time.monotonic(), self._busy
        return Pulse(
            began_at=self._began_at,
            jobs=tuple(
                replace(pulse, quiet_seconds=now - self._good.get(name, self._began))
                for name, pulse in self._pulses.items()
            ),
            busy_with=busy[0] if busy else "",
            busy_seconds=now - busy[1] if busy else 0.0,
            longest_job=LONGEST_JOB,
            longest_quiet=LONGEST_JOB,
        )

    def start(self) -> None:
        """Begins; the first run of each job is now."""
        self._scheduler.start()

    def watch_over(self) -> None:
        """Waits for the stop sign, and tells systemd's watchdog that all is well as long as it is."""
        asked = watchdog_seconds()
        pause = min(asked / 2, 30.0) if asked else 30.0
        while not self._app.stop.wait(pause):
            with suppress(ClockError):  # the jobs say so
                self.follow_clock()
            if not self._is_stuck():
                notify("WATCHDOG=1")

    def follow_clock(self) -> None:
        """Brings forward what a clock that was put back would keep waiting for longer than its interval."""
        now = self._app.now()
        for job in self._scheduler.get_jobs():
            if job.next_run_time - now > job.trigger.interval:
                job.modify(next_run_time=now)

    def end(self) -> bool:
        """Takes no new job and waits for the one in progress; False if it does not end within the grace."""
        self._scheduler.shutdown(wait=False)
        is_over = self._working.acquire(timeout=GRACE)
        if is_over:
            self._working.release()  # jobs that still wait for their turn see the stop sign, and end
        return is_over

    def _is_stuck(self) -> bool:
        busy = self._busy
        return busy is not None and time.monotonic() - busy[1] > LONGEST_JOB

    def _guarded(self, name: str, work: Callable[[], object], every: float = 0.0) -> None:
        """One run of a job: whatever goes wrong, it is logged, and the next run comes."""
        with self._working:
            if self._app.stop.is_set() or self._troubles.rests(name, time.monotonic()):
                return
            self._busy = name, time.monotonic()
            error: Exception | None = None
            try:
                work()
                self._troubles.end(name)
            except CollectorError as expected:
                error = expected
                self._troubles.note(name, expected, time.monotonic(), every)
            except Exception as unexpected:
                error = unexpected
                log.exception("%s failed unexpectedly", name)
            finally:
                self._busy = None
            self._note(name, error)

    def _note(self, name: str, error: Exception | None) -> None:
        """Remembers how a run of a job ended. What nobody foresaw is told by its kind alone: the log has the rest."""
        before = self._pulses[name]
        if error is None:
            self._good[name] = time.monotonic()
        words = str(error) if isinstance(error, CollectorError) else f"unexpected {type(error).__name__}"
        self._pulses[name] = replace(
            before,
            runs=before.runs + 1,
            failures=before.failures + (error is not None),
            ended_well_at=before.ended_well_at if error else self._app.now(),
            error=words if error else "",
            is_storage_error=isinstance(error, StorageError),
        )
