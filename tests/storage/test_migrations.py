"""Each migration keeps the data of the release before, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from making import NOW, make_post
from making_storage import dump, rows, save, shown
from sqlalchemy import text

from collector.errors import SchemaTooOldError
from collector.model import Saved
from collector.storage import schema
from collector.storage.database import Database

NEW_COLUMNS: dict[str, tuple[str, ...]] = {  # of 0002 to 0004
    "watches": ("bookmark", "interval_seconds", "looked_until"),
    "authors": ("links", "is_indexable"),
    "posts": ("copy_of", "gone_why", "erased_why"),
    "hosts": ("spent", "memory"),
    "sightings": ("looked_at", "is_home"),
    "digests": ("approved_at", "paused_at", "pause_reason", "resumed_at"),
}
NEW_INDEXES = (
    *("ix_posts_network_published_at", "ix_posts_copy_of", "ix_sightings_watch_id_looked_at"),
    *("ix_post_hashtags_normal_post_id", "ix_posts_language"),
)
NEW_TABLES = (
    *("gaps", "author_walks", "forgotten", "warnings"),
    "search_texts",
    *("letters", "subscriptions", "subscribers", "refusals", "curations", "mailboxes"),
    *("blocked_posts", "blocked_authors"),
)
OLD_DELIVERIES = """
    CREATE TABLE deliveries (
        id INTEGER NOT NULL CONSTRAINT pk_deliveries PRIMARY KEY,
        digest_id INTEGER NOT NULL CONSTRAINT fk_deliveries_digest_id REFERENCES digests (id),
        address TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
        message_id TEXT NOT NULL CONSTRAINT uq_deliveries_message_id UNIQUE,
        created_at {instant} NOT NULL, attempts INTEGER DEFAULT '0' NOT NULL, next_attempt_at {instant},
        claimed_by TEXT, claimed_at {instant}, finished_at {instant}, error TEXT DEFAULT '' NOT NULL,
        CONSTRAINT ck_deliveries_state CHECK (state IN ('owed', 'claimed', 'sent', 'refused')),
        CONSTRAINT uq_deliveries_digest_id_address UNIQUE (digest_id, address)
    )
"""


@pytest.fixture
def older(database_url: str) -> Iterator[Database]:
    """A database as release 0.1.0 left it, with a post in it."""
    with closing(Database(database_url)) as database:
        schema.prepare(database)
        save(database, make_post(), make_post(2, text="Ail. #notcoproduction"))
        with database.write() as conn:
            for index in NEW_INDEXES:
                conn.execute(text(f"DROP INDEX {index}"))
            conn.execute(text("DROP TABLE IF EXISTS search_words"))  # SQLite's alone
            for table in NEW_TABLES:
                conn.execute(text(f"DROP TABLE {table}"))
            for table, columns in NEW_COLUMNS.items():
                for column in columns:
                    conn.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
            conn.execute(text("DROP TABLE deliveries"))
            conn.execute(text(OLD_DELIVERIES.format(instant="TEXT" if database.is_sqlite else "TIMESTAMPTZ")))
            conn.execute(
                text("CREATE INDEX ix_deliveries_state_next_attempt_at ON deliveries (state, next_attempt_at)")
            )
            conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        yield database


def rows_of(database: Database, table: str) -> list[Any]:
    with database.read() as conn:
        return sorted(tuple(row) for row in conn.execute(text(f"SELECT * FROM {table}")))


def test_what_the_release_before_kept_is_there_after_the_upgrade(older: Database) -> None:
    tables = ("posts", "authors", "watches", "sightings", "post_topics", "post_addresses", "raw_answers")
    before = {table: rows_of(older, table) for table in tables}
    with pytest.raises(SchemaTooOldError):
        schema.prepare(older)
    schema.upgrade(older)
    after = {table: rows_of(older, table) for table in tables}
    assert {row[-2:] for row in after["authors"]} == {(None, False)}  # a server that never said so did not say no
    for table in tables:
        width = len(before[table][0])
        assert [row[:width] for row in after[table]] == before[table], table
        if table not in {"sightings", "authors"}:
            assert {row[width:] for row in after[table]} == {(None,) * len(NEW_COLUMNS.get(table, ()))}, table


def test_after_the_upgrade_a_post_counts_as_looked_at_when_it_was_last_seen(older: Database) -> None:
    schema.upgrade(older)
    with older.read() as conn:
        rows = conn.execute(text("SELECT looked_at, last_seen_at, is_home FROM sightings")).all()
    assert len(rows) == 2
    assert all(looked_at == seen_at and not is_home for looked_at, seen_at, is_home in rows)


def test_after_the_upgrade_what_was_kept_before_can_be_searched(older: Database) -> None:
    schema.upgrade(older)
    assert [words.split()[0] for words in rows(older, "search_texts", "text")] == ["they", "ail"]


def test_after_the_upgrade_the_same_posts_are_known_and_new_ones_are_kept(older: Database) -> None:
    schema.upgrade(older)
    assert save(older, make_post()) == Saved(same=1)
    assert save(older, make_post(3, published_at=NOW)) == Saved(new=1)
    assert len(shown(older)) == 3
    schema.upgrade(older)
    assert len(dump(older)["posts"]) == 3


def test_a_database_made_step_by_step_is_one_made_at_once(database_url: str) -> None:
    with closing(Database(database_url)) as database:
        config = Config()
        config.set_main_option("script_location", str(schema.migrations_folder()))
        with database.rebuild() as conn:
            config.attributes["connection"] = conn
            command.upgrade(config, "0001")
        schema.upgrade(database)
        assert schema.current(database) == schema.HEAD
        assert save(database, make_post()) == Saved(new=1)
