"""All that is held about readers: each with their own, however many are asked for together."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from making import NOW
from making_readers import subscribe

from collector.digest.windows import window_named
from collector.storage import disclosing_readers
from collector.storage.database import Database
from collector.storage.deliveries import owe
from collector.storage.disclosing_readers import all_readers, read_reader
from collector.storage.letters import owe_letter
from collector.storage.series import add_window, ensure_series, windows_of
from collector.storage.subscribers import find_subscribers

PEOPLE = ("Jo@example.org", "ann@example.org", "carys@example.org")


@pytest.mark.parametrize("at_once", [1, 2, 1_000])
def test_everybody_has_all_of_their_own_and_nothing_of_others(
    database: Database, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(disclosing_readers, "_AT_ONCE", at_once)
    subscribe(database, PEOPLE, NOW)
    with database.write() as conn:
        series = ensure_series(conn, "weekly", ["notcoproduction"], NOW)
        add_window(conn, series.id, window_named("2026-W47", ZoneInfo("Europe/London")))
        (stored,) = windows_of(conn, series.id)
        owe(conn, stored.id, {address: f"<{address}>" for address in PEOPLE[:2]}, "digest", NOW)
        ann = find_subscribers(conn, [PEOPLE[1]])[PEOPLE[1]]
        owe_letter(conn, ann.id, "confirm", "<letter@example.org>", now=NOW, due_at=NOW)
    with database.read() as conn:
        told = list(all_readers(conn))
        assert told == [read_reader(conn, address.lower()) for address in PEOPLE]
    assert [person["address"] for person in told] == list(PEOPLE)
    assert [[one["series"] for one in person["subscriptions"]] for person in told] == [["weekly"]] * 3
    assert [[one["address"] for one in person["deliveries"]] for person in told] == [[PEOPLE[0]], [PEOPLE[1]], []]
    assert [[one["kind"] for one in person["letters"]] for person in told] == [[], ["confirm"], []]
    assert all("subscriber_id" not in one for person in told for one in (*person["subscriptions"], *person["letters"]))
