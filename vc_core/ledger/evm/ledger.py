"""The JSON-RPC engine: any EVM chain (Besu, KUB, anvil, our own embedded one) as a `Ledger`.

How it decides what is so:

- **Which chain**: a node's chain id is checked before its first answer is used, after every failure, and with every
  look at the head, because one address may hide several nodes.
- **What is final**: the block `confirmations` below the highest that more than half of the answering nodes have
  reached, and on whose hash more than half agree. No majority, no answer: `LedgerError`.
- **What happened**: logs are held against headers, bloom filters and receipts (`logs.py`).
- **What is now**: calls, code and nonces are of one node's newest block, whose time is a call's time. They inform
  tools; verification trusts the mirror, which reads logs only.

Nothing but the nodes in the settings is ever asked: no redirects, no name service, and an `OffchainLookup` (EIP-3668)
is a revert like any other.
"""

from __future__ import annotations

from collections.abc import Sequence

from vc_core.clock import Clock, system_clock
from vc_core.errors import LedgerUnavailable
from vc_core.http import HttpClient
from vc_core.ledger.evm.logs import LogReader
from vc_core.ledger.evm.node import RpcNode
from vc_core.ledger.evm.nodes import NodeSet
from vc_core.ledger.evm.sending import Pace, TransactionSender, execution_failure
from vc_core.ledger.hex_values import hex_data, parse_hex_data
from vc_core.ledger.protocol import BlockHead, Log, Receipt
from vc_core.ledger.rpc_errors import RpcError
from vc_core.ledger.transactions import LedgerKey

MAX_RESPONSE_BYTES = 32 * 1024 * 1024
DEFAULT_FEE_LIMIT = 1_000 * 10**9
"""The most that is paid for a unit of gas, in wei, unless the settings say otherwise: 1,000 gwei."""


class EvmLedger:
    """A chain behind one node or several. Open it with `open`."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        chain_id: int,
        confirmations: int = 0,
        fee_limit: int = DEFAULT_FEE_LIMIT,
        max_head_age: int = 0,
        clock: Clock = system_clock,
        pace: Pace | None = None,
        http: HttpClient | None = None,
    ) -> None:
        """Not called directly: see `open`."""
        if not urls or confirmations < 0:
            raise ValueError("a ledger over JSON-RPC needs a node, and a depth of 0 or more")
        self._http = http or HttpClient(allow_private=True, max_response_bytes=MAX_RESPONSE_BYTES)
        self._nodes = NodeSet([RpcNode(url, self._http, chain_id=chain_id) for url in urls])
        self._chain_id = chain_id
        self._confirmations = confirmations
        self._max_head_age = max_head_age
        self._clock = clock
        self._logs = LogReader(self._nodes)
        self._sender = TransactionSender(
            self._nodes, chain_id=chain_id, confirmed=self._confirmed_block, fee_limit=fee_limit, pace=pace or Pace()
        )

    @classmethod
    async def open(
        cls,
        urls: Sequence[str],
        *,
        chain_id: int,
        confirmations: int = 0,
        fee_limit: int = DEFAULT_FEE_LIMIT,
        max_head_age: int = 0,
        clock: Clock = system_clock,
        pace: Pace | None = None,
        http: HttpClient | None = None,
    ) -> EvmLedger:
        """The chain behind these nodes; `confirmations`: how many blocks must follow one until it counts as final.

        `max_head_age`: how many seconds old the newest final block may be until the nodes count as behind; 0 where the
        chain makes blocks only when there is something to put in. `fee_limit`: in wei for a unit of gas.
        That none answers is no failure: they may come. Raises `WrongChain` where one that answers is of another chain.
        `http` replaces the network, in tests.
        """
        ledger = cls(
            urls,
            chain_id=chain_id,
            confirmations=confirmations,
            fee_limit=fee_limit,
            max_head_age=max_head_age,
            clock=clock,
            pace=pace,
            http=http,
        )
        try:
            await ledger._nodes.check_chain()
        except BaseException:
            await ledger.close()
            raise
        return ledger

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()

    @property
    def chain_id(self) -> int:
        """The chain's id (EIP-155)."""
        return self._chain_id

    async def head(self) -> BlockHead:
        """See `Ledger.head`; `LedgerError` where the nodes do not agree, `LedgerUnavailable` where it is too old."""
        head = await self._nodes.confirmed_head(self._confirmations)
        if self._max_head_age and head.timestamp < self._clock() - self._max_head_age:
            raise LedgerUnavailable("the nodes are behind, or the chain stands still")
        return head

    async def block(self, number: int) -> BlockHead:
        """See `Ledger.block`; `LedgerError` where the nodes do not agree."""
        return await self._nodes.agreed_block(number)

    async def logs(self, addresses: Sequence[bytes], *, from_block: int, to_block: int) -> list[Log]:
        """See `Ledger.logs`; only of confirmed blocks. Raises `LedgerError` where a node's answer is not whole."""
        if from_block > to_block or not addresses:
            return []
        return await self._logs.read(addresses, from_block, min(to_block, (await self.head()).number))

    async def call(self, to: bytes, data: bytes) -> bytes:
        """See `Ledger.call`; now is the time of the newest block."""
        try:
            answer = await self._nodes.ask("eth_call", {"to": hex_data(to), "data": hex_data(data)}, "latest")
        except RpcError as error:
            raise execution_failure(error) from error
        return _parse_data(answer)

    async def nonce(self, address: bytes) -> int:
        """See `Ledger.nonce`: of transactions in blocks."""
        return await self._nodes.ask_quantity("eth_getTransactionCount", hex_data(address), "latest")

    async def code(self, address: bytes) -> bytes:
        """See `Ledger.code`."""
        try:
            return _parse_data(await self._nodes.ask("eth_getCode", hex_data(address), "latest"))
        except RpcError as error:
            raise LedgerUnavailable("the node refuses the question") from error

    async def send(self, raw_transaction: bytes) -> Receipt:
        """See `Ledger.send`. One that does not get into a block is sent again as it is."""
        return await self._sender.send(raw_transaction)

    async def transact(self, sender: LedgerKey, to: bytes, data: bytes, *, gas: int) -> Receipt:
        """See `Ledger.transact`. One that does not get into a block is sent again for a higher fee."""
        return await self._sender.transact(sender, to, data, gas)

    async def _confirmed_block(self, number: int) -> BlockHead | None:
        head = await self.head()
        if head.number <= number:
            return head if head.number == number else None
        return await self.block(number)


def _parse_data(answer: object) -> bytes:
    try:
        return parse_hex_data(answer)
    except ValueError as cause:
        raise LedgerUnavailable("the node's answer is not data") from cause
