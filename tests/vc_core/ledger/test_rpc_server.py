"""The embedded chain's JSON-RPC: the forms that other programs rely on, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.chain import Chain
from tests.support.clock import SetClock
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.rpc_server import MAX_BATCH, handle_json_rpc
from vc_core.ledger.transactions import Fee, LedgerKey, Transaction

NAME = b"did/pub/Multikey/veriKey".ljust(32, b"\0")
KEY = b"\x80\x24" + b"\x02" + b"\x11" * 32
VERI_KEY = b"veriKey".ljust(32, b"\0")


async def ask(ledger: EmbeddedLedger, method: str, *params: Any) -> Any:
    """The answer's result. Fails the test where it is an error."""
    answer = await ask_anything(ledger, {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)})
    assert (answer["jsonrpc"], answer["id"]) == ("2.0", 7)
    return answer["result"]


async def ask_anything(ledger: EmbeddedLedger, request: Any) -> Any:
    return json.loads(await handle_json_rpc(ledger, json.dumps(request).encode()))


async def refusal(ledger: EmbeddedLedger, method: str, *params: Any) -> dict[str, Any]:
    answer = await ask_anything(ledger, {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)})
    error: dict[str, Any] = answer["error"]
    return error


def hexed(data: bytes) -> str:
    return "0x" + data.hex()


async def test_what_chain_it_is(chain: Chain) -> None:
    assert await ask(chain.ledger, "eth_chainId") == "0x539"
    assert await ask(chain.ledger, "net_version") == "1337"
    assert await ask(chain.ledger, "web3_clientVersion") == "sabai/embedded"
    assert await ask(chain.ledger, "eth_blockNumber") == "0x3"
    assert await ask(chain.ledger, "eth_syncing") is False


async def test_blocks_name_their_parents(chain: Chain) -> None:
    newest = await ask(chain.ledger, "eth_getBlockByNumber", "latest", False)
    parent = await ask(chain.ledger, "eth_getBlockByHash", newest["parentHash"], True)

    assert (newest["number"], parent["number"]) == ("0x3", "0x2")
    assert newest["hash"] == hexed((await chain.ledger.head()).hash)
    assert newest["transactions"][0].startswith("0x")
    assert parent["transactions"][0]["from"] == hexed(chain.governor.address)
    assert newest["baseFeePerGas"] == "0x0"
    for tag in ("safe", "finalized", "pending"):
        assert await ask(chain.ledger, "eth_getBlockByNumber", tag, False) == newest
    assert await ask(chain.ledger, "eth_getBlockByNumber", "0x4", False) is None
    assert await ask(chain.ledger, "eth_getBlockByHash", "0x" + "66" * 32, False) is None
    assert (await ask(chain.ledger, "eth_getBlockByNumber", "earliest", False))["transactions"] == []


async def test_older_rules_have_no_base_fee(tmp_path: Path, clock: SetClock) -> None:
    chain = await Chain.create(tmp_path / "istanbul.sqlite", clock, rules="istanbul")

    assert "baseFeePerGas" not in await ask(chain.ledger, "eth_getBlockByNumber", "latest", False)
    chain.ledger.close()


@pytest.mark.parametrize(("fee", "kind"), [(Fee(0), "0x0"), (Fee(0, 0), "0x2")])
async def test_a_transaction_from_sending_to_receipt(chain: Chain, owner: LedgerKey, fee: Fee, kind: str) -> None:
    data = chain.did_registry.encode_call("setAttribute", owner.address, NAME, KEY, 60)
    transaction = Transaction(0, chain.addresses.did_registry, data, 500_000)

    sent = await ask(
        chain.ledger, "eth_sendRawTransaction", hexed(owner.sign_transaction(transaction, chain_id=1337, fee=fee))
    )
    found = await ask(chain.ledger, "eth_getTransactionByHash", sent)
    receipt = await ask(chain.ledger, "eth_getTransactionReceipt", sent)
    of_block = await ask(chain.ledger, "eth_getBlockReceipts", receipt["blockNumber"])

    assert (found["hash"], found["from"], found["input"]) == (sent, hexed(owner.address), hexed(data))
    assert (found["type"], receipt["type"], receipt["status"]) == (kind, kind, "0x1")
    assert receipt["to"] == hexed(chain.addresses.did_registry)
    assert receipt["contractAddress"] is None
    assert receipt["logs"] == await ask(chain.ledger, "eth_getLogs", {"blockHash": receipt["blockHash"]})
    assert receipt["logs"][0]["transactionHash"] == sent
    assert int(receipt["logsBloom"], 16)
    assert of_block == [receipt]
    assert await ask(chain.ledger, "eth_getTransactionCount", hexed(owner.address), "latest") == "0x1"
    assert await ask(chain.ledger, "eth_getTransactionCount", hexed(owner.address), "0x3") == "0x0"


