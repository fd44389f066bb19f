"""The composition root: settings put together into one thing that does the work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self

import pytest
from fediverse import FakeServer
from making import NOW

from collector import __version__
from collector.app import App, opened, read_clock, read_settings
from collector.config import Settings, build_settings
from collector.deliver import OutboxDeliverer, SmtpDeliverer
from collector.errors import ClockError, Condition, UnknownNameError
from collector.model import Depth
from collector.polling.rounds import poll_watches
from collector.storage.numbers import count_all


class Clock:
    """Shows what a test says."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


def settings(folder: Path, *servers: FakeServer, **changes: Any) -> Settings:
    sources = [
        {"name": f"server {number}", "kind": "mastodon", "url": server.address, "allow_private_network": True}
        for number, server in enumerate(servers, 1)
    ]
    tables: dict[str, Any] = {"collector": {"hashtags": ["notcoproduction"]}, "source": sources}
    return build_settings(tables | changes, folder=folder, environ={})


def test_the_settings_come_from_the_environment_that_is_given(tmp_path: Path) -> None:
    file = tmp_path / "collector.toml"
    file.write_text('[collector]\nhashtags = ["one"]\n', "utf-8")
    assert read_settings(file, {}).topics == ("one",)
    assert read_settings(file, {"COLLECTOR_COLLECTOR__HASHTAGS": "two"}).topics == ("two",)


def test_a_clock_that_cannot_be_right_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls(1970, 1, 1, 0, 3, tzinfo=tz)

    monkeypatch.setattr("collector.app.datetime", Dead)
    with pytest.raises(ClockError, match=r"^this machine's clock says 1970-01-01 00:03, which cannot be"):
        read_clock()


def test_two_sources_on_one_server_each_show_their_own_token(tmp_path: Path, clock: Clock) -> None:
    with FakeServer("gotosocial", token="right") as server:
        usual = {"kind": "mastodon", "url": server.address, "allow_private_network": True}
        sources = [
            {**usual, "name": "one", "hashtags": ["one"], "token": "right"},
            {**usual, "name": "two", "hashtags": ["two"], "token": "wrong"},
        ]
        tables = settings(tmp_path, source=sources, collector={"hashtags": ["one", "two"]})
        with opened(tables, now=clock) as app:
            app.prepare()
            conditions = {report.watch.name: report.condition for report in app.poll_due()}
    assert conditions["two"] is Condition.BAD_TOKEN
    assert conditions["one"] is not Condition.BAD_TOKEN


def test_servers_are_told_who_asks(tmp_path: Path, server: FakeServer, clock: Clock) -> None:
    changes = {"collector": {"hashtags": ["notcoproduction"], "contact": "mailto:me@example.org"}}
    with opened(settings(tmp_path, server, **changes), now=clock) as app:
        app.prepare()
        app.poll_due()
    assert {request.headers["user-agent"] for request in server.requests} == {
        f"hashtag-collector/{__version__} (+mailto:me@example.org)"
    }


def test_what_is_due_is_asked_once_and_again_when_its_time_has_come(
    tmp_path: Path, server: FakeServer, clock: Clock
) -> None:
    server.publish("An example.", at=NOW - timedelta(hours=1))
    with opened(settings(tmp_path, server), now=clock) as app:
        app.prepare()
        assert [report.saved.new for report in app.poll_due()] == [1]
        assert app.poll_due() == []
        clock.now += timedelta(minutes=10)
        assert [report.saved.new for report in app.poll_due()] == [0]


def test_a_watch_that_left_the_configuration_is_asked_no_more(tmp_path: Path, server: FakeServer, clock: Clock) -> None:
    with opened(settings(tmp_path, server), now=clock) as app:
        app.prepare()
        app.poll_due()
    clock.now += timedelta(hours=1)
    with opened(settings(tmp_path), now=clock) as app:
        app.prepare()
        assert app.poll_due() == []
        assert app.watches() == []


def test_another_name_for_a_source_restarts_nothing(tmp_path: Path, server: FakeServer, clock: Clock) -> None:
    server.publish("An example.", at=NOW - timedelta(hours=1))
    with opened(settings(tmp_path, server), now=clock) as app:
        app.prepare()
        app.poll_due()
    renamed = {"name": "another name", "kind": "mastodon", "url": server.address, "allow_private_network": True}
    with opened(settings(tmp_path, source=[renamed]), now=clock) as app:
        app.prepare()
        (watch,) = app.watches(["another name"])
        assert watch.state.began_at == NOW
        assert app.poll_due() == []


