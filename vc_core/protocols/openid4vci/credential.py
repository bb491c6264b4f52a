"""The credential request and its answer (section 8): proofs of keys for credentials, one bound to each key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from vc_core.crypto.jwe import EncryptionKey
from vc_core.encoding import EncodingError, compact_json, parse_json, parse_json_object
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.encryption import (
    ResponseEncryption,
    create_response_encryption,
    parse_response_encryption,
)
from vc_core.protocols.text import is_text

_MAX_PROOFS = 100
_MAX_CREDENTIALS = 100
_MAX_INTERVAL = 10 * 366 * 86_400


class ProofType(StrEnum):
    """How keys are proven (appendix F)."""

    JWT = "jwt"
    DI_VP = "di_vp"
    ATTESTATION = "attestation"


@dataclass(frozen=True)
class Proofs:
    """`proofs`: of one type, at least one, none of them verified yet; JWTs, or JSON objects for `di_vp`."""

    proof_type: ProofType
    values: tuple[str | Mapping[str, Any], ...]


@dataclass(frozen=True)
class CredentialRequest:
    """A request for one credential, or one for each proven key (section 8.2).

    Exactly one of `credential_configuration_id` and `credential_identifier` is there.
    """

    credential_configuration_id: str | None
    credential_identifier: str | None
    proofs: Proofs
    response_encryption: ResponseEncryption | None = None


@dataclass(frozen=True)
class IssuedCredentials:
    """An answer with credentials as text, JSON ones too, each bound to another key of the request.

    `notification_id` is what the wallet tells of them by, None where the issuer doesn't want to know.
    """

    credentials: tuple[str, ...]
    notification_id: str | None = None


@dataclass(frozen=True)
class DeferredIssuance:
    """An answer without credentials yet: by which id and after how many seconds to ask for them (section 9)."""

    transaction_id: str
    interval: int


CredentialResponse: TypeAlias = IssuedCredentials | DeferredIssuance
"""What an issuer answers to a good request; a deferred one comes with the status 202."""


def create_credential_request(
    credential_configuration_id: str | None = None,
    *,
    credential_identifier: str | None = None,
    proofs: Sequence[str | Mapping[str, Any]],
    proof_type: ProofType = ProofType.JWT,
    response_key: EncryptionKey | None = None,
    response_enc: str = "A256GCM",
) -> dict[str, Any]:
    """A credential request (section 8.2): by the configuration's id, or by the identifier that came with the token.

    With a `response_key` the answer is asked for encrypted to it.
    """
    by = {"credential_configuration_id": credential_configuration_id, "credential_identifier": credential_identifier}
    request: dict[str, Any] = {name: value for name, value in by.items() if value is not None}
    request["proofs"] = {str(proof_type): list(proofs)}
    if response_key is not None:
        request["credential_response_encryption"] = create_response_encryption(response_key, enc=response_enc)
    return request


def parse_credential_request(body: bytes) -> CredentialRequest:
    """A credential request, decrypted. Unknown members are ignored.

    Raises `ProtocolError`: `invalid_credential_request`, `invalid_encryption_parameters`, `invalid_proof`.
    """
    try:
        value = parse_json_object(body)
    except EncodingError as cause:
        raise ProtocolError("invalid_credential_request", "The request is not a JSON object.") from cause
    configuration_id, identifier = value.get("credential_configuration_id"), value.get("credential_identifier")
    if ("credential_configuration_id" in value) == ("credential_identifier" in value):
        raise ProtocolError("invalid_credential_request", "A credential is asked for in one way, not in two or none.")
    if not is_text(configuration_id if identifier is None else identifier):
        raise ProtocolError("invalid_credential_request", "What is asked for is not named by a text.")
    encryption = parse_response_encryption(value.get("credential_response_encryption"))
    return CredentialRequest(configuration_id, identifier, _parse_proofs(value.get("proofs")), encryption)


def _parse_proofs(value: Any) -> Proofs:
    if not isinstance(value, dict) or len(value) != 1:
        raise ProtocolError("invalid_proof", "proofs must have exactly one kind of proof.")
    ((name, proofs),) = value.items()
    if name not in list(ProofType):
        raise ProtocolError("invalid_proof", "proofs of this kind are not taken.")
    kind = dict if name == ProofType.DI_VP else str
    if not isinstance(proofs, list) or not all(isinstance(each, kind) for each in proofs):
        raise ProtocolError("invalid_proof", "proofs must hold proofs of their kind.")
    if not 0 < len(proofs) <= _MAX_PROOFS:
        raise ProtocolError("invalid_proof", "proofs must hold at least one proof, and not too many.")
    if name == ProofType.ATTESTATION and len(proofs) != 1:
        raise ProtocolError("invalid_proof", "proofs must hold exactly one attestation.")
    return Proofs(ProofType(name), tuple(proofs))


def create_credential_response(response: CredentialResponse) -> dict[str, Any]:
    """A credential response (section 8.3); a credential that is JSON goes in as an object (appendix A.1.2.5)."""
    if isinstance(response, DeferredIssuance):
        return {"transaction_id": response.transaction_id, "interval": response.interval}
    credentials = [parse_json(each) if each.startswith("{") else each for each in response.credentials]
    answer: dict[str, Any] = {"credentials": [{"credential": each} for each in credentials]}
    return answer | ({} if response.notification_id is None else {"notification_id": response.notification_id})


def parse_credential_response(value: Mapping[str, Any]) -> CredentialResponse:
    """A credential response, decrypted. Raises `ProtocolError` `server_error`.

    How many credentials there are is for the caller to check: an issuer may give fewer than were asked for.
    """
    if "transaction_id" in value:
        return _parse_deferred(value)
    credentials, notification_id = value.get("credentials"), value.get("notification_id")
    if not isinstance(credentials, list) or not 0 < len(credentials) <= _MAX_CREDENTIALS:
        raise ProtocolError("server_error", "The answer holds no credentials, or too many.")
    if notification_id is not None and not is_text(notification_id):
        raise ProtocolError("server_error", "The answer's notification_id is not a text that we can send back.")
    return IssuedCredentials(tuple(map(_parse_credential, credentials)), notification_id)


def _parse_deferred(value: Mapping[str, Any]) -> DeferredIssuance:
    transaction_id, interval = value["transaction_id"], value.get("interval")
    if not is_text(transaction_id) or "credentials" in value:
        raise ProtocolError("server_error", "The answer puts the credential off in a way we don't understand.")
    if type(interval) is not int or not 0 < interval <= _MAX_INTERVAL:
        raise ProtocolError("server_error", "The answer does not say in how many seconds to ask again.")
    return DeferredIssuance(transaction_id, interval)


def _parse_credential(value: Any) -> str:
    credential = value.get("credential") if isinstance(value, dict) else None
    if isinstance(credential, dict):
        return compact_json(credential).decode("utf-8")
    if not isinstance(credential, str) or not credential:
        raise ProtocolError("server_error", "The answer holds no credential that we can read.")
    return credential
