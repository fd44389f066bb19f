"""What the pages tell of a whole collector, on real databases."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from collecting import Clock, collecting, keep, publishing
from fediverse import FakeServer
from making import NOW, make_post
from prometheus_client.parser import text_string_to_metric_families

from collector.app import App
from collector.errors import DatabaseUnusableError
from collector.probes import pages
from collector.probes.pages import HEALTH, METRICS, health_pages
from collector.probes.pulse import Pulse
from collector.storage.database import Database


def pulse() -> Pulse:
    return Pulse(began_at=NOW)


@pytest.fixture
def app(tmp_path: Path, prepared_url: str) -> Iterator[App]:
    with publishing(tmp_path, clock=Clock(NOW), database={"url": prepared_url}) as app:
        yield app


def metrics(app: App) -> dict[tuple[str, str], float]:
    """Every value, by its name and its labels."""
    answer = health_pages(app.subject(), pulse)[METRICS]()
    assert answer.status == 200
    assert answer.content_type.startswith("text/plain; version=")
    return {
        (
            sample.name.removeprefix("hashtag_collector_"),
            " ".join(value for value in sample.labels.values() if value),
        ): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def health(app: App) -> tuple[int, list[str]]:
    answer = health_pages(app.subject(), pulse)[HEALTH]()
    return answer.status, json.loads(answer.body)["causes"]


def test_a_collector_is_well_and_tells_what_it_has(app: App) -> None:
    keep(app, make_post(1, published_at=NOW - timedelta(days=1)), make_post(2, published_at=NOW - timedelta(days=7)))
    app.close_due_windows()
    assert health(app) == (200, [])
    found = metrics(app)
    assert found["posts", "fediverse shown"] == 2
    assert found["digests", "weekly open"] == 1
    assert found["digest_next_due_timestamp_seconds", "weekly"] == (NOW + timedelta(days=7)).timestamp()
    assert found["database_up", ""] == 1
    assert found["database_size_bytes", ""] > 0


def test_what_goes_out_is_counted_on_its_way(app: App, tmp_path: Path) -> None:
    app.close_due_windows()
    keep(app, make_post(1, published_at=NOW + timedelta(days=1)))
    clock = app.now
    assert isinstance(clock, Clock)
    clock.advance(days=7)
    app.close_due_windows()
    found = metrics(app)
    assert (found["digests", "weekly built"], found["deliveries", "weekly owed"]) == (1, 1)
    assert found["digest_last_built_timestamp_seconds", "weekly"] == clock.now.timestamp()
    app.send_owed()
    found = metrics(app)
    assert (found["deliveries", "weekly owed"], found["deliveries", "weekly sent"]) == (0, 1)


def test_rounds_are_counted_as_they_are_made(tmp_path: Path) -> None:
    with FakeServer() as server:
        clock = Clock(NOW)
        with collecting(tmp_path, server, clock=clock) as app:
            app.poll_due()
            server.fail_next(503)
            clock.advance(hours=1)
            app.poll_due()
            found = {name: value for (name, of), value in metrics(app).items() if server.address in of}
            assert (found["watch_rounds_total"], found["watch_failed_rounds_total"]) == (2, 1)
            assert found["watch_last_success_timestamp_seconds"] == NOW.timestamp()


def test_no_address_name_or_word_of_anybody_is_told(app: App) -> None:
    keep(app, make_post(1, published_at=NOW - timedelta(days=7), text="A secret of mine."))
    app.close_due_windows()
    body = health_pages(app.subject(), pulse)[METRICS]().body.decode()
    for private in ("carys", "me@example.org", "digest@example.org", "secret", "example.org"):
        assert private not in body.lower()


def test_a_database_that_is_gone_is_the_cause_without_its_password(tmp_path: Path) -> None:
    with publishing(tmp_path, clock=Clock(NOW)) as app:
        app.database.close()
        app.database = Database("postgresql+psycopg://collector:sesame@127.0.0.1:1/collector")
        status, (cause,) = health(app)
        assert status == 503
        assert "connection refused" in cause.lower()
        assert "sesame" not in cause
        found = metrics(app)
        assert found["database_up", ""] == 0
        assert ("database_size_bytes", "") not in found


def test_a_database_file_that_was_taken_away_is_the_cause(tmp_path: Path) -> None:
    with publishing(tmp_path, clock=Clock(NOW)) as app:
        (tmp_path / "collector.db").rename(tmp_path / "elsewhere.db")
        status, (cause,) = health(app)
        assert status == 503
        assert cause.endswith("collector.db: the file was moved or deleted while it was in use")


def test_a_database_that_hangs_is_not_waited_for(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    may_end = threading.Event()
    monkeypatch.setattr(pages, "_HEALTH_SECONDS", 0.05)
    monkeypatch.setattr(pages, "_METRICS_SECONDS", 0.05)

    def hang(*_: object) -> None:
        may_end.wait(20)
        raise DatabaseUnusableError("away")

    monkeypatch.setattr("collector.storage.schema.require", hang)
    monkeypatch.setattr(pages, "measure", hang)
    assert health(app) == (503, [f"database {app.database.shown}: does not answer"])
    assert metrics(app)["database_up", ""] == 0
    may_end.set()
