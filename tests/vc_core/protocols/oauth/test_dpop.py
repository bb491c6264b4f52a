"""DPoP proofs: the RFC's own, ours, and everything that must be refused (rows I8 and J12 of the security model)."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.encoding import base64url_encode, compact_json
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.dpop import DPOP_WINDOW_SECONDS, create_dpop_proof, verify_dpop_proof

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "oauth" / "dpop.json").read_text("utf-8"))
NOW = 1_790_000_000
URL = "https://issuer.test/credential"
KEY = P256Signer.generate()
HEADER = {"typ": "dpop+jwt", "jwk": KEY.public_key.to_jwk()}
CLAIMS = {"jti": "one", "htm": "POST", "htu": URL, "iat": NOW}


def refusal(text: str, **expected: Any) -> str:
    """The code with which a proof is refused."""
    expected |= {"expected_method": "POST", "expected_url": URL, "now": NOW}
    with pytest.raises(ProtocolError) as refused:
        verify_dpop_proof(text, **expected)
    return refused.value.code


@pytest.mark.parametrize("name", ["token_request", "resource_request"])
def test_the_proofs_of_the_rfc(name: str) -> None:
    vector = VECTORS[name]
    proof = verify_dpop_proof(
        vector["proof"],
        expected_method=vector["method"],
        expected_url=vector["url"],
        now=vector["iat"],
        access_token=vector.get("access_token"),
    )
    assert (proof.jkt, proof.jti, proof.nonce) == (VECTORS["jkt"], vector["jti"], None)


def test_a_proof_of_ours() -> None:
    url = URL + "?a=1#b"
    proof = create_dpop_proof(
        KEY, method="POST", url=url, issued_at=NOW, jti="one", access_token="token", nonce="theirs"
    )
    verified = verify_dpop_proof(
        proof, expected_method="POST", expected_url=url, now=NOW + DPOP_WINDOW_SECONDS, access_token="token"
    )
    assert (verified.jkt, verified.jti, verified.nonce) == (KEY.public_key.thumbprint(), "one", "theirs")


@pytest.mark.parametrize(
    "htu",
    [
        "HTTPS://ISSUER.test/credential",
        "https://issuer.test:443/credential",
        "https://issuer.test/credential?x=1",
        "https://issuer.test/credential#x",
        "https://issuer.test/%63redential",
        "https://issuer.test/a/../credential",
        "https://issuer.test/./credential",
    ],
)
def test_spellings_of_the_same_address(htu: str) -> None:
    text = sign_jws(HEADER, {**CLAIMS, "htu": htu}, KEY)
    assert verify_dpop_proof(text, expected_method="POST", expected_url=URL, now=NOW).jti == "one"


@pytest.mark.parametrize(
    "htu",
    [
        None,
        7,
        "",
        "credential",
        "https://issuer.test/credential/",
        "https://issuer.test/Credential",
        "https://issuer.test/credential%2F",
        "https://issuer.test/token",
        "https://issuer.test:8443/credential",
        "https://issuer.test:x/credential",
        "https://issuer.test.evil.test/credential",
        "https://issuer.test@evil.test/credential",
        "https://evil@issuer.test/credential",
        "http://issuer.test/credential",
        "https://[::1/credential",
        "https://issuer.test/cred\nential",
        "https://issuer.test/" + "a" * 3000,
    ],
)
def test_addresses_of_another_request(htu: Any) -> None:
    assert refusal(sign_jws(HEADER, {**CLAIMS, "htu": htu}, KEY)) == "invalid_dpop_proof"


@pytest.mark.parametrize(
    "change",
    [
        {"htm": "GET"},
        {"htm": "post"},
        {"htm": None},
        {"iat": NOW - DPOP_WINDOW_SECONDS - 1},
        {"iat": NOW + DPOP_WINDOW_SECONDS + 1},
        {"iat": str(NOW)},
        {"iat": True},
        {"iat": None},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"jti": "x" * 257},
        {"nonce": 5},
        {"nonce": ""},
        {"nonce": "x" * 3000},
    ],
)
def test_claims_that_are_refused(change: dict[str, Any]) -> None:
    claims = {name: value for name, value in (CLAIMS | change).items() if value is not None}
    assert refusal(sign_jws(HEADER, claims, KEY)) == "invalid_dpop_proof"


@pytest.mark.parametrize("access_token", [None, "another"])
def test_a_proof_for_no_token_or_another(access_token: str | None) -> None:
    proof = create_dpop_proof(KEY, method="POST", url=URL, issued_at=NOW, jti="one", access_token=access_token)
    assert refusal(proof, access_token="token") == "invalid_dpop_proof"


@pytest.mark.parametrize(
    "change",
    [
        {"typ": "JWT"},
        {"typ": "openid4vci-proof+jwt"},
        {"typ": None},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "EdDSA"},
        {"crit": ["exp"]},
        {"crit": []},
        {"jku": "https://evil.test/keys"},
        {"x5u": "https://evil.test/certificate"},
        {"jwk": None},
        {"jwk": "key"},
        {"jwk": {**KEY.public_key.to_jwk(), "d": base64url_encode(KEY.to_bytes())}},
        {"jwk": {**KEY.public_key.to_jwk(), "k": "c2VjcmV0"}},
        {"jwk": {"kty": "oct", "k": "c2VjcmV0"}},
        {"jwk": P256Signer.generate().public_key.to_jwk()},
        {"jwk": Ed25519Signer.generate().public_key.to_jwk()},
    ],
)
def test_headers_that_are_refused(change: dict[str, Any]) -> None:
    header = {name: value for name, value in (HEADER | change).items() if value is not None}
    assert refusal(sign_jws(header, CLAIMS, KEY)) == "invalid_dpop_proof"


def test_a_proof_by_another_algorithm() -> None:
    other = Ed25519Signer.generate()
    text = sign_jws({"typ": "dpop+jwt", "jwk": other.public_key.to_jwk()}, CLAIMS, other)
    assert refusal(text) == "invalid_dpop_proof"


def test_a_changed_proof() -> None:
    header, _, signature = sign_jws(HEADER, CLAIMS, KEY).split(".")
    payload = base64url_encode(compact_json({**CLAIMS, "jti": "two"}))
    assert refusal(f"{header}.{payload}.{signature}") == "invalid_dpop_proof"
    assert refusal(sign_jws(HEADER, {**CLAIMS, "more": "x" * 9000}, KEY)) == "invalid_dpop_proof"


@given(st.text(max_size=200))
def test_any_text_is_a_refusal(text: str) -> None:
    assert refusal(text) == "invalid_dpop_proof"


@given(st.text(max_size=100))
def test_any_address_is_taken_or_refused(address: str) -> None:
    for htu in (address, "https://issuer.test/" + address):
        with suppress(ProtocolError):
            verify_dpop_proof(
                sign_jws(HEADER, {**CLAIMS, "htu": htu}, KEY), expected_method="POST", expected_url=URL, now=NOW
            )
