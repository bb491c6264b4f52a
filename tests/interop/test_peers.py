"""The peers among themselves: what fails here is theirs, or how we use them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.credential_peers import PeerRefused
from tests.support.foreign_offices import (
    FORMATS,
    TICKET,
    open_foreign_issuer,
    open_foreign_verifier,
    ticket_query,
)
from tests.support.openid4vc_peers import ServicePeer, running_service_peer
from tests.support.sample_services import SampleServices

pytestmark = pytest.mark.asyncio(loop_scope="module")

EACH_FORMAT = pytest.mark.parametrize("credential_format", FORMATS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def supplied_holder(services: SampleServices, holder: ServicePeer) -> ServicePeer:
    """Their wallet, with a ticket in each format from their issuer."""
    with running_service_peer("issuer", resolver=services.issuer) as issuer:
        await open_foreign_issuer(issuer, services)
        offer = await issuer.ask("offer", ids=[f"Ticket_{each}" for each in FORMATS], claims=TICKET)
        await holder.ask("take", offer=offer["offer"])
    return holder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def verifier(services: SampleServices) -> AsyncIterator[ServicePeer]:
    """Their verifier."""
    with running_service_peer("verifier", resolver=services.issuer) as peer:
        await open_foreign_verifier(peer, services)
        yield peer


@EACH_FORMAT
@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"request_uri_method": "post"},
        {"response_mode": "direct_post.jwt"},
        {"response_mode": "direct_post.jwt", "enc": "A256GCM", "request_uri_method": "post"},
        {"prefix": "redirect_uri"},
    ],
    ids=str,
)
async def test_they_present_to_each_other(
    supplied_holder: ServicePeer, verifier: ServicePeer, credential_format: str, terms: dict[str, str]
) -> None:
    query = ticket_query(credential_format, "name_latin")
    request = await verifier.ask("request", dcql_query=query, **terms)

    assert await verifier.ask("outcome", id=request["id"]) is None
    await supplied_holder.ask("present", request=request["authorization_request"])

    outcome = await verifier.ask("outcome", id=request["id"])
    [ticket] = outcome["credentials"]["ticket"]
    assert ticket["claims"]["name_latin"] == TICKET["name_latin"]
    assert ("birth_year" in ticket["claims"]) is (credential_format == "ldp_vc")
    assert outcome["enc"] == (terms.get("enc", "A128GCM") if "response_mode" in terms else None)


@EACH_FORMAT
@pytest.mark.parametrize(
    "terms",
    [{"wrong_nonce": "made-up"}, {"wrong_audience": "somebody-else"}, {"wrong_holder": True}],
    ids=lambda terms: next(iter(terms)),
)
async def test_what_one_does_wrong_the_other_sees(
    supplied_holder: ServicePeer, verifier: ServicePeer, credential_format: str, terms: dict[str, object]
) -> None:
    query = ticket_query(credential_format, "name_latin")
    request = await verifier.ask("request", dcql_query=query)

    with pytest.raises(PeerRefused, match="400"):
        await supplied_holder.ask("present", request=request["authorization_request"], **terms)
    with pytest.raises(PeerRefused):
        await verifier.ask("outcome", id=request["id"])


async def test_claims_withheld_are_missed(supplied_holder: ServicePeer, verifier: ServicePeer) -> None:
    request = await verifier.ask("request", dcql_query=ticket_query("dc+sd-jwt", "name_latin"))

    with pytest.raises(PeerRefused, match="400"):
        await supplied_holder.ask("present", request=request["authorization_request"], disclose=["birth_year"])


async def test_a_request_that_does_not_hold_the_wallet_s_nonce(
    supplied_holder: ServicePeer, verifier: ServicePeer
) -> None:
    request = await verifier.ask(
        "request", dcql_query=ticket_query("dc+sd-jwt", "name_latin"), request_uri_method="post"
    )

    with pytest.raises(PeerRefused, match="wallet_nonce"):
        await supplied_holder.ask("present", request=request["authorization_request"], wrong_wallet_nonce="another")
