"""Our wallet shows credentials to a verifier on npm's @openid4vc packages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import pytest_asyncio

from tests.interop.command_line import CommandLineWallet
from tests.support.credential_peers import PeerRefused
from tests.support.foreign_offices import ANCHOR, CERTIFIED_NAME, FORMATS, TICKET, ticket_query
from tests.support.openid4vc_peers import ServicePeer
from tests.support.people import PASSPHRASE
from tests.support.sample_services import FOREIGN_HOSPITAL, SampleServices
from vc_core.clock import system_clock
from wallet_sdk.openid4vp import flow
from wallet_sdk.openid4vp.consent import Consent
from wallet_sdk.registry import refresh_registry
from wallet_sdk.wallet import Wallet

pytestmark = pytest.mark.asyncio(loop_scope="session")

EACH_FORMAT = pytest.mark.parametrize("credential_format", FORMATS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def supplied(
    services: SampleServices, issuer: ServicePeer, tmp_path_factory: pytest.TempPathFactory
) -> CommandLineWallet:
    """Our wallet, with a ticket in each format from their issuer."""
    made = CommandLineWallet.create(tmp_path_factory.mktemp("wallet") / "wallet", services.running.urls["backend"])
    offer = await issuer.ask("offer", ids=[f"Ticket_{each}" for each in FORMATS], claims=TICKET)
    assert (await made.run("accept", offer["offer"], "--yes")).ok
    return made


@pytest.fixture
def wallet(supplied: CommandLineWallet) -> Iterator[Wallet]:
    """The same, open."""
    with Wallet.open(supplied.path, PASSPHRASE) as opened:
        yield opened


async def present(services: SampleServices, wallet: Wallet, link: str) -> tuple[Consent, str | None]:
    """From the link to the end, agreeing to all; returns what was asked, and where to go on."""
    http = services.running.http
    trust = await refresh_registry(wallet, http, now=system_clock())
    terms: dict[str, Any] = {"trust": trust, "anchors": [ANCHOR.certificate], "now": system_clock()}
    session = await flow.fetch(wallet, http, flow.begin(wallet, link, now=system_clock()))
    session, consent = flow.ask(wallet, session, **terms)
    session = await flow.send(wallet, http, flow.give_consent(wallet, session, consent.choice, **terms))
    return consent, session.redirect_uri


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
    services: SampleServices,
    wallet: Wallet,
    verifier: ServicePeer,
    credential_format: str,
    terms: dict[str, str],
    name: str | None,
) -> None:
    query = ticket_query(credential_format, "name_latin")
    request = await verifier.ask("request", dcql_query=query, **terms)

    consent, _ = await present(services, wallet, request["authorization_request"])

    outcome = await verifier.ask("outcome", id=request["id"])
    [ticket] = outcome["credentials"]["ticket"]
    assert ticket["claims"]["name_latin"] == TICKET["name_latin"]
    assert ("birth_year" in ticket["claims"]) is (credential_format == "ldp_vc")
    assert outcome["enc"] == (terms.get("enc", "A128GCM") if "response_mode" in terms else None)
    assert consent.verifier.name == name
    assert consent.asks_too_much is False


async def test_the_same_device_goes_on_where_it_says(
    services: SampleServices, wallet: Wallet, verifier: ServicePeer
) -> None:
    query = ticket_query("dc+sd-jwt", "name_latin")
    request = await verifier.ask("request", dcql_query=query, same_device=True)

    _, redirect_uri = await present(services, wallet, request["authorization_request"])

    assert redirect_uri is not None
    with pytest.raises(PeerRefused, match="response code"):
        await verifier.ask("outcome", id=request["id"], response_code="another")
    code = redirect_uri.partition("#response_code=")[2]
    assert (await verifier.ask("outcome", id=request["id"], response_code=code))["credentials"]
