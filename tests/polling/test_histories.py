"""What known authors posted, by their own timelines: a second way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from collecting import Clock, collecting, rows, uris
from fediverse import FakeServer
from making import NOW
from sqlalchemy import select

from collector.app import App
from collector.errors import Condition
from collector.polling.estimating import estimate
from collector.polling.histories import AGAIN_AFTER, History, walk_authors
from collector.storage.tables import post_topics

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer("mastodon", domain="toot.example") as running:
        yield running


def walk(app: App, days: int | None = None) -> History:
    since = None if days is None else NOW - days * DAY
    return walk_authors(app.poller(), app.watches()[0], since, lambda _history, _posts: None)


def unindexed(server: FakeServer, number: int, author: str = "asha") -> list[str]:
    """Posts that the hashtag's timeline does not show: here, because it is asked for nothing so old."""
    made = [server.publish(f"Old {n}.", at=NOW - (100 + n) * DAY, author=author) for n in range(number)]
    return [status["uri"] for status in made]


def test_what_a_known_author_posted_long_ago_is_found(tmp_path: Path, clock: Clock, server: FakeServer) -> None:
    with collecting(tmp_path, server, clock=clock) as app:
        recent = [server.publish("New.", at=NOW - n * DAY / 100)["uri"] for n in range(60)]
        app.poll_due()
        old = unindexed(server, 90)
        server.publish("By a stranger.", at=NOW - 200 * DAY, author="stranger")
        server.publish("Without it.", at=NOW - 120 * DAY, tags=())
        history = walk(app)
        assert (history.new, history.authors, history.left, history.error) == (90, 1, 0, None)
        assert uris(app) == sorted([*recent, *old])
        with app.database.read() as conn:
            flags = conn.execute(select(post_topics.c.is_history).where(post_topics.c.dated_at < NOW - 90 * DAY))
            assert set(flags.scalars()) == {True}


def test_it_ends_where_it_is_told_to(tmp_path: Path, clock: Clock, server: FakeServer) -> None:
    with collecting(tmp_path, server, clock=clock) as app:
        server.publish("New.", at=NOW)
        app.poll_due()
        unindexed(server, 200)
        assert 40 <= walk(app, days=150).new < 140


def test_an_author_whose_walk_is_done_is_left_alone_for_a_week(
    tmp_path: Path, clock: Clock, server: FakeServer
) -> None:
    with collecting(tmp_path, server, clock=clock) as app:
        server.publish("New.", at=NOW)
        app.poll_due()
        assert walk(app).authors == 1
        asked = len(server.asked("/accounts/"))
        assert walk(app).authors == 0
        assert len(server.asked("/accounts/")) == asked
        clock.now += AGAIN_AFTER + DAY
        assert walk(app).authors == 1


def test_it_goes_on_where_an_error_ended_it(tmp_path: Path, clock: Clock, server: FakeServer) -> None:
    with collecting(tmp_path, server, clock=clock) as app:
        for author in ("asha", "bryn", "carys"):
            server.publish("New.", at=NOW, author=author)
        app.poll_due()
        for author in ("asha", "bryn", "carys"):
            unindexed(server, 90, author)
        server.limit_requests(7)
        history = walk(app)
        assert history.error is not None
        assert (history.error.condition, history.authors, history.left) == (Condition.RATE_LIMITED, 1, 2)
        kept = len(rows(app))
        server.lift_limit()
        asked = len(server.asked("/accounts/"))
        assert walk(app).left == 0
        assert len(rows(app)) == 3 + 270 > kept
        assert len(server.asked("/accounts/")) - asked <= 8


def test_a_server_that_ignores_the_hashtag_is_read_all_the_same(tmp_path: Path, clock: Clock) -> None:
    with FakeServer("takahe", domain="taka.example") as server, collecting(tmp_path, server, clock=clock) as app:
        server.publish("New.", at=NOW)
        app.poll_due()
        old = unindexed(server, 30)
        for number in range(30):
            server.publish(f"Of something else {number}.", at=NOW - number * DAY, tags=())
        walk(app)
        assert set(old) < set(uris(app))
        assert len(uris(app)) == 31


def test_a_server_that_shows_nobodys_timeline_is_no_failure(tmp_path: Path, clock: Clock) -> None:
    with FakeServer("gotosocial") as server, collecting(tmp_path, server, clock=clock) as app:
        for author in ("asha", "bryn"):
            server.publish("New.", at=NOW, author=author)
        app.poll_due()
        history = walk(app)
        assert (history.error, history.is_closed, history.left) == (None, True, 0)
        assert len(server.asked("/accounts/")) == 1


def test_who_refuses_is_not_looked_through(tmp_path: Path, clock: Clock, server: FakeServer) -> None:
    with collecting(tmp_path, server, clock=clock) as app:
        server.publish("New.", at=NOW, account={"note": "<p>#nobot</p>"})
        app.poll_due()
        assert walk(app).authors == 0
        assert server.asked("/accounts/") == []


@pytest.mark.parametrize(
    ("hours", "reached", "until", "left"),
    [
        (1, 50, 100, timedelta(hours=1)),
        (1, 25, 100, timedelta(hours=3)),
        (1, 100, 100, timedelta()),
        (1, 120, 100, timedelta()),
        (1, 1, 100, None),  # hardly begun
        (1, None, 100, None),
        (1, 50, None, None),  # nobody knows where it ends
    ],
)
def test_the_rest_is_guessed_from_how_far_it_has_come(
    hours: int, reached: int | None, until: int | None, left: timedelta | None
) -> None:
    now = NOW + timedelta(hours=hours)

    def ago(days: int | None) -> object:
        return None if days is None else NOW - days * DAY

    assert estimate(NOW, now, ago(reached), ago(until)) == left  # type: ignore[arg-type]


def test_it_waits_where_as_much_was_asked_as_is_polite_and_goes_on(
    tmp_path: Path, clock: Clock, server: FakeServer
) -> None:
    with collecting(tmp_path, server, clock=clock) as app:
        server.publish("New.", at=NOW)
        app.poll_due()
        unindexed(server, 90)
        for _ in range(260):
            app.budgets.spend(f"{server.address}/api/v1/timelines/tag/x?max_id=1")
        waits: list[object] = []

        def pause(span: timedelta) -> None:
            clock.now += span + timedelta(seconds=1)

        def tell(history: History, _posts: int) -> None:
            waits.append(history.waits_until)

        poller = replace(app.poller(), pause=pause)
        history = walk_authors(poller, app.watches()[0], None, tell)
        assert (history.new, history.error, history.left) == (90, None, 0)
        assert waits[0] is not None
        assert waits[-1] is None
