"""In which order status lists are locked: on PostgreSQL, where two transactions could wait for each other."""

from __future__ import annotations

import asyncio

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.app import MIGRATIONS
from issuer.status.allocation import Allocation
from issuer.status.models import StatusListShard
from issuer.status.repository import StatusRepository
from tests.support.allocating import add_holder, issuance_at
from tests.support.postgres import until_waiting
from vc_core.formats.status_list import Status
from vc_core.web.database import Database

pytestmark = pytest.mark.postgres

LATER, FIRST = "1", "2"
"""The lists of did:b and did:a, which are so neither by their ids nor in the order in which they were made."""


async def lock(session: AsyncSession, list_id: str) -> None:
    """Raises `OperationalError` where another transaction has it."""
    query = select(StatusListShard.id).where(col(StatusListShard.id) == list_id)
    await session.exec(query.with_for_update(nowait=True, key_share=True))


async def test_who_waits_for_an_issuer_s_list_has_none_of_a_later_issuer(postgres_url: str) -> None:
    database = Database(postgres_url)
    await database.migrate(MIGRATIONS)
    await add_holder(database)
    async with database.transaction() as session:
        for list_id, issuer in ((LATER, "did:b"), (FIRST, "did:a")):
            session.add(StatusListShard(id=list_id, issuer=issuer, shard=0, allocated=1))
            await session.flush()
            session.add(issuance_at(list_id, Allocation(list_id, 1)))

    async def suspend() -> int:
        async with database.transaction() as session:
            repository = StatusRepository(session)
            return await repository.change_statuses("person", "InsuranceCoverage", Status.SUSPENDED)

    async with database.transaction() as holding:
        await lock(holding, FIRST)
        suspending = asyncio.create_task(suspend())
        await until_waiting(database)
        await lock(holding, LATER)
    assert await suspending == 2
    await database.close()
