"""Every other way in which an issuer may give credentials: each part of OpenID4VCI 1.0 that a wallet may meet."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.attestations import provider_key
from tests.wallet_sdk.fakes import ISSUER, FakeWorld
from tests.wallet_sdk.issuance_steps import TWO, accept, bodies, finish, resume
from vc_core.crypto.jose import parse_jws
from vc_core.errors import ProtocolError, ServiceRefused
from vc_core.protocols.oauth.client_attestation import verify_attestation_pop, verify_wallet_attestation
from vc_core.protocols.openid4vci.issuer_metadata import parse_issuer_metadata
from wallet_sdk.issuance import (
    describe_offer,
    pending_issuances,
)
from wallet_sdk.issuance.proofs import plan_proofs
from wallet_sdk.wallet import Wallet


@pytest.fixture
def world(world: FakeWorld) -> FakeWorld:
    """The issuer offers one type in two formats."""
    world.offered = TWO
    return world


# Keys, tokens, attestations.


async def test_dpop_binds_the_token_to_a_key_that_only_this_issuer_sees(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.dpop = True
    assert len((await accept(world, wallet)).stored) == 2
    jkts = set(world.tokens.values())
    world.unspent_codes.add("the-code")
    await accept(world, wallet)
    assert len(set(world.tokens.values()) | jkts) == 2
    assert jkts.isdisjoint(each.thumbprint() for each in world.holder_keys)


async def test_the_wallet_shows_its_providers_attestation(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.by_page, world.settings.attestation, world.settings.dpop = True, True, True
    begun = await accept(world, wallet)
    done = await finish(world, wallet, begun, world.visit(begun.address or ""))
    assert len(done.stored) == 2
    for path in ("/par", "/token"):
        headers = [each.headers for each in world.requests if each.url.path == path][-1]
        attested = verify_wallet_attestation(
            headers["OAuth-Client-Attestation"], provider_key=provider_key, now=world.clock()
        )
        verify_attestation_pop(
            headers["OAuth-Client-Attestation-PoP"], attestation=attested, expected_audience=ISSUER, now=world.clock()
        )
        assert attested.client_id == "attested-wallet"


async def test_a_provider_that_attests_nothing(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.attestation = True
    world.answers["POST provider.test/wallet-attestations"] = lambda request: httpx.Response(404, json={})
    with pytest.raises(ServiceRefused):
        await accept(world, wallet)
    assert world.unspent_codes == {"the-code"}


@pytest.mark.parametrize(
    ("proofs", "binding_methods", "kind"),
    [
        ({"jwt": {"proof_signing_alg_values_supported": ["ES256"]}}, ["jwk"], "jwt"),
        ({"jwt": {"proof_signing_alg_values_supported": ["EdDSA", "ES256"]}}, ["did:jwk"], "jwt"),
        ({"di_vp": {"proof_signing_alg_values_supported": ["ecdsa-rdfc-2019"]}}, ["did:key"], "di_vp"),
        ({"di_vp": {"proof_signing_alg_values_supported": ["ecdsa-jcs-2019"]}}, ["did:jwk"], "di_vp"),
        (
            {"jwt": {"proof_signing_alg_values_supported": ["ES256"], "key_attestations_required": {}}},
            ["jwk"],
            "jwt",
        ),
        (
            {"attestation": {"proof_signing_alg_values_supported": ["ES256"], "key_attestations_required": {}}},
            ["jwk"],
            "attestation",
        ),
    ],
)
async def test_proofs_of_every_kind(
    world: FakeWorld, wallet: Wallet, proofs: dict[str, Any], binding_methods: list[str], kind: str
) -> None:
    world.settings.proofs, world.settings.binding_methods = proofs, binding_methods
    world.settings.batch_size = 3
    world.offered = ("HealthId_dc+sd-jwt",)
    [held] = (await accept(world, wallet)).stored
    assert len(held.copies) == 3
    [asked] = bodies(world, "/credential")
    [(named, values)] = asked["proofs"].items()
    assert named == kind
    if kind == "jwt":
        header = parse_jws(values[0], typ="openid4vci-proof+jwt").header
        assert ("jwk" in header) is (binding_methods == ["jwk"])
        assert "iss" not in parse_jws(values[0], typ="openid4vci-proof+jwt").payload


@pytest.mark.parametrize(
    "proofs",
    [
        {},
        {"jwt": {"proof_signing_alg_values_supported": ["EdDSA"]}},
        {"di_vp": {"proof_signing_alg_values_supported": ["eddsa-rdfc-2022"]}},
        {"cwt": {"proof_signing_alg_values_supported": ["ES256"]}},
    ],
)
async def test_a_credential_that_needs_a_proof_that_we_lack_is_not_taken(
    world: FakeWorld, proofs: dict[str, Any]
) -> None:
    world.settings.proofs = proofs
    with pytest.raises(ProtocolError) as caught:
        await describe_offer(world.http, world.offer())
    assert caught.value.code == "unknown_credential_configuration"
    metadata = parse_issuer_metadata(
        world.answer(httpx.Request("GET", ISSUER + "/.well-known/openid-credential-issuer")).json(),
        expected_issuer=ISSUER,
    )
    assert plan_proofs(metadata.configurations[TWO[0]]) is None


# Identifiers, deferral, notification, encryption.


async def test_credentials_by_the_identifiers_of_the_grant(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.identifiers = True
    stored = (await accept(world, wallet)).stored
    assert [each.source and each.source.credential_identifier for each in stored] == [f"{each}#1" for each in TWO]
    assert all("credential_configuration_id" not in each for each in bodies(world, "/credential"))


async def test_what_the_grant_leaves_out_is_refused(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.identifiers = True
    described = await describe_offer(world.http, world.offer())
    world.offered = TWO[:1]
    issuance = await accept(world, wallet, described)
    assert len(issuance.stored) == 1
    [refused] = issuance.refused
    assert isinstance(refused.error, ServiceRefused)
    assert refused.error.refusal == "not_granted"


async def test_a_credential_that_an_officer_approves_later(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.deferred, world.settings.notifies, world.settings.batch_size = True, True, 2
    issuance = await accept(world, wallet)
    assert [(each.error, each.ask_from) for each in issuance.waiting] == [(None, world.clock() + 60)] * 2
    asked = len(world.requests)
    assert len((await resume(world, wallet)).waiting) == 2
    assert len(world.requests) == asked  # too early to ask
    world.clock.advance(60)
    assert len((await resume(world, wallet)).waiting) == 2
    world.clock.advance(60)
    world.approved = True
    done = await resume(world, wallet)
    assert [len(each.copies) for each in done.stored] == [2, 2]
    assert [event for _, event in world.notifications] == ["credential_accepted"] * 2
    assert pending_issuances(wallet) == ()


async def test_access_that_ended_meanwhile_is_renewed(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.deferred, world.settings.refresh, world.settings.dpop = True, True, True
    await accept(world, wallet)
    world.tokens.clear()
    world.clock.advance(3600)
    world.approved = True
    assert len((await resume(world, wallet)).stored) == 2
    held = wallet.credentials[0]
    assert held.source is not None
    assert held.source.grant_id is not None
    grant = wallet.grant(held.source.grant_id)
    assert grant is not None
    assert grant.refresh_token in world.refresh_tokens


async def test_access_that_ended_for_good(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.deferred = True
    await accept(world, wallet)
    world.tokens.clear()
    world.clock.advance(3600)
    done = await resume(world, wallet)
    assert {each.error.refusal for each in done.refused if isinstance(each.error, ServiceRefused)} == {"invalid_token"}
    assert pending_issuances(wallet) == ()


async def test_the_issuer_is_told_of_what_was_not_kept(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.notifies = True
    world.accredited = False
    assert len((await accept(world, wallet)).refused) == 2
    assert [event for _, event in world.notifications] == ["credential_failure"] * 2


async def test_a_notification_that_did_not_arrive_is_sent_later(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.notifies = True

    def lose(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("gone")

    world.answers["POST issuer.test/notification"] = lose
    assert len((await accept(world, wallet)).stored) == 2
    world.answers.clear()
    done = await resume(world, wallet)
    assert (done.stored, done.waiting) == ((), ())
    assert [event for _, event in world.notifications] == ["credential_accepted"] * 2
    assert pending_issuances(wallet) == ()


@pytest.mark.parametrize("encryption", ["offered", "required"])
async def test_requests_and_answers_are_encrypted_where_the_issuer_can(
    world: FakeWorld, wallet: Wallet, encryption: str
) -> None:
    world.settings.encryption, world.settings.deferred = encryption, True
    await accept(world, wallet)
    world.clock.advance(60)
    world.approved = True
    assert len((await resume(world, wallet)).stored) == 2
    for each in world.requests:
        if each.url.path in ("/credential", "/deferred"):
            assert each.headers["Content-Type"] == "application/jwt"
            assert each.content.count(b".") == 4


async def test_an_answer_in_the_clear_is_not_taken_where_it_was_to_be_encrypted(
    world: FakeWorld, wallet: Wallet
) -> None:
    world.settings.encryption = "offered"
    world.answers["POST issuer.test/credential"] = lambda request: httpx.Response(
        200, json={"credentials": [{"credential": "x"}]}
    )
    issuance = await accept(world, wallet)
    assert issuance.stored == ()
    assert {each.error and each.error.code for each in issuance.waiting} == {"server_error"}


async def test_a_nonce_that_came_too_late_is_fetched_again_once(world: FakeWorld, wallet: Wallet) -> None:
    world.offered = TWO[:1]
    refused: list[int] = []

    def forget_first(request: httpx.Request) -> httpx.Response:
        if not refused:
            refused.append(1)
            return httpx.Response(400, json={"error": "invalid_nonce"})
        return world.credential(request)

    world.answers["POST issuer.test/credential"] = forget_first
    assert len((await accept(world, wallet)).stored) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("credential_request_denied", "decided not to give"),
        ("invalid_proof", "proof of the wallet's key"),
        ("invalid_nonce", "try again"),
        ("unknown_credential_configuration", "does not know this credential"),
        ("unknown_credential_identifier", "does not know this credential"),
        ("invalid_encryption_parameters", "encrypts"),
        ("invalid_credential_request", "did not understand"),
        ("insufficient_scope", "not for this credential"),
        ("something_new", "something_new"),
    ],
)
async def test_every_refusal_of_a_credential_has_plain_words(
    world: FakeWorld, wallet: Wallet, code: str, words: str
) -> None:
    world.offered = TWO[:1]
    world.answers["POST issuer.test/credential"] = lambda request: httpx.Response(400, json={"error": code})
    [refused] = (await accept(world, wallet)).refused
    assert isinstance(refused.error, ServiceRefused)
    assert refused.error.refusal == code
    assert words in refused.error.message


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_client", "unauthorized_client", "invalid_request"])
async def test_every_refusal_of_a_token_ends_the_issuance(world: FakeWorld, wallet: Wallet, code: str) -> None:
    world.answers["POST issuer.test/token"] = lambda request: httpx.Response(400, json={"error": code})
    with pytest.raises(ServiceRefused) as caught:
        await accept(world, wallet)
    assert caught.value.refusal == code
    assert "with the code" not in caught.value.message
    assert pending_issuances(wallet) == ()
