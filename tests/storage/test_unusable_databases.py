"""Databases that cannot be used: one line that a person can act on, and no password in it."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from making import make_post
from making_storage import dump, rows, save

from collector.errors import DatabaseUnusableError, StorageError
from collector.storage import schema
from collector.storage.database import Database
from collector.storage.room import find_trouble, require_room

NOBODY = 65534


def refusal(path: Path | str) -> str:
    """The one line with which a file is refused."""
    with closing(Database(f"sqlite:///{path}")) as database:
        with pytest.raises(DatabaseUnusableError) as caught:
            schema.prepare(database)
        assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    assert "does the folder exist" in refusal(tmp_path / "none" / "collector.db")


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    assert "cannot be opened" in refusal(tmp_path)


def test_a_file_that_is_no_database_is_said_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear reader, " * 1000)
    assert "the file is no SQLite database" in refusal(path)
    assert path.read_text().startswith("Dear reader, ")


def test_a_damaged_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "collector.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        schema.prepare(database)
        save(database, *(make_post(number) for number in range(200)))
    content = bytearray(path.read_bytes())
    content[100:] = b"\x55" * (len(content) - 100)
    path.write_bytes(content)
    assert "the file is damaged: restore a backup" in refusal(path)


@contextmanager
def unprivileged() -> Iterator[None]:
    """As a user who owns nothing: the superuser may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that anybody may look into."""
    folder = Path(tempfile.mkdtemp(prefix="collector-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def make_read_only(folder: Path) -> Path:
    path = folder / "collector.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        schema.prepare(database)
    path.chmod(0o444)
    return path


def test_a_read_only_file_is_said(public_folder: Path) -> None:
    path = make_read_only(public_folder)
    public_folder.chmod(0o777)
    with closing(Database(f"sqlite:///{path}")) as database, unprivileged():
        with pytest.raises(DatabaseUnusableError, match=r"collector\.db: the file is read-only"):
            save(database, make_post())
        schema.require(database)


def test_a_read_only_folder_is_said(public_folder: Path) -> None:
    path = make_read_only(public_folder)
    public_folder.chmod(0o555)
    told = r"collector\.db: .*(read-only|cannot be opened)"
    with closing(Database(f"sqlite:///{path}")) as database, unprivileged(), pytest.raises(StorageError, match=told):
        save(database, make_post())


def test_a_folder_that_a_new_file_cannot_be_made_in_is_said(public_folder: Path) -> None:
    public_folder.chmod(0o555)
    url, told = f"sqlite:///{public_folder / 'collector.db'}", "cannot be opened"
    with closing(Database(url)) as database, unprivileged(), pytest.raises(StorageError, match=told):
        schema.prepare(database)


def test_a_missing_folder_is_said_before_anything_is_made(tmp_path: Path) -> None:
    url, told = f"sqlite:///{tmp_path / 'none' / 'collector.db'}", "its folder does not exist or cannot be written"
    with closing(Database(url)) as database, pytest.raises(DatabaseUnusableError, match=told):
        schema.require_writable(database)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_moved_away_is_not_made_anew_and_goes_on_when_it_is_back(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "collector.db", tmp_path / "elsewhere.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        schema.prepare(database)
        path.rename(elsewhere)
        with pytest.raises(DatabaseUnusableError, match="the file was moved or deleted while it was in use"):
            save(database, make_post(1))
        assert not path.exists()
        elsewhere.rename(path)
        save(database, make_post(2))
        assert len(rows(database, "posts", "id")) == 1


def test_what_is_written_once_another_file_has_the_name_is_written_to_that(tmp_path: Path) -> None:
    path, backup = tmp_path / "collector.db", tmp_path / "backup.db"
    with closing(Database(f"sqlite:///{path}")) as database, closing(Database(f"sqlite:///{backup}")) as other:
        schema.prepare(other)
        other.close()
        schema.prepare(database)
        save(database, make_post(1), make_post(2))
        for left in tmp_path.glob("collector.db*"):
            left.unlink()
        backup.rename(path)
        save(database, make_post(3))
    with closing(Database(f"sqlite:///{path}")) as opened_anew:
        assert len(rows(opened_anew, "posts", "id")) == 1


def test_another_program_that_holds_the_file_is_said_after_the_wait(tmp_path: Path) -> None:
    path = tmp_path / "collector.db"
    with closing(Database(f"sqlite:///{path}", busy_timeout=0.05)) as database:
        schema.prepare(database)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseUnusableError, match="another program holds it for writing"):
                save(database, make_post())
            assert rows(database, "posts", "id") == []
            other.execute("ROLLBACK")
        save(database, make_post())


FILL = """
import resource, sys
from making import make_post
from making_storage import save
from collector.errors import StorageError
from collector.storage.database import Database

