"""Pages that are remembered: made once for a crowd, and never shown after anything changed."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from making import NOW, make_post
from making_storage import save
from visiting import make_site, reading
from werkzeug.test import Client

from collector.errors import StorageError
from collector.storage.changes import Changes
from collector.storage.curation import hide_post
from collector.storage.database import Database
from collector.web.answers import Answer
from collector.web.remembering import Remembered
from collector.web.routing import Route
from collector.web.site import Application
from collector.web.visiting import Visit


class Making:
    """Makes pages, and counts them."""

    def __init__(self, size: int = 10, **told: Any) -> None:
        self.made, self._answer = 0, Answer(body=b"x" * size, **told)

    def __call__(self) -> Answer:
        self.made += 1
        return self._answer


def test_a_page_is_made_once_until_the_sign_changes() -> None:
    signs, make = iter([1, 1, 1, 2, 2]), Making()
    remembered = Remembered(lambda: next(signs))
    for _ in range(5):
        assert remembered.recall("/", NOW, make).body == b"x" * 10
    assert make.made == 2


def test_a_page_outlasts_no_minute_since_a_window_may_begin_with_it() -> None:
    make, remembered = Making(), Remembered(lambda: 1)
    for seconds in (0, 59, 60, 61, 130):
        remembered.recall("/", NOW + timedelta(seconds=seconds), make)
    assert make.made == 3


def test_what_changes_while_a_page_is_made_is_not_kept() -> None:
    signs, make = iter([1, 2, 2]), Making()
    remembered = Remembered(lambda: next(signs))

    def make_slowly() -> Answer:
        remembered.recall("/other", NOW, make)  # another reader meets the change first
        return make()

    remembered.recall("/", NOW, make_slowly)
    remembered.recall("/", NOW, make)
    assert make.made == 3


@pytest.mark.parametrize("told", [{"status": 404}, {"is_personal": True}])
def test_personal_pages_and_refusals_are_not_kept(told: dict[str, Any]) -> None:
    make, remembered = Making(**told), Remembered(lambda: 1)
    for _ in range(2):
        remembered.recall("/", NOW, make)
    assert make.made == 2


def test_no_more_is_kept_than_there_is_room_for_and_the_least_asked_for_goes_first() -> None:
    make, remembered = Making(size=10), Remembered(lambda: 1, most=30)
    for path in ("/1", "/2", "/3", "/1", "/4"):
        remembered.recall(path, NOW, make)
    assert make.made == 4
    remembered.recall("/1", NOW, make)
    assert make.made == 4
    remembered.recall("/2", NOW, make)
    assert make.made == 5


def test_every_commit_gives_another_sign_and_reading_gives_none(database: Database) -> None:
    with closing(Changes(database)) as changes:
        signs = [changes.sign()]
        save(database, make_post(1))
        signs.append(changes.sign())
        with database.write() as conn:
            hide_post(conn, "https://fedi.example/@carys/1", NOW)
        signs.append(changes.sign())
        with closing(Database(database.url)) as other:  # as another program has it
            save(other, make_post(2))
        signs.append(changes.sign())
        assert len(set(signs)) == 4
        with database.read() as conn:
            conn.exec_driver_sql("SELECT count(*) FROM posts").scalar()
        assert changes.sign() == signs[-1]


def test_the_sign_of_what_was_not_committed_does_not_count(database: Database) -> None:
    with closing(Changes(database)) as changes, database.write() as conn:
        before = changes.sign()
        conn.exec_driver_sql("DELETE FROM posts")
        during = changes.sign()
    with closing(Changes(database)) as changes:
        assert before == during or not database.is_sqlite


def test_a_file_that_is_written_over_gives_no_sign(database: Database) -> None:
    if database.path is None:
        pytest.skip("of files alone")
    with closing(Changes(database)) as changes:
        changes.sign()
        database.close()
        for file in (database.path, database.path.with_name(database.path.name + "-shm")):
            with file.open("r+b") as written:
                written.write(b"no database" * 3000)
        with pytest.raises(StorageError, match="the file is no SQLite database"):
            changes.sign()


def test_threads_may_ask_side_by_side(database: Database) -> None:
    with closing(Changes(database)) as changes:
        found: list[object] = []
        asking = [threading.Thread(target=lambda: found.append(changes.sign())) for _ in range(8)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1


def test_a_backup_that_was_brought_back_is_another_database(tmp_path: Path, database: Database) -> None:
    if database.path is None:
        pytest.skip("of files alone")
    with closing(Changes(database)) as changes:
        before = changes.sign()
        database.close()
        shutil.copy(database.path, tmp_path / "backup")
        (tmp_path / "backup").replace(database.path)
        after = changes.sign()
        assert after != before
        save(database, make_post(1))
        assert changes.sign() != after
        database.path.unlink()
        with pytest.raises(StorageError):
            changes.sign()


def test_what_is_hung_on_a_link_makes_no_page_of_its_own_and_what_a_page_is_asked_does(database: Database) -> None:
    """Networks put a number of their own on every link: each of a crowd would have the page made anew."""
    made: list[dict[str, str]] = []

    def show(visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
        made.append(visit.query.to_dict())
        return Answer(body=str(visit.query.to_dict()).encode())

    route = Route(path="/list", get=show, is_shared=True, asks=frozenset({"q"}))
    reader = Client(Application(make_site(database), [route], Remembered(lambda: 1)))
    for number in range(3):
        assert reader.get(f"/list?fbclid={number}").text == "{}"
    assert made == [{}]
    assert [reader.get(f"/list?q={asked}&utm_source=x").status_code for asked in ("a", "b")] == [200, 200]
    assert [told["q"] for told in made[1:]] == ["a", "b"]
    assert reader.get("/list").text == "{}"


@pytest.mark.parametrize("path", ["/posts?q=chair", "/posts?after=0.0.0", "/feeds/posts.json?network=bluesky"])
def test_a_list_that_is_asked_for_something_is_not_the_one_that_is_remembered(database: Database, path: str) -> None:
    save(database, make_post(1))
    with reading(database) as reader:
        assert "complaints box" in reader.get(path.partition("?")[0]).text
        assert "complaints box" not in reader.get(path).text


def test_numbers_by_month_are_not_those_by_week(database: Database) -> None:
    save(database, make_post(1))
    with reading(database) as reader:
        assert reader.get("/numbers").text != reader.get("/numbers?by=month").text
