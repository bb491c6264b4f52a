"""The mirror: follows the registries on the chain, so that a verification never waits for it.

It keeps what it read in a store, and the registry's state in memory. It never guesses: where the chain is not the one
that it followed before, or says less than it said before, the mirror keeps what it has, with its age, and raises.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from itertools import pairwise
from typing import Protocol, TypeAlias

from vc_core.clock import Clock
from vc_core.errors import LedgerError, LedgerUnavailable, SabaiError, WrongChain
from vc_core.ledger.contract import ContractName, load_contract
from vc_core.ledger.events import RegistryEvent
from vc_core.ledger.protocol import BlockHead, Ledger
from vc_core.ledger.registry_logs import decode_log
from vc_core.ledger.registry_state import RegistryState
from vc_core.ledger.snapshot import RegistryAddresses, RegistrySnapshot

logger = logging.getLogger(__name__)

MirrorCheckpoint: TypeAlias = RegistrySnapshot
_BLOCKS_PER_STEP = 5_000


class MirrorStore(Protocol):
    """Where a mirror keeps its progress, for one registry."""

    async def load(self) -> MirrorCheckpoint | None:
        """All that was stored, events in the chain's order; None where nothing was."""

    async def append(self, progress: MirrorCheckpoint) -> None:
        """Adds `progress.events`, which are later than all stored ones, and replaces the rest: all of it or nothing."""


class MemoryMirrorStore:
    """A store for tests, and for programs that read the chain anew at each start."""

    def __init__(self) -> None:
        self._checkpoint: MirrorCheckpoint | None = None

    async def load(self) -> MirrorCheckpoint | None:
        """See `MirrorStore.load`."""
        return self._checkpoint

    async def append(self, progress: MirrorCheckpoint) -> None:
        """See `MirrorStore.append`."""
        earlier = self._checkpoint.events if self._checkpoint else ()
        self._checkpoint = replace(progress, events=earlier + progress.events)


