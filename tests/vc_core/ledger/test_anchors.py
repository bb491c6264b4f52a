"""Anchors: one hash chain per log, written by its owner alone, checked by anybody from the events alone."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.chain import Chain
from vc_core.errors import LedgerError, TransactionFailed
from vc_core.ledger.anchors import NO_HEAD, next_head, verify_anchor_chain
from vc_core.ledger.events import log_id
from vc_core.ledger.governance import create_log_owner_action
from vc_core.ledger.merkle import MerkleTree, verify_inclusion
from vc_core.ledger.registry_state import RegistryState
from vc_core.ledger.transactions import LedgerKey

LOG, OTHER_LOG = "status-lists", "audit-heads"
ROOT = b"\x55" * 32


@pytest.fixture
async def logs(chain: Chain, owner: LedgerKey) -> Chain:
    """The chain, with two logs of one owner."""
    for log in (LOG, OTHER_LOG):
        await chain.writer.act(chain.governor, create_log_owner_action(log, owner.address))
    return chain


async def head(chain: Chain, log: str = LOG) -> bytes:
    data = await chain.ledger.call(chain.addresses.anchors, chain.anchors.encode_call("headOf", log_id(log)))
    return bytes(chain.anchors.decode_result("headOf", data)[0])


async def anchor(chain: Chain, owner: LedgerKey, entries: list[bytes], *, log: str = LOG) -> None:
    tree = MerkleTree(entries)
    await chain.writer.anchor(owner, log, tree.root, size=tree.size, previous_head=await head(chain, log))


async def test_a_stranger_checks_an_entry(logs: Chain, owner: LedgerKey) -> None:
    batches = [[f"{batch}/{number}".encode() for number in range(batch + 3)] for batch in range(5)]
    for batch in batches:
        await anchor(logs, owner, batch)

    anchors = RegistryState(await logs.events()).anchors(log_id(LOG).hex())

    assert verify_anchor_chain(anchors).head == (await head(logs)).hex()
    assert [anchored.index for anchored in anchors] == [1, 2, 3, 4, 5]
    proof = MerkleTree(batches[3]).create_proof(2)
    verify_inclusion(b"3/2", proof, root=bytes.fromhex(anchors[3].root), size=anchors[3].size)
    with pytest.raises(LedgerError):
        verify_inclusion(b"3/1", proof, root=bytes.fromhex(anchors[3].root), size=anchors[3].size)


async def test_logs_are_chains_of_their_own(logs: Chain, owner: LedgerKey) -> None:
    await anchor(logs, owner, [b"same"])
    await anchor(logs, owner, [b"same"], log=OTHER_LOG)

    assert await head(logs) != await head(logs, OTHER_LOG)
    state = RegistryState(await logs.events())
    assert [len(state.anchors(log_id(log).hex())) for log in (LOG, OTHER_LOG, "none")] == [1, 1, 0]


async def test_the_contract_and_we_chain_alike(logs: Chain, owner: LedgerKey) -> None:
    expected = NO_HEAD
    for size in (1, 2**64 - 1):
        await logs.writer.anchor(owner, LOG, ROOT, size=size, previous_head=expected)
        expected = next_head(log_id(LOG), ROOT, size=size, previous_head=expected)
        assert await head(logs) == expected


async def test_only_the_owner_of_the_log_writes(logs: Chain, owner: LedgerKey, stranger: LedgerKey) -> None:
    for writer in (stranger, logs.governor):
        with pytest.raises(TransactionFailed, match="not_log_owner"):
            await anchor(logs, writer, [b"x"])
    with pytest.raises(TransactionFailed, match="not_log_owner"):
        await anchor(logs, owner, [b"x"], log="nobody's")
    with pytest.raises(TransactionFailed, match="not_governor"):
        await logs.writer.act(owner, create_log_owner_action(LOG, stranger.address))


async def test_a_log_changes_hands_and_is_closed(logs: Chain, owner: LedgerKey, stranger: LedgerKey) -> None:
    await anchor(logs, owner, [b"x"])
    await logs.writer.act(logs.governor, create_log_owner_action(LOG, stranger.address))
    with pytest.raises(TransactionFailed, match="not_log_owner"):
        await anchor(logs, owner, [b"x"])
    await anchor(logs, stranger, [b"y"])
    await logs.writer.act(logs.governor, create_log_owner_action(LOG, bytes(20)))
    with pytest.raises(TransactionFailed, match="not_log_owner"):
        await anchor(logs, stranger, [b"y"])

    state = RegistryState(await logs.events())
    told = state.log_owner(log_id(LOG).hex())
    assert told is not None
    assert told.owner == "0x" + "00" * 20
    assert verify_anchor_chain(state.anchors(log_id(LOG).hex())).index == 2


async def test_of_two_roots_that_race_the_second_is_refused(logs: Chain, owner: LedgerKey) -> None:
    before = await head(logs)
    await logs.writer.anchor(owner, LOG, ROOT, size=1, previous_head=before)

    with pytest.raises(TransactionFailed, match="stale_head"):
        await logs.writer.anchor(owner, LOG, ROOT, size=1, previous_head=before)
    with pytest.raises(TransactionFailed, match="stale_head"):
        await logs.writer.anchor(owner, LOG, ROOT, size=1, previous_head=b"\x01" * 32)


async def test_what_means_nothing(logs: Chain, owner: LedgerKey) -> None:
    with pytest.raises(TransactionFailed, match="bad_size"):
        await logs.writer.anchor(owner, LOG, ROOT, size=0, previous_head=NO_HEAD)
    data = logs.anchors.encode_call("setLogOwner", bytes(32), owner.address)
    with pytest.raises(TransactionFailed, match="bad_log"):
        await logs.send(logs.governor, logs.addresses.anchors, data)


async def test_anchors_that_are_no_chain(logs: Chain, owner: LedgerKey) -> None:
    for number in range(3):
        await anchor(logs, owner, [bytes([number])])
    first, second, third = RegistryState(await logs.events()).anchors(log_id(LOG).hex())

    for broken in (
        [],
        [second],
        [first, third],
        [second, first],
        [first, second, second],
        [first, dataclasses.replace(second, root=first.root), third],
        [first, dataclasses.replace(second, size=2), third],
        [first, dataclasses.replace(second, index=3)],
        [first, dataclasses.replace(second, log=log_id(OTHER_LOG).hex())],
    ):
        with pytest.raises(LedgerError):
            verify_anchor_chain(broken)
