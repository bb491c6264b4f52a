"""The migrations make exactly the tables that the models describe."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from backend.app import MIGRATIONS
from backend.tables import METADATA, TABLES
from vc_core.web.database import Database


async def test_an_empty_database_becomes_what_the_models_say(database: Database) -> None:
    await database.migrate(MIGRATIONS)
    await database.migrate(MIGRATIONS)

    async with database.transaction() as session:
        assert await (await session.connection()).run_sync(_differences) == []


def test_every_table_is_the_backend_s_own() -> None:
    names = {table.__tablename__ for table in TABLES} | {"registry_events", "registry_head"}

    assert METADATA.tables.keys() == names


def _differences(connection: Connection) -> list[Any]:
    options = {"version_table": "backend_alembic_version", "compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), METADATA))