async def test_what_is_not_there(chain: Chain) -> None:
    nothing = "0x" + "66" * 32

    assert await ask(chain.ledger, "eth_getTransactionByHash", nothing) is None
    assert await ask(chain.ledger, "eth_getTransactionReceipt", nothing) is None
    assert await ask(chain.ledger, "eth_getBlockReceipts", "0x99") is None
    assert (await refusal(chain.ledger, "eth_getLogs", {"blockHash": nothing}))["code"] == -32602


async def test_accounts(chain: Chain) -> None:
    registry = hexed(chain.addresses.did_registry)

    assert await ask(chain.ledger, "eth_getCode", registry, "latest") == hexed(chain.did_registry.deployed_bytecode)
    assert await ask(chain.ledger, "eth_getCode", registry, "earliest") == "0x"
    assert await ask(chain.ledger, "eth_getBalance", registry, "latest") == "0x0"
    assert await ask(chain.ledger, "eth_getStorageAt", registry, "0x0", "latest") == "0x" + "00" * 32


async def test_logs_by_topic(chain: Chain, owner: LedgerKey, stranger: LedgerKey) -> None:
    for key in (owner, stranger, owner):
        await chain.write(key, "setAttribute", key.address, NAME, KEY, 60)
    identity = hexed(owner.address.rjust(32, b"\0"))
    wanted = {"address": hexed(chain.addresses.did_registry), "fromBlock": "earliest", "toBlock": "latest"}

    everything = await ask(chain.ledger, "eth_getLogs", wanted)
    of_owner = await ask(chain.ledger, "eth_getLogs", wanted | {"topics": [None, identity]})
    either = await ask(chain.ledger, "eth_getLogs", wanted | {"topics": [[], [identity, "0x" + "00" * 32]]})
    first_topic = everything[0]["topics"][0]

    assert len(everything) == 3
    assert of_owner == [everything[0], everything[2]] == either
    assert await ask(chain.ledger, "eth_getLogs", wanted | {"topics": [first_topic]}) == everything
    assert await ask(chain.ledger, "eth_getLogs", wanted | {"topics": [identity]}) == []
    assert await ask(chain.ledger, "eth_getLogs", wanted | {"topics": [None] * 3}) == []


async def test_a_call_at_a_block_sees_that_block(chain: Chain, owner: LedgerKey, stranger: LedgerKey) -> None:
    await chain.write(owner, "addDelegate", owner.address, VERI_KEY, stranger.address, 60)
    block = hex((await chain.ledger.head()).number)
    chain.clock.advance(61)
    data = hexed(chain.did_registry.encode_call("validDelegate", owner.address, VERI_KEY, stranger.address))
    call = {"to": hexed(chain.addresses.did_registry), "data": data}
    yes, no = "0x" + "1".rjust(64, "0"), "0x" + "0" * 64

    assert await ask(chain.ledger, "eth_call", call, block) == yes
    assert await ask(chain.ledger, "eth_call", call, {"blockNumber": block}) == yes
    assert await ask(chain.ledger, "eth_call", call, "0x2") == no
    assert await ask(chain.ledger, "eth_call", call, "latest") == no
    assert await ask(chain.ledger, "eth_call", call) == no
    assert (await refusal(chain.ledger, "eth_call", call, "0x99"))["code"] == -32602