database = Database("sqlite:///" + sys.argv[1])
save(database, make_post(0))
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    for start in range(1, 10_000, 100):
        save(database, *(make_post(number, text="chairs " * 200) for number in range(start, start + 100)))
except StorageError as error:
    print(error)
database.close()
"""


def test_a_full_disk_is_said_and_what_was_committed_stays(tmp_path: Path) -> None:
    path = tmp_path / "collector.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        schema.prepare(database)
    search = os.pathsep.join([str(Path(__file__).parents[1]), str(Path(__file__).parents[2])])
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", FILL, str(path)],
        env={**os.environ, "PYTHONPATH": search},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    assert run.stdout == f"database {path}: the file cannot grow (a full disk or a size limit)\n"
    with closing(Database(f"sqlite:///{path}")) as database:
        kept = len(rows(database, "posts", "id"))
        assert kept % 100 == 1
        save(database, *(make_post(number) for number in range(9_000, 9_100)))
        assert len(rows(database, "posts", "id")) == kept + 100


# PostgreSQL


def postgresql_refusal(port: int) -> str:
    with closing(Database(f"postgresql://carys:s3cret@127.0.0.1:{port}/posts")) as database:
        with pytest.raises(DatabaseUnusableError) as caught:
            schema.prepare(database)
        message = str(caught.value)
    assert "\n" not in message
    assert "s3cret" not in message
    assert "s3cret" not in database.shown
    assert f"postgresql://carys:***@127.0.0.1:{port}/posts" in message
    return message


def test_a_server_that_does_not_answer_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert "Connection refused" in postgresql_refusal(taken.getsockname()[1])


def test_a_wrong_password_is_said_without_the_password() -> None:
    with refusing_server() as port:
        assert "password authentication failed" in postgresql_refusal(port)


@contextmanager
def refusing_server() -> Iterator[int]:
    """Asks for a password and refuses whatever it is."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=refuse_all, args=(server,))
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def refuse_all(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            client, _ = server.accept()
            with client:
                refuse(client)


def refuse(client: socket.socket) -> None:
    wishes_encryption = 80877103
    while struct.unpack("!II", client.recv(4096)[:8])[1] == wishes_encryption:
        client.sendall(b"N")
    client.sendall(struct.pack("!cII", b"R", 8, 3))  # the password, please
    client.recv(4096)
    told = b'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "carys"\0\0'
    client.sendall(struct.pack("!cI", b"E", len(told) + 4) + told)


def test_a_database_that_does_not_exist_is_said(postgresql: str) -> None:
    head, _, tail = postgresql.partition("?")
    url, told = f"{head.rpartition('/')[0]}/none?{tail}", 'database "none" does not exist'
    with closing(Database(url)) as database, pytest.raises(DatabaseUnusableError, match=told):
        schema.prepare(database)


def test_whoever_holds_the_write_lock_for_too_long_is_said_after_the_wait(prepared_url: str) -> None:
    with (
        closing(Database(prepared_url, busy_timeout=0.05)) as database,
        closing(Database(prepared_url)) as other,
        other.write(),
        pytest.raises(DatabaseUnusableError, match="another program holds it for writing"),
    ):
        save(database, make_post())


@pytest.mark.parametrize("kind", ["postgresql"])
def test_either_side_notices_within_a_minute_that_the_other_machine_is_gone(database: Database) -> None:
    """A server that does not would keep the write lock for somebody who is no more, for two hours."""
    with database.read() as conn:
        parameters = conn.connection.dbapi_connection.info.get_parameters()  # type: ignore[union-attr]
        assert {name: parameters[f"keepalives_{name}"] for name in ("idle", "interval", "count")} == {
            "idle": "30",
            "interval": "10",
            "count": "3",
        }
        assert parameters["tcp_user_timeout"] == "60000"
        told = conn.exec_driver_sql("SELECT reset_val, source FROM pg_settings WHERE name = 'tcp_keepalives_idle'")
        assert told.one()[1] == "session"


def test_a_database_that_can_be_written_has_no_trouble_and_is_left_as_it_is(database: Database) -> None:
    before = dump(database, but=())
    require_room(database)
    assert find_trouble(database) is None
    assert dump(database, but=()) == before


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_disk_with_next_to_no_room_is_full(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5000))
    with pytest.raises(DatabaseUnusableError, match="the disk is full"):
        require_room(database)
    assert "the disk is full" in (find_trouble(database) or "")
