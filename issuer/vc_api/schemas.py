"""The VC API's bodies, for the description of the API: `requests.py` reads them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class IssuedCredential(BaseModel):
    """What was issued, as whoever asked will hand it on."""

    verifiable_credential: dict[str, Any] | str = Field(serialization_alias="verifiableCredential")


class ChangedStatus(BaseModel):
    """What was asked for, and how many credentials changed by it: none where it was so already."""

    status_purpose: str = Field(serialization_alias="statusPurpose")
    status: bool
    changed: int


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


_TEXT = {"type": "string"}
_STATUS_ENTRY = _object(
    ["type", "statusPurpose"],
    type={"type": "string", "enum": ["BitstringStatusListEntry"]},
    statusPurpose={"type": "string", "enum": ["revocation", "suspension"]},
)
ISSUE_BODY = _body(
    _object(
        ["credential"],
        credential={"type": "object", "description": "A credential of the data model, without a proof"},
        options=_object(
            [],
            cryptosuite={
                "type": "string",
                "enum": ["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019"],
            },
            verificationMethod={"type": "string", "description": "One of the issuer's keys, by its DID URL"},
            format={"type": "string", "enum": ["ldp_vc", "vc+jwt", "vc+sd-jwt", "jwt_vc_json"]},
            credentialId={"type": "string", "description": "By which a status is set later; else the credential's id"},
            credentialStatus={
                "description": "true for both purposes, or those that are wanted",
                "oneOf": [{"type": "boolean"}, _STATUS_ENTRY, {"type": "array", "items": _STATUS_ENTRY}],
            },
            challenge=_TEXT,
            domain=_TEXT,
            type={"type": "string", "enum": ["DataIntegrityProof"]},
        ),
    )
)
"""`POST /vc-api/credentials/issue`, as OpenAPI describes a body that FastAPI does not read itself."""
STATUS_BODY = _body(
    _object(
        ["credentialStatus"],
        credentialId=_TEXT,
        credentialStatus=_object(
            ["type", "statusPurpose"],
            **_STATUS_ENTRY["properties"],
            id=_TEXT,
            statusListIndex=_TEXT,
            statusListCredential=_TEXT,
        ),
        status={"type": "boolean", "description": "false takes a suspension back; a revocation is final"},
    )
)
"""`POST /vc-api/credentials/status`."""
