"""The mirrored registry inside a service: kept in its own database, followed in the background, asked in memory.

Verification never waits for the chain. A task follows the chain into two tables; what is known is also in memory, where
a look-up takes microseconds, and every answer can say how old it is.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from vc_core.clock import Clock
from vc_core.errors import LedgerError, LedgerUnavailable, WrongChain
from vc_core.ledger.anchored_log import AnchoredLog
from vc_core.ledger.anchors import read_head
from vc_core.ledger.events import Anchored, RegistryEvent, log_id, parse_event, to_json
from vc_core.ledger.identities import MirroredIdentities
from vc_core.ledger.mirror import MirrorCheckpoint, RegistryMirror
from vc_core.ledger.no_ledger import NoLedger
from vc_core.ledger.protocol import BlockHead, Ledger
from vc_core.ledger.snapshot import RegistryAddresses, RegistrySnapshot
from vc_core.trust import RegistryTrust
from vc_core.web.background import Background
from vc_core.web.database import Database
from vc_core.web.settings import ServiceSettings

POLL_SECONDS = 1.0
_THE_ROW = 1
_log = logging.getLogger(__name__)


class RegistrySettings(ServiceSettings):
    """Settings of a service that mirrors the registry: which chain, and its three contracts (0x and 40 hex digits).

    `first_block`: the first that can hold anything of ours, where a public chain has millions before it.
    """

    chain_id: int = Field(gt=0)
    did_registry: str = Field(pattern="^0x[0-9a-f]{40}$")
    trust_registry: str = Field(pattern="^0x[0-9a-f]{40}$")
    anchors: str = Field(pattern="^0x[0-9a-f]{40}$")
    first_block: int = Field(default=0, ge=0)

    def registry_addresses(self) -> RegistryAddresses:
        """The contracts' addresses as bytes."""
        return RegistryAddresses(_from_hex(self.did_registry), _from_hex(self.trust_registry), _from_hex(self.anchors))


@dataclass(frozen=True)
class RegistryTables:
    """The two tables that a service keeps its mirror in."""

    events: Table
    head: Table


def registry_tables(metadata: MetaData) -> RegistryTables:
    """Adds the mirror's tables to a service's metadata: events by place on the chain, and one row for the head."""
    events = Table(
        "registry_events",
        metadata,
        Column("block_number", BigInteger, primary_key=True, autoincrement=False),
        Column("log_index", Integer, primary_key=True, autoincrement=False),
        Column("event", Text, nullable=False),
    )
    head = Table(
        "registry_head",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("chain_id", BigInteger, nullable=False),
        Column("did_registry", String(42), nullable=False),
        Column("trust_registry", String(42), nullable=False),
        Column("anchors", String(42), nullable=False),
        Column("block_number", BigInteger, nullable=False),
        Column("block_hash", String(66), nullable=False),
        Column("block_timestamp", BigInteger, nullable=False),
        Column("synced_at", BigInteger, nullable=False),
    )
    return RegistryTables(events, head)


class SqlMirrorStore:
    """A `MirrorStore` in a service's database. Processes that share the database may append the same events."""

    def __init__(self, database: Database, tables: RegistryTables) -> None:
        self._database = database
        self._tables = tables

    async def load(self) -> MirrorCheckpoint | None:
        """All that is kept, events in the chain's order; None before the first append."""
        events, head = self._tables.events, self._tables.head
        async with self._database.transaction() as session:
            connection = await session.connection()
            row = (await connection.execute(select(head))).one_or_none()
            if row is None:
                return None
            in_order = select(events.c.event).order_by(events.c.block_number, events.c.log_index)
            kept = (await connection.execute(in_order)).scalars()
            return MirrorCheckpoint(
                chain_id=row.chain_id,
                addresses=RegistryAddresses(
                    _from_hex(row.did_registry), _from_hex(row.trust_registry), _from_hex(row.anchors)
                ),
                head=BlockHead(row.block_number, _from_hex(row.block_hash), row.block_timestamp),
                synced_at=row.synced_at,
                events=tuple(parse_event(json.loads(text)) for text in kept),
            )

    async def append(self, progress: MirrorCheckpoint) -> None:
        """Adds the events and replaces the head, all or none of it; what another process kept already stays."""

        async def add(session: AsyncSession) -> None:
            connection = await session.connection()
            await self._add_events(connection, progress.events)
            head, values = self._tables.head, _head_row(progress)
            updated = await connection.execute(
                update(head).where(head.c.block_number <= progress.head.number).values(values)
            )
            if updated.rowcount == 0 and (await connection.execute(select(head))).one_or_none() is None:
                await connection.execute(insert(head).values(id=_THE_ROW, **values))

        await self._database.transact(add)

    async def _add_events(self, connection: AsyncConnection, added: Sequence[RegistryEvent]) -> None:
        if not added:
            return
        table = self._tables.events
        place = select(table.c.block_number, table.c.log_index)
        there = await connection.execute(place.where(table.c.block_number >= added[0].at.block_number))
        kept = {(row.block_number, row.log_index) for row in there}
        fresh = [
            {
                "block_number": event.at.block_number,
                "log_index": event.at.log_index,
                "event": json.dumps(to_json(event)),
            }
            for event in added
            if (event.at.block_number, event.at.log_index) not in kept
        ]
        if fresh:
            await connection.execute(insert(table), fresh)


