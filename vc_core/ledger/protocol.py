"""What every ledger engine offers: a small part of the EVM's JSON-RPC surface, typed. One suite tests them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a wallet reads the types here, and has no library for the chain
    from vc_core.ledger.transactions import LedgerKey


@dataclass(frozen=True)
class BlockHead:
    """A block by number, hash (32 bytes) and time (seconds since 1970)."""

    number: int
    hash: bytes
    timestamp: int


@dataclass(frozen=True)
class Log:
    """One event as a contract emitted it: 20-byte address, 32-byte topics, ABI-encoded data."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_timestamp: int
    log_index: int


@dataclass(frozen=True)
class Receipt:
    """What became of a transaction; `contract_address` (20 bytes) where it deployed one."""

    transaction_hash: bytes
    block_number: int
    succeeded: bool
    gas_used: int
    contract_address: bytes | None


class Ledger(Protocol):
    """An EVM chain. All methods raise `LedgerUnavailable` when the chain can't be asked."""

    @property
    def chain_id(self) -> int:
        """The chain's id (EIP-155)."""

    async def head(self) -> BlockHead:
        """The newest block that this engine regards as final."""

    async def block(self, number: int) -> BlockHead:
        """The block of this number. Raises `LedgerError` where the chain has none."""

    async def logs(self, addresses: Sequence[bytes], *, from_block: int, to_block: int) -> list[Log]:
        """All events of these contracts in the blocks from `from_block` to `to_block`, both included, in order."""

    async def call(self, to: bytes, data: bytes) -> bytes:
        """The result of a read-only call, evaluated now. Raises `TransactionFailed` with the contract's reason."""

    async def nonce(self, address: bytes) -> int:
        """How many transactions this 20-byte address has sent."""

    async def code(self, address: bytes) -> bytes:
        """The contract's code at this address; empty where there is none."""

    async def send(self, raw_transaction: bytes) -> Receipt:
        """Sends a signed transaction and waits until it is final: in a block that `head` covers.

        Raises `TransactionFailed`; `LedgerUnavailable` where it is not known what became of it.
        """

    async def transact(self, sender: LedgerKey, to: bytes, data: bytes, *, gas: int) -> Receipt:
        """Signs with the sender's next nonce and the fee that the chain wants, and goes on as `send`.

        `to`: 20 bytes, or empty to deploy; `gas`: the most that it may use. Any number may be under way at once.
        """
