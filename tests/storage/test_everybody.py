"""Everybody the database knows, as an export must know them to leave them out."""

from __future__ import annotations

from datetime import timedelta

from making import NOW, make_author, make_post
from making_storage import save

from collector.model import Erasure, KnownPerson, Wish
from collector.storage.curation import hide_author
from collector.storage.database import Database
from collector.storage.erasing import erase_posts
from collector.storage.everybody import all_people


def everybody(database: Database) -> list[KnownPerson]:
    with database.read() as conn:
        return list(all_people(conn))


def test_everybody_is_known_also_those_who_are_not_shown(database: Database) -> None:
    asha, mair = (
        make_author(handle="asha@x.example", wishes=frozenset({Wish.NOBOT})),
        make_author(handle="mair@y.example"),
    )
    save(database, make_post(1), make_post(2, author=asha), make_post(3, author=mair))
    with database.write() as conn:
        hide_author(conn, mair.handle, NOW)
    assert everybody(database) == [
        KnownPerson(key=each.key, handle=each.handle, name="Carys", url=each.url)
        for each in (make_author(), asha, mair)
    ]


def test_handles_of_before_are_told_apart_from_that_of_today(database: Database) -> None:
    for number, handle in enumerate(("one.example", "two.example", "Three.example")):
        author = make_author(key="did:plc:dai", handle=handle, url=None)
        save(database, make_post(number, author=author, network="bluesky"), fetched_at=NOW + timedelta(hours=number))
    (person,) = everybody(database)
    assert (person.handle, person.past_handles) == ("Three.example", ("one.example", "two.example"))


def test_nobody_stands_for_those_of_whom_nothing_is_left(database: Database) -> None:
    save(database, make_post(1))
    with database.write() as conn:
        erase_posts(conn, [1], Erasure.TAKEN_BACK, NOW)
    assert everybody(database) == []
