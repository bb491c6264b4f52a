"""Credentials and presentations of the data model, as the W3C's test suites send them to a VC API."""

from __future__ import annotations

from typing import Any

from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.did.key import create_did_key, did_key_method
from vc_core.formats.data_integrity import Cryptosuite, ProofPurpose, sign_document

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"


def general_credential(**changes: Any) -> dict[str, Any]:
    """A credential of a type that is none of ours, without an issuer; a change to None leaves the member out."""
    credential = {
        "@context": [CREDENTIALS_V2, EXAMPLES_V2],
        "id": "http://university.example/credentials/1872",
        "type": ["VerifiableCredential", "ExampleAlumniCredential"],
        "validFrom": "2024-07-01T19:23:24Z",
        "credentialSubject": {
            "id": "did:example:ebfeb1f712ebc6f1c276e12ec21",
            "alumniOf": {"id": "did:example:c276e12ec21ebfeb1f712ebc6f1", "name": "Example University"},
        },
    } | changes
    return {name: value for name, value in credential.items() if value is not None}


INVALID_CREDENTIALS: dict[str, dict[str, Any]] = {
    "no @context": {"@context": None},
    "an empty @context": {"@context": []},
    "the base context second": {"@context": [EXAMPLES_V2, CREDENTIALS_V2]},
    "the base context missing": {"@context": [EXAMPLES_V2]},
    "a context that is a number": {"@context": [CREDENTIALS_V2, 4]},
    "an unknown context": {"@context": [CREDENTIALS_V2, "https://evil.example/context"]},
    "an inline context that redefines a term": {"@context": [CREDENTIALS_V2, {"issuer": "https://evil.example/#i"}]},
    "no type": {"type": None},
    "a type that no context maps": {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential", "ExampleTestCredential"],
        "credentialSubject": {"id": "did:example:subject"},
    },
    "a type that its own context maps to no URL": {
        "@context": [CREDENTIALS_V2, {"ExampleTestCredential": "ExampleTestCredential"}],
        "type": ["VerifiableCredential", "ExampleTestCredential"],
        "credentialSubject": {"id": "did:example:subject"},
    },
    "a type that is none": {"type": ["ExampleAlumniCredential"]},
    "a type that is a number": {"type": ["VerifiableCredential", 7]},
    "an id that is no URL": {"id": "not a url"},
    "a relative id": {"id": "/credentials/1872"},
    "several ids": {"id": ["http://university.example/1", "http://university.example/2"]},
    "an id of null": {"id": 0},
    "no subject": {"credentialSubject": None},
    "an empty subject": {"credentialSubject": {}},
    "no subjects": {"credentialSubject": []},
    "a subject that is text": {"credentialSubject": "did:example:subject"},
    "one empty subject of two": {"credentialSubject": [{"id": "did:example:1"}, {}]},
    "a subject whose id is no URL": {"credentialSubject": {"id": "somebody", "alumniOf": "x"}},
    "a validFrom that is a date": {"validFrom": "2024-07-01"},
    "a validFrom that is a number": {"validFrom": 1719861804},
    "a validUntil without a zone": {"validUntil": "2034-07-01T19:23:24"},
    "a validUntil of no calendar": {"validUntil": "2034-13-01T19:23:24Z"},
    "an end before the beginning": {"validUntil": "2023-07-01T19:23:24Z"},
    "a status without a type": {"credentialStatus": {"id": "https://university.example/status/3#94567"}},
    "a status whose id is no URL": {"credentialStatus": {"id": "status 3", "type": "BitstringStatusListEntry"}},
    "a status whose type is a number": {"credentialStatus": {"type": 3}},
    "a schema without an id": {"credentialSchema": {"type": "JsonSchema"}},
    "a schema without a type": {"credentialSchema": {"id": "https://university.example/schema"}},
    "evidence without a type": {"evidence": [{"id": "https://university.example/evidence"}]},
    "terms of use without a type": {"termsOfUse": {"id": "https://university.example/terms"}},
    "a refresh service without a type": {"refreshService": {"id": "https://university.example/refresh"}},
    "a name that is a number": {"name": 4},
    "a description with extra members": {"description": {"@value": "x", "@language": "en", "url": "did:example:x"}},
    "an issuanceDate of the older model": {"issuanceDate": "2024-07-01T19:23:24Z"},
    "a related resource without a digest": {"relatedResource": [{"id": "https://www.w3.org/ns/credentials/v2"}]},
}
"""Each with one fault, in the spirit of the inputs of w3c/vc-data-model-2.0-test-suite."""

