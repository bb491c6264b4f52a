"""Reading logs so that a cut-off answer can't pass for the whole.

`eth_getLogs` has no way to say that something is missing: nodes cap results, prune their index, or answer from a block
that is no longer there. So every answer is held against what blocks say of themselves:

1. the headers of all blocks asked for, whose chain of parents ends in a block that the nodes agree on;
2. each header's bloom filter, which names (with some false alarms, never with an omission) who emitted events in it;
3. where the filter names one of our contracts, all receipts of that block: their events must be the answer's, exactly.

Header hashes are compared, not recomputed from the fields: chains differ in how (Besu's QBFT leaves seals out). A
majority of nodes that make up a chain together is beyond this check, and beyond any reader's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from eth_utils.crypto import keccak

from vc_core.errors import LedgerError, LedgerUnavailable
from vc_core.ledger.evm.node import Request
from vc_core.ledger.evm.nodes import Header, NodeSet, header_request, parse_header
from vc_core.ledger.hex_values import hex_data, parse_hex_data, parse_quantity, quantity
from vc_core.ledger.protocol import BlockHead, Log
from vc_core.ledger.rpc_errors import METHOD_NOT_FOUND, RpcError

BLOCKS_PER_STEP = 1_000
MAX_LOGS_PER_ANSWER = 10_000
_RECEIPTS_PER_REQUEST = 10


class LogReader:
    """Reads the logs of contracts, checked as above."""

    def __init__(self, nodes: NodeSet) -> None:
        self._nodes = nodes

    async def read(self, addresses: Sequence[bytes], first: int, last: int) -> list[Log]:
        """All events in these blocks, in order; `last` is a block that is there.

        Raises `LedgerError` where an answer is not whole or of other blocks: the next attempt asks another node first.
        """
        logs: list[Log] = []
        end: BlockHead | None = None
        while first <= last:
            step_last = min(first + BLOCKS_PER_STEP - 1, last)
            try:
                headers = await self._headers(first, step_last, end)
                found = await self._logs(addresses, headers)
                await self._require_whole(addresses, headers, found)
            except LedgerError:
                self._nodes.put_first_last()
                raise
            logs += found
            first, end = step_last + 1, headers[-1].head
        return logs

    async def _headers(self, first: int, last: int, end: BlockHead | None) -> list[Header]:
        """The headers of these blocks; `end` is the block before them, where it was read."""
        agreed = await self._nodes.agreed_block(last)
        answers = await self._nodes.ask_many([header_request(number) for number in range(first, last + 1)])
        headers = [header for answer in answers if (header := parse_header(answer)) is not None]
        if [header.head.number for header in headers] != list(range(first, last + 1)) or headers[-1].head != agreed:
            raise LedgerError("the node's blocks are not those that the nodes agree on")
        links = [(earlier.head.hash, later.parent_hash) for earlier, later in pairwise(headers)]
        if end is not None:
            links.append((end.hash, headers[0].parent_hash))
        if any(block_hash != parent_hash for block_hash, parent_hash in links):
            raise LedgerError("the node's blocks do not follow each other")
        return headers

    async def _logs(self, addresses: Sequence[bytes], headers: Sequence[Header]) -> list[Log]:
        """The answer of `eth_getLogs`; where the node refuses so many blocks or results, of half as many at a time."""
        wanted = {
            "address": [hex_data(address) for address in addresses],
            "fromBlock": quantity(headers[0].head.number),
            "toBlock": quantity(headers[-1].head.number),
        }
        (answer,) = await self._nodes.ask_many([("eth_getLogs", (wanted,))])
        if isinstance(answer, RpcError) or (isinstance(answer, list) and len(answer) > MAX_LOGS_PER_ANSWER):
            if len(headers) == 1:
                raise LedgerError("the node does not give the events of a single block")
            middle = len(headers) // 2
            return [*await self._logs(addresses, headers[:middle]), *await self._logs(addresses, headers[middle:])]
        return _parse_logs(answer, {header.head.number: header for header in headers})

    async def _require_whole(self, addresses: Sequence[bytes], headers: Sequence[Header], found: Sequence[Log]) -> None:
        """Raises `LedgerError` where the blocks' own account of events differs from what was found."""
        masks = [_bloom_bits(address) for address in addresses]
        named = [header for header in headers if any(header.bloom & mask == mask for mask in masks)]
        if not {log.block_number for log in found} <= {header.head.number for header in named}:
            raise LedgerError("the node gives events that the blocks do not have")
        wanted = set(addresses)
        in_receipts: list[Log] = []
        for start in range(0, len(named), _RECEIPTS_PER_REQUEST):
            some = named[start : start + _RECEIPTS_PER_REQUEST]
            for header, receipts in zip(some, await self._receipts(some), strict=True):
                logs = _receipt_logs(header, receipts)
                in_receipts += [log for log in logs if log.address in wanted]
        if in_receipts != list(found):
            raise LedgerError("the node's events are not all that the blocks have")

    async def _receipts(self, headers: Sequence[Header]) -> list[list[Any]]:
        """The receipts of each block, one for every transaction of it."""
        answers = await self._nodes.ask_many(
            [("eth_getBlockReceipts", (quantity(header.head.number),)) for header in headers]
        )
        if any(isinstance(answer, RpcError) and answer.code == METHOD_NOT_FOUND for answer in answers):
            answers = [await self._receipts_one_by_one(header) for header in headers]
        for header, answer in zip(headers, answers, strict=True):
            if not isinstance(answer, list) or len(answer) != len(header.transactions):
                raise LedgerError("the node does not give all receipts of a block")
        return answers

    async def _receipts_one_by_one(self, header: Header) -> list[Any]:
        requests: list[Request] = [("eth_getTransactionReceipt", (each,)) for each in header.transactions]
        return await self._nodes.ask_many(requests)


