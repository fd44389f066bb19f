"""What was kept as long as the configuration wants is erased, and is not collected once more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from making import NOW, make_post
from making_storage import add_watch, dump, make_batch, make_rejection, rows, save, shown

from collector.model import Saved
from collector.storage.database import Database
from collector.storage.expiring import Expired, Retention, expire
from collector.storage.saving import save_batch

DAY = timedelta(days=1)
OLD = make_post(1, published_at=NOW - 900 * DAY)


def count(database: Database, table: str) -> int:
    return len(dump(database)[table])


def test_nothing_is_erased_that_is_to_be_kept_for_ever(database: Database) -> None:
    save(database, OLD, rejections=(make_rejection(),))
    before = dump(database)
    assert not expire(database, Retention(), NOW + 9999 * DAY)
    assert dump(database) == before


def test_a_post_is_kept_from_when_it_was_found_not_from_when_it_was_written(database: Database) -> None:
    save(database, OLD)
    retention = Retention(posts=365 * DAY)
    assert not expire(database, retention, NOW + 365 * DAY)
    assert len(shown(database)) == 1
    assert expire(database, retention, NOW + 366 * DAY) == Expired(posts=1)
    assert shown(database) == []
    assert rows(database, "posts", "uri", "text", "erased_why") == [(OLD.uri, "", "expired")]


def test_what_expired_is_not_collected_once_more_while_its_server_goes_on_showing_it(database: Database) -> None:
    save(database, OLD)
    expire(database, Retention(posts=DAY), NOW + 2 * DAY)
    for day in range(3, 6):
        assert save(database, OLD, make_post(2), fetched_at=NOW + day * DAY) == Saved(new=day == 3, same=day != 3)
    assert [row.uri for row in shown(database)] == [make_post(2).uri]
    assert rows(database, "posts", "text")[0] == ""
    assert count(database, "raw_answers") == 1


def test_raw_answers_go_before_their_posts_and_do_not_come_back(database: Database) -> None:
    save(database, OLD, rejections=(make_rejection(),))
    retention = Retention(raw=30 * DAY)
    assert expire(database, retention, NOW + 31 * DAY) == Expired(raw=2)
    with database.write() as conn:
        batch = make_batch(add_watch(conn, "fedi.example"), OLD, fetched_at=NOW + 32 * DAY)
        save_batch(conn, batch, keep_raw_for=30 * DAY)
    assert (count(database, "raw_answers"), len(shown(database))) == (0, 1)


def test_earlier_texts_go_by_when_they_were_replaced(database: Database) -> None:
    save(database, make_post(1, text="First. #notcoproduction"))
    save(database, make_post(1, text="Second. #notcoproduction", edited_at=NOW), fetched_at=NOW + 10 * DAY)
    retention = Retention(revisions=30 * DAY)
    assert not expire(database, retention, NOW + 40 * DAY)
    assert expire(database, retention, NOW + 41 * DAY) == Expired(revisions=1)
    assert [row.text for row in shown(database)] == ["Second. #notcoproduction"]


@pytest.mark.parametrize("number", [1, 2_300])
def test_however_many_there_are_they_all_go(database: Database, number: int) -> None:
    save(database, *(make_post(one) for one in range(number)))
    assert expire(database, Retention(posts=DAY), NOW + 2 * DAY).posts == number
    assert not expire(database, Retention(posts=DAY), NOW + 2 * DAY)
