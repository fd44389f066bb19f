"""Rounds of real requests against servers on loopback, saved in a real database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from collecting import Clock, addresses, collecting, make_settings, make_source, rows, states, uris
from fediverse import FakeServer
from making import NOW
from paging import make_found, make_page

from collector.app import App, opened
from collector.errors import Condition, DatabaseUnusableError
from collector.model import Depth, Page, Watch, WatchKey
from collector.polling import rounds
from collector.polling.poller import WatchReport
from collector.polling.rounds import poll_watches
from collector.sources import Look, Source
from collector.storage.database import Connection
from collector.storage.watches import host_states

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

KINDS = ("gotosocial", "takahe", "mastodon")
WATCH = "server 1 notcoproduction"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_posts_on_many_pages_are_each_stored_once(kind: str, clock: Clock, tmp_path: Path) -> None:
    with FakeServer(kind, page_limit=7) as server, collecting(tmp_path, server, clock=clock) as app:
        posts = [server.publish(f"Example {number}", at=NOW - number * MINUTE) for number in range(60)]
        (report,) = app.poll_due()
        assert (report.fetched, report.saved.new, report.is_done, report.error) == (60, 60, True, None)
        assert uris(app) == addresses(posts)
        clock.advance(hours=2)
        (again,) = app.poll_due()
        assert (again.fetched, again.saved.new, again.saved.changed) == (60, 0, 0)
        assert uris(app) == addresses(posts)


def test_a_hashtag_that_was_quiet_for_years_still_gives_a_page(clock: Clock, tmp_path: Path) -> None:
    with FakeServer() as server, collecting(tmp_path, server, clock=clock) as app:
        for number in range(100):
            server.publish(at=NOW - 1000 * DAY - number * HOUR)
        (report,) = app.poll_due()
        assert (report.saved.new, report.pages, report.is_done) == (40, 1, True)


def test_rounds_between_look_backs_cost_one_request(clock: Clock, tmp_path: Path) -> None:
    with FakeServer() as server, collecting(tmp_path, server, clock=clock) as app:
        for number in range(50):
            server.publish(at=NOW - number * MINUTE)
        app.poll_due()
        for _ in range(5):
            clock.advance(minutes=10)
            before = len(server.asked())
            (report,) = app.poll_due()
            assert (len(server.asked()) - before, report.is_done) == (1, True)
        clock.advance(minutes=10)
        (report,) = app.poll_due()
        assert report.pages > 1


def test_nothing_is_asked_before_it_is_due(clock: Clock, tmp_path: Path) -> None:
    with FakeServer() as server, collecting(tmp_path, server, clock=clock) as app:
        server.publish(at=NOW)
        app.poll_due()
        clock.advance(minutes=9)
        assert app.poll_due() == []
        clock.advance(minutes=1)
        assert len(app.poll_due()) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_posts_that_come_late_are_found_behind_what_is_known(kind: str, clock: Clock, tmp_path: Path) -> None:
    with FakeServer(kind, page_limit=5) as server, collecting(tmp_path, server, clock=clock) as app:
        for number in range(30):
            server.publish(at=NOW - number * HOUR)
        app.poll_due()
        delivered = server.write("Delivered late.", at=NOW - 20 * HOUR, author="carys@far.example")
        fetched = server.write("Looked up late.", at=NOW - 40 * HOUR, author="carys@far.example")
        server.deliver_late(delivered, at=clock.advance(hours=1))
        server.fetch_late(fetched)
        (report,) = app.poll_due()
        assert report.saved.new == 2
        assert {delivered["uri"], fetched["uri"]} <= set(uris(app))


def test_a_hashtag_that_an_edit_adds_is_found_at_the_post_s_old_place(clock: Clock, tmp_path: Path) -> None:
    with FakeServer("mastodon", page_limit=5) as server, collecting(tmp_path, server, clock=clock) as app:
        for number in range(20):
            server.publish(at=NOW - number * HOUR)
        silent = server.publish("Nothing yet.", at=NOW - 10 * HOUR - MINUTE, tags=[])
        app.poll_due()
        assert silent["uri"] not in uris(app)
        server.edit(silent, "An example after all.", at=clock.advance(hours=1))
        app.poll_due()
        assert silent["uri"] in uris(app)


@pytest.mark.parametrize("dated", [datetime(2099, 1, 1, tzinfo=NOW.tzinfo), datetime(1970, 1, 2, tzinfo=NOW.tzinfo)])
def test_a_post_with_a_strange_date_hides_no_other(dated: datetime, clock: Clock, tmp_path: Path) -> None:
    with FakeServer("mastodon", page_limit=5) as server, collecting(tmp_path, server, clock=clock) as app:
        strange = server.deliver_late(server.write(at=dated, author="carys@far.example"), at=NOW)
        app.poll_due()
        clock.advance(hours=1)
        more = [server.publish(f"Example {number}", at=clock() - number * MINUTE) for number in range(30)]
        app.poll_due()
        assert uris(app) == addresses([strange, *more])
        (row,) = [row for row in rows(app) if row.uri == strange["uri"]]
        assert row.published_at == dated


def test_a_round_that_breaks_off_keeps_what_came_and_goes_on(clock: Clock, tmp_path: Path, prepared_url: str) -> None:
    place = {"url": prepared_url}
    with FakeServer(page_limit=5) as server, collecting(tmp_path, server, clock=clock, database=place) as app:
        posts = [server.publish(at=NOW - number * MINUTE) for number in range(30)]
        server.limit_requests(3, retry_after="120")
        (report,) = app.poll_due()
        kept = len(uris(app))
        assert 0 < kept < 30
        assert (report.saved.new, report.condition) == (kept, Condition.RATE_LIMITED)
        assert states(app)[WATCH].began_at is None
        server.lift_limit()
        newest = server.publish("Meanwhile.", at=clock.advance(minutes=10))
        before = len(server.asked())
        (report,) = app.poll_due()
        assert (report.error, report.is_done) == (None, True)
        assert uris(app) == addresses([*posts, newest])
        assert len(server.asked()) - before < 1 + 30 // 5 + 2
        assert states(app)[WATCH].began_at == NOW


def test_a_long_walk_is_bound_to_its_pages_and_goes_on_each_round(clock: Clock, tmp_path: Path) -> None:
    polling = {"max_pages": 3}
    with FakeServer(page_limit=5) as server, collecting(tmp_path, server, clock=clock, polling=polling) as app:
        posts = [server.publish(at=NOW - number * MINUTE) for number in range(60)]
        for _ in range(12):
            before = len(server.asked())
            (report,) = app.poll_due()
            assert len(server.asked()) - before <= 3
            clock.advance(minutes=10)
            posts.append(server.publish("And another.", at=clock()))
            if report.is_done:
                break
        assert report.is_done
        app.poll_due()
        assert uris(app) == addresses(posts)


def test_what_was_published_since_a_first_walk_began_is_no_history(clock: Clock, tmp_path: Path) -> None:
    polling = {"max_pages": 2}
    with FakeServer(page_limit=5) as server, collecting(tmp_path, server, clock=clock, polling=polling) as app:
        for number in range(15):
            server.publish(at=NOW - number * MINUTE - MINUTE)
        app.poll_due()
        clock.advance(minutes=10)
        new = server.publish("Since.", at=NOW + 5 * MINUTE)
        app.poll_due()
        with app.database.read() as conn:
            query = "SELECT uri FROM posts JOIN post_topics ON post_id = posts.id WHERE NOT is_history"
            assert conn.exec_driver_sql(query).scalars().all() == [new["uri"]]


def test_a_deep_round_by_hand_while_a_walk_pends_goes_the_whole_way(clock: Clock, tmp_path: Path) -> None:
    polling = {"max_pages": 2}
    with FakeServer(page_limit=5) as server, collecting(tmp_path, server, clock=clock, polling=polling) as app:
        posts = [server.publish(at=NOW - number * 6 * HOUR) for number in range(60)]
        app.poll_due()
        assert states(app)[WATCH].walk is not None
        for _ in range(30):
            (report,) = poll_watches(app.poller(), app.watches(), Depth.DEEP)
            if report.is_done:
                break
        assert report.is_done
        assert uris(app) == addresses(posts)
        assert states(app)[WATCH].last_deep_at == NOW


def test_a_hashtag_edited_away_withdraws_the_post(clock: Clock, tmp_path: Path) -> None:
    with FakeServer("gotosocial") as server, collecting(tmp_path, server, clock=clock) as app:
        kept, edited = server.publish("One.", at=NOW), server.publish("Two.", at=NOW)
        app.poll_due()
        server.edit(edited, "Never mind.", at=clock.advance(minutes=10), tags=[])
        (report,) = app.poll_due()
        assert report.saved.withdrawn == 1
        assert uris(app) == addresses([kept])
        server.edit(edited, "It is one after all.", at=clock.advance(minutes=10))
        app.poll_due()
        assert uris(app) == addresses([kept, edited])


def test_other_spellings_and_topics_are_watches_of_their_own(clock: Clock, tmp_path: Path) -> None:
    collector = {"hashtags": ["notcoproduction", "coproduction"], "aliases": {"notcoproduction": ["notcopro"]}}
    with FakeServer("mastodon") as server, collecting(tmp_path, server, clock=clock, collector=collector) as app:
        server.publish("One.", at=NOW, tags=["NotCoProduction"])
        server.publish("Two.", at=NOW, tags=["notcopro"])
        server.publish("Three.", at=NOW, tags=["coproduction"])
        server.publish("All.", at=NOW, tags=["notcopro", "notcoproduction", "coproduction"])
        server.publish("None.", at=NOW, tags=["cats"])
        reports = app.poll_due()
        assert sorted(report.watch.key.hashtag for report in reports) == ["coproduction", "notcopro", "notcoproduction"]
        assert sorted(row.topic for row in rows(app)) == [
            "coproduction",
            *(["coproduction | notcoproduction"]),
            "notcoproduction",
            "notcoproduction",
        ]


def test_a_post_on_several_servers_is_one_post(clock: Clock, tmp_path: Path, prepared_url: str) -> None:
    with (
        FakeServer("mastodon", domain="toot.example") as home,
        FakeServer("gotosocial", domain="far.example") as far,
        collecting(tmp_path, home, far, clock=clock, database={"url": prepared_url}) as app,
    ):
        post = home.publish("Once.", at=NOW)
        far.fetch_late(post)
        reports = app.poll_due()
        assert sorted(report.saved.new for report in reports) == [0, 1]
        (row,) = rows(app)
        assert set(row.seen_on) == {"server 1", "server 2"}


def test_another_name_for_a_source_restarts_nothing(clock: Clock, tmp_path: Path) -> None:
    with FakeServer() as server:
        server.publish(at=NOW)
        with collecting(tmp_path, server, clock=clock) as app:
            app.poll_due()
            before = states(app)[WATCH]
        with collecting(tmp_path, clock=clock, source=[make_source(server, "the old one")]) as app:
            assert states(app) == {"the old one notcoproduction": before}
            assert app.poll_due() == []


# Trouble


def test_a_host_that_says_until_when_is_left_alone_as_long(clock: Clock, tmp_path: Path) -> None:
    collector = {"hashtags": ["notcoproduction", "coproduction"]}
    with FakeServer("mastodon") as server, collecting(tmp_path, server, clock=clock, collector=collector) as app:
        server.publish(at=NOW)
        server.limit_requests(0, retry_after="1800")
        assert len(app.poll_due()) == 1, "the second hashtag is not even asked for"
        assert len(server.asked()) == 1
        server.lift_limit()
        assert set(app.held_back(app.watches()).values()) == {NOW + 30 * MINUTE}
        clock.advance(minutes=29)
        assert app.poll_due() == []
        clock.advance(minutes=1)
        assert [report.error for report in app.poll_due()] == [None, None]
        assert app.held_back(app.watches()) == {}


def test_a_server_that_fails_for_days_is_asked_less_and_less_and_then_as_ever(clock: Clock, tmp_path: Path) -> None:
    with FakeServer() as server, collecting(tmp_path, server, clock=clock) as app:
        server.publish(at=NOW)
        server.fail_next(503, times=10_000)
        asked_at = []
        while clock() < NOW + 2 * DAY:
            asked_at += [clock()] * len(app.poll_due())
            clock.advance(minutes=5)
        waits = [later - earlier for earlier, later in pairwise(asked_at)]
        assert waits[0] <= 15 * MINUTE
        assert all(HOUR <= wait <= 80 * MINUTE for wait in waits[5:])
        state = states(app)[WATCH]
        assert (state.failing_since, state.condition) == (NOW, Condition.SERVER_FAULT)
        server._faults.clear()
        clock.advance(hours=2)
        (report,) = app.poll_due()
        assert (report.error, report.saved.new) == (None, 1)
        assert states(app)[WATCH].next_poll_at == clock() + 10 * MINUTE


def test_servers_in_trouble_harm_no_other(clock: Clock, tmp_path: Path) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(FakeServer("mastodon", domain=f"s{number}.example")) for number in range(5)]
        _, broken, html, refusing, slow = servers
        for server in servers:
            server.publish(f"From {server.domain}.", at=NOW)
        app = stack.enter_context(collecting(tmp_path, *servers, clock=clock))
        broken.fail_next(500, times=9)
        html.fail_next(200, body=b"<!DOCTYPE html><title>Hello</title>", times=9)
        refusing.down()
        slow.stall_next(1.0)
        order: list[tuple[str, Condition]] = []
        seen_before_the_slow: list[str] = []

        def tell(report: WatchReport) -> None:
            order.append((report.watch.name, report.condition))
            if report.watch.name == "server 1":
                seen_before_the_slow.extend(uris(app))

        poll_watches(app.poller(), app.watches(), tell=tell)
        assert dict(order) == {
            "server 1": Condition.OK,
            "server 2": Condition.SERVER_FAULT,
            "server 3": Condition.NO_SUCH_API,
            "server 4": Condition.UNREACHABLE,
            "server 5": Condition.OK,
        }
        assert order[-1][0] == "server 5"
        assert len(seen_before_the_slow) == 1, "what is fast is saved while the slow one is still at it"
        assert len(uris(app)) == 2


def test_a_slow_server_with_many_hashtags_leaves_others_their_turn(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "TURN", 0.0)
    with (
        FakeServer() as slow,
        FakeServer() as other,
        collecting(tmp_path, slow, other, clock=clock, collector={"hashtags": ["one", "two", "three"]}) as app,
    ):
        asked = [{report.watch.id for report in app.poll_due()} for _ in range(3)]
    assert [len(each) for each in asked] == [2, 2, 2], "one watch of each server"
    assert len(set.union(*asked)) == 6, "who had no turn has waited longest"


def test_the_stop_sign_ends_a_round_in_the_middle_of_a_slow_request(clock: Clock, tmp_path: Path) -> None:
    with FakeServer() as server, collecting(tmp_path, server, clock=clock) as app:
        server.publish(at=NOW)
        server.stall_next(20)
        timer = threading.Timer(0.3, app.stop.set)
        timer.start()
        began = time.monotonic()
        assert app.poll_due() == []
        assert time.monotonic() - began < 1.3
        timer.join()
        assert states(app)[WATCH].last_round_at is None


class Faulty(Source):
    """A source with a fault of ours in it."""

    def __init__(self, fetch: Callable[[WatchKey], Page]) -> None:
        self._fetch = fetch

    def fetch_page(self, key: WatchKey, look: Look) -> Page:
        return self._fetch(key)


def with_faulty(app: App, name: str, fetch: Callable[[WatchKey], Page]) -> Callable[[Watch], Source]:
    return lambda watch: Faulty(fetch) if watch.name == name else app.places.place_of(watch.key)


def nonsense(_key: WatchKey) -> Page:
    raise ZeroDivisionError


def unsaveable(_key: WatchKey) -> Page:
    found = make_found("1", NOW)
    naive = replace(found.post, edited_at=datetime(2026, 1, 1))  # noqa: DTZ001 (that is the fault)
    return make_page(replace(found, post=naive), next_cursor=None)


@pytest.mark.parametrize(("fetch", "words"), [(nonsense, "ZeroDivisionError"), (unsaveable, "saving")])
def test_a_fault_of_ours_in_one_source_is_told_and_harms_no_other(
    fetch: Callable[[WatchKey], Page],
    words: str,
    clock: Clock,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with FakeServer() as one, FakeServer() as other, collecting(tmp_path, one, other, clock=clock) as app:
        other.publish(at=NOW)
        poller = replace(app.poller(), source_of=with_faulty(app, "server 1", fetch))
        reports = {report.watch.name: report for report in poll_watches(poller, app.watches())}
        assert words in str(reports["server 1"].error)
        assert reports["server 2"].saved.new == 1
        assert "unexpected error while" in caplog.text
        state = states(app)[WATCH]
        assert (state.failures, state.condition) == (1, Condition.UNREADABLE)
        assert state.next_poll_at is not None
        assert state.next_poll_at > clock()


def test_posts_that_the_database_refuses_fail_their_watch_and_no_other(clock: Clock, tmp_path: Path) -> None:
    with (
        FakeServer() as one,
        FakeServer(domain="far.example") as other,
        collecting(tmp_path, one, other, clock=clock) as app,
    ):
        one.publish("Not this one.", at=NOW)
        taken = other.publish(at=NOW)
        with app.database.write() as conn:
            conn.exec_driver_sql(
                "CREATE TRIGGER no BEFORE INSERT ON posts WHEN NEW.text LIKE 'Not this%'"
                " BEGIN SELECT RAISE(ABORT, 'not this one'); END"
            )
        reports = {report.watch.name: report for report in app.poll_due()}
        assert "not this one" in str(reports["server 1"].error)
        assert uris(app) == addresses([taken])
        state = states(app)[WATCH]
        assert (state.failures, state.condition, state.began_at) == (1, Condition.UNREADABLE, None)
        assert app.poll_due() == [], "it waits as after any failure"


def test_a_database_that_takes_nothing_ends_the_round_with_its_own_words(clock: Clock, tmp_path: Path) -> None:
    with FakeServer() as server, collecting(tmp_path, server, clock=clock) as app:
        server.publish(at=NOW)
        with app.database.write() as conn:
            make_read_only(conn)
        with pytest.raises(DatabaseUnusableError):
            app.poll_due()


def make_read_only(conn: Connection) -> None:
    conn.exec_driver_sql("CREATE TRIGGER full BEFORE UPDATE ON watches BEGIN SELECT RAISE(ABORT, 'no room'); END")


# The clock


def test_a_clock_that_was_ahead_for_a_while_costs_nothing(clock: Clock, tmp_path: Path) -> None:
    with FakeServer("mastodon") as server, collecting(tmp_path, server, clock=clock) as app:
        early = server.publish("Before.", at=NOW - DAY)
        clock.now = datetime(2099, 1, 1, tzinfo=NOW.tzinfo)
        app.poll_due()
        server.fail_next(503)
        clock.advance(hours=1)
        app.poll_due()
        clock.now = NOW
        late = server.fetch_late(server.write("Behind it.", at=NOW - 2 * DAY, author="carys@far.example"))
        (report,) = app.poll_due()
        assert report.error is None
        assert uris(app) == addresses([early, late])
        state = states(app)[WATCH]
        assert (state.last_complete_at, state.next_poll_at) == (NOW, NOW + 10 * MINUTE)
        with app.database.read() as conn:
            assert all(host.blocked_until is None for host in host_states(conn).values())


def test_after_a_long_sleep_everything_since_is_found(clock: Clock, tmp_path: Path) -> None:
    with FakeServer(page_limit=5) as server, collecting(tmp_path, server, clock=clock) as app:
        posts = [server.publish(at=NOW - HOUR)]
        app.poll_due()
        for day in range(20):
            posts.append(server.publish(at=NOW + day * DAY))
        clock.advance(days=20)
        app.poll_due()
        assert uris(app) == addresses(posts)


def test_a_source_that_comes_and_goes_keeps_what_it_knows(clock: Clock, tmp_path: Path) -> None:
    with FakeServer() as server, FakeServer() as other:
        server.publish(at=NOW)
        with collecting(tmp_path, server, other, clock=clock) as app:
            app.poll_due()
            began_at = states(app)[WATCH].began_at
        clock.advance(days=3)
        with collecting(tmp_path, clock=clock, source=[make_source(other, "server 2")]) as app:
            app.poll_due()
            assert states(app)[WATCH].next_poll_at is None
        clock.advance(days=3)
        settings = make_settings(tmp_path, server, other)
        with opened(settings, now=clock) as app:
            app.prepare()
            assert states(app)[WATCH].next_poll_at == clock()
            app.poll_due()
            assert states(app)[WATCH].began_at == began_at
