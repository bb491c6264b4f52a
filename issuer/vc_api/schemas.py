"""The VC API's bodies, for the description of the API: `requests.py` reads them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class IssuedCredential(BaseModel):
    """What was issued, as whoever asked will hand it on."""

    verifiable_credential: dict[str, Any] | str = Field(serialization_alias="verifiableCredential")


_OPTIONS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "cryptosuite": {
            "type": "string",
            "enum": ["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019"],
        },
        "verificationMethod": {"type": "string", "description": "One of the issuer's keys, by its DID URL"},
        "format": {"type": "string", "enum": ["ldp_vc"]},
        "challenge": {"type": "string"},
        "domain": {"type": "string"},
        "type": {"type": "string", "enum": ["DataIntegrityProof"]},
    },
}
ISSUE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["credential"],
                    "additionalProperties": False,
                    "properties": {
                        "credential": {"type": "object", "description": "A credential of the data model, unsigned"},
                        "options": _OPTIONS,
                    },
                }
            }
        },
    }
}
"""`POST /vc-api/credentials/issue`, as OpenAPI describes a body that FastAPI does not read itself."""
