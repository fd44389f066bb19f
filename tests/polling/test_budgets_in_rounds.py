"""All watches of a host share its budget: counted on a server, over virtual hours and several processes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from collecting import Clock, addresses, collecting, states, uris
from fediverse import FakeServer
from making import NOW

from collector.app import App
from collector.model import Depth, Spent
from collector.polling.backfill import backfill
from collector.polling.poller import WatchReport
from collector.polling.rounds import poll_watches
from collector.sources.budgets import PAGING, ROOM, SPARE
from collector.storage.hosts import add_spent, read_spent

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HASHTAGS = [f"tag{number}" for number in range(12)]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


class Counting:
    """Notes at which instant each of a server's requests came, and whether it pages."""

    def __init__(self, server: FakeServer, clock: Clock) -> None:
        self._server, self._clock = server, clock
        self.came: list[tuple[datetime, bool]] = []

    def note(self) -> None:
        for request in self._server.requests[len(self.came) :]:
            self.came.append((self._clock(), not {"max_id", "min_id", "since_id"}.isdisjoint(request.query)))

    def most(self, within: timedelta, *, paging: bool) -> int:
        """The most requests in any stretch of this length."""
        times = [at for at, pages in self.came if pages or not paging]
        return max(sum(first <= at < first + within for at in times) for first in times)


def fill(server: FakeServer, posts: int) -> list[str]:
    """So many posts under each hashtag."""
    written = [
        server.publish(f"Number {number}.", at=NOW - number * MINUTE, tags=[tag])
        for tag in HASHTAGS
        for number in range(1, posts + 1)
    ]
    return addresses(written)


def spend(app: App, server: FakeServer, at: datetime, requests: int, paging: int = 0) -> None:
    """As if another process had asked."""
    with app.database.write() as conn:
        add_spent(conn, {server.address: Spent.at(at, requests, paging)}, at)


def test_over_an_hour_all_watches_of_a_host_stay_inside_both_limits_and_miss_nothing(
    clock: Clock, tmp_path: Path
) -> None:
    collector = {"hashtags": HASHTAGS}
    with FakeServer("mastodon", page_limit=2) as server:
        posts = fill(server, 70)
        counting = Counting(server, clock)
        while clock() < NOW + HOUR:
            with collecting(tmp_path, server, clock=clock, collector=collector) as app:  # as cron would, each time anew
                app.poll_due()
                counting.note()
                held = uris(app)
            clock.advance(seconds=30)
        assert 200 < counting.most(5 * MINUTE, paging=False) <= 270
        assert 200 < counting.most(15 * MINUTE, paging=True) <= 270
        assert held == posts
        with collecting(tmp_path, server, clock=clock, collector=collector) as app:
            assert all(state.failures == 0 for state in states(app).values())
            assert all(state.began_at == NOW for state in states(app).values())


def test_what_waits_longest_is_asked_first_once_there_is_room(clock: Clock, tmp_path: Path) -> None:
    collector = {"hashtags": HASHTAGS[:3]}
    with FakeServer("mastodon") as server, collecting(tmp_path, server, clock=clock, collector=collector) as app:
        app.poll_due()
        clock.advance(minutes=10)
        spend(app, server, clock(), 264)
        reports = app.poll_due()
        asked = [report.watch.key.hashtag for report in reports if report.pages]
        waiting = [report for report in reports if not report.pages]
        assert asked == ["tag0", "tag1", "tag2"][: len(asked)]
        assert waiting
        assert all(report.waits_until == clock() + 6 * MINUTE for report in waiting)
        assert all(state.failures == 0 and state.message == "" for state in states(app).values())
        clock.advance(minutes=6)
        first, *_ = app.poll_due()
        assert first.watch.key.hashtag == waiting[0].watch.key.hashtag
        assert first.error is None


def test_a_walk_that_the_budget_ends_goes_on_where_it_was_and_is_no_failure(clock: Clock, tmp_path: Path) -> None:
    collector = {"hashtags": HASHTAGS[:1]}
    with (
        FakeServer("mastodon", page_limit=2) as server,
        collecting(tmp_path, server, clock=clock, collector=collector) as app,
    ):
        posts = fill(server, 20)
        kept = addresses([{"uri": uri} for uri in posts if uri])
        spend(app, server, NOW, 220, 266)
        (report,) = app.poll_due()
        assert (report.error, report.is_done) == (None, False)
        assert 0 < len(uris(app)) < 20
        state = states(app)["server 1 tag0"]
        assert (state.failures, state.walk is not None) == (0, True)
        assert report.waits_until is not None
        clock.now = report.waits_until
        (report,) = app.poll_due()
        assert report.is_done
        assert set(uris(app)) == {uri for uri in kept if uri in uris(app)}
        assert len(uris(app)) == 20


