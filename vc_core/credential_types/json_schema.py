"""The JSON Schema (2020-12) of a credential type's claims: as the credential has them when nothing is withheld."""

from __future__ import annotations

from typing import Any

from vc_core.credential_types.definition import MAX_INTEGER, MAX_TEXT, Claim, ClaimKind, CredentialType
from vc_core.credential_types.portrait import MAX_LENGTH, PATTERN

SCHEMAS = "https://sabai.invalid/schemas/"
"""Start of the schemas' names. They are names: a schema is served by every issuer, and needs no other."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def schema_url(credential_type: CredentialType) -> str:
    """The name of the type's schema, such as `https://sabai.invalid/schemas/HealthId/v1`."""
    return f"{SCHEMAS}{credential_type.name}/v{credential_type.version}"


def create_schema(credential_type: CredentialType) -> dict[str, Any]:
    """The schema of an object that has the type's claims and nothing else."""
    return {
        "$schema": _DIALECT,
        "$id": schema_url(credential_type),
        "title": credential_type.name,
        "description": credential_type.description,
        "type": "object",
        "properties": {claim.name: _claim(claim) for claim in credential_type.claims},
        "required": [claim.name for claim in credential_type.claims if claim.required],
        "additionalProperties": False,
    }


def _claim(claim: Claim) -> dict[str, Any]:
    titled = {"title": claim.labels["en"]}
    match claim.kind:
        case ClaimKind.INTEGER:
            return titled | {"type": "integer", "minimum": 0, "maximum": MAX_INTEGER}
        case ClaimKind.DATE:
            return titled | {"type": "string", "format": "date", "pattern": _whole(_DATE)}
        case ClaimKind.IMAGE:
            return titled | {"type": "string", "maxLength": MAX_LENGTH, "pattern": _whole(PATTERN)}
        case ClaimKind.TEXT:
            rules: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
            if claim.pattern is not None:
                rules["pattern"] = _whole(claim.pattern)
            if claim.choices is not None:
                rules["enum"] = list(claim.choices)
            return titled | rules


def _whole(pattern: str) -> str:
    """A pattern is searched for anywhere, unless it is anchored. To Python's readers `$` also comes before a last line
    break, to others never.
    """
    return rf"^(?:{pattern})$(?!\n)"
