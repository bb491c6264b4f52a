"""Wallet attestations and their proofs of possession: ours, and everything that must be refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.attestations import PROVIDER, PROVIDER_DID, PROVIDER_METHOD, STRANGER, provider_key
from tests.support.verification import NOW
from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.encoding import base64url_encode
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.client_attestation import (
    ATTESTATION_POP_TYPE,
    POP_WINDOW_SECONDS,
    WALLET_ATTESTATION_TYPE,
    VerifiedWalletAttestation,
    WalletAttestation,
    create_attestation_pop,
    create_challenge_response,
    create_wallet_attestation,
    parse_challenge_response,
    verify_attestation_pop,
    verify_wallet_attestation,
)

SERVER = "https://issuer.test"
CLIENT = "https://wallet.test"
WALLET = P256Signer.generate()
JWK = WALLET.public_key.to_jwk()
CONTENT = WalletAttestation(CLIENT, WALLET.public_key, NOW, NOW + 100, "Sabai")
VERIFIED = VerifiedWalletAttestation(PROVIDER_DID, CLIENT, WALLET.public_key, NOW + 100, "Sabai")
CLAIMS = {"iss": PROVIDER_DID, "sub": CLIENT, "exp": NOW + 100, "cnf": {"jwk": JWK}}
POP = {"iss": CLIENT, "aud": SERVER, "jti": "one", "iat": NOW}


def refusal(text: str) -> str:
    with pytest.raises(ProtocolError) as refused:
        verify_wallet_attestation(text, provider_key=provider_key, now=NOW)
    return refused.value.code


def pop_refusal(text: str) -> str:
    with pytest.raises(ProtocolError) as refused:
        verify_attestation_pop(text, attestation=VERIFIED, expected_audience=SERVER, now=NOW)
    return refused.value.code


def without_none(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}


def test_an_attestation_of_ours() -> None:
    text = create_wallet_attestation(CONTENT, signer=PROVIDER, verification_method=PROVIDER_METHOD)
    assert verify_wallet_attestation(text, provider_key=provider_key, now=NOW + 99) == VERIFIED


@pytest.mark.parametrize(
    "change",
    [
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"sub": "x" * 257},
        {"exp": None},
        {"exp": "soon"},
        {"iat": NOW + 61},
        {"iat": NOW + 61, "exp": NOW},
        {"iss": CLIENT},
        {"cnf": None},
        {"cnf": JWK},
        {"cnf": {"jwk": {**JWK, "d": base64url_encode(WALLET.to_bytes())}}},
        {"cnf": {"jwk": Ed25519Signer.generate().public_key.to_jwk()}},
        {"wallet_name": 5},
        {"wallet_name": "x" * 201},
        {"wallet_name": "\u202eiabaS"},
    ],
)
def test_attestations_that_are_refused(change: dict[str, Any]) -> None:
    header = {"typ": WALLET_ATTESTATION_TYPE, "kid": PROVIDER_METHOD}
    assert refusal(sign_jws(header, without_none(CLAIMS | change), PROVIDER)) == "invalid_client"


def test_an_attestation_that_has_expired() -> None:
    header = {"typ": WALLET_ATTESTATION_TYPE, "kid": PROVIDER_METHOD}
    assert refusal(sign_jws(header, CLAIMS | {"exp": NOW}, PROVIDER)) == "use_fresh_attestation"
    assert refusal(sign_jws(header, CLAIMS | {"exp": NOW}, STRANGER)) == "invalid_client"


def test_another_kind_of_jwt_and_another_signer() -> None:
    header = {"typ": WALLET_ATTESTATION_TYPE, "kid": PROVIDER_METHOD}
    assert refusal(sign_jws({**header, "typ": "key-attestation+jwt"}, CLAIMS, PROVIDER)) == "invalid_client"
    assert refusal(sign_jws(header, CLAIMS, STRANGER)) == "invalid_client"


@pytest.mark.parametrize("challenge", [None, "theirs"])
def test_a_proof_of_ours(challenge: str | None) -> None:
    text = create_attestation_pop(
        WALLET, client_id=CLIENT, audience=SERVER, issued_at=NOW, jti="one", challenge=challenge
    )
    pop = verify_attestation_pop(text, attestation=VERIFIED, expected_audience=SERVER, now=NOW + POP_WINDOW_SECONDS)
    assert (pop.jti, pop.challenge) == ("one", challenge)


def test_a_proof_whose_audience_is_a_list_of_one() -> None:
    text = sign_jws({"typ": ATTESTATION_POP_TYPE}, {**POP, "aud": [SERVER]}, WALLET)
    assert verify_attestation_pop(text, attestation=VERIFIED, expected_audience=SERVER, now=NOW).jti == "one"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": None},
        {"iss": "https://other.test"},
        {"aud": None},
        {"aud": SERVER + "/"},
        {"aud": SERVER + ".evil.test"},
        {"aud": [SERVER, "https://other.test"]},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 257},
        {"iat": None},
        {"iat": NOW - POP_WINDOW_SECONDS - 1},
        {"iat": NOW + POP_WINDOW_SECONDS + 1},
        {"iat": True},
        {"exp": NOW - POP_WINDOW_SECONDS},
        {"exp": "soon"},
        {"challenge": 5},
        {"challenge": ""},
        {"more": "x" * 9000},
    ],
)
def test_proofs_that_are_refused(change: dict[str, Any]) -> None:
    assert pop_refusal(sign_jws({"typ": ATTESTATION_POP_TYPE}, without_none(POP | change), WALLET)) == "invalid_client"


@pytest.mark.parametrize(
    "header", [{"typ": "JWT"}, {"typ": "dpop+jwt"}, {"alg": "none"}, {"alg": "HS256"}, {"crit": ["exp"]}]
)
def test_headers_of_a_proof_that_are_refused(header: dict[str, Any]) -> None:
    assert pop_refusal(sign_jws({"typ": ATTESTATION_POP_TYPE, **header}, POP, WALLET)) == "invalid_client"


def test_a_proof_by_another_key_or_with_a_key_of_its_own() -> None:
    header = {"typ": ATTESTATION_POP_TYPE, "jwk": STRANGER.public_key.to_jwk()}
    assert pop_refusal(sign_jws(header, POP, STRANGER)) == "invalid_client"


def test_challenges() -> None:
    assert parse_challenge_response(create_challenge_response("theirs")) == "theirs"
    for answer in ({}, {"attestation_challenge": ""}, {"attestation_challenge": 5}):
        with pytest.raises(ProtocolError) as refused:
            parse_challenge_response(answer)
        assert refused.value.code == "server_error"
