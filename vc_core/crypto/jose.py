"""Compact JWS (RFC 7515), strict: one algorithm per key, an explicit `typ`, no `crit`, no key taken from the header."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from vc_core.crypto.keys import OUR_ALGORITHMS, Algorithm, PublicKey, SignatureInvalid, Signer
from vc_core.encoding import base64url_decode, base64url_encode_to_bytes, compact_json, parse_json_object

MAX_JWS_LENGTH = 256 * 1024
_ALGORITHMS = tuple(map(str, OUR_ALGORITHMS))
_LONGEST_KEPT_HEADER = 1024
"""Characters: others, with certificates for instance, would let strangers fill the memory."""
_REFUSED_MEMBERS = frozenset({"crit", "b64", "jku", "x5u"})


class JwsError(ValueError):
    """The text is not a compact JWS of the kind expected."""


@dataclass(frozen=True)
class UnverifiedJws:
    """A compact JWS taken apart, its signature not yet checked."""

    header: Mapping[str, Any]
    payload: Mapping[str, Any]
    signing_input: bytes
    signature: bytes

    def verify(self, key: PublicKey) -> Mapping[str, Any]:
        """The payload, when the signature is this key's and the header names this key's algorithm.

        Raises `SignatureInvalid`.
        """
        if self.header["alg"] != key.algorithm:
            raise SignatureInvalid("the header's algorithm is not the key's")
        key.verify(self.signature, self.signing_input)
        return self.payload


def parse_jws(text: str | bytes, *, typ: str | None, algorithms: tuple[str, ...] = _ALGORITHMS) -> UnverifiedJws:
    """A compact JWS with a JSON object as payload, whose header has exactly this `typ` and one of these algorithms.

    `typ` None is for a header without one. Refuses `crit`, `b64`, `jku` and `x5u` (RFC 7515 section 4.1.11, RFC 8725).
    Raises `JwsError`.
    """
    if len(text) > MAX_JWS_LENGTH:
        raise JwsError("too long for a JWS")
    try:
        signing_input, _, signature = (text.encode("ascii") if isinstance(text, str) else text).rpartition(b".")
        header_segment, dot, payload_segment = signing_input.partition(b".")
        if not dot:
            raise JwsError("a compact JWS has three parts")
        is_short = len(header_segment) <= _LONGEST_KEPT_HEADER
        header = (_parse_short_header if is_short else _parse_header)(header_segment)
        if header.get("alg") not in algorithms:
            raise JwsError("an algorithm that we do not use")
        if header.get("typ") != typ:
            raise JwsError(f"not of the type {typ}")
        payload = parse_json_object(base64url_decode(payload_segment))
        return UnverifiedJws(header, payload, signing_input, base64url_decode(signature))
    except JwsError:
        raise
    except ValueError as cause:
        raise JwsError("a part of the JWS can't be read") from cause


def _parse_header(segment: bytes) -> Mapping[str, Any]:
    header = parse_json_object(base64url_decode(segment))
    if not _REFUSED_MEMBERS.isdisjoint(header):
        raise JwsError("a header member that we do not allow")
    return MappingProxyType(header)


_parse_short_header = lru_cache(maxsize=512)(_parse_header)
"""Kept, since the header is the same in all that an issuer signs with a key."""


def sign_jws(header: Mapping[str, Any], payload: Mapping[str, Any], signer: Signer) -> str:
    """A compact JWS; `alg` is added to the header from the signer's key."""
    return sign_with_header(encode_header(header, signer.public_key.algorithm), payload, signer).decode("ascii")


def encode_header(header: Mapping[str, Any], algorithm: Algorithm) -> bytes:
    """A header with this `alg` as it stands in a JWS, in base64url: always the same for an issuer's credentials."""
    return base64url_encode_to_bytes(compact_json({"alg": str(algorithm), **header}))


def sign_with_header(header: bytes, payload: Mapping[str, Any], signer: Signer) -> bytes:
    """As `sign_jws`, in ASCII, with what `encode_header` made for the algorithm of the signer's key."""
    signing_input = b"%b.%b" % (header, base64url_encode_to_bytes(compact_json(payload)))
    return b"%b.%b" % (signing_input, base64url_encode_to_bytes(signer.sign(signing_input)))
