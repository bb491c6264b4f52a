"""A Bitstring Status List as the credential that it is published as (Bitstring Status List v1.0 section 2.2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import Signer
from vc_core.formats.bitstring_status_list import BitstringStatusList
from vc_core.formats.credential import StatusPurpose

LIST_CREDENTIAL_TYPE = "BitstringStatusListCredential"
LIST_TYPE = "BitstringStatusList"
JWT_TYP = "vc+jwt"
_CONTEXT = "https://www.w3.org/ns/credentials/v2"


def create_status_list_credential(
    status_list: BitstringStatusList,
    *,
    uri: str,
    issuer: str,
    purpose: StatusPurpose,
    issued_at: int,
    expires_at: int,
    time_to_live: int,
) -> dict[str, Any]:
    """The credential for publication at `uri`, not secured yet; times in whole seconds (since 1970).

    Its `ttl` is in milliseconds, as the specification has it.
    """
    return {
        "@context": [_CONTEXT],
        "id": uri,
        "type": ["VerifiableCredential", LIST_CREDENTIAL_TYPE],
        "issuer": issuer,
        "validFrom": _timestamp(issued_at),
        "validUntil": _timestamp(expires_at),
        "credentialSubject": {
            "id": uri + "#list",
            "type": LIST_TYPE,
            "statusPurpose": purpose.value,
            "encodedList": status_list.encode(),
            "ttl": time_to_live * 1000,
        },
    }


def sign_status_list_jwt(document: dict[str, Any], *, verification_method: str, signer: Signer) -> str:
    """The credential as a JWT (VC-JOSE-COSE section 3.1.1); `verification_method` is the signer's key as a DID URL."""
    return sign_jws({"typ": JWT_TYP, "cty": "vc", "kid": verification_method}, document, signer)


def _timestamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
