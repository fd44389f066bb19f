"""The database's own upkeep: cheap, and right at any time."""

from __future__ import annotations

from collector.storage.database import Database


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
