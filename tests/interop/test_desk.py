"""A wallet on npm's @openid4vc packages shows credentials to our desk, and a wrong answer has its verdict."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from tests.support.openid4vc_peers import ServicePeer, running_service_peer
from tests.support.sample_services import SampleServices
from vc_core.protocols.openid4vp.transaction_data import VISIT

pytestmark = pytest.mark.asyncio(loop_scope="session")

FORMATS = ("dc+sd-jwt", "ldp_vc")
VISIT_MEMBERS = {"hospital": "10661", "visit_id": "v-1", "visit_date": "2026-09-21", "service": "ตรวจผู้ป่วยนอก"}


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=FORMATS)
async def patient(request: pytest.FixtureRequest, services: SampleServices) -> Any:
    """The others' wallet with a HealthId and a coverage, all in one format."""
    with running_service_peer("holder", resolver=services.issuer) as peer:
        for name in ("HealthId", "InsuranceCoverage"):
            offer = await services.offer(f"{name}_{request.param}")
            await peer.ask("take", offer=offer["offer_link"], tx_code=offer["tx_code"], proof="jwk")
        yield peer


async def ask(services: SampleServices, **body: Any) -> dict[str, Any]:
    """A request of our desk."""
    running = services.running
    answer = await running.http.post_json(running.urls["verifier"] + "/requests", body, token=running.tokens["desk"])
    assert answer.status == 201, answer.body
    return answer.json_object()


async def result_of(services: SampleServices, created: dict[str, Any]) -> dict[str, Any]:
    """What our desk learned."""
    running = services.running
    address = f"{running.urls['verifier']}/requests/{created['id']}"
    return (await running.http.get(address, token=running.tokens["desk"])).json_object()


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
@pytest.mark.parametrize("method", ["get", "post"])
async def test_it_shows_what_a_desk_asks_for(
    services: SampleServices, patient: ServicePeer, mode: str, method: str
) -> None:
    created = await ask(services, policy="coverage+identity minimal", response_mode=mode, request_uri_method=method)
    shown = await patient.ask("present", request=created["authorization_request"])
    assert (shown["client"]["prefix"], shown["redirect_uri"]) == ("decentralized_identifier", None)
    result = await result_of(services, created)
    assert (result["state"], result["verdict"], result["code"]) == ("answered", "accepted", "OK")
    assert len(result["presentations"]) == 2


async def test_it_answers_an_unsigned_request(services: SampleServices, patient: ServicePeer) -> None:
    created = await ask(services, policy="identity", response_mode="direct_post.jwt", client_id_prefix="redirect_uri")
    await patient.ask("present", request=created["authorization_request"])
    assert (await result_of(services, created))["code"] == "OK"


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"wrong_nonce": "another"}, "WRONG_AUDIENCE"),
        ({"wrong_audience": "https://elsewhere.example"}, "WRONG_AUDIENCE"),
        ({"wrong_holder": True}, "HOLDER_KEY"),
    ],
)
async def test_a_wrong_answer_has_its_verdict(
    services: SampleServices, patient: ServicePeer, terms: dict[str, Any], code: str
) -> None:
    created = await ask(services, policy="coverage", response_mode="direct_post")
    await patient.ask("present", request=created["authorization_request"], **terms)
    result = await result_of(services, created)
    assert (result["verdict"], result["code"], result["person"]) == ("rejected", code, None)


async def test_it_signs_a_visit(services: SampleServices, holder: ServicePeer) -> None:
    offer = await services.offer("HealthId_dc+sd-jwt")
    await holder.ask("take", offer=offer["offer_link"], tx_code=offer["tx_code"], proof="jwk")
    created = await ask(
        services,
        policy="identity",
        response_mode="direct_post.jwt",
        transaction_data=[{"type": VISIT, "members": VISIT_MEMBERS}],
    )
    await holder.ask("present", request=created["authorization_request"])
    result = await result_of(services, created)
    assert (result["code"], len(result["signed_transactions"])) == ("OK", 1)
