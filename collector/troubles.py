"""What the daemon's jobs fail with: said once when it begins and once when it is over, and tried ever less often.

A disk that is full stays so for days: nobody wants the same line every fifteen seconds, and no server wants to be asked
as often for what cannot be kept.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from collector.errors import CollectorError, StorageError

log = logging.getLogger(__name__)

LONGEST_REST = 5 * 60.0  # seconds between two tries


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trouble:
    message: str
    failures: int
    rests_until: float
    is_said: bool


class Troubles:
    """The jobs that fail, by name. Instants are seconds of a clock that nobody sets (`time.monotonic`)."""

    def __init__(self) -> None:
        self._failing: dict[str, _Trouble] = {}

    def rests(self, name: str, now: float) -> bool:
        """True for a job that failed so lately that another try would be too soon."""
        trouble = self._failing.get(name)
        return trouble is not None and now < trouble.rests_until

    def note(self, name: str, error: CollectorError, now: float, every: float) -> None:
        """A job that runs `every` so many seconds failed; with the database it rests, each time for longer.

        What this job, or another one, fails with already is not said again.
        """
        before, message = self._failing.get(name), str(error)
        failures = before.failures + 1 if before else 1
        rest = min(every * (1 << min(failures - 1, 20)), LONGEST_REST) if isinstance(error, StorageError) else 0.0
        is_known = any(trouble.message == message for trouble in self._failing.values())
        self._failing[name] = _Trouble(
            message=message,
            failures=failures,
            rests_until=now + rest,
            is_said=not is_known or (before is not None and before.is_said),
        )
        log.log(logging.DEBUG if is_known else logging.ERROR, "%s failed: %s", name, message)

    def end(self, name: str) -> None:
        """A job did its work."""
        trouble = self._failing.pop(name, None)
        if trouble is not None and trouble.is_said:
            log.info("works again", extra={"numbers": {"job": name, "failures": trouble.failures}})
