"""What every engine must do: one suite, run against each of them."""

import asyncio

import pytest

from tests.support.chain import Chain
from vc_core.errors import LedgerError, TransactionFailed
from vc_core.ledger.protocol import Ledger
from vc_core.ledger.transactions import LedgerKey, Transaction

NAME = b"did/pub/Multikey/veriKey".ljust(32, b"\0")
KEY = b"\x80\x24" + b"\x02" + b"\x11" * 32


def test_it_is_a_ledger(chain: Chain) -> None:
    ledger: Ledger = chain.ledger

    assert ledger.chain_id == 1337


async def test_blocks_follow_each_other(chain: Chain, owner: LedgerKey) -> None:
    before = await chain.ledger.head()

    receipt = await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)
    head = await chain.ledger.head()

    assert receipt.succeeded
    assert (head.number, receipt.block_number) == (before.number + 1, before.number + 1)
    assert head.hash != before.hash
    assert len(head.hash) == 32
    assert head.timestamp == chain.clock()
    assert await chain.ledger.block(before.number) == before
    assert await chain.ledger.block(head.number) == head


async def test_there_is_no_block_of_a_later_number(chain: Chain) -> None:
    with pytest.raises(LedgerError):
        await chain.ledger.block((await chain.ledger.head()).number + 1)


async def test_logs_by_contract_and_block_in_order(chain: Chain, owner: LedgerKey) -> None:
    first = await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)
    second = await chain.write(owner, "revokeAttribute", owner.address, NAME, KEY)
    registries = [chain.addresses.did_registry, chain.addresses.trust_registry]

    both = await chain.ledger.logs(registries, from_block=first.block_number, to_block=second.block_number)
    only_second = await chain.ledger.logs(registries, from_block=second.block_number, to_block=10**6)
    elsewhere = await chain.ledger.logs([chain.addresses.trust_registry], from_block=first.block_number, to_block=10**6)
    nothing = await chain.ledger.logs(registries, from_block=5, to_block=4)

    assert [log.block_number for log in both] == [first.block_number, second.block_number]
    assert only_second == both[1:]
    assert both[0].address == chain.addresses.did_registry
    assert both[0].topics[1] == owner.address.rjust(32, b"\0")
    assert both[0].block_timestamp == chain.clock()
    assert (elsewhere, nothing) == ([], [])


async def test_code_and_nonce(chain: Chain, owner: LedgerKey) -> None:
    assert await chain.ledger.code(chain.addresses.did_registry) == chain.did_registry.deployed_bytecode
    assert await chain.ledger.code(owner.address) == b""
    assert await chain.ledger.nonce(owner.address) == 0
    await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)
    assert await chain.ledger.nonce(owner.address) == 1


async def test_a_refusal_names_the_contracts_reason(chain: Chain, owner: LedgerKey, stranger: LedgerKey) -> None:
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.write(stranger, "changeOwner", owner.address, stranger.address)
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.read("changeOwner", owner.address, stranger.address)
    with pytest.raises(TransactionFailed, match="panic"):
        await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 2**256 - 1)


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\xc0", b"\x02\xc0", b"not a transaction", b"\xf8" * 200])
async def test_what_is_no_transaction(chain: Chain, raw: bytes) -> None:
    head = await chain.ledger.head()

    with pytest.raises(TransactionFailed):
        await chain.ledger.send(raw)

    assert await chain.ledger.head() == head


async def test_a_transaction_of_another_chain_is_refused(chain: Chain, owner: LedgerKey) -> None:
    data = chain.did_registry.encode_call("changeOwner", owner.address, bytes(20))
    transaction = Transaction(0, chain.addresses.did_registry, data, 500_000)

    with pytest.raises(TransactionFailed, match="this chain"):
        await chain.ledger.send(owner.sign_transaction(transaction, chain_id=96))


async def test_the_same_transaction_twice(chain: Chain, owner: LedgerKey) -> None:
    data = chain.did_registry.encode_call("setAttribute", owner.address, NAME, KEY, 60)
    raw = owner.sign_transaction(Transaction(0, chain.addresses.did_registry, data, 500_000), chain_id=1337)
    await chain.ledger.send(raw)

    with pytest.raises(TransactionFailed, match="next"):
        await chain.ledger.send(raw)


@pytest.mark.parametrize(("nonce", "gas"), [(1, 500_000), (0, 20_000), (0, 15_000_001)])
async def test_transactions_that_can_not_be_executed(chain: Chain, owner: LedgerKey, nonce: int, gas: int) -> None:
    data = chain.did_registry.encode_call("setAttribute", owner.address, NAME, KEY, 60)
    transaction = Transaction(nonce, chain.addresses.did_registry, data, gas)

    with pytest.raises(TransactionFailed):
        await chain.ledger.send(owner.sign_transaction(transaction, chain_id=1337))

    assert await chain.ledger.nonce(owner.address) == 0


async def test_running_out_of_gas_is_a_refusal(chain: Chain, owner: LedgerKey) -> None:
    data = chain.did_registry.encode_call("setAttribute", owner.address, NAME, KEY, 60)

    with pytest.raises(TransactionFailed, match="failed"):
        await chain.send(owner, chain.addresses.did_registry, data, gas=25_000)


async def test_many_senders_at_once(chain: Chain) -> None:
    senders = [LedgerKey.generate() for _ in range(10)]

    receipts = await asyncio.gather(
        *(chain.write(sender, "setAttribute", sender.address, NAME, KEY, 60) for sender in senders)
    )

    assert len({receipt.block_number for receipt in receipts}) == 10
