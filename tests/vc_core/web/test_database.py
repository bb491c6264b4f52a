"""The database of a service behaves alike on both engines."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

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
