"""How the daemon's jobs are, as the daemon tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class JobPulse:
    """One of the daemon's jobs.

    Seconds are of a clock that nobody sets, and that stands still while the machine sleeps.
    """

    name: str
    runs: int = 0
    failures: int = 0
    ended_well_at: datetime | None = None  # by the wall clock
    quiet_seconds: float = 0.0  # since it last ended well, or since the daemon began
    error: str = ""  # of its last run; empty: that went well
    is_storage_error: bool = False  # the database was at fault


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulse:
    """The daemon at one moment."""

    began_at: datetime
    jobs: tuple[JobPulse, ...] = ()
    busy_with: str = ""  # the job in progress
    busy_seconds: float = 0.0
    longest_job: float = 900.0  # seconds after which a job counts as stuck
    longest_quiet: float = 900.0  # seconds without a poll that ended well, after which something is wrong
