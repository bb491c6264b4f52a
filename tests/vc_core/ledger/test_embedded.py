"""The embedded engine: what it keeps, who may open it, and the traps of py-evm, one test each."""

import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.chain import Chain
from tests.support.clock import SetClock
from vc_core.errors import LedgerLocked, LedgerUnavailable, TransactionFailed, WrongChain
from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.events import AttributeChanged, DelegateChanged
from vc_core.ledger.transactions import LedgerKey

NAME = b"did/pub/Multikey/veriKey".ljust(32, b"\0")
KEY = b"\x80\x24" + b"\x02" + b"\x11" * 32
VERI_KEY = b"veriKey".ljust(32, b"\0")
SPENDS_MUCH_GAS = b"\xfe"  # INVALID: all that there is


async def test_it_finds_everything_again(chain: Chain, owner: LedgerKey, clock: SetClock) -> None:
    await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)
    head, events = await chain.ledger.head(), await chain.events()
    chain.ledger.close()

    chain.ledger = EmbeddedLedger.open(chain.path, chain_id=1337, clock=clock)

    assert await chain.ledger.head() == head
    assert await chain.events() == events
    assert await chain.read("changed", owner.address) == head.number
    assert (await chain.write(owner, "revokeAttribute", owner.address, NAME, KEY)).block_number == head.number + 1


async def test_a_block_executes_at_the_time_it_says(chain: Chain, owner: LedgerKey) -> None:
    chain.clock.advance(3_600)

    receipt = await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)
    event = (await chain.events())[-1]

    assert isinstance(event, AttributeChanged)
    assert event.valid_to == chain.clock() + 60
    assert (await chain.ledger.block(receipt.block_number)).timestamp == chain.clock()


async def test_a_burst_does_not_run_into_the_future(chain: Chain, owner: LedgerKey) -> None:
    for _ in range(20):
        await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)

    assert (await chain.ledger.head()).timestamp == chain.clock()


async def test_time_does_not_go_back_with_the_clock(chain: Chain, owner: LedgerKey) -> None:
    latest = chain.clock()
    chain.clock.advance(-1_000)

    await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)

    assert (await chain.ledger.head()).timestamp == latest


async def test_the_gas_limit_stays(chain: Chain, owner: LedgerKey) -> None:
    for _ in range(50):
        await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)

    header = chain.ledger._chain.get_canonical_head()

    assert (header.gas_limit, header.base_fee_per_gas) == (30_000_000, 0)


async def test_an_expired_delegate_is_not_valid_although_no_block_came_since(
    chain: Chain, owner: LedgerKey, stranger: LedgerKey
) -> None:
    await chain.write(owner, "addDelegate", owner.address, VERI_KEY, stranger.address, 60)
    event = (await chain.events())[-1]
    assert isinstance(event, DelegateChanged)

    chain.clock.advance(60)
    at_the_last_second = await chain.read("validDelegate", owner.address, VERI_KEY, stranger.address)
    chain.clock.advance(1)
    after = await chain.read("validDelegate", owner.address, VERI_KEY, stranger.address)

    assert event.valid_to == chain.clock() - 1
    assert (at_the_last_second, after) == (True, False)


async def test_a_full_block_does_not_put_a_price_on_the_next(chain: Chain, owner: LedgerKey) -> None:
    with pytest.raises(TransactionFailed):
        await chain.send(owner, b"", SPENDS_MUCH_GAS, gas=15_000_000)

    await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)

    assert chain.ledger._chain.get_canonical_head().base_fee_per_gas == 0


async def test_a_transaction_may_use_half_a_block_and_no_more(chain: Chain, owner: LedgerKey) -> None:
    data = chain.did_registry.encode_call("setAttribute", owner.address, NAME, KEY, 60)

    with pytest.raises(TransactionFailed, match="more gas"):
        await chain.send(owner, chain.addresses.did_registry, data, gas=15_000_001)
    assert (await chain.send(owner, chain.addresses.did_registry, data, gas=15_000_000)).succeeded


async def test_a_reverted_transaction_leaves_nothing(chain: Chain, owner: LedgerKey, stranger: LedgerKey) -> None:
    head = await chain.ledger.head()

    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.write(stranger, "changeOwner", owner.address, stranger.address)

    assert await chain.ledger.head() == head
    assert await chain.ledger.nonce(stranger.address) == 0
    await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)


