"""Entries of status lists under parallel issuance: row L8."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

from issuer.app import MIGRATIONS
from issuer.status.allocation import FILLED, LIST_SIZE, allocate
from issuer.status.models import StatusListShard
from issuer.status.repository import StatusRepository
from tests.support.allocating import ISSUER_DID, add_holder
from vc_core.web.database import Database

PROCESSES, EACH = 3, 12


async def test_processes_that_draw_the_same_numbers_never_get_the_same_entry(database_url: str) -> None:
    database = Database(database_url)
    await database.migrate(MIGRATIONS)
    await add_holder(database)
    arguments = [sys.executable, "-m", "tests.support.allocating", database_url]
    running = [
        await asyncio.create_subprocess_exec(*arguments, str(number), str(EACH), stdout=asyncio.subprocess.PIPE)
        for number in range(PROCESSES)
    ]
    taken = [
        tuple(entry) for process in running for entry in json.loads((await process.communicate())[0].decode("ascii"))
    ]
    assert len(taken) == len(set(taken)) == PROCESSES * EACH
    async with database.transaction() as session:
        for list_id, used in Counter(list_id for list_id, _ in taken).items():
            shard = await session.get(StatusListShard, list_id)
            assert shard is not None
            assert shard.allocated == used
    await database.close()


async def test_indices_are_spread_over_the_whole_list_and_say_nothing_of_their_order(database_url: str) -> None:
    database = Database(database_url)
    await database.migrate(MIGRATIONS)
    drawn = iter(range(1, 10**6))

    def randomness(length: int) -> bytes:
        return int(next(drawn) * 2_654_435_761 % (1 << 8 * length)).to_bytes(length, "big")

    async with database.transaction() as session:
        repository = StatusRepository(session)
        places = [await allocate(repository, ISSUER_DID, randomness) for _ in range(64)]
    indices = [place.index for place in places]
    assert indices != sorted(indices)
    assert {index * 8 // LIST_SIZE for index in indices} == set(range(8))
    assert FILLED < LIST_SIZE
    await database.close()
