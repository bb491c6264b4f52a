"""E7: a wrong chain, a lagging node, nodes that disagree, nodes that are away: an error or the majority, no guess."""

import pytest

from tests.support.fake_nodes import FakeNetwork, FakeNode
from tests.vc_core.ledger.evm.conftest import Story
from vc_core.errors import LedgerError, LedgerUnavailable, WrongChain
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.evm import EvmLedger


async def test_a_node_of_another_chain_is_refused_at_once(story: Story) -> None:
    for wrong in (0, 1, 2):
        network = story.network(3)
        list(network.nodes.values())[wrong].lies["eth_chainId"] = lambda _, __: "0x60"
        with pytest.raises(WrongChain):
            await network.open()


async def test_a_node_that_changes_chain_is_refused(story: Story) -> None:
    network = story.network()
    ledger = await network.open()
    await ledger.head()

    network.nodes["node0.test"].lies["eth_chainId"] = lambda _, __: "0x60"

    with pytest.raises(WrongChain):
        await ledger.head()


async def test_a_node_that_comes_back_is_checked_before_it_is_used(story: Story) -> None:
    network = story.network()
    node = network.nodes["node0.test"]
    ledger = await network.open()
    node.is_away = True
    with pytest.raises(LedgerUnavailable):
        await ledger.code(story.registry)

    node.is_away = False
    node.lies["eth_chainId"] = lambda _, __: "0x60"

    with pytest.raises(WrongChain):
        await ledger.code(story.registry)
    assert "eth_getCode" not in node.methods()


async def test_that_no_node_answers_is_no_reason_not_to_start(story: Story) -> None:
    network = story.network(2)
    for node in network.nodes.values():
        node.is_away = True
    ledger = await network.open()
    with pytest.raises(LedgerUnavailable):
        await ledger.head()

    network.nodes["node1.test"].is_away = False

    assert await ledger.head() == await story.ledger.head()


async def test_the_next_node_answers_for_one_that_is_away(story: Story) -> None:
    network = story.network(3)
    ledger = await network.open()
    for host in ("node0.test", "node1.test"):
        network.nodes[host].is_away = True

    assert await ledger.code(story.registry) == await story.ledger.code(story.registry)
    assert await ledger.head() == await story.ledger.head()
    receipt = await ledger.transact(story.owner, story.registry, story.data, gas=500_000)
    assert receipt.block_number == (await story.ledger.head()).number


async def test_a_majority_decides(story: Story, fork: EmbeddedLedger) -> None:
    network = FakeNetwork([FakeNode(fork), FakeNode(story.ledger), FakeNode(story.ledger)])
    ledger = await network.open()

    assert await ledger.head() == await story.ledger.head()
    assert await ledger.code(story.registry) != b""  # the one of another opinion is not asked any more
    logs = await ledger.logs([story.registry], from_block=0, to_block=100)
    assert logs == await story.ledger.logs([story.registry], from_block=0, to_block=100)


async def test_without_a_majority_there_is_no_answer(story: Story, fork: EmbeddedLedger) -> None:
    network = FakeNetwork([FakeNode(fork), FakeNode(story.ledger)])
    ledger = await network.open()

    with pytest.raises(LedgerError, match="agree"):
        await ledger.head()
    with pytest.raises(LedgerError, match="agree"):
        await ledger.block(1)
    with pytest.raises(LedgerError, match="agree"):
        await ledger.logs([story.registry], from_block=0, to_block=100)

    network.nodes["node0.test"].is_away = True  # of those that answer, one is all
    assert await ledger.head() == await story.ledger.head()


@pytest.mark.parametrize(("nodes", "lagging", "behind"), [(3, [0], 0), (3, [0, 1], 3), (2, [0], 3), (1, [0], 3)])
async def test_a_lagging_node(story: Story, nodes: int, lagging: list[int], behind: int) -> None:
    # The head is what more than half have: one of three that lags holds nobody back.
    network = story.network(nodes)
    ledger = await network.open()
    for number in lagging:
        network.nodes[f"node{number}.test"].behind = 3
    newest = (await story.ledger.head()).number

    head = await ledger.head()

    assert head == await story.ledger.block(newest - behind)
    logs = await ledger.logs([story.registry], from_block=0, to_block=100)
    assert len(logs) == 5 - behind


async def open_confirming(story: Story, confirmations: int) -> EvmLedger:
    return await story.network().open(confirmations=confirmations)


async def test_only_confirmed_blocks_count(story: Story) -> None:
    ledger = await open_confirming(story, 2)
    newest = (await story.ledger.head()).number

    assert (await ledger.head()).number == newest - 2
    assert len(await ledger.logs([story.registry], from_block=0, to_block=newest)) == 3
    assert (await (await open_confirming(story, 100)).head()).number == 0


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"null"),
        (200, b"[]"),
        (200, b"[1]"),
        (200, b"{}"),
        (200, b'{"id":1}'),
        (200, b'{"id":99,"result":"0x539"}'),
        (200, b'{"id":null,"error":"no"}'),
        (200, b'{"id":1,"result":7}'),
        (500, b'{"id":1,"result":"0x539"}'),
        (429, b"slow down"),
        (302, b""),
        (200, b"x" * (2**20 + 1)),
    ],
)
async def test_what_is_no_answer(story: Story, status: int, body: bytes) -> None:
    network = story.network(2)
    broken = network.nodes["node0.test"]
    broken.status, broken.body = status, body
    ledger = await network.open()

    assert await ledger.head() == await story.ledger.head()
    network.nodes["node1.test"].is_away = True
    with pytest.raises(LedgerUnavailable):
        await ledger.head()
    with pytest.raises(LedgerUnavailable):
        await ledger.nonce(story.owner.address)


@pytest.mark.parametrize("answer", [None, 7, "0x", "zz", {}, [], {"number": "0x1"}])
@pytest.mark.parametrize("method", ["eth_blockNumber", "eth_getBlockByNumber", "eth_getLogs", "eth_getBlockReceipts"])
async def test_answers_of_the_wrong_form(story: Story, method: str, answer: object) -> None:
    network = story.network()
    ledger = await network.open()
    network.nodes["node0.test"].lies[method] = lambda _, __: answer

    with pytest.raises(LedgerError):
        await ledger.logs([story.registry], from_block=0, to_block=100)


@pytest.mark.parametrize("answer", [None, 7, "zz", {}, []])
async def test_code_and_nonce_of_the_wrong_form(story: Story, answer: object) -> None:
    network = story.network()
    ledger = await network.open()
    for method in ("eth_getCode", "eth_getTransactionCount", "eth_call"):
        network.nodes["node0.test"].lies[method] = lambda _, __: answer

    for question in (ledger.code(story.registry), ledger.nonce(story.registry), ledger.call(story.registry, b"")):
        with pytest.raises(LedgerUnavailable):
            await question


async def test_a_ledger_needs_a_node() -> None:
    with pytest.raises(ValueError, match="node"):
        await EvmLedger.open([], chain_id=1337)
