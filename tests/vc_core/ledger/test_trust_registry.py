"""The TrustRegistry's entries and kill switch: who writes what, and what stays for good."""

from typing import Any

import pytest

from tests.support.chain import Chain
from vc_core.crypto.keys import P256Signer
from vc_core.did.ethr import create_did
from vc_core.errors import TransactionFailed
from vc_core.ledger.events import (
    GOVERNANCE,
    NO_HASH,
    AccreditationChanged,
    AccreditationState,
    KeyKilled,
    Role,
    key_hash,
    subject_id,
)
from vc_core.ledger.governance import create_kill_key_action
from vc_core.ledger.registry import deploy_registries
from vc_core.ledger.transactions import LedgerKey, Transaction

SUBJECT = b"\x11" * 32
TYPE = b"\x22" * 32
CLAIMS, POLICY = b"\x33" * 32, b"\x44" * 32
NONE = bytes(32)
ACTIVE, SUSPENDED, REVOKED = (int(state) for state in AccreditationState)
ALWAYS = (0, 2**40 - 1)


async def accredit(
    chain: Chain,
    sender: LedgerKey,
    *,
    subject: bytes = SUBJECT,
    role: int = 1,
    credential_type: bytes = TYPE,
    period: tuple[int, int] = ALWAYS,
    state: int = ACTIVE,
    hashes: tuple[bytes, bytes] = (NONE, NONE),
) -> int:
    receipt = await chain.trust(sender, "accredit", subject, role, credential_type, *period, state, *hashes)
    return receipt.gas_used


async def entry(chain: Chain, role: int = 1) -> tuple[Any, ...]:
    return await chain.ask_trust("accreditation", SUBJECT, role, TYPE)


def is_entry(period: tuple[int, int], state: int, *, in_force: bool) -> tuple[Any, ...]:
    return (in_force, GOVERNANCE, *period, state, NONE, NONE)


NOTHING = (False, GOVERNANCE, 0, 0, 0, NONE, NONE)


async def test_an_entry_and_its_event(chain: Chain) -> None:
    assert await entry(chain) == NOTHING

    await accredit(chain, chain.governor, period=(10, 20))

    assert await entry(chain) == is_entry((10, 20), ACTIVE, in_force=False)
    assert await entry(chain, role=2) == NOTHING
    event = (await chain.events())[-1]
    assert isinstance(event, AccreditationChanged)
    assert (event.subject, event.credential_type, event.role) == (SUBJECT.hex(), TYPE.hex(), Role.ISSUE)
    assert (event.valid_from, event.valid_until, event.state) == (10, 20, AccreditationState.ACTIVE)
    assert (event.grantor, event.allowed_claims, event.policy) == (GOVERNANCE, NO_HASH, NO_HASH)


async def test_in_force_from_its_beginning_until_before_its_end(chain: Chain) -> None:
    now = chain.clock()
    await accredit(chain, chain.governor, period=(now + 10, now + 20))

    for step, in_force in ((0, False), (9, False), (1, True), (9, True), (1, False)):
        chain.clock.advance(step)
        assert (await entry(chain))[0] is in_force


async def test_what_it_is_limited_to(chain: Chain) -> None:
    await accredit(chain, chain.governor, hashes=(CLAIMS, NONE))
    assert (await entry(chain))[5:] == (CLAIMS, NONE)
    await accredit(chain, chain.governor, hashes=(CLAIMS, POLICY))
    assert (await entry(chain))[5:] == (CLAIMS, POLICY)
    await chain.trust(chain.governor, "setAccreditationState", SUBJECT, 1, TYPE, SUSPENDED)
    assert (await entry(chain))[4:] == (SUSPENDED, CLAIMS, POLICY)
    await accredit(chain, chain.governor)
    assert (await entry(chain))[5:] == (NONE, NONE)

    told = [event for event in await chain.events() if isinstance(event, AccreditationChanged)]
    assert [(event.allowed_claims, event.policy) for event in told] == [
        (CLAIMS.hex(), NO_HASH),
        (CLAIMS.hex(), POLICY.hex()),
        (CLAIMS.hex(), POLICY.hex()),
        (NO_HASH, NO_HASH),
    ]


