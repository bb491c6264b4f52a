"""Accepting an offer from an issuer in memory: what is asked, what is stored, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.wallet_sdk.fakes import (
    ALL_CONFIGURATIONS,
    CLAIMS,
    ISSUER,
    OFFICE,
    OFFICE_NAME,
    PASSPHRASE,
    TX_CODE,
    FakeWorld,
)
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer, PublicKey
from vc_core.errors import (
    FetchBlocked,
    FetchFailed,
    InvalidRequest,
    ProtocolError,
    ReasonCode,
    Rejection,
    ServiceRefused,
)
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.presentation import parse_presentation
from vc_core.http import HttpClient
from vc_core.protocols.openid4vci.offer import CredentialOffer, CredentialOfferUri
from wallet_sdk.issuance import (
    Issuance,
    accept_offer,
    describe_offer,
    fetch_offer,
    offer_host,
    pending_issuances,
    read_offer,
    resume_issuance,
)
from wallet_sdk.presentation import create_jwt_presentation, create_linked_data_presentation
from wallet_sdk.registry import load_trust
from wallet_sdk.wallet import Wallet


async def _accept(world: FakeWorld, wallet: Wallet, tx_code: str | None = TX_CODE) -> Issuance:
    described = await describe_offer(world.http, await fetch_offer(world.http, read_offer(world.link())))
    trust = await load_trust(wallet, world.http, now=world.clock())
    return await accept_offer(wallet, world.http, described, tx_code=tx_code, trust=trust, clock=world.clock)


async def test_takes_both_types_in_both_formats(world: FakeWorld, wallet: Wallet, tmp_path: Path) -> None:
    issuance = await _accept(world, wallet)
    assert issuance.refused == ()
    assert issuance.stored == wallet.credentials
    assert {f"{each.vct.split(':')[3]}_{each.format}" for each in wallet.credentials} == set(ALL_CONFIGURATIONS)
    for each in wallet.credentials:
        assert (each.issuer, each.issuer_name) == (OFFICE, OFFICE_NAME)
        assert each.claims["name"] == "မောင်မောင်"
    wallet.close()
    with Wallet.open(tmp_path / "wallet", PASSPHRASE, read_only=True) as again:
        assert again.credentials == issuance.stored


async def test_each_credential_has_a_key_of_its_own(world: FakeWorld, wallet: Wallet) -> None:
    await _accept(world, wallet)
    assert len(set(world.holder_keys)) == 4
    assert [each.signer().public_key for each in wallet.credentials] == world.holder_keys


async def test_w1_nothing_is_fetched_before_consent(world: FakeWorld) -> None:
    offer = read_offer(world.link())
    assert isinstance(offer, CredentialOfferUri)
    assert offer_host(offer) == "issuer.test"
    assert world.requests == []
    fetched = await fetch_offer(world.http, offer)
    assert world.paths == ["GET issuer.test/offers/1"]
    described = await describe_offer(world.http, fetched)
    assert described.issuer_host == "issuer.test"
    assert described.tx_code is not None
    assert [each.credential_configuration_id for each in described.credentials] == list(ALL_CONFIGURATIONS)
    assert not any(each.method == "POST" for each in world.requests)


def test_an_offer_by_value_or_by_plain_address(world: FakeWorld) -> None:
    assert isinstance(read_offer(world.link(by_reference=False)), CredentialOffer)
    assert read_offer(f" {ISSUER}/offers/1\n") == CredentialOfferUri(ISSUER + "/offers/1")
    assert world.requests == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "openid-credential-offer://?credential_offer_uri=file%3A%2F%2F%2Fetc%2Fpasswd",
        "openid-credential-offer://?credential_offer_uri=http%3A%2F%2F10.0.0.1%2F",
        "https://user:secret@issuer.test/offers/1",
        "http://issuer.test/offers/1",
    ],
)
def test_what_is_no_offer_is_refused_unasked(text: str) -> None:
    with pytest.raises(ProtocolError):
        read_offer(text)


@pytest.mark.parametrize("host", ["127.0.0.1:9", "169.254.169.254", "[::1]:9", "10.0.0.1", "localhost:9"])
async def test_w2_an_offer_cannot_point_inside(host: str) -> None:
    http = HttpClient()
    with pytest.raises((FetchBlocked, FetchFailed)):
        await fetch_offer(http, CredentialOfferUri(f"https://{host}/offer"))
    await http.close()


@pytest.mark.parametrize(
    "route",
    [
        "GET issuer.test/offers/1",
        "GET issuer.test/.well-known/openid-credential-issuer",
        "GET issuer.test/.well-known/oauth-authorization-server",
        "POST issuer.test/token",
    ],
)
async def test_w6_redirects_are_not_followed(world: FakeWorld, wallet: Wallet, route: str) -> None:
    world.answers[route] = lambda request: httpx.Response(307, headers={"Location": "https://elsewhere.test/"})
    with pytest.raises(ServiceRefused):
        await _accept(world, wallet)
    assert not any("elsewhere" in path for path in world.paths)
    assert wallet.credentials == ()


async def test_the_transaction_code_is_asked_for_before_anything_is_spent(world: FakeWorld, wallet: Wallet) -> None:
    with pytest.raises(InvalidRequest, match="transaction code"):
        await _accept(world, wallet, tx_code=None)
    assert "POST issuer.test/token" not in world.paths


async def test_a_wrong_transaction_code(world: FakeWorld, wallet: Wallet) -> None:
    with pytest.raises(ServiceRefused, match="transaction code") as caught:
        await _accept(world, wallet, tx_code="000000")
    assert caught.value.refusal == "invalid_grant"
    assert "\x1b" not in str(caught.value)
    assert (await _accept(world, wallet)).refused == ()


async def test_a_needless_transaction_code_is_not_sent(world: FakeWorld, wallet: Wallet) -> None:
    world.settings.tx_code = None
    assert len((await _accept(world, wallet)).stored) == 4


async def test_a_used_offer(world: FakeWorld, wallet: Wallet) -> None:
    await _accept(world, wallet)
    with pytest.raises(ServiceRefused) as caught:
        await _accept(world, wallet)
    assert caught.value.refusal == "invalid_grant"
    assert len(wallet.credentials) == 4


async def test_stale_trust_is_noticed_before_the_code_is_spent(world: FakeWorld, wallet: Wallet) -> None:
    described = await describe_offer(world.http, world.offer())
    trust = world.trust()
    world.clock.advance(25 * 3600)
    with pytest.raises(Rejection) as caught:
        await accept_offer(wallet, world.http, described, tx_code=TX_CODE, trust=trust, clock=world.clock)
    assert caught.value.code is ReasonCode.STALE_TRUST
    assert world.unspent_codes == {"the-code"}


def _another_key(world: FakeWorld, configuration_id: str, holder_key: PublicKey) -> str:
    return world.issue_one(configuration_id, P256Signer.generate().public_key)


def _forged(world: FakeWorld, configuration_id: str, holder_key: PublicKey) -> str:
    return world.issue_one(configuration_id, holder_key, signer=P256Signer.generate())


def _unknown_issuer(world: FakeWorld, configuration_id: str, holder_key: PublicKey) -> str:
    stranger = OFFICE.rpartition(":")[0] + ":0x" + "22" * 20
    return world.issue_one(configuration_id, holder_key, verification_method=stranger + "#delegate-1")


def _another_type(world: FakeWorld, configuration_id: str, holder_key: PublicKey) -> str:
    other = configuration_id.replace("InsuranceCoverage", "HealthId")
    return world.issue_one(other if other != configuration_id else "InsuranceCoverage_" + other[9:], holder_key)


def _another_format(world: FakeWorld, configuration_id: str, holder_key: PublicKey) -> str:
    name, _, format_name = configuration_id.partition("_")
    return world.issue_one(f"{name}_{'qr_pass' if format_name == 'dc+sd-jwt' else 'dc+sd-jwt'}", holder_key)


def _expired(world: FakeWorld, configuration_id: str, holder_key: PublicKey) -> str:
    now = world.clock.now
    return world.issue_one(configuration_id, holder_key, issued_at=now - 100, expires_at=now)


def _early(world: FakeWorld, configuration_id: str, holder_key: PublicKey) -> str:
    return world.issue_one(configuration_id, holder_key, issued_at=world.clock.now + 3600)


def _noise(world: FakeWorld, configuration_id: str, holder_key: PublicKey) -> str:
    return "<html>"


def _huge(world: FakeWorld, configuration_id: str, holder_key: PublicKey) -> str:
    return "A" * 100_000


BAD: list[tuple[Any, set[ReasonCode]]] = [
    (_another_key, {ReasonCode.HOLDER_KEY}),
    (_forged, {ReasonCode.BAD_SIGNATURE}),
    (_unknown_issuer, {ReasonCode.UNKNOWN_ISSUER}),
    (_another_type, {ReasonCode.NOT_A_CREDENTIAL}),
    (_another_format, {ReasonCode.NOT_A_CREDENTIAL}),
    (_expired, {ReasonCode.EXPIRED_CREDENTIAL}),
    (_early, {ReasonCode.NOT_YET_VALID, ReasonCode.UNTRUSTED_ISSUER}),
    (_noise, {ReasonCode.NOT_A_CREDENTIAL, ReasonCode.MALFORMED}),
    (_huge, {ReasonCode.TOO_LARGE}),
]


@pytest.mark.parametrize("configuration_id", ALL_CONFIGURATIONS)
@pytest.mark.parametrize(("make", "codes"), BAD, ids=[each[0].__name__ for each in BAD])
async def test_w8_a_bad_credential_is_not_stored_and_says_why(
    world: FakeWorld, wallet: Wallet, make: Any, codes: set[ReasonCode], configuration_id: str
) -> None:
    world.bend = lambda asked, holder_key, issued: (
        make(world, asked, holder_key) if asked == configuration_id else issued
    )
    issuance = await _accept(world, wallet)
    assert len(issuance.stored) == 3
    (refused,) = issuance.refused
    assert refused.offered.credential_configuration_id == configuration_id
    assert isinstance(refused.error, Rejection)
    assert refused.error.code in codes
    assert wallet.credentials == issuance.stored
    # The key was shown to that issuer, so it serves for nothing else.
    assert wallet.sessions("issuance") == ()


async def test_an_unaccredited_issuer(world: FakeWorld, wallet: Wallet) -> None:
    world.accredited = False
    issuance = await _accept(world, wallet)
    assert issuance.stored == ()
    assert {each.error.code for each in issuance.refused} == {ReasonCode.UNTRUSTED_ISSUER}


async def test_a_credential_with_a_claim_missing(world: FakeWorld, wallet: Wallet) -> None:
    """An SD-JWT may withhold claims from a verifier; from its own holder it may not."""

    def withhold(configuration_id: str, holder_key: PublicKey, issued: str) -> str:
        if "dc+sd-jwt" not in configuration_id:
            return issued
        parts = issued.split("~")
        return "~".join([parts[0], *parts[2:]])

    world.bend = withhold
    issuance = await _accept(world, wallet)
    assert {each.format for each in issuance.stored} == {"qr_pass"}
    assert {each.error.code for each in issuance.refused} == {ReasonCode.MALFORMED}


async def test_what_one_request_does_wrong_leaves_the_others(world: FakeWorld, wallet: Wallet) -> None:
    answered: list[int] = []

    def fail_once(request: httpx.Request) -> httpx.Response:
        answered.append(1)
        if len(answered) == 2:
            raise httpx.ConnectError("gone")
        return world.credential(request)

    world.answers["POST issuer.test/credential"] = fail_once
    issuance = await _accept(world, wallet)
    assert len(issuance.stored) == 3
    assert issuance.refused == ()
    [waiting] = issuance.waiting
    assert isinstance(waiting.error, FetchFailed)
    # Its key was never bound to anything, so it serves when the credential is asked for again.
    [pending] = pending_issuances(wallet)
    (signer,) = pending.credentials[1].signers()
    resumed = await resume_issuance(wallet, world.http, pending.id, trust=world.trust(), clock=world.clock)
    assert [each.signer().public_key for each in resumed.stored] == [signer.public_key]
    assert len(wallet.credentials) == 4
    assert pending_issuances(wallet) == ()


async def test_the_key_is_saved_before_the_request_goes_out(world: FakeWorld, wallet: Wallet, tmp_path: Path) -> None:
    world.offered = ("InsuranceCoverage_qr_pass",)
    seen: list[PublicKey] = []

    def look(request: httpx.Request) -> httpx.Response:
        with Wallet.open(tmp_path / "wallet", PASSPHRASE, read_only=True) as saved:
            [pending] = pending_issuances(saved)
        answer = world.credential(request)
        seen.extend(each.public_key for each in pending.credentials[0].signers())
        return answer

    world.answers["POST issuer.test/credential"] = look
    await _accept(world, wallet)
    assert seen == world.holder_keys
    assert pending_issuances(wallet) == ()


async def test_json_ld_is_held_like_the_others_and_shown_with_a_challenge(world: FakeWorld, wallet: Wallet) -> None:
    world.offered = ("HealthId_ldp_vc",)
    [held] = (await _accept(world, wallet)).stored
    assert (held.format, held.vct) == (CredentialFormat.LDP_VC, HEALTH_ID.vct)
    presented = create_linked_data_presentation(
        wallet, HEALTH_ID, now=world.clock(), audience="https://v.example", nonce="n"
    )
    presentation = parse_presentation(presented)
    presentation.signed.verify(held.signer().public_key)
    assert (presentation.audience, presentation.nonce) == ("https://v.example", "n")
    assert presentation.credential.claims == held.claims


async def test_jwt_for_verifiers_without_sd_jwt_is_held_like_the_others(world: FakeWorld, wallet: Wallet) -> None:
    world.offered = ("HealthId_jwt_vc_json",)
    [held] = (await _accept(world, wallet)).stored
    assert (held.format, held.vct) == (CredentialFormat.JWT_VC_JSON, HEALTH_ID.vct)
    presented = create_jwt_presentation(wallet, HEALTH_ID, now=world.clock(), audience="https://v.example", nonce="n")
    presentation = parse_presentation(presented)
    presentation.signed.verify(held.signer().public_key)
    assert (presentation.audience, presentation.nonce) == ("https://v.example", "n")
    assert presentation.credential.claims == held.claims


async def test_offers_of_what_this_wallet_does_not_know(world: FakeWorld, wallet: Wallet) -> None:
    unknown = ("Diploma_ldp_vc", "VisitReceipt_qr_pass")  # of visit receipts there are no QR passes
    world.offered = (*unknown, "InsuranceCoverage_qr_pass")
    described = await describe_offer(world.http, world.offer())
    assert described.not_understood == unknown
    assert len((await _accept(world, wallet)).stored) == 1
    world.offered = ("Diploma_ldp_vc",)
    with pytest.raises(ProtocolError) as caught:
        await describe_offer(world.http, world.offer())
    assert caught.value.code == "unknown_credential_configuration"


async def test_metadata_of_another_issuer(world: FakeWorld) -> None:
    world.answers["GET issuer.test/.well-known/openid-credential-issuer"] = lambda request: httpx.Response(
        200, json={"credential_issuer": "https://elsewhere.test"}
    )
    with pytest.raises(ProtocolError):
        await describe_offer(world.http, world.offer())


async def test_the_claims_are_those_issued(world: FakeWorld, wallet: Wallet) -> None:
    await _accept(world, wallet)
    for each in wallet.credentials:
        expected = CLAIMS[each.vct]
        if each.format == "qr_pass":
            names = {claim.name for claim in INSURANCE_COVERAGE.claims if claim.qr_key} & expected.keys()
            assert set(each.claims) == names
        assert each.claims.items() <= expected.items()
