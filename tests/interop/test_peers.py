"""The peers among themselves: what fails here is theirs, or how we use them."""

from __future__ import annotations

import httpx
import pytest
import pytest_asyncio

from tests.support.credential_peers import PeerRefused
from tests.support.foreign_offices import (
    FORMATS,
    TICKET,
    ticket_query,
)
from tests.support.openid4vc_peers import ServicePeer

pytestmark = pytest.mark.asyncio(loop_scope="session")

REDIRECT_URI = "https://wallet.example/back"
STRICT_TERMS = {"dpop": True, "encryption": "A256GCM", "encrypted_requests": "A128GCM"}
EACH_FORMAT = pytest.mark.parametrize("credential_format", FORMATS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def supplied_holder(issuer: ServicePeer, holder: ServicePeer) -> ServicePeer:
    """Their wallet, with a ticket in each format from their issuer."""
    offer = await issuer.ask("offer", ids=[f"Ticket_{each}" for each in FORMATS], claims=TICKET)
    await holder.ask("take", offer=offer["offer"])
    return holder


@EACH_FORMAT
@pytest.mark.parametrize("proof", ["jwk", "did:jwk"])
async def test_they_issue_to_each_other(
    strict_issuer: ServicePeer, holder: ServicePeer, credential_format: str, proof: str
) -> None:
    offer = await strict_issuer.ask("offer", ids=[f"Ticket_{credential_format}"], claims=TICKET, tx_code=True)

    taken = await holder.ask(
        "take", offer=offer["offer"], tx_code=offer["tx_code"], proof=proof, batch=2, notify=True, **STRICT_TERMS
    )

    assert (taken["token_type"], len(taken["credentials"]), taken["notified"]) == ("DPoP", 2, 1)
    assert (await strict_issuer.ask("notifications"))[-1]["event"] == "credential_accepted"


@pytest.mark.parametrize("by_scope", [False, True])
async def test_they_go_through_the_authorization_code_flow(
    strict_issuer: ServicePeer, holder: ServicePeer, by_scope: bool
) -> None:
    offer = await strict_issuer.ask("offer", ids=["Ticket_ldp_vc"], claims=TICKET, grant="authorization_code")
    terms = {"redirect_uri": REDIRECT_URI, "by_scope": by_scope, **STRICT_TERMS}

    back = await visit(await holder.ask("begin", offer=offer["offer"], **terms))
    taken = await holder.ask("finish", url=back)
    assert (taken["token_type"], len(taken["credentials"])) == ("DPoP", 1)

    again = await visit(await holder.ask("begin", offer=offer["offer"], wrong_verifier="x" * 43, **terms))
    with pytest.raises(PeerRefused, match="invalid_grant"):
        await holder.ask("finish", url=again)


async def test_they_put_off_and_collect(strict_issuer: ServicePeer, holder: ServicePeer) -> None:
    offer = await strict_issuer.ask("offer", ids=["Ticket_dc+sd-jwt"], claims=TICKET, deferred=True)

    taken = await holder.ask("take", offer=offer["offer"], **STRICT_TERMS)
    [transaction_id] = taken["deferred"]
    assert await holder.ask("collect", transaction_id=transaction_id) is None
    await strict_issuer.ask("approve", reference=offer["reference"])
    [ticket] = await holder.ask("collect", transaction_id=transaction_id)

    assert ticket["claims"]["name_latin"] == TICKET["name_latin"]


async def test_a_strict_issuer_gives_nothing_for_less(strict_issuer: ServicePeer, holder: ServicePeer) -> None:
    for less, code in (("dpop", "use_dpop_nonce"), ("encrypted_requests", "invalid_encryption_parameters")):
        offer = await strict_issuer.ask("offer", ids=["Ticket_dc+sd-jwt"], claims=TICKET)
        terms = {name: value for name, value in STRICT_TERMS.items() if name != less}
        with pytest.raises(PeerRefused, match=code):
            await holder.ask("take", offer=offer["offer"], **terms)


async def visit(url: str) -> str:
    """Where a browser is sent back to from the authorization endpoint, when nobody is asked anything there."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as browser:
        answer = await browser.get(url)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


@EACH_FORMAT
@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"request_uri_method": "post"},
        {"response_mode": "direct_post.jwt"},
        {"response_mode": "direct_post.jwt", "enc": "A256GCM", "request_uri_method": "post"},
        {"prefix": "redirect_uri"},
        {"prefix": "x509_hash", "request_uri_method": "post", "response_mode": "direct_post.jwt"},
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
