"""Our types as JWTs of VCDM 1.1, presented: the credential's JWT within the holder's, one fault in either."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from tests.mutants import world
from tests.mutants.family import Family, Fault, fault, mutants_of
from tests.support.faults import Edit, drop, edited_text, forged_jws, put, swap
from tests.support.verification import (
    AUDIENCE,
    COVERAGE_CLAIMS,
    HOLDER,
    ISSUER,
    ISSUER_DID,
    ISSUER_METHOD,
    NONCE,
    NOW,
    POLICY,
    STATUS,
    STRANGER,
)
from tests.support.w3c_documents import HOLDER_DID, HOLDER_METHOD
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.json_ld import context_url
from vc_core.did.key import create_did_key
from vc_core.errors import ReasonCode as Code
from vc_core.formats.vcdm import CREDENTIALS_V1, CREDENTIALS_V2

BAD = Code.MALFORMED
_STRANGER_DID = create_did_key(STRANGER.public_key)
_NOBODY = "did:ethr:0x539:0x3333333333333333333333333333333333333333"
_CREDENTIAL: dict[str, Any] = {
    "header": {"alg": "ES256", "typ": "JWT", "kid": ISSUER_METHOD},
    "payload": {
        "iss": ISSUER_DID,
        "sub": HOLDER_DID,
        "nbf": NOW - 1000,
        "exp": NOW + 1000,
        "iat": NOW - 1000,
        "status": {"status_list": {"idx": STATUS.index, "uri": STATUS.uri}},
        "vc": {
            "@context": [CREDENTIALS_V1, context_url(INSURANCE_COVERAGE)],
            "type": ["VerifiableCredential", INSURANCE_COVERAGE.name],
            "issuer": ISSUER_DID,
            "issuanceDate": "2026-09-21T13:56:40Z",
            "expirationDate": "2026-09-21T14:30:00Z",
            "credentialSubject": {"id": HOLDER_DID, **COVERAGE_CLAIMS},
        },
    },
    "signed_by": "issuer",
}
_PRESENTATION: dict[str, Any] = {
    "header": {"alg": "ES256", "typ": "JWT", "kid": HOLDER_METHOD},
    "payload": {
        "iss": HOLDER_DID,
        "aud": AUDIENCE,
        "nonce": NONCE,
        "iat": NOW,
        "vp": {"@context": [CREDENTIALS_V1], "type": ["VerifiablePresentation"], "holder": HOLDER_DID},
    },
    "signed_by": "holder",
}
_NAMES: dict[str, Any] = {"$issuer_jwk": ISSUER.public_key.to_jwk(), "$holder_jwk": HOLDER.public_key.to_jwk()}


def _of_the_jwt(part: str, signer: str) -> list[Fault]:
    """What may be wrong with either JWT."""
    secret = put(f"{part}/signed_by", f"{signer}'s public key as a secret")
    return [
        fault(
            BAD,
            f"{part}: alg none",
            put(f"{part}/header/alg", "none"),
            put(f"{part}/signed_by", "nobody"),
            row="J1",
        ),
        fault(BAD, f"{part}: no alg", drop(f"{part}/header/alg"), row="J1"),
        fault(
            BAD,
            f"{part}: HS256 with the public key",
            put(f"{part}/header/alg", "HS256"),
            secret,
            row="J2",
        ),
        fault(BAD, f"{part}: alg of another curve", put(f"{part}/header/alg", "ES512"), row="J3"),
        fault(BAD, f"{part}: crit", put(f"{part}/header/crit", ["exp"]), row="J4"),
        fault(BAD, f"{part}: jku in the header", put(f"{part}/header/jku", "https://evil.example/keys"), row="J5"),
        fault(BAD, f"{part}: jwk in the header", put(f"{part}/header/jwk", "$issuer_jwk"), row="J5"),
        fault(BAD, f"{part}: no kid", drop(f"{part}/header/kid"), row="S6"),
        fault(BAD, f"{part}: kid without a fragment", put(f"{part}/header/kid", ISSUER_DID), row="S6"),
        fault(BAD, f"{part}: typ of a holder's proof", put(f"{part}/header/typ", "kb+jwt"), row="J9"),
        fault(BAD, f"{part}: iss of another", put(f"{part}/payload/iss", _NOBODY), row="S6"),
        fault(
            BAD,
            f"{part}: iss that begins with ours",
            put(f"{part}/payload/iss", ISSUER_DID + "0"),
            row="J11",
        ),
        fault(BAD, f"{part}: exp as text", put(f"{part}/payload/exp", "2030-01-01"), row="S5"),
        fault(BAD, f"{part}: nbf as a fraction", put(f"{part}/payload/nbf", 1.5), row="S5"),
        fault(BAD, f"{part}: iat twice", swap(f"{part}/payload", '"iat":', '"iat":1,"iat":'), row="J10"),
        fault(
            BAD,
            f"{part}: an infinite number",
            swap(f"{part}/payload", '"iat":', '"x":1e999,"iat":'),
            row="J10",
        ),
        fault(BAD, f"{part}: white space in a segment", swap(part, ".", ". "), row="J10"),
        fault(BAD, f"{part}: padding in a segment", swap(part, ".", "=."), row="J10"),
    ]


_VC, _SUBJECT, _VP = "credential/payload/vc", "credential/payload/vc/credentialSubject", "presentation/payload/vp"
_STATUS = "credential/payload/status/status_list"


def _times(claim: str, seconds: int, member: str, clock_time: str) -> tuple[Edit, Edit]:
    """A time in both places where it stands."""
    return put(f"credential/payload/{claim}", seconds), put(f"{_VC}/{member}", f"2026-09-21T{clock_time}Z")


_FAULTS = [
    *_of_the_jwt("credential", "issuer"),
    *_of_the_jwt("presentation", "holder"),
    # Who signed
    fault(Code.BAD_SIGNATURE, "credential: signed by another key", put("credential/signed_by", "stranger")),
    fault(Code.BAD_SIGNATURE, "credential: signed by its holder", put("credential/signed_by", "holder")),
    fault(Code.BAD_SIGNATURE, "credential: no signature", put("credential/signed_by", "nobody"), row="J1"),
    fault(Code.BAD_SIGNATURE, "credential: EdDSA with a P-256 key", put("credential/header/alg", "EdDSA"), row="J3"),
    fault(
        Code.BAD_SIGNATURE,
        "credential: a key that the issuer does not have",
        put("credential/header/kid", ISSUER_DID + "#delegate-9"),
        row="S6",
    ),
    fault(
        Code.UNKNOWN_ISSUER,
        "credential: an issuer that nobody knows",
        put("credential/header/kid", _NOBODY + "#delegate-1"),
        put("credential/payload/iss", _NOBODY),
        put(f"{_VC}/issuer", _NOBODY),
        row="S6",
    ),
    fault(
        Code.UNTRUSTED_ISSUER,
        "credential: an issuer without accreditation",
        put("credential/header/kid", world.UNACCREDITED_METHOD),
        put("credential/payload/iss", world.UNACCREDITED_METHOD.partition("#")[0]),
        put(f"{_VC}/issuer", world.UNACCREDITED_METHOD.partition("#")[0]),
        put("credential/signed_by", "stranger"),
        row="S6",
    ),
    fault(Code.HOLDER_KEY, "presentation: signed by another key", put("presentation/signed_by", "stranger"), row="S3"),
    fault(Code.HOLDER_KEY, "presentation: no signature", put("presentation/signed_by", "nobody"), row="J1"),
    fault(
        Code.HOLDER_KEY,
        "presentation: another holder's",
        put("presentation/header/kid", f"{_STRANGER_DID}#{_STRANGER_DID.removeprefix('did:key:')}"),
        put("presentation/payload/iss", _STRANGER_DID),
        put(f"{_VP}/holder", _STRANGER_DID),
        put("presentation/signed_by", "stranger"),
        row="I12",
    ),
    # When, for whom, and whether it still holds
    fault(Code.NOT_YET_VALID, "credential: valid in 31 seconds", *_times("nbf", NOW + 31, "issuanceDate", "14:13:51")),
    fault(Code.EXPIRED_CREDENTIAL, "credential: expired now", *_times("exp", NOW, "expirationDate", "14:13:20")),
    fault(BAD, "credential: exp is not the expirationDate", put("credential/payload/exp", NOW + 2000), row="S5"),
    fault(BAD, "credential: nbf is not the issuanceDate", put("credential/payload/nbf", NOW - 2000), row="S5"),
    fault(BAD, "credential: no end", drop("credential/payload/exp"), drop(f"{_VC}/expirationDate"), row="S5"),
    fault(Code.REVOKED, "credential: revoked", put(f"{_STATUS}/idx", world.REVOKED_INDEX), row="V11"),
    fault(Code.SUSPENDED, "credential: suspended", put(f"{_STATUS}/idx", world.SUSPENDED_INDEX), row="V11"),
    fault(Code.STATUS_UNAVAILABLE, "credential: past its list's end", put(f"{_STATUS}/idx", world.LIST_SIZE), row="L2"),
    fault(BAD, "credential: idx as text", put(f"{_STATUS}/idx", "1234"), row="L2"),
    fault(BAD, "credential: negative idx", put(f"{_STATUS}/idx", -1), row="L2"),
    fault(BAD, "credential: no status", drop("credential/payload/status"), row="V11"),
    fault(Code.WRONG_AUDIENCE, "presentation: for another desk", put("presentation/payload/aud", _NOBODY), row="S3"),
    fault(Code.WRONG_AUDIENCE, "presentation: another nonce", put("presentation/payload/nonce", "b3RoZXI"), row="S3"),
    fault(BAD, "presentation: no aud", drop("presentation/payload/aud"), row="S3"),
    fault(BAD, "presentation: no nonce", drop("presentation/payload/nonce"), row="S3"),
    fault(BAD, "presentation: two desks", put("presentation/payload/aud", [AUDIENCE, _NOBODY]), row="S3"),
    fault(BAD, "presentation: no iat", drop("presentation/payload/iat"), row="S3"),
    fault(BAD, "presentation: with an end", put("presentation/payload/exp", NOW + 60), row="S3"),
    fault(Code.CLOCK_SKEW, "presentation: 31 seconds ahead", put("presentation/payload/iat", NOW + 31), row="V6"),
    fault(Code.EXPIRED_PRESENTATION, "presentation: a minute old", put("presentation/payload/iat", NOW - 60), row="V6"),
    # The model
    fault(BAD, "credential: no vc", drop("credential/payload/vc")),
    fault(BAD, "credential: no context", drop(f"{_VC}/@context"), row="D2"),
    fault(BAD, "credential: context of VCDM 2.0", put(f"{_VC}/@context/0", CREDENTIALS_V2), row="D2"),
    fault(BAD, "credential: a foreign context", put(f"{_VC}/@context/0", "https://evil.example/v1"), row="D2"),
    fault(BAD, "credential: no type", drop(f"{_VC}/type")),
    fault(BAD, "credential: not a VerifiableCredential", drop(f"{_VC}/type/0")),
    fault(Code.NOT_A_CREDENTIAL, "credential: a type of nobody's", put(f"{_VC}/type/1", "LibraryCard")),
    fault(BAD, "credential: another issuer within", put(f"{_VC}/issuer", _NOBODY), row="S6"),
    fault(BAD, "credential: sub of another", put("credential/payload/sub", _STRANGER_DID), row="I12"),
    fault(BAD, "credential: about nobody", drop(f"{_SUBJECT}/id"), drop("credential/payload/sub"), row="I12"),
    fault(BAD, "credential: two subjects", put(_SUBJECT, [{"id": HOLDER_DID}, {"id": _STRANGER_DID}]), row="V4"),
    fault(BAD, "credential: a claim of another type", put(f"{_SUBJECT}/blood_group", "O")),
    fault(BAD, "credential: a required claim missing", drop(f"{_SUBJECT}/scheme")),
    fault(BAD, "credential: a claim of the wrong kind", put(f"{_SUBJECT}/birth_year", "1988")),
    fault(BAD, "credential: with a proof besides", put(f"{_VC}/proof", {"type": "DataIntegrityProof"}), row="D7"),
    fault(Code.NOT_COVERED, "credential: covered until before today", put(f"{_SUBJECT}/covered_until", "2026-03-01")),
    fault(Code.COVERED_ELSEWHERE, "credential: covered elsewhere", put(f"{_SUBJECT}/regular_hospital", "99999")),
    fault(BAD, "presentation: no vp", drop("presentation/payload/vp")),
    fault(BAD, "presentation: not a VerifiablePresentation", put(f"{_VP}/type", ["VerifiableCredential"])),
    fault(BAD, "presentation: no credential", put(f"{_VP}/verifiableCredential", []), row="V4"),
    fault(
        BAD,
        "presentation: two credentials",
        put(f"{_VP}/verifiableCredential", ["$credential", "$credential"]),
        row="V4",
    ),
    fault(
        BAD,
        "presentation: another within",
        put(f"{_VP}/verifiableCredential", ["$presentation"]),
        row="J9",
    ),
    fault(BAD, "the credential alone", swap("text", "$presentation", "$credential"), row="S1"),
]


def jwt_vc_json_family() -> Family:
    """A JWT of VCDM 1.1 in its holder's JWT, through the whole procedure."""
    return Family(
        "jwt-vc-json",
        world.terms() | world.policy_terms(POLICY),
        _forge([]),
        mutants_of(_FAULTS, _forge),
        world.check(POLICY),
    )


def _forge(edits: Sequence[Edit]) -> str:
    credential = forged_jws(_CREDENTIAL, edits, ["credential"], _NAMES)
    presentation = copy.deepcopy(_PRESENTATION)
    presentation["payload"]["vp"]["verifiableCredential"] = [credential]
    whole = forged_jws(presentation, [], ["presentation"], _NAMES)
    names = _NAMES | {"$credential": credential, "$presentation": whole}
    text = forged_jws(presentation, edits, ["presentation"], names)
    return edited_text(text, edits, ["text"], names | {"$presentation": text})
