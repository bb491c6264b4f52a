"""Our types as JSON-LD, presented: the issuer's proof within the holder's, one fault in either, at a desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.mutants import world
from tests.mutants.family import Family, fault, mutants_of
from tests.mutants.signed_documents import STRANGER_DID, Signed
from tests.support.faults import Edit, drop, edited_text, put, swap
from tests.support.verification import (
    AUDIENCE,
    COVERAGE_CLAIMS,
    HOLDER,
    ISSUER,
    ISSUER_DID,
    ISSUER_METHOD,
    NONCE,
    POLICY,
)
from tests.support.w3c_documents import HOLDER_DID, HOLDER_METHOD
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.json_ld import document_contexts, document_types
from vc_core.encoding import compact_json
from vc_core.errors import ReasonCode as Code
from vc_core.formats.data_integrity import Cryptosuite, ProofPurpose
from vc_core.formats.vcdm import CREDENTIALS_V2

BAD, FORGED, HOLDERS = Code.MALFORMED, Code.BAD_SIGNATURE, Code.HOLDER_KEY
_NOBODY = "did:ethr:0x539:0x3333333333333333333333333333333333333333"
_LIST = "https://office.example/status/1/"
_CREDENTIAL = Signed(
    {
        "@context": document_contexts(INSURANCE_COVERAGE),
        "id": "urn:uuid:0b5f1f3e-2f43-4c0a-9a3c-3f2f3c8f1a10",
        "type": document_types(INSURANCE_COVERAGE),
        "issuer": ISSUER_DID,
        "validFrom": "2026-09-21T13:56:40Z",
        "validUntil": "2026-09-21T14:30:00Z",
        "credentialSubject": {"id": HOLDER_DID, **COVERAGE_CLAIMS},
        "credentialStatus": [
            {
                "id": f"{_LIST}{purpose}#1234",
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": "1234",
                "statusListCredential": f"{_LIST}{purpose}",
            }
            for purpose in ("revocation", "suspension")
        ],
    },
    Cryptosuite.ECDSA_RDFC_2019,
    ISSUER,
    ISSUER_METHOD,
)

_C, _P = "credential", "presentation"
_SUBJECT, _ENTRY = f"{_C}/document/credentialSubject", f"{_C}/document/credentialStatus/0"
_PROOF, _HOLDERS_PROOF = f"{_C}/signed/proof", f"{_P}/signed/proof"


def _entry_at(index: int) -> tuple[Edit, Edit]:
    """Another place in the list."""
    return put(f"{_ENTRY}/statusListIndex", str(index)), put(f"{_ENTRY}/id", f"{_LIST}revocation#{index}")


_FAULTS = [
    # Who signed
    fault(FORGED, "credential: a claim changed", put(f"{_C}/signed/credentialSubject/scheme", "8407"), row="D6"),
    fault(FORGED, "credential: a longer validity", put(f"{_C}/signed/validUntil", "2030-01-01T00:00:00Z"), row="D6"),
    fault(FORGED, "credential: the value of another proof", put(f"{_PROOF}/proofValue", "$other_value"), row="D6"),
    fault(FORGED, "credential: signed by another key", put(f"{_C}/options/signer", "stranger"), row="D5"),
    fault(FORGED, "credential: a key that it lacks", put(f"{_PROOF}/verificationMethod", f"{ISSUER_DID}#x"), row="D5"),
    fault(BAD, "credential: the key of another", put(f"{_PROOF}/verificationMethod", "$stranger_method"), row="S6"),
    fault(BAD, "credential: another issuer", put(f"{_C}/document/issuer", _NOBODY), row="S6"),
    fault(
        Code.UNKNOWN_ISSUER,
        "credential: an issuer that nobody knows",
        put(f"{_C}/document/issuer", _NOBODY),
        put(f"{_PROOF}/verificationMethod", _NOBODY + "#delegate-1"),
        row="S6",
    ),
    fault(
        Code.UNTRUSTED_ISSUER,
        "credential: an issuer without accreditation",
        put(f"{_C}/document/issuer", world.UNACCREDITED_METHOD.partition("#")[0]),
        put(f"{_PROOF}/verificationMethod", world.UNACCREDITED_METHOD),
        row="S6",
    ),
    fault(HOLDERS, "presentation: signed by another key", put(f"{_P}/options/signer", "stranger"), row="I12"),
    fault(HOLDERS, "presentation: another proof", put(f"{_HOLDERS_PROOF}/proofValue", "$other_value"), row="I12"),
    fault(HOLDERS, "presentation: another holder", put(f"{_P}/document/holder", "$stranger"), row="I12"),
    fault(
        HOLDERS,
        "presentation: another holder's key",
        put(f"{_P}/document/holder", "$stranger"),
        put(f"{_HOLDERS_PROOF}/verificationMethod", "$stranger_method"),
        row="I12",
    ),
    fault(HOLDERS, "credential: another's", put(f"{_SUBJECT}/id", STRANGER_DID), row="I12"),
    fault(BAD, "presentation: for another purpose", put(f"{_P}/options/proofPurpose", "assertionMethod"), row="D5"),
    fault(BAD, "credential: for another purpose", put(f"{_C}/options/proofPurpose", "authentication"), row="D5"),
    fault(BAD, "credential: no proof", drop(_PROOF), row="J1"),
    fault(BAD, "presentation: no proof", drop(_HOLDERS_PROOF), row="S1"),
    fault(BAD, "credential: two proofs", put(_PROOF, ["$proof", "$proof"]), row="D7"),
    fault(BAD, "credential: one proof in a list", put(_PROOF, ["$proof"]), row="D7"),
    fault(BAD, "credential: a nonce in the proof", put(f"{_C}/options/nonce", "x"), row="D7"),
    fault(BAD, "credential: an unknown cryptosuite", put(f"{_PROOF}/cryptosuite", "rot13-2022"), row="J1"),
    fault(BAD, "credential: no time of signing", drop(f"{_PROOF}/created")),
    fault(FORGED, "credential: a cryptosuite of other keys", put(f"{_PROOF}/cryptosuite", "eddsa-rdfc-2022"), row="J3"),
    # When, for whom, and whether it still holds
    fault(Code.NOT_YET_VALID, "credential: not valid yet", put(f"{_C}/document/validFrom", "2026-09-21T14:13:51Z")),
    fault(Code.NOT_YET_VALID, "credential: signed in 31 seconds", put(f"{_C}/options/created", "2026-09-21T14:13:51Z")),
    fault(Code.EXPIRED_CREDENTIAL, "credential: expired now", put(f"{_C}/document/validUntil", "2026-09-21T14:13:20Z")),
    fault(BAD, "credential: no end", drop(f"{_C}/document/validUntil")),
    fault(BAD, "credential: a beginning without a time zone", put(f"{_C}/document/validFrom", "2026-09-21T13:56:40")),
    fault(Code.REVOKED, "credential: revoked", *_entry_at(world.REVOKED_INDEX), row="V11"),
    fault(Code.STATUS_UNAVAILABLE, "credential: past its list's end", *_entry_at(world.LIST_SIZE), row="L2"),
    fault(BAD, "credential: index as number", put(f"{_ENTRY}/statusListIndex", 1234), row="L2"),
    fault(BAD, "credential: negative index", put(f"{_ENTRY}/statusListIndex", "-1"), row="L2"),
    fault(BAD, "credential: index with a zero in front", put(f"{_ENTRY}/statusListIndex", "01234"), row="L2"),
    fault(BAD, "credential: no status", drop(f"{_C}/document/credentialStatus"), row="V11"),
    fault(BAD, "credential: an empty status", put(f"{_C}/document/credentialStatus", []), row="V11"),
    fault(Code.STATUS_UNAVAILABLE, "credential: unknown status", put(f"{_ENTRY}/type", "RevocationList1999"), row="L1"),
    fault(Code.WRONG_AUDIENCE, "presentation: for another desk", put(f"{_P}/options/domain", _NOBODY), row="D5"),
    fault(Code.WRONG_AUDIENCE, "presentation: another nonce", put(f"{_P}/options/challenge", "b3RoZXI"), row="D5"),
    fault(Code.WRONG_AUDIENCE, "presentation: no nonce", drop(f"{_P}/options/challenge"), row="D5"),
    fault(BAD, "presentation: for no desk", drop(f"{_P}/options/domain"), row="D5"),
    fault(BAD, "presentation: for two desks", put(f"{_P}/options/domain", [AUDIENCE, _NOBODY]), row="D5"),
    fault(
        Code.CLOCK_SKEW,
        "presentation: ahead",
        put(f"{_P}/options/created", "2026-09-21T14:13:51Z"),
        row="V6",
    ),
    fault(
        Code.EXPIRED_PRESENTATION,
        "presentation: a minute old",
        put(f"{_P}/options/created", "2026-09-21T14:12:20Z"),
        row="V6",
    ),
    # The form
    fault(Code.NOT_A_CREDENTIAL, "credential: an unknown type", put(f"{_C}/document/type/1", "LibraryCard"), row="D3"),
    fault(Code.NOT_A_CREDENTIAL, "credential: no context", drop(f"{_C}/document/@context"), row="D2"),
    fault(
        Code.NOT_A_CREDENTIAL,
        "credential: an unknown context",
        put(f"{_C}/document/@context/1", "https://evil.example/v1"),
        row="D2",
    ),
    fault(
        Code.NOT_A_CREDENTIAL,
        "credential: a context appended",
        put(f"{_C}/signed/@context/2", "https://www.w3.org/ns/credentials/examples/v2"),
        row="D1",
    ),
    fault(BAD, "credential: a member more", put(f"{_C}/document/name", "Coverage")),
    fault(BAD, "credential: no id", drop(f"{_C}/document/id")),
    fault(BAD, "credential: a claim of another type", put(f"{_SUBJECT}/blood_group", "O"), row="D3"),
    fault(BAD, "credential: a required claim missing", drop(f"{_SUBJECT}/scheme")),
    fault(BAD, "credential: a claim of the wrong kind", put(f"{_SUBJECT}/birth_year", "1988")),
    fault(BAD, "credential: two subjects", put(f"{_C}/document/credentialSubject", [{"id": HOLDER_DID}] * 2), row="V4"),
    fault(BAD, "credential: about nobody", drop(f"{_SUBJECT}/id"), row="I12"),
    fault(BAD, "credential: about a name of no key", put(f"{_SUBJECT}/id", "did:example:a"), row="I12"),
    fault(Code.NOT_COVERED, "credential: covered until before today", put(f"{_SUBJECT}/covered_until", "2026-03-01")),
    fault(Code.COVERED_ELSEWHERE, "credential: covered elsewhere", put(f"{_SUBJECT}/regular_hospital", "99999")),
    fault(BAD, "presentation: no credential", put(f"{_P}/document/verifiableCredential", []), row="V4"),
    fault(BAD, "presentation: a member more", put(f"{_P}/document/id", "urn:uuid:0"), row="D3"),
    fault(BAD, "presentation: a context more", put(f"{_P}/document/@context/1", "https://evil.example/v1"), row="D2"),
    fault(Code.NOT_A_CREDENTIAL, "the credential alone", put(f"{_P}/signed/type", ["VerifiableCredential"]), row="S1"),
    fault(BAD, "a member twice", swap("text", '"holder":', '"holder":"did:a:b","holder":'), row="J10"),
    fault(BAD, "a number that is not finite", swap("text", '"birth_year":1988', '"birth_year":1e999'), row="J10"),
    fault(BAD, "an opening brace", swap("text", "}", "{"), row="J10"),
]


_PRESENTATION = Signed(
    {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": HOLDER_DID,
        "verifiableCredential": [_CREDENTIAL.forge([])],
    },
    Cryptosuite.ECDSA_RDFC_2019,
    HOLDER,
    HOLDER_METHOD,
    ProofPurpose.AUTHENTICATION,
    {"domain": AUDIENCE, "challenge": NONCE},
)


def _forge(edits: Sequence[Edit]) -> str:
    contained = put(f"{_P}/document/verifiableCredential/0", _in_order(_CREDENTIAL.forge(edits, [_C])))
    presentation = _in_order(_PRESENTATION.forge([contained, *edits], [_P]))
    return edited_text(compact_json(presentation).decode("utf-8"), edits, ["text"], {})


def _in_order(document: dict[str, Any]) -> dict[str, Any]:
    """The proof's members in the order in which ours are written, so that the quick way of reading is tried as well."""
    proof = document.get("proof")
    if not isinstance(proof, dict):
        return document
    first = {name: proof[name] for name in ("type", "cryptosuite", "created") if name in proof}
    return {**document, "proof": first | proof}


def ldp_vc_family() -> Family:
    """A credential with its issuer's proof in a presentation with its holder's, through the whole procedure."""
    return Family(
        "ldp-vc",
        world.terms() | world.policy_terms(POLICY),
        _forge([]),
        mutants_of(_FAULTS, _forge),
        world.check(POLICY),
    )
