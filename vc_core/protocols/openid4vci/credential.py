"""The credential request and its answer (section 8): one proof, one credential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vc_core.encoding import EncodingError, compact_json, parse_json, parse_json_object
from vc_core.errors import ProtocolError
from vc_core.protocols.text import is_text


@dataclass(frozen=True)
class CredentialRequest:
    """A request for one credential (section 8.2) with one proof, a JWT that is not verified yet."""

    credential_configuration_id: str
    proof_jwt: str


def create_credential_request(credential_configuration_id: str, *, proof_jwt: str) -> dict[str, Any]:
    """A credential request with one proof (section 8.2)."""
    return {"credential_configuration_id": credential_configuration_id, "proofs": {"jwt": [proof_jwt]}}


def parse_credential_request(body: bytes) -> CredentialRequest:
    """A credential request. Raises `ProtocolError`.

    `invalid_credential_request`, `unknown_credential_identifier` (we hand out none), `invalid_encryption_parameters`
    (we don't encrypt), `invalid_proof`.
    """
    try:
        value = parse_json_object(body)
    except EncodingError as cause:
        raise ProtocolError("invalid_credential_request", "The request is not a JSON object.") from cause
    if "credential_identifier" in value:
        if "credential_configuration_id" in value:
            raise ProtocolError("invalid_credential_request", "A credential is asked for in two ways at once.")
        raise ProtocolError("unknown_credential_identifier", "This issuer gives out no credential identifiers.")
    configuration_id = value.get("credential_configuration_id")
    if not is_text(configuration_id):
        raise ProtocolError("invalid_credential_request", "credential_configuration_id is missing.")
    if "credential_response_encryption" in value:
        raise ProtocolError("invalid_encryption_parameters", "This issuer does not encrypt its responses.")
    proofs = value.get("proofs")
    if not isinstance(proofs, dict) or len(proofs) != 1:
        raise ProtocolError("invalid_proof", "proofs must have exactly one kind of proof.")
    jwts = proofs.get("jwt")
    if not isinstance(jwts, list) or len(jwts) != 1 or not isinstance(jwts[0], str):
        raise ProtocolError("invalid_proof", "proofs must hold one proof of the type jwt.")
    return CredentialRequest(str(configuration_id), jwts[0])


def create_credential_response(credential: str) -> dict[str, Any]:
    """A credential response (section 8.3) with one credential; one that is JSON goes in as an object (A.1.2.5)."""
    return {"credentials": [{"credential": parse_json(credential) if credential.startswith("{") else credential}]}


def parse_credential_response(value: Mapping[str, Any]) -> str:
    """The one credential in a response, as text. Raises `ProtocolError` `server_error`, also for a deferred one."""
    credentials = value.get("credentials")
    if not isinstance(credentials, list) or len(credentials) != 1 or not isinstance(credentials[0], dict):
        raise ProtocolError("server_error", "The answer does not hold exactly one credential.")
    credential = credentials[0].get("credential")
    if isinstance(credential, dict):
        return compact_json(credential).decode("utf-8")
    if not isinstance(credential, str) or not credential:
        raise ProtocolError("server_error", "The answer holds no credential that we can read.")
    return credential