async def test_only_the_governance_writes(chain: Chain, stranger: LedgerKey) -> None:
    for function, arguments in (
        ("accredit", (SUBJECT, 1, TYPE, *ALWAYS, ACTIVE, NONE, NONE)),
        ("setAccreditationState", (SUBJECT, 1, TYPE, REVOKED)),
        ("setMandate", (stranger.address, 1, TYPE, *ALWAYS, ACTIVE, 0)),
        ("killKey", (SUBJECT, CLAIMS)),
        ("setGovernance", ([stranger.address], 1)),
    ):
        with pytest.raises(TransactionFailed, match="not_governor"):
            await chain.trust(stranger, function, *arguments)


async def test_suspended_and_active_again(chain: Chain) -> None:
    for state in (ACTIVE, SUSPENDED, ACTIVE):
        await accredit(chain, chain.governor, state=state)

        assert await entry(chain) == is_entry(ALWAYS, state, in_force=state == ACTIVE)


async def test_the_state_alone(chain: Chain) -> None:
    with pytest.raises(TransactionFailed, match="no_accreditation"):
        await chain.trust(chain.governor, "setAccreditationState", SUBJECT, 1, TYPE, SUSPENDED)
    await accredit(chain, chain.governor)

    for state in (SUSPENDED, ACTIVE, REVOKED):
        await chain.trust(chain.governor, "setAccreditationState", SUBJECT, 1, TYPE, state)
        assert await entry(chain) == is_entry(ALWAYS, state, in_force=state == ACTIVE)
    with pytest.raises(TransactionFailed, match="revoked"):
        await chain.trust(chain.governor, "setAccreditationState", SUBJECT, 1, TYPE, ACTIVE)


