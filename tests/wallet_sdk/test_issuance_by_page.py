"""Credentials by the issuer's page, where the holder signs in; and who signed what the issuer says of itself."""

from __future__ import annotations

import json
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from tests.wallet_sdk.fakes import ISSUER, OFFICE, OFFICE_NAME, FakeWorld
from tests.wallet_sdk.issuance_steps import REDIRECT, TWO, accept, finish, json_answer, resume
from vc_core.crypto.keys import P256Signer
from vc_core.errors import InvalidRequest, NoSuchCredential, ProtocolError, ServiceRefused
from vc_core.protocols.openid4vci.signed_metadata import sign_issuer_metadata
from wallet_sdk.issuance import (
    DescribedOffer,
    accept_offer,
    describe_issuer,
    describe_offer,
    pending_issuances,
)
from wallet_sdk.wallet import Wallet


@pytest.fixture
def world(world: FakeWorld) -> FakeWorld:
    """The issuer offers one type in two formats."""
    world.offered = TWO
    return world


# The issuer's page.


@pytest.mark.parametrize("pushes", [True, False])
@pytest.mark.parametrize("dpop", [True, False])
async def test_by_the_issuers_page(world: FakeWorld, wallet: Wallet, pushes: bool, dpop: bool) -> None:
    world.settings.by_page, world.settings.pushes, world.settings.dpop = True, pushes, dpop
    begun = await accept(world, wallet)
    assert (begun.stored, len(begun.waiting)) == ((), 2)
    assert begun.address is not None
    assert begun.address.startswith(ISSUER + "/authorize?")
    assert ("request_uri" in begun.address) is pushes
    assert "POST issuer.test/token" not in world.paths
    done = await finish(world, wallet, begun, world.visit(begun.address))
    assert (len(done.stored), done.refused, done.waiting, done.address) == (2, (), (), None)
    assert pending_issuances(wallet) == ()


async def test_what_the_wallet_says_at_the_page(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.by_page, world.settings.pushes = True, False
    begun = await accept(world, wallet)
    asked = dict(parse_qsl(urlsplit(begun.address or "").query))
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["issuer_state"] == "the-issuer-state"
    assert asked["redirect_uri"] == REDIRECT
    assert len(asked["state"]) == 43
    details = json.loads(asked["authorization_details"])
    assert [each["credential_configuration_id"] for each in details] == list(TWO)
    verifier = pending_issuances(wallet)[0].authorization
    assert verifier is not None
    assert verifier.code_verifier not in str(begun.address)


async def test_scopes_where_the_server_knows_no_details(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.by_page, world.settings.pushes = True, False
    described = await describe_offer(world.http, world.offer())
    server = {**described.server, "authorization_details_types_supported": []}
    begun = await accept(world, wallet, DescribedOffer(**{**vars(described), "server": server}))
    asked = dict(parse_qsl(urlsplit(begun.address or "").query))
    assert asked["scope"].split(" ") == list(TWO)
    assert "authorization_details" not in asked


def _changed(returned_to: str, **changes: str | None) -> str:
    address, _, query = returned_to.partition("?")
    fields = {**dict(parse_qsl(query)), **changes}
    return address + "?" + urlencode({name: value for name, value in fields.items() if value is not None})


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "another"},
        {"state": None},
        {"iss": "https://evil.test"},
        {"iss": ISSUER + "/"},
        {"iss": None},
        {"code": None},
    ],
)
async def test_i9_an_answer_of_another_server_or_request_is_not_taken(
    world: FakeWorld, wallet: Wallet, changes: dict[str, str | None]
) -> None:
    world.settings.by_page = True
    begun = await accept(world, wallet)
    returned_to = world.visit(begun.address or "")
    with pytest.raises(ProtocolError) as caught:
        await finish(world, wallet, begun, _changed(returned_to, **changes))
    assert caught.value.code == "server_error"
    assert "POST issuer.test/token" not in world.paths
    # The true answer still counts.
    assert len((await finish(world, wallet, begun, returned_to)).stored) == 2


