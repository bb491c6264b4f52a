"""A service's database: SQLite in the embedded profile, PostgreSQL in production, with one way to a transaction.

On SQLite every transaction takes the write lock at its start (`BEGIN IMMEDIATE`): a transaction that reads first and
writes later could otherwise fail half-way, and two could read the same state. `synchronous=FULL` makes a commit
survive power loss. What must happen once is a conditional UPDATE or a unique constraint on both databases, never a
read followed by a write.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

_BUSY_TIMEOUT_MS = 10_000
_MIGRATION_LOCK = 5_348_420


class Database:
    """A database by its SQLAlchemy URL: `sqlite+aiosqlite:///…` or `postgresql+psycopg://…`."""

    def __init__(self, url: str) -> None:
        self._sqlite = make_url(url).get_backend_name() == "sqlite"
        self._engine: AsyncEngine = create_async_engine(url, pool_pre_ping=not self._sqlite, hide_parameters=True)
        if self._sqlite:
            _prepare_sqlite(self._engine)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose changes are committed when the block ends, and rolled back when it raises."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    async def migrate(self, migrations: Path) -> None:
        """Brings the schema to the newest version of this Alembic folder; processes that start together take turns."""
        async with self._engine.begin() as connection:
            if not self._sqlite:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            await connection.run_sync(_upgrade, migrations)

    async def ping(self) -> None:
        """Returns when the database answers; raises SQLAlchemy's error otherwise."""
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Closes the connections."""
        await self._engine.dispose()


def _upgrade(connection: Connection, migrations: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def configure(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None  # SQLAlchemy's "begin" event below opens transactions, not the driver
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
