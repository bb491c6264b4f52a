"""COSE_Sign1 and COSE_Key: the example of RFC 8392, both algorithms, and single faults."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.crypto.cbor import encode_cbor
from vc_core.crypto.cose import CoseError, from_cose_key, parse_sign1, parse_sign1_array, sign_sign1, to_cose_key
from vc_core.crypto.keys import Ed25519Signer, KeyFormatError, P256Signer, SignatureInvalid, Signer
from vc_core.encoding import base64url_decode

P256 = P256Signer.from_bytes(bytes([7]) * 32)
ED25519 = Ed25519Signer(bytes([8]) * 32)
SIGNERS = pytest.mark.parametrize("signer", [P256, ED25519], ids=["ES256", "EdDSA"])

# RFC 8392 appendices A.2.3 and A.3: a key, and a CWT signed with it.
RFC_KEY = {
    1: 2,
    -1: 1,
    -2: bytes.fromhex("143329cce7868e416927599cf65a34f3ce2ffda55a7eca69ed8919a394d42f0f"),
    -3: bytes.fromhex("60f7f1a780d8a783bfb7a2dd6b2796e8128dbbcef9d3d168db9529971a36e7b9"),
}
RFC_PAYLOAD = bytes.fromhex(
    "a70175636f61703a2f2f61732e6578616d706c652e636f6d02656572696b77037818636f61703a2f2f6c696768742e6578616d706c652e63"
    "6f6d041a5612aeb0051a5610d9f0061a5610d9f007420b71"
)
RFC_SIGNATURE = bytes.fromhex(
    "5427c1ff28d23fbad1f29c4c7c6a555e601d6fa29f9179bc3d7438bacaca5acd08c8d4d4f96131680c429a01f85951ecee743a52b9b63632"
    "c57209120e1c9e30"
)


def test_verifies_the_example_of_rfc_8392() -> None:
    # Its kid is in the unprotected header, which is not signed and which we do not take: it is left out here.
    message = parse_sign1_array([bytes.fromhex("a10126"), {}, RFC_PAYLOAD, RFC_SIGNATURE])
    from_cose_key(RFC_KEY).verify(message.signature, message.message)


def test_refuses_the_example_of_rfc_8392_with_its_unprotected_header() -> None:
    with pytest.raises(CoseError):
        parse_sign1_array([bytes.fromhex("a10126"), {4: b"AsymmetricECDSA256"}, RFC_PAYLOAD, RFC_SIGNATURE])


@SIGNERS
@pytest.mark.parametrize("tagged", [True, False])
def test_parses_and_verifies_what_it_signs(signer: Signer, tagged: bool) -> None:
    data = sign_sign1({16: 61, 4: b"key"}, b"payload", signer, tagged=tagged)
    parsed = parse_sign1(data, tagged=tagged)
    signer.public_key.verify(parsed.signature, parsed.message)
    assert parsed.algorithm is signer.public_key.algorithm
    assert parsed.payload == b"payload"
    assert {key: parsed.protected[key] for key in (4, 16)} == {4: b"key", 16: 61}


@SIGNERS
def test_header_and_payload_are_signed(signer: Signer) -> None:
    data = cbor2.loads(sign_sign1({16: 61}, b"payload", signer, tagged=False))
    for position, other in ((0, encode_cbor({1: cbor2.loads(data[0])[1], 16: 62})), (2, b"Payload")):
        changed = parse_sign1_array([other if index == position else part for index, part in enumerate(data)])
        with pytest.raises(SignatureInvalid):
            signer.public_key.verify(changed.signature, changed.message)


@pytest.mark.parametrize("tagged", [True, False])
def test_takes_the_tag_only_where_it_is_asked_for(tagged: bool) -> None:
    data = sign_sign1({}, b"payload", P256, tagged=not tagged)
    with pytest.raises(CoseError):
        parse_sign1(data, tagged=tagged)


GOOD: dict[str, Any] = {"protected": {1: -7}, "unprotected": {}, "payload": b"p", "signature": bytes(64)}
FAULTS: dict[str, dict[str, Any]] = {
    "no algorithm": {"protected": {}},
    "algorithm none": {"protected": {1: 0}},
    "algorithm as text": {"protected": {1: "ES256"}},
    "ES384": {"protected": {1: -35}},
    "ES256K": {"protected": {1: -47}},
    "HMAC 256/256": {"protected": {1: 5}},
    "algorithm as array": {"protected": {1: [-7]}},
    "crit": {"protected": {1: -7, 2: [4]}},
    "empty crit": {"protected": {1: -7, 2: []}},
    "protected header as map": {"header": {1: -7}},
    "empty protected header": {"header": b""},
    "protected header of an array": {"header": b"\x81\x26"},
    "protected header with bytes after it": {"header": b"\xa1\x01\x26\x00"},
    "protected header with a key twice": {"header": b"\xa2\x01\x26\x01\x27"},
    "protected header in a longer form": {"header": b"\xa1\x01\x38\x06"},
    "algorithm in the unprotected header": {"unprotected": {1: -7}},
    "unprotected header null": {"unprotected": None},
    "unprotected header an array": {"unprotected": []},
    "detached payload": {"payload": None},
    "payload as text": {"payload": "p"},
    "payload as map": {"payload": {}},
    "signature of 63 bytes": {"signature": bytes(63)},
    "signature of 65 bytes": {"signature": bytes(65)},
    "no signature": {"signature": b""},
    "signature as text": {"signature": "0" * 64},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_refuses_each_single_fault(fault: dict[str, Any]) -> None:
    parts = GOOD | fault
    header = parts.get("header", encode_cbor(parts["protected"]))
    array = [header, parts["unprotected"], parts["payload"], parts["signature"]]
    with pytest.raises(CoseError):
        parse_sign1(cbor2.dumps(array), tagged=False)


@pytest.mark.parametrize(
    "array", [[], [b"\xa1\x01\x26", {}, b""], [b"\xa1\x01\x26", {}, b"", bytes(64), 0], {}, 1, "text"]
)
def test_refuses_what_is_not_an_array_of_four(array: Any) -> None:
    with pytest.raises(CoseError):
        parse_sign1(cbor2.dumps(array), tagged=False)


@pytest.mark.parametrize("prefix", ["d1", "d0", "d862", "d2d2", "d812", "d83d", ""])
def test_refuses_other_tags(prefix: str) -> None:
    with pytest.raises(CoseError):
        parse_sign1(bytes.fromhex(prefix) + sign_sign1({}, b"p", P256, tagged=False), tagged=True)


@given(st.binary(max_size=200), st.booleans())
def test_bytes_raise_nothing_else(data: bytes, tagged: bool) -> None:
    try:
        parse_sign1(b"\xd2" + data if tagged else data, tagged=tagged)
    except CoseError:
        pass


@SIGNERS
def test_a_cose_key_is_read_back(signer: Signer) -> None:
    assert from_cose_key(to_cose_key(signer.public_key)) == signer.public_key


@given(st.integers(1, 2**250))
def test_y_in_full_is_the_same_key(scalar: int) -> None:
    key = P256Signer.from_bytes(scalar.to_bytes(32, "big")).public_key
    assert from_cose_key(to_cose_key(key) | {-3: base64url_decode(key.to_jwk()["y"])}) == key


P256_KEY, ED25519_KEY = to_cose_key(P256.public_key), to_cose_key(ED25519.public_key)
BAD_KEYS: dict[str, Any] = {
    "empty": {},
    "not a map": [1, 6],
    "no kty": {key: value for key, value in P256_KEY.items() if key != 1},
    "no crv": {key: value for key, value in P256_KEY.items() if key != -1},
    "no x": {key: value for key, value in P256_KEY.items() if key != -2},
    "no y": {key: value for key, value in P256_KEY.items() if key != -3},
    "kty of the other": P256_KEY | {1: 1},
    "symmetric": {1: 4, -1: b"secret"},
    "P-384": P256_KEY | {-1: 2},
    "secp256k1": P256_KEY | {-1: 8},
    "crv true": P256_KEY | {-1: True},
    "kty true": ED25519_KEY | {1: True},
    "Ed448": ED25519_KEY | {-1: 7},
    "Ed25519 with y": ED25519_KEY | {-3: True},
    "private": P256_KEY | {-4: bytes(32)},
    "kid": P256_KEY | {2: b"kid"},
    "alg": P256_KEY | {3: -7},
    "key_ops": P256_KEY | {4: [2]},
    "x of 31 bytes": P256_KEY | {-2: bytes(31)},
    "x as text": P256_KEY | {-2: "x" * 32},
    "x not on the curve": P256_KEY | {-2: (1).to_bytes(32, "big")},
    "x above the prime": P256_KEY | {-2: b"\xff" * 32},
    "y as integer": P256_KEY | {-3: 1},
    "y of 31 bytes": P256_KEY | {-3: bytes(31)},
    "y of another point": P256_KEY | {-3: RFC_KEY[-3]},
    "Ed25519 of 31 bytes": ED25519_KEY | {-2: bytes(31)},
    "Ed25519 as text": ED25519_KEY | {-2: "x" * 32},
}


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS.keys())
def test_refuses_other_keys(key: Any) -> None:
    with pytest.raises(KeyFormatError):
        from_cose_key(key)


def test_refuses_the_second_spelling_of_a_point() -> None:
    # x = 0 is on the curve; x = p means the same point and must not.
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    assert from_cose_key(P256_KEY | {-2: bytes(32)}).raw[1:] == bytes(32)
    with pytest.raises(KeyFormatError):
        from_cose_key(P256_KEY | {-2: prime.to_bytes(32, "big")})
