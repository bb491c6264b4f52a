"""E7 and E8: an answer that leaves events out, makes some up or is too long is found out, never taken for the whole."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.fake_nodes import FakeNode, RefusedError
from tests.vc_core.ledger.evm.conftest import Story
from vc_core.errors import LedgerError, LedgerUnavailable
from vc_core.ledger.evm import logs as logs_module


def drop_last(_params: Any, logs: Any) -> Any:
    return logs[:-1]


def drop_first(_params: Any, logs: Any) -> Any:
    return logs[1:]


def drop_all(_params: Any, _logs: Any) -> Any:
    return []


def reverse(_params: Any, logs: Any) -> Any:
    return logs[::-1]


def double(_params: Any, logs: Any) -> Any:
    return [*logs, logs[-1]]


def changed(member: str, value: Any) -> Callable[[Any, Any], Any]:
    def lie(_params: Any, logs: Any) -> Any:
        forged = copy.deepcopy(logs)
        forged[-1][member] = value
        return forged

    return lie


@pytest.mark.parametrize(
    "lie",
    [
        drop_last,
        drop_first,
        drop_all,
        reverse,
        double,
        changed("blockHash", "0x" + "66" * 32),
        changed("blockNumber", "0x1"),
        changed("blockNumber", "0x99"),
        changed("removed", True),
        changed("data", "0x"),
        changed("topics", []),
        changed("address", "0x" + "66" * 20),
        changed("logIndex", "0x7"),
    ],
)
async def test_events_that_are_not_those_of_the_blocks(story: Story, lie: Callable[[Any, Any], Any]) -> None:
    network = story.network()
    ledger = await network.open()
    network.nodes["node0.test"].lies["eth_getLogs"] = lie

    with pytest.raises(LedgerError):
        await ledger.logs([story.registry], from_block=0, to_block=100)


async def test_an_event_in_a_block_whose_filter_has_none(story: Story) -> None:
    await story.ledger.transact(story.owner, b"", b"", gas=100_000)
    newest = (await story.ledger.head()).number
    network = story.network()
    ledger = await network.open()

    def invent(_params: Any, logs: Any) -> Any:
        block = network.nodes["node0.test"].ledger  # the hash is right, all else is copied from a true event
        return [*logs, logs[-1] | {"blockNumber": hex(newest), "blockHash": "0x" + head.hash.hex()}] if block else logs

    head = await story.ledger.head()
    network.nodes["node0.test"].lies["eth_getLogs"] = invent

    with pytest.raises(LedgerError, match="do not have"):
        await ledger.logs([story.registry], from_block=0, to_block=newest)


async def test_the_next_attempt_asks_another_node(story: Story) -> None:
    network = story.network(2)
    ledger = await network.open()
    network.nodes["node0.test"].lies["eth_getLogs"] = drop_last

    with pytest.raises(LedgerError, match="not all"):
        await ledger.logs([story.registry], from_block=0, to_block=100)

    assert len(await ledger.logs([story.registry], from_block=0, to_block=100)) == 5


@pytest.mark.parametrize(
    "lie",
    [
        lambda _, receipts: receipts[:-1],
        lambda _, receipts: [receipt | {"transactionHash": "0x" + "66" * 32} for receipt in receipts],
        lambda _, receipts: [receipt | {"logs": []} for receipt in receipts],
        lambda _, receipts: [None] * len(receipts),
        lambda _, __: None,
    ],
)
async def test_receipts_that_are_not_those_of_the_block(story: Story, lie: Callable[[Any, Any], Any]) -> None:
    network = story.network()
    ledger = await network.open()
    network.nodes["node0.test"].lies["eth_getBlockReceipts"] = lie

    with pytest.raises(LedgerError):
        await ledger.logs([story.registry], from_block=0, to_block=100)


async def test_blocks_that_do_not_follow_each_other(story: Story) -> None:
    network = story.network()
    ledger = await network.open()
    lied: list[str] = []

    def lie(params: Any, block: Any) -> Any:
        if params[0] == "0x3":
            lied.append(params[0])
            return block | {"hash": "0x" + "66" * 32}
        return block

    network.nodes["node0.test"].lies["eth_getBlockByNumber"] = lie

    with pytest.raises(LedgerError, match="follow"):
        await ledger.logs([story.registry], from_block=0, to_block=100)
    assert lied


async def test_steps_are_linked_too(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs_module, "BLOCKS_PER_STEP", 2)
    network = story.network()
    ledger = await network.open()

    assert await ledger.logs([story.registry], from_block=0, to_block=100) == await story.ledger.logs(
        [story.registry], from_block=0, to_block=100
    )
    network.nodes["node0.test"].lies["eth_getBlockByNumber"] = lambda params, block: (
        block | {"parentHash": "0x" + "66" * 32} if params[0] == "0x4" else block
    )
    with pytest.raises(LedgerError, match="follow"):
        await ledger.logs([story.registry], from_block=0, to_block=100)


async def test_a_node_without_block_receipts_is_asked_for_each(story: Story) -> None:
    network = story.network()
    ledger = await network.open()

    def refuse(_params: Any, _result: Any) -> Any:
        raise RefusedError(-32601, "the method does not exist")

    network.nodes["node0.test"].lies["eth_getBlockReceipts"] = refuse

    assert len(await ledger.logs([story.registry], from_block=0, to_block=100)) == 5
    assert network.nodes["node0.test"].methods().count("eth_getTransactionReceipt") == 5


def span(params: Any) -> int:
    return int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1


def take_at_most(blocks: int) -> Callable[[Any, Any], Any]:
    def lie(params: Any, logs: Any) -> Any:
        if span(params) > blocks:
            raise RefusedError(-32005, "query returned more than 10000 results")
        return logs

    return lie


async def test_a_node_that_gives_only_so_much_is_asked_for_less(story: Story) -> None:
    network = story.network()
    ledger = await network.open()
    network.nodes["node0.test"].lies["eth_getLogs"] = take_at_most(1)

    assert len(await ledger.logs([story.registry], from_block=0, to_block=100)) == 5

    network.nodes["node0.test"].lies["eth_getLogs"] = take_at_most(0)
    with pytest.raises(LedgerError, match="single block"):
        await ledger.logs([story.registry], from_block=0, to_block=100)


async def test_ten_thousand_events_in_one_answer_are_too_many(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    # E8: what one answer may hold is bounded, whatever the node thinks.
    monkeypatch.setattr(logs_module, "MAX_LOGS_PER_ANSWER", 2)
    network = story.network()
    node = network.nodes["node0.test"]
    ledger = await network.open()

    assert len(await ledger.logs([story.registry], from_block=0, to_block=100)) == 5
    assert node.methods().count("eth_getLogs") > 2

    node.lies["eth_getLogs"] = lambda _, logs: logs * 10_001
    with pytest.raises(LedgerError, match="single block"):
        await ledger.logs([story.registry], from_block=0, to_block=100)


async def test_an_answer_of_too_many_bytes_is_asked_for_in_parts(story: Story) -> None:
    await story.write(40)
    network = story.network()
    ledger = await network.open(max_response_bytes=100_000)
    node: FakeNode = network.nodes["node0.test"]
    node.lies["eth_getLogs"] = lambda params, logs: [log | {"padding": "x" * 8_000} for log in logs]

    assert len(await ledger.logs([story.registry], from_block=0, to_block=100)) == 45

    node.lies["eth_getLogs"] = lambda params, logs: [log | {"padding": "x" * 100_000} for log in logs]
    with pytest.raises(LedgerError):
        await ledger.logs([story.registry], from_block=0, to_block=100)


async def test_a_node_lost_half_way(story: Story) -> None:
    network = story.network(2)
    ledger = await network.open()
    first = network.nodes["node0.test"]

    def lie(_params: Any, logs: Any) -> Any:
        first.is_away = True
        return logs

    first.lies["eth_getLogs"] = lie

    assert len(await ledger.logs([story.registry], from_block=0, to_block=100)) == 5
    network.nodes["node1.test"].is_away = True
    with pytest.raises(LedgerUnavailable):
        await ledger.logs([story.registry], from_block=0, to_block=100)
