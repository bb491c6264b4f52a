"""Our wallet shows credentials to a verifier on npm's @openid4vc packages, by `sabai wallet`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.interop.command_line import CommandLineWallet
from tests.support.credential_peers import PeerRefused
from tests.support.foreign_offices import CERTIFIED_NAME, FORMATS, TICKET, ticket_query
from tests.support.openid4vc_peers import ServicePeer
from tests.support.sample_services import FOREIGN_HOSPITAL, SampleServices
from vc_core.encoding import base64url_encode, compact_json

pytestmark = pytest.mark.asyncio(loop_scope="session")

EACH_FORMAT = pytest.mark.parametrize("credential_format", FORMATS)
CONSENT = {
    "type": "urn:sabai:transaction:consent:1",
    "credential_ids": ["ticket"],
    "transaction_data_hashes_alg": ["sha-256"],
    "purpose": "Send the report",
    "recipient": "Sample Border Hospital",
    "valid_until": "2027-12-31",
}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def wallet(
    services: SampleServices, issuer: ServicePeer, tmp_path_factory: pytest.TempPathFactory
) -> CommandLineWallet:
    """Our wallet, with a ticket in each format from their issuer."""
    made = CommandLineWallet.create(tmp_path_factory.mktemp("wallet") / "wallet", services.running.urls["backend"])
    offer = await issuer.ask("offer", ids=[f"Ticket_{each}" for each in FORMATS], claims=TICKET)
    assert (await made.run("accept", offer["offer"], "--yes")).ok
    return made


@EACH_FORMAT
@pytest.mark.parametrize(
    ("terms", "name"),
    [
        ({}, FOREIGN_HOSPITAL.name),
        ({"request_uri_method": "post"}, FOREIGN_HOSPITAL.name),
        ({"response_mode": "direct_post.jwt"}, FOREIGN_HOSPITAL.name),
        ({"response_mode": "direct_post.jwt", "enc": "A256GCM", "request_uri_method": "post"}, FOREIGN_HOSPITAL.name),
        ({"prefix": "x509_hash", "response_mode": "direct_post.jwt"}, CERTIFIED_NAME),
        ({"prefix": "redirect_uri"}, None),
    ],
    ids=str,
)
async def test_it_gets_what_it_asks_for_and_nothing_more(
    wallet: CommandLineWallet,
    verifier: ServicePeer,
    anchor: Path,
    credential_format: str,
    terms: dict[str, str],
    name: str | None,
) -> None:
    query = ticket_query(credential_format, "name_latin")
    request = await verifier.ask("request", dcql_query=query, **terms)

    link = request["authorization_request"]
    done = (await wallet.run("present", link, "--yes", "--json", "--anchor", str(anchor))).json()

    outcome = await verifier.ask("outcome", id=request["id"])
    [ticket] = outcome["credentials"]["ticket"]
    assert ticket["claims"]["name_latin"] == TICKET["name_latin"]
    assert ("birth_year" in ticket["claims"]) is (credential_format == "ldp_vc")
    assert outcome["enc"] == (terms.get("enc", "A128GCM") if "response_mode" in terms else None)
    assert outcome["fetched"] == (None if name is None else terms.get("request_uri_method", "get"))
    assert (done["verifier"]["name"], done["asks_too_much"]) == (name, False)
    assert ("birth_year" in done["shown"][0]["withheld"]) is (credential_format == "dc+sd-jwt")


async def test_the_same_device_goes_on_where_it_says(wallet: CommandLineWallet, verifier: ServicePeer) -> None:
    query = ticket_query("dc+sd-jwt", "name_latin")
    request = await verifier.ask("request", dcql_query=query, same_device=True)

    done = (await wallet.run("present", request["authorization_request"], "--yes", "--json")).json()

    with pytest.raises(PeerRefused, match="response code"):
        await verifier.ask("outcome", id=request["id"], response_code="another")
    code = done["redirect_uri"].partition("#response_code=")[2]
    assert (await verifier.ask("outcome", id=request["id"], response_code=code))["credentials"]


@pytest.mark.parametrize("response_mode", ["direct_post", "direct_post.jwt"])
async def test_it_gets_the_holder_s_agreement(
    wallet: CommandLineWallet, verifier: ServicePeer, response_mode: str
) -> None:
    request = await verifier.ask("request", **asking_consent(CONSENT), response_mode=response_mode)

    assert (await wallet.run("present", request["authorization_request"], "--yes")).ok

    [ticket] = (await verifier.ask("outcome", id=request["id"]))["credentials"]["ticket"]
    assert len(ticket["kb"]["transaction_data_hashes"]) == 1


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"dcql_query": ticket_query("dc+sd-jwt", "no_such_claim")}, "access_denied"),
        (
            {"transaction_data": [base64url_encode(compact_json(CONSENT | {"type": "urn:other"}))]},
            "invalid_transaction_data",
        ),
    ],
)
@pytest.mark.parametrize("response_mode", ["direct_post", "direct_post.jwt"])
async def test_it_is_told_why_nothing_comes(
    wallet: CommandLineWallet, verifier: ServicePeer, terms: dict[str, Any], code: str, response_mode: str
) -> None:
    asked = {"dcql_query": ticket_query("dc+sd-jwt", "name_latin"), **terms}
    request = await verifier.ask("request", **asked, response_mode=response_mode)

    done = await wallet.run("present", request["authorization_request"], "--yes")

    assert (done.ok, code in done.errors) == (False, True), done
    with pytest.raises(PeerRefused, match=f"the wallet answered {code}"):
        await verifier.ask("outcome", id=request["id"])


def asking_consent(consent: dict[str, Any]) -> dict[str, Any]:
    """A request that has the holder agree to something."""
    query = ticket_query("dc+sd-jwt", "name_latin")
    return {"dcql_query": query, "transaction_data": [base64url_encode(compact_json(consent))]}
