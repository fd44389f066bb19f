"""Windows closed over a real database: who is in which digest, and what stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from collecting import Clock, keep, publishing, set_state
from making import make_author, make_post

from collector.app import App
from collector.errors import Condition, WindowError
from collector.mailing.by_hand import send_digest
from collector.mailing.issuing import look_up, show_window
from collector.model import Counts, Digest, DigestState, Hashtag, Unread, WatchState
from collector.storage.curation import hide_post

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEDNESDAY = datetime(2026, 10, 14, 12, tzinfo=UTC)  # of 2026-W42


@pytest.fixture
def clock() -> Clock:
    return Clock(WEDNESDAY)


@pytest.fixture
def app(clock: Clock, tmp_path: Path) -> Iterator[App]:
    with publishing(tmp_path, clock=clock) as app:
        app.close_due_windows()
        yield app


def show(app: App, week: str) -> Digest:
    with app.database.read() as conn:
        desk = look_up(conn, app.settings, app.settings.digests[0])
        return show_window(conn, desk, desk.window_named(week), week)


def members(app: App, week: str) -> dict[str, list[int]]:
    """The numbers of the posts in each section that has any."""
    return {
        section.name: [number_of(shown.post.uri) for shown in section.posts]
        for section in show(app, week).sections
        if section.posts
    }


def number_of(uri: str) -> int:
    return int(uri.rpartition("/")[2])


def close_at(app: App, clock: Clock, at: datetime) -> None:
    clock.now = at
    app.close_due_windows()


def monday(week: int) -> datetime:
    """When the digest of that week of 2026 goes out in London."""
    at = datetime.fromisocalendar(2026, week + 1, 1).replace(tzinfo=UTC)
    return at + (7 if week < 43 else 8) * HOUR


def test_a_post_joins_the_window_of_its_date(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY))
    clock.advance(days=6)
    keep(app, make_post(2, published_at=clock()), make_post(3, published_at=WEDNESDAY + DAY))
    close_at(app, clock, monday(42) + DAY + HOUR * 12)
    assert members(app, "2026-W42") == {"top": [1, 3]}
    close_at(app, clock, monday(43))
    assert members(app, "2026-W43") == {"top": [2]}


def test_a_late_post_joins_the_next_digest_once(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY))
    close_at(app, clock, monday(42))
    keep(app, make_post(2, published_at=WEDNESDAY), make_post(3, published_at=clock()))
    close_at(app, clock, monday(43))
    close_at(app, clock, monday(44))
    assert members(app, "2026-W42") == {"top": [1]}
    assert members(app, "2026-W43") == {"top": [3], "late": [2]}
    assert show(app, "2026-W44").state is DigestState.SKIPPED


def test_a_late_post_for_a_skipped_week_joins_the_next_digest_too(app: App, clock: Clock) -> None:
    close_at(app, clock, monday(42))
    assert show(app, "2026-W42").state is DigestState.SKIPPED
    keep(app, make_post(1, published_at=WEDNESDAY))
    close_at(app, clock, monday(43))
    assert members(app, "2026-W43") == {"late": [1]}


def test_what_is_older_than_the_late_weeks_is_in_no_digest(app: App, clock: Clock) -> None:
    close_at(app, clock, monday(46))
    keep(app, make_post(1, published_at=WEDNESDAY), make_post(2, published_at=WEDNESDAY + 7 * DAY))
    close_at(app, clock, monday(47))
    assert members(app, "2026-W47") == {"late": [2]}


def test_history_is_never_late_but_counts_in_the_window_of_its_date(clock: Clock, tmp_path: Path) -> None:
    with publishing(tmp_path, clock=clock) as app:
        set_state(app, WatchState(began_at=WEDNESDAY))
        app.close_due_windows()
        keep(app, make_post(1, published_at=WEDNESDAY - DAY), make_post(2, published_at=WEDNESDAY - 9 * DAY))
        close_at(app, clock, monday(42))
        keep(app, make_post(3, published_at=WEDNESDAY - DAY))
        close_at(app, clock, monday(43))
        assert members(app, "2026-W42") == {"top": [1]}
        assert show(app, "2026-W43").state is DigestState.SKIPPED
        assert members(app, "2026-W41") == {"top": [2]}


@pytest.mark.parametrize("year", [2099, 9999])
def test_a_post_from_the_future_is_of_the_week_it_was_seen_in(year: int, app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=datetime(year, 1, 1, tzinfo=UTC)))
    close_at(app, clock, monday(42))
    assert members(app, "2026-W42") == {"top": [1]}


def test_a_topic_added_later_brings_no_old_posts_as_late(clock: Clock, tmp_path: Path) -> None:
    collector = {"hashtags": ["notcoproduction", "coproduction"], "timezone": "Europe/London"}
    other = {"hashtags": (Hashtag(normal="coproduction", display="coproduction"),)}
    one, both = ({"series": "weekly", "hashtags": names} for names in (["notcoproduction"], collector["hashtags"]))
    with publishing(tmp_path, clock=clock, collector=collector, digest=[one]) as app:
        app.close_due_windows()
        keep(app, make_post(1, published_at=WEDNESDAY, **other), topic="coproduction")
        close_at(app, clock, monday(42))
        assert show(app, "2026-W42").state is DigestState.SKIPPED
    with publishing(tmp_path, clock=clock, collector=collector, digest=[both]) as app:
        app.close_due_windows()
        clock.advance(hours=1)
        keep(app, make_post(2, published_at=clock(), **other), topic="coproduction")
        close_at(app, clock, monday(43))
        assert members(app, "2026-W43") == {"top": [2]}


def test_series_have_their_own_zone_and_memory(clock: Clock, tmp_path: Path) -> None:
    digests = [{"series": "london"}, {"series": "tokyo", "timezone": "Asia/Tokyo"}]
    with publishing(tmp_path, clock=clock, digest=digests) as app:
        app.close_due_windows()
        sunday_evening = datetime(2026, 10, 18, 18, tzinfo=UTC)  # Monday in Tokyo
        clock.now = sunday_evening
        keep(app, make_post(1, published_at=sunday_evening))
        close_at(app, clock, monday(43))
        with app.database.read() as conn:
            found = {}
            for series in app.settings.digests:
                desk = look_up(conn, app.settings, series)
                for week in ("2026-W42", "2026-W43"):
                    digest = show_window(conn, desk, desk.window_named(week), week)
                    found[series.name, week] = digest.totals.posts
        assert found == {
            ("london", "2026-W42"): 1,
            ("london", "2026-W43"): 0,
            ("tokyo", "2026-W42"): 0,
            ("tokyo", "2026-W43"): 1,
        }


def test_a_built_digest_stays_as_it_was_but_for_its_texts(app: App, clock: Clock) -> None:
    posts = [make_post(number, published_at=WEDNESDAY, counts=Counts(likes=number)) for number in (1, 2, 3)]
    keep(app, *posts)
    close_at(app, clock, monday(42))
    before = show(app, "2026-W42")
    clock.advance(hours=1)
    keep(
        app,
        replace(posts[0], counts=Counts(likes=99), text="Mended. #notcoproduction", edited_at=clock()),
        make_post(4, published_at=WEDNESDAY),
    )
    after = show(app, "2026-W42")
    assert [number_of(shown.post.uri) for shown in after.sections[0].posts] == [3, 2, 1]
    assert [shown.counts.likes for shown in after.sections[0].posts] == [3, 2, 1]
    assert after.sections[0].posts[2].post.text == "Mended. #notcoproduction"
    assert (after.totals, after.subject, after.also_tagged) == (before.totals, before.subject, before.also_tagged)


def test_what_was_taken_back_is_counted_and_not_shown(app: App, clock: Clock) -> None:
    posts = [make_post(number, published_at=WEDNESDAY) for number in (1, 2, 3, 4)]
    posts[3] = replace(posts[3], author=make_author(handle="bryn@far.example"))
    keep(app, *posts)
    close_at(app, clock, monday(42))
    with app.database.write() as conn:
        hide_post(conn, posts[0].uri, clock())
    keep(app, replace(posts[1], hashtags=(), edited_at=clock()))
    digest = show(app, "2026-W42")
    assert (len(digest.sections[0].posts), digest.sections[0].taken_back) == (2, 2)
    assert digest.totals.posts == 4


def test_what_was_taken_back_before_is_in_no_digest(app: App, clock: Clock) -> None:
    posts = [make_post(number, published_at=WEDNESDAY) for number in (1, 2)]
    keep(app, *posts)
    clock.advance(hours=1)
    keep(app, replace(posts[0], hashtags=(), edited_at=clock()))
    close_at(app, clock, monday(42))
    assert members(app, "2026-W42") == {"top": [2]}


def test_numbers_are_compared_with_the_window_before(app: App, clock: Clock) -> None:
    keep(app, *(make_post(number, published_at=WEDNESDAY) for number in (1, 2, 3)))
    close_at(app, clock, monday(42))
    clock.advance(hours=1)
    keep(app, make_post(4, published_at=clock()))
    close_at(app, clock, monday(43))
    assert show(app, "2026-W42").totals.previous_posts is None
    assert show(app, "2026-W43").totals.previous_posts == 3
    assert show(app, "2026-W44").totals.previous_posts == 1


def test_sources_that_could_not_be_read_are_named(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY))
    failing = WatchState(
        began_at=WEDNESDAY - 9 * DAY, failing_since=WEDNESDAY + DAY, failures=9, condition=Condition.UNREACHABLE
    )
    set_state(app, failing)
    close_at(app, clock, monday(42))
    set_state(app, WatchState(began_at=WEDNESDAY - 9 * DAY))
    (unread,) = show(app, "2026-W42").unread
    assert unread == Unread(place="nobody", starts_at=WEDNESDAY + DAY, reason=str(Condition.UNREACHABLE))


def test_trouble_that_began_after_the_window_is_not_of_it(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY))
    set_state(app, WatchState(began_at=WEDNESDAY, failing_since=monday(42), failures=1))
    close_at(app, clock, monday(42))
    assert show(app, "2026-W42").unread == ()


def test_a_quiet_week_looks_into_the_archive(app: App, clock: Clock) -> None:
    years_ago = datetime.fromisocalendar(2020, 42, 3).replace(tzinfo=UTC)
    keep(app, make_post(1, published_at=years_ago), make_post(2, published_at=WEDNESDAY))
    close_at(app, clock, monday(42))
    digest = show(app, "2026-W42")
    assert {section.name: [number_of(shown.post.uri) for shown in section.posts] for section in digest.references} == {
        "archive": [1]
    }
    assert digest.totals.posts == 1


def test_showing_changes_nothing(app: App, clock: Clock) -> None:
    keep(app, make_post(1, published_at=WEDNESDAY))
    clock.now = monday(42)
    assert show(app, "2026-W42").state is DigestState.OPEN
    assert show(app, "2026-W42").totals.posts == 1
    assert show(app, "2026-W10").totals.posts == 0
    with app.database.read() as conn:
        desk = look_up(conn, app.settings, app.settings.digests[0])
    assert [stored.window.name for stored in desk.windows] == ["2026-W42"]


def test_a_topic_that_the_configuration_forgot_still_names_its_digests(clock: Clock, tmp_path: Path) -> None:
    keys: dict[str, Any] = {"collector": {"hashtags": ["notcoproduction"], "timezone": "Europe/London"}}
    with publishing(tmp_path, clock=clock, **keys) as app:
        app.close_due_windows()
        keep(app, make_post(1, published_at=WEDNESDAY))
        close_at(app, clock, monday(42))
    keys["collector"]["hashtags"] = ["coproduction"]
    with publishing(tmp_path, clock=clock, **keys) as app:
        digest = show(app, "2026-W42")
        assert (digest.topics, digest.subject) == (("notcoproduction",), "#notcoproduction, week 42: 1 new example")


def test_a_week_that_overlaps_a_stored_one_cannot_be_opened(clock: Clock, tmp_path: Path) -> None:
    with publishing(tmp_path, clock=clock) as app:
        close_at(app, clock, monday(42))
    moved = {"collector": {"hashtags": ["notcoproduction"], "timezone": "America/New_York"}}
    with publishing(tmp_path, clock=clock, **moved) as app:
        close_at(app, clock, monday(44))
        with pytest.raises(WindowError, match="overlaps"):
            send_digest(app.mailer(), app.settings.digests[0], "2026-W42")
