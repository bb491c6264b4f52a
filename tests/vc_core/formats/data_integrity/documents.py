"""Documents that the tests of Data Integrity sign, and the keys that they sign with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vc_core.crypto.keys import Ed25519Signer, P256Signer, P384Signer, Signer
from vc_core.did.key import create_did_key
from vc_core.formats.data_integrity import Cryptosuite, ProofPurpose, sign_document
from vc_core.formats.vcdm import CREDENTIALS_V2

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
NOW = 1_800_000_000
CREATED = NOW - 10
CHALLENGE = "d5a0e2c0-3f6b-4c6f-8a57-6f3c0b8a1c55"
DOMAIN = "https://desk.example"

ISSUER = Ed25519Signer(bytes(range(32)))
OTHER = Ed25519Signer(bytes(range(1, 33)))
HOLDER = P256Signer.from_bytes(b"\1" * 32)
P384 = P384Signer.from_bytes(b"\2" * 48)
SUITES: list[tuple[Cryptosuite, Signer]] = [
    (Cryptosuite.EDDSA_RDFC_2022, ISSUER),
    (Cryptosuite.EDDSA_JCS_2022, ISSUER),
    (Cryptosuite.ECDSA_RDFC_2019, HOLDER),
    (Cryptosuite.ECDSA_JCS_2019, HOLDER),
    (Cryptosuite.ECDSA_RDFC_2019, P384),
    (Cryptosuite.ECDSA_JCS_2019, P384),
]
SUITE_NAMES = [f"{suite}-{signer.public_key.algorithm}" for suite, signer in SUITES]


def did_of(signer: Signer) -> str:
    return create_did_key(signer.public_key)


def method_of(signer: Signer) -> str:
    did = did_of(signer)
    return f"{did}#{did.removeprefix('did:key:')}"


def credential_by(signer: Signer, **changes: Any) -> dict[str, Any]:
    """A credential without a proof."""
    return {
        "@context": [CREDENTIALS_V2, EXAMPLES],
        "type": ["VerifiableCredential", "AlumniCredential"],
        "issuer": did_of(signer),
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:alumna", "alumniOf": "The School of Examples"},
        **changes,
    }


def presentation_by(signer: Signer, *credentials: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A presentation without a proof."""
    return {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": did_of(signer),
        "verifiableCredential": list(credentials),
        **changes,
    }


def signed(
    document: Mapping[str, Any],
    signer: Signer = ISSUER,
    cryptosuite: Cryptosuite = Cryptosuite.EDDSA_RDFC_2022,
    purpose: ProofPurpose = ProofPurpose.ASSERTION_METHOD,
    own_terms: bool = False,
    **options: Any,
) -> dict[str, Any]:
    return sign_document(
        document,
        cryptosuite=cryptosuite,
        signer=signer,
        verification_method=method_of(signer),
        purpose=purpose,
        created=CREATED,
        options=options,
        own_terms=own_terms,
    )


def presented(document: Mapping[str, Any], signer: Signer = HOLDER, **options: Any) -> dict[str, Any]:
    """A presentation with its holder's proof, made for `DOMAIN` with `CHALLENGE`."""
    options = {"challenge": CHALLENGE, "domain": DOMAIN} | options
    suite = Cryptosuite.ECDSA_RDFC_2019 if signer is HOLDER else Cryptosuite.EDDSA_RDFC_2022
    return signed(document, signer, suite, ProofPurpose.AUTHENTICATION, **options)
