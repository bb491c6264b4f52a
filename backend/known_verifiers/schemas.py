"""The list of verifiers, as it goes over the wire."""

from __future__ import annotations

from pydantic import BaseModel, Field


class VerifierKey(BaseModel):
    """A P-256 key of a verifier: its DID URL, and the two coordinates in base64url."""

    id: str
    x: str
    y: str


class ListedVerifier(BaseModel):
    """A verifier that the registry knows by name."""

    did: str
    name: str
    passes: list[int] = Field(description="The numbers of the credential types whose QR pass it may see in full.")
    keys: list[VerifierKey]


class KnownVerifiers(BaseModel):
    """Everybody who may ask for something; `as_of` in seconds since 1970."""

    as_of: int
    verifiers: list[ListedVerifier]
