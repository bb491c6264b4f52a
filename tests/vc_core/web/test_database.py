"""The database of a service behaves alike on both engines."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from vc_core.web.database import Database


async def test_a_transaction_commits_whole_or_not_at_all(database_url: str) -> None:
    database = Database(database_url)
    async with database.transaction() as session:
        await (await session.connection()).execute(
            text("CREATE TABLE counter (id integer PRIMARY KEY, used integer NOT NULL)")
        )
        await (await session.connection()).execute(text("INSERT INTO counter VALUES (1, 0)"))

    async def fail_halfway() -> None:
        async with database.transaction() as session:
            await (await session.connection()).execute(text("UPDATE counter SET used = 1"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_halfway()
    async with database.transaction() as session:
        assert (await (await session.connection()).execute(text("SELECT used FROM counter"))).scalar_one() == 0
    await database.close()


async def test_of_many_conditional_updates_at_once_exactly_one_wins(database_url: str) -> None:
    database = Database(database_url)
    async with database.transaction() as session:
        await (await session.connection()).execute(
            text("CREATE TABLE counter (id integer PRIMARY KEY, used integer NOT NULL)")
        )
        await (await session.connection()).execute(text("INSERT INTO counter VALUES (1, 0)"))

    async def use() -> int:
        async with database.transaction() as session:
            result = await (await session.connection()).execute(
                text("UPDATE counter SET used = 1 WHERE id = 1 AND used = 0")
            )
            return result.rowcount

    assert sum(await asyncio.gather(*(use() for _ in range(50)))) == 1
    await database.close()


async def test_a_write_commits_whole_or_not_at_all(database_url: str) -> None:
    database = Database(database_url)

    def prepare(connection: Connection) -> int:
        connection.execute(text("CREATE TABLE counter (id integer PRIMARY KEY, used integer NOT NULL)"))
        return connection.execute(text("INSERT INTO counter VALUES (1, 0)")).rowcount

    def fail_halfway(connection: Connection) -> None:
        connection.execute(text("UPDATE counter SET used = 1"))
        raise RuntimeError

    assert await database.write(prepare) == 1
    with pytest.raises(RuntimeError):
        await database.write(fail_halfway)
    async with database.transaction() as session:
        assert (await (await session.connection()).execute(text("SELECT used FROM counter"))).scalar_one() == 0
    await database.close()


async def test_a_write_that_has_begun_ends_before_the_database_is_closed(database_url: str) -> None:
    database = Database(database_url)
    begun, go_on = threading.Event(), threading.Event()

    def create(connection: Connection) -> None:
        begun.set()
        go_on.wait(60)
        connection.execute(text("CREATE TABLE counter (id integer PRIMARY KEY)"))

    writing = asyncio.create_task(database.write(create))
    await asyncio.to_thread(begun.wait, 60)
    writing.cancel()
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0.05)
    assert not closing.done()
    go_on.set()
    await closing
    reopened = Database(database_url)
    assert await reopened.write(lambda connection: connection.execute(text("SELECT * FROM counter")).all()) == []
    await reopened.close()


async def test_a_write_survives_power_loss(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'service.sqlite'}")

    def pragmas(connection: Connection) -> list[object]:
        names = ("synchronous", "journal_mode", "foreign_keys")
        return [connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in names]

    assert await database.write(pragmas) == [2, "wal", 1]
    await database.close()
