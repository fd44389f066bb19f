"""The trend of a series: what the windows before one had, as built, or else by date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from collecting import Clock, keep, mails, publishing, text_of
from making import make_author, make_post

from collector.app import App
from collector.mailing.issuing import look_up, show_window
from collector.model import Digest

DAY = timedelta(days=1)
WEEK = 7 * DAY
WEDNESDAY = datetime(2026, 10, 14, 12, tzinfo=UTC)  # of 2026-W42


@pytest.fixture
def clock() -> Clock:
    return Clock(WEDNESDAY)


@pytest.fixture
def app(clock: Clock, tmp_path: Path) -> Iterator[App]:
    with publishing(
        tmp_path, clock=clock, digest=[{"to": ["me@example.org"], "sections": ["top", "trend", "new_voices"]}]
    ) as app:
        app.close_due_windows()
        yield app


def show(app: App, week: str) -> Digest:
    with app.database.read() as conn:
        desk = look_up(conn, app.settings, app.settings.digests[0])
        return show_window(conn, desk, desk.window_named(week), week)


def test_a_trend_begins_with_the_first_post_and_holds_weeks_of_before_the_series(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY - 2 * WEEK), make_post(2, published_at=WEDNESDAY))
    assert show(app, "2026-W42").trend == (("2026-W40", 1), ("2026-W41", 0), ("2026-W42", 1))


def test_a_trend_is_no_longer_than_twelve_weeks(app: App, clock: Clock) -> None:
    keep(app, *(make_post(number, published_at=WEDNESDAY - number * WEEK) for number in range(30)))
    trend = show(app, "2026-W42").trend
    assert [name for name, _ in trend] == [f"2026-W{week}" for week in range(31, 43)]
    assert {posts for _, posts in trend} == {1}


def test_a_built_week_counts_as_it_was_built_for_good(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY))
    clock.now = WEDNESDAY + WEEK
    app.close_due_windows()
    keep(app, make_post(2, published_at=WEDNESDAY), make_post(3, published_at=clock()))
    assert show(app, "2026-W43").trend == (("2026-W42", 1), ("2026-W43", 2))
    clock.now += WEEK
    app.close_due_windows()
    keep(app, make_post(4, published_at=WEDNESDAY + WEEK))
    assert show(app, "2026-W43").trend == (("2026-W42", 1), ("2026-W43", 2))


def test_without_posts_there_is_no_trend(app: App) -> None:
    assert show(app, "2026-W42").trend == (("2026-W42", 0),)


def test_a_new_voice_is_new_once(app: App, clock: Clock) -> None:
    ann, bob = make_author(handle="ann@a.example", name="Ann"), make_author(handle="bob@a.example", name="Bob")
    keep(app, make_post(1, published_at=WEDNESDAY, author=ann))
    clock.now = WEDNESDAY + WEEK
    app.close_due_windows()
    keep(app, make_post(2, published_at=clock(), author=ann), make_post(3, published_at=clock(), author=bob))
    named = [section for section in show(app, "2026-W42").references if section.name == "new_voices"]
    assert [shown.post.author.name for section in named for shown in section.posts] == ["Ann"]
    named = [section for section in show(app, "2026-W43").references if section.name == "new_voices"]
    assert [shown.post.author.name for section in named for shown in section.posts] == ["Bob"]


def test_parts_that_the_configuration_leaves_out_are_not_in_the_mail(app: App, clock: Clock) -> None:
    keep(app, *(make_post(number, published_at=WEDNESDAY) for number in range(1, 15)))
    clock.now = WEDNESDAY + WEEK
    app.close_due_windows()
    app.send_owed()
    (mail,) = mails(app)
    assert "NEW VOICES" in text_of(mail)
    assert "EVERYONE ELSE" not in text_of(mail)
    assert "And 4 more, which are in the attached table." in text_of(mail)
