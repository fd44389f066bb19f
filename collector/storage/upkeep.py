"""The database's own upkeep: cheap, and right at any time."""

from __future__ import annotations

from collector.storage.database import Database
from collector.storage.tables import about


def tidy(database: Database) -> None:
    """Fresh statistics for SQLite's planner, and a short write-ahead log; PostgreSQL sees to itself."""
    if not database.is_sqlite:
        return
    with database.write() as conn:
        conn.exec_driver_sql("PRAGMA analysis_limit = 1000")  # or a large table would be read from end to end
        conn.exec_driver_sql("PRAGMA optimize")
    with database.read() as conn:
        conn.rollback()
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def require_room(database: Database) -> None:
    """StorageError where nothing can be written: to be asked before servers are, for what could not be kept."""
    with database.write() as conn:
        conn.execute(about.update().where(about.c.key == "program_version").values(value=about.c.value))
