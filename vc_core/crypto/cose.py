"""COSE_Sign1 and COSE_Key (RFC 9052, RFC 9053), strict: two algorithms, everything in the protected header.

A COSE_Sign1 is an array of four: the protected header as the bytes of a map, the unprotected header, the payload and
the signature. What is signed is another array, the Sig_structure, which holds the protected header and the payload.
The unprotected header is under no signature, so it has to be empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cbor2

from vc_core.crypto.cbor import CborError, decode_cbor, encode_cbor
from vc_core.crypto.keys import Algorithm, KeyFormatError, PublicKey, Signer
from vc_core.encoding import base64url_decode

ALG = 1
CRIT = 2
KID = 4
KCWT = 13
TYP = 16
"""Header parameters: RFC 9052 section 3.1, RFC 9528 section 9.5 (`kcwt`), RFC 9596 (`typ`)."""

COSE_ALGORITHMS: Mapping[Algorithm, int] = {Algorithm.ES256: -7, Algorithm.EDDSA: -8}
_ALGORITHMS = {number: algorithm for algorithm, number in COSE_ALGORITHMS.items()}

_SIGN1_TAG = b"\xd2"
_SIGNATURE_LENGTH = 64

_KTY, _CRV, _X, _Y = 1, -1, -2, -3
_OKP, _EC2 = 1, 2
_P256, _ED25519 = 1, 6


class CoseError(ValueError):
    """The bytes are not a COSE_Sign1 of the kind expected."""


@dataclass(frozen=True)
class UnverifiedSign1:
    """A COSE_Sign1 taken apart, its signature not yet checked; `message` is the Sig_structure that was signed."""

    algorithm: Algorithm
    protected: Mapping[int, Any]
    payload: bytes
    message: bytes
    signature: bytes


def sign_sign1(protected: Mapping[int, Any], payload: bytes, signer: Signer, *, tagged: bool) -> bytes:
    """A COSE_Sign1 (RFC 9052 section 4.2), with tag 18 in front if `tagged`; `alg` is added from the signer's key."""
    header = encode_cbor({ALG: COSE_ALGORITHMS[signer.public_key.algorithm], **protected})
    signature = signer.sign(_sig_structure(header, payload))
    return (_SIGN1_TAG if tagged else b"") + encode_cbor([header, {}, payload, signature])


def parse_sign1(data: bytes, *, tagged: bool) -> UnverifiedSign1:
    """A COSE_Sign1 with tag 18 in front, or without, as `tagged` says: never either. Raises `CoseError`."""
    if tagged:
        if not data.startswith(_SIGN1_TAG):
            raise CoseError("without the tag of a COSE_Sign1")
        data = data[1:]
    try:
        array = decode_cbor(data)
    except CborError as cause:
        raise CoseError("not CBOR that we take") from cause
    return parse_sign1_array(array)


def parse_sign1_array(array: Any) -> UnverifiedSign1:
    """As `parse_sign1`, for an untagged COSE_Sign1 that `decode_cbor` has already read.

    Refuses `crit`, an unprotected header, a detached payload and other algorithms than ES256 and EdDSA.
    Raises `CoseError`.
    """
    if not isinstance(array, list) or len(array) != 4:
        raise CoseError("a COSE_Sign1 is an array of four")
    header, unprotected, payload, signature = array
    if not (isinstance(header, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise CoseError("a part of the COSE_Sign1 is not a byte string")
    if unprotected != {}:
        raise CoseError("an unprotected header")
    if len(signature) != _SIGNATURE_LENGTH:
        raise CoseError("a signature is 64 bytes")
    protected, algorithm = _parse_protected(header)
    return UnverifiedSign1(algorithm, protected, payload, _sig_structure(header, payload), signature)


def _parse_protected(header: bytes) -> tuple[Mapping[int, Any], Algorithm]:
    try:
        protected = decode_cbor(header)
    except CborError as cause:
        raise CoseError("a protected header that is not CBOR that we take") from cause
    if not isinstance(protected, dict):
        raise CoseError("a protected header that is not a map")
    if CRIT in protected:
        raise CoseError("a critical header parameter")
    number = protected.get(ALG)
    if type(number) is not int or number not in _ALGORITHMS:
        raise CoseError("an algorithm that we do not use")
    return protected, _ALGORITHMS[number]


def _sig_structure(header: bytes, payload: bytes) -> bytes:
    """The bytes to be signed (RFC 9052 section 4.4), without external data."""
    return cbor2.dumps(["Signature1", header, b"", payload])


def to_cose_key(key: PublicKey, *, compressed: bool = True) -> dict[int, Any]:
    """A key as a COSE_Key of required members only; P-256 with the sign bit of y in its place (RFC 9053 section 7).

    Not `compressed`, with y in full: for readers that can't find it, as browsers can't.
    """
    if key.algorithm is Algorithm.EDDSA:
        return {_KTY: _OKP, _CRV: _ED25519, _X: key.raw}
    if not compressed:
        return {_KTY: _EC2, _CRV: _P256, _X: key.raw[1:], _Y: base64url_decode(key.to_jwk()["y"])}
    return {_KTY: _EC2, _CRV: _P256, _X: key.raw[1:], _Y: key.raw[0] == 3}


def from_cose_key(value: Any) -> PublicKey:
    """The reverse of `to_cose_key`; takes y in full too, refuses other members (private ones, say).

    Raises `KeyFormatError`.
    """
    members = value.keys() if isinstance(value, dict) else set()
    if members == {_KTY, _CRV, _X, _Y} and _is_kind(value, _EC2, _P256):
        return _p256_key(value[_X], value[_Y])
    if members == {_KTY, _CRV, _X} and _is_kind(value, _OKP, _ED25519) and isinstance(value[_X], bytes):
        return PublicKey(Algorithm.EDDSA, value[_X])
    raise KeyFormatError("not a COSE_Key that we use")


def _is_kind(key: Mapping[int, Any], kty: int, crv: int) -> bool:
    kind = (key[_KTY], key[_CRV])
    return kind == (kty, crv) and bool not in map(type, kind)


def _p256_key(x: Any, y: Any) -> PublicKey:
    if not isinstance(x, bytes):
        raise KeyFormatError("a coordinate of P-256 is 32 bytes")
    if isinstance(y, bool):
        return PublicKey(Algorithm.ES256, bytes([2 + y]) + x)
    if not isinstance(y, bytes):
        raise KeyFormatError("a coordinate of P-256 is 32 bytes")
    return PublicKey.from_coordinates(x, y)
