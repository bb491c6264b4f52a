"""What the wallet's pages are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from vc_core.credential_types.definition import Claim, CredentialType
from vc_core.credential_types.schemes import SCHEMES


class ClaimAnswer(BaseModel):
    """A claim, as its type's definition has it; labels by language."""

    name: str
    labels: Mapping[str, str]
    kind: str
    qr_key: int | None
    choices: Mapping[str, Mapping[str, str]] | None


class CredentialTypeAnswer(BaseModel):
    """A credential type, as its definition has it; labels by language."""

    name: str
    vct: str
    number: int
    labels: Mapping[str, str]
    color: str
    claims: list[ClaimAnswer]


class CredentialTypesAnswer(BaseModel):
    """All credential types, and the names of schemes by their codes and by language."""

    credential_types: list[CredentialTypeAnswer]
    schemes: Mapping[str, Mapping[str, str]]


class HospitalsAnswer(BaseModel):
    """The names of hospitals, in Thai (`th`) and English (`en`), by their codes."""

    hospitals: Mapping[str, Mapping[str, str]]


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


def describe_types(types: Iterable[CredentialType]) -> CredentialTypesAnswer:
    """The definitions, for a page."""
    return CredentialTypesAnswer(
        credential_types=[
            CredentialTypeAnswer(
                name=each.name,
                vct=each.vct,
                number=each.number,
                labels=each.labels,
                color=each.color,
                claims=[_describe_claim(claim) for claim in each.claims],
            )
            for each in types
        ],
        schemes={scheme.code: scheme.labels for scheme in SCHEMES.values()},
    )


def _describe_claim(claim: Claim) -> ClaimAnswer:
    return ClaimAnswer(
        name=claim.name, labels=claim.labels, kind=claim.kind, qr_key=claim.qr_key, choices=claim.choices
    )
