"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

Rules: a migration keeps the data of the release before; it imports nothing from the package (its tables are those of
its own day); it runs on SQLite (batch_alter_table) and PostgreSQL; `HEAD` in collector/storage/schema.py names it.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    raise RuntimeError("restore the backup made before the upgrade")
