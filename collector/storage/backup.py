"""A copy of the whole database as it is at one moment, while others read and write it.

SQLite writes a new database, without the room that erased rows leave; PostgreSQL's own `pg_dump` writes its archive
format, which `pg_restore` reads.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from collector.errors import StorageError
from collector.storage.database import Database
from collector.storage.indexing import DROP_REMOVED_WORDS

_POSTGRESQL = b"PGDMP"
_SQLITE = b"SQLite format 3\0"
_NOTHING_DROPPED = 1  # changes that SQLite counts where no words were to be dropped
_NEVER_IN_USE = b"\1\1"  # how files are read and written by turns; the collector changes it where it works with one


def back_up(database: Database, path: Path) -> None:
    """Writes a backup to `path`, where nothing is yet; only who makes it may read it. StorageError where it fails."""
    path.touch(mode=0o600, exist_ok=False)
    if database.is_sqlite:
        _copy(database, path)
    else:
        _dump(database, path)


def may_be_replaced(path: Path) -> bool:
    """True where nothing is lost by a newer backup: there is no file, an empty one, or a backup.

    A backup that a collector has worked with since is its database, and none any more.
    """
    if not path.is_file():
        return True
    with path.open("rb") as file:
        beginning = file.read(20)
    if beginning.startswith(_SQLITE):
        return beginning[18:20] == _NEVER_IN_USE
    return not beginning or beginning.startswith(_POSTGRESQL)


def _copy(database: Database, path: Path) -> None:
    with database.read() as conn:
        conn.rollback()  # it cannot stand within a transaction, and is one of its own
        conn.exec_driver_sql("VACUUM INTO ?", (str(path),))
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            _drop_removed_words(copy)
    except sqlite3.Error as error:
        raise StorageError(f"backup {path}: {error}") from error


def _drop_removed_words(copy: sqlite3.Connection) -> None:
    """Of what was erased; before an upgrade there may be no index of words yet."""
    if copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'search_words'").fetchone():
        copy.execute(DROP_REMOVED_WORDS)
        if copy.total_changes > _NOTHING_DROPPED:
            copy.execute("VACUUM")


def _dump(database: Database, path: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise StorageError("a backup of PostgreSQL needs its program pg_dump (Debian: postgresql-client)")
    address, password = database.libpq
    done = subprocess.run(
        [program, "--format=custom", "--no-password", f"--file={path}", f"--dbname={address}"],
        env={**os.environ, **({"PGPASSWORD": password} if password else {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise StorageError(f"database {database.shown}: {'; '.join(said[:2]) or 'pg_dump failed'}")
