"""What authors take back or change, and what servers forget, one phenomenon a scene."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from simulation.answering import Member
from simulation.casting import ASH, ELM, FIR, IVY, OAK, YEW
from simulation.staging import playing

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("member", [OAK, YEW, ASH, FIR], ids=lambda member: member.name)
def test_a_deletion_is_noticed_by_the_next_look_back(tmp_path: Path, member: Member) -> None:
    with playing(tmp_path, member) as stage:
        deleted, kept = stage.writes(member.name), stage.writes(member.name)
        stage.passes(hours=2)
        stage.deletes(deleted)
        stage.passes(hours=2)
        assert set(stage.shown) == {kept.serial}
        assert stage.followed == {deleted.serial, kept.serial}


@pytest.mark.parametrize("member", [OAK, YEW, ASH, FIR], ids=lambda member: member.name)
def test_an_edit_of_a_post_that_is_weeks_old_is_mirrored_within_a_day(tmp_path: Path, member: Member) -> None:
    with playing(tmp_path, member) as stage:
        old = stage.writes(member.name, at=stage.now - 20 * DAY)
        stage.passes(hours=3)
        stage.edits(old)
        stage.passes(hours=26)
        assert stage.shown == {old.serial: 2}


@pytest.mark.parametrize("member", [OAK, ASH, FIR], ids=lambda member: member.name)
def test_a_hashtag_that_is_edited_away_takes_the_post_out_of_sight(tmp_path: Path, member: Member) -> None:
    """Mastodon and Takahē leave it out of the timeline then, GoToSocial goes on showing it there."""
    with playing(tmp_path, member) as stage:
        edited = stage.writes(member.name)
        stage.passes(hours=2)
        stage.edits(edited, is_tagged=False)
        stage.passes(hours=2)
        assert stage.shown == {}
        stage.edits(edited)
        stage.passes(hours=2)
        assert stage.shown == {edited.serial: 3}


def test_the_home_of_a_post_is_believed_though_others_never_heard_of_its_deletion(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, ASH) as stage:
        deleted = stage.writes("oak")
        stage.delivers(deleted, "ash")
        stage.passes(hours=2)
        stage.deletes(deleted)
        stage.passes(hours=30)
        assert stage.shown == {}
        assert len(stage.network.servers["ash"].holdings.by_uri) == 1


def test_where_only_some_heard_of_a_deletion_the_home_is_asked(tmp_path: Path, prepared_url: str) -> None:
    with playing(tmp_path, OAK, ASH, IVY, database={"url": prepared_url}) as stage:
        deleted, dropped = stage.writes("ivy"), stage.writes("ivy")
        for post in (deleted, dropped):
            stage.delivers(post, "oak", "ash")
        stage.passes(hours=2)
        stage.deletes(deleted, "oak")
        stage.network.drop(dropped.serial, "oak", stage.now)
        stage.passes(hours=2)
        assert set(stage.shown) == {dropped.serial}
        assert 1 <= len(stage.asked("ivy", "page")) <= 4


def test_a_post_is_no_deletion_where_every_server_dropped_it_and_its_home_has_it(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, FIR, IVY) as stage:
        post = stage.writes("ivy")
        stage.delivers(post, "oak", "fir")
        stage.passes(hours=2)
        for name in ("oak", "fir"):
            stage.network.drop(post.serial, name, stage.now)
        stage.passes(hours=50)
        assert set(stage.shown) == {post.serial}


def test_a_deletion_stays_one_where_a_server_looks_the_post_up_again_before_it_hears_of_it(tmp_path: Path) -> None:
    """That server shows it under two ids: one that it shows no more, and one that it goes on showing."""
    with playing(tmp_path, OAK, FIR, IVY) as stage:
        post = stage.writes("ivy")
        stage.delivers(post, "oak", "fir")
        stage.passes(hours=2)
        stage.network.drop(post.serial, "oak", stage.now)
        stage.passes(hours=2)
        stage.network.fetch(post.serial, "oak", stage.now)
        stage.passes(hours=2)
        assert set(stage.shown) == {post.serial}
        stage.deletes(post, "fir")
        for _ in range(30):
            stage.passes(hours=1)
            if not stage.shown:
                break
        stage.passes(hours=2)
        assert stage.shown == {}, "what the other id shows changes nothing"


def test_a_post_whose_first_id_is_gone_stays_while_the_server_shows_it_under_another(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, IVY) as stage:
        post = stage.writes("ivy")
        stage.delivers(post, "oak")
        stage.passes(hours=2)
        stage.network.drop(post.serial, "oak", stage.now)
        stage.network.fetch(post.serial, "oak", stage.now)
        stage.network.fall("ivy", stage.now)
        for _ in range(30):
            stage.passes(hours=1)
            assert set(stage.shown) == {post.serial}


def test_an_author_who_is_silenced_later_is_no_deletion_and_is_not_asked_about_all_day(tmp_path: Path) -> None:
    with playing(tmp_path, FIR) as stage:
        posts = [stage.writes("fir", user="mute"), stage.writes("fir", user="loud")]
        stage.passes(hours=2)
        stage.network.silence("mute", "fir", "fir", stage.now)
        stage.passes(hours=24)
        assert set(stage.shown) == {post.serial for post in posts}
        assert len(stage.asked("fir", "status")) <= 3


def test_a_half_feed_says_nothing_about_the_other_half(tmp_path: Path) -> None:
    with playing(tmp_path, ELM, FIR) as stage:
        post = stage.writes("elm")
        stage.delivers(post, "fir")
        stage.passes(hours=30)
        assert set(stage.shown) == {post.serial}
        stage.deletes(post, "fir")
        stage.passes(hours=2)
        assert stage.shown == {}


def test_nothing_is_taken_for_deleted_while_a_server_is_down_for_days(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, FIR) as stage:
        posts = stage.writes_many(12, "oak", since=stage.now - 20 * DAY, until=stage.now)
        stage.passes(hours=2)
        stage.network.fall("oak", stage.now)
        stage.passes(hours=30)
        stage.network.rise("oak", stage.now)
        stage.network.fall("oak", stage.now, is_refusing=False)
        stage.passes(hours=30)
        assert set(stage.shown) == {post.serial for post in posts}
        assert stage.state("oak").condition == "server fault"
