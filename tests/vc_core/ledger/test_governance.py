"""N of M: what members approve is what is performed, once, in time, and by those who are members then."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.support.chain import BrokenLedger, Chain
from tests.vc_core.ledger.council import ADDRESSES, DID, MEMBERS, VCT, accredit, changes, propose
from vc_core.errors import LedgerError, TransactionFailed
from vc_core.ledger.events import AccreditationState, GovernanceChanged, Role, key_hash
from vc_core.ledger.governance import (
    MAX_PROPOSAL_SECONDS,
    Action,
    create_accreditation_action,
    create_governance_action,
    create_kill_key_action,
    create_log_owner_action,
    create_mandate_action,
    create_state_action,
    load_proposals,
    proposal_id,
)
from vc_core.ledger.registry import RegistryWriter, deploy_registries
from vc_core.ledger.registry_state import RegistryState
from vc_core.ledger.transactions import LedgerKey


class Numbered:
    """A key that is only a name."""

    def to_multikey(self) -> bytes:
        return b"key"


async def test_two_of_three(council: Chain) -> None:
    proposal = await propose(council)
    with pytest.raises(TransactionFailed, match="not_approved"):
        await council.writer.execute(MEMBERS[0], proposal)
    await council.writer.approve(MEMBERS[2], proposal)
    assert await changes(council) == []

    await council.writer.execute(MEMBERS[1], proposal)

    (event,) = await changes(council)
    assert (event.role, event.valid_until) == (Role.ISSUE, 2**40 - 1)


async def test_a_member_alone_decides_nothing(council: Chain) -> None:
    for action in (
        accredit(),
        create_state_action(DID, Role.ISSUE, VCT, AccreditationState.REVOKED),
        create_mandate_action(b"\x01" * 20, Role.ISSUE, VCT, valid_from=0, valid_until=9, depth=0),
        create_kill_key_action(DID, Numbered()),
        create_governance_action("TrustRegistry", ADDRESSES[:1], 1),
        create_governance_action("Anchors", ADDRESSES[:1], 1),
        create_log_owner_action("log", ADDRESSES[0]),
    ):
        with pytest.raises(TransactionFailed, match="not_governor"):
            await council.writer.act(MEMBERS[0], action)


async def test_every_kind_of_action_can_be_proposed(council: Chain) -> None:
    actions = [
        accredit(),
        create_state_action(DID, Role.ISSUE, VCT, AccreditationState.SUSPENDED),
        create_mandate_action(b"\x01" * 20, Role.ISSUE, VCT, valid_from=0, valid_until=9, depth=8),
        create_kill_key_action(DID, Numbered()),
        create_log_owner_action("log", ADDRESSES[0]),
        create_governance_action("Anchors", ADDRESSES[:1], 1),
        create_governance_action("TrustRegistry", ADDRESSES[:1], 1),
    ]
    for action in actions:
        proposal = await propose(council, action)
        await council.writer.approve(MEMBERS[1], proposal)
        await council.writer.execute(MEMBERS[0], proposal)

    state = RegistryState(await council.events())
    contract, now = "0x" + council.addresses.trust_registry.hex(), council.clock()
    changed = state.governance(contract, at=now)
    assert changed is not None
    assert (changed.epoch, changed.members, changed.threshold) == (2, ("0x" + ADDRESSES[0].hex(),), 1)
    assert [type(event).__name__ for event in await council.events()] == [
        "AccreditationChanged",
        "AccreditationChanged",
        "MandateChanged",
        "KeyKilled",
        "LogOwnerChanged",
        "GovernanceChanged",
        "GovernanceChanged",
    ]
    await council.writer.act(MEMBERS[0], create_log_owner_action("log", ADDRESSES[1]))


async def test_strangers_have_no_say(council: Chain, stranger: LedgerKey) -> None:
    proposal = await propose(council)
    for call in (
        council.writer.propose(stranger, accredit(), expires_at=council.clock() + 9),
        council.writer.approve(stranger, proposal),
        council.writer.execute(stranger, proposal),
    ):
        with pytest.raises(TransactionFailed, match="not_governor"):
            await call


async def test_a_member_approves_once(council: Chain) -> None:
    proposal = await propose(council)

    with pytest.raises(TransactionFailed, match="already_approved"):
        await council.writer.approve(MEMBERS[0], proposal)
    await council.writer.approve(MEMBERS[1], proposal)
    with pytest.raises(TransactionFailed, match="already_approved"):
        await council.writer.approve(MEMBERS[1], proposal)


async def test_an_approval_is_used_once(council: Chain) -> None:
    proposal = await propose(council)
    await council.writer.approve(MEMBERS[1], proposal)
    await council.writer.execute(MEMBERS[0], proposal)

    with pytest.raises(TransactionFailed, match="already_executed"):
        await council.writer.execute(MEMBERS[0], proposal)
    with pytest.raises(TransactionFailed, match="already_executed"):
        await council.writer.approve(MEMBERS[2], proposal)
    arguments = (proposal.action.data, proposal.salt, proposal.expires_at)
    with pytest.raises(TransactionFailed, match="already_proposed"):
        await council.trust(MEMBERS[0], "propose", *arguments)
    assert len(await changes(council)) == 1


async def test_the_same_action_is_approved_anew_each_time(council: Chain) -> None:
    first, second = await propose(council), await propose(council)

    assert first.salt != second.salt
    await council.writer.approve(MEMBERS[1], first)
    with pytest.raises(TransactionFailed, match="not_approved"):
        await council.writer.execute(MEMBERS[1], second)


@pytest.mark.parametrize(
    "change",
    [
        {"action": accredit(until=10)},
        {"action": Action("TrustRegistry", accredit().data + bytes(32))},
        {"salt": 7},
    ],
)
async def test_only_the_approved_content_is_performed(council: Chain, change: dict[str, Any]) -> None:
    proposal = await propose(council)
    await council.writer.approve(MEMBERS[1], proposal)
    swapped = dataclasses.replace(proposal, **change)
    address = council.addresses.trust_registry
    identifier = proposal_id(proposal, chain_id=council.ledger.chain_id, contract=address)

    with pytest.raises(TransactionFailed, match="bad_action"):
        await council.trust(MEMBERS[1], "execute", identifier, swapped.action.data, swapped.salt)
    with pytest.raises(TransactionFailed, match="no_proposal"):
        await council.writer.execute(MEMBERS[1], swapped)


async def test_an_approval_for_one_registry_is_none_for_another(council: Chain) -> None:
    """Also not of the same members, at the same epoch, for the same content: E4."""
    proposal = await propose(council)
    elsewhere = await deploy_registries(council.ledger, LedgerKey.generate(), members=ADDRESSES, threshold=2)
    writer = RegistryWriter(council.ledger, elsewhere)

    with pytest.raises(TransactionFailed, match="no_proposal"):
        await writer.approve(MEMBERS[1], proposal)
    ids = {
        proposal_id(proposal, chain_id=chain_id, contract=contract)
        for chain_id in (1337, 1338)
        for contract in (council.addresses.trust_registry, elsewhere.trust_registry)
    }
    assert len(ids) == 4


async def test_a_proposal_expires(council: Chain) -> None:
    proposal, other = await propose(council), await propose(council)
    await council.writer.approve(MEMBERS[1], proposal)
    council.clock.advance(101)

    with pytest.raises(TransactionFailed, match="expired"):
        await council.writer.execute(MEMBERS[0], proposal)
    with pytest.raises(TransactionFailed, match="expired"):
        await council.writer.approve(MEMBERS[1], other)


async def test_a_proposal_holds_in_its_last_second(council: Chain) -> None:
    proposal = await propose(council)
    council.clock.advance(100)

    await council.writer.approve(MEMBERS[1], proposal)
    await council.writer.execute(MEMBERS[0], proposal)


@pytest.mark.parametrize("seconds", [-1, 0, MAX_PROPOSAL_SECONDS + 1, 2**63])
async def test_a_proposal_is_for_a_while(council: Chain, seconds: int) -> None:
    with pytest.raises(TransactionFailed, match="bad_expiry"):
        await propose(council, seconds=seconds)


@pytest.mark.parametrize("data", [b"", b"\x01\x02\x03", bytes(4), b"\xde\xad\xbe\xef" + bytes(64)])
async def test_an_action_that_is_none(council: Chain, data: bytes) -> None:
    proposal = await propose(council, Action("TrustRegistry", data))
    await council.writer.approve(MEMBERS[1], proposal)

    with pytest.raises(TransactionFailed, match="bad_action"):
        await council.writer.execute(MEMBERS[0], proposal)
    with pytest.raises(LedgerError):
        proposal.action.decode()


async def test_the_governance_does_not_approve_in_its_own_name(council: Chain) -> None:
    """An action is performed inside, never sent: no call to propose, approve, execute or in another's name."""
    inner = council.trust_registry
    for data in (
        inner.encode_call("propose", accredit().data, 1, council.clock() + 9),
        inner.encode_call("approve", bytes(32)),
        inner.encode_call("killOwnKey", ADDRESSES[0], key_hash(b"key")),
        council.anchors.encode_call("setLogOwner", bytes(32), ADDRESSES[0]),
    ):
        proposal = await propose(council, Action("TrustRegistry", data))
        await council.writer.approve(MEMBERS[1], proposal)
        with pytest.raises(TransactionFailed, match="bad_action"):
            await council.writer.execute(MEMBERS[0], proposal)