async def test_revoked_is_final(chain: Chain) -> None:
    await accredit(chain, chain.governor, state=REVOKED)

    for state in (ACTIVE, SUSPENDED, REVOKED):
        with pytest.raises(TransactionFailed, match="revoked"):
            await accredit(chain, chain.governor, state=state)
    assert await entry(chain) == is_entry(ALWAYS, REVOKED, in_force=False)
    await accredit(chain, chain.governor, role=2)  # another role is another entry


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"subject": bytes(32)}, "bad_subject"),
        ({"credential_type": bytes(32)}, "bad_type"),
        ({"role": 0}, "bad_role"),
        ({"state": 0}, "bad_state"),
        ({"state": 4}, "bad_state"),
        ({"period": (9, 9)}, "bad_period"),
        ({"period": (9, 8)}, "bad_period"),
    ],
)
async def test_entries_that_mean_nothing(chain: Chain, wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(TransactionFailed, match=reason):
        await accredit(chain, chain.governor, **wrong)


@pytest.mark.parametrize("word", [1, 3, 4, 5])
async def test_values_too_great_for_their_place_in_the_slot(chain: Chain, word: int) -> None:
    data = chain.trust_registry.encode_call("accredit", SUBJECT, 1, TYPE, *ALWAYS, ACTIVE, NONE, NONE)
    start = 4 + 32 * word
    overflowing = data[:start] + b"\x01" + data[start + 1 :]

    with pytest.raises(TransactionFailed):
        await chain.send(chain.governor, chain.addresses.trust_registry, overflowing)
    assert await entry(chain) == NOTHING


async def test_the_greatest_values_do_not_run_into_each_other(chain: Chain) -> None:
    period = (2**40 - 2, 2**40 - 1)
    await accredit(chain, chain.governor, role=255, period=period, state=REVOKED)

    assert (await chain.ask_trust("accreditation", SUBJECT, 255, TYPE)) == is_entry(period, REVOKED, in_force=False)


async def test_a_role_of_later_versions_is_passed_over(chain: Chain) -> None:
    await accredit(chain, chain.governor, role=9)
    await chain.trust(chain.governor, "setMandate", b"\x01" * 20, 9, TYPE, *ALWAYS, ACTIVE, 0)

    assert await chain.events() == []


async def test_a_killed_key(chain: Chain) -> None:
    assert await chain.ask_trust("killedAt", SUBJECT, CLAIMS) == (0,)

    await chain.trust(chain.governor, "killKey", SUBJECT, CLAIMS)

    assert await chain.ask_trust("killedAt", SUBJECT, CLAIMS) == (chain.clock(),)
    (event,) = await chain.events()
    assert isinstance(event, KeyKilled)
    assert (event.subject, event.key_hash) == (SUBJECT.hex(), CLAIMS.hex())


async def test_a_key_is_killed_once_and_for_good(chain: Chain) -> None:
    await chain.trust(chain.governor, "killKey", SUBJECT, CLAIMS)

    with pytest.raises(TransactionFailed, match="already_killed"):
        await chain.trust(chain.governor, "killKey", SUBJECT, CLAIMS)
    for wrong, reason in (((NONE, CLAIMS), "bad_subject"), ((SUBJECT, NONE), "bad_key")):
        with pytest.raises(TransactionFailed, match=reason):
            await chain.trust(chain.governor, "killKey", *wrong)


async def test_an_organisation_kills_its_own_key_and_no_other(
    chain: Chain, owner: LedgerKey, stranger: LedgerKey
) -> None:
    key = P256Signer.generate().public_key
    did = create_did(chain.ledger.chain_id, owner.address)
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.writer.kill_own_key(stranger, key, identity=owner.address)
    await chain.writer.kill_own_key(stranger, key)  # of its own DID: says nothing about the other's
    assert await chain.ask_trust("killedAt", subject_id(did), key_hash(key.to_multikey())) == (0,)

    await chain.writer.kill_own_key(owner, key)

    assert await chain.ask_trust("killedAt", subject_id(did), key_hash(key.to_multikey())) == (chain.clock(),)
    with pytest.raises(TransactionFailed, match="already_killed"):
        await chain.writer.act(chain.governor, create_kill_key_action(did, key))


async def test_a_rotated_out_owner_kills_nothing(chain: Chain, owner: LedgerKey, stranger: LedgerKey) -> None:
    key = P256Signer.generate().public_key
    await chain.writer.change_owner(owner, stranger.address)

    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.writer.kill_own_key(owner, key)
    await chain.writer.kill_own_key(stranger, key, identity=owner.address)


async def test_nobody_owns_the_identity_of_nobody(chain: Chain, stranger: LedgerKey) -> None:
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.trust(stranger, "killOwnKey", bytes(20), CLAIMS)
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.trust(stranger, "accreditAs", bytes(20), SUBJECT, 1, TYPE, *ALWAYS, ACTIVE, NONE, NONE)


async def test_a_deactivated_organisation_writes_nothing(chain: Chain, owner: LedgerKey) -> None:
    await chain.writer.change_owner(owner, bytes(20))

    with pytest.raises(TransactionFailed, match="bad_actor"):
        await chain.trust(owner, "killOwnKey", owner.address, CLAIMS)


@pytest.mark.parametrize("address", [b"\x00" * 19 + b"\x01", b"\xab" * 20, bytes(range(20))])
async def test_the_contract_names_a_did_as_we_do(chain: Chain, address: bytes) -> None:
    assert await chain.ask_trust("subjectOf", address) == (subject_id(create_did(chain.ledger.chain_id, address)),)


async def test_deploying_again_finds_the_registries(chain: Chain) -> None:
    head = await chain.ledger.head()

    assert await deploy_registries(chain.ledger, chain.governor) == chain.addresses
    assert await chain.ledger.head() == head


async def test_a_governor_with_a_past_deploys_behind_it(chain: Chain, stranger: LedgerKey) -> None:
    """As where the registries of an earlier release stand on the chain."""
    data = chain.did_registry.encode_call("changeOwner", stranger.address, chain.governor.address)
    await chain.send(stranger, chain.addresses.did_registry, data)

    addresses = await deploy_registries(chain.ledger, stranger)

    assert addresses != chain.addresses
    assert await deploy_registries(chain.ledger, stranger) == addresses


async def test_a_registry_without_a_did_registry_can_not_be(chain: Chain, stranger: LedgerKey) -> None:
    data = chain.trust_registry.encode_deployment([stranger.address], 1, bytes(20))
    deployment = Transaction(0, b"", data, 6_000_000)

    with pytest.raises(TransactionFailed, match="bad_registry"):
        await chain.ledger.send(stranger.sign_transaction(deployment, chain_id=1337))
