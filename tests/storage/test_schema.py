"""The schema's version: made where there is none, refused where it is another's, older or newer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from making import make_post
from making_storage import rows, save
from sqlalchemy import text

from collector import __version__
from collector.errors import SchemaTooNewError, SchemaTooOldError, StorageError
from collector.storage import schema
from collector.storage.database import Database
from collector.storage.tables import metadata

ROOT = Path(__file__).parents[2]


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as made:
        yield made


@pytest.fixture
def own(empty: Database) -> Database:
    """A database whose tables are this test's own, to do with them what it likes."""
    schema.prepare(empty)
    return empty


def set_version(database: Database, version: str, program: str = "9.9") -> None:
    with database.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        conn.execute(text("UPDATE about SET value = :program WHERE key = 'program_version'"), {"program": program})


def is_table_of_ours(name: str | None, kind: str, parents: object) -> bool:
    """Not what the databases' own indexes of words consist of: SQLite's are tables, PostgreSQL's is a column."""
    return not (name or "").startswith(("search_words", "ix_search_texts_words")) and (kind, name) != (
        "column",
        "words",
    )


def test_the_migrations_make_the_very_tables_that_the_program_uses(database: Database) -> None:
    with database.engine.connect() as conn:
        # SQLite's defaults are compared below: Alembic takes "" there for something else than ''.
        options = {
            "compare_type": True,
            "compare_server_default": not database.is_sqlite,
            "include_name": is_table_of_ours,
        }
        assert compare_metadata(MigrationContext.configure(conn, opts=options), metadata) == []


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_every_column_is_made_as_the_program_knows_it(database: Database, tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'fresh.db'}")) as fresh:
        with fresh.write() as conn:
            metadata.create_all(conn)
        with database.read() as migrated, fresh.read() as made:
            for table in metadata.tables:
                query = f"PRAGMA table_info({table})"
                assert migrated.exec_driver_sql(query).all() == made.exec_driver_sql(query).all()


def test_the_newest_migration_is_the_one_the_program_needs() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.migrations_folder()))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [schema.HEAD]
    assert len(list(script.walk_revisions())) == len(list((ROOT / "migrations" / "versions").glob("*.py")))


def test_the_migrations_are_found_in_a_checkout() -> None:
    assert schema.migrations_folder() == ROOT / "migrations"


def test_an_empty_database_is_prepared_and_stays_as_it_is_the_second_time(empty: Database) -> None:
    assert schema.current(empty) is None
    schema.prepare(empty)
    assert schema.current(empty) == schema.HEAD
    about = dict(rows(empty, "about", "key", "value"))
    assert about["program_version"] == __version__
    save(empty, make_post())
    schema.prepare(empty)
    schema.upgrade(empty)
    assert dict(rows(empty, "about", "key", "value")) == about
    assert len(rows(empty, "posts", "id")) == 1


def test_each_database_has_a_secret_of_its_own(empty: Database, tmp_path: Path) -> None:
    schema.prepare(empty)
    with closing(Database(f"sqlite:///{tmp_path / 'other.db'}")) as other:
        schema.prepare(other)
        with empty.read() as one, other.read() as two:
            assert len(schema.read_secret(one)) == 32
            assert schema.read_secret(one) != schema.read_secret(two)


def test_an_empty_database_is_refused_where_posts_are_needed(empty: Database) -> None:
    with empty.write():
        pass
    with pytest.raises(StorageError, match=r"empty; 'collector poll' or 'collector run' makes its tables"):
        schema.require(empty)


def test_a_missing_file_is_refused_where_posts_are_needed_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with closing(Database(f"sqlite:///{path}")) as missing:
        with pytest.raises(StorageError, match="no such file yet"):
            schema.require(missing)
        assert schema.current(missing) is None
        schema.require_writable(missing)
    assert not path.exists()


def test_a_prepared_database_is_accepted(database: Database) -> None:
    schema.require(database)
    schema.require_writable(database)


def test_an_older_schema_is_refused_with_the_command_to_run(own: Database) -> None:
    set_version(own, "0000")
    for check in (schema.prepare, schema.require):
        with pytest.raises(SchemaTooOldError, match=r"its schema is 0000, .* run 'collector db upgrade'"):
            check(own)


def test_a_newer_schema_is_refused_with_the_version_needed(own: Database) -> None:
    set_version(own, "9999")
    for check in (schema.prepare, schema.require, schema.upgrade):
        with pytest.raises(SchemaTooNewError, match=r"9999 is newer .* install hashtag-collector 9\.9 or newer"):
            check(own)


def test_another_programs_database_is_refused(empty: Database) -> None:
    with empty.write() as conn:
        conn.execute(text("CREATE TABLE bookmarks (id INTEGER)"))
    for check in (schema.prepare, schema.require, schema.upgrade):
        with pytest.raises(StorageError, match="holds tables of another program"):
            check(empty)


def test_another_programs_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "bookmarks.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (id INTEGER)")
    before = path.read_bytes()
    with closing(Database(f"sqlite:///{path}")) as found, pytest.raises(StorageError):
        schema.prepare(found)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["bookmarks.db"]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_table_can_be_made_anew_without_losing_what_refers_to_it(database: Database) -> None:
    save(database, make_post())
    with database.rebuild() as conn:
        conn.execute(text("CREATE TABLE new_posts AS SELECT * FROM posts"))
        conn.execute(text("DROP TABLE posts"))
        conn.execute(text("ALTER TABLE new_posts RENAME TO posts"))
        conn.execute(text("CREATE UNIQUE INDEX again ON posts (id)"))
    assert len(rows(database, "sightings", "post_id")) == 1
    with database.read() as conn:
        assert conn.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_migration_that_would_leave_rows_referring_to_nothing_is_undone(database: Database) -> None:
    save(database, make_post())
    with pytest.raises(StorageError, match=r"rows of .* would refer to nothing in posts"), database.rebuild() as conn:
        conn.execute(text("DELETE FROM posts"))
    assert len(rows(database, "posts", "id")) == 1


def test_a_database_that_was_copied_out_of_its_write_ahead_log_gets_one_again(tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        schema.prepare(database)
    with closing(sqlite3.connect(path)) as bare:
        bare.execute("PRAGMA journal_mode = DELETE")
    with closing(Database(f"sqlite:///{path}")) as database:
        schema.prepare(database)
        with database.read() as conn:
            assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
