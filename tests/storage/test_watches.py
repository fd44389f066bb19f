"""Watches and hosts: who is asked, what is due, what is known already."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from making import NOW, make_post
from making_storage import add_watch, make_batch, make_rejection, rows, want

from collector.errors import Condition
from collector.model import Depth, HostState, Walk, Watch, WatchState
from collector.storage.database import Database
from collector.storage.saving import save_batch
from collector.storage.watches import (
    all_watches,
    due_watches,
    ensure_watch,
    host_states,
    known_ids,
    save_host_state,
    save_watch_state,
    sync_watches,
    wake_watches,
)

LATER = NOW + timedelta(minutes=10)
DAY = timedelta(days=1)


def sync(database: Database, *wanted: object) -> list[Watch]:
    with database.write() as conn:
        sync_watches(conn, (one for one in wanted), NOW)  # type: ignore[misc]
        return all_watches(conn)


def set_state(database: Database, watch: Watch, **changes: object) -> None:
    with database.write() as conn:
        save_watch_state(conn, watch.id, replace(watch.state, **changes))  # type: ignore[arg-type]


def due(database: Database) -> list[str]:
    with database.read() as conn:
        return [watch.name for watch in due_watches(conn, NOW)]


def test_a_configured_watch_is_due_at_once(database: Database) -> None:
    (watch,) = sync(database, want())
    assert watch.key == want().key
    assert watch.state == WatchState(next_poll_at=NOW)
    assert due(database) == ["our server"]


def test_a_new_label_restarts_nothing(database: Database) -> None:
    (before,) = sync(database, want("old label"))
    set_state(database, before, began_at=NOW, next_poll_at=LATER)
    (after,) = sync(database, want("new label"))
    assert (after.id, after.name, after.state) == (before.id, "new label", WatchState(began_at=NOW, next_poll_at=LATER))


def test_another_hashtag_is_another_watch(database: Database) -> None:
    assert len(sync(database, want(), want(hashtag="notcopro"))) == 2


def test_a_watch_that_is_configured_no_more_retires_and_keeps_what_it_knows(database: Database) -> None:
    (watch,) = sync(database, want())
    set_state(database, watch, began_at=NOW)
    (retired,) = sync(database)
    assert retired.is_retired
    assert retired.state == WatchState(began_at=NOW)
    assert due(database) == []


def test_a_watch_that_is_configured_again_goes_on_at_once(database: Database) -> None:
    (watch,) = sync(database, want())
    set_state(database, watch, began_at=NOW)
    sync(database)
    (again,) = sync(database, want())
    assert not again.is_retired
    assert again.state == WatchState(began_at=NOW, next_poll_at=NOW)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param({"next_poll_at": NOW + 9 * DAY}, id="never asked"),
        pytest.param({"last_round_at": NOW + 9 * DAY, "next_poll_at": NOW + 9 * DAY}, id="asked in a time to come"),
        pytest.param({"last_round_at": NOW - DAY, "next_poll_at": NOW + 365 * DAY}, id="in the middle of a round"),
    ],
)
def test_what_a_clock_that_ran_ahead_put_off_is_due_at_once(database: Database, written: dict[str, datetime]) -> None:
    (watch,) = sync(database, want())
    set_state(database, watch, **written)
    assert due(database) == ["our server"]


def test_a_clock_that_runs_ahead_puts_nothing_off_that_it_wakes(database: Database) -> None:
    (watch,) = sync(database, want())
    set_state(database, watch, condition=Condition.NEEDS_TOKEN, last_round_at=NOW - DAY, next_poll_at=NOW)
    with database.write() as conn:
        wake_watches(conn, NOW + 9 * DAY)
    assert due(database) == ["our server"]


def test_a_host_is_held_no_longer_than_any_host_asks_for() -> None:
    held = [HostState(address="a", blocked_until=NOW + wait) for wait in (timedelta(0), DAY, 9 * DAY)]
    assert [host.is_held(NOW) for host in held] == [False, True, False]


def test_a_watch_for_posts_added_by_hand_is_made_once_is_never_due_and_never_retires(database: Database) -> None:
    with database.write() as conn:
        by_hand = ensure_watch(conn, want("by hand", hashtag=""))
        assert ensure_watch(conn, want("by hand", hashtag="")) == by_hand
    assert sync(database) == [by_hand]
    assert due(database) == []


def test_a_state_is_read_back_as_it_was_saved(database: Database) -> None:
    walk = Walk(depth=Depth.DEEP, started_at=NOW, horizon=NOW - timedelta(days=30), cursor="01ABC", seen=7)
    state = WatchState(
        began_at=NOW,
        last_round_at=NOW,
        last_success_at=NOW,
        last_complete_at=NOW,
        last_deep_at=NOW,
        next_poll_at=LATER,
        failures=3,
        failing_since=NOW,
        condition=Condition.BAD_TOKEN,
        message="the server refuses the token",
        walk=walk,
        backfill=replace(walk, depth=Depth.ALL, horizon=None),
        account_domain="example.org",
        interval=timedelta(minutes=12, seconds=30),
        looked_until=LATER,
    )
    (watch,) = sync(database, want())
    with database.write() as conn:
        save_watch_state(conn, watch.id, state)
    with database.read() as conn:
        assert all_watches(conn) == [replace(watch, state=state)]


def test_what_waits_longest_is_asked_first(database: Database) -> None:
    names = ["b", "a", "c", "not yet"]
    for number, watch in enumerate(sync(database, *(want(name, hashtag=name) for name in names))):
        minutes = {"a": 5, "b": 10, "c": 0, "not yet": -1}[watch.name]
        set_state(database, watch, last_round_at=NOW, next_poll_at=NOW - timedelta(minutes=minutes), failures=number)
    assert due(database) == ["b", "a", "c"]


def test_a_host_that_is_to_be_left_alone_is_not_asked(database: Database) -> None:
    sync(database, want("blocked"), want("free", address="https://social.example"))
    with database.write() as conn:
        save_host_state(conn, HostState(address="https://fedi.example", blocked_until=LATER))
        save_host_state(conn, HostState(address="https://social.example", blocked_until=NOW))
    assert due(database) == ["free"]


def test_a_hosts_state_is_replaced_by_the_next(database: Database) -> None:
    first = HostState(address="https://a.example", blocked_until=LATER, failures=2, reason="busy", is_told=True)
    second = HostState(address="https://a.example")
    with database.write() as conn:
        for state in (first, second):
            save_host_state(conn, state)
            assert host_states(conn) == {"https://a.example": state}


def test_a_fault_that_a_person_may_have_mended_is_tried_again_and_no_other(database: Database) -> None:
    conditions = {"token": Condition.NEEDS_TOKEN, "busy": Condition.RATE_LIMITED, "fine": Condition.OK}
    for watch in sync(database, *(want(name, hashtag=name) for name in conditions)):
        set_state(database, watch, condition=conditions[watch.name], last_round_at=NOW, next_poll_at=LATER)
    with database.write() as conn:
        wake_watches(conn, NOW)
    assert due(database) == ["token"]


def test_ids_are_known_as_posts_or_as_something_unreadable_to_this_watch_alone(database: Database) -> None:
    with database.write() as conn:
        ours, other = add_watch(conn), add_watch(conn, "other", address="https://social.example")
        save_batch(conn, make_batch(ours, make_post(1), rejections=(make_rejection("bad"),)))
        save_batch(conn, make_batch(other, make_post(2)))
        assert known_ids(conn, ours.id, ["1", "2", "bad", "new"]) == {"1", "bad"}
        assert known_ids(conn, ours.id, []) == set()


def test_any_number_of_ids_can_be_asked_for(database: Database) -> None:
    with database.write() as conn:
        watch = add_watch(conn)
        save_batch(conn, make_batch(watch, make_post(7)))
        assert known_ids(conn, watch.id, [str(number) for number in range(70_000)]) == {"7"}


def test_syncing_twice_changes_nothing(database: Database) -> None:
    sync(database, want(), want("other", hashtag="notcopro"))
    before = rows(database, "watches", "id", "name", "next_poll_at")
    sync(database, want(), want("other", hashtag="notcopro"))
    assert rows(database, "watches", "id", "name", "next_poll_at") == before