async def test_a_revert_carries_its_data(chain: Chain, owner: LedgerKey, stranger: LedgerKey) -> None:
    data = chain.did_registry.encode_call("changeOwner", owner.address, stranger.address)
    call = {"from": hexed(stranger.address), "to": hexed(chain.addresses.did_registry), "input": hexed(data)}
    raw = stranger.sign_transaction(Transaction(0, chain.addresses.did_registry, data, 500_000), chain_id=1337)

    for error in (
        await refusal(chain.ledger, "eth_call", call, "latest"),
        await refusal(chain.ledger, "eth_estimateGas", call),
        await refusal(chain.ledger, "eth_sendRawTransaction", hexed(raw)),
    ):
        assert error["code"] == 3
        assert error["message"] == "execution reverted: bad_actor"
        assert bytes.fromhex(error["data"][2:])[:4].hex() == "08c379a0"
        assert b"bad_actor" in bytes.fromhex(error["data"][2:])


async def test_an_estimate_suffices(chain: Chain, owner: LedgerKey) -> None:
    data = chain.did_registry.encode_call("setAttribute", owner.address, NAME, KEY, 60)
    call = {"from": hexed(owner.address), "to": hexed(chain.addresses.did_registry), "input": hexed(data)}

    gas = int(await ask(chain.ledger, "eth_estimateGas", call), 16)
    receipt = await chain.send(owner, chain.addresses.did_registry, data, gas=gas)

    assert receipt.gas_used <= gas < receipt.gas_used * 2


async def test_gas_is_free(chain: Chain) -> None:
    history = await ask(chain.ledger, "eth_feeHistory", "0x2", "latest", [50])

    assert await ask(chain.ledger, "eth_gasPrice") == "0x0"
    assert history["oldestBlock"] == "0x2"
    assert (history["baseFeePerGas"], history["reward"]) == (["0x0"] * 3, [["0x0"]] * 2)
    assert len(history["gasUsedRatio"]) == 2


async def test_batches(chain: Chain) -> None:
    request = {"jsonrpc": "2.0", "method": "eth_chainId", "params": []}

    answers = await ask_anything(chain.ledger, [request | {"id": 1}, request | {"id": "two"}, {"id": 3}, request])

    assert [answer["id"] for answer in answers] == [1, "two", None]
    assert answers[2]["error"]["code"] == -32600
    assert await handle_json_rpc(chain.ledger, json.dumps(request).encode()) == b""
    assert await handle_json_rpc(chain.ledger, json.dumps([request]).encode()) == b""
    for batch in ([], [request] * (MAX_BATCH + 1)):
        assert (await ask_anything(chain.ledger, batch))["error"]["code"] == -32600


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"[" * 100_000, -32700),
        (b"1", -32600),
        (b'{"id":1,"method":2}', -32600),
        (b'{"id":1,"method":"eth_mine"}', -32601),
        (b'{"id":1,"method":"eth_chainId","params":{}}', -32602),
        (b'{"id":1,"method":"eth_call","params":[]}', -32602),
        (b'{"id":1,"method":"eth_call","params":["0x"]}', -32602),
        (b'{"id":1,"method":"eth_call","params":[{"to":"0x12"}]}', -32602),
        (b'{"id":1,"method":"eth_getLogs","params":[{"topics":"0x"}]}', -32602),
        (b'{"id":1,"method":"eth_getLogs","params":[{"address":[1]}]}', -32602),
        (b'{"id":1,"method":"eth_getLogs","params":[{"address":7}]}', -32602),
        (b'{"id":1,"method":"eth_getBlockByNumber","params":[{}]}', -32602),
        (b'{"id":1,"method":"eth_getBlockByNumber","params":[[]]}', -32602),
        (b'{"id":1,"method":"eth_feeHistory","params":["0x1","0x99"]}', -32602),
        (b'{"id":1,"method":"eth_feeHistory","params":["0x0","latest"]}', -32602),
        (b'{"id":1,"method":"eth_getBalance","params":["0x12"]}', -32602),
        (b'{"id":1,"method":"eth_sendRawTransaction","params":["0x00"]}', -32003),
    ],
)
async def test_what_is_no_request(chain: Chain, body: bytes, code: int) -> None:
    answer = json.loads(await handle_json_rpc(chain.ledger, body))

    assert answer["error"]["code"] == code
