"""The JSON-LD context of a credential type: what its terms mean, as IRIs, and what kind their values are.

The terms that the context of VCDM 2.0 (`https://www.w3.org/ns/credentials/v2`) has itself are left to it, since it
protects them: `name` means `https://schema.org/name` there. Every term of ours is protected as well, and a claim that
several types share means the same in each, so that their contexts may stand in one document.
"""

from __future__ import annotations

from typing import Any

from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType

CONTEXTS = "https://sabai.invalid/contexts/"
"""Start of the contexts' names. They are names: whoever reads them has the documents already and fetches nothing."""
VOCABULARY = "https://sabai.invalid/vocab#"
VCDM_CONTEXT = "https://www.w3.org/ns/credentials/v2"
VCDM_TERMS = frozenset({"id", "type", "name", "description"})
"""What a claim may be called, and the context of VCDM 2.0 defines for every document."""

_XSD = "http://www.w3.org/2001/XMLSchema#"
_DATATYPES = {ClaimKind.INTEGER: _XSD + "integer", ClaimKind.DATE: _XSD + "date"}


def context_url(credential_type: CredentialType) -> str:
    """The name of the type's context, such as `https://sabai.invalid/contexts/HealthId/v1`."""
    return f"{CONTEXTS}{credential_type.name}/v{credential_type.version}"


def document_contexts(credential_type: CredentialType) -> list[str]:
    """The `@context` of a credential of the type, as VCDM 2.0 orders it."""
    return [VCDM_CONTEXT, context_url(credential_type)]


def document_types(credential_type: CredentialType) -> list[str]:
    """The `type` of a credential of the type."""
    return ["VerifiableCredential", credential_type.name]


def create_context(credential_type: CredentialType) -> dict[str, Any]:
    """The context document of a type (JSON-LD 1.1 section 9.15), to stand after the one of VCDM 2.0."""
    terms: dict[str, Any] = {credential_type.name: VOCABULARY + credential_type.name}
    for claim in credential_type.whole_claims():
        if claim.name not in VCDM_TERMS:
            terms[claim.name] = _definition(claim)
    return {"@context": {"@version": 1.1, "@protected": True, **terms}}


def _definition(claim: Claim) -> str | dict[str, str]:
    """A term's meaning: its IRI alone for plain text, with the datatype for others."""
    iri = VOCABULARY + claim.name
    return {"@id": iri, "@type": _DATATYPES[claim.kind]} if claim.kind in _DATATYPES else iri
