"""Good QR presentations of every shape that there is, and what each means: `tests/vectors/qr-pass/good.json`.

`python -m tests.support.qr_vectors` writes them anew, the same bytes each time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.support.qr_forge import (
    CLAIMS,
    EXPIRES_AT,
    ISSUED_AT,
    ISSUER_METHOD,
    PRESENTED_AT,
    STATUS_URI,
    as_text,
    forge_bytes,
)
from tests.support.verification import AUDIENCE, HOLDER, ISSUER, NONCE
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import CredentialType, StatusPolicy
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import Ed25519Signer, Signer
from vc_core.encoding import base64url_decode
from vc_core.formats.credential import StatusReference, UnverifiedPresentation
from vc_core.formats.qr_pass import create_qr_pass, create_qr_presentation, parse_qr_presentation

FILE = Path(__file__).parents[1] / "vectors" / "qr-pass" / "good.json"
_ED25519_ISSUER = Ed25519Signer(bytes([4]) * 32)
_EXAMPLES: dict[str, Any] = {
    **CLAIMS,
    "work_permit_until": "2027-03-31",
    "hospital": "10669",
    "appointment_date": "2026-10-01",
    "appointment_time": "09:30",
    "appointment_ref": "OPD-7",
    "dependant_health_id": "SB7R2M4KQ9XD",
    "dependant_name": "\u1014\u1014\u103a\u1038\u1001\u1019\u103a\u1038",
    "dependant_birth_date": "1969-12-31",
    "relationship": "grandparent",
    "permission": "accompany",
    "delegated_until": "2026-12-31",
}
"""A value for every claim that a pass must have; one is a date before 1970."""


def _made(
    credential_type: CredentialType = INSURANCE_COVERAGE,
    *,
    method: str = ISSUER_METHOD,
    signer: Signer = ISSUER,
    issued_at: int = ISSUED_AT,
    expires_at: int = EXPIRES_AT,
    audience: str | None = None,
    nonce: str | None = None,
    optional: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    in_pass = {claim.name for claim in credential_type.qr_claims().values()}
    qr_pass = create_qr_pass(
        credential_type,
        {**{name: value for name, value in _EXAMPLES.items() if name in in_pass}, **optional},
        verification_method=method,
        signer=signer,
        issued_at=issued_at,
        expires_at=expires_at,
        status=StatusReference(STATUS_URI, 94_711) if credential_type.status_policy is StatusPolicy.REQUIRED else None,
        holder_key=HOLDER.public_key,
    )
    return create_qr_presentation(qr_pass, holder=HOLDER, presented_at=PRESENTED_AT, audience=audience, nonce=nonce)


def _texts() -> Iterator[tuple[str, str]]:
    yield "the example of docs/qr-pass.md", as_text(forge_bytes())
    for each in filter(lambda each: each.qr_pass, CREDENTIAL_TYPES.values()):
        yield f"a pass of the type {each.name}", _made(each)
    yield "a coverage with a copay", _made(optional={"copay_baht": 30})
    yield "a coverage with which a visit costs nothing", _made(optional={"copay_baht": 0})
    yield "shown to one verifier", _made(audience=AUDIENCE)
    yield "shown in answer to a challenge", _made(nonce=NONCE)
    yield "shown to one verifier, in answer to its challenge", _made(audience=AUDIENCE, nonce=NONCE)
    yield "valid from a time later than issued", as_text(forge_bytes("pass_payload", 5, ISSUED_AT + 3600))
    yield (
        "the holder's y in full",
        as_text(forge_bytes("cose_key", -3, base64url_decode(HOLDER.public_key.to_jwk()["y"]))),
    )
    yield "signed by an Ed25519 key", _made(signer=_ED25519_ISSUER)
    yield "chain 1, delegate 1", _made(method=f"did:ethr:0x1:0x{'0f' * 20}#delegate-1")
    yield "a long key id", _made(method=f"did:ethr:0x{2**63 - 1:x}:0x{'ff' * 20}#delegate-{2**62}")
    yield "times of one, two and nine bytes", _made(issued_at=23, expires_at=253_402_300_799)
    yield "white space around it", f" \t{as_text(forge_bytes())}\r\n"


def described(presentation: UnverifiedPresentation) -> dict[str, Any]:
    """What a presentation means, as the file has it: the holder's key in hex, times in seconds since 1970."""
    credential = presentation.credential
    jwk = credential.holder_key.to_jwk()
    return {
        "key": credential.verification_method,
        "type": credential.vct.split(":")[3],
        "issued_at": credential.issued_at,
        "not_before": credential.not_before,
        "expires_at": credential.expires_at,
        "status": next(([each.uri, each.index] for each in credential.status), None),
        "claims": dict(credential.claims),
        "holder_x": base64url_decode(jwk["x"]).hex(),
        "holder_y": base64url_decode(jwk["y"]).hex(),
        "presented_at": presentation.presented_at,
        "audience": presentation.audience,
        "nonce": presentation.nonce,
        "digest": presentation.digest.hex(),
    }


def written() -> str:
    """The file's content."""
    vectors = []
    for name, text in _texts():
        presentation = parse_qr_presentation(text)
        signer = _ED25519_ISSUER if presentation.credential.signed.algorithm == "EdDSA" else ISSUER
        meaning = described(presentation)
        vectors.append({"name": name, "text": text, "issuer_key": signer.public_key.to_jwk(), "means": meaning})
    return json.dumps(vectors, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), "ascii")
