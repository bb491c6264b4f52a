"""From what the desk asks to the request's parameters, and back from what is kept of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vc_core.crypto.jwe import CONTENT_ENCRYPTION, EncryptionKey
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.data_integrity.cryptosuites import Cryptosuite
from vc_core.protocols.dcql.query import DcqlQuery, create_dcql_query, parse_dcql_query
from vc_core.protocols.openid4vp.client_id import ClientId, ClientIdPrefix
from vc_core.protocols.openid4vp.client_metadata import ClientMetadata
from vc_core.protocols.openid4vp.digital_credentials import origin_audience
from vc_core.protocols.openid4vp.request import AuthorizationRequest, ResponseMode
from vc_core.protocols.openid4vp.transaction_data import TransactionData, parse_transaction_data

_JOSE = ["ES256", "EdDSA"]
_FORMAT_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    CredentialFormat.SD_JWT: {"sd-jwt_alg_values": _JOSE, "kb-jwt_alg_values": _JOSE},
    CredentialFormat.LDP_VC: {
        "proof_type_values": ["DataIntegrityProof"],
        "cryptosuite_values": [str(each) for each in Cryptosuite],
    },
    CredentialFormat.JWT_VC_JSON: {"alg_values": _JOSE},
}


@dataclass(frozen=True)
class AskedRequest:
    """A request as it is kept: all but the addresses and names that tell the wallet's handle.

    `prefix` is None for an unsigned request through the browser's API.
    """

    prefix: ClientIdPrefix | None
    response_mode: ResponseMode
    nonce: str
    query: DcqlQuery
    transaction_data: tuple[TransactionData, ...]
    expected_origins: tuple[str, ...]
    request_uri_method: Literal["get", "post"]
    same_device: bool
    return_to: str | None

    def to_json(self) -> dict[str, Any]:
        """For the database."""
        return {
            "prefix": self.prefix,
            "response_mode": self.response_mode,
            "nonce": self.nonce,
            "dcql_query": create_dcql_query(self.query),
            "transaction_data": [each.text for each in self.transaction_data],
            "expected_origins": list(self.expected_origins),
            "request_uri_method": self.request_uri_method,
            "same_device": self.same_device,
            "return_to": self.return_to,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> AskedRequest:
        """The reverse of `to_json`."""
        query = parse_dcql_query(value["dcql_query"])
        ids = [each.id for each in query.credentials]
        return cls(
            prefix=None if value["prefix"] is None else ClientIdPrefix(value["prefix"]),
            response_mode=ResponseMode(value["response_mode"]),
            nonce=value["nonce"],
            query=query,
            transaction_data=tuple(
                parse_transaction_data(each, credential_ids=ids) for each in value["transaction_data"]
            ),
            expected_origins=tuple(value["expected_origins"]),
            request_uri_method=value["request_uri_method"],
            same_device=value["same_device"],
            return_to=value["return_to"],
        )

    def compose(
        self, client_id: ClientId | None, *, response_uri: str, state: str, key: EncryptionKey | None
    ) -> AuthorizationRequest:
        """The request under that name, answered at that address; `key` is for encrypted answers."""
        by_browser = self.response_mode.is_dc_api
        formats = dict.fromkeys(each.format for each in self.query.credentials)
        return AuthorizationRequest(
            client_id,
            self.response_mode,
            nonce=self.nonce,
            dcql_query=self.query,
            client_metadata=ClientMetadata(
                {each: _FORMAT_PARAMETERS[each] for each in formats},
                keys=() if key is None else (key.to_jwk(),),
                enc_values=CONTENT_ENCRYPTION,
            ),
            response_uri=None if by_browser else response_uri,
            state=None if by_browser else state,
            transaction_data=self.transaction_data,
            expected_origins=self.expected_origins if client_id is not None else (),
        )

    def audiences(self, client_id: ClientId | None) -> frozenset[str]:
        """By what a holder may address this request's answer."""
        if self.response_mode.is_dc_api:
            return frozenset(origin_audience(each) for each in self.expected_origins)
        return frozenset({str(client_id)})