class RegistryMirror:
    """Follows one registry. `start` before anything else; then `advance` or `try_to_advance` now and then."""

    def __init__(
        self,
        ledger: Ledger,
        addresses: RegistryAddresses,
        store: MirrorStore,
        clock: Clock,
        *,
        first_block: int = 0,
    ) -> None:
        """`first_block`: where to begin, on a chain that is older than the registry."""
        self._first_block = first_block
        self._ledger = ledger
        self._addresses = addresses
        self._store = store
        self._clock = clock
        self._advancing = asyncio.Lock()
        self._events: list[RegistryEvent] = []
        self._head: BlockHead | None = None
        self._synced_at = 0
        self._contracts_found = False
        self._contradiction: LedgerError | None = None
        self.state = RegistryState()
        """The registry as far as it was read: one object for the mirror's life."""

    @property
    def head(self) -> BlockHead | None:
        """The newest block that was read; None before the first."""
        return self._head

    @property
    def synced_at(self) -> int:
        """When `head` was last known to be the chain's newest, in seconds since 1970; 0 for never."""
        return self._synced_at

    @property
    def contradiction(self) -> LedgerError | None:
        """Why the ledger could not be believed when it last answered: a block read before is gone, an answer is not
        whole, the nodes disagree. None after it went well, and where the ledger was merely away or behind.
        """
        return self._contradiction

    def snapshot(self) -> RegistrySnapshot:
        """All that was read, to be served. Raises `LedgerError` before anything was."""
        if self._head is None:
            raise LedgerError("the registry was not read yet")
        return RegistrySnapshot(
            self._ledger.chain_id, self._addresses, self._head, self._synced_at, tuple(self._events)
        )

    async def start(self) -> None:
        """Takes up what the store has; the chain is not asked. Raises `WrongChain` where it is of another registry."""
        checkpoint = await self._store.load()
        if checkpoint is None:
            return
        if (checkpoint.chain_id, checkpoint.addresses) != (self._ledger.chain_id, self._addresses):
            raise WrongChain("what is stored of the registry is of another chain or of other contracts")
        self._take(checkpoint)

    async def advance(self) -> None:
        """Reads what is new on the chain; does nothing to the state where that fails.

        Raises `LedgerUnavailable` where the chain can't be asked or is behind what was read, `WrongChain` where our
        contracts are not on it, `LedgerError` where it contradicts itself or no longer has what was read: a
        reorganisation deeper than what counts as final. That is never mended by itself, since what desks were told
        meanwhile was wrong.
        """
        async with self._advancing:
            try:
                await self._advance()
            except LedgerUnavailable:
                raise  # says nothing about what was read
            except LedgerError as failure:
                self._contradiction = failure
                raise
            self._contradiction = None

    async def _advance(self) -> None:
        now = self._clock()
        head = await self._ledger.head()
        await self._check_chain(head)
        first = self._head.number + 1 if self._head else self._first_block
        while first <= head.number:
            last = min(first + _BLOCKS_PER_STEP - 1, head.number)
            events = await self._read(first, last)
            if last < head.number:
                await self._keep(await self._ledger.block(last), self._synced_at, events)
            else:
                await self._keep(head, now, events)
            first = last + 1
        if self._synced_at != now:
            await self._keep(head, now, ())

    async def take_up(self, told: RegistrySnapshot) -> None:
        """Adds what a trusted other tells of this registry; what goes less far than what was read changes nothing.

        Raises `WrongChain` where it is of another registry, or tells another history than what was read.
        """
        async with self._advancing:
            here = BlockHead(-1, b"", 0) if self._head is None else self._head
            known = RegistrySnapshot(self._ledger.chain_id, self._addresses, here, self._synced_at, tuple(self._events))
            events = known.check_told_again(told)
            if told.head.number >= here.number:
                await self._keep(told.head, max(told.synced_at, self._synced_at), events)

    async def try_to_advance(self) -> None:
        """As `advance`, but a failure is logged, and leaves the state and its age alone."""
        try:
            await self.advance()
        except SabaiError as failure:
            logger.warning("the registry could not be read: %s", failure.code)
        except Exception as failure:
            logger.error("the registry could not be read: %s", type(failure).__name__)

    async def _check_chain(self, head: BlockHead) -> None:
        if not self._contracts_found:
            for address, name in self._contracts():
                if await self._ledger.code(address) != load_contract(name).deployed_bytecode:
                    raise WrongChain("the registry's contracts are not on this chain")
            self._contracts_found = True
        if self._head is None:
            return
        if head.number < self._head.number:
            raise LedgerUnavailable("the ledger is behind what was read from it before")
        known = head if head.number == self._head.number else await self._ledger.block(self._head.number)
        if known.hash != self._head.hash:
            raise LedgerError("the ledger no longer has the block that was read last")

    def _contracts(self) -> tuple[tuple[bytes, ContractName], ...]:
        return (
            (self._addresses.did_registry, "DidRegistry"),
            (self._addresses.trust_registry, "TrustRegistry"),
            (self._addresses.anchors, "Anchors"),
        )

    async def _read(self, first: int, last: int) -> tuple[RegistryEvent, ...]:
        addresses = [address for address, _ in self._contracts()]
        logs = await self._ledger.logs(addresses, from_block=first, to_block=last)
        places = [(log.block_number, log.log_index) for log in logs]
        in_order = all(earlier < later for earlier, later in pairwise(places))
        if not in_order or any(not first <= block_number <= last for block_number, _ in places):
            raise LedgerError("the ledger's answer is not in order")
        return tuple(event for log in logs if (event := decode_log(log, self._addresses)) is not None)

    async def _keep(self, head: BlockHead, synced_at: int, events: tuple[RegistryEvent, ...]) -> None:
        progress = RegistrySnapshot(self._ledger.chain_id, self._addresses, head, synced_at, events)
        await self._store.append(progress)
        self._take(progress)

    def _take(self, progress: RegistrySnapshot) -> None:
        for event in progress.events:
            self.state.apply(event)
        self._events.extend(progress.events)
        self._head, self._synced_at = progress.head, progress.synced_at
