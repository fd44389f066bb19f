"""Whether the daemon is well."""

from __future__ import annotations

import json

import pytest
from making import NOW

from collector.probes.health import describe, find_causes
from collector.probes.pulse import JobPulse, Pulse


def pulse(*jobs: JobPulse, busy_with: str = "", busy_seconds: float = 0.0) -> Pulse:
    return Pulse(began_at=NOW, jobs=jobs, busy_with=busy_with, busy_seconds=busy_seconds)


def poll(quiet_seconds: float = 0.0, error: str = "", *, is_storage_error: bool = False) -> JobPulse:
    return JobPulse(name="poll", quiet_seconds=quiet_seconds, error=error, is_storage_error=is_storage_error)


@pytest.mark.parametrize(
    ("told", "database", "causes"),
    [
        pytest.param(pulse(poll()), "", [], id="all is well"),
        pytest.param(pulse(poll()), "database x: away", ["database x: away"], id="the database is away"),
        pytest.param(pulse(poll(), busy_with="poll", busy_seconds=900), "", [], id="a job takes its time"),
        pytest.param(
            pulse(poll(), busy_with="deliveries", busy_seconds=1000),
            "",
            ["the job 'deliveries' is at work for 17 minutes and does not end"],
            id="a job is stuck",
        ),
        pytest.param(pulse(poll(900)), "", [], id="a poll is late"),
        pytest.param(
            pulse(poll(1200)), "", ["no poll has ended well for 20 minutes: none has ended"], id="no poll ends"
        ),
        pytest.param(
            pulse(poll(1200, "unexpected KeyError")),
            "",
            ["no poll has ended well for 20 minutes: unexpected KeyError"],
            id="every poll fails",
        ),
        pytest.param(pulse(poll(5, "unexpected KeyError")), "", [], id="one poll failed"),
        pytest.param(
            pulse(poll(5, "database x: the disk is full", is_storage_error=True)),
            "",
            ["database x: the disk is full"],
            id="the disk is full, which reading does not show",
        ),
        pytest.param(
            pulse(poll(5, "database x: away", is_storage_error=True)),
            "database x: away",
            ["database x: away"],
            id="one cause is told once",
        ),
        pytest.param(
            pulse(poll(), JobPulse(name="upkeep", quiet_seconds=90_000, error="database x: locked")),
            "",
            [],
            id="a daily job that failed is no reason to start anew",
        ),
    ],
)
def test_a_daemon_is_well_when_its_jobs_run_and_its_database_answers(
    told: Pulse, database: str, causes: list[str]
) -> None:
    assert find_causes(told, database) == causes


def test_a_probe_is_told_in_json() -> None:
    assert json.loads(describe([])) == {"collector": "ok", "causes": []}
    assert json.loads(describe(["a", "ü"])) == {"collector": "failing", "causes": ["a", "ü"]}
