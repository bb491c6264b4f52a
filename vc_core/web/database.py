"""A service's database: SQLite in the embedded profile, PostgreSQL in production, with one way to a transaction.

On SQLite every transaction takes the write lock at its start (`BEGIN IMMEDIATE`): a transaction that reads first and
writes later could otherwise fail half-way, and two could read the same state. `synchronous=FULL` makes a commit
survive power loss. What must happen once is a conditional UPDATE or a unique constraint on both databases, never a
read followed by a write.

A transaction of the asynchronous driver for SQLite goes to its thread and back for every statement, which takes longer
than the statements. `Database.write` goes once: it is the quick way where a transaction needs nothing from outside.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    any_,
    create_engine,
    event,
    func,
    literal,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Mapped
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from vc_core.encoding import compact_json

Result = TypeVar("Result")
TRIES = 5
_PLACEHOLDERS = {"sqlite": "?", "postgresql": "%s"}
_BUSY_TIMEOUT_MS = 10_000
_MIGRATION_LOCK = 5_348_420
_MIGRATING = threading.Lock()


class Database:
    """A database by its SQLAlchemy URL: `sqlite+aiosqlite:///…` or `postgresql+psycopg://…`."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        sqlite = self._url.get_backend_name() == "sqlite"
        # Writers on SQLite take turns in any case; waiting for the one connection is quicker than asking for the lock.
        pool: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if sqlite else {"pool_pre_ping": True}
        self._engine: AsyncEngine = create_async_engine(self._url, hide_parameters=True, **pool)
        self._writer = _create_blocking_engine(self._url)
        self._writing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        if sqlite:
            _prepare_sqlite(self._engine.sync_engine)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose changes are committed when the block ends, and rolled back when it raises."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    async def transact(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        """What `work` returns, in a transaction of its own; begun anew where a unique constraint says no.

        For work that looks first and then adds what is missing: another process that added the same meanwhile makes
        the first try fail, and the next one finds it. Raises `IntegrityError` where `TRIES` were in vain.
        """
        for _ in range(TRIES - 1):
            with suppress(IntegrityError):
                async with self.transaction() as session:
                    return await work(session)
        async with self.transaction() as session:
            return await work(session)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """What `work` returns, in a transaction of its own and off the event loop; rolled back when it raises.

        These transactions take turns. One that has begun ends, even when nobody waits for it any more.
        """
        return await asyncio.get_running_loop().run_in_executor(self._writing, self._write, work)

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        with self._writer.begin() as connection:
            return work(connection)

    async def migrate(self, migrations: Path) -> None:
        """Brings the schema to the newest version of this Alembic folder; whoever starts together takes turns."""
        await asyncio.to_thread(_migrate, self._url, migrations)

    async def ping(self) -> None:
        """Returns when the database answers; raises SQLAlchemy's error otherwise."""
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Closes the connections, after the last `write`."""
        await asyncio.get_running_loop().run_in_executor(self._writing, self._writer.dispose)
        self._writing.shutdown(wait=False)
        await self._engine.dispose()


def insert_on(dialect: Dialect, table: Any) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say `on_conflict_do_update`, which each database has in a class of its own."""
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)


def is_among(
    connection: Connection, column: Mapped[Any], values: Collection[str] | Collection[int]
) -> ColumnElement[bool]:
    """Whether a column is one of these values, which may be many: they travel as one parameter.

    One for each, as `in_` has them, takes longer than what the database does with it, and SQLite bounds their number.
    """
    if connection.dialect.name == "postgresql":
        kind = cast("ColumnElement[Any]", column).type
        return column == any_(literal(list(values), postgresql.ARRAY(kind)))
    listed = func.json_each(compact_json(list(values)).decode("utf-8")).table_valued("value")
    return column.in_(select(listed.c.value))


def insert_rows(
    connection: Connection, table: type[SQLModel], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Adds rows of text, bytes and numbers in these columns, in the driver's own words.

    SQLAlchemy's `insert` looks at each row again, which takes as long as writing it.
    """
    if rows:
        marks = ", ".join([_PLACEHOLDERS[connection.dialect.name]] * len(columns))
        statement = f"INSERT INTO {table.__tablename__} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
        connection.exec_driver_sql(statement, list(rows))


def _create_blocking_engine(url: URL) -> Engine:
    """The same database without asyncio."""
    sqlite = url.get_backend_name() == "sqlite"
    engine = create_engine(
        url.set(drivername="sqlite") if sqlite else url, hide_parameters=True, pool_pre_ping=not sqlite
    )
    if sqlite:
        _prepare_sqlite(engine)
    return engine


def _migrate(url: URL, migrations: Path) -> None:
    """Alembic keeps what it works on in module globals, so in one process only one migration runs at a time."""
    sqlite = url.get_backend_name() == "sqlite"
    engine = _create_blocking_engine(url)
    if sqlite:
        event.listen(engine, "connect", _leave_references)
    try:
        with _MIGRATING, engine.begin() as connection:
            if not sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            config = Config()
            config.set_main_option("script_location", str(migrations).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise RuntimeError("a migration left a row that refers to nothing")
    finally:
        engine.dispose()


def _leave_references(dbapi_connection: Any, _record: Any) -> None:
    """SQLite changes a table by making it anew, for which what refers to it must be let alone; it is checked after."""
    dbapi_connection.execute("PRAGMA foreign_keys=OFF")


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None  # SQLAlchemy's "begin" event below opens transactions, not the driver
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
