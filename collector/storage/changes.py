"""Whether anything was committed to the database: a sign that is another one after every commit, whoever made it."""

from __future__ import annotations

import threading
from collections.abc import Hashable

from sqlalchemy import Connection, text

from collector.storage.database import Database


class Changes:
    """Gives the sign, from any thread; what was read after one was given is still so while it is given again.

    SQLite tells a connection of every commit but its own (https://sqlite.org/pragma.html#pragma_data_version), so this
    one is kept for asking and never writes. PostgreSQL's snapshot moves on with every transaction that wrote something.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._asking: tuple[Connection, Hashable] | None = None  # with the file that it is open on

    def sign(self) -> Hashable:
        """The sign of now; StorageError where the database cannot tell."""
        if not self._database.is_sqlite:
            with self._database.read() as conn:
                return str(conn.execute(text("SELECT pg_current_snapshot()::text")).scalar())
        with self._lock:
            file = self._database.file_identity()
            if self._asking is None or self._asking[1] != file:
                self._close()
                self._asking = self._database.connect_apart(), file
            with self._database.translating():
                return file, self._asking[0].exec_driver_sql("PRAGMA data_version").scalar()

    def close(self) -> None:
        """Lets go of its connection."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._asking is not None:
            self._asking[0].close()
        self._asking = None
