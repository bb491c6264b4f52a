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
