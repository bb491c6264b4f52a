"""Points and signatures of AWS-LC held against those of OpenSSL, by way of `cryptography`."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import example, given
from hypothesis import strategies as st

from vc_core.crypto.keys import Algorithm, KeyFormatError, P256Signer, P384Signer, PublicKey, SignatureInvalid
from vc_core.encoding import base64url_decode

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
GENERATOR_X = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
GENERATOR_Y = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5
ECDSA = ec.ECDSA(hashes.SHA256())
SIGNER = P256Signer.from_bytes(bytes(31) + b"\x07")
PEER = ec.derive_private_key(7, ec.SECP256R1())


def coordinate(number: int) -> bytes:
    return number.to_bytes(32, "big")


def test_a_point_is_the_same_by_its_coordinates_and_compressed() -> None:
    key = PublicKey.from_coordinates(coordinate(GENERATOR_X), coordinate(GENERATOR_Y))
    compressed = PublicKey(Algorithm.ES256, b"\x03" + coordinate(GENERATOR_X))
    assert key == compressed
    assert key.to_jwk() == compressed.to_jwk()
    assert base64url_decode(compressed.to_jwk()["y"]) == coordinate(GENERATOR_Y)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        pytest.param(GENERATOR_X, GENERATOR_Y ^ 1, id="beside-the-curve"),
        pytest.param(GENERATOR_X, GENERATOR_Y ^ 2, id="beside-the-curve-of-the-same-parity"),
        pytest.param(0, 0, id="the-point-at-infinity"),
        pytest.param(5 + P, 0x459243B9AA581806FE913BCE99817ADE11CA503C64D9A3C533415C083248FBCC, id="x-above-the-prime"),
        pytest.param(P, 0, id="x-is-the-prime"),
        pytest.param(GENERATOR_X, P, id="y-is-the-prime"),
    ],
)
def test_no_point_of_the_curve_is_no_key(x: int, y: int) -> None:
    with pytest.raises(KeyFormatError):
        PublicKey.from_coordinates(coordinate(x), coordinate(y))


@given(st.integers(1, ORDER - 1), st.sampled_from([Algorithm.ES256, Algorithm.ES384]))
def test_a_compressed_point_is_found_as_the_peer_finds_it(scalar: int, algorithm: Algorithm) -> None:
    curve = ec.SECP256R1() if algorithm is Algorithm.ES256 else ec.SECP384R1()
    peer = ec.derive_private_key(scalar, curve).public_key()
    raw = peer.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    y = base64url_decode(PublicKey(algorithm, raw).to_jwk()["y"])
    assert int.from_bytes(y, "big") == peer.public_numbers().y


@given(st.integers(0, 2**256 - 1), st.integers(0, 255))
@example(GENERATOR_X, 3)
@example(GENERATOR_X, 4)
@example(GENERATOR_X + P, 3)
@example(5 + P, 2)
@example(P, 2)
def test_compressed_points_that_the_peer_refuses_are_no_keys(x: int, sign: int) -> None:
    raw = bytes([sign]) + (x % 2**256).to_bytes(32, "big")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
        taken = True
    except ValueError:
        taken = False
    if taken:
        PublicKey(Algorithm.ES256, raw)
        return
    with pytest.raises(KeyFormatError):
        PublicKey(Algorithm.ES256, raw)


def test_a_small_x_whose_point_is_on_the_curve_is_a_key() -> None:
    """The one that the case above adds the prime to."""
    y = 0x459243B9AA581806FE913BCE99817ADE11CA503C64D9A3C533415C083248FBCC
    assert PublicKey.from_coordinates(coordinate(5), coordinate(y)) == PublicKey(
        Algorithm.ES256, bytes([2 + y % 2]) + coordinate(5)
    )


@given(st.binary(max_size=200), st.one_of(st.binary(min_size=64, max_size=64), st.integers(-1, 511)))
def test_both_take_the_same_signatures(message: bytes, forged: bytes | int) -> None:
    """Of 64 bytes, or a true signature with one bit flipped; -1 flips none."""
    r, s = decode_dss_signature(PEER.sign(message, ECDSA))
    signature = coordinate(r) + coordinate(s)
    if isinstance(forged, bytes):
        signature = forged
    elif forged >= 0:
        signature = (int.from_bytes(signature, "big") ^ 1 << forged).to_bytes(64, "big")
    assert ours_takes(signature, message) is peer_takes(signature, message)


@pytest.mark.parametrize("s_or_r", [0, ORDER, 2**256 - 1])
def test_a_number_out_of_range_is_no_signature(s_or_r: int) -> None:
    r, s = decode_dss_signature(PEER.sign(b"", ECDSA))
    assert ours_takes(coordinate(r) + coordinate(s), b"")
    assert not ours_takes(coordinate(s_or_r) + coordinate(s), b"")
    assert not ours_takes(coordinate(r) + coordinate(s_or_r), b"")


def ours_takes(signature: bytes, message: bytes) -> bool:
    try:
        SIGNER.public_key.verify(signature, message)
    except SignatureInvalid:
        return False
    return True


def peer_takes(signature: bytes, message: bytes) -> bool:
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        PEER.public_key().verify(encode_dss_signature(r, s), message, ECDSA)
    except InvalidSignature:
        return False
    return True


@given(st.binary(max_size=200))
def test_the_peer_takes_our_signatures(message: bytes) -> None:
    r, s = (int.from_bytes(each, "big") for each in divided(SIGNER.sign(message)))
    PEER.public_key().verify(encode_dss_signature(r, s), message, ECDSA)


@given(st.binary(max_size=200))
def test_signatures_on_p384_are_taken_by_the_peer_too(message: bytes) -> None:
    signer = P384Signer.from_bytes(bytes(47) + b"\x07")
    signature = signer.sign(message)
    signer.public_key.verify(signature, message)
    r, s = (int.from_bytes(each, "big") for each in divided(signature))
    key = ec.derive_private_key(7, ec.SECP384R1()).public_key()
    key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA384()))


@pytest.mark.parametrize("coordinate", [[], {}, [1, 2, 3, 4], 5, None, "", "é"], ids=repr)
@pytest.mark.parametrize(("kty", "crv"), [("EC", "P-256"), ("OKP", "Ed25519")])
def test_a_jwk_whose_coordinates_are_no_texts(kty: str, crv: str, coordinate: object) -> None:
    with pytest.raises(KeyFormatError):
        PublicKey.from_jwk({"kty": kty, "crv": crv, "x": coordinate, "y": coordinate})


def divided(signature: bytes) -> tuple[bytes, bytes]:
    half = len(signature) // 2
    return signature[:half], signature[half:]
