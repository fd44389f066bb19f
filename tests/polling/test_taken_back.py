"""What authors take back, edit or lose: found by asking again, judged by evidence, and never mistaken for an outage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from collecting import Clock, collecting, rows, uris
from fediverse import FakeServer
from making import NOW
from sqlalchemy import select

from collector.app import App
from collector.model import Depth, Erasure
from collector.polling.rechecking import MOST_STRAYS
from collector.polling.rounds import poll_watches
from collector.storage.tables import posts, raw_answers, revisions

LISTS = "/api/v1/statuses"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def home() -> Iterator[FakeServer]:
    with FakeServer("mastodon", domain="toot.example") as server:
        yield server


@pytest.fixture
def other() -> Iterator[FakeServer]:
    with FakeServer("gotosocial", domain="gts.example") as server:
        yield server


def poll(app: App, depth: Depth | None = None) -> None:
    """A round of everything, and an hour goes by."""
    for report in poll_watches(app.poller(), app.watches(), depth or Depth.FULL):
        assert report.error is None or not report.watch.name.startswith("server 1")
    app.now.advance(hours=1)  # type: ignore[attr-defined]


def live(app: App, days: int) -> None:
    """So many days of a daemon, an hour at a time."""
    for _ in range(days * 24):
        app.poll_due()
        app.recheck()
        app.now.advance(hours=1)  # type: ignore[attr-defined]


def kept(app: App) -> list[Any]:
    with app.database.read() as conn:
        return list(conn.execute(select(posts).order_by(posts.c.id)).mappings())


def count(app: App, table: Any) -> int:
    with app.database.read() as conn:
        return len(conn.execute(select(table)).all())


def test_a_deleted_post_is_out_of_sight_at_the_next_round_and_a_tombstone_a_day_later(
    tmp_path: Path, clock: Clock, home: FakeServer
) -> None:
    regretted = home.publish("I regret this.", at=NOW - timedelta(hours=3))
    home.publish("I do not.", at=NOW - timedelta(hours=2))
    with collecting(tmp_path, home, clock=clock) as app:
        poll(app)
        home.delete(regretted)
        poll(app)
        assert [row.text for row in rows(app)] == ["I do not. #notcoproduction"]
        assert sorted(str(row["gone_why"]) for row in kept(app)) == ["None", "gone"]
        live(app, days=2)
        erased = next(row for row in kept(app) if row["uri"] == regretted["uri"])
    assert (erased["text"], erased["erased_why"], erased["author_id"] is not None) == ("", "taken back", True)


def test_its_raw_answer_and_its_earlier_texts_are_erased_with_it(
    tmp_path: Path, clock: Clock, home: FakeServer
) -> None:
    post = home.publish("First.", at=NOW - timedelta(hours=3))
    with collecting(tmp_path, home, clock=clock) as app:
        poll(app)
        home.edit(post, "Second.", at=NOW)
        poll(app)
        assert (count(app, revisions), count(app, raw_answers)) == (1, 1)
        home.delete(post)
        live(app, days=2)
        assert (count(app, revisions), count(app, raw_answers)) == (0, 0)


def test_an_old_deletion_and_an_old_edit_are_found_within_a_month(
    tmp_path: Path, clock: Clock, home: FakeServer
) -> None:
    old = [home.publish(f"Old {number}.", at=NOW - timedelta(days=40, hours=number)) for number in range(30)]
    with collecting(tmp_path, home, clock=clock) as app:
        live(app, days=1)
        assert len(rows(app)) == 30
        home.delete(old[7])
        home.edit(old[8], "Mended.", at=NOW + timedelta(days=2))
        live(app, days=31)
        texts = [row.text for row in rows(app)]
    assert (len(texts), "Mended. #notcoproduction" in texts) == (29, True)


def test_a_deep_round_that_a_person_asks_for_looks_at_everything(
    tmp_path: Path, clock: Clock, home: FakeServer
) -> None:
    old = [home.publish(f"Old {number}.", at=NOW - timedelta(days=400, hours=number)) for number in range(90)]
    with collecting(tmp_path, home, clock=clock) as app:
        poll_watches(app.poller(), app.watches(), Depth.ALL)
        for status in old[50:55]:
            home.delete(status)
        clock.advance(hours=2)
        poll(app, Depth.DEEP)
        assert len(rows(app)) == 85


def test_looking_again_asks_for_twenty_posts_at_a_time(tmp_path: Path, clock: Clock, home: FakeServer) -> None:
    many = [home.publish(f"Post {number}.", at=NOW - timedelta(hours=1, minutes=number)) for number in range(60)]
    with collecting(tmp_path, home, clock=clock) as app:
        poll(app)
        for status in many[:30]:
            home.delete(status)
        poll(app)
        assert len(rows(app)) == 30
    asked = [request for request in home.asked(LISTS) if request.path == LISTS]
    assert [len(request.repeated["id[]"]) for request in asked] == [20, 11]  # and one that is there


def test_where_the_server_cannot_list_each_post_is_asked_for_by_itself(
    tmp_path: Path, clock: Clock, other: FakeServer
) -> None:
    many = [other.publish(f"Post {number}.", at=NOW - timedelta(hours=1, minutes=number)) for number in range(8)]
    with collecting(tmp_path, other, clock=clock) as app:
        poll(app)
        for status in many[:3]:
            other.delete(status)
        poll(app)
        assert len(rows(app)) == 5


def test_a_server_that_is_down_or_closed_takes_nothing_away(tmp_path: Path, clock: Clock, home: FakeServer) -> None:
    for number in range(5):
        home.publish(f"Post {number}.", at=NOW - timedelta(hours=number))
    with collecting(tmp_path, home, clock=clock) as app:
        poll(app)
        home.down()
        live(app, days=3)
        assert len(rows(app)) == 5
        home.up()
        home.token = "members only"
        live(app, days=3)
        assert len(rows(app)) == 5
        home.token = None
        live(app, days=2)
        assert (len(rows(app)), {row["gone_at"] for row in kept(app)}) == (5, {None})


def test_a_server_that_lost_everything_is_given_four_weeks(tmp_path: Path, clock: Clock, home: FakeServer) -> None:
    many = [home.publish(f"Post {number}.", at=NOW - timedelta(hours=number)) for number in range(12)]
    with collecting(tmp_path, home, clock=clock) as app:
        poll(app)
        for post in many:
            home.delete(post)
        live(app, days=5)
        assert (rows(app), {row["erased_at"] for row in kept(app)}) == ([], {None})
        for post in many:
            home._show(post)
        live(app, days=2)
        assert len(rows(app)) == 12


def test_a_cache_that_was_dropped_is_no_deletion_where_another_place_shows_the_post(
    tmp_path: Path, clock: Clock, home: FakeServer, other: FakeServer
) -> None:
    post = home.publish("Still here.", at=NOW - timedelta(hours=3))
    copy = other.deliver_late(post, at=NOW - timedelta(hours=2))
    with collecting(tmp_path, other, home, clock=clock) as app:
        poll(app)
        other.delete(copy)
        live(app, days=3)
        assert uris(app) == [post["uri"]]


def test_what_only_a_foreign_server_showed_and_no_place_shows_any_more_is_out_of_sight_but_not_erased(
    tmp_path: Path, clock: Clock, other: FakeServer
) -> None:
    """Its own place cannot be asked, so that nothing is proven; and should it be shown again, it comes back."""
    post = other.publish("From afar.", at=NOW - timedelta(hours=3), author="x@elsewhere.invalid")
    with collecting(tmp_path, other, clock=clock) as app:
        poll(app)
        other.delete(post)
        live(app, days=3)
        (row,) = kept(app)
        assert (row["gone_why"], row["erased_at"]) == ("missing", None)
        live(app, days=30)
        assert kept(app)[0]["erased_why"] == str(Erasure.TAKEN_BACK)


def test_however_many_posts_of_strangers_a_server_lost_all_are_out_of_sight_at_once(
    tmp_path: Path, clock: Clock, other: FakeServer
) -> None:
    lost = [other.publish("From afar.", at=NOW - timedelta(hours=3), author="x@elsewhere.invalid") for _ in range(30)]
    with collecting(tmp_path, other, clock=clock) as app:
        poll(app)
        for post in lost:
            other.delete(post)
        poll(app)
        assert uris(app) == []


def test_a_server_that_was_set_up_anew_with_other_ids_keeps_its_posts(
    tmp_path: Path, clock: Clock, home: FakeServer
) -> None:
    post = home.publish("Still here.", at=NOW - timedelta(hours=3))
    with collecting(tmp_path, home, clock=clock) as app:
        poll(app)
        home.delete(post)
        home.deliver_late(post, at=NOW)
        poll(app)
        assert uris(app) == [post["uri"]]


def test_what_comes_back_after_it_was_erased_is_there_again_with_its_words(
    tmp_path: Path, clock: Clock, home: FakeServer
) -> None:
    post = home.publish("Back again.", at=NOW - timedelta(hours=3))
    with collecting(tmp_path, home, clock=clock) as app:
        poll(app)
        home.delete(post)
        live(app, days=2)
        assert kept(app)[0]["text"] == ""
        home._show(post)
        live(app, days=1)
        (row,) = rows(app)
    assert (row.text, row.author_handle, row.hashtags) == (
        "Back again. #notcoproduction",
        "asha@toot.example",
        ("notcoproduction",),
    )


def test_a_copy_elsewhere_brings_nothing_back_that_was_erased(
    tmp_path: Path, clock: Clock, home: FakeServer, other: FakeServer
) -> None:
    post = home.publish("Taken back.", at=NOW - timedelta(hours=3))
    with collecting(tmp_path, home, other, clock=clock) as app:
        poll(app)
        home.delete(post)
        live(app, days=2)
        other.deliver_late(post, at=clock.now)  # it never heard of the deletion
        live(app, days=1)
        assert rows(app) == []
        assert [(row["text"], row["erased_why"]) for row in kept(app)] == [("", "taken back")]
        assert count(app, raw_answers) == 0


def test_a_post_whose_hashtag_was_edited_away_is_withdrawn_and_returns_with_it(
    tmp_path: Path, clock: Clock, home: FakeServer
) -> None:
    post = home.publish("Tagged.", at=NOW - timedelta(hours=3))
    with collecting(tmp_path, home, clock=clock) as app:
        poll(app)
        home.edit(post, "No more.", at=NOW, tags=())
        poll(app)
        assert (rows(app), kept(app)[0]["gone_at"]) == ([], None)
        home.edit(post, "Once more.", at=NOW + timedelta(hours=3))
        poll(app)
        assert [row.text for row in rows(app)] == ["Once more. #notcoproduction"]


def test_the_members_of_a_digest_are_looked_at_just_before_it_is_built(
    tmp_path: Path, clock: Clock, home: FakeServer
) -> None:
    clock.now = NOW - timedelta(days=7)
    regretted = home.publish("I regret this.", at=clock.now)
    home.publish("I do not.", at=clock.now)
    with collecting(tmp_path, home, clock=clock) as app:
        app.poll_due()
        app.close_due_windows()
        clock.now = NOW + timedelta(hours=1)
        app.poll_due()
        home.delete(regretted)
        clock.advance(hours=2)
        with app.database.read() as conn:
            before = conn.execute(select(posts.c.gone_at)).scalars().all()
        assert set(before) == {None}
        app.close_due_windows()
        assert len(rows(app)) == 1
        app.send_owed()
    (mail,) = (tmp_path / "outbox").glob("*.eml")
    assert "I regret" not in mail.read_text()


def test_a_digest_is_built_although_a_place_cannot_be_asked_about_its_posts(
    tmp_path: Path, clock: Clock, home: FakeServer
) -> None:
    clock.now = NOW - timedelta(days=7)
    home.publish("Here.", at=clock.now)
    with collecting(tmp_path, home, clock=clock) as app:
        app.poll_due()
        app.close_due_windows()
        clock.now = NOW + timedelta(hours=1)
        app.poll_due()
        home.down()
        clock.advance(hours=2)
        app.close_due_windows()
        assert app.send_owed().sent == 1


def test_a_post_that_was_added_by_hand_is_looked_at_again_too(
    tmp_path: Path, clock: Clock, home: FakeServer, other: FakeServer
) -> None:
    post = home.publish("Pointed out.", at=NOW - timedelta(days=3), tags=())
    with collecting(tmp_path, home, clock=clock) as app:
        app.add_post(f"{home.address}/@asha/{post['id']}", None)
        assert len(rows(app)) == 1
        home.delete(post)
        live(app, days=1)
        assert len(rows(app)) == 1
        live(app, days=1)
        assert rows(app) == []


def test_posts_that_no_place_tells_about_do_not_keep_others_from_their_turn(
    tmp_path: Path, clock: Clock, home: FakeServer, other: FakeServer
) -> None:
    """More strays of a place that is closed than are asked about at a time, and one of a place that is open."""
    many = [home.publish(f"Pointed out {n}.", at=NOW - timedelta(days=90), tags=()) for n in range(MOST_STRAYS + 5)]
    with collecting(tmp_path, home, other, clock=clock) as app:
        for post in many:
            app.add_post(f"{home.address}/@asha/{post['id']}", None)
        clock.advance(minutes=1)
        last = home.publish("The last one.", at=NOW - timedelta(days=90), tags=())
        app.add_post(f"{home.address}/@asha/{last['id']}", None)
        clock.advance(days=31)
        home.fail_next(503, times=1, path="/statuses")
        app.recheck()
        home.delete(last)
        clock.advance(minutes=30)
        app.recheck()
        assert len(rows(app)) == len(many)
