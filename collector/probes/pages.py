"""Which path gives what: how the daemon is, and what it measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from collector.config import Settings
from collector.errors import StorageError
from collector.probes.health import describe, find_causes
from collector.probes.measuring import Measures, measure
from collector.probes.patience import Patient
from collector.probes.pulse import Pulse
from collector.probes.server import Answer, Page
from collector.probes.tally import Tally
from collector.storage import schema
from collector.storage.database import Database

HEALTH, METRICS = "/healthz", "/metrics"
_HEALTH_SECONDS = 4.0  # probes wait for five or ten
_METRICS_SECONDS = 9.0  # Prometheus waits for ten


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What the pages tell of."""

    database: Database
    settings: Settings
    tally: Tally
    now: Callable[[], datetime]


def health_pages(subject: Subject, pulse: Callable[[], Pulse]) -> Mapping[str, Page]:
    """The pages of a daemon with this pulse, by their paths."""
    database = subject.database
    ask = Patient(lambda: schema.require(database), _HEALTH_SECONDS)
    look = Patient(lambda: measure(database, subject.settings, subject.now()), _METRICS_SECONDS)
    return {
        HEALTH: lambda: _answer_probe(find_causes(pulse(), _trouble(ask, database))),
        METRICS: lambda: _answer_prometheus(subject, pulse(), look),
    }


def _trouble(ask: Callable[[], object], database: Database) -> str:
    try:
        ask()
    except StorageError as error:
        return str(error)
    except TimeoutError:
        return f"database {database.shown}: does not answer"
    return ""


def _answer_probe(causes: list[str]) -> Answer:
    body = describe(causes).encode()
    return Answer(status=503 if causes else 200, content_type="application/json", body=body)


def _answer_prometheus(subject: Subject, pulse: Pulse, look: Callable[[], Measures]) -> Answer:
    """What the daemon knows by itself is told, too, while the database cannot be read."""
    from collector.probes.metrics import CONTENT_TYPE, Sample, write_metrics  # takes a while to import

    measures = None
    with suppress(StorageError, TimeoutError):  # /healthz says why
        measures = look()
    sample = Sample(pulse=pulse, rounds=subject.tally.read(), measures=measures)
    return Answer(status=200, content_type=CONTENT_TYPE, body=write_metrics(sample))