class _FullDisk:
    """A connection whose next commit fails, as on a full disk."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.is_full = True

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def execute(self, sql: str, *parameters: object) -> object:
        if sql == "COMMIT" and self.is_full:
            raise sqlite3.OperationalError("database or disk is full")
        return self._connection.execute(sql, *parameters)  # type: ignore[arg-type]  # passed on as it came


async def test_a_commit_that_fails_leaves_nothing_and_the_chain_goes_on(chain: Chain, owner: LedgerKey) -> None:
    head = await chain.ledger.head()
    disk = _FullDisk(chain.ledger._store.connection)
    chain.ledger._store.connection = disk  # type: ignore[assignment]  # stands in for the connection

    with pytest.raises(LedgerUnavailable):
        await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)
    assert await chain.ledger.head() == head
    assert await chain.ledger.nonce(owner.address) == 0

    disk.is_full = False
    receipt = await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)
    assert receipt.block_number == head.number + 1
    assert await chain.read("changed", owner.address) == receipt.block_number


async def test_the_file_is_of_one_chain(chain: Chain, clock: SetClock) -> None:
    chain.ledger.close()

    with pytest.raises(WrongChain):
        EmbeddedLedger.open(chain.path, chain_id=1338, clock=clock)
    with pytest.raises(WrongChain):
        EmbeddedLedger.open(chain.path, chain_id=1337, clock=clock, rules="istanbul")
    EmbeddedLedger.open(chain.path, chain_id=1337, clock=clock).close()


async def test_one_writer_in_this_process(chain: Chain, clock: SetClock) -> None:
    with pytest.raises(LedgerLocked):
        EmbeddedLedger.open(chain.path, chain_id=1337, clock=clock)


async def test_another_process_is_kept_out_until_this_one_closes(chain: Chain) -> None:
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from vc_core.errors import LedgerLocked
        from vc_core.ledger.embedded import EmbeddedLedger
        try:
            EmbeddedLedger.open(Path(sys.argv[1]), chain_id=1337, clock=lambda: 0).close()
        except LedgerLocked:
            sys.exit(7)
    """)
    command = [sys.executable, "-c", program, str(chain.path)]

    assert subprocess.run(command, check=False).returncode == 7
    chain.ledger.close()
    assert subprocess.run(command, check=False).returncode == 0


async def test_a_closed_chain_is_away(chain: Chain) -> None:
    chain.ledger.close()
    chain.ledger.close()

    with pytest.raises(LedgerUnavailable):
        await chain.ledger.head()


def test_a_file_that_is_no_chain(tmp_path: Path, clock: SetClock) -> None:
    path = tmp_path / "chain.sqlite"
    path.write_bytes(b"something else entirely, and long enough to be looked at" * 100)

    for _ in range(2):  # the lock is let go of
        with pytest.raises(LedgerUnavailable):
            EmbeddedLedger.open(path, chain_id=1337, clock=clock)


def test_a_folder_that_can_not_be_made(tmp_path: Path, clock: SetClock) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(LedgerUnavailable):
        EmbeddedLedger.open(tmp_path / "file" / "chain.sqlite", chain_id=1337, clock=clock)


async def test_the_contracts_run_by_older_rules_too(tmp_path: Path, clock: SetClock, owner: LedgerKey) -> None:
    # KUB has no PUSH0 and no base fee: so has Istanbul.
    chain = await Chain.create(tmp_path / "istanbul.sqlite", clock, rules="istanbul")

    await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)
    receipt = await chain.write(owner, "setAttribute", owner.address, NAME, KEY, 60)

    assert receipt.gas_used < 34_000
    assert len(await chain.events()) == 2
    chain.ledger.close()


async def test_a_transaction_without_a_chain_id_is_refused(chain: Chain, owner: LedgerKey) -> None:
    # Signed as before EIP-155, it could be replayed on any chain.
    import rlp
    from eth_utils.crypto import keccak

    fields = [0, 0, 500_000, chain.addresses.did_registry, 0, b""]
    v, r, s = owner.sign_digest(keccak(rlp.encode(fields)))
    raw = rlp.encode([*fields, v, int.from_bytes(r, "big"), int.from_bytes(s, "big")])

    with pytest.raises(TransactionFailed, match="this chain"):
        await chain.ledger.send(raw)
