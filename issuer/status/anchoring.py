"""Anchoring what was published: many entries of the log under one root, which somebody with a ledger key writes down.

As `vc_core.ledger.anchored_log` has it: entries are gathered into a batch, whose root is told until it is on the
ledger; then the next batch may begin, and each version in the batch can be proven to have been published.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.access import Principal
from issuer.audit.repository import AuditRepository
from issuer.status.forms import StatusListForm
from issuer.status.models import StatusBatch, StatusLogEntry
from issuer.status.publication import version_uri
from issuer.status.publication_repository import PublicationRepository
from vc_core.clock import Clock
from vc_core.errors import NotFound
from vc_core.ledger.anchored_log import AnchoredLog
from vc_core.ledger.events import Anchored
from vc_core.ledger.merkle import MerkleTree
from vc_core.ledger.proven_entry import ProvenEntry
from vc_core.status_log import PublishedVersion
from vc_core.web.database import Database

MAX_BATCH = 16_384
"""Entries under one root, so that a proof is quickly made."""


class AnchoringService:
    """Batches of the log, and proofs that a version is in it."""

    def __init__(self, database: Database, public_url: str, log: AnchoredLog, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._public_url = public_url
        self.log = log

    async def open_batch(self, by: Principal) -> tuple[StatusBatch | None, int]:
        """The batch that is to be anchored, made now where there is none; None where there is nothing new.

        The number says how many entries are left for later ones.
        """
        return await self._database.transact(lambda session: self._open_batch(session, by))

    async def _open_batch(self, session: AsyncSession, by: Principal) -> tuple[StatusBatch | None, int]:
        repository = PublicationRepository(session)
        newest, waiting = await repository.load_newest_batch()
        if newest is not None and self.find(newest) is None:
            return newest, waiting
        if not waiting:
            return None, 0
        number = newest.number + 1 if newest else 1
        await repository.take_new_entries(number, limit=MAX_BATCH)
        tree = self._tree(await repository.load_entries(number))
        batch = StatusBatch(number=number, root=tree.root.hex(), size=tree.size)
        await repository.save_batch(batch)
        await AuditRepository(session).append(
            by.id, "status_batch", str(number), "done", now=self._clock(), detail=f"{tree.size} lists"
        )
        return batch, waiting - tree.size

    async def prove(self, list_id: str, form: StatusListForm, version: int) -> ProvenEntry:
        """That this version was published. Raises `NotFound` where it was not, or is not on the ledger yet."""
        async with self._database.transaction() as session:
            repository = PublicationRepository(session)
            entry = await repository.load_entry(list_id, form, version)
            batch = await repository.load_batch(entry.batch) if entry is not None and entry.batch is not None else None
            entries = [] if batch is None else await repository.load_entries(batch.number)
        if entry is None:
            raise NotFound("There is no such version of a status list.")
        anchored = None if batch is None else self.find(batch)
        if anchored is None:
            raise NotFound("This version is not on the ledger yet.")
        tree = await asyncio.to_thread(self._tree, entries)
        proof = tree.create_proof([each.id for each in entries].index(entry.id))
        log = self.log
        return ProvenEntry(log.name, log.chain_id, log.contract, anchored.index, self._line(entry), proof)

    def find(self, batch: StatusBatch) -> Anchored | None:
        """The anchor of a batch, where the mirror has it."""
        return self.log.find(batch.root, size=batch.size)

    def _tree(self, entries: Sequence[StatusLogEntry]) -> MerkleTree:
        return MerkleTree(self._line(each) for each in entries)

    def _line(self, entry: StatusLogEntry) -> bytes:
        uri = version_uri(self._public_url, entry.list_id, StatusListForm(entry.form), entry.version)
        return PublishedVersion(uri, entry.issued_at, entry.sha256).to_entry()
