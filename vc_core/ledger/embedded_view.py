"""The embedded chain as JSON-RPC's objects: blocks, transactions, receipts, and calls as of any block.

A view is made for one question, and used by the chain's worker alone: py-evm's objects are not for two threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eth.exceptions import HeaderNotFound, PyEVMError, Revert, TransactionNotFound
from eth.vm.spoof import SpoofTransaction
from eth_utils.exceptions import ValidationError

from vc_core.errors import LedgerError, TransactionFailed
from vc_core.ledger.embedded_store import EmbeddedStore
from vc_core.ledger.hex_values import hex_data, quantity
from vc_core.ledger.protocol import Log
from vc_core.ledger.reverts import Reverted
from vc_core.ledger.transactions import contract_address

_NOBODY = bytes(20)
_ESTIMATE_TOLERANCE = 1_000


@dataclass(frozen=True)
class Call:
    """A read-only call: `to` empty deploys in play. `gas` is the most that it may use."""

    to: bytes
    data: bytes
    gas: int
    sender: bytes = _NOBODY
    value: int = 0


def run_call(vm: Any, call: Call) -> bytes:
    """What the call returns on the state of `vm`. Raises `Reverted`, `TransactionFailed`."""
    transaction = _free_transaction(vm, call)
    try:
        computation = vm.state.costless_execute_transaction(transaction)
    except (PyEVMError, ValidationError) as cause:
        raise TransactionFailed("the call can't be executed") from cause
    require_success(computation)
    return bytes(computation.output)


def require_success(computation: Any) -> None:
    """Raises `Reverted` or `TransactionFailed` where the execution did not end well."""
    if not computation.is_error:
        return
    if isinstance(computation.error, Revert):
        raise Reverted(bytes(computation.output))
    raise TransactionFailed("the contract failed") from computation.error


def _free_transaction(vm: Any, call: Call) -> Any:
    unsigned = vm.create_unsigned_transaction(
        nonce=vm.state.get_nonce(call.sender), gas_price=0, gas=call.gas, to=call.to, value=call.value, data=call.data
    )
    return SpoofTransaction(unsigned, from_=call.sender)


class EmbeddedView:
    """The chain as it is at the moment of the question."""

    def __init__(self, chain: Any, store: EmbeddedStore, next_header: Callable[[], Any]) -> None:
        """`chain`: py-evm's, which is untyped to us; `next_header` gives the header of a block that would come now."""
        self._chain = chain
        self._store = store
        self._next_header = next_header

    def newest(self) -> Any:
        """The newest block's header."""
        return self._chain.get_canonical_head()

    def header(self, number: int) -> Any | None:
        """The header of the block of this number; None where there is none."""
        try:
            return self._chain.get_canonical_block_header_by_number(number)
        except HeaderNotFound:
            return None

    def header_by_hash(self, block_hash: bytes) -> Any | None:
        """The header of the block of this hash; None where there is none."""
        try:
            return self._chain.get_block_header_by_hash(block_hash)
        except HeaderNotFound:
            return None

    def call(self, call: Call, header: Any | None) -> bytes:
        """Runs a call as of the block `header`; without it on the newest state at the clock's time."""
        return run_call(self._chain.get_vm(header or self._next_header()), call)

    def estimate_gas(self, call: Call) -> int:
        """Little more than the least gas with which the transaction goes through now; found by halving.

        Raises `Reverted`, `TransactionFailed`.
        """
        header = self._next_header()
        run_call(self._chain.get_vm(header), call)
        too_little, enough = 0, call.gas
        while enough - too_little > _ESTIMATE_TOLERANCE:
            middle = (too_little + enough) // 2
            try:
                run_call(self._chain.get_vm(header), replace(call, gas=middle))
                enough = middle
            except TransactionFailed:
                too_little = middle
        return enough

    def state(self, header: Any | None) -> Any:
        """The accounts after the block `header`; without it the newest."""
        return self._chain.get_vm(header or self._next_header()).state

    def logs(self, addresses: Sequence[bytes], from_block: int, to_block: int) -> list[Log]:
        """The contracts' events in these blocks; all contracts' where none is named."""
        return self._store.load_logs(addresses or self._store.load_log_addresses(), from_block, to_block)

    def log_json(self, log: Log) -> dict[str, Any]:
        """An event as `eth_getLogs` gives it. A block holds one transaction, so it is that one's."""
        block = self._chain.get_block_by_header(self.header(log.block_number))
        return self._log_json(log, block.hash, block.transactions[0].hash)

    def block_json(self, header: Any, *, with_transactions: bool) -> dict[str, Any]:
        """A block as `eth_getBlockByNumber` gives it."""
        block = self._chain.get_block_by_header(header)
        fields = {
            "number": quantity(header.block_number),
            "hash": hex_data(header.hash),
            "parentHash": hex_data(header.parent_hash),
            "nonce": hex_data(header.nonce),
            "mixHash": hex_data(header.mix_hash),
            "sha3Uncles": hex_data(header.uncles_hash),
            "logsBloom": hex_data(header.bloom.to_bytes(256, "big")),
            "transactionsRoot": hex_data(header.transaction_root),
            "stateRoot": hex_data(header.state_root),
            "receiptsRoot": hex_data(header.receipt_root),
            "miner": hex_data(header.coinbase),
            "difficulty": quantity(header.difficulty),
            "totalDifficulty": quantity(header.difficulty),
            "extraData": hex_data(header.extra_data),
            "size": quantity(0),
            "gasLimit": quantity(header.gas_limit),
            "gasUsed": quantity(header.gas_used),
            "timestamp": quantity(header.timestamp),
            "uncles": [],
            "transactions": [
                self._transaction_json(transaction, header, index) if with_transactions else hex_data(transaction.hash)
                for index, transaction in enumerate(block.transactions)
            ],
        }
        base_fee = base_fee_of(header)
        return fields if base_fee is None else fields | {"baseFeePerGas": quantity(base_fee)}

    def transaction_json(self, transaction_hash: bytes) -> dict[str, Any] | None:
        """A transaction in a block, as `eth_getTransactionByHash` gives it; None where there is none."""
        place = self._place(transaction_hash)
        if place is None:
            return None
        header, index, transaction = place
        return self._transaction_json(transaction, header, index)

    def receipt_json(self, transaction_hash: bytes) -> dict[str, Any] | None:
        """A receipt as `eth_getTransactionReceipt` gives it; None where there is none."""
        place = self._place(transaction_hash)
        if place is None:
            return None
        header, index, transaction = place
        receipt = self._chain.get_transaction_receipt(transaction_hash)
        deployed = contract_address(transaction.sender, transaction.nonce) if not transaction.to else None
        logs = receipt_logs(receipt, header)
        return {
            "transactionHash": hex_data(transaction_hash),
            "transactionIndex": quantity(index),
            "blockHash": hex_data(header.hash),
            "blockNumber": quantity(header.block_number),
            "from": hex_data(transaction.sender),
            "to": hex_data(transaction.to) if transaction.to else None,
            "contractAddress": hex_data(deployed) if deployed else None,
            "cumulativeGasUsed": quantity(receipt.gas_used),
            "gasUsed": quantity(receipt.gas_used),
            "effectiveGasPrice": quantity(0),
            "logs": [self._log_json(log, header.hash, transaction_hash) for log in logs],
            "logsBloom": hex_data(receipt.bloom.to_bytes(256, "big")),
            "status": quantity(1),
            "type": quantity(_type_of(transaction)),
        }

    def block_receipts_json(self, header: Any) -> list[dict[str, Any] | None]:
        """The receipts of a block's transactions, in order."""
        return [self.receipt_json(each.hash) for each in self._chain.get_block_by_header(header).transactions]

    def _place(self, transaction_hash: bytes) -> tuple[Any, int, Any] | None:
        try:
            number, index = self._chain.get_canonical_transaction_index(transaction_hash)
        except TransactionNotFound:
            return None
        header = self.header(number)
        if header is None:
            raise LedgerError("the chain has no block of this number")
        return header, index, self._chain.get_canonical_transaction_by_index(number, index)

    def _transaction_json(self, transaction: Any, header: Any, index: int) -> dict[str, Any]:
        fields = {
            "hash": hex_data(transaction.hash),
            "type": quantity(_type_of(transaction)),
            "chainId": quantity(transaction.chain_id),
            "nonce": quantity(transaction.nonce),
            "blockHash": hex_data(header.hash),
            "blockNumber": quantity(header.block_number),
            "transactionIndex": quantity(index),
            "from": hex_data(transaction.sender),
            "to": hex_data(transaction.to) if transaction.to else None,
            "value": quantity(transaction.value),
            "gas": quantity(transaction.gas),
            "gasPrice": quantity(0),
            "input": hex_data(transaction.data),
            "v": quantity(transaction.v if _type_of(transaction) == 0 else transaction.y_parity),
            "r": quantity(transaction.r),
            "s": quantity(transaction.s),
        }
        if _type_of(transaction) == 2:
            fields["maxFeePerGas"] = quantity(transaction.max_fee_per_gas)
            fields["maxPriorityFeePerGas"] = quantity(transaction.max_priority_fee_per_gas)
        return fields

    def _log_json(self, log: Log, block_hash: bytes, transaction_hash: bytes) -> dict[str, Any]:
        return {
            "address": hex_data(log.address),
            "topics": [hex_data(topic) for topic in log.topics],
            "data": hex_data(log.data),
            "blockNumber": quantity(log.block_number),
            "blockHash": hex_data(block_hash),
            "blockTimestamp": quantity(log.block_timestamp),
            "transactionHash": hex_data(transaction_hash),
            "transactionIndex": quantity(0),
            "logIndex": quantity(log.log_index),
            "removed": False,
        }


def receipt_logs(receipt: Any, header: Any) -> list[Log]:
    """The events in the receipt of a block's only transaction."""
    return [
        Log(
            address=bytes(log.address),
            topics=tuple(topic.to_bytes(32, "big") for topic in log.topics),
            data=bytes(log.data),
            block_number=header.block_number,
            block_timestamp=header.timestamp,
            log_index=index,
        )
        for index, log in enumerate(receipt.logs)
    ]


def base_fee_of(header: Any) -> int | None:
    """The block's base fee in wei for a unit of gas; None by rules that have none."""
    try:
        return int(header.base_fee_per_gas)
    except AttributeError:
        return None


def _type_of(transaction: Any) -> int:
    return int(getattr(transaction, "type_id", None) or 0)
