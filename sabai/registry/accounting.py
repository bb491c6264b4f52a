"""A ledger that keeps account of what is sent through it, or, in a dry run, only asks what it would cost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from vc_core.ledger.contract import ContractName, load_contract
from vc_core.ledger.protocol import BlockHead, Ledger, Log, Receipt
from vc_core.ledger.transactions import LedgerKey, contract_address, parse_signed_transaction

EstimateGas: TypeAlias = Callable[[bytes, bytes, bytes], Awaitable[int]]
"""The gas of a transaction by sender, to (20 bytes each; `to` empty to deploy) and data, on the state as it is now."""


@dataclass(frozen=True)
class Sent:
    """A transaction: what it called, and the gas that it used. Without a hash it was estimated, not sent."""

    contract: str
    function: str
    gas: int
    transaction_hash: bytes | None = None
    block_number: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "contract": self.contract,
            "function": self.function,
            "gas": self.gas,
            "transaction_hash": None if self.transaction_hash is None else "0x" + self.transaction_hash.hex(),
            "block": self.block_number,
        }


class AccountingLedger:
    """A `Ledger` before another. `sent` has all that went through; in a dry run nothing reaches the other.

    In a dry run each transaction is estimated on the state as it is now, not on what those before it would have made
    of it, and raises what the contract would refuse it with.
    """

    def __init__(
        self,
        ledger: Ledger,
        estimate: EstimateGas,
        *,
        names: Mapping[bytes, ContractName],
        dry_run: bool = False,
        before_sending: Callable[[str], None] | None = None,
    ) -> None:
        """`names`: the contracts by address; `before_sending` is told the function, while a person waits."""
        self._ledger = ledger
        self._estimate = estimate
        self._names = names
        self._before_sending = before_sending
        self.dry_run = dry_run
        self.sent: list[Sent] = []

    @property
    def chain_id(self) -> int:
        """See `Ledger`."""
        return self._ledger.chain_id

    async def head(self) -> BlockHead:
        """See `Ledger.head`."""
        return await self._ledger.head()

    async def block(self, number: int) -> BlockHead:
        """See `Ledger.block`."""
        return await self._ledger.block(number)

    async def logs(self, addresses: Sequence[bytes], *, from_block: int, to_block: int) -> list[Log]:
        """See `Ledger.logs`."""
        return await self._ledger.logs(addresses, from_block=from_block, to_block=to_block)

    async def call(self, to: bytes, data: bytes) -> bytes:
        """See `Ledger.call`."""
        return await self._ledger.call(to, data)

    async def nonce(self, address: bytes) -> int:
        """See `Ledger.nonce`."""
        return await self._ledger.nonce(address)

    async def code(self, address: bytes) -> bytes:
        """See `Ledger.code`."""
        return await self._ledger.code(address)

    async def send(self, raw_transaction: bytes) -> Receipt:
        """See `Ledger.send`."""
        signed = parse_signed_transaction(raw_transaction)
        to, data = signed.transaction.to, signed.transaction.data
        return await self._account(signed.sender, to, data, lambda: self._ledger.send(raw_transaction))

    async def transact(self, sender: LedgerKey, to: bytes, data: bytes, *, gas: int) -> Receipt:
        """See `Ledger.transact`."""
        return await self._account(sender.address, to, data, lambda: self._ledger.transact(sender, to, data, gas=gas))

    async def _account(self, sender: bytes, to: bytes, data: bytes, send: Callable[[], Awaitable[Receipt]]) -> Receipt:
        contract, function = self._describe(to, data)
        if self.dry_run:
            gas = await self._estimate(sender, to, data)
            self.sent.append(Sent(contract, function, gas))
            created = None if to else contract_address(sender, await self._ledger.nonce(sender))
            return Receipt(bytes(32), 0, True, gas, created)
        if self._before_sending is not None:
            self._before_sending(function)
        receipt = await send()
        self.sent.append(Sent(contract, function, receipt.gas_used, receipt.transaction_hash, receipt.block_number))
        return receipt

    def _describe(self, to: bytes, data: bytes) -> tuple[str, str]:
        if not to:
            return "", "deploy"
        name = self._names.get(to)
        decoded = None if name is None else load_contract(name).decode_call(data)
        return name or "0x" + to.hex(), "unknown" if decoded is None else decoded[0]
