"""The metrics, read back by Prometheus' own parser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from making import NOW
from making_storage import make_key
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from collector import __version__
from collector.errors import Condition, SourceError
from collector.model import Saved, Watch, WatchState
from collector.polling.poller import WatchReport
from collector.probes.measuring import Measures
from collector.probes.metrics import Sample, write_metrics
from collector.probes.pulse import JobPulse, Pulse
from collector.probes.tally import Rounds, Tally
from collector.storage.measures import NetworkCount, StateCount
from collector.storage.recipients import Readers

HOUR = timedelta(hours=1)
STATE = WatchState(
    condition=Condition.OK, last_success_at=NOW - HOUR, last_complete_at=NOW - 2 * HOUR, next_poll_at=NOW + HOUR
)
WATCH = Watch(id=7, key=make_key(), name="our server", state=STATE)
LABELS = {
    "source": "our server",
    "kind": "mastodon",
    "address": "https://fedi.example",
    "hashtag": "notcoproduction",
    "topic": "notcoproduction",
    "thread": "",
}
PULSE = Pulse(began_at=NOW, jobs=(JobPulse(name="poll", runs=9, failures=2, ended_well_at=NOW),))


def make_measures(**changes: Any) -> Measures:
    values: Mapping[str, Any] = {
        "schema": "0003",
        "is_sqlite": True,
        "bytes": 4096,
        "networks": (NetworkCount(network="fediverse", shown=41, kept_out=1),),
        "watches": (WATCH,),
        "open_gaps": {7: 3},
        "series": ("weekly",),
        "digests": (StateCount(series="weekly", state="built", number=5, last_at=NOW),),
        "next_due": {"weekly": NOW + 24 * HOUR},
        "deliveries": (StateCount(series="weekly", state="owed", number=2),),
        "readers": {"weekly": Readers(recipients=12, unconfirmed=3, bounced=1)},
        "paused": {"weekly": 1},
        "needs": 1,
    }
    return Measures(**(dict(values) | changes))


def read(sample: Sample) -> dict[str, Metric]:
    return {family.name: family for family in text_string_to_metric_families(write_metrics(sample).decode())}


def families(measures: Measures | None = None, rounds: Rounds | None = None) -> dict[str, Metric]:
    return read(Sample(pulse=PULSE, rounds=rounds or Rounds(), measures=measures or make_measures()))


def values(family: Metric, *labels: str) -> dict[Any, float]:
    """The family's values by these labels, or by all."""
    return {
        tuple(sample.labels[label] for label in labels)
        if labels
        else tuple(sorted(sample.labels.items())): sample.value
        for sample in family.samples
    }


def test_what_is_measured_is_told_under_its_name() -> None:
    found = families(rounds=Rounds(made={WATCH.key: 12}, failed={WATCH.key: 5}))
    of_watch = {name.removeprefix("hashtag_collector_watch_"): family for name, family in found.items()}
    told = {
        name: of_watch[name].samples[0].value
        for name in (
            "rounds",
            "failed_rounds",
            "last_success_timestamp_seconds",
            "last_complete_timestamp_seconds",
            "next_poll_timestamp_seconds",
            "open_gaps",
        )
    }
    now = NOW.timestamp()
    assert told == {
        "rounds": 12,
        "failed_rounds": 5,
        "last_success_timestamp_seconds": now - 3600,
        "last_complete_timestamp_seconds": now - 7200,
        "next_poll_timestamp_seconds": now + 3600,
        "open_gaps": 3,
    }
    assert of_watch["rounds"].samples[0].labels == LABELS
    posts = values(found["hashtag_collector_posts"], "network", "visibility")
    assert posts == {("fediverse", "shown"): 41, ("fediverse", "kept_out"): 1}
    assert values(found["hashtag_collector_database_size_bytes"]) == {(): 4096}
    assert values(found["hashtag_collector_needs_a_person"]) == {(): 1}
    assert values(found["process_start_time_seconds"]) == {(): now}


def test_every_state_of_a_series_is_there_from_the_beginning() -> None:
    found = families(make_measures(series=("weekly", "other"), next_due={}))
    digests = values(found["hashtag_collector_digests"], "series", "state")
    assert digests == {
        (series, state): 5 if (series, state) == ("weekly", "built") else 0
        for series in ("other", "weekly")
        for state in ("open", "built", "skipped")
    }
    readers = values(found["hashtag_collector_subscribers"], "series", "state")
    assert readers == {("weekly", "confirmed"): 12, ("weekly", "unconfirmed"): 3, ("weekly", "bounced"): 1}
    deliveries = values(found["hashtag_collector_deliveries"], "series", "state")
    assert set(deliveries) == {
        (s, state) for s in ("other", "weekly") for state in ("owed", "claimed", "sent", "refused")
    }
    assert deliveries["weekly", "owed"] == 2
    assert values(found["hashtag_collector_digests_paused"], "series") == {("other",): 0, ("weekly",): 1}
    built = values(found["hashtag_collector_digest_last_built_timestamp_seconds"], "series")
    assert built == {("weekly",): NOW.timestamp(), ("other",): 0}
    assert values(found["hashtag_collector_digest_next_due_timestamp_seconds"]) == {}


