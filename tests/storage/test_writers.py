"""Several programs at one database: one writes at a time, and nobody who reads sees half of it."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
from making import NOW, make_author, make_post
from making_storage import add_watch, make_batch, rows, save
from sqlalchemy import func, select

from collector.errors import DatabaseUnusableError
from collector.storage import schema
from collector.storage.database import Connection, Database
from collector.storage.saving import save_batch
from collector.storage.tables import posts

POSTS = 60


def count(conn: Connection) -> int:
    return conn.execute(select(func.count()).select_from(posts)).scalar() or 0


def save_all(url: str, started: Barrier, results: Any) -> None:
    """What each process does: the same posts by the handful, as fast as it can."""
    database = Database(url)
    started.wait()
    new = 0
    for start in range(0, POSTS, 5):
        told = [make_post(n, author=make_author(handle=f"w{n}@fedi.example")) for n in range(start, start + 5)]
        new += save(database, *told).new
    database.close()
    results.put(new)


def prepare(url: str, started: Barrier, results: Any) -> None:
    database = Database(url)
    started.wait()
    schema.prepare(database)
    database.close()
    results.put(1)


def run_together(target: Any, url: str, number: int) -> list[int]:
    spawn = multiprocessing.get_context("spawn")
    started, results = spawn.Barrier(number), spawn.SimpleQueue()
    processes = [spawn.Process(target=target, args=(url, started, results)) for _ in range(number)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * number
    told = [results.get() for _ in processes]
    results.close()
    return told


def test_two_processes_that_save_the_same_posts_save_each_once(database: Database) -> None:
    told = run_together(save_all, database.url, 2)
    assert sum(told) == POSTS
    assert len(rows(database, "posts", "id")) == len(rows(database, "authors", "id")) == POSTS


def test_processes_that_make_the_tables_at_once_do_not_disturb_each_other(database_url: str) -> None:
    assert run_together(prepare, database_url, 3) == [1, 1, 1]


def test_a_reader_does_not_wait_for_a_writer_and_sees_what_was_committed(database: Database) -> None:
    with database.write() as writing:
        save_batch(writing, make_batch(add_watch(writing), make_post()))
        with database.read() as reading:
            assert count(reading) == 0
    with database.read() as reading:
        assert count(reading) == 1


def test_a_reader_sees_one_moment_for_as_long_as_it_reads(database: Database) -> None:
    with database.read() as reading:
        assert count(reading) == 0
        save(database, make_post())
        assert count(reading) == 0
    with database.read() as reading:
        assert count(reading) == 1


def test_a_connection_that_read_can_write_afterwards_and_the_other_way_round(database: Database) -> None:
    for number in range(3):
        with database.read() as conn:
            assert count(conn) == number
        save(database, make_post(number))


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    with database.write() as conn:
        watch = add_watch(conn)
    with pytest.raises(KeyError), database.write() as conn:
        fail_after_saving(conn, make_batch(watch, make_post()))
    assert rows(database, "posts", "id") == rows(database, "authors", "id") == []
    save(database, make_post())


def fail_after_saving(conn: Connection, batch: Any) -> None:
    save_batch(conn, batch)
    raise KeyError


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseUnusableError, match="read-only"), database.read() as conn:
        conn.execute(posts.update().values(hidden_at=NOW))
