"""what was taken back

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-26

Rules: a migration keeps the data of the release before; it imports nothing from the package (its tables are those of
its own day); it runs on SQLite (batch_alter_table) and PostgreSQL; `HEAD` in collector/storage/schema.py names it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.add_column("hosts", sa.Column("spent", JSON, nullable=True))
    op.add_column("hosts", sa.Column("memory", JSON, nullable=True))
    op.add_column("watches", sa.Column("interval_seconds", sa.Integer(), nullable=True))
    op.add_column("watches", sa.Column("looked_until", INSTANT, nullable=True))
    op.add_column("posts", sa.Column("gone_why", sa.Text(), nullable=True))
    op.add_column("posts", sa.Column("erased_why", sa.Text(), nullable=True))
    op.add_column("sightings", sa.Column("looked_at", INSTANT, nullable=True))
    op.add_column("sightings", sa.Column("is_home", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE sightings SET looked_at = COALESCE(missing_since, last_seen_at)")
    op.create_index(op.f("ix_sightings_watch_id_looked_at"), "sightings", ["watch_id", "looked_at"], unique=False)
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("caught_up_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["watch_id"], ["watches.id"], name=op.f("fk_gaps_watch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    op.create_index(op.f("ix_gaps_watch_id_starts_at"), "gaps", ["watch_id", "starts_at"], unique=False)
    op.create_table(
        "author_walks",
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name=op.f("fk_author_walks_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["watch_id"], ["watches.id"], name=op.f("fk_author_walks_watch_id")),
        sa.PrimaryKeyConstraint("watch_id", "author_id", name=op.f("pk_author_walks")),
    )
    op.create_table(
        "forgotten",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("forgotten_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_forgotten")),
    )
    op.create_table(
        "warnings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("mailed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_warnings")),
    )


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the upgrade")
