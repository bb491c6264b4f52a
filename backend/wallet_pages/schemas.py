"""What the wallet's pages are told."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class IssuerAnswer(BaseModel):
    """An issuer that the registry lets issue a type: its name there, and the key that was asked for."""

    did: str
    name: str
    public_key_jwk: dict[str, Any]


class VerifierAnswer(BaseModel):
    """A verifier that the registry knows: its name there, the key that was asked for, and what it may ask for.

    `may_ask` has the names of claims by credential type; a type that it may not ask for is not there.
    """

    did: str
    name: str
    public_key_jwk: dict[str, Any]
    may_ask: dict[str, list[str]]


class KnownIssuerAnswer(BaseModel):
    """An issuer by its identifier, and its name for people."""

    credential_issuer: str
    name: str


class KnownIssuersAnswer(BaseModel):
    """The issuers that cards can be had from without an offer."""

    issuers: list[KnownIssuerAnswer]
