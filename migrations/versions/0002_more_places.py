"""more places

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-25

Rules: a migration keeps the data of the release before; it imports nothing from the package (its tables are those of
its own day); it runs on SQLite (batch_alter_table) and PostgreSQL; `HEAD` in collector/storage/schema.py names it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.add_column("watches", sa.Column("bookmark", sa.Text(), nullable=True))
    op.add_column("authors", sa.Column("links", JSON, nullable=True))
    op.add_column("posts", sa.Column("copy_of", sa.Text(), nullable=True))
    op.create_index(op.f("ix_posts_network_published_at"), "posts", ["network", "published_at"], unique=False)
    op.create_index(
        op.f("ix_posts_copy_of"),
        "posts",
        ["copy_of"],
        unique=False,
        sqlite_where=sa.text("copy_of IS NOT NULL"),
        postgresql_where=sa.text("copy_of IS NOT NULL"),
    )


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the upgrade")
