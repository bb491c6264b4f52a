"""did:key and did:jwk: vectors of the methods, round trips, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from vc_core.crypto.keys import Ed25519Signer, KeyFormatError, P256Signer, PublicKey
from vc_core.crypto.secp256k1 import Secp256k1PublicKey
from vc_core.did.document import KeyFormat, ShownKey, parse_jwk, parse_multikey
from vc_core.did.jwk import MAX_JWK_BYTES, JwkDids, create_did_jwk, parse_did_jwk
from vc_core.did.key import KeyDids, create_did_key, parse_did_key
from vc_core.did.multibase import multibase_encode
from vc_core.did.resolution import ResolutionError, ResolutionOptions
from vc_core.did.resolver import DidResolver
from vc_core.encoding import base64url_encode

RESOLVER = DidResolver({"key": KeyDids(), "jwk": JwkDids()})

# The examples of the did:key method, v0.9, by key type; of two, the JWK's x too.
ED25519 = {
    "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp": "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik",
    "did:key:z6MkjchhfUsD6mmvni8mCdXHw216Xrm9bQe2mBH1P5RDjVJG": "TLWr9q15-_WrvMr8wmnYXNJlHtS4hbWGnyQa7fCluik",
}
ED25519_3 = "did:key:z6MknGc3ocHs3zdPiJbnaaqDi58NGb4pk1Sp9WxWufuXSdxf"
P256 = [
    "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
    "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv",
]
SECP256K1 = [
    "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
    "did:key:zQ3shtxV1FrJfhqE1dvxYRcCknWNjHc3c5X1y3ZSoPDi2aur2",
    "did:key:zQ3shZc2QzApp2oymGvQbzP8eKheVshBHbU4ZYjeXqwSKEn6N",
]
# The P-256 example of the did:jwk method.
DID_JWK = (
    "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5"
    "IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
)


def point(scalar: int) -> Secp256k1PublicKey:
    """The public key of a private one."""
    key = ec.derive_private_key(scalar, ec.SECP256K1()).public_key()
    return Secp256k1PublicKey(key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint))


KEYS = st.one_of(
    st.binary(min_size=32, max_size=32).map(lambda seed: Ed25519Signer(seed).public_key),
    st.integers(1, 2**200).map(lambda scalar: P256Signer.from_bytes(scalar.to_bytes(32, "big")).public_key),
    st.integers(1, 2**200).map(point),
)


def jwk_did(jwk: Any) -> str:
    return "did:jwk:" + base64url_encode(json.dumps(jwk).encode())


async def error_of(did: str, **options: Any) -> ResolutionError | None:
    """The error of a resolution; the document is there exactly when there is none."""
    result = await RESOLVER.resolve(did, ResolutionOptions(**options))
    assert (result.document is None) == (result.error is not None)
    return result.error


@pytest.mark.parametrize("did", [*ED25519, ED25519_3, *P256, *SECP256K1])
async def test_the_documents_of_the_methods_examples(did: str) -> None:
    document = (await RESOLVER.resolve(did)).to_json()["didDocument"]

    multibase = did.removeprefix("did:key:")
    method = f"{did}#{multibase}"
    assert document == {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [{"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": multibase}],
        "authentication": [method],
        "assertionMethod": [method],
        "capabilityInvocation": [method],
        "capabilityDelegation": [method],
    }


@pytest.mark.parametrize(("did", "x"), ED25519.items())
def test_the_keys_of_the_examples(did: str, x: str) -> None:
    assert parse_did_key(did).to_jwk() == {"kty": "OKP", "crv": "Ed25519", "x": x}


@pytest.mark.parametrize("did", SECP256K1)
async def test_a_secp256k1_key_is_shown_and_nothing_to_verify_with(did: str) -> None:
    document = (await RESOLVER.resolve(did)).document

    assert document is not None
    assert document.verification_methods[0].public_key is None
    assert document.verification_methods[0].secp256k1_key == parse_did_key(did)


async def test_the_document_of_the_jwk_methods_example() -> None:
    document = (await RESOLVER.resolve(DID_JWK)).to_json()["didDocument"]

    method = DID_JWK + "#0"
    assert document == {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"],
        "id": DID_JWK,
        "verificationMethod": [
            {
                "id": method,
                "type": "JsonWebKey2020",
                "controller": DID_JWK,
                "publicKeyJwk": {
                    "kty": "EC",
                    "crv": "P-256",
                    "x": "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0",
                    "y": "_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE",
                },
            }
        ],
        "authentication": [method],
        "assertionMethod": [method],
        "capabilityInvocation": [method],
        "capabilityDelegation": [method],
        "keyAgreement": [method],
    }


@given(KEYS)
def test_any_key_there_and_back(key: ShownKey) -> None:
    assert parse_did_key(create_did_key(key)) == key
    assert create_did_key(parse_did_key(create_did_key(key))) == create_did_key(key)
    assert parse_did_jwk(create_did_jwk(key)) == (key, None)
    assert parse_jwk(key.to_jwk()) == key
    assert parse_multikey(key.to_multikey()) == key


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(value: bytes) -> None:
    try:
        key = parse_multikey(value)
    except KeyFormatError:
        return
    assert key.to_multikey() == value


KEY = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"


@pytest.mark.parametrize(
    "rest",
    [
        KEY[1:],  # no multibase prefix
        "m" + KEY[1:],  # another base
        KEY[:-1],
        KEY + "1",
        KEY.replace("M", "0"),
        "1.1:" + KEY,  # a version part
        KEY + ":" + KEY,
        "z",
        "z" + "1" * 500,
        multibase_encode(b"\xed\x01" + bytes(31)),
        multibase_encode(b"\xed\x01" + bytes(33)),
        multibase_encode(b"\xed" + bytes(32)),  # the codec not as a varint
        multibase_encode(b"\x80\x24\x02" + b"\xff" * 32),  # not on P-256
        multibase_encode(b"\x80\x24\x04" + bytes(64)),  # not compressed
        multibase_encode(b"\xe7\x01\x02" + b"\xff" * 32),  # not on secp256k1
        multibase_encode(b"\xe7\x01" + bytes(33)),
        multibase_encode(b"\x80\xa6\x01" + bytes(32)),  # a private key's codec
    ],
)
async def test_what_is_no_did_key(rest: str) -> None:
    assert await error_of("did:key:" + rest) is ResolutionError.INVALID_DID


async def test_p384_as_the_method_writes_it() -> None:
    did = "did:key:z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9"
    document = (await RESOLVER.resolve(did)).document

    assert document is not None
    assert document.to_json()["verificationMethod"][0]["publicKeyMultibase"] == did.removeprefix("did:key:")
    jwk = document.with_key_format(KeyFormat.JSON_WEB_KEY).to_json()["verificationMethod"][0]["publicKeyJwk"]
    assert (jwk["crv"], jwk["x"]) == ("P-384", "lInTxl8fjLKp_UCrxI0WDklahi-7-_6JbtiHjiRvMvhedhKVdHBfi2HCY8t_QJyc")


async def test_keys_that_the_methods_have_and_we_do_not() -> None:
    x25519 = "did:key:" + multibase_encode(b"\xec\x01" + bytes(32))
    rsa = jwk_did({"kty": "RSA", "n": "AQAB", "e": "AQAB"})
    encryption = jwk_did({"kty": "OKP", "crv": "X25519", "use": "enc", "x": base64url_encode(bytes(32))})

    for did in (x25519, rsa, encryption):
        assert await error_of(did) is ResolutionError.FEATURE_NOT_SUPPORTED


JWK = Ed25519Signer(bytes(32)).public_key.to_jwk()
EC_JWK = P256Signer.from_bytes(b"\1" * 32).public_key.to_jwk()


@pytest.mark.parametrize(
    "jwk",
    [
        JWK | {"d": base64url_encode(bytes(32))},
        EC_JWK | {"d": ""},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "p": "AQAB"},
        JWK | {"x": JWK["x"] + "="},
        JWK | {"x": JWK["x"][:-2]},
        JWK | {"x": 1},
        JWK | {"crv": ["Ed25519"]},
        JWK | {"kty": None},
        JWK | {"use": "both"},
        JWK | {"use": {}},
        EC_JWK | {"y": EC_JWK["x"]},
        EC_JWK | {"crv": "secp256k1"},
        {key: EC_JWK[key] for key in ("kty", "crv", "x")},
        JWK | {"note": "a" * MAX_JWK_BYTES},
        {},
        [JWK],
        "text",
    ],
)
async def test_what_is_no_public_jwk(jwk: Any) -> None:
    assert await error_of(jwk_did(jwk)) is ResolutionError.INVALID_DID


@pytest.mark.parametrize(
    "rest",
    [
        base64url_encode(b'{"kty":"OKP","kty":"OKP"}'),
        base64url_encode(b"{"),
        base64url_encode(b"\xff"),
        DID_JWK[8:] + "=",
        DID_JWK[8:-1],
        "a",
        base64url_encode(b"[" * 500),
    ],
)
async def test_what_is_no_json_in_base64url(rest: str) -> None:
    assert await error_of("did:jwk:" + rest) is ResolutionError.INVALID_DID


async def test_the_use_of_a_jwk_decides_on_the_relationships() -> None:
    for use, signs, agrees in (("sig", True, False), ("enc", False, True)):
        document = (await RESOLVER.resolve(jwk_did(EC_JWK | {"use": use}))).document
        assert document is not None
        assert bool(document.assertion_method) == bool(document.authentication) == signs
        assert bool(document.key_agreement) == agrees
    signing = (await RESOLVER.resolve(jwk_did(JWK))).document
    assert signing is not None
    assert signing.key_agreement == ()


async def test_what_somebody_adds_to_a_jwk_is_not_repeated() -> None:
    did = jwk_did(JWK | {"kid": "<script>", "x5u": "https://a.test", "alg": "none"})

    shown = (await RESOLVER.resolve(did)).to_json()["didDocument"]["verificationMethod"][0]["publicKeyJwk"]

    assert shown == JWK


async def test_these_dids_have_no_versions() -> None:
    for did in (DID_JWK, *ED25519):
        assert await error_of(did, version_id="1") is ResolutionError.FEATURE_NOT_SUPPORTED
        assert await error_of(did, version_time=1) is ResolutionError.FEATURE_NOT_SUPPORTED


async def test_either_way_of_writing_keys() -> None:
    as_jwk = await RESOLVER.resolve(P256[0], ResolutionOptions(key_format=KeyFormat.JSON_WEB_KEY))
    as_multikey = await RESOLVER.resolve(DID_JWK, ResolutionOptions(key_format=KeyFormat.MULTIKEY))

    assert as_jwk.to_json()["didDocument"]["verificationMethod"][0]["publicKeyJwk"] == parse_did_key(P256[0]).to_jwk()
    key = PublicKey.from_jwk(parse_did_jwk(DID_JWK)[0].to_jwk())
    expected = create_did_key(key).removeprefix("did:key:")
    assert as_multikey.to_json()["didDocument"]["verificationMethod"][0]["publicKeyMultibase"] == expected
