"""Whether there is room for what a round would bring."""

from __future__ import annotations

import shutil
from contextlib import closing

from collector.errors import DatabaseUnusableError, StorageError
from collector.storage.database import Database
from collector.storage.tables import about

_ROOM = 1_000_000  # bytes on the disk without which no round is begun
_HURRY = 1.0  # seconds that somebody who only wants to know waits for another program


def require_room(database: Database) -> None:
    """StorageError where nothing can be written: to be asked before servers are, for what could not be kept.

    A single row may still find room in a file that is there already, where a round's posts would not.
    """
    if database.path is not None and shutil.disk_usage(database.path.parent).free < _ROOM:
        raise DatabaseUnusableError(f"database {database.shown}: the disk is full")
    with database.write() as conn:
        conn.execute(about.update().where(about.c.key == "program_version").values(value=about.c.value))


def find_trouble(database: Database) -> str | None:
    """What keeps the database from being written just now, in a line."""
    with closing(Database(database.url, busy_timeout=_HURRY)) as hurried:
        try:
            require_room(hurried)
        except StorageError as error:
            return str(error)
    return None