async def test_a_no_at_the_page_ends_it(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.by_page = True
    begun = await accept(world, wallet)
    with pytest.raises(ServiceRefused) as caught:
        await finish(world, wallet, begun, world.visit(begun.address or "", agree=False))
    assert caught.value.refusal == "access_denied"
    assert pending_issuances(wallet) == ()


async def test_a_page_that_nobody_came_back_from_is_opened_again(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.by_page = True
    first = await accept(world, wallet)
    again = await resume(world, wallet)
    assert again.address not in (None, first.address)
    assert again.session_id == first.session_id
    assert len((await finish(world, wallet, again, world.visit(again.address or ""))).stored) == 2
    with pytest.raises(NoSuchCredential):
        await finish(world, wallet, again, REDIRECT)


async def test_a_wallet_without_an_address_to_come_back_to(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.by_page = True
    described = await describe_offer(world.http, world.offer())
    with pytest.raises(InvalidRequest):
        await accept_offer(wallet, world.http, described, trust=world.trust(), clock=world.clock)
    assert wallet.sessions("issuance") == ()


async def test_what_an_issuer_has_without_an_offer(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.by_page = True
    described = await describe_issuer(world.http, ISSUER)
    assert len(described.credentials) > 10
    picked = described.only(["InsuranceCoverage_qr_pass"])
    with pytest.raises(InvalidRequest):
        described.only(["Diploma"])
    begun = await accept(world, wallet, picked)
    done = await finish(world, wallet, begun, world.visit(begun.address or ""))
    assert [each.source and each.source.credential_configuration_id for each in done.stored] == [
        "InsuranceCoverage_qr_pass"
    ]


async def test_a_server_without_a_page_that_is_safe(world: FakeWorld) -> None:
    world.settings.by_page = True
    answer = world.answer(httpx.Request("GET", ISSUER + "/.well-known/oauth-authorization-server")).json()
    for member in ("authorization_response_iss_parameter_supported", "code_challenge_methods_supported"):
        unsafe = {name: value for name, value in answer.items() if name != member}
        route = "GET issuer.test/.well-known/oauth-authorization-server"
        world.answers[route] = partial(json_answer, unsafe)
        with pytest.raises(ProtocolError) as caught:
            await describe_issuer(world.http, ISSUER)
        assert caught.value.code == "unsupported_grant_type"


def _sign_metadata(world: FakeWorld, metadata: dict[str, Any], *, key: P256Signer | None = None, **changes: Any) -> str:
    terms = {"issued_at": world.clock(), "expires_at": world.clock() + 60, **changes}
    return sign_issuer_metadata(
        metadata, signer=key or world.issuer_key, verification_method=OFFICE + "#delegate-1", **terms
    )


async def test_who_signed_the_metadata_is_named_if_it_may_issue_what_is_offered(
    world: FakeWorld, wallet: Wallet
) -> None:
    world.sign_metadata = partial(_sign_metadata, world)
    described = await describe_offer(world.http, world.offer(), trust=world.trust(), now=world.clock())
    assert described.issuer_name == OFFICE_NAME
    assert len((await accept(world, wallet, described)).stored) == 2
    world.accredited = False
    described = await describe_offer(world.http, world.offer(), trust=world.trust(), now=world.clock())
    assert described.issuer_name is None


@pytest.mark.parametrize("changes", [{"key": P256Signer.generate()}, {"expires_at": 1}, {"issued_at": 2**40}])
async def test_metadata_that_nobody_we_know_signed_is_as_good_as_unsigned(
    world: FakeWorld, changes: dict[str, Any]
) -> None:
    world.sign_metadata = partial(_sign_metadata, world, **changes)
    described = await describe_offer(world.http, world.offer(), trust=world.trust(), now=world.clock())
    assert (described.issuer_name, len(described.credentials)) == (None, 2)
