"""What every engine must do: one suite, run against each of them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.clock import SetClock
from tests.support.engines import CHAIN_ID, ENGINES, Engine, running_engine
from vc_core.errors import LedgerError, TransactionFailed
from vc_core.ledger.protocol import Ledger
from vc_core.ledger.transactions import LedgerKey, Transaction, contract_address

NAME = b"did/pub/Multikey/veriKey".ljust(32, b"\0")
KEY = b"\x80\x24" + b"\x02" + b"\x11" * 32
VERI_KEY = b"veriKey".ljust(32, b"\0")
LAST_BLOCK = 10**6


@pytest.fixture(params=ENGINES)
async def engine(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> AsyncIterator[Engine]:
    """Each engine in turn, two registries on its chain."""
    async with running_engine(request.param, tmp_path, clock) as running:
        yield running


@pytest.fixture
async def key(engine: Engine) -> LedgerKey:
    """An account that can pay."""
    return await engine.create_key()


def test_it_is_a_ledger(engine: Engine) -> None:
    ledger: Ledger = engine.ledger

    assert ledger.chain_id == CHAIN_ID


async def test_blocks_follow_each_other(engine: Engine, key: LedgerKey) -> None:
    before = await engine.ledger.head()

    receipt = await engine.write(key, "setAttribute", key.address, NAME, KEY, 60)
    head = await engine.ledger.head()

    assert receipt.succeeded
    assert before.number < receipt.block_number <= head.number
    assert (len(head.hash), head.hash != before.hash) == (32, True)
    assert head.timestamp >= before.timestamp
    assert await engine.ledger.block(before.number) == before
    assert await engine.ledger.block(head.number) == head


async def test_there_is_no_block_of_a_later_number(engine: Engine) -> None:
    with pytest.raises(LedgerError):
        await engine.ledger.block((await engine.ledger.head()).number + 100)


async def test_logs_by_contract_and_block_in_order(engine: Engine, key: LedgerKey) -> None:
    first = await engine.write(key, "setAttribute", key.address, NAME, KEY, 60)
    second = await engine.write(key, "revokeAttribute", key.address, NAME, KEY)
    registries, ledger = [engine.registry, engine.other_registry], engine.ledger

    both = await ledger.logs(registries, from_block=first.block_number, to_block=second.block_number)
    everything = await ledger.logs(registries, from_block=0, to_block=LAST_BLOCK)
    only_second = await ledger.logs(registries, from_block=second.block_number, to_block=LAST_BLOCK)
    elsewhere = await ledger.logs([engine.other_registry], from_block=0, to_block=LAST_BLOCK)
    nothing = await ledger.logs(registries, from_block=5, to_block=4)

    assert [log.block_number for log in both] == [first.block_number, second.block_number]
    assert (everything, only_second) == (both, both[1:])
    assert (both[0].address, both[0].log_index) == (engine.registry, 0)
    assert both[0].topics[1] == key.address.rjust(32, b"\0")
    assert both[0].block_timestamp == (await ledger.block(first.block_number)).timestamp
    assert (elsewhere, nothing) == ([], [])


async def test_code_and_nonce(engine: Engine, key: LedgerKey) -> None:
    assert await engine.ledger.code(engine.registry) == engine.contract.deployed_bytecode
    assert await engine.ledger.code(key.address) == b""
    assert await engine.ledger.nonce(key.address) == 0
    await engine.write(key, "setAttribute", key.address, NAME, KEY, 60)
    assert await engine.ledger.nonce(key.address) == 1


async def test_a_deployment_says_where(engine: Engine, key: LedgerKey) -> None:
    receipt = await engine.ledger.transact(key, b"", engine.contract.encode_deployment(), gas=3_000_000)

    assert receipt.contract_address == contract_address(key.address, 0)
    assert await engine.ledger.code(receipt.contract_address) == engine.contract.deployed_bytecode


async def test_a_refusal_names_the_contracts_reason_and_costs_nothing(engine: Engine, key: LedgerKey) -> None:
    stranger = await engine.create_key()

    with pytest.raises(TransactionFailed, match="bad_actor"):
        await engine.write(stranger, "changeOwner", key.address, stranger.address)
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await engine.ledger.send(engine.sign(stranger, 0, "changeOwner", key.address, stranger.address))
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await engine.read("changeOwner", key.address, stranger.address)
    with pytest.raises(TransactionFailed, match="panic"):
        await engine.write(key, "setAttribute", key.address, NAME, KEY, 2**256 - 1)

    assert await engine.ledger.nonce(stranger.address) == 0


async def test_an_expired_delegate_is_not_valid(engine: Engine, key: LedgerKey) -> None:
    delegate = LedgerKey.generate().address
    await engine.write(key, "addDelegate", key.address, VERI_KEY, delegate, 60)
    before = await engine.read("validDelegate", key.address, VERI_KEY, delegate)

    await engine.pass_time(62)

    assert (before, await engine.read("validDelegate", key.address, VERI_KEY, delegate)) == (True, False)


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\xc0", b"\x02\xc0", b"not a transaction", b"\xf8" * 200])
async def test_what_is_no_transaction(engine: Engine, raw: bytes) -> None:
    with pytest.raises(TransactionFailed):
        await engine.ledger.send(raw)


async def test_a_transaction_of_another_chain_is_refused(engine: Engine, key: LedgerKey) -> None:
    transaction = Transaction(0, engine.registry, b"", 500_000)

    with pytest.raises(TransactionFailed, match="this chain"):
        await engine.ledger.send(key.sign_transaction(transaction, chain_id=96))


async def test_the_same_transaction_twice(engine: Engine, key: LedgerKey) -> None:
    raw = engine.sign(key, 0, "setAttribute", key.address, NAME, KEY, 60)
    assert (await engine.ledger.send(raw)).succeeded

    with pytest.raises(TransactionFailed, match="next"):
        await engine.ledger.send(raw)


@pytest.mark.parametrize(("nonce", "gas"), [(1, 500_000), (0, 20_000)])
async def test_transactions_that_can_not_be_executed(engine: Engine, key: LedgerKey, nonce: int, gas: int) -> None:
    with pytest.raises(TransactionFailed):
        await engine.ledger.send(engine.sign(key, nonce, "setAttribute", key.address, NAME, KEY, 60, gas=gas))

    assert await engine.ledger.nonce(key.address) == 0


async def test_running_out_of_gas_is_a_refusal(engine: Engine, key: LedgerKey) -> None:
    with pytest.raises(TransactionFailed, match="failed"):
        await engine.write(key, "setAttribute", key.address, NAME, KEY, 60, gas=25_000)


async def test_many_senders_at_once(engine: Engine) -> None:
    senders = [await engine.create_key() for _ in range(5)]

    receipts = await asyncio.gather(
        *(engine.write(sender, "setAttribute", sender.address, NAME, KEY, 60) for sender in senders)
    )

    assert len({receipt.transaction_hash for receipt in receipts}) == 5
    assert all(receipt.succeeded for receipt in receipts)


async def test_one_sender_many_at_once(engine: Engine, key: LedgerKey) -> None:
    values = [bytes([number]) * 35 for number in range(10)]

    receipts = await asyncio.gather(
        *(engine.write(key, "setAttribute", key.address, NAME, value, 60) for value in values)
    )

    assert len({receipt.transaction_hash for receipt in receipts}) == 10
    assert await engine.ledger.nonce(key.address) == 10
    logs = await engine.ledger.logs([engine.registry], from_block=0, to_block=LAST_BLOCK)
    assert len(logs) == 10
