"""Group commit: what is written together, what is answered when, and what a failure takes with it."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from tests.verifier.conftest import PUBLIC_URL, Desk
from vc_core.web.database import Database, Result
from verifier.app import MIGRATIONS
from verifier.checks.journal import MAX_BATCH, Entry, Journal
from verifier.checks.repository import AuditRecord, UsedPresentation


class GatedDatabase(Database):
    """A database whose transactions wait at an open or closed gate, and fail at the end when they are to."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.gate = asyncio.Event()
        self.gate.set()
        self.transactions = 0
        self.failing = False

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """As before, but for the gate."""

        def failing(connection: Connection) -> Result:
            work(connection)
            raise OperationalError("COMMIT", None, OSError("disk full"))

        self.transactions += 1
        await self.gate.wait()
        return await super().write(failing if self.failing else work)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[GatedDatabase]:
    """A database with the verifier's tables; its gate is open."""
    database = GatedDatabase(url)
    await database.migrate(MIGRATIONS)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[GatedDatabase]:
    """A fresh one, once of each kind."""
    async with opened(database_url) as fresh:
        yield fresh


def entry(presentation: str | None) -> Entry:
    """What an accepted check of this presentation leaves behind, or a refused one without any."""
    if presentation is None:
        return Entry(AuditRecord(1, "rejected", "MALFORMED", None, None))
    digest = hashlib.sha256(presentation.encode()).digest()
    return Entry(AuditRecord(1, "accepted", "OK", "HealthId", "did:example:issuer"), UsedPresentation(digest, 60))


async def codes(url: str) -> Counter[str]:
    """How often each code is in the audit log, as another process sees it."""
    database = Database(url)
    found = await database.write(lambda connection: list(connection.execute(text("SELECT code FROM check_record"))))
    await database.close()
    return Counter(code for (code,) in found)


async def used(url: str) -> int:
    """How many presentations are remembered, as another process sees it."""
    database = Database(url)
    count = await database.write(
        lambda connection: connection.execute(text("SELECT count(*) FROM seen_presentation")).scalar_one()
    )
    await database.close()
    return int(count)


async def held(journal: Journal, database: GatedDatabase, *entries: Entry) -> list[asyncio.Task[bool]]:
    """The first entry's transaction is under way and held at the gate, the others wait for it."""
    database.gate.clear()
    first, *others = entries
    tasks = [asyncio.create_task(journal.write(first))]
    while not database.transactions:
        await asyncio.sleep(0)
    tasks += [asyncio.create_task(journal.write(each)) for each in others]
    await asyncio.sleep(0)  # each has got as far as it can
    return tasks


async def test_an_answer_means_that_both_rows_are_on_disk(database: GatedDatabase, database_url: str) -> None:
    assert await Journal(database).write(entry("a"))
    assert (await codes(database_url), await used(database_url)) == ({"OK": 1}, 1)


async def test_a_check_that_is_alone_waits_for_no_other(database: GatedDatabase) -> None:
    journal = Journal(database)
    for name in "abc":
        assert await journal.write(entry(name))
    assert database.transactions == 3


async def test_those_that_come_meanwhile_are_written_together(database: GatedDatabase, database_url: str) -> None:
    tasks = await held(Journal(database), database, *(entry(name) for name in "abcdefgh"), entry(None))
    assert not any(task.done() for task in tasks)
    database.gate.set()
    assert all(await asyncio.gather(*tasks))
    assert database.transactions == 2
    assert await codes(database_url) == {"OK": 8, "MALFORMED": 1}


async def test_a_batch_is_bounded(database: GatedDatabase, database_url: str) -> None:
    journal = Journal(database)
    assert all(await asyncio.gather(*(journal.write(entry(str(n))) for n in range(2 * MAX_BATCH + 1))))
    assert database.transactions == 3
    assert await used(database_url) == 2 * MAX_BATCH + 1


async def test_of_equal_ones_in_a_batch_one_is_the_first(database: GatedDatabase, database_url: str) -> None:
    journal = Journal(database)
    firsts = await asyncio.gather(*(journal.write(entry(name)) for name in "ab" * 10))
    assert firsts == [True, True] + [False] * 18
    assert database.transactions == 1
    assert await codes(database_url) == {"OK": 2, "REPLAYED": 18}
    assert not await journal.write(entry("a"))


