"""Status list tokens with one fault each, as `tests/vectors/status-list/faults.json` describes them."""

from __future__ import annotations

import struct
import zlib

from tests.mutants.family import VECTORS, Family, Mutant
from tests.support.faults import Edit, forged_jws, load_faults
from tests.support.verification import ISSUER, ISSUER_METHOD, NOW, STATUS
from vc_core.encoding import base64url_encode
from vc_core.errors import ReasonCode
from vc_core.formats.status_bits import MAX_BYTES
from vc_core.formats.status_list import parse_status_list_token


def _gzip(data: bytes) -> bytes:
    """In gzip's frame, without the time and the operating system, which would differ from run to run."""
    frame = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    return frame + zlib.compress(data, wbits=-15) + struct.pack("<LL", zlib.crc32(data), len(data))


_ARRAY = bytes(1000)
_PACKED = zlib.compress(_ARRAY)
_TOKEN = {
    "header": {"alg": "ES256", "typ": "statuslist+jwt", "kid": ISSUER_METHOD},
    "payload": {
        "sub": STATUS.uri,
        "iat": NOW - 1000,
        "exp": NOW + 3600,
        "ttl": 600,
        "status_list": {"bits": 2, "lst": base64url_encode(_PACKED)},
    },
    "signed_by": "issuer",
}
_NAMES = {
    "$issuer_jwk": ISSUER.public_key.to_jwk(),
    "$lst_padded": base64url_encode(_PACKED) + "=" * (-len(base64url_encode(_PACKED)) % 4 or 4),
    "$lst_gzip": base64url_encode(_gzip(_ARRAY)),
    "$lst_cut": base64url_encode(_PACKED[:-1]),
    "$lst_longer": base64url_encode(_PACKED + b"\0"),
    "$lst_of_nothing": base64url_encode(zlib.compress(b"")),
    "$lst_bomb": base64url_encode(zlib.compress(bytes(MAX_BYTES + 1))),
    "$lst_big_bomb": base64url_encode(zlib.compress(bytes(100 * 1024 * 1024))),
    "$lst": base64url_encode(_PACKED),
}


async def _check(text: str) -> object:
    unverified = parse_status_list_token(text)
    return unverified.verify(ISSUER.public_key, expected_uri=STATUS.uri, now=NOW).status(STATUS.index)


def status_list_token_family() -> Family:
    """Status list tokens, whose every fault has the same answer: nobody knows the status."""
    faults = load_faults(VECTORS / "status-list" / "faults.json")
    code = ReasonCode.STATUS_UNAVAILABLE
    return Family(
        "status-list-token",
        {"now": NOW, "keys": {ISSUER_METHOD: ISSUER.public_key.to_jwk()}, "uri": STATUS.uri, "index": STATUS.index},
        _forge([]),
        [Mutant(fault["name"], fault["row"], code, _forge(fault["edits"])) for fault in faults],
        _check,
    )


def _forge(edits: list[Edit]) -> str:
    return forged_jws(_TOKEN, edits, ["token"], _NAMES)
