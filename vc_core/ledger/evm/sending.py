"""Getting a transaction into a block for good: tried first, sent, watched, and paid more for where it is stuck.

A transaction that the contract would refuse is found by a trial call, so it costs neither a nonce nor gas. One that is
sent is watched until the block it is in is confirmed; an answer before that could be taken back by a reorganisation.
While it is in no block it is sent again after a while, at the same nonce, for an eighth more: nodes forget what is
pending, and on a busy chain the price moves. All versions share the nonce, so only one of them can ever be executed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from vc_core.errors import LedgerError, LedgerUnavailable, TransactionFailed, WrongChain
from vc_core.ledger.evm.fees import ask_fee, raised_fee
from vc_core.ledger.evm.nodes import NodeSet
from vc_core.ledger.evm.nonces import NonceBook
from vc_core.ledger.hex_values import hex_data, parse_hex_data, parse_quantity, quantity
from vc_core.ledger.protocol import BlockHead, Receipt
from vc_core.ledger.reverts import Reverted
from vc_core.ledger.rpc_errors import EXECUTION_REVERTED, TRANSACTION_REJECTED, RpcError
from vc_core.ledger.transactions import (
    Fee,
    LedgerKey,
    SignedTransaction,
    Transaction,
    contract_address,
    parse_signed_transaction,
)

_ATTEMPTS = 5
_ALREADY_KNOWN = ("already known", "known transaction", "already imported", "already exists")
_NONCE_TAKEN = ("nonce too low", "nonce is too low", "replacement transaction", "underpriced", "known nonce")
_EXECUTION_CODES = (TRANSACTION_REJECTED, -32015)  # EIP-1474's, and Parity's and Nethermind's for a failed execution
_EXECUTION_WORDS = ("revert", "gas", "invalid opcode", "stack", "out of bounds", "overflow")


@dataclass(frozen=True)
class Pace:
    """In seconds: between two looks, until a transaction counts as stuck and until it is given up."""

    poll: float = 0.5
    stuck: float = 60.0
    patience: float = 900.0


@dataclass
class _Watched:
    """A transaction on its way, in all versions that were sent; `resend` makes the next, for a higher fee."""

    signed: SignedTransaction
    raw: bytes
    resend: Callable[[], Awaitable[bytes]]
    hashes: list[bytes] = field(default_factory=list)


Confirmed: TypeAlias = Callable[[int], Awaitable[BlockHead | None]]
"""The block of a number, None while it is not confirmed."""


class TransactionSender:
    """Sends transactions by a set of nodes."""

    def __init__(self, nodes: NodeSet, *, chain_id: int, confirmed: Confirmed, fee_limit: int, pace: Pace) -> None:
        self._nodes = nodes
        self._chain_id = chain_id
        self._confirmed = confirmed
        self._fee_limit = fee_limit
        self._pace = pace
        self._nonces = NonceBook(self._pending_count)

    async def send(self, raw: bytes) -> Receipt:
        """Sends a transaction that is signed already. See `Ledger.send`."""
        signed = parse_signed_transaction(raw)
        if signed.chain_id != self._chain_id:
            raise TransactionFailed("the transaction is not signed for this chain")
        if signed.transaction.nonce != await self._pending_count(signed.sender):
            raise TransactionFailed("the transaction is not the sender's next")
        await self._try(signed.sender, signed.transaction)
        await self._broadcast(raw)

        async def resend() -> bytes:
            return raw

        return await self._watch(_Watched(signed, raw, resend, [signed.hash]))

    async def transact(self, sender: LedgerKey, to: bytes, data: bytes, gas: int) -> Receipt:
        """Signs and sends. See `Ledger.transact`."""
        await self._try(sender.address, Transaction(0, to, data, gas))
        for _ in range(_ATTEMPTS):
            try:
                async with self._nonces.next(sender.address) as nonce:
                    fee = await ask_fee(self._nodes, limit=self._fee_limit)
                    watched = self._sign(sender, Transaction(nonce, to, data, gas), fee)
                    await self._broadcast(watched.raw)
            except _NonceTaken:
                self._nonces.forget(sender.address)
                continue
            return await self._watch(watched)
        raise TransactionFailed("others keep sending from this account at the same time")

    def _sign(self, sender: LedgerKey, transaction: Transaction, fee: Fee) -> _Watched:
        raw = sender.sign_transaction(transaction, chain_id=self._chain_id, fee=fee)

        async def resend() -> bytes:
            nonlocal fee
            current = await ask_fee(self._nodes, limit=self._fee_limit)
            fee = raised_fee(fee, current, limit=self._fee_limit)
            return sender.sign_transaction(transaction, chain_id=self._chain_id, fee=fee)

        signed = parse_signed_transaction(raw)
        return _Watched(signed, raw, resend, [signed.hash])

    async def _try(self, sender: bytes, transaction: Transaction) -> None:
        """Executes without sending. Raises `TransactionFailed` with the contract's reason."""
        call = {"from": hex_data(sender), "data": hex_data(transaction.data), "gas": quantity(transaction.gas)}
        if transaction.to:
            call["to"] = hex_data(transaction.to)
        try:
            await self._nodes.ask("eth_call", call, "latest")
        except RpcError as error:
            raise execution_failure(error) from error

    async def _broadcast(self, raw: bytes) -> None:
        """Hands it to a node. Raises `_NonceTaken`, `TransactionFailed`."""
        try:
            await self._nodes.ask("eth_sendRawTransaction", hex_data(raw))
        except RpcError as error:
            said = error.message.lower()
            if any(words in said for words in _ALREADY_KNOWN):
                return
            if any(words in said for words in _NONCE_TAKEN):
                raise _NonceTaken("another transaction of this account has its place") from error
            if "insufficient funds" in said or "upfront" in said:
                raise TransactionFailed("the account can't pay for the transaction") from error
            if revert_data(error) is not None:
                raise execution_failure(error) from error
            raise TransactionFailed("the node refuses the transaction") from error

    async def _watch(self, watched: _Watched) -> Receipt:
        """Waits for the confirmed receipt of any version."""
        loop = asyncio.get_running_loop()
        sent_at = began_at = loop.time()
        while loop.time() < began_at + self._pace.patience:
            try:
                receipt, is_in_block = await self._receipt(watched)
                if receipt is not None:
                    return _require_success(receipt)
                if is_in_block:
                    sent_at = loop.time()
                elif loop.time() >= sent_at + self._pace.stuck:
                    await self._send_again(watched)
                    sent_at = loop.time()
            except (WrongChain, TransactionFailed):
                raise
            except LedgerError:
                # A node is away or the nodes differ: it may well be in a block, so the answer is yet to be had.
                await asyncio.sleep(0)
            await asyncio.sleep(self._pace.poll)
        self._nonces.forget(watched.signed.sender)
        raise LedgerUnavailable("the transaction is in no confirmed block yet, and may still get into one")

    async def _receipt(self, watched: _Watched) -> tuple[Receipt | None, bool]:
        """The receipt, once its block is confirmed; and whether there is a block at all."""
        requests = [("eth_getTransactionReceipt", (hex_data(each),)) for each in watched.hashes]
        answers = [answer for answer in await self._nodes.ask_many(requests) if isinstance(answer, dict)]
        for answer in answers:
            receipt, block_hash = _parse_receipt(answer, watched)
            block = await self._confirmed(receipt.block_number)
            if block is not None and block.hash == block_hash:
                return receipt, True
        return None, bool(answers)

    async def _send_again(self, watched: _Watched) -> None:
        raw = await watched.resend()
        signed = parse_signed_transaction(raw)
        if signed.hash not in watched.hashes:
            watched.hashes.append(signed.hash)
        try:
            await self._broadcast(raw)
        except _NonceTaken:
            used = await self._nodes.ask_quantity("eth_getTransactionCount", hex_data(signed.sender), "latest")
            if used > signed.transaction.nonce and (await self._receipt(watched)) == (None, False):
                self._nonces.forget(signed.sender)
                raise TransactionFailed("another transaction of this account took its place") from None

    async def _pending_count(self, address: bytes) -> int:
        return await self._nodes.ask_quantity("eth_getTransactionCount", hex_data(address), "pending")


