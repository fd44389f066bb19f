"""letters and pages

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-26

Rules: a migration keeps the data of the release before; it imports nothing from the package (its tables are those of
its own day); it runs on SQLite (batch_alter_table) and PostgreSQL; `HEAD` in collector/storage/schema.py names it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    _subscribers()
    _letters()
    _mailboxes()
    _curation()
    _searching()


def _subscribers() -> None:
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("soft_bounces", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_bounce_at", INSTANT, nullable=True),
        sa.Column("bounced_at", INSTANT, nullable=True),
        sa.Column("bounce_reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("key", name=op.f("uq_subscribers_key")),
        sa.UniqueConstraint("folded", name=op.f("uq_subscribers_folded")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("consent_source", sa.Text(), server_default="", nullable=False),
        sa.Column("consent_at", INSTANT, nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_why", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state IN ('asked', 'confirmed', 'ended')", name=op.f("ck_subscriptions_state")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_subscriptions_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "series", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_series_state"), "subscriptions", ["series", "state"], unique=False)
    op.create_table(
        "refusals",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("refused_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_refusals")),
    )


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", INSTANT, nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state IN ('owed', 'claimed', 'sent', 'refused')", name=op.f("ck_letters_state")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_letters_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letters_message_id")),
    )
    op.create_index(op.f("ix_letters_state_next_attempt_at"), "letters", ["state", "next_attempt_at"], unique=False)
    op.create_index(op.f("ix_letters_subscriber_id"), "letters", ["subscriber_id"], unique=False)


def _mailboxes() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("validity", sa.Text(), server_default="", nullable=False),
        sa.Column("last_uid", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("needs_a_person", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_mailboxes")),
    )


def _curation() -> None:
    op.add_column("digests", sa.Column("approved_at", INSTANT, nullable=True))
    op.add_column("digests", sa.Column("paused_at", INSTANT, nullable=True))
    op.add_column("digests", sa.Column("pause_reason", sa.Text(), server_default="", nullable=False))
    op.add_column("digests", sa.Column("resumed_at", INSTANT, nullable=True))
    op.add_column("deliveries", sa.Column("tried_at", INSTANT, nullable=True))
    op.create_index(op.f("ix_deliveries_tried_at"), "deliveries", ["tried_at"], unique=False)
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.drop_constraint(op.f("uq_deliveries_digest_id_address"), type_="unique")
        deliveries.create_unique_constraint(
            op.f("uq_deliveries_digest_id_address_kind"), ["digest_id", "address", "kind"]
        )
        deliveries.add_column(sa.Column("bounce", sa.Text(), server_default="", nullable=False))
        deliveries.create_index(op.f("ix_deliveries_address"), ["address"], unique=False)
    op.create_table(
        "curations",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("left_out_at", INSTANT, nullable=True),
        sa.Column("first_at", INSTANT, nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_curations_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_curations_series_id")),
        sa.PrimaryKeyConstraint("series_id", "post_id", name=op.f("pk_curations")),
    )
    op.create_index(op.f("ix_curations_post_id"), "curations", ["post_id"], unique=False)
    for blocked in ("post", "author"):
        op.create_table(
            f"blocked_{blocked}s",
            sa.Column(f"{blocked}_id", sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint(
                [f"{blocked}_id"],
                [f"{blocked}s.id"],
                name=op.f(f"fk_blocked_{blocked}s_{blocked}_id"),
                ondelete="CASCADE",
            ),
            sa.PrimaryKeyConstraint(f"{blocked}_id", name=op.f(f"pk_blocked_{blocked}s")),
        )


def _searching() -> None:
    op.add_column("authors", sa.Column("is_indexable", sa.Boolean(), nullable=True))
    op.execute(
        "UPDATE authors SET is_indexable = (CAST(wishes AS TEXT) LIKE '%\"indexable\"%')"
        " WHERE id IN (SELECT author_id FROM posts WHERE network = 'fediverse')"
    )
    op.create_table(
        "search_texts",
        sa.Column("post_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dated_at", INSTANT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_search_texts_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_search_texts")),
    )
    op.create_index(op.f("ix_search_texts_dated_at_post_id"), "search_texts", ["dated_at", "post_id"], unique=False)
    op.create_index(op.f("ix_post_hashtags_normal_post_id"), "post_hashtags", ["normal", "post_id"], unique=False)
    op.create_index(op.f("ix_posts_language"), "posts", ["language"], unique=False)
    for statement in WORDS_IN_SQLITE if op.get_bind().dialect.name == "sqlite" else WORDS_IN_POSTGRESQL:
        op.execute(statement)


# The texts are folded: words of letters and digits, a space between two. They are filled in after the upgrade, as a
# migration knows no folding. SQLite's `ascii` splits at the spaces, and leaves all letters beyond ASCII alone.
WORDS_IN_SQLITE = (
    (
        "CREATE VIRTUAL TABLE search_words"
        " USING fts5(text, content = 'search_texts', content_rowid = 'post_id', tokenize = 'ascii', columnsize = 0)"
    ),
    """
    CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts BEGIN
        INSERT INTO search_words (rowid, text) VALUES (new.post_id, new.text);
    END
    """,
    """
    CREATE TRIGGER search_texts_changed AFTER UPDATE OF text ON search_texts WHEN old.text != new.text BEGIN
        INSERT INTO search_words (search_words, rowid, text) VALUES ('delete', old.post_id, old.text);
        INSERT INTO search_words (rowid, text) VALUES (new.post_id, new.text);
    END
    """,
    """
    CREATE TRIGGER search_texts_removed AFTER DELETE ON search_texts BEGIN
        INSERT INTO search_words (search_words, rowid, text) VALUES ('delete', old.post_id, old.text);
    END
    """,
)
# A generated column would do as well, but the type of what it is made from could not be set again (see `upkeep`).
WORDS_IN_POSTGRESQL = (
    "ALTER TABLE search_texts ADD COLUMN words TSVECTOR",
    "CREATE INDEX ix_search_texts_words ON search_texts USING gin (words)",
    (
        "CREATE TRIGGER search_texts_changed BEFORE INSERT OR UPDATE ON search_texts"
        " FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger(words, 'pg_catalog.simple', text)"
    ),
)
