"""Deliveries: claimed before the hand-over, so that nothing is sent twice or never."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from making import NOW
from making_storage import rows
from sqlalchemy.exc import IntegrityError

from collector.digest.windows import window_named
from collector.errors import StorageError
from collector.model import Window
from collector.storage.database import Database
from collector.storage.deliveries import (
    LEASE,
    Delivery,
    addresses_served,
    claim_next,
    claimers,
    count_states,
    last_error,
    mailed_windows,
    mark_refused,
    mark_sent,
    mark_waiting,
    owe,
    postpone,
)
from collector.storage.series import add_window, ensure_series, windows_of

ADDRESSES = ("a@example.org", "b@example.org", "c@example.org")
LATER = NOW + timedelta(minutes=5)


def window(week: str = "2026-W47") -> Window:
    from zoneinfo import ZoneInfo

    return window_named(week, ZoneInfo("Europe/London"))


@pytest.fixture
def digest_id(database: Database) -> int:
    with database.write() as conn:
        series = ensure_series(conn, "weekly", ["notcoproduction"], NOW)
        add_window(conn, series.id, window())
        (stored,) = windows_of(conn, series.id)
        owe(conn, stored.id, {address: f"<{address}>" for address in ADDRESSES}, "digest", NOW)
    return stored.id


def claim(
    database: Database,
    owner: str = "me",
    dead: Iterable[str] = (),
    now: datetime = NOW,
    after: int = 0,
    *,
    is_forced: bool = False,
    digest_id: int | None = None,
) -> Delivery | None:
    with database.write() as conn:
        return claim_next(conn, owner, dead, now, digest_id=digest_id, is_forced=is_forced, after=after)


def claim_all(database: Database, **how: object) -> list[str]:
    claimed = []
    while (delivery := claim(database, **how)) is not None:  # type: ignore[arg-type]
        claimed.append(delivery.address)
    return claimed


def test_each_delivery_is_claimed_once(database: Database, digest_id: int) -> None:
    first = claim(database)
    assert first == Delivery(
        id=1,
        digest_id=digest_id,
        address="a@example.org",
        kind="digest",
        message_id="<a@example.org>",
        created_at=NOW,
        attempts=0,
    )
    assert claim_all(database, owner="somebody else") == ["b@example.org", "c@example.org"]
    with database.read() as conn:
        assert claimers(conn) == {"me", "somebody else"}


def test_owing_again_keeps_what_is_owed_or_done(database: Database, digest_id: int) -> None:
    with database.write() as conn:
        mark_sent(conn, 1, NOW)
        owe(conn, digest_id, {"a@example.org": "<other>", "d@example.org": "<d>"}, "digest", LATER)
    told = rows(database, "deliveries", "address", "state", "message_id")
    assert told[0] == ("a@example.org", "sent", "<a@example.org>")
    assert [row[0] for row in told] == [*ADDRESSES, "d@example.org"]


def test_a_message_id_is_never_given_twice(database: Database, digest_id: int) -> None:
    with pytest.raises(StorageError), database.write() as conn:
        conn.exec_driver_sql("UPDATE deliveries SET message_id = '<same>'")
    with pytest.raises(IntegrityError), database.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE deliveries SET message_id = '<same>'")


def test_what_a_dead_claimer_left_is_taken_over_under_the_same_message_id(database: Database, digest_id: int) -> None:
    claim(database, owner="dead")
    taken = claim(database, owner="me", dead=["dead"])
    assert taken is not None
    assert (taken.message_id, taken.attempts) == ("<a@example.org>", 1)


def test_a_claim_of_somebody_who_may_be_alive_ends_with_its_lease(database: Database, digest_id: int) -> None:
    claim(database, owner="elsewhere")
    almost = claim(database, now=NOW + LEASE - timedelta(seconds=1))
    assert almost is not None
    assert almost.address == "b@example.org"
    over = claim(database, now=NOW + LEASE)
    assert over is not None
    assert over.address == "a@example.org"


def test_a_run_goes_on_behind_what_it_has_tried(database: Database, digest_id: int) -> None:
    delivery = claim(database, after=2)
    assert delivery is not None
    assert delivery.id == 3
    assert claim(database, after=3) is None


def test_only_one_digests_deliveries_are_claimed_where_one_is_named(database: Database, digest_id: int) -> None:
    assert claim(database, digest_id=digest_id + 1) is None
    assert claim(database, digest_id=digest_id) is not None


def test_what_is_refused_for_now_waits_for_its_time_unless_it_is_forced(database: Database, digest_id: int) -> None:
    claim_all(database)
    with database.write() as conn:
        mark_waiting(conn, 1, "try again", LATER)
        assert last_error(conn, digest_id) == "try again"
    assert claim_all(database) == []
    assert claim_all(database, is_forced=True) == ["a@example.org"]
    with database.write() as conn:
        mark_waiting(conn, 1, "try again", LATER)
    assert claim_all(database, now=LATER) == ["a@example.org"]


def test_what_is_refused_for_good_is_not_tried_again(database: Database, digest_id: int) -> None:
    with database.write() as conn:
        mark_refused(conn, 1, "no such user", NOW)
        mark_sent(conn, 2, NOW)
        assert addresses_served(conn, digest_id) == {"a@example.org", "b@example.org"}
        assert count_states(conn) == {digest_id: Counter(refused=1, sent=1, owed=1)}
    assert claim_all(database, is_forced=True, now=NOW + timedelta(days=9)) == ["c@example.org"]


def test_everything_owed_can_be_put_off_at_once(database: Database, digest_id: int) -> None:
    with database.write() as conn:
        mark_sent(conn, 1, NOW)
        assert postpone(conn, "no server", LATER) == 2
        assert postpone(conn, "no server", LATER) == 0
    assert claim_all(database) == []
    assert claim_all(database, now=LATER) == ["b@example.org", "c@example.org"]


def test_a_sent_delivery_has_no_claim_and_no_error(database: Database, digest_id: int) -> None:
    claim(database)
    with database.write() as conn:
        mark_waiting(conn, 1, "try again", NOW)
        mark_sent(conn, 1, LATER)
    told = rows(database, "deliveries", "state", "claimed_by", "claimed_at", "error", "finished_at")[0]
    assert told == ("sent", None, None, "", LATER)


def test_the_windows_readers_have_heard_of_are_those_that_were_owed(database: Database, digest_id: int) -> None:
    with database.write() as conn:
        series = ensure_series(conn, "weekly", [], NOW)
        add_window(conn, series.id, window("2026-W48"))
        assert mailed_windows(conn, series.id) == {digest_id}
        assert mailed_windows(conn, series.id + 1) == set()
        assert last_error(conn, digest_id) == ""