def test_a_watch_is_in_one_condition_or_was_never_asked() -> None:
    asked = values(families()["hashtag_collector_watch_condition"], "condition")
    assert asked == {(str(condition),): condition is Condition.OK for condition in Condition}
    new = replace(WATCH, state=WatchState())
    found = families(make_measures(watches=(new,)))
    assert set(values(found["hashtag_collector_watch_condition"], "condition").values()) == {0}
    assert values(found["hashtag_collector_watch_last_success_timestamp_seconds"], "source") == {("our server",): 0}
    assert found["hashtag_collector_watch_next_poll_timestamp_seconds"].samples == []
    assert values(found["hashtag_collector_watch_rounds"], "source") == {("our server",): 0}


def test_without_the_database_the_daemon_tells_what_it_knows_itself() -> None:
    found = read(Sample(pulse=PULSE, rounds=Rounds(), measures=None))
    assert values(found["hashtag_collector_database_up"]) == {(): 0}
    assert values(found["hashtag_collector_job_runs"], "task") == {("poll",): 9}
    assert values(found["hashtag_collector_job_failures"], "task") == {("poll",): 2}
    assert values(found["hashtag_collector_job_last_success_timestamp_seconds"], "task") == {("poll",): NOW.timestamp()}
    assert "hashtag_collector_posts" not in found
    assert values(families()["hashtag_collector_database_up"]) == {(): 1}


@pytest.mark.parametrize(("is_sqlite", "name"), [(True, "sqlite"), (False, "postgresql")])
def test_it_says_what_is_running(is_sqlite: bool, name: str) -> None:
    (sample,) = families(make_measures(is_sqlite=is_sqlite))["hashtag_collector_build_info"].samples
    assert sample.labels.items() >= {"version": __version__, "schema": "0003", "database": name}.items()


def test_names_of_every_kind_come_through() -> None:
    odd = replace(WATCH, name='a "quoted"\\ näme\nof two lines', key=make_key(hashtag="名前"))
    (sample,) = families(make_measures(watches=(odd,)))["hashtag_collector_watch_open_gaps"].samples
    assert (sample.labels["source"], sample.labels["hashtag"]) == (odd.name, "名前")


def test_two_watches_of_one_source_are_told_apart() -> None:
    """A line that comes twice makes Prometheus refuse the whole answer."""
    keys = [
        make_key(),
        make_key(hashtag=""),
        make_key(hashtag="", topic="other"),
        make_key(thread="https://x.example/#a"),
    ]
    found = families(make_measures(watches=tuple(replace(WATCH, key=key) for key in keys)))
    for family in found.values():
        labels = [tuple(sorted(sample.labels.items())) for sample in family.samples]
        assert len(labels) == len(set(labels)), family.name


def test_the_names_are_as_prometheus_wants_them() -> None:
    found = families()
    for name, family in found.items():
        assert re.fullmatch(r"(hashtag_collector|process)(_[a-z]+)+", name)
        assert family.documentation.endswith(".")
        assert family.type == "counter" if family.samples and family.samples[0].name.endswith("_total") else True
        assert not name.endswith(("_minutes", "_hours", "_milliseconds", "_kilobytes"))
    text = write_metrics(Sample(pulse=PULSE, rounds=Rounds(), measures=make_measures())).decode()
    assert {
        line.split()[2] for line in text.splitlines() if line.startswith("# TYPE") and line.endswith(" counter")
    } == {
        "hashtag_collector_job_runs_total",
        "hashtag_collector_job_failures_total",
        "hashtag_collector_watch_rounds_total",
        "hashtag_collector_watch_failed_rounds_total",
    }


def test_rounds_are_counted_and_failed_ones_among_them() -> None:
    def report(error: SourceError | None) -> WatchReport:
        return WatchReport(
            watch=WATCH, fetched=0, pages=0, saved=Saved(), error=error, condition=Condition.OK, is_done=True
        )

    tally = Tally()
    before = tally.read()
    for error in (None, SourceError(Condition.UNREACHABLE, "away"), None):
        tally.note(report(error))
    assert (tally.read().made, tally.read().failed) == ({WATCH.key: 3}, {WATCH.key: 1})
    assert before.made == {}, "what was read stays as it was"
