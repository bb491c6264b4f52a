"""The embedded ledger: an EVM chain inside this process, kept in one SQLite file. Nothing to install, nothing to run.

py-evm executes, `EmbeddedStore` keeps. Each transaction becomes a block of its own, on the disk before `send` returns.
What py-evm does differently from what one expects, and what is done about it here:

- its own mining call executes a block at the parent's time plus one second and only then stamps it with the time asked
  for: blocks are built here, from a header that has the right time from the start;
- it wants each block's time to be later than the parent's, so a burst would run into the future: our rules take equal
  times, and a block is never ahead of the clock unless its parent is;
- its gas limit drifts downwards: each header is given ours;
- at the newest header a read-only call sees that block's time, so what has expired since would look valid: calls
  run at the time of the clock;
- its import raises the process's recursion limit twelvefold, so that a request of 100,000 brackets overruns the stack
  and kills the process where Python would have refused it: the limit is put back;
- once a block is more than half full the base fee leaves zero for good and no free transaction gets in any more: a
  transaction may use at most half a block.

A transaction that reverts is not kept: `send` executes it, and drops the block. On other chains a client finds out by a
trial call before it sends; here the execution itself is the trial, so a refused transaction costs neither a nonce nor
space, and both kinds of engine behave alike to callers.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

import rlp.exceptions
from eth.chains.base import Chain
from eth.consensus.noproof import NoProofConsensus
from eth.db.atomic import AtomicDB
from eth.exceptions import CanonicalHeadNotFound, HeaderNotFound, PyEVMError
from eth.vm.forks.istanbul import IstanbulVM
from eth.vm.forks.paris import ParisVM
from eth_utils.exceptions import ValidationError

from vc_core.clock import Clock
from vc_core.errors import LedgerError, LedgerUnavailable, TransactionFailed
from vc_core.ledger.embedded_store import EmbeddedStore
from vc_core.ledger.embedded_view import Call, EmbeddedView, receipt_logs, require_success, run_call
from vc_core.ledger.protocol import BlockHead, Log, Receipt
from vc_core.ledger.transactions import LedgerKey, Transaction, contract_address

_RECURSION_LIMIT = 1000  # Python's own; our contracts call nothing that would need more
sys.setrecursionlimit(_RECURSION_LIMIT)

Rules: TypeAlias = Literal["istanbul", "paris"]
Result = TypeVar("Result")

BLOCK_GAS_LIMIT = 30_000_000
TRANSACTION_GAS_LIMIT = BLOCK_GAS_LIMIT // 2
NOT_NEXT = "the transaction is not the sender's next"
"""What `send` says of a transaction whose nonce is used up, or not yet due."""


def _with_equal_times(vm_class: Any) -> Any:
    """The rules of `vm_class`, but a block may have its parent's time, and difficulty means nothing."""

    class EmbeddedVM(vm_class):  # type: ignore[misc]  # py-evm's classes are untyped to us
        consensus_class = NoProofConsensus

        @classmethod
        def validate_header(cls, header: Any, parent_header: Any) -> None:
            if parent_header is not None and header.timestamp == parent_header.timestamp:
                header = header.copy(timestamp=header.timestamp + 1)
            super().validate_header(header, parent_header)

        @staticmethod
        def compute_difficulty(parent_header: Any, timestamp: int) -> int:
            return _RULES_DIFFICULTY[vm_class]

    return EmbeddedVM


_RULES_VM: dict[Rules, Any] = {"istanbul": IstanbulVM, "paris": ParisVM}
_RULES_DIFFICULTY = {IstanbulVM: 1, ParisVM: 0}


