"""Issuers that would have a wallet ask where it must not: W2 and W6 for every address that metadata can name."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.wallet_sdk.fakes import ISSUER, TX_CODE, FakeWorld
from vc_core.errors import FetchError, ProtocolError, SabaiError, ServiceRefused
from vc_core.http import HttpClient
from wallet_sdk.issuance import accept_offer, describe_offer, finish_authorization, pending_issuances, resume_issuance
from wallet_sdk.issuance.foreign import declare_issuer
from wallet_sdk.wallet import Wallet

INSIDE = "https://169.254.169.254/latest"
OF_THE_ISSUER = ("nonce_endpoint", "credential_endpoint", "deferred_credential_endpoint", "notification_endpoint")
OF_THE_SERVER = ("token_endpoint", "pushed_authorization_request_endpoint")
_DOCUMENTS = dict.fromkeys(OF_THE_ISSUER, "openid-credential-issuer") | dict.fromkeys(
    OF_THE_SERVER, "oauth-authorization-server"
)


class _GuardedHttp(HttpClient):
    """The real client's checks for every host but the test's own."""

    async def _checked(self, url: httpx.URL) -> httpx.URL:
        self._resolves = not url.host.endswith(".test")
        return await super()._checked(url)


def _point(world: FakeWorld, member: str, address: str) -> None:
    """The issuer's metadata names another address."""
    path = f"/.well-known/{_DOCUMENTS[member]}"
    document = world.answer(httpx.Request("GET", ISSUER + path)).json() | {member: address}
    world.answers[f"GET issuer.test{path}"] = lambda request: httpx.Response(200, json=document)


async def _go_through(world: FakeWorld, wallet: Wallet, http: HttpClient) -> list[SabaiError]:
    """An issuance by every message that there is; returns what went wrong on the way."""
    terms: dict[str, Any] = {"trust": world.trust(), "clock": world.clock}
    errors: list[SabaiError] = []
    try:
        described = await describe_offer(http, world.offer())
        done = await accept_offer(
            wallet, http, described, tx_code=TX_CODE, redirect_uri="http://127.0.0.1:1/callback", **terms
        )
        if done.address is not None:
            done = await finish_authorization(wallet, http, done.session_id, world.visit(done.address), **terms)
        errors += [each.error for each in done.waiting if each.error is not None]
        world.clock.advance(60)
        world.approved = True
        for each in pending_issuances(wallet):
            done = await resume_issuance(wallet, http, each.id, **terms)
            errors += [each.error for each in done.waiting if each.error is not None]
    except (FetchError, ProtocolError, ServiceRefused) as error:
        errors.append(error)
    return errors


def _prepare(world: FakeWorld, member: str) -> None:
    world.offered = ("HealthId_qr_pass",)
    world.settings.by_page = member in OF_THE_SERVER
    world.settings.deferred = member == "deferred_credential_endpoint"
    world.settings.notifies = True


@pytest.mark.parametrize("member", [*OF_THE_ISSUER, *OF_THE_SERVER])
async def test_w2_no_address_of_the_metadata_leads_inside(world: FakeWorld, wallet: Wallet, member: str) -> None:
    _prepare(world, member)
    _point(world, member, INSIDE)
    http = _GuardedHttp(transport=httpx.MockTransport(world.respond))
    errors = await _go_through(world, wallet, http)
    assert not any("169.254" in path for path in world.paths)
    # A notification that can't be sent is no error of the holder's, and stays to be sent.
    assert {each.code for each in errors} == (set() if member == "notification_endpoint" else {"fetch_blocked"})
    assert len(pending_issuances(wallet)) == 1


@pytest.mark.parametrize("member", [*OF_THE_ISSUER, *OF_THE_SERVER])
async def test_w2_addresses_that_are_no_plain_https_are_refused_with_the_metadata(
    world: FakeWorld, wallet: Wallet, member: str
) -> None:
    _prepare(world, member)
    for address in ("http://issuer.test/x", "file:///etc/passwd", "https://a:b@issuer.test/x", "javascript:alert(1)"):
        _point(world, member, address)
        [error] = await _go_through(world, wallet, world.http)
        assert error.code == "server_error"
    assert not any(each.method == "POST" for each in world.requests)


@pytest.mark.parametrize("member", [*OF_THE_ISSUER, *OF_THE_SERVER])
async def test_w6_no_endpoint_sends_the_wallet_elsewhere(world: FakeWorld, wallet: Wallet, member: str) -> None:
    _prepare(world, member)
    _point(world, member, ISSUER + "/moved")
    world.answers["POST issuer.test/moved"] = lambda request: httpx.Response(
        307, headers={"Location": "https://elsewhere.test/"}
    )
    await _go_through(world, wallet, world.http)
    assert "POST issuer.test/moved" in world.paths
    assert not any("elsewhere" in path for path in world.paths)


async def test_w2_an_issuers_did_leads_nowhere_inside(world: FakeWorld) -> None:
    http = _GuardedHttp(transport=httpx.MockTransport(world.respond))
    for did in ("did:web:localhost", "did:web:169.254.169.254", "did:web:127.0.0.1%3A9"):
        with pytest.raises(SabaiError) as caught:
            await declare_issuer(did + "#key-1", did, registry=world.trust(), http=http, clock=world.clock)
        assert caught.value.code == "UNKNOWN_ISSUER"
    assert world.requests == []
