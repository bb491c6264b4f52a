"""Alembic's way into the backend's database: over the connection that `Database.migrate` passes in."""

from __future__ import annotations

from alembic import context

from backend.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table="backend_alembic_version",
)
with context.begin_transaction():
    context.run_migrations()