def _receipt_logs(header: Header, receipts: Sequence[Any]) -> list[Log]:
    logs: list[Log] = []
    for receipt, transaction in zip(receipts, header.transactions, strict=True):
        if not isinstance(receipt, dict) or receipt.get("transactionHash") != transaction:
            raise LedgerError("the node's receipts are not of the block's transactions")
        logs += _parse_logs(receipt.get("logs"), {header.head.number: header})
    return logs


def _parse_logs(answer: Any, headers: dict[int, Header]) -> list[Log]:
    """A list of log objects, each of one of these blocks. Raises `LedgerUnavailable`, `LedgerError`."""
    if not isinstance(answer, list):
        raise LedgerUnavailable("the node's answer is not a list of events")
    return [_parse_log(each, headers) for each in answer]


def _parse_log(answer: Any, headers: dict[int, Header]) -> Log:
    try:
        header = headers.get(parse_quantity(answer["blockNumber"]))
        if header is None or parse_hex_data(answer["blockHash"], 32) != header.head.hash or answer.get("removed"):
            raise LedgerError("the node gives events of other blocks than were asked for")
        return Log(
            address=parse_hex_data(answer["address"], 20),
            topics=tuple(parse_hex_data(topic, 32) for topic in answer["topics"]),
            data=parse_hex_data(answer["data"]),
            block_number=header.head.number,
            block_timestamp=header.head.timestamp,
            log_index=parse_quantity(answer["logIndex"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as cause:
        raise LedgerUnavailable("the node's answer is not an event") from cause


def _bloom_bits(address: bytes) -> int:
    """The three bits of a block's filter that stand for an address (Yellow Paper, section 4.3.1)."""
    digest = keccak(address)
    return _set_bits(int.from_bytes(digest[place : place + 2], "big") & 2047 for place in (0, 2, 4))


def _set_bits(positions: Iterable[int]) -> int:
    bits = 0
    for position in positions:
        bits |= 1 << position
    return bits