class EmbeddedLedger:
    """The embedded chain as a `Ledger`. Open it with `open`; one process at a time has it.

    One worker thread does all the work, in the order in which it was asked for.
    """

    def __init__(self, store: EmbeddedStore, *, chain_id: int, clock: Clock, rules: Rules) -> None:
        """Not called directly: see `open`."""
        self._store = store
        self._chain_id = chain_id
        self._clock = clock
        self._difficulty = _RULES_DIFFICULTY[_RULES_VM[rules]]
        self._chain_class = Chain.configure(
            __name__="EmbeddedChain",
            vm_configuration=((0, _with_equal_times(_RULES_VM[rules])),),
            chain_id=chain_id,
        )
        self._database = AtomicDB(store.pairs)
        self._chain = self._load_chain(with_base_fee=rules == "paris")
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedded-ledger")

    @classmethod
    def open(cls, path: Path, *, chain_id: int, clock: Clock, rules: Rules = "paris") -> EmbeddedLedger:
        """The chain in the file at `path`, which is made if there is none.

        Raises `LedgerLocked` where another process has it open, `WrongChain` where the file is of another chain id or
        other rules, `LedgerUnavailable` where it can't be used.
        """
        store = EmbeddedStore(path, chain_id=chain_id, rules=rules)
        try:
            return cls(store, chain_id=chain_id, clock=clock, rules=rules)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Finishes what is under way, closes the file and lets other processes in."""
        self._worker.shutdown(wait=True)
        self._store.close()

    @property
    def chain_id(self) -> int:
        """The chain's id (EIP-155)."""
        return self._chain_id

    async def head(self) -> BlockHead:
        """The newest block; a block of this chain is final."""
        return await self._run(self._head)

    async def block(self, number: int) -> BlockHead:
        """See `Ledger.block`."""
        return await self._run(partial(self._block, number))

    async def logs(self, addresses: Sequence[bytes], *, from_block: int, to_block: int) -> list[Log]:
        """See `Ledger.logs`."""
        return await self._run(partial(self._store.load_logs, addresses, from_block, to_block))

    async def call(self, to: bytes, data: bytes) -> bytes:
        """See `Ledger.call`; it runs at the clock's time on the newest state."""
        return await self._run(partial(self._call, to, data))

    async def nonce(self, address: bytes) -> int:
        """See `Ledger.nonce`."""
        return await self._run(lambda: int(self._newest_state().get_nonce(address)))

    async def code(self, address: bytes) -> bytes:
        """See `Ledger.code`."""
        return await self._run(lambda: bytes(self._newest_state().get_code(address)))

    async def send(self, raw_transaction: bytes) -> Receipt:
        """See `Ledger.send`. A transaction that reverts leaves nothing behind, its nonce is not used up."""
        return await self._run(partial(self._send, raw_transaction))

    async def transact(self, sender: LedgerKey, to: bytes, data: bytes, *, gas: int) -> Receipt:
        """See `Ledger.transact`; here it is free."""
        return await self._run(partial(self._transact, sender, to, data, gas))

    async def estimate_gas(self, sender: bytes, to: bytes, data: bytes) -> int:
        """What the transaction would use now. Raises `Reverted`, `TransactionFailed`."""
        call = Call(to, data, TRANSACTION_GAS_LIMIT, sender)
        return await self.query(lambda view: view.estimate_gas(call))

    async def query(self, question: Callable[[EmbeddedView], Result]) -> Result:
        """Asks more than a `Ledger` is asked, for the JSON-RPC endpoint; the question runs in the chain's worker."""
        return await self._run(lambda: question(EmbeddedView(self._chain, self._store, self._next_header)))

    async def _run(self, work: Callable[[], Result]) -> Result:
        try:
            running = asyncio.get_running_loop().run_in_executor(self._worker, work)
        except RuntimeError as cause:
            raise LedgerUnavailable("the embedded chain is closed") from cause
        try:
            return await running
        except sqlite3.Error as cause:
            raise LedgerUnavailable("the file of the embedded chain can't be used") from cause

    def _load_chain(self, *, with_base_fee: bool) -> Any:
        chain = self._chain_class(self._database)
        try:
            chain.get_canonical_head()
            return chain
        except CanonicalHeadNotFound:
            genesis: dict[str, Any] = {
                "difficulty": self._difficulty,
                "gas_limit": BLOCK_GAS_LIMIT,
                "timestamp": self._clock(),
                "extra_data": b"embedded",
            }
            if with_base_fee:
                genesis["base_fee_per_gas"] = 0
            with self._store.transaction():
                return self._chain_class.from_genesis(self._database, genesis)

    def _head(self) -> BlockHead:
        return _block_head(self._chain.get_canonical_head())

    def _block(self, number: int) -> BlockHead:
        try:
            return _block_head(self._chain.get_canonical_block_header_by_number(number))
        except HeaderNotFound as cause:
            raise LedgerError("the chain has no block of this number") from cause

    def _next_header(self) -> Any:
        """The header of a block on top of the newest one, at the clock's time or the parent's, whichever is later."""
        parent = self._chain.get_canonical_head()
        timestamp = max(self._clock(), parent.timestamp)
        return self._chain.create_header_from_parent(
            parent, timestamp=timestamp, gas_limit=BLOCK_GAS_LIMIT, difficulty=self._difficulty
        )

    def _newest_state(self) -> Any:
        return self._chain.get_vm(self._next_header()).state

    def _call(self, to: bytes, data: bytes) -> bytes:
        return run_call(self._chain.get_vm(self._next_header()), Call(to, data, TRANSACTION_GAS_LIMIT))

    def _send(self, raw_transaction: bytes) -> Receipt:
        transaction = self._decode(raw_transaction)
        try:
            with self._store.transaction():
                return self._append_block(transaction)
        except BaseException:
            # What the chain object has in memory may be of the block that was dropped.
            self._chain = self._chain_class(self._database)
            raise

    def _transact(self, sender: LedgerKey, to: bytes, data: bytes, gas: int) -> Receipt:
        nonce = int(self._newest_state().get_nonce(sender.address))
        return self._send(sender.sign_transaction(Transaction(nonce, to, data, gas), chain_id=self._chain_id))

    def _decode(self, raw_transaction: bytes) -> Any:
        builder = self._chain.get_vm_class_for_block_number(0).get_transaction_builder()
        try:
            transaction = builder.decode(raw_transaction)
            transaction.validate()
        except (PyEVMError, rlp.exceptions.RLPException, ValidationError, ValueError, TypeError) as cause:
            raise TransactionFailed("not a signed transaction") from cause
        if transaction.chain_id != self._chain_id:
            raise TransactionFailed("the transaction is not signed for this chain")
        if transaction.gas > TRANSACTION_GAS_LIMIT:
            raise TransactionFailed("the transaction asks for more gas than one may use")
        return transaction

    def _append_block(self, transaction: Any) -> Receipt:
        header = self._next_header()
        vm = self._chain.get_vm(header)
        if transaction.nonce != vm.state.get_nonce(transaction.sender):
            raise TransactionFailed(NOT_NEXT)
        try:
            new_header, receipts, computations = vm.apply_all_transactions([transaction], header)
        except (PyEVMError, ValidationError) as cause:
            raise TransactionFailed("the transaction can't be executed") from cause
        require_success(computations[0])
        block = vm.set_block_transactions_and_withdrawals(vm.get_block(), new_header, [transaction], receipts)
        block = vm.mine_block(block).block
        self._chain.persist_block(block)
        self._store.append_logs(receipt_logs(receipts[0], block.header))
        deployed = contract_address(transaction.sender, transaction.nonce) if not transaction.to else None
        return Receipt(bytes(transaction.hash), block.number, True, receipts[0].gas_used, deployed)


def _block_head(header: Any) -> BlockHead:
    return BlockHead(header.block_number, bytes(header.hash), header.timestamp)