class _NonceTaken(TransactionFailed):
    """The nonce is used up, or a pending transaction has it."""


def revert_data(error: RpcError) -> bytes | None:
    """The revert data in a node's error, wherever this kind of node puts it; None where the contract did not revert."""
    data = error.data.get("data") if isinstance(error.data, dict) else error.data
    try:
        return parse_hex_data(data)
    except ValueError:
        pass
    return b"" if error.code == EXECUTION_REVERTED or "revert" in error.message.lower() else None


def execution_failure(error: RpcError) -> LedgerError:
    """What a node's error to a call means: `Reverted`, `TransactionFailed`, or that the node can't say."""
    data = revert_data(error)
    if data is not None:
        return Reverted(data)  # an OffchainLookup (EIP-3668) too: nobody is asked on a contract's word
    if error.code in _EXECUTION_CODES or any(word in error.message.lower() for word in _EXECUTION_WORDS):
        return TransactionFailed("the contract failed")
    return LedgerUnavailable("the node refuses the question")


def _require_success(receipt: Receipt) -> Receipt:
    if not receipt.succeeded:
        raise TransactionFailed("the contract refused it in its block, after others were before it")
    return receipt


def _parse_receipt(answer: dict[str, Any], watched: _Watched) -> tuple[Receipt, bytes]:
    """The receipt and its block's hash. Raises `LedgerUnavailable` where it is none."""
    transaction = watched.signed.transaction
    try:
        receipt = Receipt(
            transaction_hash=parse_hex_data(answer["transactionHash"], 32),
            block_number=parse_quantity(answer["blockNumber"]),
            succeeded=parse_quantity(answer["status"]) == 1,
            gas_used=parse_quantity(answer["gasUsed"]),
            contract_address=None if transaction.to else contract_address(watched.signed.sender, transaction.nonce),
        )
        if receipt.transaction_hash not in watched.hashes:
            raise LedgerUnavailable("the node's receipt is of another transaction")
        return receipt, parse_hex_data(answer["blockHash"], 32)
    except (KeyError, TypeError, ValueError) as cause:
        raise LedgerUnavailable("the node's answer is not a receipt") from cause