VALID_CREDENTIALS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "without an id": {"id": None},
    "several subjects": {"credentialSubject": [{"id": "did:example:1"}, {"id": "did:example:2"}]},
    "a subject without an id": {"credentialSubject": {"alumniOf": {"name": "Example University"}}},
    "no validFrom": {"validFrom": None},
    "a validUntil": {"validUntil": "2034-07-01T19:23:24Z"},
    "a zone": {"validFrom": "2024-07-01T19:23:24.123-05:00"},
    "a name": {"name": "Alumni", "description": [{"@value": "x", "@language": "en", "@direction": "ltr"}]},
    "a status": {"credentialStatus": {"id": "https://university.example/status/3#94567", "type": "ExampleStatus"}},
    "a schema": {"credentialSchema": {"id": "https://university.example/schema", "type": "JsonSchema"}},
    "evidence": {"evidence": [{"type": "ExampleEvidence"}]},
    "terms of use": {"termsOfUse": {"type": "ExampleTerms"}},
    "a refresh service": {"refreshService": {"type": "ExampleRefresh"}},
    "a type that its own context maps to a URL": {
        "@context": [CREDENTIALS_V2, {"ExampleTestCredential": "https://example.org/#ExampleTestCredential"}],
        "type": ["VerifiableCredential", "ExampleTestCredential"],
        "credentialSubject": {"id": "did:example:subject"},
    },
    "terms of use of a type that its own context maps": {
        "@context": [CREDENTIALS_V2, {"OdrlPolicy2017": "https://example.org/examples#OdrlPolicy2017"}],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:example:subject"},
        "termsOfUse": [{"type": "OdrlPolicy2017"}, {"type": "OdrlPolicy2017"}],
    },
    "a type that is a URL": {"type": ["VerifiableCredential", "https://university.example/#Alumni"]},
}


class Signatory:
    """Somebody with a did:key who issues or holds credentials."""

    def __init__(self, signer: Ed25519Signer | P256Signer) -> None:
        self.signer = signer
        self.did = create_did_key(signer.public_key)
        self.method = did_key_method(signer.public_key)

    def issue(
        self,
        credential: dict[str, Any],
        cryptosuite: Cryptosuite = Cryptosuite.EDDSA_RDFC_2022,
        *,
        purpose: ProofPurpose = ProofPurpose.ASSERTION_METHOD,
        method: str | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """The credential in this DID's name, where it names none, with a proof."""
        document = {"issuer": (method or self.method).partition("#")[0]} | credential
        return self.sign(document, cryptosuite, purpose=purpose, method=method, **options)

    def present(self, *credentials: Any, **members: Any) -> dict[str, Any]:
        """A presentation of these credentials, not signed."""
        presentation = {
            "@context": [CREDENTIALS_V2],
            "type": ["VerifiablePresentation"],
            "holder": self.did,
            "verifiableCredential": list(credentials),
        } | members
        return {name: value for name, value in presentation.items() if value is not None}

    def sign(
        self,
        document: dict[str, Any],
        cryptosuite: Cryptosuite = Cryptosuite.EDDSA_RDFC_2022,
        *,
        purpose: ProofPurpose = ProofPurpose.AUTHENTICATION,
        method: str | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """The document with a proof."""
        return sign_document(
            document,
            cryptosuite=cryptosuite,
            signer=self.signer,
            verification_method=method or self.method,
            purpose=purpose,
            created=1_780_000_000,
            options=options,
            own_terms=True,
        )
