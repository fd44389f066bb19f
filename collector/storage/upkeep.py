"""The database's own upkeep: cheap and right at any time; and once, after something was forgotten, thorough."""

from __future__ import annotations

import time

from sqlalchemy import Connection, Table, inspect, select, text

from collector.errors import DatabaseUnusableError
from collector.storage.database import WRITE_LOCK, Database
from collector.storage.indexing import DROP_REMOVED_WORDS
from collector.storage.tables import metadata

_GLANCE = 0.1  # seconds between two looks whether others have done reading
_SHORT_WAIT = 1_000  # milliseconds that emptying the log waits for them


def tidy(database: Database) -> None:
    """No words of what was erased in SQLite's index, fresh statistics, a short log; PostgreSQL sees to itself."""
    if not database.is_sqlite:
        return
    with database.write() as conn:
        conn.exec_driver_sql(DROP_REMOVED_WORDS)
        conn.exec_driver_sql("PRAGMA analysis_limit = 1000")  # or a large table would be read from end to end
        conn.exec_driver_sql("PRAGMA optimize")
    shorten_log(database)


def shorten_log(database: Database) -> None:
    """Empties SQLite's log, in which what was erased can be read until it is written over.

    Somebody may wait for it, so it soon gives up where others go on reading; the daily upkeep tries again.
    """
    if not database.is_sqlite:
        return
    with database.alone() as conn:
        conn.exec_driver_sql(f"PRAGMA busy_timeout = {_SHORT_WAIT}")
        try:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            conn.exec_driver_sql(f"PRAGMA busy_timeout = {int(database.busy_timeout * 1000)}")


def compact(database: Database) -> None:
    """Writes the database anew without the room of erased rows, in which their words still stand.

    Waits for others to end what they are doing; DatabaseUnusableError where they do not, or where there is no room.
    """
    with database.alone() as conn:
        if database.is_sqlite:
            _vacuum_sqlite(conn, database)
        else:
            _vacuum_postgresql(conn)


def _vacuum_sqlite(conn: Connection, database: Database) -> None:
    conn.exec_driver_sql(DROP_REMOVED_WORDS)
    if conn.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'").first():
        conn.exec_driver_sql("DELETE FROM sqlite_stat4")  # samples of what stood in the rows
    conn.exec_driver_sql("VACUUM")
    deadline = time.monotonic() + database.busy_timeout
    while is_read := conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]:
        if time.monotonic() > deadline:
            break
        time.sleep(_GLANCE)
    if is_read:
        raise DatabaseUnusableError(f"database {database.shown}: another program goes on reading it")


def _vacuum_postgresql(conn: Connection) -> None:
    """Table by table, so that each is closed to others for no longer than it takes.

    Nobody writes meanwhile, nor does the same: whoever holds some of the tables and waits for others would meet here
    somebody who waits for theirs.
    """
    number = {"number": WRITE_LOCK}
    for table in metadata.sorted_tables:
        conn.execute(text("SELECT pg_advisory_lock(:number)"), number)
        try:
            conn.exec_driver_sql(f'VACUUM (FULL, ANALYZE) "{table.name}"')
            if conn.execute(select(table).limit(1)).first() is None:
                _drop_statistics(conn, table)
        finally:
            conn.execute(text("SELECT pg_advisory_unlock(:number)"), number)


def _drop_statistics(conn: Connection, table: Table) -> None:
    """What was sampled of a table's values, which outlives them where the table is empty: a new type begins anew."""
    for column in inspect(conn).get_columns(table.name):
        kind = column["type"].compile(dialect=conn.dialect)
        conn.exec_driver_sql(f'ALTER TABLE "{table.name}" ALTER COLUMN "{column["name"]}" TYPE {kind}')
