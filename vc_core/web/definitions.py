"""What pages write credentials with: `GET /credential-types` and `/hospitals`, the same for wallet and office."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fastapi import APIRouter, Response
from pydantic import BaseModel

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import Claim, CredentialType
from vc_core.credential_types.schemes import SCHEMES


class ClaimAnswer(BaseModel):
    """A claim, as its type's definition has it; labels by language."""

    name: str
    labels: Mapping[str, str]
    kind: str
    required: bool
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


def definitions_router(hospitals: Mapping[str, Mapping[str, str]]) -> APIRouter:
    """Labels, choices, schemes and hospitals. `hospitals`: names by code, as `load_hospital_names` has them."""
    router = APIRouter(tags=["definitions"])
    types = _describe_types(CREDENTIAL_TYPES.values())

    @router.get("/credential-types", summary="The credential types, with their labels in five languages")
    async def credential_types(response: Response) -> CredentialTypesAnswer:
        response.headers["Cache-Control"] = "no-cache"
        return types

    # All of them at once, so that nobody learns at which hospitals a wallet's holder is covered.
    @router.get("/hospitals", summary="The names of hospitals")
    async def hospital_names(response: Response) -> HospitalsAnswer:
        response.headers["Cache-Control"] = "no-cache"
        return HospitalsAnswer(hospitals=hospitals)

    return router


def _describe_types(types: Iterable[CredentialType]) -> CredentialTypesAnswer:
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
        name=claim.name,
        labels=claim.labels,
        kind=claim.kind,
        required=claim.required,
        qr_key=claim.qr_key,
        choices=claim.choices,
    )
