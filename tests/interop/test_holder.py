"""A wallet on npm's @openid4vc packages takes credentials from our issuer."""

from __future__ import annotations

import pytest

from tests.support.credential_peers import PeerRefused
from tests.support.openid4vc_peers import ServicePeer
from tests.support.sample_services import SampleServices

pytestmark = pytest.mark.asyncio(loop_scope="session")

FORMATS = ("dc+sd-jwt", "ldp_vc")


@pytest.mark.parametrize("proof", ["jwk", "did:jwk"])
async def test_it_takes_what_an_office_offers(services: SampleServices, holder: ServicePeer, proof: str) -> None:
    offer = await services.offer(*(f"HealthId_{each}" for each in FORMATS))

    taken = await holder.ask("take", offer=offer["offer_link"], tx_code=offer["tx_code"], proof=proof)

    office = services.running.organisation("issuing-office").did
    found = {each["format"]: (each["issuer"], each["claims"]["name_latin"]) for each in taken["credentials"]}
    assert found == dict.fromkeys(FORMATS, (office, "Sandar Hlaing"))


async def test_a_code_is_good_once(services: SampleServices, holder: ServicePeer) -> None:
    offer = await services.offer("HealthId_dc+sd-jwt")
    terms = {"offer": offer["offer_link"], "tx_code": offer["tx_code"]}

    await holder.ask("take", **terms)
    with pytest.raises(PeerRefused, match="invalid_grant"):
        await holder.ask("take", **terms)


async def test_what_it_does_wrong_is_refused_with_the_code_of_the_specification(
    services: SampleServices, holder: ServicePeer
) -> None:
    offer = await services.offer("HealthId_dc+sd-jwt")
    good = {"offer": offer["offer_link"], "tx_code": offer["tx_code"]}

    with pytest.raises(PeerRefused, match="invalid_grant"):
        await holder.ask("take", **good | {"tx_code": "nnnnnn"})
    with pytest.raises(PeerRefused, match="invalid_nonce"):
        await holder.ask("take", **good, wrong_nonce="made-up")
