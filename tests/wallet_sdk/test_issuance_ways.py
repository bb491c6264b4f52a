"""Every way in which an issuer may give credentials: each part of OpenID4VCI 1.0 that a wallet may meet."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from tests.support.attestations import provider_key
from tests.wallet_sdk.fakes import CLAIMS, ISSUER, OFFICE, OFFICE_NAME, TX_CODE, FakeWorld
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import P256Signer
from vc_core.errors import InvalidRequest, NoSuchCredential, ProtocolError, ServiceRefused
from vc_core.formats.credential import CredentialFormat
from vc_core.protocols.oauth.client_attestation import verify_attestation_pop, verify_wallet_attestation
from vc_core.protocols.openid4vci.issuer_metadata import parse_issuer_metadata
from vc_core.protocols.openid4vci.signed_metadata import sign_issuer_metadata
from wallet_sdk.issuance import (
    DescribedOffer,
    Issuance,
    accept_offer,
    delete_credential,
    describe_issuer,
    describe_offer,
    finish_authorization,
    pending_issuances,
    resume_issuance,
    top_up,
)
from wallet_sdk.issuance.proofs import plan_proofs
from wallet_sdk.renewal import top_up_all
from wallet_sdk.wallet import Wallet

REDIRECT = "http://127.0.0.1:4711/callback"
TWO = ("HealthId_dc+sd-jwt", "HealthId_qr_pass")


async def _accept(world: FakeWorld, wallet: Wallet, described: DescribedOffer | None = None) -> Issuance:
    described = described or await describe_offer(world.http, world.offer())
    return await accept_offer(
        wallet,
        world.http,
        described,
        tx_code=TX_CODE,
        redirect_uri=REDIRECT,
        trust=world.trust(),
        clock=world.clock,
    )


async def _finish(world: FakeWorld, wallet: Wallet, begun: Issuance, returned_to: str) -> Issuance:
    return await finish_authorization(
        wallet, world.http, begun.session_id, returned_to, trust=world.trust(), clock=world.clock
    )


async def _resume(world: FakeWorld, wallet: Wallet) -> Issuance:
    [pending] = pending_issuances(wallet)
    return await resume_issuance(wallet, world.http, pending.id, trust=world.trust(), clock=world.clock)


def _bodies(world: FakeWorld, path: str) -> list[dict[str, Any]]:
    return [json.loads(each.content) for each in world.requests if each.url.path == path]


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
    begun = await _accept(world, wallet)
    assert (begun.stored, len(begun.waiting)) == ((), 2)
    assert begun.address is not None
    assert begun.address.startswith(ISSUER + "/authorize?")
    assert ("request_uri" in begun.address) is pushes
    assert "POST issuer.test/token" not in world.paths
    done = await _finish(world, wallet, begun, world.visit(begun.address))
    assert (len(done.stored), done.refused, done.waiting, done.address) == (2, (), (), None)
    assert pending_issuances(wallet) == ()


async def test_what_the_wallet_says_at_the_page(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.by_page, world.settings.pushes = True, False
    begun = await _accept(world, wallet)
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
    begun = await _accept(world, wallet, DescribedOffer(**{**vars(described), "server": server}))
    asked = dict(parse_qsl(urlsplit(begun.address or "").query))
    assert asked["scope"].split(" ") == list(TWO)
    assert "authorization_details" not in asked


def _json(value: Any, request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=value)


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
    begun = await _accept(world, wallet)
    returned_to = world.visit(begun.address or "")
    with pytest.raises(ProtocolError) as caught:
        await _finish(world, wallet, begun, _changed(returned_to, **changes))
    assert caught.value.code == "server_error"
    assert "POST issuer.test/token" not in world.paths
    # The true answer still counts.
    assert len((await _finish(world, wallet, begun, returned_to)).stored) == 2


async def test_a_no_at_the_page_ends_it(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.by_page = True
    begun = await _accept(world, wallet)
    with pytest.raises(ServiceRefused) as caught:
        await _finish(world, wallet, begun, world.visit(begun.address or "", agree=False))
    assert caught.value.refusal == "access_denied"
    assert pending_issuances(wallet) == ()


async def test_a_page_that_nobody_came_back_from_is_opened_again(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.by_page = True
    first = await _accept(world, wallet)
    again = await _resume(world, wallet)
    assert again.address not in (None, first.address)
    assert again.session_id == first.session_id
    assert len((await _finish(world, wallet, again, world.visit(again.address or ""))).stored) == 2
    with pytest.raises(NoSuchCredential):
        await _finish(world, wallet, again, REDIRECT)


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
    begun = await _accept(world, wallet, picked)
    done = await _finish(world, wallet, begun, world.visit(begun.address or ""))
    assert [each.source and each.source.credential_configuration_id for each in done.stored] == [
        "InsuranceCoverage_qr_pass"
    ]


async def test_a_server_without_a_page_that_is_safe(world: FakeWorld) -> None:
    world.settings.by_page = True
    answer = world.answer(httpx.Request("GET", ISSUER + "/.well-known/oauth-authorization-server")).json()
    for member in ("authorization_response_iss_parameter_supported", "code_challenge_methods_supported"):
        unsafe = {name: value for name, value in answer.items() if name != member}
        route = "GET issuer.test/.well-known/oauth-authorization-server"
        world.answers[route] = partial(_json, unsafe)
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
    assert len((await _accept(world, wallet, described)).stored) == 2
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


# Keys, tokens, attestations.


async def test_dpop_binds_the_token_to_a_key_that_only_this_issuer_sees(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.dpop = True
    assert len((await _accept(world, wallet)).stored) == 2
    jkts = set(world.tokens.values())
    world.unspent_codes.add("the-code")
    await _accept(world, wallet)
    assert len(set(world.tokens.values()) | jkts) == 2
    assert jkts.isdisjoint(each.thumbprint() for each in world.holder_keys)


async def test_the_wallet_shows_its_providers_attestation(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.by_page, world.settings.attestation, world.settings.dpop = True, True, True
    begun = await _accept(world, wallet)
    done = await _finish(world, wallet, begun, world.visit(begun.address or ""))
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
        await _accept(world, wallet)
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
    [held] = (await _accept(world, wallet)).stored
    assert len(held.copies) == 3
    [asked] = _bodies(world, "/credential")
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


# Copies.


async def test_copies_each_with_a_key_of_its_own(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.batch_size = 20
    stored = (await _accept(world, wallet)).stored
    assert [len(each.copies) for each in stored] == [5, 5]
    keys = [copy.signer().public_key for each in stored for copy in each.copies]
    assert len(set(keys)) == 10
    assert keys == world.holder_keys


async def test_fewer_copies_than_asked_for_are_kept(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.batch_size = 5
    whole = world.credential

    def give_two(request: httpx.Request) -> httpx.Response:
        answer = whole(request).json()
        return httpx.Response(200, json={**answer, "credentials": answer["credentials"][3:]})

    world.answers["POST issuer.test/credential"] = give_two
    stored = (await _accept(world, wallet)).stored
    assert [len(each.copies) for each in stored] == [2, 2]
    for each in stored:
        assert {copy.signer().public_key for copy in each.copies} <= set(world.holder_keys)


@pytest.mark.parametrize("fault", ["doubled", "other claims"])
async def test_w8_one_bad_copy_spoils_all(world: FakeWorld, wallet: Wallet, fault: str) -> None:
    world.settings.batch_size = 3
    world.offered = TWO[:1]
    made: list[str] = []

    def spoil(configuration_id: str, holder_key: Any, issued: str) -> str:
        made.append(issued)
        if len(made) < 3:
            return issued
        claims = {**CLAIMS[HEALTH_ID.vct], "name": "Someone Else"}
        return made[0] if fault == "doubled" else world.issue_one(configuration_id, holder_key, claims=claims)

    world.bend = spoil
    issuance = await _accept(world, wallet)
    assert issuance.stored == ()
    assert [each.error.code for each in issuance.refused] == ["HOLDER_KEY" if fault == "doubled" else "MALFORMED"]


async def test_copies_are_topped_up_by_the_refresh_token(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.batch_size, world.settings.refresh, world.settings.dpop = 3, True, True
    first, second = (await _accept(world, wallet)).stored
    for _ in range(2):
        wallet.use_copy(first.id, now=world.clock())
    assert wallet.credential(first.id).runs_low(now=world.clock())
    done = await top_up(wallet, world.http, wallet.credential(first.id), trust=world.trust(), clock=world.clock)
    assert [each.id for each in done.stored] == [first.id]
    assert wallet.credential(first.id).unused_copies(now=world.clock()) == 4
    assert len(wallet.credentials) == 2
    assert pending_issuances(wallet) == ()
    # The refresh token was replaced, and serves the other credential of the same grant.
    await top_up(wallet, world.http, wallet.credential(second.id), trust=world.trust(), clock=world.clock)
    assert len(set(world.tokens.values())) == 1


_SAME = {"issuer": OFFICE, "vct": HEALTH_ID.vct, "format": CredentialFormat.SD_JWT}


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"issuer": OFFICE[:-2] + "22"}, "UNTRUSTED_ISSUER"),
        ({"vct": INSURANCE_COVERAGE.vct}, "NOT_A_CREDENTIAL"),
        ({"format": CredentialFormat.QR_PASS}, "NOT_A_CREDENTIAL"),
    ],
)
async def test_w8_only_the_same_is_topped_up(
    world: FakeWorld, wallet: Wallet, other: dict[str, Any], code: str
) -> None:
    world.settings.batch_size, world.settings.refresh = 3, True
    world.offered = TWO[:1]
    (held,) = (await _accept(world, wallet)).stored
    assert {name: getattr(held, name) for name in _SAME} == _SAME
    held = wallet.add_credential(replace(held, **other))
    done = await top_up(wallet, world.http, held, trust=world.trust(), clock=world.clock)
    assert done.stored == ()
    assert [each.error.code for each in done.refused] == [code]
    assert wallet.credentials == (held,)


async def test_an_issuer_that_lets_nobody_come_back(world: FakeWorld, wallet: Wallet) -> None:
    held = (await _accept(world, wallet)).stored[0]
    with pytest.raises(NoSuchCredential):
        await top_up(wallet, world.http, held, trust=world.trust(), clock=world.clock)


async def test_renewing_tops_up_what_runs_low_or_ends_soon(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.batch_size, world.settings.refresh = 3, True
    first, second = (await _accept(world, wallet)).stored
    trust = world.trust()
    assert (await top_up_all(wallet, world.http, trust=trust, clock=world.clock)).stored == ()
    for _ in range(2):
        wallet.use_copy(second.id, now=world.clock())
    done = await top_up_all(wallet, world.http, trust=trust, clock=world.clock)
    assert [each.id for each in done.stored] == [second.id]
    world.clock.advance(340 * 86_400)
    done = await top_up_all(wallet, world.http, trust=world.trust(), clock=world.clock)
    assert [each.id for each in done.stored] == [first.id, second.id]
    world.refresh_tokens.clear()
    while not wallet.credential(second.id).runs_low(now=world.clock()):
        wallet.use_copy(second.id, now=world.clock())
    refused = (await top_up_all(wallet, world.http, trust=world.trust(), clock=world.clock)).refused
    assert [each.error.refusal for each in refused if isinstance(each.error, ServiceRefused)] == ["invalid_grant"]


async def test_deleting_tells_an_issuer_that_asked_to_be_told(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.notifies, world.settings.refresh, world.settings.dpop = True, True, True
    first, second = (await _accept(world, wallet)).stored
    world.notifications.clear()
    await delete_credential(wallet, world.http, first.id, clock=world.clock)
    assert first.source is not None
    assert world.notifications == [(first.source.notification_id, "credential_deleted")]
    # Without a network, the credential is gone all the same, and the issuer hears of it later.
    world.answers["POST issuer.test/notification"] = lambda request: httpx.Response(503)
    await delete_credential(wallet, world.http, second.id, clock=world.clock)
    assert (wallet.credentials, wallet._content.grants) == ((), ())
    world.answers.clear()
    await _resume(world, wallet)
    assert [event for _, event in world.notifications] == ["credential_deleted"] * 2
    assert pending_issuances(wallet) == ()


async def test_deleting_asks_nobody_without_need(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.notifies = True
    held = (await _accept(world, wallet)).stored[0]
    asked = len(world.requests)
    await delete_credential(wallet, world.http, held.id, clock=world.clock)
    assert len(world.requests) == asked


# Identifiers, deferral, notification, encryption.


async def test_credentials_by_the_identifiers_of_the_grant(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.identifiers = True
    stored = (await _accept(world, wallet)).stored
    assert [each.source and each.source.credential_identifier for each in stored] == [f"{each}#1" for each in TWO]
    assert all("credential_configuration_id" not in each for each in _bodies(world, "/credential"))


async def test_what_the_grant_leaves_out_is_refused(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.identifiers = True
    described = await describe_offer(world.http, world.offer())
    world.offered = TWO[:1]
    issuance = await _accept(world, wallet, described)
    assert len(issuance.stored) == 1
    [refused] = issuance.refused
    assert isinstance(refused.error, ServiceRefused)
    assert refused.error.refusal == "not_granted"


async def test_a_credential_that_an_officer_approves_later(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.deferred, world.settings.notifies, world.settings.batch_size = True, True, 2
    issuance = await _accept(world, wallet)
    assert [(each.error, each.ask_from) for each in issuance.waiting] == [(None, world.clock() + 60)] * 2
    asked = len(world.requests)
    assert len((await _resume(world, wallet)).waiting) == 2
    assert len(world.requests) == asked  # too early to ask
    world.clock.advance(60)
    assert len((await _resume(world, wallet)).waiting) == 2
    world.clock.advance(60)
    world.approved = True
    done = await _resume(world, wallet)
    assert [len(each.copies) for each in done.stored] == [2, 2]
    assert [event for _, event in world.notifications] == ["credential_accepted"] * 2
    assert pending_issuances(wallet) == ()


async def test_access_that_ended_meanwhile_is_renewed(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.deferred, world.settings.refresh, world.settings.dpop = True, True, True
    await _accept(world, wallet)
    world.tokens.clear()
    world.clock.advance(3600)
    world.approved = True
    assert len((await _resume(world, wallet)).stored) == 2
    held = wallet.credentials[0]
    assert held.source is not None
    assert held.source.grant_id is not None
    grant = wallet.grant(held.source.grant_id)
    assert grant is not None
    assert grant.refresh_token in world.refresh_tokens


async def test_access_that_ended_for_good(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.deferred = True
    await _accept(world, wallet)
    world.tokens.clear()
    world.clock.advance(3600)
    done = await _resume(world, wallet)
    assert {each.error.refusal for each in done.refused if isinstance(each.error, ServiceRefused)} == {"invalid_token"}
    assert pending_issuances(wallet) == ()


async def test_the_issuer_is_told_of_what_was_not_kept(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.notifies = True
    world.accredited = False
    assert len((await _accept(world, wallet)).refused) == 2
    assert [event for _, event in world.notifications] == ["credential_failure"] * 2


async def test_a_notification_that_did_not_arrive_is_sent_later(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.notifies = True

    def lose(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("gone")

    world.answers["POST issuer.test/notification"] = lose
    assert len((await _accept(world, wallet)).stored) == 2
    world.answers.clear()
    done = await _resume(world, wallet)
    assert (done.stored, done.waiting) == ((), ())
    assert [event for _, event in world.notifications] == ["credential_accepted"] * 2
    assert pending_issuances(wallet) == ()


@pytest.mark.parametrize("encryption", ["offered", "required"])
async def test_requests_and_answers_are_encrypted_where_the_issuer_can(
    world: FakeWorld, wallet: Wallet, encryption: str
) -> None:
    world.settings.encryption, world.settings.deferred = encryption, True
    await _accept(world, wallet)
    world.clock.advance(60)
    world.approved = True
    assert len((await _resume(world, wallet)).stored) == 2
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
    issuance = await _accept(world, wallet)
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
    assert len((await _accept(world, wallet)).stored) == 1


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
    [refused] = (await _accept(world, wallet)).refused
    assert isinstance(refused.error, ServiceRefused)
    assert refused.error.refusal == code
    assert words in refused.error.message


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_client", "unauthorized_client", "invalid_request"])
async def test_every_refusal_of_a_token_ends_the_issuance(world: FakeWorld, wallet: Wallet, code: str) -> None:
    world.answers["POST issuer.test/token"] = lambda request: httpx.Response(400, json={"error": code})
    with pytest.raises(ServiceRefused) as caught:
        await _accept(world, wallet)
    assert caught.value.refusal == code
    assert "with the code" not in caught.value.message
    assert pending_issuances(wallet) == ()
