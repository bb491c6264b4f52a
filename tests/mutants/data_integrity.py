"""Anybody's credentials and presentations with Data Integrity proofs, as the VC API takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.mutants.family import Family, Fault, fault, mutants_of
from tests.mutants.signed_documents import Signed, method_of
from tests.support.faults import Edit, drop, edited_text, put, swap
from tests.support.verification import HOLDER, NOW
from tests.support.w3c_documents import HOLDER_DID, HOLDER_METHOD
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.json_ld import context_url
from vc_core.crypto.keys import Ed25519Signer, Signer
from vc_core.did.key import KeyDids, create_did_key
from vc_core.did.resolver import DidResolver
from vc_core.encoding import EncodingError, compact_json, parse_json_object
from vc_core.errors import ReasonCode as Code
from vc_core.errors import Rejection
from vc_core.formats.data_integrity import (
    Cryptosuite,
    ProofPurpose,
    verify_credential_document,
    verify_presentation_document,
)
from vc_core.formats.vcdm import (
    CREDENTIALS_V1,
    CREDENTIALS_V2,
    CredentialDocument,
    parse_credential_document,
    parse_presentation_document,
)

BAD, FORGED = Code.MALFORMED, Code.BAD_SIGNATURE
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
_COVERAGE = context_url(INSURANCE_COVERAGE)
DOMAIN, CHALLENGE = "https://desk.example", "d5a0e2c0-3f6b-4c6f-8a57-6f3c0b8a1c55"
RESOLVER = DidResolver({"key": KeyDids()})

_ED25519 = Ed25519Signer(bytes([6]) * 32)


_ISSUER_DID = create_did_key(_ED25519.public_key)


def _credential(issuer: str) -> dict[str, Any]:
    return {
        "@context": [CREDENTIALS_V2, _COVERAGE],
        "id": "urn:uuid:0b5f1f3e-2f43-4c0a-9a3c-3f2f3c8f1a10",
        "type": ["VerifiableCredential", "InsuranceCoverage"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": {"id": HOLDER_DID, "scheme": "8401"},
    }


def _nested(depth: int) -> Any:
    return [_nested(depth - 1)] if depth else "x"


# -- Credentials ------------------------------------------------------------------------------------------------------

_SUBJECT = "document/credentialSubject"
_TAMPERED = [
    fault(FORGED, "a claim changed", put("signed/credentialSubject/scheme", "8407")),
    fault(FORGED, "a claim taken out", drop("signed/credentialSubject/scheme")),
    fault(FORGED, "another subject", put("signed/credentialSubject/id", "$stranger"), row="I12"),
    fault(FORGED, "a longer validity", put("signed/validUntil", "2030-01-01T00:00:00Z")),
    fault(FORGED, "a shorter validity", drop("signed/validFrom")),
    fault(FORGED, "another type", drop("signed/type/1")),
    fault(FORGED, "another id", put("signed/id", "urn:uuid:11111111-2f43-4c0a-9a3c-3f2f3c8f1a10")),
    fault(FORGED, "another issuer", put("signed/issuer", "$stranger"), row="S6"),
    fault(FORGED, "another time of signing", put("signed/proof/created", "2026-09-21T14:13:09Z")),
    fault(FORGED, "a nonce added to the proof", put("signed/proof/nonce", "x")),
    fault(FORGED, "the proof of another document", put("signed/proof", "$other_proof")),
    fault(FORGED, "the value of another proof", put("signed/proof/proofValue", "$other_value")),
    fault(FORGED, "a short signature", put("signed/proof/proofValue", "z2222")),
    fault(BAD, "a signature in other letters", put("signed/proof/proofValue", "u2222")),
    fault(FORGED, "the key of another", put("signed/proof/verificationMethod", "$stranger_method"), row="D5"),
    fault(FORGED, "a second proof that is bad", put("signed/proof", ["$proof", "$other_proof"]), row="D7"),
    fault(FORGED, "a context that means otherwise", put("signed/@context/1", EXAMPLES), row="D1"),
]
_FAULTS = [
    # Contexts and terms
    fault(BAD, "no context", drop("document/@context"), row="D2"),
    fault(BAD, "an unknown context", put("document/@context/1", "https://evil.example/v1"), row="D2"),
    fault(BAD, "an unknown context first", put("document/@context/0", "https://evil.example/v2"), row="D2"),
    fault(BAD, "the contexts in another order", put("document/@context", [_COVERAGE, CREDENTIALS_V2]), row="D2"),
    fault(BAD, "contexts of both versions", put("document/@context/1", CREDENTIALS_V1), row="D2"),
    fault(BAD, "terms of its own", put("document/@context/2", {"scheme": "https://evil.example/x"}), row="D1"),
    fault(BAD, "a vocabulary for all", put("document/@context/2", {"@vocab": "https://evil.example/"}), row="D3"),
    fault(BAD, "a context within", put(f"{_SUBJECT}/@context", {"scheme": "https://evil.example/x"}), row="D2"),
    fault(BAD, "an undefined term", put(f"{_SUBJECT}/bloodGroup", "O"), row="D3"),
    fault(BAD, "an undefined term at the top", put("document/ward", "7"), row="D3"),
    fault(BAD, "an undefined type", put("document/type/1", "LibraryCard"), row="D3"),
    fault(BAD, "a keyword for a member", put(f"{_SUBJECT}/@reverse", {"scheme": "x"}), row="D3"),
    fault(BAD, "a graph within", put("document/@graph", [{"id": "did:example:a"}]), row="D3"),
    # The model
    fault(BAD, "no type", drop("document/type")),
    fault(BAD, "not a VerifiableCredential", drop("document/type/0")),
    fault(BAD, "no issuer", drop("document/issuer")),
    fault(BAD, "an issuer that is no URL", put("document/issuer", "the office")),
    fault(BAD, "an issuer without an id", put("document/issuer", {"name": "The Office"})),
    fault(BAD, "two issuers", put("document/issuer", ["$stranger", "$stranger"])),
    fault(BAD, "a relative id", put("document/id", "credentials/7")),
    fault(BAD, "two ids", put("document/id", ["urn:a:b", "urn:a:c"])),
    fault(BAD, "no subject", drop(_SUBJECT)),
    fault(BAD, "an empty subject", put(_SUBJECT, {})),
    fault(BAD, "a subject as text", put(_SUBJECT, "did:example:a")),
    fault(BAD, "a relative subject", put(f"{_SUBJECT}/id", "patients/7")),
    fault(BAD, "a validFrom without a time zone", put("document/validFrom", "2026-01-01T00:00:00")),
    fault(BAD, "a validFrom without a time", put("document/validFrom", "2026-01-01")),
    fault(BAD, "a validFrom of February 30", put("document/validFrom", "2026-02-30T00:00:00Z")),
    fault(BAD, "a validUntil as number", put("document/validUntil", 1798761600)),
    fault(BAD, "an end before the beginning", put("document/validUntil", "2025-01-01T00:00:00Z")),
    fault(BAD, "a status without a type", put("document/credentialStatus", {"id": "https://a.example/1"})),
    fault(BAD, "evidence without a type", put("document/evidence", {"id": "https://a.example/1"})),
    fault(BAD, "terms of use without a type", put("document/termsOfUse", {"id": "https://a.example/1"})),
    fault(BAD, "a schema without an id", put("document/credentialSchema", {"type": "JsonSchema"})),
    fault(BAD, "a number for text", put(f"{_SUBJECT}/scheme", {"@value": 8401, "@language": "en"})),
    fault(BAD, "a name in no language", put("document/name", {"@value": "A", "@language": 7})),
    # The text
    fault(BAD, "a member twice", swap("text", '"issuer":', '"issuer":"did:a:b","issuer":'), row="J10"),
    fault(BAD, "an infinite number", swap("text", '"scheme":', '"x":1e999,"scheme":'), row="J10"),
    fault(BAD, "a lone surrogate", swap("text", "8401", "\\ud800"), row="J10"),
    fault(BAD, "nested deep", put(f"{_SUBJECT}/scheme", _nested(40)), row="J10"),
    # When
    fault(Code.NOT_YET_VALID, "valid in 31 seconds", put("document/validFrom", "2026-09-21T14:13:51Z")),
    fault(Code.EXPIRED_CREDENTIAL, "expired this second", put("document/validUntil", "2026-09-21T14:13:20Z")),
    fault(Code.NOT_YET_VALID, "signed in 31 seconds", put("options/created", "2026-09-21T14:13:51Z")),
    fault(Code.EXPIRED_CREDENTIAL, "a proof that has expired", put("options/expires", "2026-09-21T14:13:20Z")),
    # The proof
    fault(BAD, "no proof", drop("signed/proof"), row="J1"),
    fault(BAD, "no proof in a list", put("signed/proof", []), row="J1"),
    fault(BAD, "a proof as text", put("signed/proof", "$value")),
    fault(Code.TOO_LARGE, "eleven proofs", put("signed/proof", "$eleven_proofs"), row="D4"),
    fault(BAD, "a proof of an unknown kind", put("signed/proof/type", "Ed25519Signature2018")),
    fault(BAD, "a proof without a kind", drop("signed/proof/type")),
    fault(BAD, "an unknown cryptosuite", put("signed/proof/cryptosuite", "rot13-2022"), row="J1"),
    fault(BAD, "no cryptosuite", drop("signed/proof/cryptosuite"), row="J1"),
    fault(FORGED, "a cryptosuite for other keys", put("signed/proof/cryptosuite", "ecdsa-rdfc-2019"), row="J3"),
    fault(FORGED, "a cryptosuite of the same keys", put("signed/proof/cryptosuite", "eddsa-jcs-2022"), row="J3"),
    fault(FORGED, "no value", drop("signed/proof/proofValue"), row="J1"),
    fault(FORGED, "a value as number", put("signed/proof/proofValue", 7)),
    fault(FORGED, "an empty value", put("signed/proof/proofValue", "z"), row="J1"),
    fault(BAD, "no key", drop("signed/proof/verificationMethod"), row="D5"),
    fault(BAD, "a DID for a key", put("signed/proof/verificationMethod", _ISSUER_DID), row="D5"),
    fault(BAD, "a web address for a key", put("signed/proof/verificationMethod", "https://a.example/key"), row="D5"),
    fault(
        FORGED, "a key that the issuer lacks", put("signed/proof/verificationMethod", _ISSUER_DID + "#other"), row="D5"
    ),
    fault(
        Code.UNKNOWN_ISSUER,
        "a key of nobody",
        put("signed/proof/verificationMethod", "did:example:nobody#key"),
        put("signed/issuer", "did:example:nobody"),
        row="D5",
    ),
    fault(FORGED, "for another purpose", put("options/proofPurpose", "authentication"), row="D5"),
    fault(BAD, "no purpose", drop("signed/proof/proofPurpose"), row="D5"),
    fault(FORGED, "signed by another key", put("options/signer", "stranger"), row="D5"),
    fault(BAD, "a chain to nothing", put("signed/proof/previousProof", "urn:uuid:0"), row="D7"),
    fault(BAD, "a proof with a relative id", put("signed/proof/id", "proof-1"), row="D7"),
]


def data_integrity_families() -> list[Family]:
    """All faults under one cryptosuite, those of a changed document under each."""
    suites: dict[Cryptosuite, tuple[Signer, list[Fault]]] = {
        Cryptosuite.EDDSA_RDFC_2022: (_ED25519, [*_TAMPERED, *_FAULTS]),
        Cryptosuite.EDDSA_JCS_2022: (_ED25519, _TAMPERED),
        Cryptosuite.ECDSA_RDFC_2019: (HOLDER, _TAMPERED),
        Cryptosuite.ECDSA_JCS_2019: (HOLDER, _TAMPERED),
    }
    return [*(_credential_family(suite, *each) for suite, each in suites.items()), _presentation_family()]


def _credential_family(suite: Cryptosuite, signer: Signer, faults: Sequence[Fault]) -> Family:
    good = Signed(_credential(create_did_key(signer.public_key)), suite, signer, method_of(signer.public_key))
    forge = _forger(good)

    async def check(text: str) -> object:
        credential = parse_credential_document(_json(text))
        await verify_credential_document(credential, RESOLVER, now=NOW)
        credential.check_validity(now=NOW, clock_tolerance=30)
        return credential

    return Family(f"data-integrity-{suite}", {"now": NOW}, forge([]), mutants_of(faults, forge), check)


# -- Presentations ----------------------------------------------------------------------------------------------------

_INNER = "verifiableCredential/0"
_PRESENTATION_FAULTS = [
    fault(Code.WRONG_AUDIENCE, "another challenge", put("options/challenge", "another"), row="D5"),
    fault(Code.WRONG_AUDIENCE, "no challenge", drop("options/challenge"), row="D5"),
    fault(Code.WRONG_AUDIENCE, "another domain", put("options/domain", "https://other.example"), row="D5"),
    fault(
        Code.WRONG_AUDIENCE, "a domain that begins alike", put("options/domain", DOMAIN + ".evil.example"), row="J11"
    ),
    fault(Code.WRONG_AUDIENCE, "no domain", drop("options/domain"), row="D5"),
    fault(Code.HOLDER_KEY, "a challenge put in later", put("signed/proof/nonce", "x"), row="D5"),
    fault(Code.HOLDER_KEY, "for another purpose", put("options/proofPurpose", "assertionMethod"), row="D5"),
    fault(Code.HOLDER_KEY, "signed by another key", put("options/signer", "stranger"), row="I12"),
    fault(Code.HOLDER_KEY, "another holder", put("document/holder", "$stranger"), row="I12"),
    fault(Code.HOLDER_KEY, "the holder changed", put("signed/holder", "$stranger"), row="I12"),
    fault(Code.HOLDER_KEY, "the credential changed", put(f"signed/{_INNER}/credentialSubject/scheme", "B"), row="D6"),
    fault(Code.HOLDER_KEY, "the credential taken out", put("signed/verifiableCredential", []), row="D6"),
    fault(BAD, "a bad credential", drop(f"document/{_INNER}/issuer"), row="D6"),
    fault(
        Code.BAD_SIGNATURE,
        "a forged credential",
        put(f"document/{_INNER}/validUntil", "2030-01-01T00:00:00Z"),
        row="D6",
    ),
    fault(BAD, "a credential as number", put("document/verifiableCredential/0", 7), row="D6"),
    fault(Code.CLOCK_SKEW, "signed in 31 seconds", put("options/created", "2026-09-21T14:13:51Z"), row="V6"),
    fault(
        Code.EXPIRED_PRESENTATION, "a proof that has expired", put("options/expires", "2026-09-21T14:13:20Z"), row="V6"
    ),
    fault(BAD, "no proof", drop("signed/proof"), row="S1"),
    fault(BAD, "not a VerifiablePresentation", put("document/type", ["VerifiableCredential"])),
    fault(BAD, "no context", drop("document/@context"), row="D2"),
    fault(BAD, "an unknown context", put("document/@context/1", "https://evil.example/v1"), row="D2"),
    fault(BAD, "an undefined term", put("document/ward", "7"), row="D3"),
]


def _presentation_family() -> Family:
    inner = Signed(
        _credential(_ISSUER_DID), Cryptosuite.EDDSA_RDFC_2022, _ED25519, method_of(_ED25519.public_key)
    ).forge([])
    document = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": HOLDER_DID,
        "verifiableCredential": [inner],
    }
    forge = _forger(
        Signed(
            document,
            Cryptosuite.ECDSA_RDFC_2019,
            HOLDER,
            HOLDER_METHOD,
            ProofPurpose.AUTHENTICATION,
            {"challenge": CHALLENGE, "domain": DOMAIN},
        )
    )

    async def check(text: str) -> object:
        presentation = parse_presentation_document(_json(text))
        await verify_presentation_document(
            presentation, RESOLVER, now=NOW, expected_challenge=CHALLENGE, expected_domains={DOMAIN}
        )
        for credential in presentation.credentials:
            assert isinstance(credential, CredentialDocument)
            await verify_credential_document(credential, RESOLVER, now=NOW)
        return presentation

    terms = {"now": NOW, "challenge": CHALLENGE, "domain": DOMAIN}
    return Family("data-integrity-presentation", terms, forge([]), mutants_of(_PRESENTATION_FAULTS, forge), check)


def _forger(good: Signed) -> Callable[[Sequence[Edit]], str]:
    """Edits of `Signed.forge`, and `text` at last."""

    def forge(edits: Sequence[Edit]) -> str:
        return edited_text(compact_json(good.forge(edits)).decode("utf-8"), edits, ["text"], {})

    return forge


def _json(text: str) -> dict[str, Any]:
    """As the VC API reads a body, which refuses what is no JSON before it is a document."""
    try:
        return parse_json_object(text)
    except EncodingError as cause:
        raise Rejection(BAD, "This is no JSON object.") from cause
