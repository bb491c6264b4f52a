"""Sending: the kind and price of a transaction, nonces when many are under way, and what gets stuck."""

import asyncio
from typing import Any

import pytest

from tests.support.fake_nodes import FAST, FakeNode, RefusedError
from tests.support.ledger_peers import running_anvil
from tests.vc_core.ledger.evm.conftest import Story
from vc_core.errors import LedgerError, LedgerUnavailable, TransactionFailed
from vc_core.http import HttpClient
from vc_core.ledger.contract import load_contract
from vc_core.ledger.evm import EvmLedger
from vc_core.ledger.evm.fees import ask_fee, raised_fee
from vc_core.ledger.evm.node import RpcNode
from vc_core.ledger.evm.nodes import NodeSet
from vc_core.ledger.transactions import Fee, LedgerKey

LIMIT = 10**12
OFFCHAIN_LOOKUP = "0x556f1830" + "00" * 31 + "20" + b"https://elsewhere.test/{sender}".hex()


async def fee_of(story: Story, block: dict[str, Any], gas_price: str = "0x7", tip: str | None = "0x2") -> Fee:
    """The fee that is offered where the newest block and the node's prices are these."""
    network = story.network()
    node = network.nodes["node0.test"]

    def lie_about_block(_params: Any, result: Any) -> Any:
        return {name: value for name, value in result.items() if name != "baseFeePerGas"} | block

    def lie_about_tip(_params: Any, _result: Any) -> Any:
        if tip is None:
            raise RefusedError(-32601, "the method does not exist")
        return tip

    node.lies = {
        "eth_getBlockByNumber": lie_about_block,
        "eth_gasPrice": lambda _, __: gas_price,
        "eth_maxPriorityFeePerGas": lie_about_tip,
    }
    nodes = NodeSet([RpcNode(network.urls[0], HttpClient(transport=network), chain_id=1337)])
    return await ask_fee(nodes, limit=100)


async def test_the_newest_block_says_what_is_offered(story: Story) -> None:
    assert await fee_of(story, {}) == Fee(7)
    assert await fee_of(story, {"baseFeePerGas": None}) == Fee(7)
    assert await fee_of(story, {}, gas_price="0x0") == Fee(0)
    assert await fee_of(story, {"baseFeePerGas": "0x0"}) == Fee(0, 0)
    assert await fee_of(story, {"baseFeePerGas": "0xa"}) == Fee(22, 2)
    assert await fee_of(story, {"baseFeePerGas": "0x3"}, tip=None) == Fee(10, 4)
    assert await fee_of(story, {"baseFeePerGas": "0xa"}, tip=None) == Fee(20, 0)


async def test_a_price_over_the_limit_is_not_paid(story: Story) -> None:
    with pytest.raises(LedgerError, match="limit"):
        await fee_of(story, {}, gas_price="0x65")
    with pytest.raises(LedgerError, match="limit"):
        await fee_of(story, {"baseFeePerGas": "0x32"}, tip="0x1")
    for nonsense in ("much", None):
        with pytest.raises(LedgerUnavailable):
            await fee_of(story, {}, gas_price=nonsense)  # type: ignore[arg-type]  # what a node may say


@pytest.mark.parametrize(
    ("fee", "current", "raised"),
    [
        (Fee(0), Fee(0), Fee(0)),
        (Fee(0, 0), Fee(0, 0), Fee(0, 0)),
        (Fee(80), Fee(80), Fee(91)),
        (Fee(80), Fee(200), Fee(200)),
        (Fee(80, 8), Fee(80, 8), Fee(91, 10)),
        (Fee(80, 8), Fee(200, 20), Fee(200, 20)),
        (Fee(LIMIT), Fee(80), Fee(LIMIT)),
    ],
)
def test_a_raise_is_enough_for_nodes_to_replace(fee: Fee, current: Fee, raised: Fee) -> None:
    assert raised_fee(fee, current, limit=LIMIT) == raised