async def test_what_is_proposed_can_be_read(council: Chain) -> None:
    proposal = await propose(council)
    other = await propose(council, create_governance_action("TrustRegistry", ADDRESSES[:2], 2), by=1)
    await council.writer.approve(MEMBERS[1], proposal)
    await council.writer.execute(MEMBERS[1], proposal)

    first, second = (await load_proposals(council.ledger, council.addresses, "TrustRegistry")).values()

    assert (first.proposal, first.executed) == (proposal, True)
    assert first.approved_by == ("0x" + ADDRESSES[0].hex(), "0x" + ADDRESSES[1].hex())
    assert (second.proposal, second.executed, len(second.approved_by)) == (other, False, 1)
    function, arguments = second.proposal.action.decode()
    assert function == "setGovernance"
    assert arguments == {"members": tuple("0x" + address.hex() for address in ADDRESSES[:2]), "threshold": 2}
    await council.writer.approve(MEMBERS[2], second.proposal)  # what was read is what is approved


async def test_a_node_that_shows_another_content_for_an_id(council: Chain) -> None:
    await propose(council)
    (known,) = (await load_proposals(council.ledger, council.addresses, "TrustRegistry")).values()
    ledger = BrokenLedger(council.ledger)
    logs = await council.ledger.logs([council.addresses.trust_registry], from_block=0, to_block=10**6)
    ledger.forged_logs = [
        dataclasses.replace(log, data=log.data.replace(known.proposal.action.data[4:36], bytes(32))) for log in logs
    ]

    with pytest.raises(LedgerError, match="not what its id stands for"):
        await load_proposals(ledger, council.addresses, "TrustRegistry")


