"""Accreditors: what they can give is what they hold, and it lasts no longer than what they hold."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.chain import Chain
from vc_core.did.ethr import create_did
from vc_core.errors import ReasonCode, Rejection, TransactionFailed
from vc_core.ledger.events import AccreditationState, MandateChanged, Role, credential_type_id, subject_id
from vc_core.ledger.governance import create_mandate_action, create_state_action
from vc_core.ledger.registry_state import RegistryState
from vc_core.ledger.transactions import LedgerKey
from vc_core.trust import RegistryTrust

VCT, OTHER_VCT = "urn:sabai:credential:HealthId:1", "urn:sabai:credential:Other:1"
MINISTRY, PROVINCE, DISTRICT, RIVAL, HOSPITAL = (LedgerKey.generate() for _ in range(5))
DID = create_did(1337, HOSPITAL.address)
YEAR = 365 * 86_400
ACTIVE, SUSPENDED, REVOKED = AccreditationState


class Country:
    """A chain on which a ministry has a mandate of depth 2, and short ways to write to it."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.began = chain.clock()

    def period(self, start: int = 0, end: int = YEAR) -> dict[str, int]:
        return {"valid_from": self.began + start, "valid_until": self.began + end}

    async def mandate(self, to: LedgerKey, *, depth: int = 2, vct: str = VCT, **rest: Any) -> None:
        action = create_mandate_action(to.address, Role.ISSUE, vct, depth=depth, **{**self.period(), **rest})
        await self.chain.writer.act(self.chain.governor, action)

    async def give_on(self, grantor: LedgerKey, to: LedgerKey, *, depth: int, **rest: Any) -> None:
        details = {"role": Role.ISSUE, "vct": VCT, **self.period(), **rest}
        await self.chain.writer.set_mandate_as(grantor, to.address, depth=depth, **details)

    async def accredit(self, accreditor: LedgerKey, **rest: Any) -> None:
        details = {"did": DID, "role": Role.ISSUE, "vct": VCT, **self.period(), **rest}
        await self.chain.writer.accredit_as(accreditor, **details)

    async def set_state(self, accreditor: LedgerKey, state: AccreditationState) -> None:
        names = (subject_id(DID), Role.ISSUE, credential_type_id(VCT))
        await self.chain.trust(accreditor, "setAccreditationStateAs", accreditor.address, *names, state)

    async def govern(self, state: AccreditationState) -> None:
        action = create_state_action(DID, Role.ISSUE, VCT, state)
        await self.chain.writer.act(self.chain.governor, action)

    async def in_force(self) -> bool:
        """Whether the hospital may issue now, as the contract says, which is what Python says."""
        names = (subject_id(DID), Role.ISSUE, credential_type_id(VCT))
        answer = bool((await self.chain.ask_trust("accreditation", *names))[0])
        assert answer == await self.in_force_at(self.chain.clock())
        return answer

    async def in_force_at(self, at: int) -> bool:
        try:
            return bool((await self.trust()).accreditation(DID, Role.ISSUE, VCT, at=at))
        except Rejection as refused:
            return refused.code is not ReasonCode.UNTRUSTED_ISSUER

    async def trust(self) -> RegistryTrust:
        return RegistryTrust(RegistryState(await self.chain.events()), chain_id=1337, synced_at=0)


@pytest.fixture
async def country(chain: Chain) -> Country:
    """A hospital that has a name, and a ministry with a mandate of depth 2."""
    await chain.writer.publish_name(HOSPITAL, "Hospital")
    country = Country(chain)
    await country.mandate(MINISTRY)
    return country


async def test_a_chain_of_three(country: Country) -> None:
    await country.give_on(MINISTRY, PROVINCE, depth=1)
    await country.give_on(PROVINCE, DISTRICT, depth=0)
    assert not await country.in_force()

    await country.accredit(DISTRICT)

    assert await country.in_force()
    accreditation = (await country.trust()).accreditation(DID, Role.ISSUE, VCT, at=country.began)
    assert accreditation.accreditors == tuple("0x" + key.address.hex() for key in (DISTRICT, PROVINCE, MINISTRY))
    events = [event for event in await country.chain.events() if isinstance(event, MandateChanged)]
    assert [event.depth for event in events] == [2, 1, 0]


@pytest.mark.parametrize("broken", [MINISTRY, PROVINCE, DISTRICT])
@pytest.mark.parametrize("state", [SUSPENDED, REVOKED])
async def test_revoking_a_link_ends_all_below_it(
    country: Country, broken: LedgerKey, state: AccreditationState
) -> None:
    await country.give_on(MINISTRY, PROVINCE, depth=1)
    await country.give_on(PROVINCE, DISTRICT, depth=0)
    await country.accredit(DISTRICT)
    assert await country.in_force()
    country.chain.clock.advance(10)

    await country.mandate(broken, state=state)

    assert not await country.in_force()
    assert await country.in_force_at(country.began + 9)  # and then it was
    with pytest.raises(TransactionFailed, match="no_mandate"):
        await country.accredit(DISTRICT)