async def test_many_at_once_get_one_nonce_each(story: Story) -> None:
    before = await story.ledger.nonce(story.owner.address)
    ledger = await story.network(2).open()

    receipts = await asyncio.gather(
        *(ledger.transact(story.owner, story.registry, story.data, gas=500_000) for _ in range(20))
    )

    assert len({receipt.block_number for receipt in receipts}) == 20
    assert await story.ledger.nonce(story.owner.address) == before + 20


async def test_a_nonce_that_another_process_took(story: Story) -> None:
    network = story.network()
    stale = [hex(2), hex(3)]
    network.nodes["node0.test"].lies["eth_getTransactionCount"] = lambda _, count: stale.pop() if stale else count
    ledger = await network.open()

    assert (await ledger.transact(story.owner, story.registry, story.data, gas=500_000)).succeeded

    stale += [hex(1)] * 100
    another = await network.open()  # the first remembers what it sent
    with pytest.raises(TransactionFailed, match="others"):
        await another.transact(story.owner, story.registry, story.data, gas=500_000)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("insufficient funds for gas * price + value", "pay"),
        ("Upfront cost exceeds account balance", "pay"),
        ("pool is full", "refuses"),
        ("execution reverted", "no reason"),
    ],
)
async def test_a_refusal_uses_up_no_nonce(story: Story, message: str, reason: str) -> None:
    network = story.network()
    node = network.nodes["node0.test"]
    node.refusals["eth_sendRawTransaction"] = RefusedError(-32000, message)
    ledger = await network.open()

    with pytest.raises(TransactionFailed, match=reason):
        await ledger.transact(story.owner, story.registry, story.data, gas=500_000)

    node.refusals.clear()
    assert (await ledger.transact(story.owner, story.registry, story.data, gas=500_000)).succeeded


async def test_a_node_that_has_it_already_has_it(story: Story) -> None:
    network = story.network()

    def say_known(_params: Any, _result: Any) -> Any:
        raise RefusedError(-32000, "already known")

    network.nodes["node0.test"].lies["eth_sendRawTransaction"] = say_known
    ledger = await network.open()

    assert (await ledger.transact(story.owner, story.registry, story.data, gas=500_000)).succeeded


async def test_what_a_node_forgot_is_sent_again(story: Story) -> None:
    class Forgetful(FakeNode):
        """Says that it took the first transaction, and did not."""

        forgets = 1

        async def _result(self, request: dict[str, Any]) -> dict[str, Any]:
            if request["method"] == "eth_sendRawTransaction" and self.forgets:
                self.forgets -= 1
                return {"jsonrpc": "2.0", "id": request["id"], "result": "0x" + "66" * 32}
            return await super()._result(request)

    network = story.network()
    network.nodes["node0.test"] = Forgetful(story.ledger)
    ledger = await network.open()

    receipt = await ledger.transact(story.owner, story.registry, story.data, gas=500_000)

    assert receipt.block_number == (await story.ledger.head()).number


async def test_no_node_while_it_waits_is_no_failure(story: Story) -> None:
    network = story.network()
    node = network.nodes["node0.test"]
    ledger = await network.open()

    def lie(_params: Any, receipt: Any) -> Any:
        node.is_away = True
        asyncio.get_running_loop().call_later(0.1, setattr, node, "is_away", False)
        node.lies = {}
        return None

    node.lies["eth_getTransactionReceipt"] = lie

    assert (await ledger.transact(story.owner, story.registry, story.data, gas=500_000)).succeeded


async def test_giving_up_says_that_it_may_still_come(story: Story) -> None:
    network = story.network()
    network.nodes["node0.test"].lies["eth_getTransactionReceipt"] = lambda _, __: None
    ledger = await network.open(pace=type(FAST)(poll=0.01, stuck=10, patience=0.1))

    with pytest.raises(LedgerUnavailable, match="may still"):
        await ledger.transact(story.owner, story.registry, story.data, gas=500_000)


