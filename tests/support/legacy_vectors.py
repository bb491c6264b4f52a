"""Writes tests/vectors/legacy/didkit.json: `python -m tests.support.legacy_vectors`. Needs the extra didkit.

The keys are made from fixed seeds and the dates are fixed, so a second run writes the same file.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import didkit

from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.did.key import create_did_key
from vc_core.encoding import base64url_encode

PATH = Path(__file__).parent.parent / "vectors" / "legacy" / "didkit.json"
PROVENANCE = "Signed by didkit 0.3.3 with keys of fixed seeds; written by tests/support/legacy_vectors.py."
V1 = "https://www.w3.org/2018/credentials/v1"
EXAMPLES = "https://www.w3.org/2018/credentials/examples/v1"
ISSUER = Ed25519Signer(b"legacy issuer: 32 bytes of seed.")
HOLDER = Ed25519Signer(b"legacy holder: 32 bytes of seed.")
P256_ISSUER = P256Signer.from_bytes(b"legacy P-256 issuer: 32 bytes!!!")


async def main() -> None:
    """Signs everything and writes the file."""
    credential: dict[str, Any] = {
        "@context": [V1, EXAMPLES],
        "id": "urn:uuid:7a6cafb9-11c3-41a8-98d8-8b5a45c2548f",
        "type": ["VerifiableCredential", "AlumniCredential"],
        "issuer": create_did_key(ISSUER.public_key),
        "issuanceDate": "2021-03-01T09:00:00Z",
        "expirationDate": "2031-03-01T09:00:00Z",
        "credentialSubject": {"id": create_did_key(HOLDER.public_key), "givenName": "Somchai"},
    }
    signed: dict[str, dict[str, Any]] = {
        "ed25519-2018": await _issue(credential, "Ed25519Signature2018"),
        "ed25519-2020": await _issue(credential, "Ed25519Signature2020"),
        "jws-2020": await _issue(credential, "JsonWebSignature2020"),
        "jws-2020-p256": await _issue(
            credential | {"issuer": create_did_key(P256_ISSUER.public_key)}, "JsonWebSignature2020", P256_ISSUER
        ),
        "expired": await _issue(credential | {"expirationDate": "2022-03-01T09:00:00Z"}),
        "future": await _issue(
            credential | {"issuanceDate": "2099-03-01T09:00:00Z", "expirationDate": "2100-01-01T00:00:00Z"}
        ),
        "revocation-list": await _issue(_with_status(credential)),
        "purpose": await _issue(credential, purpose="authentication"),
        "vaccination": await _issue(_vaccination(credential)),
    }
    forged = signed["ed25519-2020"] | {"credentialSubject": credential["credentialSubject"] | {"givenName": "Mallory"}}
    presented = {
        "presentation": [signed["ed25519-2020"], signed["jws-2020"]],
        "presentation-forged": [signed["ed25519-2020"], forged],
        "presentation-expired": [signed["expired"]],
    }
    signed |= {name: await _present(credentials) for name, credentials in presented.items()}
    PATH.write_text(json.dumps({"provenance": PROVENANCE, "documents": signed}, indent=2) + "\n", "utf-8")


def _with_status(credential: dict[str, Any]) -> dict[str, Any]:
    status = {
        "id": "https://issuer.example/lists/1#7",
        "type": "RevocationList2020Status",
        "revocationListIndex": "7",
        "revocationListCredential": "https://issuer.example/lists/1",
    }
    return credential | {
        "@context": [V1, EXAMPLES, "https://w3id.org/vc-revocation-list-2020/v1"],
        "credentialStatus": status,
    }


def _vaccination(credential: dict[str, Any]) -> dict[str, Any]:
    return credential | {
        "@context": [V1, "https://w3id.org/vaccination/v1"],
        "type": ["VerifiableCredential", "VaccinationCertificate"],
        "name": "Vaccination certificate",
        "credentialSubject": {
            "type": "VaccinationEvent",
            "batchNumber": "1183738569",
            "dateOfVaccination": "2021-02-23T10:00:00Z",
            "countryOfVaccination": "TH",
            "recipient": {"type": "VaccineRecipient", "givenName": "Somchai", "familyName": "Jaidee"},
            "vaccine": {"type": "Vaccine", "disease": "COVID-19", "atcCode": "J07BX03"},
        },
    }


async def _issue(
    credential: dict[str, Any],
    proof_type: str = "Ed25519Signature2020",
    signer: Ed25519Signer | P256Signer = ISSUER,
    *,
    purpose: str = "assertionMethod",
) -> dict[str, Any]:
    options = {"type": proof_type, "proofPurpose": purpose, "created": "2021-03-01T09:00:00Z"}
    options |= {"verificationMethod": _method(signer)}
    return dict(json.loads(await didkit.issue_credential(json.dumps(credential), json.dumps(options), _jwk(signer))))


async def _present(credentials: list[dict[str, Any]]) -> dict[str, Any]:
    presentation = {
        "@context": [V1],
        "type": ["VerifiablePresentation"],
        "holder": create_did_key(HOLDER.public_key),
        "verifiableCredential": credentials,
    }
    options = {
        "type": "Ed25519Signature2020",
        "proofPurpose": "authentication",
        "created": "2026-09-01T09:00:00Z",
        "verificationMethod": _method(HOLDER),
        "challenge": "a question",
        "domain": "verifier.example",
    }
    signed = await didkit.issue_presentation(json.dumps(presentation), json.dumps(options), _jwk(HOLDER))
    return dict(json.loads(signed))


def _method(signer: Ed25519Signer | P256Signer) -> str:
    did = create_did_key(signer.public_key)
    return f"{did}#{did.removeprefix('did:key:')}"


def _jwk(signer: Ed25519Signer | P256Signer) -> str:
    return json.dumps(signer.public_key.to_jwk() | {"d": base64url_encode(signer.to_bytes())})


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)  # an interpreter that ends shortly after a call of didkit crashes
