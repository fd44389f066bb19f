"""first tables

Revision ID: 0001
Revises:
Create Date: 2026-11-23

Rules: a migration keeps the data of the release before; it imports nothing from the package (its tables are those of
its own day); it runs on SQLite (batch_alter_table) and PostgreSQL; `HEAD` in collector/storage/schema.py names it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "about",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_about")),
    )
    op.create_table(
        "authors",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("wishes", JSON, nullable=False),
        sa.Column("is_opted_out", sa.Boolean(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("hidden_at", INSTANT, nullable=True),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
        sa.UniqueConstraint("key", name=op.f("uq_authors_key")),
    )
    op.create_table(
        "hosts",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("blocked_until", INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("is_told", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_hosts")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("name", name=op.f("uq_series_name")),
    )
    op.create_table(
        "watches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("hashtag", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=True),
        sa.Column("last_round_at", INSTANT, nullable=True),
        sa.Column("last_success_at", INSTANT, nullable=True),
        sa.Column("last_complete_at", INSTANT, nullable=True),
        sa.Column("last_deep_at", INSTANT, nullable=True),
        sa.Column("next_poll_at", INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("walk", JSON, nullable=True),
        sa.Column("backfill", JSON, nullable=True),
        sa.Column("account_domain", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
        sa.UniqueConstraint(
            "kind", "address", "hashtag", "topic", "thread", name=op.f("uq_watches_kind_address_hashtag_topic_thread")
        ),
    )
    with op.batch_alter_table("watches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_watches_next_poll_at"), ["next_poll_at"], unique=False)

    op.create_table(
        "author_handles",
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name=op.f("fk_author_handles_author_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("handle", "author_id", name=op.f("pk_author_handles")),
    )
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("topics", JSON, nullable=True),
        sa.Column("facts", JSON, nullable=True),
        sa.CheckConstraint("state IN ('open', 'built', 'skipped')", name=op.f("ck_digests_state")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_digests_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("series_id", "name", name=op.f("uq_digests_series_id_name")),
        sa.UniqueConstraint("series_id", "starts_at", name=op.f("uq_digests_series_id_starts_at")),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("cluster_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("edited_at", INSTANT, nullable=True),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("content_warning", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("mentions", JSON, nullable=False),
        sa.Column("links", JSON, nullable=False),
        sa.Column("media", JSON, nullable=False),
        sa.Column("poll", JSON, nullable=True),
        sa.Column("reply_to_uri", sa.Text(), nullable=True),
        sa.Column("quote_of_uri", sa.Text(), nullable=True),
        sa.Column("is_sensitive", sa.Boolean(), nullable=False),
        sa.Column("replies", sa.Integer(), server_default="0", nullable=False),
        sa.Column("boosts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("likes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("quotes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("gone_at", INSTANT, nullable=True),
        sa.Column("erased_at", INSTANT, nullable=True),
        sa.Column("hidden_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_posts_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("uri", name=op.f("uq_posts_uri")),
    )
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posts_author_id"), ["author_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_posts_cluster_id"),
            ["cluster_id"],
            unique=False,
            sqlite_where=sa.text("cluster_id IS NOT NULL"),
            postgresql_where=sa.text("cluster_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_posts_published_at_uri"), ["published_at", "uri"], unique=False)

    op.create_table(
        "rejections",
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["watch_id"], ["watches.id"], name=op.f("fk_rejections_watch_id")),
        sa.PrimaryKeyConstraint("watch_id", "native_id", name=op.f("pk_rejections")),
    )
    op.create_table(
        "series_topics",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_series_topics_series_id")),
        sa.PrimaryKeyConstraint("series_id", "topic", name=op.f("pk_series_topics")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
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
        sa.CheckConstraint("state IN ('owed', 'claimed', 'sent', 'refused')", name=op.f("ck_deliveries_state")),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_deliveries_digest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("digest_id", "address", name=op.f("uq_deliveries_digest_id_address")),
        sa.UniqueConstraint("message_id", name=op.f("uq_deliveries_message_id")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_deliveries_state_next_attempt_at"), ["state", "next_attempt_at"], unique=False
        )

    op.create_table(
        "digest_members",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("replies", sa.Integer(), server_default="0", nullable=False),
        sa.Column("boosts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("likes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("quotes", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_digest_members_digest_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_digest_members_post_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_digest_members_series_id")),
        sa.PrimaryKeyConstraint("series_id", "post_id", name=op.f("pk_digest_members")),
    )
    with op.batch_alter_table("digest_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_digest_members_digest_id"), ["digest_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_digest_members_post_id"), ["post_id"], unique=False)

    op.create_table(
        "post_addresses",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_addresses_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_post_addresses")),
    )
    with op.batch_alter_table("post_addresses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_addresses_post_id"), ["post_id"], unique=False)

    op.create_table(
        "post_hashtags",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("normal", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("found_in", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_hashtags_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "position", name=op.f("pk_post_hashtags")),
    )
    op.create_table(
        "post_topics",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("dated_at", INSTANT, nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("is_history", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_topics_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "topic", name=op.f("pk_post_topics")),
    )
    with op.batch_alter_table("post_topics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_topics_topic_dated_at"), ["topic", "dated_at"], unique=False)

    op.create_table(
        "raw_answers",
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("fetched_at", INSTANT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_raw_answers_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["watch_id"], ["watches.id"], name=op.f("fk_raw_answers_watch_id")),
        sa.PrimaryKeyConstraint("watch_id", "native_id", name=op.f("pk_raw_answers")),
    )
    with op.batch_alter_table("raw_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_raw_answers_post_id"), ["post_id"], unique=False)

    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("content_warning", sa.Text(), nullable=False),
        sa.Column("edited_at", INSTANT, nullable=True),
        sa.Column("replaced_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_revisions_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
    )
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revisions_post_id"), ["post_id"], unique=False)

    op.create_table(
        "sightings",
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("missing_since", INSTANT, nullable=True),
        sa.Column("replies", sa.Integer(), server_default="0", nullable=False),
        sa.Column("boosts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("likes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("quotes", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_sightings_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["watch_id"], ["watches.id"], name=op.f("fk_sightings_watch_id")),
        sa.PrimaryKeyConstraint("watch_id", "native_id", name=op.f("pk_sightings")),
    )
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sightings_post_id"), ["post_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the upgrade")
