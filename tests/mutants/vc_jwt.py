"""Anybody's credentials as JWTs of VCDM 2.0 (`vc+jwt`), as the VC API takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.mutants import world
from tests.mutants.family import Family, fault, mutants_of
from tests.support.faults import Edit, drop, edited_text, forged_jws, put, swap
from tests.support.verification import HOLDER, ISSUER, ISSUER_DID, ISSUER_METHOD, NOW
from tests.support.w3c_documents import credential_2_0
from vc_core.errors import ReasonCode as Code
from vc_core.formats.vc_jwt import parse_vc_jwt
from vc_core.formats.vcdm import CREDENTIALS_V1

BAD = Code.MALFORMED
_NOBODY = "did:ethr:0x539:0x3333333333333333333333333333333333333333"
_JWT: dict[str, Any] = {
    "header": {"alg": "ES256", "typ": "vc+jwt", "cty": "vc", "kid": ISSUER_METHOD},
    "payload": credential_2_0(),
    "signed_by": "issuer",
}
_NAMES: dict[str, Any] = {"$issuer_jwk": ISSUER.public_key.to_jwk(), "$holder_jwk": HOLDER.public_key.to_jwk()}
_UNSIGNED = put("jwt/signed_by", "nobody")
_SECRET = put("jwt/signed_by", "issuer's public key as a secret")

_FAULTS = [
    fault(BAD, "alg none", put("jwt/header/alg", "none"), _UNSIGNED, row="J1"),
    fault(BAD, "alg nOnE", put("jwt/header/alg", "nOnE"), _UNSIGNED, row="J1"),
    fault(BAD, "no alg", drop("jwt/header/alg"), row="J1"),
    fault(Code.BAD_SIGNATURE, "no signature", _UNSIGNED, row="J1"),
    fault(BAD, "HS256 with the public key", put("jwt/header/alg", "HS256"), _SECRET, row="J2"),
    fault(Code.BAD_SIGNATURE, "EdDSA with a P-256 key", put("jwt/header/alg", "EdDSA"), row="J3"),
    fault(Code.BAD_SIGNATURE, "signed by another key", put("jwt/signed_by", "stranger")),
    fault(BAD, "crit of a name that we know", put("jwt/header/crit", ["alg"]), row="J4"),
    fault(BAD, "empty crit", put("jwt/header/crit", []), row="J4"),
    fault(BAD, "jwk in the header", put("jwt/header/jwk", "$issuer_jwk"), row="J5"),
    fault(BAD, "jku in the header", put("jwt/header/jku", "https://evil.example/keys"), row="J5"),
    fault(BAD, "x5u in the header", put("jwt/header/x5u", "https://evil.example/chain"), row="J5"),
    fault(BAD, "no kid", drop("jwt/header/kid"), row="S6"),
    fault(BAD, "kid with a query", put("jwt/header/kid", ISSUER_DID + "?a=b#delegate-1"), row="S6"),
    fault(BAD, "kid of another issuer", put("jwt/header/kid", _NOBODY + "#delegate-1"), row="S6"),
    fault(BAD, "typ of a presentation", put("jwt/header/typ", "vp+jwt"), row="J9"),
    fault(BAD, "typ of an SD-JWT", put("jwt/header/typ", "vc+sd-jwt"), row="J9"),
    fault(BAD, "typ of VCDM 1.1", put("jwt/header/typ", "JWT"), row="J9"),
    fault(BAD, "cty of a presentation", put("jwt/header/cty", "vp"), row="J9"),
    fault(BAD, "iss of another", put("jwt/payload/iss", _NOBODY), row="S6"),
    fault(BAD, "iss that begins with the issuer", put("jwt/payload/iss", ISSUER_DID + "0"), row="J11"),
    fault(BAD, "issuer of another", put("jwt/payload/issuer", _NOBODY), row="S6"),
    fault(BAD, "no issuer", drop("jwt/payload/issuer")),
    fault(BAD, "a vc claim", put("jwt/payload/vc", {"type": ["VerifiableCredential"]}), row="J9"),
    fault(BAD, "sub of another", put("jwt/payload/sub", "did:example:other")),
    fault(BAD, "jti of another", put("jwt/payload/jti", "urn:uuid:00000000-0000-4000-8000-000000000000")),
    fault(BAD, "exp as text", put("jwt/payload/exp", "2030-01-01"), row="S5"),
    fault(BAD, "nbf true", put("jwt/payload/nbf", True), row="S5"),
    fault(Code.EXPIRED_CREDENTIAL, "exp this second", put("jwt/payload/exp", NOW), row="S5"),
    fault(Code.NOT_YET_VALID, "nbf 31 seconds ahead", put("jwt/payload/nbf", NOW + 31), row="S5"),
    fault(Code.EXPIRED_CREDENTIAL, "validUntil in the past", put("jwt/payload/validUntil", "2026-09-21T14:13:20Z")),
    fault(Code.NOT_YET_VALID, "validFrom in the future", put("jwt/payload/validFrom", "2026-09-21T14:13:51Z")),
    fault(BAD, "validUntil before validFrom", put("jwt/payload/validUntil", "2025-01-01T00:00:00Z")),
    fault(BAD, "validFrom without a time zone", put("jwt/payload/validFrom", "2026-01-01T00:00:00")),
    fault(BAD, "validFrom as a date", put("jwt/payload/validFrom", "2026-01-01")),
    fault(BAD, "no context", drop("jwt/payload/@context"), row="D2"),
    fault(BAD, "context of VCDM 1.1", put("jwt/payload/@context/0", CREDENTIALS_V1), row="D2"),
    fault(BAD, "another context first", put("jwt/payload/@context/0", "https://evil.example/v2"), row="D2"),
    fault(BAD, "no type", drop("jwt/payload/type")),
    fault(BAD, "not a VerifiableCredential", put("jwt/payload/type", ["ExampleDegreeCredential"])),
    fault(BAD, "id that is no URL", put("jwt/payload/id", "no url")),
    fault(BAD, "no subject", drop("jwt/payload/credentialSubject")),
    fault(BAD, "empty subject", put("jwt/payload/credentialSubject", {})),
    fault(BAD, "subject as text", put("jwt/payload/credentialSubject", "did:example:a")),
    fault(BAD, "a status without a type", put("jwt/payload/credentialStatus", {"id": "https://a.example/1"})),
    fault(BAD, "a member twice", swap("jwt/payload", '"issuer":', '"issuer":"did:a:b","issuer":'), row="J10"),
    fault(BAD, "an infinite number", swap("jwt/payload", '"issuer":', '"x":1e999,"issuer":'), row="J10"),
    fault(BAD, "a lone surrogate", swap("jwt/payload", '"issuer":', '"x":"\\ud800","issuer":'), row="J10"),
    fault(BAD, "nested deep", swap("jwt/payload", '"issuer":', f'"x":{"[" * 40}{"]" * 40},"issuer":'), row="J10"),
    fault(BAD, "padding in a segment", swap("jwt", ".", "=."), row="J10"),
    fault(BAD, "four segments", swap("jwt", ".", ".."), row="J10"),
    fault(BAD, "disclosures where there are none", swap("text", "$jwt", "$jwt~"), row="J9"),
    fault(Code.TOO_LARGE, "64 KiB", put("jwt/payload/credentialSubject/languages", ["x" * 65_536]), row="J7"),
]


def vc_jwt_family() -> Family:
    """A `vc+jwt`, its issuer's key known."""
    return Family(
        "vc-jwt",
        {"now": NOW, "keys": {ISSUER_METHOD: ISSUER.public_key.to_jwk()}},
        _forge([]),
        mutants_of(_FAULTS, _forge),
        _check,
    )


def _forge(edits: Sequence[Edit]) -> str:
    text = forged_jws(_JWT, edits, ["jwt"], _NAMES)
    return edited_text(text, edits, ["text"], _NAMES | {"$jwt": text})


async def _check(text: str) -> object:
    envelope = parse_vc_jwt(text)
    key = world.trust().verification_key(envelope.verification_method, at=NOW)
    envelope.verify(key, now=NOW)
    return envelope