def test_each_spelling_of_a_topic_is_a_watch_of_its_own(tmp_path: Path, server: FakeServer, clock: Clock) -> None:
    changes = {"collector": {"hashtags": ["notcoproduction"], "aliases": {"notcoproduction": ["notcopro"]}}}
    server.publish("By its alias.", at=NOW - timedelta(hours=1), tags=["NotCopro"])
    with opened(settings(tmp_path, server, **changes), now=clock) as app:
        app.prepare()
        assert sum(report.saved.new for report in app.poll_due()) == 1
        assert {watch.key.hashtag for watch in app.watches()} == {"notcoproduction", "notcopro"}
        assert app.topic("#NotCopro") == app.topic(None) == "notcoproduction"


def test_a_source_that_is_not_known_is_named_with_those_there_are(
    tmp_path: Path, server: FakeServer, clock: Clock
) -> None:
    with opened(settings(tmp_path, server), now=clock) as app:
        app.prepare()
        with pytest.raises(UnknownNameError, match="no source is called 'x', 'y'; there are: server 1"):
            app.watches(["x", "server 1", "y"])


def test_only_a_host_that_asked_for_it_is_held_back(tmp_path: Path, server: FakeServer, clock: Clock) -> None:
    with opened(settings(tmp_path, server), now=clock) as app:
        app.prepare()
        server.fail_next(503)
        app.poll_due()
        assert app.held_back(app.watches()) == {}
        server.fail_next(429, headers={"Retry-After": "600"})
        poll_watches(app.poller(), app.watches(), Depth.FULL)
        assert app.held_back(app.watches()) == {server.address: NOW + timedelta(seconds=600)}
        clock.now += timedelta(seconds=601)
        assert app.held_back(app.watches()) == {}


def test_starting_again_gives_a_mended_token_a_try_at_once(tmp_path: Path, clock: Clock) -> None:
    with FakeServer(token="sesame") as server:
        with opened(settings(tmp_path, server), now=clock) as app:
            app.prepare()
            assert [report.condition for report in app.poll_due()] == [Condition.NEEDS_TOKEN]
        mended = {
            "name": "server 1",
            "kind": "mastodon",
            "url": server.address,
            "allow_private_network": True,
            "token": "sesame",
        }
        with opened(settings(tmp_path, source=[mended]), now=clock) as app:
            app.prepare()
            assert app.poll_due() == []
            app.wake()
            assert [report.error for report in app.poll_due()] == [None]


def test_digests_leave_the_way_that_is_configured(tmp_path: Path, clock: Clock) -> None:
    with opened(settings(tmp_path), now=clock) as app:
        deliverer = app.deliverer()
        assert isinstance(deliverer, OutboxDeliverer)
        assert deliverer.place == str(tmp_path / "outbox")
    mail = {"from": "digest@example.org", "host": "smtp.example.org", "security": "tls"}
    with opened(settings(tmp_path, mail=mail), now=clock) as app:
        deliverer = app.deliverer()
        assert isinstance(deliverer, SmtpDeliverer)
        assert deliverer.place == "smtp.example.org:465"


def test_a_stop_sign_ends_a_round_and_closing_waits_for_nobody(
    tmp_path: Path, server: FakeServer, clock: Clock
) -> None:
    server.stall_next(30)
    app = App(settings(tmp_path, server), now=clock)
    app.prepare()
    threading.Timer(0.3, app.stop.set).start()
    assert app.poll_due() == []
    app.close()


def test_upkeep_leaves_everything_as_it_is(tmp_path: Path, server: FakeServer, clock: Clock) -> None:
    server.publish("An example.", at=NOW - timedelta(hours=1))
    with opened(settings(tmp_path, server), now=clock) as app:
        app.prepare()
        app.poll_due()
        app.tidy()
        (watch,) = app.watches()
        assert watch.state.last_success_at == NOW


def test_upkeep_erases_what_is_not_to_be_kept_any_longer(tmp_path: Path, server: FakeServer, clock: Clock) -> None:
    server.publish("An example.", at=NOW - timedelta(hours=1))
    kept = {"url": "sqlite:///collector.db", "keep_posts_for": "30d"}
    with opened(settings(tmp_path, server, database=kept), now=clock) as app:
        app.prepare()
        app.poll_due()
        for days, number in ((29, 1), (31, 0)):
            clock.now = NOW + timedelta(days=days)
            app.tidy()
            with app.database.read() as conn:
                assert count_all(conn).posts == number
