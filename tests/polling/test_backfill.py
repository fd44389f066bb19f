from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from collecting import Clock, addresses, collecting, states, uris
from fediverse import FakeServer
from making import NOW

from collector.app import App
from collector.errors import Condition
from collector.model import Depth
from collector.polling.backfill import backfill
from collector.polling.poller import WatchReport
from collector.polling.rounds import poll_watches

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WATCH = "server 1 notcoproduction"


def go_back(app: App, days: int | None = None) -> list[WatchReport]:
    told: list[WatchReport] = []
    backfill(app.poller(), app.watches()[0], None if days is None else NOW - days * DAY, told.append)
    return told


def test_it_walks_back_through_everything_in_rounds(tmp_path: Path) -> None:
    polling = {"max_pages": 2}
    with FakeServer(page_limit=5) as server, collecting(tmp_path, server, clock=Clock(NOW), polling=polling) as app:
        posts = [server.publish(at=NOW - number * 30 * DAY) for number in range(40)]
        told = go_back(app)
        assert len(told) == 5
        assert (told[-1].is_done, sum(report.saved.new for report in told)) == (True, 40)
        assert uris(app) == addresses(posts)


def test_it_goes_on_where_an_error_ended_it(tmp_path: Path) -> None:
    with FakeServer(page_limit=5) as server, collecting(tmp_path, server, clock=Clock(NOW)) as app:
        posts = [server.publish(at=NOW - number * 30 * DAY) for number in range(40)]
        server.limit_requests(5, retry_after="60")
        told = go_back(app)
        assert [report.condition for report in told] == [Condition.RATE_LIMITED]
        kept = len(uris(app))
        assert 0 < kept < 40
        server.lift_limit()
        before = len(server.asked())
        told = go_back(app)
        assert told[-1].is_done
        assert len(server.asked()) - before == (40 - kept) // 5 + 1
        assert uris(app) == addresses(posts)
        assert states(app)[WATCH].backfill is None


def test_it_ends_where_it_is_told_to_and_goes_further_when_asked_again(tmp_path: Path) -> None:
    with FakeServer(page_limit=40) as server, collecting(tmp_path, server, clock=Clock(NOW)) as app:
        posts = [server.publish(at=NOW - number * DAY) for number in range(300)]
        go_back(app, days=100)
        assert 100 < len(uris(app)) < 200
        go_back(app)
        assert uris(app) == addresses(posts)


def test_it_is_beside_the_ordinary_rounds(tmp_path: Path) -> None:
    clock = Clock(NOW)
    with FakeServer(page_limit=5) as server, collecting(tmp_path, server, clock=clock, polling={"max_pages": 2}) as app:
        for number in range(30):
            server.publish(at=NOW - number * DAY)
        app.poll_due()
        before = states(app)[WATCH]
        go_back(app)
        assert states(app)[WATCH] == before


def test_a_round_that_another_process_saved_meanwhile_is_not_undone(tmp_path: Path) -> None:
    clock = Clock(NOW)
    with FakeServer(page_limit=5) as server, collecting(tmp_path, server, clock=clock, polling={"max_pages": 2}) as app:
        for number in range(30):
            server.publish(at=NOW - number * DAY)
        loaded_before = app.watches()
        app.poll_due()
        saved = states(app)[WATCH]
        poll_watches(app.poller(), loaded_before, Depth.ALL)
        assert states(app)[WATCH] == replace(saved, backfill=states(app)[WATCH].backfill)
        assert states(app)[WATCH].backfill is not None


def test_what_it_brings_is_history(tmp_path: Path) -> None:
    with FakeServer() as server, collecting(tmp_path, server, clock=Clock(NOW)) as app:
        app.poll_due()
        for number in range(10):
            server.publish(at=NOW - (number + 8) * DAY)
        go_back(app)
        with app.database.read() as conn:
            flags = conn.exec_driver_sql("SELECT DISTINCT is_history FROM post_topics").scalars().all()
        assert [bool(flag) for flag in flags] == [True]


def test_the_stop_sign_ends_it(tmp_path: Path) -> None:
    polling = {"max_pages": 1}
    with FakeServer(page_limit=1) as server, collecting(tmp_path, server, clock=Clock(NOW), polling=polling) as app:
        for number in range(20):
            server.publish(at=NOW - number * MINUTE)
        told: list[WatchReport] = []

        def tell(report: WatchReport) -> None:
            told.append(report)
            if len(told) == 3:
                app.stop.set()

        backfill(app.poller(), app.watches()[0], None, tell)
        assert len(told) == 3
        assert states(app)[WATCH].backfill is not None