async def test_an_accreditor_takes_back_what_it_gave(country: Country) -> None:
    await country.accredit(MINISTRY)
    for state in (SUSPENDED, ACTIVE, REVOKED):
        await country.set_state(MINISTRY, state)
        assert await country.in_force() is (state is ACTIVE)
    for state in (ACTIVE, SUSPENDED):
        with pytest.raises(TransactionFailed, match="revoked"):
            await country.set_state(MINISTRY, state)
    with pytest.raises(TransactionFailed, match="revoked"):
        await country.accredit(MINISTRY)


async def test_without_a_mandate(country: Country, stranger: LedgerKey) -> None:
    with pytest.raises(TransactionFailed, match="no_mandate"):
        await country.accredit(stranger)
    with pytest.raises(TransactionFailed, match="no_mandate"):
        await country.give_on(stranger, PROVINCE, depth=0)
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await country.accredit(stranger, identity=MINISTRY.address)
    with pytest.raises(TransactionFailed, match="bad_actor"):
        await country.give_on(stranger, stranger, depth=0, identity=MINISTRY.address)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"vct": OTHER_VCT}, "no_mandate"),
        ({"role": Role.VERIFY}, "no_mandate"),
        ({"valid_from": 0}, "bad_period"),
        ({"valid_until": 2**40 - 1}, "bad_period"),
    ],
)
async def test_an_accreditor_gives_only_what_it_holds(country: Country, wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(TransactionFailed, match=reason):
        await country.accredit(MINISTRY, **wrong)
    with pytest.raises(TransactionFailed, match=reason):
        await country.give_on(MINISTRY, PROVINCE, depth=1, **wrong)


@pytest.mark.parametrize("depth", [2, 3, 8])
async def test_what_is_given_on_has_less_depth(country: Country, depth: int) -> None:
    with pytest.raises(TransactionFailed, match="bad_depth"):
        await country.give_on(MINISTRY, PROVINCE, depth=depth)


async def test_depth_zero_gives_nothing_on(country: Country) -> None:
    await country.give_on(MINISTRY, PROVINCE, depth=0)

    with pytest.raises(TransactionFailed, match="bad_depth"):
        await country.give_on(PROVINCE, DISTRICT, depth=0)


async def test_no_depth_beyond_the_limit(country: Country) -> None:
    names = (PROVINCE.address, Role.ISSUE, credential_type_id(VCT))
    for depth in (9, 255):
        with pytest.raises(TransactionFailed, match="bad_depth"):
            await country.chain.trust(country.chain.governor, "setMandate", *names, 0, 9, ACTIVE, depth)


async def test_the_longest_chain(country: Country) -> None:
    links = [LedgerKey.generate() for _ in range(9)]
    await country.mandate(links[0], depth=8)
    for depth, (grantor, to) in zip(range(7, -1, -1), zip(links, links[1:], strict=False), strict=True):
        await country.give_on(grantor, to, depth=depth)

    await country.accredit(links[-1])

    assert await country.in_force()
    await country.mandate(links[0], depth=8, state=SUSPENDED)
    assert not await country.in_force()


async def test_less_depth_later_ends_what_is_too_deep(country: Country) -> None:
    await country.give_on(MINISTRY, PROVINCE, depth=1)
    await country.accredit(PROVINCE)

    await country.mandate(MINISTRY, depth=1)
    assert not await country.in_force()

    await country.mandate(MINISTRY, depth=2)
    assert await country.in_force()


async def test_an_accreditation_ends_with_the_mandate_it_stands_on(country: Country) -> None:
    await country.accredit(MINISTRY)
    await country.mandate(MINISTRY, valid_until=country.began + 100)
    country.chain.clock.advance(99)
    assert await country.in_force()

    country.chain.clock.advance(1)

    assert not await country.in_force()
    with pytest.raises(TransactionFailed, match="no_mandate"):
        await country.set_state(MINISTRY, ACTIVE)


async def test_nobody_accredits_or_mandates_itself(country: Country) -> None:
    with pytest.raises(TransactionFailed, match="bad_subject"):
        await country.accredit(MINISTRY, did=create_did(1337, MINISTRY.address))
    with pytest.raises(TransactionFailed, match="bad_accreditor"):
        await country.give_on(MINISTRY, MINISTRY, depth=1)
    nobody = (bytes(20), Role.ISSUE, credential_type_id(VCT), 0, 9, ACTIVE, 0)
    with pytest.raises(TransactionFailed, match="bad_accreditor"):
        await country.chain.trust(country.chain.governor, "setMandate", *nobody)
    with pytest.raises(TransactionFailed, match="bad_accreditor"):
        await country.chain.trust(
            MINISTRY, "setMandateAs", MINISTRY.address, *nobody[:3], *country.period().values(), ACTIVE, 0
        )


async def test_no_circle_of_mandates(country: Country) -> None:
    """The link above stands on the chain: whoever is below can't become its grantor."""
    await country.give_on(MINISTRY, PROVINCE, depth=1)
    await country.give_on(PROVINCE, DISTRICT, depth=0)
    await country.mandate(DISTRICT, depth=5)
    await country.mandate(MINISTRY, state=SUSPENDED)

    with pytest.raises(TransactionFailed, match="other_grantor"):
        await country.give_on(DISTRICT, MINISTRY, depth=3)  # would lift the governance's suspension
    await country.give_on(DISTRICT, PROVINCE, depth=4)  # lost its ground, so it may stand on another
    await country.accredit(PROVINCE)
    assert await country.in_force()
    with pytest.raises(TransactionFailed, match="other_grantor"):
        await country.give_on(PROVINCE, DISTRICT, depth=0)  # stands on the governance now
    assert await country.in_force()


async def test_a_rival_does_not_take_over_what_is_in_force(country: Country) -> None:
    await country.mandate(RIVAL)
    await country.accredit(MINISTRY)

    for state in (ACTIVE, SUSPENDED, REVOKED):
        with pytest.raises(TransactionFailed, match="other_grantor"):
            await country.accredit(RIVAL, state=state)
        with pytest.raises(TransactionFailed, match="other_grantor"):
            await country.set_state(RIVAL, state)
    assert await country.in_force()


@pytest.mark.parametrize("state", [SUSPENDED, REVOKED])
async def test_a_rival_does_not_lift_what_another_withdrew(country: Country, state: AccreditationState) -> None:
    await country.mandate(RIVAL)
    await country.accredit(MINISTRY, state=state)

    with pytest.raises(TransactionFailed, match="other_grantor"):
        await country.accredit(RIVAL)
    assert not await country.in_force()


async def test_another_takes_over_what_lost_its_ground(country: Country) -> None:
    await country.mandate(RIVAL)
    await country.accredit(MINISTRY)
    await country.mandate(MINISTRY, state=REVOKED)

    await country.accredit(RIVAL)

    assert await country.in_force()


async def test_another_renews_what_has_ended(country: Country) -> None:
    await country.mandate(RIVAL)
    await country.accredit(MINISTRY, **country.period(0, 100))
    with pytest.raises(TransactionFailed, match="other_grantor"):
        await country.accredit(RIVAL)
    country.chain.clock.advance(100)

    await country.accredit(RIVAL)

    assert await country.in_force()


async def test_an_accreditor_does_not_lift_what_the_governance_did(country: Country) -> None:
    await country.accredit(MINISTRY)
    await country.govern(SUSPENDED)

    with pytest.raises(TransactionFailed, match="other_grantor"):
        await country.set_state(MINISTRY, ACTIVE)
    with pytest.raises(TransactionFailed, match="other_grantor"):
        await country.accredit(MINISTRY)
    country.chain.clock.advance(2 * YEAR)
    await country.mandate(MINISTRY, valid_until=country.began + 9 * YEAR)
    with pytest.raises(TransactionFailed, match="other_grantor"):  # nor once its period is over
        await country.accredit(MINISTRY, **country.period(0, 9 * YEAR))


async def test_an_accreditor_can_not_block_a_subject_for_good(country: Country) -> None:
    """It may see the governance's proposal, and revoke first: what an accreditor revoked, the governance may give."""
    await country.accredit(MINISTRY, state=REVOKED)

    await country.chain.writer.set_accreditation(
        country.chain.governor, DID, Role.ISSUE, VCT, **country.period(), state=ACTIVE
    )

    assert await country.in_force()
    with pytest.raises(TransactionFailed, match="other_grantor"):
        await country.set_state(MINISTRY, REVOKED)


async def test_what_the_governance_revoked_stays_revoked_for_all(country: Country) -> None:
    await country.accredit(MINISTRY)
    await country.govern(REVOKED)

    for state in (ACTIVE, SUSPENDED):
        with pytest.raises(TransactionFailed, match="revoked"):
            await country.govern(state)
    with pytest.raises(TransactionFailed, match="other_grantor"):
        await country.accredit(MINISTRY)


async def test_a_rotated_out_key_of_an_accreditor_is_out(country: Country, stranger: LedgerKey) -> None:
    await country.chain.writer.change_owner(MINISTRY, stranger.address)

    with pytest.raises(TransactionFailed, match="bad_actor"):
        await country.accredit(MINISTRY)
    await country.accredit(stranger, identity=MINISTRY.address)
    assert await country.in_force()


async def test_a_deactivated_accreditor_writes_nothing(country: Country) -> None:
    await country.chain.writer.change_owner(MINISTRY, bytes(20))

    with pytest.raises(TransactionFailed, match="bad_actor"):
        await country.accredit(MINISTRY)
