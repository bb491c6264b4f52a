"""The audit log's head on a ledger, and a log that somebody changes who holds the database and knows how it is made."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from issuer.app import MIGRATIONS
from issuer.audit.anchoring import AuditAnchoring
from issuer.audit.chain import START, hash_line
from issuer.audit.models import AuditBatch
from issuer.audit.proof import LedgerFinding, LedgerProof
from issuer.audit.repository import AuditRepository, line_of
from issuer.audit.verification import AuditVerification, LogState
from tests.issuer.audit.ledger import PlayedLedger
from vc_core.web.database import Database


@dataclass
class AuditedOffice:
    """A database with an audit log, its ledger, and what a thief of the database does to it."""

    database: Database
    ledger: PlayedLedger
    now: int = 0

    async def act(self, count: int) -> None:
        """So many lines more, no two the same."""
        async with self.database.transaction() as session:
            for _ in range(count):
                self.now += 1
                await AuditRepository(session).append("officer", "offer", "person", "done", now=self.now)

    async def batch(self, log: str | None = None) -> AuditBatch | None:
        """What is to be anchored."""
        known = self.ledger.log() if log is None else self.ledger.log(log)
        return await AuditAnchoring(self.database, known, secrets.token_bytes).open_batch()

    async def anchored(self, count: int) -> None:
        """So many lines more, and anchored."""
        await self.act(count)
        batch = await self.batch()
        assert batch is not None
        self.ledger.anchor(batch.root)

    async def state(self) -> LogState:
        """What comes out of checking the log."""
        return await AuditVerification(self.database, self.ledger.log()).verify()

    async def proof(self) -> LedgerProof:
        """As `state`, of a log whose own chain holds."""
        state = await self.state()
        assert state.broken_at is None
        return state.proof

    async def rewrite(self, *, first: int, keep: int | None = None) -> None:
        """Says another thing in a line, computes all hashes after it anew, and leaves only as many lines."""
        await self.drop_triggers()
        async with self.database.transaction() as session:
            repository = AuditRepository(session)
            entries = list(await repository.load_after(0, limit=1000))
            previous = START
            for entry in entries:
                if entry.number == first:
                    entry.outcome = "never"
                previous = entry.hash = hash_line(previous, line_of(entry))
            left = entries[:keep]
            for entry in entries[len(left) :]:
                await session.delete(entry)
            values = {"number": len(left), "hash": left[-1].hash if left else START}
            await session.flush()
            connection = await session.connection()
            await connection.execute(text("UPDATE audit_head SET number = :number, hash = :hash"), values)

    async def drop_triggers(self) -> None:
        """So that lines may be changed."""
        async with self.database.transaction() as session:
            connection = await session.connection()
            postgres = connection.dialect.name == "postgresql"
            for name in ("keep_audit_log",) if postgres else ("keep_audit_log_update", "keep_audit_log_delete"):
                await connection.execute(text(f"DROP TRIGGER IF EXISTS {name}" + (" ON audit_log" if postgres else "")))


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[AuditedOffice]:
    database = Database(database_url)
    await database.migrate(MIGRATIONS)
    yield AuditedOffice(database, PlayedLedger())
    await database.close()


async def test_nothing_is_anchored_twice_and_the_same_until_it_is_there(office: AuditedOffice) -> None:
    assert await office.batch() is None
    await office.act(3)
    first = await office.batch()
    assert first is not None
    await office.act(2)
    again = await office.batch()
    assert again is not None
    assert (again.root, again.line_number) == (first.root, 3)
    assert (await office.state()).proof == LedgerProof(LedgerFinding.NOT_ANCHORED)

    office.ledger.anchor(first.root)
    second = await office.batch()
    assert second is not None
    assert (second.number, second.line_number) == (2, 5)
    assert second.blind != first.blind
    office.ledger.anchor(second.root)
    assert await office.batch() is None
    state, times = await office.state(), [each.at.block_timestamp for each in office.ledger.written]
    assert (state.proof, state.anchors, state.asked) == (LedgerProof(LedgerFinding.PROVEN, 5, times[1]), 2, True)
    another = await office.batch("another/audit")
    assert another is not None
    assert (another.number, another.line_number) == (1, 5)


async def test_a_line_written_anew_with_all_hashes_after_it_is_found(office: AuditedOffice) -> None:
    await office.anchored(3)
    await office.anchored(3)
    await office.act(2)
    times = [each.at.block_timestamp for each in office.ledger.written]
    await office.rewrite(first=8)
    assert (await office.proof()) == LedgerProof(LedgerFinding.PROVEN, 6, times[1])
    await office.rewrite(first=5)
    assert (await office.proof()) == LedgerProof(LedgerFinding.REWRITTEN, 3, times[0], 6, times[1])
    await office.anchored(1)
    assert (await office.proof()) == LedgerProof(LedgerFinding.FORKED, 3, times[0], 6, times[1])


async def test_lines_that_were_cut_off_are_found(office: AuditedOffice) -> None:
    await office.anchored(3)
    await office.anchored(3)
    await office.rewrite(first=0, keep=4)
    times = [each.at.block_timestamp for each in office.ledger.written]
    assert (await office.proof()) == LedgerProof(LedgerFinding.SHORTENED, 3, times[0], 6, times[1])
    await office.anchored(4)
    assert (await office.proof()) == LedgerProof(LedgerFinding.FORKED, 3, times[0], 6, times[1])


async def test_a_line_of_a_broken_chain_is_not_proven(office: AuditedOffice) -> None:
    """Not even by a root over it, where hashes were left as they were."""
    await office.anchored(2)
    await office.anchored(2)
    await office.drop_triggers()
    async with office.database.transaction() as session:
        await (await session.connection()).execute(text("UPDATE audit_log SET outcome = 'x' WHERE number = 3"))
    state, times = await office.state(), [each.at.block_timestamp for each in office.ledger.written]
    assert state.broken_at == 3
    assert state.proof == LedgerProof(LedgerFinding.REWRITTEN, 2, times[0], 4, times[1])


async def test_who_holds_the_database_holds_its_mirror_too_but_not_the_ledger(office: AuditedOffice) -> None:
    await office.anchored(3)
    await office.anchored(3)
    await office.rewrite(first=5)
    office.ledger.mirrored = office.ledger.written[:1]
    assert (await office.proof()) == LedgerProof(LedgerFinding.MIRROR_DIFFERS)
    office.ledger.answers = False
    state = await office.state()
    assert (state.proof.finding, state.asked) == (LedgerFinding.PROVEN, False)
    office.ledger.mirrored = []
    office.ledger.answers = True
    assert (await office.proof()).finding is LedgerFinding.MIRROR_DIFFERS
