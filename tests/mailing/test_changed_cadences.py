"""Series that are given another cadence, and what a daily or monthly one does besides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from collecting import Clock, keep, mails, make_settings, publishing, text_of
from making import make_post

from collector.app import App, opened
from collector.errors import WindowError
from collector.mailing.by_hand import send_digest
from collector.mailing.issuing import look_up, show_window
from collector.model import Digest, DigestState

DAY = timedelta(days=1)
WEDNESDAY = datetime(2026, 11, 4, 12, tzinfo=UTC)  # of 2026-W45


@pytest.fixture
def clock() -> Clock:
    return Clock(WEDNESDAY)


@contextmanager
def going_on(folder: Path, clock: Clock, **keys: Any) -> Iterator[App]:
    """The same collection under another configuration of its series."""
    nobody = [{"name": "nobody", "kind": "mastodon", "url": "https://nobody.example"}]
    digest = [{"series": "ours", "to": ["me@example.org"], **keys}]
    with opened(make_settings(folder, source=nobody, digest=digest), now=clock) as app:
        yield app


@contextmanager
def begun(folder: Path, clock: Clock, **keys: Any) -> Iterator[App]:
    digest = [{"series": "ours", "to": ["me@example.org"], **keys}]
    with publishing(folder, clock=clock, digest=digest) as app:
        mail_round(app)
        yield app


def mail_round(app: App) -> None:
    app.close_due_windows()
    app.send_owed()


def live(app: App, clock: Clock, days: int, *, posts: int = 0) -> None:
    """So many days, each with a round at noon, the first ones with a post."""
    for day in range(days):
        clock.advance(days=1)
        if day < posts:
            keep(app, make_post(int(clock().timestamp()), published_at=clock()))
        mail_round(app)


def names(app: App) -> list[str]:
    with app.database.read() as conn:
        return [stored.window.name for stored in look_up(conn, app.settings, app.settings.digests[0]).windows]


def show(app: App, name: str) -> Digest:
    with app.database.read() as conn:
        desk = look_up(conn, app.settings, app.settings.digests[0])
        return show_window(conn, desk, desk.window_named(name), name)


def lines(app: App, number: int) -> str:
    """The text of the mail of that number."""
    return text_of(mails(app)[number]).replace("\r\n", "\n")


def subjects(app: App) -> list[str]:
    return [str(message["Subject"]) for message in mails(app)]


def test_a_weekly_series_that_becomes_daily_finishes_its_week_and_goes_on_by_the_day(
    tmp_path: Path, clock: Clock
) -> None:
    with begun(tmp_path, clock) as app:
        keep(app, make_post(1, published_at=clock()))
    with going_on(tmp_path, clock, cadence="daily") as app:
        live(app, clock, 9, posts=9)
        assert names(app) == ["2026-W45", "2026-11-09", "2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13"]
        assert subjects(app)[:2] == [
            "#notcoproduction, week 45: 5 new examples",
            "#notcoproduction, Mon 9 Nov: 1 new example",
        ]
        assert lines(app, 0).startswith("#notcoproduction, week 45 (2 to 8 November 2026)\n")
        day = lines(app, 1)
        assert day.startswith("#notcoproduction, Mon 9 November 2026\n")
        assert "One new example from one person on the fediverse.\n" in day, "a day is not held against a week"
        assert "That was Monday, 9 November." in day
        assert "as many as the day before" in lines(app, 2)
        assert show(app, "2026-11-12").trend == (
            ("2026-11-09", 1),
            ("2026-11-10", 1),
            ("2026-11-11", 1),
            ("2026-11-12", 1),
        )


def test_a_daily_series_that_becomes_monthly_has_a_first_month_that_is_cut(tmp_path: Path, clock: Clock) -> None:
    with begun(tmp_path, clock, cadence="daily") as app:
        live(app, clock, 3, posts=3)
    with going_on(tmp_path, clock, cadence="monthly") as app:
        live(app, clock, 27, posts=3)
        assert names(app) == ["2026-11-04", "2026-11-05", "2026-11-06", "2026-11-07", "2026-11", "2026-12"]
        assert subjects(app)[2:] == [
            "#notcoproduction, Sat 7 Nov: 1 new example",
            "#notcoproduction, November 2026: 3 new examples",
        ]
        assert clock.now.date().isoformat() == "2026-12-04"
        month = lines(app, -1)
        assert month.startswith("#notcoproduction, November 2026 (8 to 30 November 2026)\n")
        assert "8–14: 3 | 15–21: 0 | 22–28: 0 | 29–30: 0\n" in month


def test_a_series_that_goes_there_and_back_uses_no_name_twice(tmp_path: Path, clock: Clock) -> None:
    for cadence in ("daily", "weekly", "daily", "monthly", "weekly", "daily"):
        with going_on(tmp_path, clock, cadence=cadence) as app:
            app.prepare()
            live(app, clock, 9)
            found = names(app)
    assert len(set(found)) == len(found)
    assert len(found) > 15


def test_what_was_stored_before_there_were_cadences_is_weekly(tmp_path: Path, clock: Clock) -> None:
    with begun(tmp_path, clock) as app:
        keep(app, make_post(1, published_at=clock()))
        before = names(app)
    with going_on(tmp_path, clock, cadence="weekly") as app:
        live(app, clock, 7)
        assert names(app) == [*before, "2026-W46"]
        assert subjects(app) == ["#notcoproduction, week 45: 1 new example"]


@pytest.mark.parametrize(
    ("cadence", "name", "told"),
    [
        (
            "daily",
            "2026-W44",
            "2026-W44 is no day, and series ours is daily: its digests have names such as 2026-11-17",
        ),
        (
            "monthly",
            "2026-11-01",
            "2026-11-01 is no month, and series ours is monthly: its digests have names such as 2026-11",
        ),
        ("weekly", "2026-10", "2026-10 is no week, and series ours is weekly: its digests have names such as 2026-W47"),
    ],
)
def test_a_name_of_another_cadence_is_refused_with_what_the_series_has(
    cadence: str, name: str, told: str, tmp_path: Path, clock: Clock
) -> None:
    with begun(tmp_path, clock, cadence=cadence) as app:
        with pytest.raises(WindowError) as shown:
            show(app, name)
        with pytest.raises(WindowError) as sent:
            send_digest(app.mailer(), app.settings.digests[0], name)
    assert str(shown.value) == str(sent.value) == told


def test_a_day_that_is_not_over_is_refused_and_one_before_the_beginning_can_be_sent(
    tmp_path: Path, clock: Clock
) -> None:
    with begun(tmp_path, clock, cadence="daily") as app:
        keep(app, make_post(1, published_at=clock() - 2 * DAY))
        with pytest.raises(WindowError, match=r"^day 2026-11-04 is not over: it ends on Thu 5 Nov 2026, 00:00$"):
            send_digest(app.mailer(), app.settings.digests[0], "2026-11-04")
        assert send_digest(app.mailer(), app.settings.digests[0], "2026-11-02").state is DigestState.BUILT
        assert send_digest(app.mailer(), app.settings.digests[0], None).window.name == "2026-11-03"
        live(app, clock, 2)
        assert names(app) == ["2026-11-02", "2026-11-04", "2026-11-05", "2026-11-06"]


@pytest.mark.parametrize(
    ("cadence", "name", "found"),
    [("daily", "2026-11-03", ["2"]), ("weekly", "2026-W45", ["2", "3"]), ("monthly", "2026-11", ["2", "3", "4"])],
)
def test_a_quiet_day_or_month_looks_into_the_same_of_earlier_years(
    cadence: str, name: str, found: list[str], tmp_path: Path, clock: Clock
) -> None:
    with begun(tmp_path, clock, cadence=cadence) as app:
        dates = ["2026-11-03", "2025-11-03", "2025-11-04", "2025-11-28", "2025-12-03"]
        keep(
            app, *(make_post(n, published_at=datetime.fromisoformat(f"{day}T12:00Z")) for n, day in enumerate(dates, 1))
        )
        (archive,) = [section for section in show(app, name).references if section.name == "archive"]
        assert sorted(shown.post.uri.rpartition("/")[2] for shown in archive.posts) == found


def test_after_a_pause_a_daily_digest_names_the_days_that_were_not_mailed(tmp_path: Path, clock: Clock) -> None:
    with begun(tmp_path, clock, cadence="daily") as app:
        for day in range(3):
            keep(app, make_post(day, published_at=clock()))
            clock.advance(days=1)
        mail_round(app)
        assert subjects(app) == ["#notcoproduction, Fri 6 Nov: 1 new example"]
        told = "Put together but not mailed: Wed 4 Nov (one example) and Thu 5 Nov (one example)."
        assert told in " ".join(lines(app, 0).split())


def test_a_silent_daily_series_sends_one_sign_of_life_in_four_weeks(tmp_path: Path, clock: Clock) -> None:
    with begun(tmp_path, clock, cadence="daily") as app:
        live(app, clock, 57)
        assert subjects(app) == ["#notcoproduction: still listening"] * 2
