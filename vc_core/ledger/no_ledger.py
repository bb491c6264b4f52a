"""The ledger of a desk that has none: it knows the registry from trust bundles only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from vc_core.errors import LedgerUnavailable
from vc_core.ledger.protocol import BlockHead, Log, Receipt

if TYPE_CHECKING:
    from vc_core.ledger.transactions import LedgerKey


class NoLedger:
    """A `Ledger` that never answers: all its methods raise `LedgerUnavailable`."""

    def __init__(self, chain_id: int) -> None:
        """`chain_id`: of the registry that the bundles are about."""
        self.chain_id = chain_id

    async def head(self) -> BlockHead:
        """See `Ledger`."""
        _refuse()

    async def block(self, number: int) -> BlockHead:
        """See `Ledger`."""
        _refuse()

    async def logs(self, addresses: Sequence[bytes], *, from_block: int, to_block: int) -> list[Log]:
        """See `Ledger`."""
        _refuse()

    async def call(self, to: bytes, data: bytes) -> bytes:
        """See `Ledger`."""
        _refuse()

    async def nonce(self, address: bytes) -> int:
        """See `Ledger`."""
        _refuse()

    async def code(self, address: bytes) -> bytes:
        """See `Ledger`."""
        _refuse()

    async def send(self, raw_transaction: bytes) -> Receipt:
        """See `Ledger`."""
        _refuse()

    async def transact(self, sender: LedgerKey, to: bytes, data: bytes, *, gas: int) -> Receipt:
        """See `Ledger`."""
        _refuse()


def _refuse() -> NoReturn:
    raise LedgerUnavailable("this service runs without a ledger")
