"""A good QR presentation in its parts: one member of one part is replaced, and what lies around it encoded and signed.

So a fault is the only one in its text: the signatures over it are right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import cbor2

from tests.support.verification import HOLDER, ISSUER
from vc_core.crypto.cose import to_cose_key
from vc_core.formats.base45 import base45_encode
from vc_core.formats.qr_pass import PREFIX, key_id_from_verification_method

ISSUER_METHOD = "did:ethr:0x7a69:0x1111111111111111111111111111111111111111#delegate-3"
PRESENTED_AT = 1_790_000_000
ISSUED_AT = PRESENTED_AT - 86_400
EXPIRES_AT = PRESENTED_AT + 300 * 86_400
STATUS_URI = "https://issuer.example.or.th/status/0017"
CLAIMS: Mapping[str, Any] = {
    "health_id": "SB4K7T9QX2M3",
    "name": "สมหญิง ทองดี",
    "name_latin": "Somying Thongdee",
    "birth_year": 1985,
    "scheme": "8401",
    "regular_hospital": "10669",
    "primary_hospital": "10670",
    "referral_hospital": "11470",
    "covered_from": "2026-01-01",
    "covered_until": "2026-12-31",
}
_CREDENTIAL = dict(enumerate([2, *CLAIMS.values()])) | {9: 20_454, 10: 20_818, -1: 94_711, -2: STATUS_URI}

REMOVE = object()
"""As a value: the member is left out."""


@dataclass(frozen=True)
class Raw:
    """CBOR to put in as it is, as key or value: what an honest encoder would not write."""

    data: bytes


def raw(hexadecimal: str) -> Raw:
    """`Raw` from hexadecimal digits."""
    return Raw(bytes.fromhex(hexadecimal))


def encode(value: Any) -> bytes:
    """CBOR of anything, `Raw` included."""
    return cbor2.dumps(value, default=lambda encoder, item: encoder.write(item.data))


def decode(data: bytes) -> Any:
    """The reverse of `encode`, taking anything that is CBOR."""
    return cbor2.loads(data)


def forge_bytes(
    part: str = "",
    key: Any = None,
    value: Any = REMOVE,
    *,
    payload: Mapping[int, Any] = MappingProxyType({6: PRESENTED_AT}),
    typ: int = 294,
) -> bytes:
    """The good presentation with one member replaced, added or removed, as bytes; without arguments, unchanged.

    `payload` and `typ` are the holder's, for what is not shown as a QR pass is. Parts: `cose_key`, `cnf`, `credential`,
    `pass_payload`, `pass_header`, `pass` (an array: keys are positions), `proof_payload`, `proof_header`, `proof` (an
    array), `signers` (of `pass` and `proof`).
    """

    def put(name: str, members: Mapping[Any, Any]) -> dict[Any, Any]:
        changed = dict(members)
        if name == part:
            changed.pop(key, None)
            if value is not REMOVE:
                changed[key] = value
        return dict(sorted(changed.items(), key=lambda member: encode(member[0])))

    signers = put("signers", {"pass": ISSUER, "proof": HOLDER})

    def sign(name: str, header: Mapping[Any, Any], payload: Mapping[Any, Any]) -> list[Any]:
        parts = [encode(put(f"{name}_header", header)), encode(put(f"{name}_payload", payload))]
        signature = signers[name].sign(encode(["Signature1", parts[0], b"", parts[1]]))
        return list(put(name, {0: parts[0], 1: {}, 2: parts[1], 3: signature}).values())

    confirmation = put("cnf", {1: put("cose_key", to_cose_key(HOLDER.public_key))})
    qr_pass = sign(
        "pass",
        {1: -7, 4: key_id_from_verification_method(ISSUER_METHOD), 16: 61},
        {4: EXPIRES_AT, 6: ISSUED_AT, 8: confirmation, -65537: put("credential", _CREDENTIAL)},
    )
    proof = sign("proof", {1: -7, 13: qr_pass, 16: typ}, payload)
    return b"\xd2" + encode(proof)


def as_text(data: bytes) -> str:
    """The bytes of a presentation as the text of a QR code."""
    return PREFIX + base45_encode(data)


def pass_in(presentation: bytes) -> bytes:
    """The pass in a presentation, as its issuer gave it out."""
    header = decode(decode(presentation[1:])[0])
    return encode(header[13])