def test_requests_are_shared_by_processes_over_the_database(clock: Clock, tmp_path: Path, prepared_url: str) -> None:
    place = {"url": prepared_url}
    with FakeServer("mastodon") as server:
        for _ in range(2):
            with collecting(tmp_path, server, clock=clock, database=place) as app:
                poll_watches(app.poller(), app.watches(), Depth.FULL)
        with collecting(tmp_path, server, clock=clock, database=place) as app, app.database.read() as conn:
            assert read_spent(conn)[server.address].requests == len(server.requests)


def test_what_a_server_says_is_left_ends_a_walk_before_it_has_to_refuse(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    date = format_datetime(NOW, usegmt=True)
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda *_: date)  # it goes by our clock
    with FakeServer("mastodon", page_limit=1) as server, collecting(tmp_path, server, clock=clock) as app:
        for number in range(1, 60):
            server.publish(at=NOW - number * MINUTE)
        server.limit_requests(20, reset_at=NOW + 4 * MINUTE)
        (report,) = app.poll_due()
        assert (report.error, report.is_done) == (None, False)
        assert len(server.requests) <= 18
        assert report.waits_until == NOW + 4 * MINUTE


def test_a_backfill_waits_for_the_budget_and_leaves_some_to_the_rounds(clock: Clock, tmp_path: Path) -> None:
    waits: list[timedelta] = []

    def pause(span: timedelta) -> None:
        assert app.budgets.left(server.address, paging=True) >= SPARE - 1
        waits.append(span)
        clock.now += span

    with FakeServer("mastodon", page_limit=1) as server, collecting(tmp_path, server, clock=clock) as app:
        posts = [server.publish(at=NOW - number * MINUTE) for number in range(1, 401)]
        told: list[WatchReport] = []
        (watch,) = app.watches()
        last = backfill(replace(app.poller(), pause=pause), watch, None, told.append)
        assert last is not None
        assert (last.is_done, last.error) == (True, None)
        assert uris(app) == addresses(posts)
        assert [report.waits_until for report in told if report.waits_until]
        assert timedelta() < sum(waits, timedelta()) < HOUR
        asked = len(server.asked())
        assert asked / (sum(waits, timedelta()) / (15 * MINUTE) + 1) <= PAGING.requests - ROOM


def test_a_quiet_watch_is_asked_less_often_and_at_once_as_ever_when_something_comes(
    clock: Clock, tmp_path: Path
) -> None:
    with FakeServer("mastodon") as server, collecting(tmp_path, server, clock=clock) as app:
        server.publish(at=NOW - MINUTE)
        rounds = []
        while clock() < NOW + timedelta(days=2):
            if app.poll_due():
                rounds.append(clock())
            clock.advance(minutes=1)
        assert rounds[:6] == [NOW + number * 10 * MINUTE for number in range(6)]
        assert HOUR <= rounds[-1] - rounds[-2] <= 61 * MINUTE
        assert states(app)["server 1 notcoproduction"].interval == HOUR
        server.publish("At last.", at=clock())
        while not any(report.saved.new for report in app.poll_due()):
            clock.advance(minutes=1)
        assert states(app)["server 1 notcoproduction"].next_poll_at == clock() + 10 * MINUTE


def test_a_busy_watch_is_asked_more_often_and_not_when_that_is_switched_off(clock: Clock, tmp_path: Path) -> None:
    intervals = {}
    for adaptive in (True, False):
        (tmp_path / str(adaptive)).mkdir()
        polling = {"adaptive": adaptive}
        with (
            FakeServer("mastodon") as server,
            collecting(tmp_path / str(adaptive), server, clock=clock, polling=polling) as app,
        ):
            for _ in range(60):
                for number in range(5):
                    server.publish(f"Number {number}.", at=clock())
                app.poll_due()
                clock.advance(minutes=2)
            (watch,) = app.watches()
            intervals[adaptive] = app.interval_of(watch)
    assert intervals[True] <= 5 * MINUTE
    assert intervals[False] == 10 * MINUTE
