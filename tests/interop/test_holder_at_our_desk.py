"""A wallet on npm's @openid4vc packages shows our desk what our issuer gave it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.credential_peers import PeerRefused
from tests.support.foreign_offices import FORMATS
from tests.support.openid4vc_peers import ServicePeer
from tests.support.sample_services import SampleServices

pytestmark = pytest.mark.asyncio(loop_scope="session")

EACH_FORMAT = pytest.mark.parametrize("credential_format", FORMATS)


async def supply(services: SampleServices, holder: ServicePeer, *configuration_ids: str, proof: str = "jwk") -> None:
    """The wallet then holds these of the roster's first person, and nothing else."""
    await holder.ask("forget")
    offer = await services.offer(*configuration_ids)
    await holder.ask("take", offer=offer["offer_link"], tx_code=offer["tx_code"], proof=proof, dpop=True)


@pytest.fixture(params=["plain", "secure"])
def place(request: pytest.FixtureRequest) -> tuple[SampleServices, ServicePeer, str]:
    """Services, the others' wallet beside them, and the prefix of the name by which the desk asks there."""
    if request.param == "plain":
        names, prefix = ("services", "holder"), "decentralized_identifier"
    else:
        names, prefix = ("secure", "secure_holder"), "x509_hash"
    services, holder = map(request.getfixturevalue, names)
    return services, holder, prefix


@EACH_FORMAT
@pytest.mark.parametrize("proof", ["jwk", "did:jwk"])
@pytest.mark.parametrize(("response_mode", "request_uri_method"), [("direct_post", "get"), ("direct_post.jwt", "post")])
async def test_it_answers(
    place: tuple[SampleServices, ServicePeer, str],
    credential_format: str,
    proof: str,
    response_mode: str,
    request_uri_method: str,
) -> None:
    services, holder, client_id_prefix = place
    await supply(services, holder, f"HealthId_{credential_format}", proof=proof)
    terms = {"request_uri_method": request_uri_method, "client_id_prefix": client_id_prefix}
    request = await services.ask("identity", response_mode, **terms)

    shown = await holder.ask("present", request=request["authorization_request"])

    verdict = await services.result(request["id"])
    assert (verdict["verdict"], verdict["code"]) == ("accepted", "OK"), verdict
    assert verdict["person"]["name_latin"] == "Sandar Hlaing"
    assert shown["client"]["prefix"] == client_id_prefix
    with pytest.raises(PeerRefused, match="40[0-9]"):
        await holder.ask("present", request=request["authorization_request"])


@EACH_FORMAT
async def test_it_answers_an_unsigned_request(
    services: SampleServices, holder: ServicePeer, credential_format: str
) -> None:
    await supply(services, holder, f"HealthId_{credential_format}")
    request = await services.ask("identity", "direct_post.jwt", client_id_prefix="redirect_uri")

    await holder.ask("present", request=request["authorization_request"])

    assert (await services.result(request["id"]))["code"] == "OK"


@pytest.mark.parametrize("response_mode", ["direct_post", "direct_post.jwt"])
async def test_it_answers_for_two_credentials_and_signs(
    services: SampleServices, holder: ServicePeer, response_mode: str
) -> None:
    await supply(services, holder, "HealthId_dc+sd-jwt", "InsuranceCoverage_dc+sd-jwt")
    consent = {"purpose": "Send the report", "recipient": "Clinic", "valid_until": "2027-12-31"}
    signed = {"type": "urn:sabai:transaction:consent:1", "members": consent}
    request = await services.ask("coverage+identity minimal", response_mode, transaction_data=[signed])

    await holder.ask("present", request=request["authorization_request"])

    verdict = await services.result(request["id"])
    assert (verdict["verdict"], len(verdict["presentations"])) == ("accepted", 2), verdict
    assert len(verdict["signed_transactions"]) == 1


async def test_the_browser_on_the_phone_ends_what_it_began(services: SampleServices, holder: ServicePeer) -> None:
    await supply(services, holder, "HealthId_ldp_vc")
    request = await services.ask("identity", "direct_post.jwt", same_device=True)
    async with (
        httpx.AsyncClient(trust_env=False, timeout=60) as browser,
        httpx.AsyncClient(trust_env=False, timeout=60) as another,
    ):
        assert (await browser.get(request["start_url"])).status_code == 200

        shown = await holder.ask("present", request=request["authorization_request"])

        assert (await services.result(request["id"]))["verdict"] is None
        assert "response_code=" in shown["redirect_uri"]
        assert (await another.get(shown["redirect_uri"])).status_code == 403
        assert (await browser.get(shown["redirect_uri"])).status_code == 200
    assert (await services.result(request["id"]))["verdict"] == "accepted"


@EACH_FORMAT
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"wrong_nonce": "made-up"}, "WRONG_AUDIENCE"),
        ({"wrong_audience": "somebody-else"}, "WRONG_AUDIENCE"),
        ({"wrong_holder": True}, "HOLDER_KEY"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else each,
)
async def test_what_it_does_wrong_the_desk_sees(
    services: SampleServices, holder: ServicePeer, credential_format: str, wrong: dict[str, Any], code: str
) -> None:
    await supply(services, holder, f"HealthId_{credential_format}")
    request = await services.ask("identity", "direct_post")

    await holder.ask("present", request=request["authorization_request"], **wrong)

    verdict = await services.result(request["id"])
    assert (verdict["verdict"], verdict["code"], verdict["person"]) == ("rejected", code, None)


async def test_what_it_withholds_the_desk_misses(services: SampleServices, holder: ServicePeer) -> None:
    await supply(services, holder, "HealthId_dc+sd-jwt")
    request = await services.ask("identity", "direct_post")

    with pytest.raises(PeerRefused, match="400"):
        await holder.ask("present", request=request["authorization_request"], disclose=["birth_year"])
    assert (await services.result(request["id"]))["verdict"] is None
