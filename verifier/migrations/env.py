"""Alembic's environment: runs on the connection that `Database.migrate` opened, in its transaction."""

from alembic import context

from verifier.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table="verifier_alembic_version",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
