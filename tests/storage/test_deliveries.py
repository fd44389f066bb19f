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
from collector.storage.claims import LEASE
from collector.storage.database import Database
from collector.storage.deliveries import (
    Claimer,
    Delivery,
    claim_some,
    claimers,
    count_in_hand,
    count_states,
    first_live,
    hand_overs_since,
    let_go,
    mailed_windows,
    mark_refused,
    mark_sent,
    mark_waiting,
    owe,
    postpone,
    release,
    served_and_owed,
)
from collector.storage.pausing import count_tries, find_paused, pause, resume
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
    claimer = Claimer(owner=owner, dead=list(dead), digest_id=digest_id, is_forced=is_forced, after=after)
    with database.write() as conn:
        return next(iter(claim_some(conn, claimer, now, 1)), None)


def claim_all(database: Database, owner: str = "me", now: datetime = NOW, *, is_forced: bool = False) -> list[str]:
    with database.write() as conn:
        claimed = claim_some(conn, Claimer(owner=owner, is_forced=is_forced), now, 100)
    return [delivery.address for delivery in claimed]


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
    assert (taken.message_id, taken.attempts) == ("<a@example.org>", 0)


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
        mark_waiting(conn, 1, "try again", LATER, NOW)
    assert claim_all(database) == []
    assert claim_all(database, is_forced=True) == ["a@example.org"]
    with database.write() as conn:
        mark_waiting(conn, 1, "try again", LATER, NOW)
    assert claim_all(database, now=LATER) == ["a@example.org"]


def test_what_is_refused_for_good_is_not_tried_again(database: Database, digest_id: int) -> None:
    with database.write() as conn:
        mark_refused(conn, 1, "no such user", NOW)
        mark_sent(conn, 2, NOW)
        assert served_and_owed(conn, digest_id) == (["a@example.org", "b@example.org"], ["c@example.org"])
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
        mark_waiting(conn, 1, "try again", NOW, NOW)
        mark_sent(conn, 1, LATER)
    told = rows(database, "deliveries", "state", "claimed_by", "claimed_at", "error", "finished_at")[0]
    assert told == ("sent", None, None, "", LATER)


def test_the_windows_readers_have_heard_of_are_those_that_were_owed(database: Database, digest_id: int) -> None:
    with database.write() as conn:
        series = ensure_series(conn, "weekly", [], NOW)
        add_window(conn, series.id, window("2026-W48"))
        assert mailed_windows(conn, series.id) == {digest_id}
        assert mailed_windows(conn, series.id + 1) == set()


def test_several_are_claimed_together_in_their_order(database: Database, digest_id: int) -> None:
    with database.write() as conn:
        first = claim_some(conn, Claimer(owner="me"), NOW, 2)
        assert [delivery.address for delivery in first] == ["a@example.org", "b@example.org"]
        assert count_in_hand(conn, [], NOW) == 2
        assert [delivery.address for delivery in claim_some(conn, Claimer(owner="me"), NOW, 2)] == ["c@example.org"]


def test_what_was_claimed_and_not_handed_over_can_be_given_back(database: Database, digest_id: int) -> None:
    claim_all(database)
    with database.write() as conn:
        release(conn, [2, 3])
        assert claimers(conn) == {"me"}
    assert claim_all(database, owner="somebody else") == ["b@example.org", "c@example.org"]


def test_a_claim_of_the_dead_is_in_nobodys_hand(database: Database, digest_id: int) -> None:
    claim(database, owner="dead")
    claim(database, owner="me")
    with database.read() as conn:
        assert count_in_hand(conn, ["dead"], NOW) == 1
        assert count_in_hand(conn, [], NOW + LEASE) == 0


def test_the_first_that_is_not_finished_is_known(database: Database, digest_id: int) -> None:
    with database.write() as conn:
        assert first_live(conn) == 1
        mark_sent(conn, 1, NOW)
        assert first_live(conn) == 2
        mark_refused(conn, 2, "no", NOW)
        let_go(conn, [3], NOW)
        assert first_live(conn) is None


def test_hand_overs_of_the_last_minute_are_counted_whatever_came_of_them(database: Database, digest_id: int) -> None:
    minute = timedelta(minutes=1)
    with database.write() as conn:
        assert hand_overs_since(conn, NOW - minute, NOW) == (0, None)
        mark_sent(conn, 1, NOW)
        mark_waiting(conn, 2, "later", LATER, NOW + timedelta(seconds=9))
        mark_waiting(conn, 3, "no server", LATER, None)
        at = NOW + timedelta(seconds=10)
        assert hand_overs_since(conn, at - minute, at) == (2, NOW)
        assert hand_overs_since(conn, NOW, at) == (1, NOW + timedelta(seconds=9))
        assert hand_overs_since(conn, NOW - minute, NOW - timedelta(seconds=1)) == (0, None)


def test_who_left_is_neither_refused_nor_counted(database: Database, digest_id: int) -> None:
    with database.write() as conn:
        let_go(conn, [1, 2], NOW)
        mark_sent(conn, 3, NOW)
        assert count_states(conn) == {digest_id: Counter(sent=1)}
        assert count_tries(conn, digest_id).tried == 1


def test_what_goes_to_no_reader_is_no_digest_that_they_heard_of(database: Database, digest_id: int) -> None:
    with database.write() as conn:
        series = ensure_series(conn, "weekly", [], NOW)
        add_window(conn, series.id, window("2026-W48"))
        other = windows_of(conn, series.id)[1].id
        owe(conn, other, {"me@example.org": "<preview>"}, "preview", NOW)
        assert mailed_windows(conn, series.id) == {digest_id}
        assert count_states(conn).keys() == {digest_id}
        assert served_and_owed(conn, other) == ([], [])


# Pauses


def test_nothing_of_a_digest_that_pauses_is_claimed_until_it_is_resumed(database: Database, digest_id: int) -> None:
    with database.write() as conn:
        mark_sent(conn, 1, NOW)
        pause(conn, digest_id, "51 of 60 mails were refused", NOW)
        (paused,) = find_paused(conn)
    assert (paused.series, paused.name, paused.paused_at, paused.owed) == ("weekly", "2026-W47", NOW, 2)
    assert paused.reason == "51 of 60 mails were refused"
    assert claim_all(database, is_forced=True) == []
    with database.write() as conn:
        resume(conn, digest_id, LATER)
        assert find_paused(conn) == []
    assert claim_all(database) == ["b@example.org", "c@example.org"]


def test_refusals_are_counted_anew_after_a_pause(database: Database, digest_id: int) -> None:
    with database.write() as conn:
        mark_sent(conn, 1, NOW)
        mark_refused(conn, 2, "no", NOW)
        mark_waiting(conn, 3, "later", NOW, NOW)
        before = count_tries(conn, digest_id)
        resume(conn, digest_id, LATER)
        assert count_tries(conn, digest_id) == before, "it did not pause"
        pause(conn, digest_id, "enough", NOW)
        resume(conn, digest_id, LATER)
        after = count_tries(conn, digest_id)
        mark_waiting(conn, 3, "later", LATER, LATER)
        later = count_tries(conn, digest_id)
    assert (before.tried, before.refused, before.since) == (3, 2, None)
    assert (after.tried, after.refused, after.since) == (0, 0, LATER)
    assert (later.tried, later.refused) == (1, 1)
