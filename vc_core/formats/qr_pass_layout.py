"""The layout that QR codes almost always have, found in one go: deterministic CBOR leaves an issuer little choice.

A pass without `nbf`, shown without audience and nonce, is the same bytes in the same order, but for what differs from
person to person. The pattern below is docs/qr-pass.md in short. What it finds is the one encoding of what it stands
for, since every length is compared with what it is the length of; so nothing has to be decoded but the claims. Where
it doesn't fit, `qr_pass.py` decodes part by part and says whether anything is wrong.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vc_core.crypto.keys import Algorithm

_ES256 = b"\x26"
_BYTE_STRING = 0x40
_LEAST_OF_FOUR_BYTES = 2**16
_SIGNATURE1 = b"\x84\x6aSignature1"
_NO_EXTERNAL_DATA = b"\x40"

_PRESENTATION = re.compile(
    rb"""
    \xd2\x84                                             # tag 18, array of 4
    ([\x58].|[\x59]..)                                   # the holder's protected header, this long
    (\xa3\x01\x26                                        #   map of 3; alg: ES256
     \x0d\x84                                            #   kcwt: the pass, array of 4
     ([\x58].)                                           #     the issuer's protected header
     (\xa3\x01([\x26\x27])                               #       map of 3; alg: ES256 or EdDSA
      \x04([\x56\x57]|[\x58].)(.{22,38})                 #       kid
      \x10\x18\x3d)                                      #       typ: application/cwt
     \xa0                                                #     nothing unprotected
     ([\x58].|[\x59]..)                                  #     payload
     (\xa4\x04\x1a(.{4})\x06\x1a(.{4})                   #       map of 4; exp, iat
      \x08\xa1\x01\xa4\x01\x02\x20\x01                   #       cnf: COSE_Key, EC2, P-256
      \x21\x58\x20(.{32})\x22([\xf4\xf5])                #         x, sign of y
      \x3a\x00\x01\x00\x00(.+))                          #       -65537: the credential
     \x58\x40(.{64})                                     #     the issuer's signature
     \x10\x19\x01\x26)                                   #   typ: application/kb+cwt
    \xa0                                                 # nothing unprotected
    \x47(\xa1\x06\x1a(.{4}))                             # payload: iat
    \x58\x40(.{64})                                      # the holder's signature
    """,
    re.DOTALL | re.VERBOSE,
)


class LaidOutPresentation(NamedTuple):
    """What differs from one QR code to the next. Times are seconds since 1970; `credential` is CBOR, not yet decoded.

    The messages are the Sig_structures that were signed, `algorithm` is the issuer's, `holder_key` the compressed
    point.
    """

    algorithm: Algorithm
    key_id: bytes
    expires_at: int
    issued_at: int
    holder_key: bytes
    credential: bytes
    pass_message: bytes
    pass_signature: bytes
    presented_at: int
    proof_message: bytes
    proof_signature: bytes


def find_layout(data: bytes) -> LaidOutPresentation | None:
    """The parts of a presentation in its usual layout; None where it has another one, or none."""
    found = _PRESENTATION.fullmatch(data)
    if found is None:
        return None
    (
        header_head, header, pass_header_head, pass_header, algorithm, key_id_head, key_id, payload_head, payload,
        expires_at, issued_at, x, odd, credential, pass_signature, proof_payload, presented_at, proof_signature,
    ) = found.groups()  # fmt: skip
    if (
        header_head != _head(header)
        or pass_header_head != _head(pass_header)
        or key_id_head != _head(key_id)
        or payload_head != _head(payload)
    ):
        return None
    times = [int.from_bytes(each, "big") for each in (expires_at, issued_at, presented_at)]
    if min(times) < _LEAST_OF_FOUR_BYTES:
        return None
    return LaidOutPresentation(
        algorithm=Algorithm.ES256 if algorithm == _ES256 else Algorithm.EDDSA,
        key_id=key_id,
        expires_at=times[0],
        issued_at=times[1],
        holder_key=(b"\x03" if odd == b"\xf5" else b"\x02") + x,
        credential=credential,
        pass_message=_SIGNATURE1 + pass_header_head + pass_header + _NO_EXTERNAL_DATA + payload_head + payload,
        pass_signature=pass_signature,
        presented_at=times[2],
        proof_message=_SIGNATURE1 + header_head + header + _NO_EXTERNAL_DATA + b"\x47" + proof_payload,
        proof_signature=proof_signature,
    )


def _head(content: bytes) -> bytes:
    """How a byte string of up to 65,535 bytes begins in deterministic CBOR (RFC 8949 section 3)."""
    length = len(content)
    if length < 24:
        return bytes((_BYTE_STRING + length,))
    return bytes((0x58, length)) if length < 256 else b"\x59" + length.to_bytes(2, "big")
