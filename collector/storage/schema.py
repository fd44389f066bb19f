"""The schema's version: created where there is none, refused where it is older or newer than this program knows."""

from __future__ import annotations

import os
import secrets
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text

from collector import __version__
from collector.errors import DatabaseUnusableError, SchemaTooNewError, SchemaTooOldError, StorageError
from collector.storage.bulk import Insertion, add_rows
from collector.storage.database import Database
from collector.storage.indexing import index_missing
from collector.storage.tables import about

_ADD_ABOUT = Insertion(about, ("key", "value"), keeps=True)

HEAD = "0004"  # the newest migration; a test holds it to the folder


def prepare(database: Database) -> None:
    """Creates the tables in a missing or empty database; refuses an older or a newer schema."""
    version = _version(database)
    if version is None:
        upgrade(database)
    else:
        _refuse_other(database, version)
        database.settle()


def require(database: Database) -> None:
    """Refuses a database that is missing, empty, older or newer."""
    _refuse_other(database, require_any(database))


def require_any(database: Database) -> str:
    """The version of a database that is there, whatever it is; refuses one that is missing or empty."""
    database.refuse_moved()
    if database.path is not None and not database.path.exists():
        raise StorageError(f"database {database.shown}: no such file yet; 'collector poll' or 'collector run' makes it")
    version = _version(database)
    if version is None:
        raise StorageError(f"database {database.shown}: empty; 'collector poll' or 'collector run' makes its tables")
    return version


def require_writable(database: Database) -> None:
    """Refuses a database that cannot be written, without writing to it or creating it."""
    path = database.path
    if path is not None and path.is_file() and not os.access(path, os.W_OK):  # SQLite would not say so before it writes
        raise DatabaseUnusableError(f"database {database.shown}: the file is read-only")
    if path is None or path.exists():
        with database.write():
            return
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise DatabaseUnusableError(f"database {database.shown}: its folder does not exist or cannot be written")


def current(database: Database) -> str | None:
    """The version of the schema as it is; None for an empty database."""
    if database.path is not None and not database.path.exists():
        return None
    return _version(database)


def upgrade(database: Database) -> None:
    """Brings an older or empty database to HEAD, keeping its data; one of a newer program is refused."""
    version = _version(database)
    if version is not None and version > HEAD:
        _refuse_other(database, version)
    database.settle()
    # Alembic takes a tenth of a second to import, and is needed once in a database's life.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    with database.rebuild() as conn:
        config = Config()
        config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
        config.attributes["connection"] = conn
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            message = f"database {database.shown}: its schema {version} is none that this program knows how to upgrade"
            raise StorageError(message) from error
        index_missing(conn)
        conn.execute(about.delete().where(about.c.key == "program_version"))
        conn.execute(about.insert().values(key="program_version", value=__version__))
        add_rows(conn, _ADD_ABOUT, [("secret", secrets.token_hex(32))])


def read_secret(conn: Connection) -> bytes:
    """A random key of this database: what it seals, nobody can guess from outside."""
    return bytes.fromhex(conn.execute(select(about.c.value).where(about.c.key == "secret")).scalar_one())


def migrations_folder() -> Path:
    """Where the migrations are: inside an installed wheel, or beside the package in a checkout."""
    package = Path(str(files("collector")))
    for folder in (package / "_migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise StorageError(f"the migrations are missing from this installation ({package}): install it again")


def _version(database: Database) -> str | None:
    with database.read() as conn:
        names = inspect(conn).get_table_names()
        if not names:
            return None
        if "alembic_version" not in names:
            raise StorageError(
                f"database {database.shown}: holds tables of another program; name a database of its own"
            )
        return conn.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_other(database: Database, version: str) -> None:
    if version < HEAD:
        raise SchemaTooOldError(
            f"database {database.shown}: its schema is {version}, this program needs {HEAD};"
            " run 'collector db upgrade' (make a copy of the database first)"
        )
    if version > HEAD:
        with database.read() as conn:
            needed = _program_version(conn)
        raise SchemaTooNewError(
            f"database {database.shown}: its schema {version} is newer than this program knows ({HEAD});"
            f" install hashtag-collector {needed} or newer"
        )


def _program_version(conn: Connection) -> str:
    return conn.execute(select(about.c.value).where(about.c.key == "program_version")).scalar() or "of that time"
