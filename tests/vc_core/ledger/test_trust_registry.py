"""The TrustRegistry: one governor writes, what is revoked stays revoked."""

from typing import Any

import pytest

from tests.support.chain import Chain
from vc_core.errors import TransactionFailed
from vc_core.ledger.events import AccreditationChanged, AccreditationState, Role
from vc_core.ledger.registry import deploy_registries
from vc_core.ledger.transactions import LedgerKey, Transaction

SUBJECT = b"\x11" * 32
TYPE = b"\x22" * 32
ACTIVE, SUSPENDED, REVOKED = (int(state) for state in AccreditationState)


async def accredit(
    chain: Chain, sender: LedgerKey, *, role: int = 1, period: tuple[int, int] = (10, 20), state: int = 1
) -> None:
    data = chain.trust_registry.encode_call("setAccreditation", SUBJECT, role, TYPE, *period, state)
    await chain.send(sender, chain.addresses.trust_registry, data)


async def entry(chain: Chain, role: int = 1) -> tuple[Any, ...]:
    data = chain.trust_registry.encode_call("accreditation", SUBJECT, role, TYPE)
    return chain.trust_registry.decode_result(
        "accreditation", await chain.ledger.call(chain.addresses.trust_registry, data)
    )


async def governor(chain: Chain) -> str:
    result = await chain.ledger.call(chain.addresses.trust_registry, chain.trust_registry.encode_call("governor"))
    return str(chain.trust_registry.decode_result("governor", result)[0])


async def test_an_entry_and_its_event(chain: Chain) -> None:
    assert await entry(chain) == (0, 0, 0)

    await accredit(chain, chain.governor)

    assert await entry(chain) == (10, 20, ACTIVE)
    assert await entry(chain, role=2) == (0, 0, 0)
    event = (await chain.events())[-1]
    assert isinstance(event, AccreditationChanged)
    assert (event.subject, event.credential_type, event.role) == (SUBJECT.hex(), TYPE.hex(), Role.ISSUE)
    assert (event.valid_from, event.valid_until, event.state) == (10, 20, AccreditationState.ACTIVE)


async def test_only_the_governor_writes(chain: Chain, stranger: LedgerKey) -> None:
    with pytest.raises(TransactionFailed, match="not_governor"):
        await accredit(chain, stranger)
    data = chain.trust_registry.encode_call("transferGovernor", stranger.address)
    with pytest.raises(TransactionFailed, match="not_governor"):
        await chain.send(stranger, chain.addresses.trust_registry, data)


async def test_the_governor_hands_over(chain: Chain, stranger: LedgerKey) -> None:
    data = chain.trust_registry.encode_call("transferGovernor", stranger.address)
    await chain.send(chain.governor, chain.addresses.trust_registry, data)

    assert await governor(chain) == "0x" + stranger.address.hex()
    with pytest.raises(TransactionFailed, match="not_governor"):
        await accredit(chain, chain.governor)
    await accredit(chain, stranger)


async def test_there_is_always_a_governor(chain: Chain, stranger: LedgerKey) -> None:
    data = chain.trust_registry.encode_call("transferGovernor", bytes(20))
    with pytest.raises(TransactionFailed, match="bad_governor"):
        await chain.send(chain.governor, chain.addresses.trust_registry, data)
    deployment = Transaction(0, b"", chain.trust_registry.encode_deployment(bytes(20)), 3_000_000)
    with pytest.raises(TransactionFailed, match="bad_governor"):
        await chain.ledger.send(stranger.sign_transaction(deployment, chain_id=1337))


async def test_suspended_and_active_again(chain: Chain) -> None:
    for state in (ACTIVE, SUSPENDED, ACTIVE):
        await accredit(chain, chain.governor, state=state)

        assert await entry(chain) == (10, 20, state)


async def test_revoked_is_final(chain: Chain) -> None:
    await accredit(chain, chain.governor, state=REVOKED)

    for state in (ACTIVE, SUSPENDED, REVOKED):
        with pytest.raises(TransactionFailed, match="revoked"):
            await accredit(chain, chain.governor, state=state)
    assert await entry(chain) == (10, 20, REVOKED)
    await accredit(chain, chain.governor, role=2)  # another role is another entry


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"role": 0}, "bad_role"),
        ({"state": 0}, "bad_state"),
        ({"state": 4}, "bad_state"),
        ({"period": (9, 9)}, "bad_period"),
    ],
)
async def test_entries_that_mean_nothing(chain: Chain, wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(TransactionFailed, match=reason):
        await accredit(chain, chain.governor, **wrong)


async def test_an_entry_is_one_storage_slot(chain: Chain) -> None:
    data = chain.trust_registry.encode_call("setAccreditation", SUBJECT, 1, TYPE, 10, 20, 1)
    receipt = await chain.send(chain.governor, chain.addresses.trust_registry, data)

    assert receipt.gas_used < 51_000


async def test_a_role_of_later_versions_is_passed_over(chain: Chain) -> None:
    await accredit(chain, chain.governor, role=9)

    assert await chain.events() == []


async def test_deploying_again_finds_the_registries(chain: Chain) -> None:
    head = await chain.ledger.head()

    assert await deploy_registries(chain.ledger, chain.governor) == chain.addresses
    assert await chain.ledger.head() == head


async def test_a_governor_that_sent_something_else_first_can_not_deploy(chain: Chain, stranger: LedgerKey) -> None:
    data = chain.did_registry.encode_call("changeOwner", stranger.address, chain.governor.address)
    await chain.send(stranger, chain.addresses.did_registry, data)

    with pytest.raises(TransactionFailed):
        await deploy_registries(chain.ledger, stranger)
