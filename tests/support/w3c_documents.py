"""Credentials of the W3C model as JSON, for tests that secure them in one way or another; issued by `ISSUER_DID`."""

from __future__ import annotations

from typing import Any

from tests.support.verification import HOLDER, ISSUER_DID
from vc_core.did.key import create_did_key
from vc_core.formats.vcdm import CREDENTIALS_V1, CREDENTIALS_V2

HOLDER_DID = create_did_key(HOLDER.public_key)
HOLDER_METHOD = f"{HOLDER_DID}#{HOLDER_DID.removeprefix('did:key:')}"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"


def credential_2_0(**changes: Any) -> dict[str, Any]:
    """A VCDM 2.0 credential, in force from 2026-01-01 until 2027-01-01; a change to None leaves the member out."""
    document = {
        "@context": [CREDENTIALS_V2, EXAMPLES],
        "id": "urn:uuid:0b5f1f3e-2f43-4c0a-9a3c-3f2f3c8f1a10",
        "type": ["VerifiableCredential", "ExampleDegreeCredential"],
        "issuer": ISSUER_DID,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": {
            "id": HOLDER_DID,
            "degree": {"type": "ExampleBachelorDegree", "name": "Bachelor of Science and Arts"},
            "languages": ["th", "my"],
        },
    }
    return _changed(document, changes)


def credential_1_1(**changes: Any) -> dict[str, Any]:
    """The like of VCDM 1.1."""
    document = {
        "@context": [CREDENTIALS_V1],
        "id": "urn:uuid:5a6c1a1e-6c58-4f5f-8d0a-6b1b1c2d3e4f",
        "type": ["VerifiableCredential"],
        "issuer": ISSUER_DID,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "expirationDate": "2027-01-01T00:00:00Z",
        "credentialSubject": {"id": HOLDER_DID, "ward": "7"},
    }
    return _changed(document, changes)


def _changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (document | changes).items() if value is not None}