async def test_a_place_taken_by_another_transaction(story: Story) -> None:
    network = story.network()
    network.nodes["node0.test"].lies["eth_getTransactionReceipt"] = lambda _, __: None
    ledger = await network.open()

    with pytest.raises(TransactionFailed, match="place"):
        await ledger.transact(story.owner, story.registry, story.data, gas=500_000)


async def test_an_answer_waits_for_the_confirmation(story: Story) -> None:
    network = story.network()
    ledger = await network.open(confirmations=2)
    sending = asyncio.create_task(ledger.transact(story.owner, story.registry, story.data, gas=500_000))
    while network.nodes["node0.test"].methods().count("eth_getTransactionReceipt") < 3:
        await asyncio.sleep(0.01)
    block_number = (await story.ledger.head()).number
    assert not sending.done()

    await story.write(2)

    assert (await sending).block_number == block_number


async def test_nobody_is_asked_on_a_contracts_word(story: Story) -> None:
    # E9: EIP-3668 lets a contract send its caller to any web address (CVE-2026-40072).
    network = story.network()
    network.nodes["node0.test"].refusals["eth_call"] = RefusedError(3, "execution reverted", OFFCHAIN_LOOKUP)
    ledger = await network.open()

    with pytest.raises(TransactionFailed):
        await ledger.call(story.registry, b"")
    with pytest.raises(TransactionFailed):
        await ledger.transact(story.owner, story.registry, b"", gas=500_000)
    assert network.elsewhere == []


@pytest.mark.parametrize(
    ("code", "message", "data", "said"),
    [
        (3, "execution reverted", None, "no reason"),
        (-32000, "Execution reverted", "0x", "no reason"),
        (-32015, "VM execution error", "Reverted 0x", "failed"),
        (-32000, "out of gas", None, "failed"),
        (-32603, "execution error: revert", {"data": "0x"}, "no reason"),
    ],
)
async def test_refusals_of_several_kinds_of_node(story: Story, code: int, message: str, data: Any, said: str) -> None:
    network = story.network()
    network.nodes["node0.test"].refusals["eth_call"] = RefusedError(code, message, data)
    ledger = await network.open()

    with pytest.raises(TransactionFailed, match=said):
        await ledger.call(story.registry, b"")


async def test_that_a_node_can_not_say_is_no_refusal_of_the_contract(story: Story) -> None:
    network = story.network()
    network.nodes["node0.test"].refusals["eth_call"] = RefusedError(-32603, "internal error")
    ledger = await network.open()

    with pytest.raises(LedgerUnavailable):
        await ledger.call(story.registry, b"")


@pytest.mark.parametrize("rules", [(), ("--hardfork", "istanbul")])
async def test_a_stuck_transaction_is_paid_more_for(rules: tuple[str, ...]) -> None:
    key = LedgerKey.generate()
    async with running_anvil("--no-mining", *rules) as anvil:
        await anvil.ask("anvil_setBalance", "0x" + key.address.hex(), hex(10**18))
        ledger = await EvmLedger.open([anvil.url], chain_id=1337, pace=type(FAST)(poll=0.05, stuck=0.3, patience=30))
        data = load_contract("DidRegistry").encode_deployment()
        sending = asyncio.create_task(ledger.transact(key, b"", data, gas=3_000_000))

        offers: list[int] = []
        async with asyncio.timeout(60):
            while len(offers) < 3:
                await asyncio.sleep(0.05)
                pending = (await anvil.ask("txpool_content"))["pending"]
                for transaction in (each for account in pending.values() for each in account.values()):
                    offer = int(transaction.get("maxFeePerGas") or transaction["gasPrice"], 16)
                    offers += [] if offer in offers else [offer]
        await anvil.ask("evm_mine")
        receipt = await sending

        assert all(later * 10 >= earlier * 11 for earlier, later in zip(offers, offers[1:], strict=False))
        assert receipt.succeeded
        assert await ledger.nonce(key.address) == 1
        await ledger.close()
