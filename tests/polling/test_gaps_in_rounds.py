"""Gaps as rounds write them down: outages, sleep, half a feed, and a clock that was wrong; over loopback servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from collecting import Clock, collecting, make_source, states
from fediverse import FakeServer
from making import NOW
from serving import Reply, Serving

from collector.app import App
from collector.errors import Condition
from collector.model import NOT_HELD, NOT_RUNNING, Gap
from collector.storage.gaps import find_gaps

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer("mastodon") as server:
        server.publish("An example.", at=NOW - HOUR)
        yield server


def live(app: App, clock: Clock, until: datetime) -> None:
    """What a daemon does, a tick every five minutes."""
    while clock() < until:
        clock.advance(minutes=5)
        app.poll_due()


def gaps(app: App, **asked: object) -> list[tuple[str, datetime, datetime | None, bool]]:
    with app.database.read() as conn:
        found: list[Gap] = [told.gap for told in find_gaps(conn, **asked)]  # type: ignore[arg-type]
    return [(gap.reason, gap.starts_at, gap.ends_at, gap.caught_up_at is not None) for gap in found]


def test_an_outage_is_a_gap_from_the_last_good_look_to_the_next(
    clock: Clock, server: FakeServer, tmp_path: Path, prepared_url: str
) -> None:
    with collecting(tmp_path, server, clock=clock, database={"url": prepared_url}) as app:
        live(app, clock, NOW + 2 * HOUR)
        seen_at = states(app)["server 1 notcoproduction"].last_success_at
        assert seen_at is not None
        server.down()
        live(app, clock, NOW + 3 * HOUR)
        assert gaps(app) == [], "an hour is ordinary"
        live(app, clock, NOW + 2 * DAY)
        assert gaps(app) == [("unreachable", seen_at, None, False)]
        server.up()
        missed = server.publish("Meanwhile.", at=NOW + DAY)
        live(app, clock, NOW + 2 * DAY + 3 * HOUR)
        ((reason, starts_at, ends_at, is_caught_up),) = gaps(app)
        assert (reason, starts_at, is_caught_up) == ("unreachable", seen_at, True)
        assert ends_at is not None
        assert NOW + 2 * DAY < ends_at < NOW + 2 * DAY + 2 * HOUR
        with app.database.read() as conn:
            query = f"SELECT count(*) FROM posts WHERE uri = '{missed['uri']}'"
            assert conn.exec_driver_sql(query).scalar() == 1


def test_a_night_s_sleep_is_a_gap_that_is_caught_up_at_once(clock: Clock, server: FakeServer, tmp_path: Path) -> None:
    with collecting(tmp_path, server, clock=clock) as app:
        app.poll_due()
        clock.advance(hours=9)
        app.poll_due()
        assert gaps(app) == [(NOT_RUNNING, NOW, NOW + 9 * HOUR, True)]


def test_every_watch_of_a_host_that_is_left_alone_has_the_gap(clock: Clock, server: FakeServer, tmp_path: Path) -> None:
    collector = {"hashtags": ["notcoproduction", "one", "two", "three"]}
    with collecting(tmp_path, server, clock=clock, collector=collector) as app:
        app.poll_due()
        server.fail_next(503, times=100_000)
        live(app, clock, NOW + 3 * HOUR)
        assert gaps(app) == [("server fault", NOW, None, False)] * 4
        server._faults.clear()
        live(app, clock, NOW + 8 * HOUR)
        assert len(gaps(app)) == 4
        assert all(ends_at is not None and is_caught_up for _, _, ends_at, is_caught_up in gaps(app))


def test_a_host_that_asked_to_be_left_alone_for_long_was_not_forgotten(
    clock: Clock, server: FakeServer, tmp_path: Path
) -> None:
    collector = {"hashtags": ["notcoproduction", "one"]}
    with collecting(tmp_path, server, clock=clock, collector=collector) as app:
        app.poll_due()
        server.limit_requests(0, retry_after=str(10 * 3600))
        live(app, clock, NOW + HOUR)
        server.lift_limit()
        live(app, clock, NOW + 11 * HOUR)
        assert {reason for reason, *_ in gaps(app)} == {str(Condition.RATE_LIMITED)}
        assert len(gaps(app)) == 2


def test_half_a_feed_is_a_gap_until_the_whole_is_shown(clock: Clock, server: FakeServer, tmp_path: Path) -> None:
    server.remote_feed = "authenticated"
    with collecting(tmp_path, server, clock=clock) as app:
        live(app, clock, NOW + HOUR)
        ((reason, _, ends_at, _),) = gaps(app)
        assert (reason, ends_at) == ("half a feed", None)
        server.remote_feed = "public"
        live(app, clock, NOW + 2 * DAY)
        ((_, _, ends_at, _),) = gaps(app)
        assert ends_at is not None


def feed(*ago: timedelta, at: datetime) -> Reply:
    """An RSS feed with entries that were posted so long before an instant."""
    items = "".join(
        f"<item><guid>https://blog.example/{when:%Y%m%d%H%M}</guid><title>One #notcoproduction</title>"
        f"<pubDate>{when:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for when in (at - each for each in ago)
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>A blog</title>{items}</channel></rss>'
    return Reply(headers={"Content-Type": "application/rss+xml"}, body=body.encode())


def test_what_a_feed_no_longer_held_is_a_gap_and_stays_one(clock: Clock, tmp_path: Path) -> None:
    with Serving() as blog:
        source = make_source(blog, "a feed", kind="feed", collect="all") | {"url": f"{blog.address}/feed"}
        with collecting(tmp_path, clock=clock, source=[source]) as app:
            blog.answers["/feed"] = feed(HOUR, 2 * HOUR, at=clock())
            app.poll_due()
            clock.advance(minutes=30)
            blog.answers["/feed"] = feed(MINUTE, 12 * MINUTE, at=clock())
            app.poll_due()
            assert gaps(app) == [(NOT_HELD, NOW, NOW + 18 * MINUTE, False)]
            live(app, clock, NOW + 2 * DAY)
            assert gaps(app) == [(NOT_HELD, NOW, NOW + 18 * MINUTE, False)]


def test_a_clock_that_was_ahead_leaves_no_gap(
    clock: Clock, server: FakeServer, tmp_path: Path, prepared_url: str
) -> None:
    with collecting(tmp_path, server, clock=clock, database={"url": prepared_url}) as app:
        app.poll_due()
        clock.now = datetime(2099, 1, 1, tzinfo=NOW.tzinfo)
        app.poll_due()
        assert len(gaps(app)) == 1
        clock.now = NOW + 10 * MINUTE
        app.poll_due()
        assert gaps(app) == []


def test_a_clock_that_was_behind_leaves_no_gap(
    clock: Clock, server: FakeServer, tmp_path: Path, prepared_url: str
) -> None:
    with collecting(tmp_path, server, clock=clock, database={"url": prepared_url}) as app:
        app.poll_due()
        clock.now = NOW - 700 * DAY
        app.poll_due()
        clock.now = NOW + 30 * MINUTE
        app.poll_due()
        assert gaps(app) == []


def test_what_goes_unread_is_written_down_before_anything_is_given_out_though_nobody_polls(
    clock: Clock, server: FakeServer, tmp_path: Path
) -> None:
    with collecting(tmp_path, server, clock=clock) as app:
        live(app, clock, NOW + HOUR)
        seen_at = states(app)["server 1 notcoproduction"].last_success_at
        assert seen_at is not None
        app.note_unseen()
        assert gaps(app) == []
        clock.advance(days=2)
        for _ in range(2):
            app.note_unseen()
            assert gaps(app) == [(NOT_RUNNING, seen_at, None, False)]
        app.poll_due()
        assert gaps(app) == [(NOT_RUNNING, seen_at, clock(), True)]
