"""What was asked of hosts, shared by all processes on a database."""

from __future__ import annotations

from datetime import timedelta

from making import NOW

from collector.model import HostState, Spent
from collector.storage.database import Database
from collector.storage.hosts import add_spent, read_spent
from collector.storage.watches import host_states, save_host_state

MINUTE = timedelta(minutes=1)
ONE, OTHER = "https://one.example", "https://other.example"


def test_what_several_processes_asked_adds_up(database: Database) -> None:
    for seconds in (0, 20, 70):
        with database.write() as conn:
            now = NOW + timedelta(seconds=seconds)
            stored = add_spent(conn, {ONE: Spent.at(now, 3, 1)}, now)
    expected = {ONE: Spent.at(NOW, 6, 2) + Spent.at(NOW + MINUTE, 3, 1)}
    with database.read() as conn:
        assert read_spent(conn) == stored == expected


def test_what_is_long_over_or_lies_ahead_is_dropped(database: Database) -> None:
    for now in (NOW - timedelta(hours=5), NOW + timedelta(days=900), NOW):
        with database.write() as conn:
            add_spent(conn, {ONE: Spent.at(now, 9), OTHER: Spent.at(now, 1)}, now)
    with database.read() as conn:
        assert read_spent(conn) == {ONE: Spent.at(NOW, 9), OTHER: Spent.at(NOW, 1)}


def test_a_host_s_troubles_and_its_spending_do_not_touch_each_other(database: Database) -> None:
    trouble = HostState(address=ONE, blocked_until=NOW + MINUTE, failures=2, reason="busy")
    with database.write() as conn:
        save_host_state(conn, trouble)
        add_spent(conn, {ONE: Spent.at(NOW, 9)}, NOW)
        assert host_states(conn) == {ONE: trouble}
        save_host_state(conn, HostState(address=ONE))
        assert read_spent(conn) == {ONE: Spent.at(NOW, 9)}
