"""The measures as Prometheus reads them: pure, from gathered values to its text format.

Labels say which source, place, hashtag, network, series or job; nothing here is about a person. Instants are seconds
since 1970, and 0 stands for "never yet", so that what never happened is as old as can be.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from collector import __version__
from collector.errors import Condition
from collector.model import DigestState, Watch, WatchKey
from collector.probes.measuring import Measures
from collector.probes.pulse import JobPulse, Pulse
from collector.probes.tally import Rounds
from collector.storage.measures import StateCount

__all__ = ["CONTENT_TYPE", "Sample", "write_metrics"]

_P = "hashtag_collector"
_WATCH = ("source", "kind", "address", "hashtag", "topic", "thread")
_DELIVERY_STATES = ("owed", "claimed", "sent", "refused")

_Labelled: TypeAlias = Iterable[tuple[tuple[str, ...], float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """All that is told in one answer."""

    pulse: Pulse
    rounds: Rounds
    measures: Measures | None  # None: the database cannot be read


def write_metrics(sample: Sample) -> bytes:
    """The sample in Prometheus' text format."""
    return generate_latest(_Families([*_of_daemon(sample), *_of_database(sample)]))


class _Families(Collector):
    """What the library's writer takes."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """All of them, in their order."""
        return self._families


def _of_daemon(sample: Sample) -> Iterator[Metric]:
    """What is told whether or not the database can be read."""
    pulse, measures = sample.pulse, sample.measures
    about = {"version": __version__, "python": platform.python_version()}
    if measures:
        about |= {"schema": measures.schema, "database": "sqlite" if measures.is_sqlite else "postgresql"}
    yield InfoMetricFamily(f"{_P}_build", "What is running, and on what kind of database.", about)
    yield _gauge("process_start_time_seconds", "When the daemon began; counters begin with it.", pulse.began_at)
    yield _gauge(f"{_P}_database_up", "1 where the database can be read, else 0.", measures is not None)
    yield from _jobs(pulse.jobs)


def _jobs(jobs: Iterable[JobPulse]) -> Iterator[Metric]:
    name = ("task",)  # `job` is Prometheus' own label
    yield _counters(f"{_P}_job_runs", "Runs of the daemon's jobs.", name, (((j.name,), j.runs) for j in jobs))
    yield _counters(f"{_P}_job_failures", "Those that failed.", name, (((j.name,), j.failures) for j in jobs))
    yield _gauges(
        f"{_P}_job_last_success_timestamp_seconds",
        "When each job last ended well.",
        name,
        (((job.name,), _seconds(job.ended_well_at)) for job in jobs),
    )


def _of_database(sample: Sample) -> Iterator[Metric]:
    measures = sample.measures
    if measures is None:
        return
    yield _gauge(f"{_P}_database_size_bytes", "How large the database is.", measures.bytes)
    yield _gauge(f"{_P}_needs_a_person", "How many things will not mend themselves: see status.", measures.needs)
    yield _gauges(
        f"{_P}_posts",
        "Posts that are kept: shown, or kept out of everything that goes out.",
        ("network", "visibility"),
        (
            ((count.network, visibility), number)
            for count in measures.networks
            for visibility, number in (("shown", count.shown), ("kept_out", count.kept_out))
        ),
    )
    yield from _rounds(measures.watches, sample.rounds)
    yield from _watches(measures)
    yield from _series(measures)


def _rounds(watches: Iterable[Watch], rounds: Rounds) -> Iterator[Metric]:
    def counted(made: Mapping[WatchKey, int]) -> _Labelled:
        return ((_labels(watch), made.get(watch.key, 0)) for watch in watches)

    yield _counters(f"{_P}_watch_rounds", "Rounds that this daemon made.", _WATCH, counted(rounds.made))
    yield _counters(f"{_P}_watch_failed_rounds", "Those that failed.", _WATCH, counted(rounds.failed))


def _watches(measures: Measures) -> Iterator[Metric]:
    watches = measures.watches
    yield _gauges(
        f"{_P}_watch_condition",
        "1 for the condition that a watch is in, 0 for all others.",
        (*_WATCH, "condition"),
        (((*_labels(w), str(each)), w.state.condition is each) for w in watches for each in Condition),
    )
    yield _gauges(
        f"{_P}_watch_last_success_timestamp_seconds",
        "The start of the last round that could read.",
        _WATCH,
        ((_labels(watch), _seconds(watch.state.last_success_at)) for watch in watches),
    )
    yield _gauges(
        f"{_P}_watch_last_complete_timestamp_seconds",
        "The start of the last round that looked back over the whole overlap.",
        _WATCH,
        ((_labels(watch), _seconds(watch.state.last_complete_at)) for watch in watches),
    )
    yield _gauges(
        f"{_P}_watch_next_poll_timestamp_seconds",
        "When it is asked next.",
        _WATCH,
        ((_labels(w), _seconds(w.state.next_poll_at)) for w in watches if w.state.next_poll_at),
    )
    yield _gauges(
        f"{_P}_watch_open_gaps",
        "Stretches of time that it could not see, and did not catch up on.",
        _WATCH,
        ((_labels(watch), measures.open_gaps.get(watch.id, 0)) for watch in watches),
    )


def _series(measures: Measures) -> Iterator[Metric]:
    names = sorted({*measures.series, *(count.series for count in measures.digests)})
    built = {count.series: count.last_at for count in measures.digests if count.state == DigestState.BUILT}
    yield _states(f"{_P}_digests", "Digests.", names, [str(state) for state in DigestState], measures.digests)
    yield _gauges(
        f"{_P}_digest_last_built_timestamp_seconds",
        "When the last digest was built.",
        ("series",),
        (((name,), _seconds(built.get(name))) for name in names),
    )
    yield _gauges(
        f"{_P}_digests_paused",
        "Digests that too many mails of were refused, so that the rest waits for a person.",
        ("series",),
        (((name,), measures.paused.get(name, 0)) for name in names),
    )
    yield _gauges(
        f"{_P}_digest_next_due_timestamp_seconds",
        "When the earliest open digest goes out, or should have gone.",
        ("series",),
        (((name,), _seconds(at)) for name, at in measures.next_due.items()),
    )
    yield _states(f"{_P}_deliveries", "Digests to addresses.", names, _DELIVERY_STATES, measures.deliveries)
    yield _gauges(
        f"{_P}_subscribers",
        "Addresses that get a series, have not confirmed yet, or from which mails come back.",
        ("series", "state"),
        (
            ((name, state), number)
            for name, told in measures.readers.items()
            for state, number in (
                ("confirmed", told.recipients),
                ("unconfirmed", told.unconfirmed),
                ("bounced", told.bounced),
            )
        ),
    )


def _states(
    name: str, says: str, series: Iterable[str], states: Iterable[str], counts: Iterable[StateCount]
) -> GaugeMetricFamily:
    """Every state of every series, also those that nothing is in: a line that is missing is hard to alert on."""
    known = {(count.series, count.state): count.number for count in counts}
    pairs = ((each, state) for each in series for state in states)
    return _gauges(name, says, ("series", "state"), ((pair, known.get(pair, 0)) for pair in pairs))


def _labels(watch: Watch) -> tuple[str, ...]:
    key = watch.key
    return (watch.name, key.kind, key.address, key.hashtag, key.topic, key.thread)


def _gauge(name: str, says: str, value: float | datetime) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, _seconds(value) if isinstance(value, datetime) else value)


def _gauges(name: str, says: str, labels: tuple[str, ...], values: _Labelled) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family


def _counters(name: str, says: str, labels: tuple[str, ...], values: _Labelled) -> CounterMetricFamily:
    family = CounterMetricFamily(name, says, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0
