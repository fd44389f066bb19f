"""How posts come to stand in a timeline, one phenomenon a scene: each is met, whatever place it turns up at."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from simulation.answering import Member
from simulation.casting import ASH, BAY, ELM, FIR, IVY, OAK
from simulation.staging import playing

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_a_post_that_is_delivered_late_stands_at_the_top_under_an_old_date(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, FIR, IVY) as stage:
        late, newer = stage.writes("ivy", at=stage.now - HOUR), stage.writes("ivy")
        stage.delivers(newer, "oak", "fir")
        stage.passes(hours=30)
        stage.delivers(late, "oak", "fir")
        for name in ("oak", "fir"):
            (first, *_) = stage.network.servers[name].holdings.page(None, None, 1, local=True, remote=True)
            assert first.writing is late
        stage.passes(hours=2)
        assert set(stage.shown) == {late.serial, newer.serial}


def test_a_post_that_is_looked_up_late_stands_behind_every_cursor(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, IVY) as stage:
        late, newer = stage.writes("ivy", at=stage.now - HOUR), stage.writes("ivy")
        stage.delivers(newer, "oak")
        stage.passes(hours=30)
        stage.network.fetch(late.serial, "oak", stage.now)
        stage.passes(hours=2)
        assert set(stage.shown) == {late.serial, newer.serial}
        assert stage.followed == {newer.serial}


def test_on_gotosocial_even_what_is_delivered_late_stands_behind_the_cursor(tmp_path: Path) -> None:
    with playing(tmp_path, ASH, IVY) as stage:
        late, newer = stage.writes("ivy", at=stage.now - HOUR), stage.writes("ivy")
        stage.delivers(newer, "ash")
        stage.passes(hours=30)
        stage.delivers(late, "ash")
        stage.passes(hours=2)
        assert set(stage.shown) == {late.serial, newer.serial}
        assert stage.followed == {newer.serial}


def test_a_hashtag_added_by_an_edit_shows_the_post_at_its_old_place(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, ASH) as stage:
        posts = [stage.writes(name, is_tagged=False) for name in ("oak", "ash")]
        newer = [stage.writes(name, at=stage.now + MINUTE) for name in ("oak", "ash")]
        stage.passes(hours=20)
        for post in posts:
            stage.edits(post)
        stage.passes(hours=2)
        assert set(stage.shown) == {post.serial for post in [*posts, *newer]}
        assert stage.followed == {post.serial for post in newer}


def test_what_is_looked_up_when_it_is_three_weeks_old_is_met_by_a_deep_round(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, IVY) as stage:
        old = stage.writes("ivy", at=stage.now - 21 * DAY)
        stage.writes_many(200, "oak", since=stage.now - 20 * DAY, until=stage.now)
        stage.passes(hours=1)
        stage.network.fetch(old.serial, "oak", stage.now)
        stage.passes(hours=22)
        assert old.serial not in stage.shown
        stage.passes(hours=3)
        assert old.serial in stage.shown


def test_a_post_from_the_future_at_the_top_hides_nothing_below_it(tmp_path: Path) -> None:
    with playing(tmp_path, ASH, IVY) as stage:
        future = stage.writes("ivy", dated=stage.now + 400 * DAY)
        stage.delivers(future, "ash")
        stage.passes(hours=1)
        later = stage.writes("ash")
        stage.passes(hours=1)
        assert set(stage.shown) == {future.serial, later.serial}
        assert stage.followed == {future.serial}, "its id is the newest there will be for a year"


def test_more_posts_than_a_page_between_two_rounds_leave_no_hole(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, polling={"interval": "1h"}) as stage:
        stage.writes("oak")
        stage.passes(minutes=90)
        rush = stage.writes_many(100, "oak", since=stage.now, until=stage.now + 20 * MINUTE)
        stage.passes(hours=2)
        assert {post.serial for post in rush} <= set(stage.shown)
        assert len(stage.followed) == 1 + 40


def test_a_burst_of_old_posts_at_the_top_does_not_hide_what_came_just_before_it(tmp_path: Path) -> None:
    """A server that was cut off sends all it has at once: old dates, new ids, more of them than end a look-back."""
    with playing(tmp_path, OAK, IVY, polling={"interval": "1h", "overlap_interval": "1h"}) as stage:
        old = stage.writes_many(90, "ivy", since=stage.now - 9 * DAY, until=stage.now - 5 * DAY)
        stage.writes_many(10, "oak", since=stage.now - DAY, until=stage.now)
        stage.passes(minutes=90)
        before = stage.writes_many(5, "oak", since=stage.now, until=stage.now + 10 * MINUTE)
        stage.passes(minutes=20)
        stage.delivers_all(old, "oak")
        stage.passes(hours=3)
        assert {post.serial for post in before} <= set(stage.shown)
        assert {post.serial for post in old} <= set(stage.shown)


def test_what_turns_up_below_a_burst_of_old_posts_is_met_as_well(tmp_path: Path, prepared_url: str) -> None:
    with playing(tmp_path, OAK, IVY, database={"url": prepared_url}) as stage:
        old = stage.writes_many(90, "ivy", since=stage.now - 39 * DAY, until=stage.now - 35 * DAY)
        late = stage.writes("ivy")
        stage.writes_many(10, "oak", since=stage.now - HOUR, until=stage.now)
        stage.passes(minutes=30)
        stage.delivers_all(old, "oak")
        stage.passes(hours=3)
        stage.network.fetch(late.serial, "oak", stage.now)
        stage.passes(hours=2)
        assert late.serial in stage.shown


def test_a_post_that_comes_back_under_another_id_is_still_one_post(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, IVY) as stage:
        post = stage.writes("ivy")
        stage.delivers(post, "oak")
        stage.passes(hours=2)
        stage.network.drop(post.serial, "oak", stage.now)
        stage.passes(hours=2)
        stage.network.fetch(post.serial, "oak", stage.now)
        stage.passes(hours=2)
        assert stage.shown == {post.serial: 1}


def test_a_server_that_hides_its_own_people_shows_the_others(tmp_path: Path) -> None:
    with playing(tmp_path, ELM, BAY, IVY) as stage:
        own, other = stage.writes("elm"), stage.writes("ivy")
        stage.delivers(other, "elm", "bay")
        at_bay = stage.writes("bay")
        stage.passes(hours=1)
        assert set(stage.shown) == {other.serial, at_bay.serial}
        assert own.serial not in stage.shown
        assert {stage.state(name).condition for name in ("elm", "bay")} == {"half a feed"}


def test_a_silenced_author_is_met_elsewhere_or_not_at_all(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, FIR, IVY) as stage:
        stage.network.silence("asha", "ivy", "oak", stage.now)
        one, other = stage.writes("ivy"), stage.writes("ivy")
        stage.delivers(one, "oak", "fir")
        stage.delivers(other, "oak")
        stage.passes(hours=1)
        assert set(stage.shown) == {one.serial}
        assert stage.outcome().ours.recall.is_whole


def test_what_is_not_public_or_not_tagged_is_never_shown(tmp_path: Path) -> None:
    lax = Member(name="lax", kind="mastodon", shows_unlisted=True)
    with playing(tmp_path, lax, ASH) as stage:
        stage.writes("lax", visibility="unlisted")
        stage.edits(stage.writes("ash"), is_tagged=False)
        assert [
            len(stage.network.servers[name].holdings.page(None, None, 9, local=True, remote=True))
            for name in ("lax", "ash")
        ] == [1, 1]
        stage.passes(hours=3)
        assert stage.shown == {}
