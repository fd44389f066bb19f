"""`collector db backup`: as people call it, and what it leaves alone."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fediverse import FakeServer
from running import ROOT, Daemon, Folder, now, with_files_up_to


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, server: FakeServer) -> Folder:
    """One that has collected an example."""
    folder = Folder(tmp_path, server)
    server.publish("An example.", at=now())
    assert folder.call("poll").code == 0
    return folder


def texts(folder: Folder) -> list[str]:
    return folder.call("export", "--format", "jsonl", "--columns", "text").out.splitlines()


def restoring() -> str:
    """The README's lines that bring a backup back, but for the last, which looks at the configuration too."""
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("rm -f collector.db"))
    return "\n".join(lines[begin : begin + 2])


def test_a_backup_made_beside_the_daemon_is_brought_back_as_the_readme_says(
    folder: Folder, server: FakeServer, tmp_path: Path
) -> None:
    with Daemon(folder) as daemon:
        daemon.wait_for("started")
        done = folder.run("db", "backup", "collector-backup.db")
        assert (done.code, done.out) == (0, "")
        assert done.err.startswith("collector-backup.db: 0.")
        assert done.err.endswith(" MB, schema 0004\n")
        daemon.stop()
    kept = texts(folder)
    server.publish("Collected since.", at=now())
    folder.call("poll")
    assert len(texts(folder)) == 2
    subprocess.run(["sh", "-ec", restoring()], cwd=tmp_path, check=True)
    assert texts(folder) == kept
    assert folder.call("poll").rows[0]["new"] == "1"


def test_a_newer_backup_takes_the_place_of_an_older_one(folder: Folder, server: FakeServer, tmp_path: Path) -> None:
    assert folder.call("db", "backup", "copy.db", "--quiet").err == ""
    server.publish("One more.", at=now())
    folder.call("poll")
    assert folder.call("db", "backup", "copy.db").code == 0
    with closing(sqlite3.connect(tmp_path / "copy.db")) as conn:
        assert conn.execute("SELECT count(*) FROM posts").fetchone() == (2,)


def test_a_database_of_an_older_schema_can_be_copied_before_it_is_brought_up_to_date(
    folder: Folder, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(folder.database)) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = '0001'")
    assert folder.call("db", "backup", "copy.db").err.endswith("schema 0001\n")
    assert (tmp_path / "copy.db").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("collector.db", "is the database itself"),
        ("collector.toml", "is there, and is no backup"),
        ("used.db", "is there, and is no backup"),
        ("folder", "it is no file"),
        ("none/copy.db", "there is no folder"),
    ],
)
def test_nothing_but_a_backup_is_replaced(folder: Folder, tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "folder").mkdir()
    assert folder.call("db", "backup", "used.db").code == 0
    with closing(sqlite3.connect(tmp_path / "used.db")) as conn:  # as a collector does that works with it
        conn.execute("PRAGMA journal_mode = WAL")
    path = tmp_path / name
    before = path.read_bytes() if path.is_file() else None
    refused = folder.call("db", "backup", name).refusal()
    assert refused.startswith(f"{name}: ")
    assert said in refused
    assert before == (path.read_bytes() if path.is_file() else None)
    assert not list(tmp_path.glob(".collector-*"))


def test_without_a_database_there_is_nothing_to_copy(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert "no such file yet" in folder.call("db", "backup", "copy.db").refusal()
    assert not (tmp_path / "copy.db").exists()
    assert not folder.database.exists()


def test_a_disk_that_is_full_leaves_the_older_backup(folder: Folder, tmp_path: Path) -> None:
    folder.call("db", "backup", "copy.db")
    before = (tmp_path / "copy.db").read_bytes()
    done = folder.run("db", "backup", "copy.db", before=with_files_up_to(50_000))
    assert "the file cannot grow" in done.refusal()
    assert (tmp_path / "copy.db").read_bytes() == before
    assert not list(tmp_path.glob(".collector-*"))
