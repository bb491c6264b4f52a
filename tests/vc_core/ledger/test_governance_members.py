"""Who decides: other members, one that left, how many there may be, and how many must agree."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.chain import Chain
from tests.vc_core.ledger.council import ADDRESSES, MEMBERS, accredit, changes, propose
from vc_core.errors import TransactionFailed
from vc_core.ledger.governance import (
    create_governance_action,
    load_epoch,
)
from vc_core.ledger.transactions import LedgerKey, Transaction


async def test_other_members_make_open_proposals_void(council: Chain) -> None:
    pending, approved = await propose(council), await propose(council)
    await council.writer.approve(MEMBERS[1], approved)
    change = await propose(council, create_governance_action("TrustRegistry", ADDRESSES, 1))
    await council.writer.approve(MEMBERS[1], change)
    await council.writer.execute(MEMBERS[0], change)

    assert await load_epoch(council.ledger, council.addresses, "TrustRegistry") == 2
    with pytest.raises(TransactionFailed, match="stale_proposal"):
        await council.writer.approve(MEMBERS[1], pending)
    for stale in (approved, pending):
        with pytest.raises(TransactionFailed, match="stale_proposal"):
            await council.writer.execute(MEMBERS[0], stale)


async def test_a_member_that_left_has_no_say(council: Chain) -> None:
    change = await propose(council, create_governance_action("TrustRegistry", ADDRESSES[1:], 2))
    await council.writer.approve(MEMBERS[0], await propose(council, by=1))  # an approval of the member that leaves
    await council.writer.approve(MEMBERS[1], change)
    await council.writer.execute(MEMBERS[0], change)

    with pytest.raises(TransactionFailed, match="not_governor"):
        await propose(council, by=0)
    assert await council.ask_trust("isMember", ADDRESSES[0]) == (False,)
    assert await council.ask_trust("isMember", ADDRESSES[1]) == (True,)
    proposal = await propose(council, by=1)
    with pytest.raises(TransactionFailed, match="not_governor"):
        await council.writer.approve(MEMBERS[0], proposal)


async def test_a_member_can_not_leave_alone(council: Chain) -> None:
    """Two of three would become two of two at one member's will."""
    change = await propose(council, create_governance_action("TrustRegistry", ADDRESSES[1:], 2))

    with pytest.raises(TransactionFailed, match="not_approved"):
        await council.writer.execute(MEMBERS[0], change)


MANY = [bytes([number]) * 20 for number in range(1, 66)]


@pytest.mark.parametrize(
    ("members", "threshold", "reason"),
    [
        ([], 0, "bad_members"),
        ([], 1, "bad_members"),
        ([bytes(20)], 1, "bad_members"),
        ([MANY[0], MANY[1], MANY[0]], 2, "bad_members"),
        ([MANY[0], MANY[0]], 1, "bad_members"),
        (MANY, 33, "bad_members"),
        (MANY[:3], 0, "bad_threshold"),
        (MANY[:3], 4, "bad_threshold"),
        (MANY[:3], 255, "bad_threshold"),
    ],
)
@pytest.mark.parametrize("contract", ["TrustRegistry", "Anchors"])
async def test_a_governance_that_could_not_decide(
    chain: Chain, stranger: LedgerKey, contract: Any, members: list[bytes], threshold: int, reason: str
) -> None:
    with pytest.raises(TransactionFailed, match=reason):
        await chain.writer.act(chain.governor, create_governance_action(contract, members, threshold))
    extra = (b"\x01" * 20,) if contract == "TrustRegistry" else ()
    compiled = chain.trust_registry if contract == "TrustRegistry" else chain.anchors
    deployment = Transaction(0, b"", compiled.encode_deployment(members, threshold, *extra), 8_000_000)
    with pytest.raises(TransactionFailed, match=reason):
        await chain.ledger.send(stranger.sign_transaction(deployment, chain_id=1337))


async def test_sixty_four_members_all_count(chain: Chain) -> None:
    members = [LedgerKey.generate() for _ in range(64)]
    addresses = [member.address for member in members]
    await chain.writer.act(chain.governor, create_governance_action("TrustRegistry", addresses, 64))
    proposal = await chain.writer.propose(members[63], accredit(), expires_at=chain.clock() + 9)
    for member in members[:62]:
        await chain.writer.approve(member, proposal)
    with pytest.raises(TransactionFailed, match="not_approved"):
        await chain.writer.execute(members[0], proposal)

    await chain.writer.approve(members[62], proposal)
    await chain.writer.execute(members[0], proposal)

    assert len(await changes(chain)) == 1


async def test_one_of_several_still_needs_a_proposal(chain: Chain) -> None:
    await chain.writer.act(chain.governor, create_governance_action("TrustRegistry", ADDRESSES, 1))

    with pytest.raises(TransactionFailed, match="not_governor"):
        await chain.writer.act(MEMBERS[0], accredit())
    proposal = await propose(chain)
    await chain.writer.execute(MEMBERS[0], proposal)
    assert len(await changes(chain)) == 1
