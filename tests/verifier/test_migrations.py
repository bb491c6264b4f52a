"""The migrations make exactly the tables that the models describe."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from vc_core.web.database import Database
from verifier.app import MIGRATIONS
from verifier.tables import METADATA


async def test_migrating_an_empty_database_gives_the_models_tables(database_url: str) -> None:
    database = Database(database_url)
    await database.migrate(MIGRATIONS)
    await database.migrate(MIGRATIONS)
    async with database.transaction() as session:
        differences = await (await session.connection()).run_sync(_differences)
    await database.close()
    assert differences == []


def _differences(connection: Connection) -> list[Any]:
    options = {"version_table": "verifier_alembic_version", "compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), METADATA))
