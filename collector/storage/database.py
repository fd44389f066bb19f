"""The database as the rest of the program sees it: a place to read from and a place to write to, one writer at a time.

SQLite and PostgreSQL behave alike here: a write takes the only write lock before it reads anything (BEGIN IMMEDIATE,
or a transaction-long advisory lock), so what a function reads stays true until it commits.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import ConnectionPoolEntry

from collector.errors import DatabaseUnusableError, StorageError
from collector.storage.columns import encode_json

__all__ = ["Connection", "Database"]

WRITE_LOCK = 0x23_6E_6F_74_63_6F  # the advisory lock's number: any, as long as every version agrees
PAGE_CACHE = 16_384  # KiB of a connection: what a large batch changes stays in memory until it commits
CHECKPOINT = 8_000  # pages (32 MB) in the write-ahead log: the same pages change often, and are copied over once
_GLANCE = 0.05  # seconds between two looks whether another program is done
BUSY_TIMEOUT = 30.0  # seconds to wait for another program's write
_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}  # a minute without a sign is the end

_SQLITE_REASONS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "the file is read-only",
    "SQLITE_READONLY_DIRECTORY": "the folder is read-only",
    "SQLITE_READONLY_DBMOVED": "the file was moved or deleted while it was in use",
    "SQLITE_CANTOPEN": "it cannot be opened (does the folder exist, and may this user write there?)",
    "SQLITE_CANTOPEN_ISDIR": "it is a folder, not a file",
    "SQLITE_NOTADB": "the file is no SQLite database",
    "SQLITE_CORRUPT": "the file is damaged: restore a backup",
    "SQLITE_BUSY": "another program holds it for writing",
    "SQLITE_IOERR": "it cannot be read or written (is the disk damaged, or gone?)",
    "SQLITE_IOERR_WRITE": "the file cannot grow (a full disk or a size limit)",
    "SQLITE_IOERR_SHMSIZE": "the file beside it cannot grow (a full disk or a size limit)",
    "SQLITE_PERM": "no permission",
    "SQLITE_AUTH": "no permission",
}


_POSTGRESQL_REASONS = {
    "53100": "the disk is full",
    "55P03": _SQLITE_REASONS["SQLITE_BUSY"],
    "25006": "it takes no writes (a server that only follows another, or set to read-only)",
}


class Database:
    """One database, opened when first used. Every failure leaves as a StorageError of one line.

    `busy_timeout` is how many seconds a write waits for another program's write to end.
    """

    def __init__(self, url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.url = url
        self._parsed = make_url(url)
        self.busy_timeout = busy_timeout
        self.is_sqlite = self._parsed.get_backend_name() == "sqlite"
        self._is_opened = False
        self._jotter: Engine | None = None
        self.engine = self._open_sqlite() if self.is_sqlite else self._open_postgresql()

    @property
    def path(self) -> Path | None:
        """The SQLite file; None for PostgreSQL."""
        return Path(self._parsed.database) if self.is_sqlite and self._parsed.database else None

    @property
    def name(self) -> str:
        """What the server calls it."""
        return self._parsed.database or ""

    @property
    def shown(self) -> str:
        """How messages name it: never with its password."""
        return str(self.path) if self.is_sqlite else self._parsed.render_as_string(hide_password=True)

    @property
    def libpq(self) -> tuple[str, str | None]:
        """How PostgreSQL's own programs name it, and its password apart: others can read a program's arguments."""
        known = self._parsed
        address = URL.create("postgresql", known.username, None, known.host, known.port, known.database, known.query)
        return address.render_as_string(), known.password

    def _open_sqlite(self) -> Engine:
        engine = create_engine(self._parsed, connect_args={"timeout": self.busy_timeout, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "connect", self._remember_file)
        event.listen(engine, "checkout", self._leave_other_file)
        return engine

    def _remember_file(self, _connection: object, record: ConnectionPoolEntry) -> None:
        record.info["file"], self._is_opened = self.file_identity(), True

    def _leave_other_file(self, _connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        """A backup brought back, say: what is written to the file that was there before would be lost."""
        if record.info["file"] != self.file_identity():
            raise exc.DisconnectionError("another file has its name")

    def file_identity(self) -> tuple[int, int] | None:
        """Which file has the database's name; None: there is none."""
        try:
            found = Path(self._parsed.database or "").stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _open_postgresql(self, session: str = "", **how: Any) -> Engine:
        """`session` are settings of each connection, as PostgreSQL has them, beside those of the address."""
        options = " ".join(filter(None, [str(self._parsed.query.get("options", "")), session]))
        engine = create_engine(
            self._parsed.set(drivername="postgresql+psycopg"),
            json_serializer=encode_json,
            connect_args={"connect_timeout": 10, "tcp_user_timeout": 60_000, "options": options, **_ALIVE},
            **({"pool_pre_ping": True} | how),
        )
        event.listen(engine, "connect", partial(_prepare_postgresql, self.busy_timeout))
        return engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database and changes nothing."""
        with self.translating(), self.engine.connect() as conn:
            if self.is_sqlite:
                conn.exec_driver_sql("BEGIN")
            else:
                conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection that holds the write lock; commits at the end, or rolls back whole."""
        with self.translating(), self.engine.connect() as conn:
            self._lock(conn)
            yield conn
            conn.commit()

    @contextmanager
    def jot(self) -> Iterator[Connection]:
        """A connection whose every statement is committed at once: for one row that nobody else changes.

        It takes no lock beforehand, and waits for no disk: like SQLite's here, PostgreSQL's last moments go with a
        power cut. With a commit that waits for the disk, ten thousand of them take half a minute.
        """
        if self.is_sqlite:
            with self.alone() as conn:
                yield conn
            return
        if self._jotter is None:
            self._jotter = self._open_postgresql(
                "-c synchronous_commit=off", isolation_level="AUTOCOMMIT", pool_pre_ping=False
            )
        with self.translating(), self._jotter.connect() as conn:
            yield conn

    def settle(self) -> None:
        """Sees to what stays with an SQLite file: a log that lets others read while one writes; copies may lack it."""
        deadline = time.monotonic() + self.busy_timeout
        while self.is_sqlite:
            try:
                with self.translating(), self.engine.connect() as conn:
                    if conn.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
                        conn.exec_driver_sql("PRAGMA journal_mode = WAL")
            except DatabaseUnusableError as error:  # here alone SQLite does not wait by itself
                if not _is_busy(error) or time.monotonic() > deadline:
                    raise
                time.sleep(_GLANCE)
            else:
                break

    @contextmanager
    def rebuild(self) -> Iterator[Connection]:
        """A `write` for migrations. SQLite changes a table by copying it and dropping the old one.

        Rows that refer to it must survive that, so there references are checked at the end instead of meanwhile.
        """
        with self.translating(), self.engine.connect() as conn:
            if self.is_sqlite:
                conn.exec_driver_sql("PRAGMA foreign_keys = OFF")
                conn.detach()  # what is left of these settings goes when it is closed
            self._lock(conn)
            yield conn
            if self.is_sqlite and (broken := conn.exec_driver_sql("PRAGMA foreign_key_check").first()):
                raise StorageError(f"database {self.shown}: rows of {broken[0]} would refer to nothing in {broken[2]}")
            conn.commit()

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A connection outside any transaction, for what the database does only there."""
        with self.translating(), self.engine.connect() as conn:
            yield conn if self.is_sqlite else conn.execution_options(isolation_level="AUTOCOMMIT")

    def _lock(self, conn: Connection) -> None:
        if self.is_sqlite:
            conn.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": WRITE_LOCK})

    def refuse_moved(self) -> None:
        """DatabaseUnusableError where its file was there and is not: who moved it may bring it back."""
        if self._is_opened and self.file_identity() is None:
            raise DatabaseUnusableError(f"database {self.shown}: {_SQLITE_REASONS['SQLITE_READONLY_DBMOVED']}")

    @contextmanager
    def translating(self) -> Iterator[None]:
        """What goes wrong in the database within a block is a DatabaseUnusableError."""
        self.refuse_moved()
        try:
            yield
        except exc.DBAPIError as error:
            raise DatabaseUnusableError(f"database {self.shown}: {_reason(error)}") from error

    def connect_apart(self) -> Connection:
        """A connection outside any transaction that no pool takes back: whoever asked for it closes it."""
        with self.translating():
            conn = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            conn.detach()
            return conn

    def close(self) -> None:
        """Lets go of every connection."""
        self.engine.dispose()
        if self._jotter is not None:
            self._jotter.dispose()


def _is_busy(error: DatabaseUnusableError) -> bool:
    original: Any = getattr(error.__cause__, "orig", None)
    return str(getattr(original, "sqlite_errorname", "")).startswith("SQLITE_BUSY")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Nothing here changes the file: it may turn out to be another program's."""
    # SQLAlchemy 2.1 leaves BEGIN to us this way: Python's own handling would begin too late for BEGIN IMMEDIATE.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten: not every build does it unasked
    connection.execute(f"PRAGMA cache_size = -{PAGE_CACHE}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")


def _prepare_postgresql(busy_timeout: float, connection: Any, _record: object) -> None:
    """In any other zone than UTC, an instant at either end of the calendar could not be read.

    The server is to notice, too, when our machine is gone: until it does, nobody else gets the write lock.
    """
    connection.execute("SET TIME ZONE 'UTC'")
    connection.execute(f"SET lock_timeout = {int(busy_timeout * 1000)}")
    for name, seconds in _ALIVE.items():
        connection.execute(f"SET tcp_{name} = {seconds}")
    connection.commit()


def _reason(error: exc.DBAPIError) -> str:
    """One line that a person can act on."""
    original: Any = error.orig
    name: str = getattr(original, "sqlite_errorname", "") or ""
    if name in _SQLITE_REASONS:
        return _SQLITE_REASONS[name]
    family = "_".join(name.split("_")[:2])
    if family in _SQLITE_REASONS:
        return _SQLITE_REASONS[family]
    if (state := getattr(original, "sqlstate", None)) in _POSTGRESQL_REASONS:
        return _POSTGRESQL_REASONS[state]
    lines = [line.strip() for line in str(original).splitlines() if line.strip()]
    return "; ".join(lines[:2]) or type(original).__name__
