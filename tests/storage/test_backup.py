"""Backups: whole, of one moment, made while others write, and brought back as the README says."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from making import NOW, make_post
from making_storage import dump, save, shown
from sqlalchemy import func, select

from collector.errors import StorageError
from collector.model import Erasure
from collector.storage import schema
from collector.storage.backup import back_up, may_be_replaced
from collector.storage.database import Database
from collector.storage.erasing import erase_posts
from collector.storage.tables import posts

AT_ONCE = 5  # posts that are saved in one go


@pytest.fixture
def database(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """As everywhere, with PostgreSQL's programs of the server's own version."""
    if not database.is_sqlite:
        with database.read() as conn:
            programs = conn.exec_driver_sql("SELECT setting FROM pg_config WHERE name = 'BINDIR'").scalar_one()
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return database


def restore(database: Database, backup: Path) -> None:
    """What the README tells people to do."""
    database.close()
    if database.path is not None:
        for end in ("", "-wal", "-shm"):
            database.path.with_name(database.path.name + end).unlink(missing_ok=True)
        shutil.copy(backup, database.path)
    else:
        name = f"--dbname={database.url}"
        subprocess.run(["pg_restore", "--clean", "--if-exists", "--no-owner", name, str(backup)], check=True)


@pytest.fixture
def writing(database: Database) -> Iterator[threading.Event]:
    """Saves posts without a pause, so many at once, until it is over; the event says that some are there."""
    begun, over = threading.Event(), threading.Event()

    def write() -> None:
        with closing(Database(database.url)) as own:
            for start in range(0, 100_000, AT_ONCE):
                if over.is_set():
                    return
                save(own, *(make_post(n) for n in range(start, start + AT_ONCE)))
                begun.set()

    thread = threading.Thread(target=write)
    thread.start()
    yield begun
    over.set()
    thread.join(30)


def test_a_restored_database_is_as_it_was_and_collects_on(database: Database, tmp_path: Path) -> None:
    save(database, make_post(1, text="Café, 🎉 and 'quotes'"), make_post(2))
    before = dump(database, but=())
    back_up(database, tmp_path / "backup")
    save(database, make_post(3))
    restore(database, tmp_path / "backup")
    schema.require(database)
    assert dump(database, but=()) == before
    schema.prepare(database)
    assert save(database, make_post(2), make_post(4)).new == 1
    assert len(shown(database)) == 3


def test_a_backup_made_while_others_write_is_of_one_moment(
    database: Database, tmp_path: Path, writing: threading.Event
) -> None:
    assert writing.wait(20)
    copies = [tmp_path / f"backup-{number}" for number in range(3)]
    for copy in copies:
        back_up(database, copy)
    if database.is_sqlite:
        for copy in copies:
            with closing(Database(f"sqlite:///{copy}")) as copied, copied.read() as conn:
                assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
                assert conn.exec_driver_sql("PRAGMA foreign_key_check").first() is None
                assert conn.execute(select(func.count()).select_from(posts)).scalar_one() % AT_ONCE == 0
    else:
        told = subprocess.run(
            ["pg_restore", "--data-only", "--table=posts", "--file=-", str(copies[-1])],
            check=True,
            capture_output=True,
            encoding="utf-8",
        ).stdout
        lines = told.partition("FROM stdin;\n")[2].partition("\n\\.\n")[0].splitlines()
        assert lines
        assert len(lines) % AT_ONCE == 0


def test_only_who_makes_a_backup_may_read_it(database: Database, tmp_path: Path) -> None:
    back_up(database, tmp_path / "backup")
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["sqlite"])
def test_erased_words_are_in_no_backup(database: Database, tmp_path: Path) -> None:
    save(database, make_post(1, text="unmistakable words"), make_post(2))
    with database.write() as conn:
        erase_posts(conn, [1], Erasure.TAKEN_BACK, NOW)
    back_up(database, tmp_path / "backup")
    assert b"unmistakable" not in (tmp_path / "backup").read_bytes()
    assert may_be_replaced(tmp_path / "backup")


def test_a_backup_may_be_replaced_and_nothing_else(database: Database, tmp_path: Path) -> None:
    back_up(database, tmp_path / "backup")
    (tmp_path / "empty").touch()
    (tmp_path / "posts.csv").write_text("uri\r\n")
    assert [may_be_replaced(tmp_path / name) for name in ("none", "empty", "backup")] == [True] * 3
    assert not may_be_replaced(tmp_path / "posts.csv")
    if database.path is not None:
        assert not may_be_replaced(database.path)


@pytest.mark.parametrize("kind", ["postgresql"])
def test_postgresql_needs_its_own_program(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StorageError, match="needs its program pg_dump"):
        back_up(database, tmp_path / "backup")


@pytest.mark.parametrize("kind", ["postgresql"])
def test_what_pg_dump_refuses_is_one_line_without_the_password(
    database: Database, prepared_url: str, tmp_path: Path
) -> None:
    head, _, tail = prepared_url.partition("?")
    user, _, _ = head.removeprefix("postgresql://").partition("@")
    url = f"postgresql://{user.partition(':')[0]}:hush@/none_of_that_name?{tail}"
    with closing(Database(url)) as other, pytest.raises(StorageError) as caught:
        back_up(other, tmp_path / "backup")
    assert "none_of_that_name" in str(caught.value)
    assert "pg_dump: error" in str(caught.value)
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_password_is_in_no_argument() -> None:
    with closing(Database("postgresql://me:h%40sh@db.example/name?sslmode=require")) as named:
        assert named.libpq == ("postgresql://me@db.example/name?sslmode=require", "h@sh")
