"""The durable side of checks, with group commit: what many checks leave behind goes to disk in one transaction.

A commit costs a trip to the disk, and with the way there and back far more than the check itself; but it costs hardly
more for many rows than for one. So while one transaction is written, the checks that come in meanwhile gather, and the
next transaction writes them all. Nobody waits for others to come: a check that is alone is written at once.

The database decides which presentation is the first of its kind, not this process: other processes of the same service
write to it as well. The answer to a check comes only after its commit, so that what was answered survives a power cut;
where the commit fails, every check of the batch fails with it. The used presentation and the audit record of a check
are in the same transaction: neither is ever there without the other. An entry holds nothing that a stranger could
choose the text of, so none can spoil the batch for its neighbours.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from vc_core.errors import ReasonCode
from vc_core.web.database import Database
from verifier.checks.repository import AuditRecord, CheckRepository, UsedPresentation
from verifier.sightings.models import OwedSighting
from verifier.sightings.repository import SightingRepository

MAX_BATCH = 128
"""Checks in one transaction, so that no check waits long for its neighbours' rows."""


@dataclass(frozen=True)
class Entry:
    """What one check leaves behind: its audit record, and the presentation where it passed the checks before replay.

    `owed` is what the patient is told where the presentation is the first of its kind.
    """

    record: AuditRecord
    used: UsedPresentation | None = None
    owed: OwedSighting | None = None


class Journal:
    """Writes entries in the order of their coming, in one transaction at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[tuple[Entry, asyncio.Future[bool]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, entry: Entry) -> bool:
        """Returns once the entry is on disk: False where its presentation was used before, and so recorded as replayed.

        Raises the database's error where the commit failed: nothing of the entry is kept then. Who is cancelled while
        the entry waits takes it back; once its transaction has begun it may stay.
        """
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, answer))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_waiting())
        return await answer

    async def stop(self) -> None:
        """Returns when everything that was handed in is written, or has failed."""
        if self._writing is not None:
            await self._writing

    async def _write_waiting(self) -> None:
        try:
            while self._waiting:
                await self._write_batch()
        finally:
            self._writing = None

    async def _write_batch(self) -> None:
        taken = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
        batch = [(entry, answer) for entry, answer in taken if not answer.done()]
        if not batch:
            return
        try:
            firsts = await self._database.write(partial(_save, [entry for entry, _ in batch]))
        except Exception as cause:  # noqa: BLE001 - whatever it was, each check must hear of it
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(cause)
        else:
            for (_, answer), first in zip(batch, firsts, strict=True):
                if not answer.done():
                    answer.set_result(first)


def _save(entries: Sequence[Entry], connection: Connection) -> list[bool]:
    """Whether each entry is the first with its presentation; of equal ones among them, one at most is."""
    repository = CheckRepository(connection)
    new = repository.remember([entry.used for entry in entries if entry.used is not None])
    firsts, records = [], []
    for entry in entries:
        first = entry.used is None or entry.used.digest in new
        if entry.used is not None:
            new.discard(entry.used.digest)
        firsts.append(first)
        records.append(entry.record if first else _as_replayed(entry.record))
    repository.save_records(records)
    owed = [entry.owed for entry, first in zip(entries, firsts, strict=True) if first and entry.owed is not None]
    SightingRepository(connection).add(owed)
    return firsts


def _as_replayed(record: AuditRecord) -> AuditRecord:
    return replace(record, verdict="rejected", code=ReasonCode.REPLAYED, assurance=None)
