"""Identities as a DID resolver asks for them: from a mirror as it stands, or live from the chain behind it."""

from __future__ import annotations

from collections.abc import Sequence

from vc_core.errors import LedgerUnavailable
from vc_core.ledger.mirror import RegistryMirror
from vc_core.ledger.protocol import Ledger
from vc_core.ledger.registry_state import IdentityEvent


class MirroredIdentities:
    """The identities of the registry that a mirror follows; a question waits for no chain, but for `block_time`."""

    def __init__(self, mirror: RegistryMirror, ledger: Ledger) -> None:
        """`ledger`: the one that the mirror follows."""
        self._mirror = mirror
        self._ledger = ledger

    @property
    def chain_id(self) -> int:
        """The chain's id (EIP-155)."""
        return self._ledger.chain_id

    @property
    def synced_at(self) -> int:
        """When what is known was last known to be the chain's newest, in seconds since 1970."""
        return self._mirror.synced_at

    async def identity_events(self, identity: str) -> Sequence[IdentityEvent]:
        """The history of an identity (0x + 40 lower-case hex digits), oldest first; empty where there is none.

        Raises `LedgerError` where the registry was never read, or was found to contradict what was read: nothing is
        known then, which is not the same as that there is nothing.
        """
        if self._mirror.contradiction is not None:
            raise self._mirror.contradiction
        if self._mirror.head is None:
            raise LedgerUnavailable("The registry has not been read yet.")
        return self._mirror.state.identity_events(identity)

    async def block_time(self, number: int) -> int | None:
        """When a block was made, in seconds since 1970; None for a block after the newest that was read.

        Raises `LedgerError` where the chain has to be asked and can't be.
        """
        head = self._mirror.head
        if head is None or number > head.number:
            return None
        return head.timestamp if number == head.number else (await self._ledger.block(number)).timestamp


class LiveIdentities(MirroredIdentities):
    """The same, but every question for an identity first reads what is new on the chain, or fails."""

    async def identity_events(self, identity: str) -> Sequence[IdentityEvent]:
        """See `MirroredIdentities`; also raises `LedgerError` where the chain can't be read now."""
        await self._mirror.advance()
        return await super().identity_events(identity)
