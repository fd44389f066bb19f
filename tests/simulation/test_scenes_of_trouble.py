"""Servers in trouble or in a hurry to refuse, one phenomenon a scene: nothing is lost by it, and limits are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from simulation.answering import Member
from simulation.casting import ASH, FIR, IVY, OAK
from simulation.staging import playing
from simulation.week import COLLECTOR

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_what_was_posted_and_sent_while_a_server_was_down_is_met_afterwards(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, FIR, IVY) as stage:
        stage.writes("oak")
        stage.passes(hours=2)
        stage.network.fall("oak", stage.now)
        meanwhile = stage.writes_many(70, "ivy", since=stage.now, until=stage.now + 3 * DAY)
        stage.passes(hours=80)
        stage.network.rise("oak", stage.now)
        stage.delivers_all(meanwhile, "oak")
        stage.passes(hours=4)
        assert {post.serial for post in meanwhile} <= set(stage.shown)


@pytest.mark.parametrize("member", [OAK, replace(ASH, is_limited=True)], ids=["until when", "no word of it"])
def test_a_limit_in_the_middle_of_a_walk_costs_time_and_no_posts(tmp_path: Path, member: Member) -> None:
    """Mastodon says until when its limit holds; GoToSocial answers 429 without a word."""
    with playing(tmp_path, member) as stage:
        server = stage.network.servers[member.name]
        server.limits.allowed = 4
        posts = stage.writes_many(300, member.name, since=stage.now - DAY, until=stage.now)
        stage.passes(hours=6)
        assert any(asked.status == 429 for asked in server.log if asked.who == COLLECTOR)
        assert {post.serial for post in posts} == set(stage.shown)


@pytest.mark.parametrize("hours", [-7, 7])
def test_a_clock_that_is_hours_wrong_is_no_reason_to_wait_for_hours(tmp_path: Path, hours: int) -> None:
    """Its limits end, by its own word, at an hour that is long past or far ahead of ours."""
    with playing(tmp_path, replace(OAK, skew=timedelta(hours=hours)), polling={"interval": "10m"}) as stage:
        stage.network.crowd("oak", COLLECTOR, stage.now)
        post = stage.writes("oak")
        stage.passes(minutes=45)
        refused = [asked for asked in stage.asked("oak") if asked.status == 429]
        assert 1 <= len(refused) <= 3
        assert set(stage.shown) == {post.serial}


def test_whoever_looks_back_as_often_as_that_is_kept_within_both_limits(tmp_path: Path) -> None:
    """Thirty pages a minute are twice as many as Mastodon allows."""
    eager = {"interval": "1m", "overlap_interval": "1m", "max_pages": 100}
    with playing(tmp_path, replace(OAK, page=5), polling=eager) as stage:
        posts = stage.writes_many(150, "oak", since=stage.now - DAY, until=stage.now)
        stage.passes(minutes=16)
        assert 200 < sum(asked.question.is_paging for asked in stage.asked("oak")) <= 300
        assert not [asked for asked in stage.asked("oak") if asked.status == 429]
        assert {post.serial for post in posts} == set(stage.shown)


def test_a_server_that_never_comes_back_harms_no_other(tmp_path: Path) -> None:
    with playing(tmp_path, OAK, ASH) as stage:
        stage.network.fall("ash", stage.now)
        stage.passes(hours=1)
        post = stage.writes("oak")
        stage.passes(hours=1)
        assert set(stage.shown) == {post.serial}
        assert stage.state("ash").condition == "unreachable"
