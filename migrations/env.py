"""Runs the migrations on the connection that collector.storage.schema hands over, in its transaction."""

from alembic import context

from collector.storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=False,  # the caller's transaction is the only one
)
context.run_migrations()
