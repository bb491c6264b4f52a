"""What the registry's members decide, seen at the desk: a killed key, and an accreditor that loses its mandate."""

from __future__ import annotations

import pytest

from sabai.organisations import HOSPITAL_A, PAYER
from tests.support.people import Patient, enrol, import_roster
from tests.support.town import BACKEND, DESK_A, DESK_B, Town
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.errors import LedgerUnavailable, ReasonCode, Rejection
from vc_core.ledger.anchors import NO_HEAD
from vc_core.ledger.events import AccreditationState, Role, log_id
from vc_core.ledger.governance import (
    create_governance_action,
    create_kill_key_action,
    create_log_owner_action,
    create_mandate_action,
    create_state_action,
)
from vc_core.ledger.merkle import MerkleTree, verify_inclusion
from vc_core.ledger.registry import RegistryWriter
from vc_core.ledger.snapshot import parse_registry_snapshot
from vc_core.ledger.transactions import LedgerKey

YEAR = 365 * 86_400
TRUSTED = ("OK", "COVERED_ELSEWHERE")  # desk B is none of her hospitals


@pytest.fixture
async def patient(town: Town) -> Patient:
    """A migrant worker with all four credentials in her wallet."""
    await import_roster(town)
    return await enrol(town, "MU-1")


async def follow(town: Town) -> None:
    """Lets every service catch up with the chain now."""
    for app in town.apps.values():
        await app.state.registry.advance()


async def verdicts(town: Town, patient: Patient) -> tuple[str, str]:
    """What two desks say to a fresh QR each."""
    town.clock.advance(1)
    first = await town.check(patient.qr(town), DESK_A)
    town.clock.advance(1)
    return first["code"], (await town.check(patient.qr(town), DESK_B))["code"]


def writer_of(town: Town) -> RegistryWriter:
    return RegistryWriter(town.ledger, town.registered.addresses)


async def test_a_killed_key_is_refused_at_every_desk_that_follows_the_chain(town: Town, patient: Patient) -> None:
    payer = town.organisation(PAYER.slug)
    assert await verdicts(town, patient) == TRUSTED

    await writer_of(town).kill_own_key(payer.ledger_key, payer.credential_key.public_key)
    await town.until_followed()

    assert await verdicts(town, patient) == ("BAD_SIGNATURE", "BAD_SIGNATURE")


async def test_a_killed_key_is_refused_while_the_ledger_is_away(town: Town, patient: Patient) -> None:
    payer = town.organisation(PAYER.slug)
    action = create_kill_key_action(payer.did, payer.credential_key.public_key)
    await writer_of(town).act(town.governor, action)
    await follow(town)
    town.ledger.close()
    with pytest.raises(LedgerUnavailable):
        await follow(town)

    assert await verdicts(town, patient) == ("BAD_SIGNATURE", "BAD_SIGNATURE")


async def test_publishing_a_killed_key_again_does_not_help(town: Town, patient: Patient) -> None:
    payer = town.organisation(PAYER.slug)
    await writer_of(town).kill_own_key(payer.ledger_key, payer.credential_key.public_key)
    await writer_of(town).publish_key(payer.ledger_key, payer.credential_key.public_key, valid_seconds=YEAR)
    await follow(town)

    assert await verdicts(town, patient) == ("BAD_SIGNATURE", "BAD_SIGNATURE")


async def test_a_killed_status_key_leaves_the_status_unknown(town: Town, patient: Patient) -> None:
    payer = town.organisation(PAYER.slug)
    await writer_of(town).kill_own_key(payer.ledger_key, payer.status_key.public_key)
    await follow(town)

    assert await verdicts(town, patient) == ("STATUS_UNAVAILABLE", "STATUS_UNAVAILABLE")


async def test_a_desk_follows_what_two_of_three_decide(town: Town, patient: Patient) -> None:
    writer, payer = writer_of(town), town.organisation(PAYER.slug)
    members = [LedgerKey.generate() for _ in range(3)]
    addresses = [member.address for member in members]
    await writer.act(town.governor, create_governance_action("TrustRegistry", addresses, 2))
    suspend = create_state_action(payer.did, Role.ISSUE, INSURANCE_COVERAGE.vct, AccreditationState.SUSPENDED)
    proposal = await writer.propose(members[0], suspend, expires_at=town.clock() + 60)
    await follow(town)
    assert await verdicts(town, patient) == TRUSTED

    await writer.approve(members[1], proposal)
    await writer.execute(members[2], proposal)
    await follow(town)

    assert await verdicts(town, patient) == ("UNTRUSTED_ISSUER", "UNTRUSTED_ISSUER")


async def test_a_desk_follows_an_accreditors_mandate(town: Town) -> None:
    writer, hospital, now = writer_of(town), town.organisation(HOSPITAL_A.slug), town.clock()
    ministry, vct = LedgerKey.generate(), INSURANCE_COVERAGE.vct
    trust = town.apps[DESK_A].state.registry.trust

    for state in (AccreditationState.ACTIVE, AccreditationState.REVOKED):
        action = create_mandate_action(
            ministry.address, Role.ISSUE, vct, valid_from=now, valid_until=now + YEAR, depth=0, state=state
        )
        await writer.act(town.governor, action)
        if state is AccreditationState.ACTIVE:
            await writer.accredit_as(ministry, hospital.did, Role.ISSUE, vct, valid_from=now, valid_until=now + YEAR)
            await follow(town)
            told = trust.accreditation(hospital.did, Role.ISSUE, vct, at=town.clock())
            assert told.accreditors == ("0x" + ministry.address.hex(),)
        town.clock.advance(1)
    await follow(town)

    with pytest.raises(Rejection) as refused:
        trust.accreditation(hospital.did, Role.ISSUE, vct, at=town.clock())
    assert refused.value.code is ReasonCode.UNTRUSTED_ISSUER
    assert trust.accreditation(hospital.did, Role.ISSUE, vct, at=now)  # it was, when it signed


async def test_an_anchored_root_reaches_every_mirror(town: Town) -> None:
    writer, owner, tree = writer_of(town), LedgerKey.generate(), MerkleTree([b"one", b"two"])
    await writer.act(town.governor, create_log_owner_action("status-lists", owner.address))
    await writer.anchor(owner, "status-lists", tree.root, size=tree.size, previous_head=NO_HEAD)
    await follow(town)

    snapshot = parse_registry_snapshot((await town.http.get(BACKEND + "/registry")).json_object())

    (anchored,) = snapshot.state().anchors(log_id("status-lists").hex())
    verify_inclusion(b"two", tree.create_proof(1), root=bytes.fromhex(anchored.root), size=anchored.size)