async def test_the_contract_and_we_name_a_proposal_alike(council: Chain) -> None:
    proposal = await propose(council)
    address = council.addresses.trust_registry

    told = await council.ask_trust("proposalId", proposal.action.data, proposal.salt, proposal.expires_at, 1)

    assert told == (proposal_id(proposal, chain_id=council.ledger.chain_id, contract=address),)
    assert (await council.ask_trust("proposals", told[0]))[:2] == (1, proposal.expires_at)


async def test_the_first_governance_is_an_event_of_each_contract(council: Chain) -> None:
    addresses = [council.addresses.trust_registry, council.addresses.anchors]
    logs = await council.ledger.logs(addresses, from_block=0, to_block=council.deployed)

    assert len(logs) == 2
    council.deployed = 0
    told = [event for event in await council.events() if isinstance(event, GovernanceChanged)]
    assert [(event.epoch, event.threshold, len(event.members)) for event in told] == [(1, 2, 3)] * 2
    assert {event.contract for event in told} == {"0x" + address.hex() for address in addresses}


@pytest.mark.parametrize("period", [(9, 9), (10, 9), (-1, 9), (0, 2**40)])
def test_periods_that_can_not_be_stored(period: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="period"):
        create_accreditation_action(DID, Role.ISSUE, VCT, valid_from=period[0], valid_until=period[1])


@pytest.mark.parametrize("depth", [-1, 9])
def test_depths_that_can_not_be(depth: int) -> None:
    with pytest.raises(ValueError, match="depth"):
        create_mandate_action(bytes(20), Role.ISSUE, VCT, valid_from=0, valid_until=9, depth=depth)
