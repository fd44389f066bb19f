"""What needs a person, found in real databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from collecting import Clock, keep, publishing, set_state
from making import NOW, make_post

from collector.app import App
from collector.digest.windows import window_named
from collector.model import WatchState
from collector.needs.finding import find_needs
from collector.needs.gathering import take_stock
from collector.storage.bounces import stop_sending
from collector.storage.digests import skip
from collector.storage.numbers import delivery_troubles
from collector.storage.rhythm import dates_since, has_met_since, newest_since
from collector.storage.series import add_window, ensure_series, windows_of
from collector.storage.subscribers import add_subscribers, find_subscribers
from collector.storage.tables import deliveries

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def app(tmp_path: Path, prepared_url: str, clock: Clock) -> Iterator[App]:
    """A collector whose watch heard a post each hour of the last twenty days, up to now."""
    with publishing(tmp_path, clock=clock, database={"url": prepared_url}) as app:
        keep(app, *(make_post(number, published_at=NOW - number * HOUR) for number in range(480)))
        yield app


def needs(app: App, at: datetime) -> list[str]:
    with app.database.read() as conn:
        return [need.message for need in find_needs(take_stock(conn, app.settings, at).facts, at)]


def listened_until(app: App, at: datetime, **changes: object) -> None:
    state = WatchState(began_at=NOW - 100 * DAY, last_success_at=at, next_poll_at=at + HOUR)
    set_state(app, replace(state, **changes))  # type: ignore[arg-type]


def test_a_busy_watch_that_hears_nothing_for_a_day_is_silent(app: App) -> None:
    listened_until(app, NOW + 23 * HOUR)
    assert needs(app, NOW + 23 * HOUR) == []
    listened_until(app, NOW + DAY)
    (need,) = needs(app, NOW + DAY)
    assert need.startswith("nobody: nothing new with #notcoproduction since Mon 23 Nov 2026, 08:00; the longest pause")


def test_one_new_post_ends_it(app: App, clock: Clock) -> None:
    listened_until(app, NOW + 2 * DAY)
    assert needs(app, NOW + 2 * DAY) != []
    keep(app, make_post(9999, published_at=clock.advance(days=2)))
    listened_until(app, NOW + 2 * DAY)
    assert needs(app, NOW + 2 * DAY) == []


def test_what_was_posted_before_the_watch_began_is_no_life_that_ended(app: App) -> None:
    """A hashtag of years ago comes with its old posts, and was silent all along."""
    listened_until(app, NOW + 30 * DAY, began_at=NOW + HOUR)
    assert needs(app, NOW + 30 * DAY) == []


def test_the_posts_of_another_source_or_hashtag_are_not_its_own(app: App) -> None:
    with app.database.read() as conn:
        (watch,) = take_stock(conn, app.settings, NOW).watches
        another, other_topic = replace(watch, id=watch.id + 1), replace(watch, key=replace(watch.key, topic="other"))
        assert has_met_since(conn, watch, NOW - HOUR)
        assert not has_met_since(conn, watch, NOW)
        assert not has_met_since(conn, another, NOW - DAY)
        assert not has_met_since(conn, other_topic, NOW - DAY)
        assert newest_since(conn, watch, NOW - DAY) == NOW
        assert newest_since(conn, another, NOW - DAY) is None
        assert newest_since(conn, watch, NOW + HOUR) is None
        assert dates_since(conn, watch, NOW - 2 * HOUR) == [NOW - 2 * HOUR, NOW - HOUR, NOW]
        assert dates_since(conn, another, NOW - DAY) == []


def test_a_digest_that_nobody_built_is_found_and_one_that_was_closed_is_not(app: App) -> None:
    listened_until(app, NOW + DAY, last_success_at=None)
    with app.database.write() as conn:
        stored = ensure_series(conn, "weekly", ["notcoproduction"], NOW - 7 * DAY)
        add_window(conn, stored.id, window_named("2026-W47", ZoneInfo("Europe/London")))
    assert needs(app, NOW + 2 * HOUR) == ["weekly/2026-W47 was to be built on Mon 23 Nov 2026, 08:00, and is not"]
    with app.database.write() as conn:
        (window,) = windows_of(conn, stored.id)
        skip(conn, window, ["notcoproduction"], NOW)
    assert needs(app, NOW + 2 * HOUR) == []


def deliver(app: App, window: str, kind: str, address: str, state: str = "refused") -> None:
    """A delivery of a window that is there from now on, and what the mail server said to it."""
    with app.database.write() as conn:
        stored = ensure_series(conn, "weekly", ["notcoproduction"], NOW - 21 * DAY)
        if window not in {each.window.name for each in windows_of(conn, stored.id)}:
            add_window(conn, stored.id, window_named(window, ZoneInfo("Europe/London")))
        (of,) = [each.id for each in windows_of(conn, stored.id) if each.window.name == window]
        conn.execute(
            deliveries.insert().values(
                digest_id=of,
                address=address,
                kind=kind,
                state=state,
                error="no",
                message_id=f"{window} {kind} {address}",
                created_at=NOW,
            )
        )


def troubles(app: App) -> list[tuple[str, tuple[str, ...], bool]]:
    with app.database.read() as conn:
        return [(one.name, one.addresses, one.is_preview) for one in delivery_troubles(conn)]


def test_a_preview_that_was_refused_is_told_as_one_until_its_digest_is_out(app: App) -> None:
    deliver(app, "2026-W47", "preview", "curator@example.org")
    deliver(app, "2026-W47", "digest", "jo@example.org")
    assert troubles(app) == [
        ("2026-W47", ("curator@example.org",), True),
        ("2026-W47", ("jo@example.org",), False),
    ]
    with app.database.write() as conn:
        (window,) = windows_of(conn, 1)
        skip(conn, window, ["notcoproduction"], NOW)
    assert troubles(app) == [("2026-W47", ("jo@example.org",), False)]


def test_an_address_that_nothing_goes_to_any_more_needs_nobody(app: App) -> None:
    deliver(app, "2026-W47", "digest", "jo@example.org")
    deliver(app, "2026-W47", "digest", "mo@example.org")
    with app.database.write() as conn:
        add_subscribers(conn, [("k1", "jo@example.org", "jo@example.org")], NOW)
        (jo,) = find_subscribers(conn, ["jo@example.org"]).values()
        stop_sending(conn, jo.id, "no such mailbox", NOW)
    assert troubles(app) == [("2026-W47", ("mo@example.org",), False)]