async def test_two_processes_with_the_same_presentations_in_another_order(
    database: GatedDatabase, database_url: str
) -> None:
    """Each is the first of its kind in one of the two, and they never wait for each other's rows for ever."""
    names = [str(n) for n in range(40)]
    async with opened(database_url) as other, asyncio.timeout(60):
        one, two = Journal(database), Journal(other)
        writes = [journal.write(entry(name)) for name in names for journal in (one, two)]
        reverse = [two.write(entry(f"more {name}")) for name in reversed(names)]
        forward = [one.write(entry(f"more {name}")) for name in names]
        firsts = await asyncio.gather(*writes, *reverse, *forward)
    assert Counter(firsts) == {True: 80, False: 80}
    assert await codes(database_url) == {"OK": 80, "REPLAYED": 80}


async def test_a_commit_that_fails_takes_its_whole_batch_and_nothing_else(
    database: GatedDatabase, database_url: str
) -> None:
    journal = Journal(database)
    database.failing = True
    outcomes = await asyncio.gather(*(journal.write(entry(name)) for name in "abc"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OperationalError] * 3
    assert (await codes(database_url), await used(database_url)) == ({}, 0)
    database.failing = False
    assert await journal.write(entry("a"))


async def test_who_goes_while_waiting_takes_the_entry_back(database: GatedDatabase, database_url: str) -> None:
    tasks = await held(Journal(database), database, *(entry(name) for name in "abc"))
    tasks[1].cancel()
    await asyncio.sleep(0)
    database.gate.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert (outcomes[0], type(outcomes[1]), outcomes[2]) == (True, asyncio.CancelledError, True)
    assert (await codes(database_url), await used(database_url)) == ({"OK": 2}, 2)


async def test_who_goes_while_it_is_written_disturbs_nobody(database: GatedDatabase, database_url: str) -> None:
    tasks = await held(Journal(database), database, entry("a"), entry("b"))
    tasks[0].cancel()
    await asyncio.sleep(0)
    database.gate.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert (type(outcomes[0]), outcomes[1]) == (asyncio.CancelledError, True)
    assert (await codes(database_url), await used(database_url)) == ({"OK": 2}, 2)


async def test_all_of_a_batch_may_go(database: GatedDatabase, database_url: str) -> None:
    journal = Journal(database)
    tasks = await held(journal, database, *(entry(name) for name in "abc"))
    for task in tasks:
        task.cancel()
    database.gate.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(60):
        assert await journal.write(entry("d"))
        await journal.stop()
    assert await used(database_url) == 2


async def test_stopping_waits_for_what_was_handed_in(database: GatedDatabase, database_url: str) -> None:
    journal = Journal(database)
    tasks = await held(journal, database, *(entry(name) for name in "abc"))
    stopping = asyncio.create_task(journal.stop())
    await asyncio.sleep(0.01)
    assert not stopping.done()
    database.gate.set()
    await stopping
    assert await codes(database_url) == {"OK": 3}
    assert all(await asyncio.gather(*tasks))
    await journal.stop()


async def test_without_its_audit_record_no_presentation_is_used_up(desk: Desk, database_url: str) -> None:
    """No verdict, and the same code is good once the log can be written again."""
    qr = desk.show()
    transport = httpx.ASGITransport(desk.app, raise_app_exceptions=False)
    database = Database(database_url)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        await database.write(lambda c: c.execute(text("ALTER TABLE check_record RENAME TO away")))
        answers = await asyncio.gather(*(client.post("/checks", json={"qr": each}) for each in (qr, qr, "other")))
        assert [answer.status_code for answer in answers] == [500] * 3
        assert not any("verdict" in answer.json() for answer in answers)
        await database.write(lambda c: c.execute(text("ALTER TABLE away RENAME TO check_record")))
    await database.close()
    assert (await used(database_url), (await desk.check(qr))["code"]) == (0, "OK")
