"""What a monitor asks for, counted in real databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from making import NOW, make_author, make_post
from making_storage import add_watch, save

from collector.digest.windows import window_named
from collector.storage.curation import hide_author, hide_post
from collector.storage.database import Connection, Database
from collector.storage.deliveries import Claimer, claim_some, mark_refused, mark_sent, owe
from collector.storage.digests import skip
from collector.storage.measures import (
    NetworkCount,
    StateCount,
    count_by_network,
    count_deliveries,
    count_digests,
    count_open_gaps,
    database_size,
)
from collector.storage.series import StoredWindow, add_window, ensure_series, windows_of
from collector.storage.tables import gaps


def add_windows(conn: Connection, series: str, *weeks: str) -> list[StoredWindow]:
    stored = ensure_series(conn, series, ["notcoproduction"], NOW)
    for week in weeks:
        add_window(conn, stored.id, window_named(week, ZoneInfo("UTC")))
    return windows_of(conn, stored.id)


def test_posts_are_counted_by_network_and_by_whether_they_are_shown(database: Database) -> None:
    rhys = make_author(handle="rhys@fedi.example")
    save(database, *(make_post(number) for number in range(5)), make_post(5, author=rhys))
    other = make_post(6, network="bluesky", text="The form asks which of two colours we like. #notcoproduction")
    save(database, other, server="https://bsky.example")
    with database.write() as conn:
        hide_post(conn, make_post(1).uri, NOW)
        hide_author(conn, rhys.handle, NOW)
    with database.read() as conn:
        assert count_by_network(conn) == [
            NetworkCount(network="bluesky", shown=1, kept_out=0),
            NetworkCount(network="fediverse", shown=4, kept_out=2),
        ]


def test_digests_are_counted_by_series_and_state_with_the_last_that_was_closed(database: Database) -> None:
    with database.write() as conn:
        first, second, _ = add_windows(conn, "weekly", "2026-W45", "2026-W46", "2026-W47")
        add_windows(conn, "other", "2026-W47")
        skip(conn, first, ["notcoproduction"], NOW)
        skip(conn, second, ["notcoproduction"], NOW + timedelta(days=1))
    with database.read() as conn:
        assert count_digests(conn) == [
            StateCount(series="other", state="open", number=1),
            StateCount(series="weekly", state="open", number=1),
            StateCount(series="weekly", state="skipped", number=2, last_at=NOW + timedelta(days=1)),
        ]


def test_deliveries_are_counted_by_series_and_state(database: Database) -> None:
    with database.write() as conn:
        (window,) = add_windows(conn, "weekly", "2026-W47")
        owe(conn, window.id, {f"{name}@x.org": name for name in "abcde"}, "digest", NOW)
        for finish in (mark_sent, lambda *about: mark_refused(about[0], about[1], "no", about[2]), None):
            delivery = next(iter(claim_some(conn, Claimer(owner="me"), NOW, 1)), None)
            assert delivery is not None
            if finish is not None:
                finish(conn, delivery.id, NOW)
    with database.read() as conn:
        found = {count.state: count.number for count in count_deliveries(conn)}
    assert found == {"sent": 1, "refused": 1, "claimed": 1, "owed": 2}


def test_a_gap_is_open_until_it_is_caught_up_with(database: Database) -> None:
    def gap(watch_id: int, ends_at: datetime | None, caught_up_at: datetime | None) -> dict[str, object]:
        times = {"starts_at": NOW, "ends_at": ends_at, "caught_up_at": caught_up_at}
        return {"watch_id": watch_id, "reason": "unreachable", **times}

    with database.write() as conn:
        one, other = add_watch(conn), add_watch(conn, address="https://other.example")
        conn.execute(gaps.insert(), [gap(one.id, None, None), gap(one.id, NOW, None), gap(other.id, NOW, NOW)])
    with database.read() as conn:
        assert count_open_gaps(conn) == {one.id: 2}


def test_a_database_says_how_large_it_is(database: Database) -> None:
    with database.read() as conn:
        before = database_size(conn)
    save(database, *(make_post(number, text="x" * 4000) for number in range(200)))
    with database.read() as conn:
        assert before + 100_000 < database_size(conn) < before + 100_000_000
