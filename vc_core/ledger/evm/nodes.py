"""Several nodes of one chain: what they must agree on, and who is asked next when one fails.

What a block is, is put to all nodes at once, and holds when more than half of those that answer say the same: half is
not enough, so of two nodes that differ neither is believed. Nodes that are behind count as answering. Everything else
is asked of one node, the first in a list that begins with those that were last of the majority.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from vc_core.errors import LedgerError, LedgerUnavailable
from vc_core.ledger.evm.node import Request, RpcNode
from vc_core.ledger.hex_values import parse_hex_data, parse_quantity, quantity
from vc_core.ledger.protocol import BlockHead
from vc_core.ledger.rpc_errors import RpcError

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Header:
    """What is read of a block: its head, its parent's hash (32 bytes), its bloom filter, its transactions' hashes."""

    head: BlockHead
    parent_hash: bytes
    bloom: int
    transactions: tuple[str, ...]


def header_request(number: int) -> Request:
    """Asks for a block by number, its transactions by hash."""
    return "eth_getBlockByNumber", (quantity(number), False)


def parse_header(answer: Any) -> Header | None:
    """A block as a node gives it; None where it has none. Raises `LedgerUnavailable` where it is no block."""
    if answer is None or isinstance(answer, RpcError):
        return None
    try:
        return Header(
            BlockHead(
                parse_quantity(answer["number"]),
                parse_hex_data(answer["hash"], 32),
                parse_quantity(answer["timestamp"]),
            ),
            parse_hex_data(answer["parentHash"], 32),
            int.from_bytes(parse_hex_data(answer["logsBloom"], 256), "big"),
            tuple(str(transaction) for transaction in answer["transactions"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as cause:
        raise LedgerUnavailable("the node's answer is not a block") from cause


class NodeSet:
    """The nodes, at least one, in the order in which they are asked."""

    def __init__(self, nodes: Sequence[RpcNode]) -> None:
        self._nodes = list(nodes)

    async def check_chain(self) -> None:
        """Raises `WrongChain` where any node that answers is of another chain."""
        checks = await asyncio.gather(*(node.check_chain() for node in self._nodes), return_exceptions=True)
        for failure in checks:
            if failure is not None and not isinstance(failure, LedgerUnavailable):
                raise failure

    async def ask(self, method: str, *params: Any) -> Any:
        """The answer of the first node that gives one. Raises `RpcError` where that is an error."""
        (answer,) = await self.ask_many([(method, params)])
        if isinstance(answer, RpcError):
            raise answer
        return answer

    async def ask_quantity(self, method: str, *params: Any) -> int:
        """As `ask`, for a number. Raises `LedgerUnavailable` where the answer is none."""
        try:
            return parse_quantity(await self.ask(method, *params))
        except (RpcError, ValueError) as cause:
            raise LedgerUnavailable("the node does not answer with a number") from cause

    async def ask_many(self, requests: Sequence[Request]) -> list[Any]:
        """All answers from one node, as `RpcNode.ask`. Raises `LedgerUnavailable` where no node answers."""
        for node in list(self._nodes):
            try:
                return await node.ask(requests)
            except LedgerUnavailable:
                logger.warning("a ledger node does not answer", extra={"node": node.host})
                self._put_last(node)
        raise LedgerUnavailable("no node of the ledger answers")

    def put_first_last(self) -> None:
        """Asks another node from now on, where there is one: what the first said did not hold."""
        self._put_last(self._nodes[0])

    async def confirmed_head(self, confirmations: int) -> BlockHead:
        """The block so many below the highest one that more than half of the answering nodes have reached.

        Raises `LedgerUnavailable` where none answers, `LedgerError` where no majority agrees, `WrongChain`.
        """
        heights = await self._ask_all(_ask_height, list(self._nodes))
        height = sorted(heights.values(), reverse=True)[len(heights) // 2] - confirmations
        return await self.agreed_block(max(height, 0), list(heights))

    async def agreed_block(self, number: int, nodes: Sequence[RpcNode] | None = None) -> BlockHead:
        """The block on which more than half of the answering nodes agree; errors as `confirmed_head`."""

        async def ask_header(node: RpcNode) -> Header | None:
            (answer,) = await node.ask([header_request(number)])
            return parse_header(answer)

        headers = await self._ask_all(ask_header, nodes or list(self._nodes))
        votes = Counter(header.head for header in headers.values() if header is not None)
        if not votes:
            raise LedgerError("the chain has no block of this number")
        (head, count), *_ = votes.most_common(1)
        if 2 * count <= len(headers) or head.number != number:
            raise LedgerError("the nodes of the ledger do not agree on a block")
        for node, header in headers.items():
            if header is None or header.head != head:
                logger.warning("a ledger node is behind or disagrees", extra={"node": node.host})
                self._put_last(node)
        return head

    async def _ask_all(
        self, ask: Callable[[RpcNode], Awaitable[Answer]], nodes: Sequence[RpcNode]
    ) -> dict[RpcNode, Answer]:
        """What each node that answers says. Raises `LedgerUnavailable` where none does, `WrongChain`."""
        results = await asyncio.gather(*(ask(node) for node in nodes), return_exceptions=True)
        answers: dict[RpcNode, Answer] = {}
        for node, result in zip(nodes, results, strict=True):
            if isinstance(result, LedgerUnavailable):
                logger.warning("a ledger node does not answer", extra={"node": node.host})
                self._put_last(node)
            elif isinstance(result, BaseException):
                raise result
            else:
                answers[node] = result
        if not answers:
            raise LedgerUnavailable("no node of the ledger answers")
        return answers

    def _put_last(self, node: RpcNode) -> None:
        self._nodes.remove(node)
        self._nodes.append(node)


async def _ask_height(node: RpcNode) -> int:
    await node.check_chain()  # each time: behind one address there may be another node than before
    (answer,) = await node.ask([("eth_blockNumber", ())])
    try:
        return parse_quantity(answer)
    except ValueError as cause:
        raise LedgerUnavailable("the node does not say how far it is") from cause