def _head_row(progress: MirrorCheckpoint) -> dict[str, Any]:
    return {
        "chain_id": progress.chain_id,
        "did_registry": "0x" + progress.addresses.did_registry.hex(),
        "trust_registry": "0x" + progress.addresses.trust_registry.hex(),
        "anchors": "0x" + progress.addresses.anchors.hex(),
        "block_number": progress.head.number,
        "block_hash": "0x" + progress.head.hash.hex(),
        "block_timestamp": progress.head.timestamp,
        "synced_at": progress.synced_at,
    }


def _from_hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


class MirroredRegistry:
    """What a service knows of the registry, and how it comes to know it."""

    def __init__(
        self, ledger: Ledger, settings: RegistrySettings, database: Database, tables: RegistryTables, clock: Clock
    ) -> None:
        self._has_ledger = not isinstance(ledger, NoLedger)
        self._ledger = ledger
        self._contracts = addresses = settings.registry_addresses()
        self._store = SqlMirrorStore(database, tables)
        self._mirror = RegistryMirror(ledger, addresses, self._store, clock, first_block=settings.first_block)
        self._following = Background(self._mirror.try_to_advance, pause_seconds=POLL_SECONDS)
        self.identities = MirroredIdentities(self._mirror, ledger)
        """The registry as a DID resolver asks for it."""
        self.trust = RegistryTrust(
            self._mirror.state, chain_id=settings.chain_id, synced_at=lambda: self._mirror.synced_at
        )

    async def start(self) -> None:
        """Loads what is kept, catches up with the chain if it can, and goes on following it in the background.

        Raises `WrongChain` where the database or the node is of another chain than the settings say. That the nodes
        are away or contradict each other keeps no desk from opening: what is known has its age, and `ready` says so.
        """
        await self._mirror.start()
        if not self._has_ledger:
            return
        try:
            await self._mirror.advance()
        except WrongChain:
            raise
        except LedgerError as failure:
            _log.warning("the registry could not be read at start", extra={"error": failure.code})
        self._following.start()

    async def advance(self) -> None:
        """Catches up with the chain now. Raises `LedgerError` where it can't; what is known then stays."""
        await self._mirror.advance()

    async def take_up(self, told: RegistrySnapshot) -> None:
        """Adds what a verified trust bundle tells. Raises `WrongChain` where it tells another history."""
        await self._mirror.take_up(told)

    async def reload(self) -> None:
        """Takes up what another process of this service has kept since, from a trust bundle say."""
        kept = await self._store.load()
        if kept is not None:
            await self._mirror.take_up(kept)

    def known(self) -> RegistrySnapshot | None:
        """All that is known; None before anything is."""
        return None if self._mirror.head is None else self._mirror.snapshot()

    async def stop(self) -> None:
        """Stops following."""
        await self._following.stop()

    async def ready(self) -> None:
        """Returns where what is known of the registry can be served, of whatever age.

        Raises `LedgerUnavailable` where it was never read, and the `LedgerError` by which the ledger contradicted at
        the last attempt what was read before or itself: then somebody has to look.
        """
        if self._mirror.synced_at == 0:
            raise LedgerUnavailable("The registry has not been read yet.")
        if self._mirror.contradiction is not None:
            raise self._mirror.contradiction

    def anchors(self, log: str) -> Sequence[Anchored]:
        """The roots of the log of this public name, oldest first, as far as they are known."""
        return self._mirror.state.anchors(log_id(log).hex())

    def log(self, name: str) -> AnchoredLog:
        """The log of this public name, to be anchored by whoever has its key."""
        contract = self._contracts.anchors
        return AnchoredLog(
            name,
            self._ledger.chain_id,
            "0x" + contract.hex(),
            lambda: self.anchors(name),
            lambda: read_head(self._ledger, contract, name),
        )

    def snapshot(self) -> RegistrySnapshot:
        """All that is known, to hand to a wallet."""
        return self._mirror.snapshot()
