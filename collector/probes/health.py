"""Whether the daemon is well: pure, from its pulse and the database's answer."""

from __future__ import annotations

import json

from collector.probes.pulse import Pulse

NAME = "collector"  # the key by which an answer is known as a collector's
POLL = "poll"  # the job without which nothing is collected


def find_causes(pulse: Pulse, database_error: str) -> list[str]:
    """Why the daemon is not well, one line each; none: it is.

    A source that cannot be read, or a mail that cannot be delivered, is no fault of the daemon: restarting it mends
    neither. Metrics and `status` tell of those.
    """
    causes = [database_error] if database_error else []
    if pulse.busy_with and pulse.busy_seconds > pulse.longest_job:
        causes.append(f"the job {pulse.busy_with!r} is at work for {_minutes(pulse.busy_seconds)} and does not end")
    for poll in (job for job in pulse.jobs if job.name == POLL):
        if poll.is_storage_error:
            causes.append(poll.error)  # a full disk, say, which reading does not show
        elif poll.quiet_seconds > pulse.longest_quiet:
            causes.append(
                f"no poll has ended well for {_minutes(poll.quiet_seconds)}: {poll.error or 'none has ended'}"
            )
    return list(dict.fromkeys(causes))


def describe(causes: list[str]) -> str:
    """The answer to a probe: JSON on a line."""
    return json.dumps({NAME: "failing" if causes else "ok", "causes": causes}, ensure_ascii=False) + "\n"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes"
