"""Leaving is for good: no import, no configuration and no backup that is brought back undoes it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from making import NOW
from making_storage import dump, rows
from reading_mail import key_of, make_readership, post, signer_of, standing_of, token_in
from smtpserver import MailServer
from sqlalchemy import Engine, event

from collector.links.personal import settings_token, unsubscribe_token
from collector.model import Consent, Origin
from collector.storage import schema
from collector.storage.database import Database
from collector.storage.recipients import find_left, gather_recipients, measure_readers
from collector.storage.refusals import Refusals
from collector.storage.remembering import read_file
from collector.storage.tables import deliveries, digests, refusals, series, subscribers, subscriptions
from collector.subscribing.adding import Newcomer, add_readers
from collector.subscribing.deciding import Outcome
from collector.subscribing.leaving import erase, erase_by_link, remove, tidy_readers, unsubscribe
from collector.subscribing.readership import Readership
from collector.subscribing.remembering import leave_again
from collector.subscribing.signing import choose, confirm, sign_up

JO, MO = "jo@example.org", "mo@example.org"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AGREED = Consent(source="paper", given_at=NOW - DAY)


@pytest.fixture
def readership(database: Database, tmp_path: Path) -> Readership:
    return make_readership(database, tmp_path)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def add(readership: Readership, *addresses: str, name: str = "weekly") -> list[Outcome]:
    people = [Newcomer(address=address, consent=AGREED) for address in addresses]
    return add_readers(readership, people, name, Origin.IMPORT, NOW)


def leave(readership: Readership, address: str = JO, name: str = "weekly", *, at: timedelta = HOUR) -> None:
    token = unsubscribe_token(signer_of(readership.database), key_of(readership.database, address), name)
    unsubscribe(readership, token, "one click", NOW + at)


def join(readership: Readership, server: MailServer, at: timedelta) -> None:
    """Jo signs up by themselves."""
    sign_up(readership, JO, ["weekly"], NOW + at)
    post(readership, server, NOW + at)
    confirm(readership, token_in(server.messages[-1]), NOW + at)


def getting(readership: Readership, *fixed: str, name: str = "weekly") -> list[str]:
    with readership.database.write() as conn:
        return gather_recipients(conn, name, fixed, NOW)


def test_who_was_added_gets_it_and_is_mailed_nothing(readership: Readership) -> None:
    assert add(readership, JO, MO) == [Outcome.ADDED, Outcome.ADDED]
    assert getting(readership) == [JO, MO]
    assert rows(readership.database, "letters", "id") == []
    assert rows(readership.database, "subscriptions", "origin", "consent_source", "consent_at")[0] == (
        "import",
        "paper",
        NOW - DAY,
    )


def test_one_list_names_somebody_once_however_it_writes_them(readership: Readership) -> None:
    assert add(readership, JO, "JO@Example.org", MO) == [Outcome.ADDED, Outcome.KNOWN, Outcome.ADDED]
    assert add(readership, "jO@example.org") == [Outcome.KNOWN]
    assert len(rows(readership.database, "subscribers", "id")) == 2


def test_no_list_brings_back_who_left_nor_adds_them_to_another_series(readership: Readership) -> None:
    add(readership, JO)
    leave(readership)
    assert add(readership, JO) == [Outcome.REFUSED]
    assert add(readership, JO, name="second") == [Outcome.REFUSED]
    assert getting(readership, JO) == []
    assert getting(readership, JO, name="second") == []


def test_who_left_one_series_of_two_can_be_given_a_third(readership: Readership) -> None:
    add(readership, JO)
    add(readership, JO, name="second")
    leave(readership)
    assert (add(readership, JO), add(readership, JO, name="closed")) == ([Outcome.REFUSED], [Outcome.ADDED])


def test_who_comes_back_by_themselves_is_no_more_remembered(readership: Readership, server: MailServer) -> None:
    add(readership, JO)
    leave(readership)
    assert len(rows(readership.database, "refusals", "mark")) == 2
    join(readership, server, 2 * HOUR)
    assert rows(readership.database, "refusals", "mark") == []
    assert read_file(readership.refusals, Refusals).marks == {}
    assert getting(readership) == [JO]


def test_choosing_a_series_again_counts_as_coming_back(readership: Readership) -> None:
    add(readership, JO)
    token = settings_token(signer_of(readership.database), key_of(readership.database, JO))
    choose(readership, token, set(), NOW + HOUR)
    assert len(rows(readership.database, "refusals", "mark")) == 2
    choose(readership, token, {"weekly"}, NOW + 2 * HOUR)
    assert rows(readership.database, "refusals", "mark") == []


def test_an_address_that_bounced_is_not_added(readership: Readership) -> None:
    add(readership, JO)
    with readership.database.write() as conn:
        conn.execute(subscribers.update().values(bounced_at=NOW))
    assert add(readership, JO, name="second") == [Outcome.BOUNCED]


def test_who_left_is_not_brought_back_by_somebody_who_signs_them_up(readership: Readership) -> None:
    database = readership.database
    with database.write() as conn:
        gather_recipients(conn, "weekly", [JO], NOW)
    leave(readership, at=HOUR)
    sign_up(readership, JO, ["weekly"], NOW + 2 * HOUR)
    with database.write() as conn:
        assert gather_recipients(conn, "weekly", [JO], NOW + DAY) == []
        assert find_left(conn, "weekly", [JO]) == [JO]


def test_a_fixed_address_that_left_is_told_and_gets_nothing_even_when_all_else_is_erased(
    readership: Readership,
) -> None:
    assert getting(readership, JO, MO) == [JO, MO]
    leave(readership)
    for at in (timedelta(), 31 * DAY):
        tidy_readers(readership, NOW + at)
        with readership.database.read() as conn:
            told = measure_readers(conn, "weekly", [JO, MO])
            assert find_left(conn, "weekly", [JO, MO]) == [JO]
        assert told.recipients == 1
        assert getting(readership, JO, MO) == [MO]
    assert rows(readership.database, "subscribers", "address") == [MO]


def test_the_operator_takes_somebody_off_as_their_own_link_does(readership: Readership) -> None:
    add(readership, JO)
    add(readership, JO, name="second")
    assert remove(readership, JO, "second", "command", NOW)[1] == ("second",)
    assert remove(readership, JO, None, "command", NOW)[1] == ("weekly",)
    assert remove(readership, "nobody@example.org", None, "command", NOW) == (None, ())
    assert add(readership, JO) == [Outcome.REFUSED]


def test_a_month_after_leaving_nothing_is_held_but_a_hash(readership: Readership) -> None:
    add(readership, JO, MO)
    leave(readership)
    _send(readership.database, JO)
    assert tidy_readers(readership, NOW + HOUR + 30 * DAY) == 0
    assert tidy_readers(readership, NOW + HOUR + 30 * DAY + timedelta(seconds=1)) == 1
    assert rows(readership.database, "subscribers", "address") == [MO]
    assert JO not in repr(dump(readership.database))
    assert JO not in readership.refusals.read_text()
    assert add(readership, JO) == [Outcome.REFUSED]


def _send(database: Database, address: str) -> None:
    with database.write() as conn:
        conn.execute(series.insert().values(id=1, name="weekly", started_at=NOW))
        window = {"series_id": 1, "starts_at": NOW, "ends_at": NOW + DAY, "timezone": "UTC", "state": "built"}
        conn.execute(digests.insert().values(id=1, name="2026-W47", **window))
        sent = {"digest_id": 1, "kind": "digest", "created_at": NOW, "address": address}
        conn.execute(deliveries.insert().values(state="sent", message_id="<1>", **sent))
        conn.execute(deliveries.insert().values(state="owed", message_id="<2>", **(sent | {"kind": "sign of life"})))


def test_who_erases_themselves_is_gone_from_every_table_at_once(readership: Readership) -> None:
    add(readership, JO)
    _send(readership.database, JO)
    erase_by_link(
        readership, settings_token(signer_of(readership.database), key_of(readership.database, JO)), NOW + HOUR
    )
    assert JO not in repr(dump(readership.database))
    assert rows(readership.database, "deliveries", "address", "state") == [("forgotten:1", "sent")]
    assert add(readership, JO) == [Outcome.REFUSED]


@pytest.fixture
def _careless_sqlite() -> Iterator[None]:
    """SQLite as it is built where nobody asked for more: what is deleted stands on in the file."""

    def be_careless(connection: object, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA secure_delete = OFF")

    event.listen(Engine, "connect", be_careless)
    yield
    event.remove(Engine, "connect", be_careless)


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("way", ["link", "command"])
@pytest.mark.usefixtures("_careless_sqlite")
def test_no_file_of_the_database_holds_who_was_erased_though_it_stays_open(
    readership: Readership, database_url: str, way: str
) -> None:
    with closing(Database(database_url)) as opened:  # as a daemon's stays
        schema.prepare(opened)
        theirs = replace(readership, database=opened)
        add(theirs, JO, MO)
        if way == "link":
            erase_by_link(theirs, settings_token(signer_of(opened), key_of(opened, JO)), NOW + HOUR)
        else:
            erase(theirs, JO, NOW + HOUR)
        assert opened.path is not None
        files = {file.name: file.read_bytes() for file in opened.path.parent.glob(f"{opened.path.name}*")}
        assert [name for name, content in files.items() if JO.encode() in content] == []
        assert any(MO.encode() in content for content in files.values())


def test_somebody_unknown_can_be_kept_from_ever_being_imported(readership: Readership) -> None:
    assert erase(readership, JO, NOW) is False
    assert add(readership, JO) == [Outcome.REFUSED]


def _restore(readership: Readership, before: dict[str, list[dict[str, object]]]) -> None:
    """The tables about readers as they were, as a backup brings them back."""
    with readership.database.write() as conn:
        for table in (subscriptions, subscribers, refusals):
            conn.execute(table.delete())
        for table in (subscribers, subscriptions, refusals):
            if before[table.name]:
                conn.execute(table.insert(), before[table.name])


def _backup(readership: Readership) -> dict[str, list[dict[str, object]]]:
    with readership.database.read() as conn:
        return {
            table.name: [dict(row) for row in conn.execute(table.select()).mappings()]
            for table in (subscribers, subscriptions, refusals)
        }


@pytest.mark.parametrize("way", ["link", "command", "time"])
def test_mails_in_the_outbox_go_with_whoever_is_erased(readership: Readership, way: str) -> None:
    add(readership, JO, MO)
    folder = readership.settings.mail.outbox
    folder.mkdir()
    for name, to in (("one", JO), ("two", MO), ("three", JO.title())):
        (folder / f"{name}.eml").write_text(f"From: a@example.org\nTo: {to}\n\nTo: {MO}\n")
    if way == "link":
        token = settings_token(signer_of(readership.database), key_of(readership.database, JO))
        erase_by_link(readership, token, NOW)
    elif way == "command":
        erase(readership, JO, NOW)
    else:
        leave(readership)
        tidy_readers(readership, NOW + 31 * DAY)
    assert [path.name for path in sorted(folder.iterdir())] == ["two.eml"]


def test_a_backup_does_not_bring_back_who_left_since(readership: Readership) -> None:
    add(readership, JO, MO)
    before = _backup(readership)
    leave(readership)
    erase(readership, MO, NOW + HOUR)
    _restore(readership, before)
    assert getting(readership) == [JO, MO]
    assert leave_again(readership, NOW + DAY) == 2
    assert getting(readership) == []
    assert rows(readership.database, "subscriptions", "ended_why", "ended_at") == [("restored", NOW + HOUR)]
    assert leave_again(readership, NOW + DAY) == 0


def test_a_backup_does_not_bring_back_who_was_erased_since(readership: Readership, server: MailServer) -> None:
    add(readership, JO, MO)
    _send(readership.database, MO)
    before = _backup(readership)
    erase(readership, JO, NOW + HOUR)
    erase(readership, MO, NOW + HOUR)
    join(readership, server, 2 * HOUR)
    since = _backup(readership)
    _restore(readership, before)
    leave_again(readership, NOW + DAY)
    assert MO not in repr(dump(readership.database))
    _restore(readership, since)
    assert leave_again(readership, NOW + DAY) == 0
    assert getting(readership) == [JO]


def test_a_later_confirmation_wins_over_an_earlier_leaving(readership: Readership, server: MailServer) -> None:
    add(readership, JO)
    leave(readership)
    left = readership.refusals.read_bytes()
    join(readership, server, 2 * HOUR)
    readership.refusals.write_bytes(left)  # the file of an hour before
    assert leave_again(readership, NOW + DAY) == 0
    assert getting(readership) == [JO]
    assert read_file(readership.refusals, Refusals).marks == {}


def test_a_new_database_beside_the_old_file_still_knows_who_left(
    readership: Readership, tmp_path: Path, database: Database
) -> None:
    add(readership, JO)
    leave(readership)
    with database.write() as conn:
        for table in (subscriptions, subscribers, refusals):
            conn.execute(table.delete())
        conn.exec_driver_sql("DELETE FROM about WHERE key = 'refusal_keys'")
    leave_again(readership, NOW + DAY)
    assert add(readership, JO, MO) == [Outcome.REFUSED, Outcome.ADDED]
    leave(readership, MO)
    assert len(read_file(readership.refusals, Refusals).keys) == 1


@pytest.mark.parametrize("damage", ["a folder", "nonsense"])
def test_nobody_is_kept_because_the_file_cannot_be_written(readership: Readership, damage: str) -> None:
    add(readership, JO)
    if damage == "a folder":
        readership.refusals.mkdir()
    else:
        readership.refusals.write_text("nonsense\n")
    leave(readership)
    assert getting(readership) == []
    assert add(readership, JO) == [Outcome.REFUSED]
    if damage == "a folder":
        shutil.rmtree(readership.refusals)
    else:
        assert readership.refusals.read_text() == "nonsense\n"


def test_leaving_twice_changes_nothing(readership: Readership) -> None:
    add(readership, JO)
    leave(readership)
    before = dump(readership.database)
    leave(readership, at=2 * HOUR)
    assert dump(readership.database) == before
    assert standing_of(readership.database, JO) == {"weekly": "ended"}
