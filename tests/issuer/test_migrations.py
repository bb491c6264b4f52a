"""The migrations make exactly the tables of the models."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from issuer.app import MIGRATIONS
from issuer.models import IssuerTable
from vc_core.web.database import Database


def differences(connection: Connection) -> list[Any]:
    """What the models have and the database does not, or the reverse."""
    context = MigrationContext.configure(
        connection, opts={"version_table": "issuer_alembic_version", "compare_type": True}
    )
    return list(compare_metadata(context, IssuerTable.metadata))


async def test_migrating_an_empty_database_gives_the_models(database_url: str) -> None:
    database = Database(database_url)
    await database.migrate(MIGRATIONS)
    await database.migrate(MIGRATIONS)
    async with database.transaction() as session:
        assert await (await session.connection()).run_sync(differences) == []
    await database.close()
