"""Everybody who gets a series: fixed addresses are subscribers too, and whoever left is left in peace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from making import NOW
from making_storage import rows

from collector.storage.database import Database
from collector.storage.recipients import gather_recipients, welcome
from collector.storage.tables import subscribers, subscriptions

ME, YOU = "me@example.org", "you@example.org"
LATER = NOW + timedelta(days=7)


def gather(database: Database, fixed: Sequence[str] = (), series: str = "weekly") -> list[str]:
    with database.write() as conn:
        return gather_recipients(conn, series, fixed, NOW)


def welcomed(
    database: Database, addresses: Sequence[str], fixed: Sequence[str] = (), series: str = "weekly"
) -> dict[str, str]:
    with database.write() as conn:
        return welcome(conn, series, addresses, fixed, LATER)


def change(database: Database, series: str = "weekly", **values: object) -> None:
    with database.write() as conn:
        conn.execute(subscriptions.update().where(subscriptions.c.series == series).values(values))


def bounce(database: Database) -> None:
    with database.write() as conn:
        conn.execute(subscribers.update().values(bounced_at=NOW))


def test_fixed_addresses_become_subscribers_with_a_key_each(database: Database) -> None:
    with database.write() as conn:
        assert gather_recipients(conn, "weekly", [ME, YOU], NOW) == [ME, YOU]
    first = rows(database, "subscribers", "address", "key")
    assert [address for address, _ in first] == [ME, YOU]
    assert len({key for _, key in first}) == 2
    assert min(len(key) for _, key in first) > 20
    with database.write() as conn:
        assert gather_recipients(conn, "weekly", [ME, YOU], LATER) == [ME, YOU]
    assert rows(database, "subscribers", "address", "key") == first
    assert rows(database, "subscriptions", "state", "origin", "confirmed_at") == [
        ("confirmed", "configuration", NOW),
        ("confirmed", "configuration", NOW),
    ]


def test_one_person_has_one_key_in_all_series_and_however_they_are_written(database: Database) -> None:
    gather(database, ["Jo@example.org"])
    gather(database, ["jo@example.org"], series="monthly")
    assert rows(database, "subscribers", "address", "folded") == [("Jo@example.org", "jo@example.org")]
    assert welcomed(database, ["JO@example.org"], ["jo@example.org"]).keys() == {"JO@example.org"}


def test_who_is_subscribed_gets_it_beside_the_fixed_addresses(database: Database) -> None:
    gather(database, [ME, YOU])
    change(database, origin="page")
    assert gather(database) == [ME, YOU]
    assert gather(database, series="monthly") == []


def test_a_fixed_address_that_left_the_configuration_gets_nothing_and_comes_back_with_it(database: Database) -> None:
    gather(database, [ME, YOU])
    assert gather(database, [YOU]) == [YOU]
    assert gather(database, [ME, YOU]) == [ME, YOU]


def test_a_subscription_of_ones_own_outlasts_being_named_in_another_series(database: Database) -> None:
    gather(database, [ME])
    gather(database, [ME], series="monthly")
    change(database, "weekly", origin="page")
    assert gather(database) == [ME]
    assert gather(database, series="monthly") == []


@pytest.mark.parametrize("state", ["ended", "asked"])
def test_only_confirmed_subscriptions_count(database: Database, state: str) -> None:
    gather(database, [ME])
    change(database, state=state, origin="page")
    assert gather(database) == []


def test_who_ended_is_left_in_peace_though_the_configuration_still_names_them(database: Database) -> None:
    gather(database, [ME])
    change(database, state="ended", ended_at=NOW)
    assert gather(database, [ME]) == []
    assert welcomed(database, [ME], [ME]) == {}


def test_who_only_asked_is_taken_at_the_word_of_the_configuration(database: Database) -> None:
    gather(database, [ME])
    change(database, state="asked", origin="page", confirmed_at=None)
    assert gather(database, [ME]) == [ME]


def test_an_address_that_bounced_gets_nothing(database: Database) -> None:
    gather(database, [ME])
    bounce(database)
    assert gather(database, [ME]) == []
    assert welcomed(database, [ME], [ME]) == {}


def test_welcome_gives_the_keys_of_those_among_these_that_still_get_it(database: Database) -> None:
    gather(database, [ME, YOU])
    keys = dict(rows(database, "subscribers", "address", "key"))
    assert welcomed(database, [ME, "somebody@example.org"], [ME, YOU]) == {ME: keys[ME]}
    assert welcomed(database, [ME, YOU], [YOU]) == {YOU: keys[YOU]}


def test_what_was_owed_to_a_fixed_address_before_there_were_subscribers_still_goes_there(database: Database) -> None:
    assert welcomed(database, [ME], [ME, YOU]).keys() == {ME}
    assert rows(database, "subscribers", "address") == [ME]


def test_ten_thousand_recipients_are_asked_for_in_one_go(database: Database) -> None:
    many = [f"reader{number}@example.org" for number in range(10_000)]
    assert gather(database, many) == many
    assert len(welcomed(database, many[:200], many)) == 200
