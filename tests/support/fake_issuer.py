"""An OpenID4VCI 1.0 issuer with its authorization server, in memory, with every part that a wallet may meet.

It speaks by the servers' halves of `vc_core.protocols`. What it does and asks for is switched by attributes; what a
test wants bent, it bends by `answers` (a route's own answer) and `bend` (a credential before it goes out).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.support.clock import SetClock
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import PublicKey
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.authorization import (
    create_authorization_error_response,
    create_authorization_response,
    parse_authorization_request,
    parse_return_address,
)
from vc_core.protocols.oauth.dpop import verify_dpop_proof
from vc_core.protocols.oauth.pkce import verify_code_verifier
from vc_core.protocols.oauth.pushed_authorization import create_pushed_authorization_response, parse_pushed_reference
from vc_core.protocols.oauth.server_metadata import AuthorizationEndpoints, create_authorization_server_metadata
from vc_core.protocols.oauth.token import (
    BEARER,
    DPOP,
    AuthorizationCodeGrant,
    PreAuthorizedCodeGrant,
    RefreshTokenGrant,
    TokenRequest,
    create_token_response,
    parse_token_request,
)
from vc_core.protocols.openid4vci.credential import (
    CredentialRequest,
    CredentialResponse,
    DeferredIssuance,
    IssuedCredentials,
    ProofType,
    create_credential_response,
    parse_credential_request,
)
from vc_core.protocols.openid4vci.deferred import parse_deferred_credential_request
from vc_core.protocols.openid4vci.encryption import (
    ENCRYPTED_MEDIA_TYPE,
    ResponseEncryption,
    create_request_encryption,
    create_response_encryption_support,
    decrypt_request,
    encrypt_response,
)
from vc_core.protocols.openid4vci.issuer_metadata import create_issuer_metadata
from vc_core.protocols.openid4vci.key_attestation import verify_key_attestation
from vc_core.protocols.openid4vci.nonce import create_nonce_response
from vc_core.protocols.openid4vci.notification import parse_notification_request
from vc_core.protocols.openid4vci.offer import (
    AuthorizationCodeOffer,
    CredentialOffer,
    CredentialOfferUri,
    TxCode,
    create_credential_offer,
    create_credential_offer_link,
)
from vc_core.protocols.openid4vci.proof_di_vp import verify_proof_di_vp
from vc_core.protocols.openid4vci.proof_jwt import VerifiedProof, verify_proof_jwt
from vc_core.protocols.wallet_provider import ProviderKey

ISSUER = "https://issuer.test"
TX_CODE = "493536"
LIFETIME = 300


class Refused(Exception):
    """An answer that is not a success."""

    def __init__(self, status: int, error: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error)
        self.response = httpx.Response(status, json={"error": error, "error_description": "\x1b[2Jno"}, headers=headers)


@dataclass
class Settings:
    """What this issuer has and asks for."""

    tx_code: str | None = TX_CODE
    by_page: bool = False
    pushes: bool = True
    dpop: bool = False
    batch_size: int | None = None
    identifiers: bool = False
    refresh: bool = False
    notifies: bool = False
    encryption: str | None = None
    deferred: bool = False
    proofs: Mapping[str, Any] | None = None
    binding_methods: list[str] | None = None
    attestation: bool = False


@dataclass
class FakeIssuer:
    """The issuer's settings, its secrets, and what reached it. `issue` makes a credential for a configuration."""

    clock: SetClock
    configurations: Mapping[str, Mapping[str, Any]]
    issue: Callable[[str, PublicKey], str]
    offered: tuple[str, ...]
    provider_key: ProviderKey | None = None
    sign_metadata: Callable[[dict[str, Any]], str] | None = None
    settings: Settings = field(default_factory=Settings)
    bend: Callable[[str, PublicKey, str], str] = lambda configuration_id, holder_key, issued: issued
    holder_keys: list[PublicKey] = field(default_factory=list)
    unspent_codes: set[str] = field(default_factory=lambda: {"the-code"})
    tokens: dict[str, str | None] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    dpop_nonces: set[str] = field(default_factory=set)
    jtis: set[str] = field(default_factory=set)
    pushed: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    page_codes: dict[str, Any] = field(default_factory=dict)
    refresh_tokens: dict[str, str | None] = field(default_factory=dict)
    put_off: dict[str, tuple[str, tuple[PublicKey, ...]]] = field(default_factory=dict)
    approved: bool = False
    notifications: list[tuple[str, str]] = field(default_factory=list)
    encryption_key: EncryptionKey = field(default_factory=EncryptionKey.generate)

    def offer(self) -> CredentialOffer:
        if self.settings.by_page:
            return CredentialOffer(
                ISSUER, self.offered, None, None, authorization_code=AuthorizationCodeOffer("the-issuer-state")
            )
        tx_code = TxCode(length=6) if self.settings.tx_code is not None else None
        return CredentialOffer(ISSUER, self.offered, "the-code", tx_code)

    def link(self, *, by_reference: bool = True) -> str:
        return create_credential_offer_link(CredentialOfferUri(ISSUER + "/offers/1") if by_reference else self.offer())

    def visit(self, address: str, *, agree: bool = True, issuer: str = ISSUER) -> str:
        """What a person's browser does at the authorization page: returns the address to which it is sent back."""
        fields = parse_qsl(urlsplit(address).query)
        reference = parse_pushed_reference(fields)
        if reference is not None:
            fields = self.pushed.pop(reference.request_uri)
            assert dict(fields)["client_id"] == reference.client_id
        return_address = parse_return_address(fields)
        if not agree:
            refusal = ProtocolError("access_denied", "no")
            return create_authorization_error_response(return_address, refusal, issuer=issuer)
        asked = parse_authorization_request(fields, return_address, credential_issuer=ISSUER)
        self.page_codes[code := token_urlsafe()] = asked
        return create_authorization_response(return_address, code=code, issuer=issuer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request that came to the issuer's host."""
        try:
            return self._route(request)
        except ProtocolError as error:
            return httpx.Response(400, json={"error": error.code, "error_description": "\x1b[2Jno"})
        except Refused as refused:
            return refused.response

    def _route(self, request: httpx.Request) -> httpx.Response:
        match f"{request.method} {request.url.path}":
            case "GET /offers/1":
                return httpx.Response(200, json=create_credential_offer(self.offer()))
            case "GET /.well-known/openid-credential-issuer":
                return self._described(request)
            case "GET /.well-known/oauth-authorization-server":
                return httpx.Response(200, json=self._server_metadata())
            case "POST /par":
                self._check_dpop(request, None)
                self.pushed[uri := "urn:ietf:params:oauth:request_uri:" + token_urlsafe()] = _form(request)
                secret = uri.rpartition(":")[2]
                return httpx.Response(201, json=create_pushed_authorization_response(secret, expires_in=60))
            case "POST /token":
                return self._token(request)
            case "POST /nonce":
                self.nonces.add(nonce := token_urlsafe())
                return httpx.Response(200, json=create_nonce_response(nonce))
            case "POST /credential":
                return self.credential(request)
            case "POST /deferred":
                return self._deferred(request)
            case "POST /notification":
                return self._notification(request)
            case _:
                return httpx.Response(404)

    # Metadata.

    def _described(self, request: httpx.Request) -> httpx.Response:
        if self.sign_metadata is None or "application/jwt" not in request.headers["Accept"]:
            return httpx.Response(200, json=self._metadata())
        signed = self.sign_metadata(self._metadata())
        return httpx.Response(200, text=signed, headers={"Content-Type": "application/jwt"})

    def _metadata(self) -> dict[str, Any]:
        settings = self.settings
        return create_issuer_metadata(
            ISSUER,
            credential_endpoint=ISSUER + "/credential",
            nonce_endpoint=ISSUER + "/nonce",
            display=(),
            configurations={name: self._configuration(each) for name, each in self.configurations.items()},
            deferred_credential_endpoint=ISSUER + "/deferred" if settings.deferred else None,
            notification_endpoint=ISSUER + "/notification" if settings.notifies else None,
            batch_size=settings.batch_size,
            credential_request_encryption=(
                create_request_encryption([self.encryption_key], required=settings.encryption == "required")
                if settings.encryption
                else None
            ),
            credential_response_encryption=(
                create_response_encryption_support(required=settings.encryption == "required")
                if settings.encryption
                else None
            ),
        )

    def _configuration(self, configuration: Mapping[str, Any]) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        if self.settings.proofs is not None:
            changed["proof_types_supported"] = self.settings.proofs
        if self.settings.binding_methods is not None:
            changed["cryptographic_binding_methods_supported"] = self.settings.binding_methods
        return {**configuration, **changed}

    def _server_metadata(self) -> dict[str, Any]:
        endpoints = AuthorizationEndpoints(ISSUER + "/authorize", ISSUER + "/par", self.settings.pushes, ())
        metadata = create_authorization_server_metadata(
            ISSUER, token_endpoint=ISSUER + "/token", authorization=endpoints if self.settings.by_page else None
        )
        if not self.settings.pushes:
            metadata.pop("pushed_authorization_request_endpoint", None)
        if self.settings.attestation:
            metadata["token_endpoint_auth_methods_supported"] = ["attest_jwt_client_auth"]
        return metadata | ({"dpop_signing_alg_values_supported": ["ES256"]} if self.settings.dpop else {})

    # The authorization server.

    def _token(self, request: httpx.Request) -> httpx.Response:
        jkt = self._check_dpop(request, None)
        if self.settings.attestation and "oauth-client-attestation-pop" not in request.headers:
            raise Refused(401, "invalid_client")
        asked = parse_token_request(_form(request), credential_issuer=ISSUER)
        ids = self._check_grant(asked, jkt)
        self.tokens[token := token_urlsafe()] = jkt
        refresh_token = None
        if self.settings.refresh:
            self.refresh_tokens[refresh_token := token_urlsafe()] = jkt
        named = {each: (f"{each}#1",) for each in ids} if self.settings.identifiers else None
        answer = create_token_response(
            token,
            expires_in=LIFETIME,
            token_type=BEARER if jkt is None else DPOP,
            refresh_token=refresh_token,
            credential_identifiers=named,
        )
        return httpx.Response(200, json=answer)

    def _check_grant(self, asked: TokenRequest, jkt: str | None) -> tuple[str, ...]:
        match asked.grant:
            case PreAuthorizedCodeGrant(code, tx_code):
                if tx_code != self.settings.tx_code or code not in self.unspent_codes:
                    raise ProtocolError("invalid_grant", "no")
                self.unspent_codes.remove(code)
                return self.offered
            case AuthorizationCodeGrant(code, redirect_uri, code_verifier):
                known = self.page_codes.pop(code, None)
                if known is None or known.return_address.redirect_uri != redirect_uri:
                    raise ProtocolError("invalid_grant", "no")
                verify_code_verifier(code_verifier, challenge=known.code_challenge)
                assert known.dpop_jkt in (None, jkt)
                assert asked.client_id == known.return_address.client_id
                return known.authorization_details or self.offered
            case RefreshTokenGrant(refresh_token):
                if refresh_token not in self.refresh_tokens or self.refresh_tokens.pop(refresh_token) != jkt:
                    raise ProtocolError("invalid_grant", "no")
                return self.offered

    def _check_dpop(self, request: httpx.Request, token: str | None) -> str | None:
        """The thumbprint of the proven key, with a nonce of this server's, each proof once."""
        if not self.settings.dpop:
            return None
        headers = request.headers
        challenge = {} if token is None else {"WWW-Authenticate": 'DPoP error="use_dpop_nonce"'}
        self.dpop_nonces.add(fresh := token_urlsafe())
        proof = verify_dpop_proof(
            headers.get("DPoP", ""),
            expected_method="POST",
            expected_url=str(request.url),
            now=self.clock.now,
            access_token=token,
        )
        if proof.nonce not in self.dpop_nonces:
            raise Refused(400 if token is None else 401, "use_dpop_nonce", {"DPoP-Nonce": fresh, **challenge})
        assert proof.jti not in self.jtis
        self.jtis.add(proof.jti)
        return proof.jkt

    # The credential issuer.

    def _check_token(self, request: httpx.Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if token not in self.tokens:
            raise Refused(401, "invalid_token")
        jkt = self._check_dpop(request, token)
        if scheme != (BEARER if jkt is None else DPOP) or self.tokens[token] != jkt:
            raise Refused(401, "invalid_token")

    def credential(self, request: httpx.Request) -> httpx.Response:
        """The credential endpoint."""
        self._check_token(request)
        asked = parse_credential_request(self._body(request))
        named = asked.credential_identifier
        if self.settings.identifiers is not (named is not None):
            raise ProtocolError("invalid_credential_request", "no")
        configuration_id = str(named or asked.credential_configuration_id).partition("#")[0]
        keys = tuple(self._proven(asked))
        if self.settings.deferred and not self.approved:
            self.put_off[transaction := token_urlsafe()] = (configuration_id, keys)
            return self._respond(DeferredIssuance(transaction, 60), asked.response_encryption, 202)
        return self._respond(self._issue(configuration_id, keys), asked.response_encryption)

    def _proven(self, asked: CredentialRequest) -> list[PublicKey]:
        if self.settings.batch_size is None:
            assert len(asked.proofs.values) == 1
        if asked.proofs.proof_type is ProofType.ATTESTATION:
            assert self.provider_key is not None
            attested = verify_key_attestation(
                str(asked.proofs.values[0]), provider_key=self.provider_key, now=self.clock.now
            ).content
            self._use_nonces({str(attested.nonce)})
            return list(attested.attested_keys)
        proofs = [self._proof(asked.proofs.proof_type, each) for each in asked.proofs.values]
        self._use_nonces({each.nonce for each in proofs})
        keys = [each.holder_key for each in proofs]
        if proofs[0].key_attestation is not None:
            assert self.provider_key is not None
            attested = verify_key_attestation(
                proofs[0].key_attestation, provider_key=self.provider_key, now=self.clock.now
            ).content
            keys = list(attested.attested_keys)
        return keys

    def _proof(self, proof_type: ProofType, value: Any) -> VerifiedProof:
        if proof_type is ProofType.DI_VP:
            return verify_proof_di_vp(value, expected_audience=ISSUER, now=self.clock.now)
        return verify_proof_jwt(str(value), expected_audience=ISSUER, now=self.clock.now)

    def _use_nonces(self, nonces: set[str]) -> None:
        if len(nonces) != 1 or not nonces <= self.nonces:
            raise ProtocolError("invalid_nonce", "no")
        self.nonces -= nonces

    def _issue(self, configuration_id: str, keys: tuple[PublicKey, ...]) -> IssuedCredentials:
        self.holder_keys += keys
        made = tuple(self.bend(configuration_id, key, self.issue(configuration_id, key)) for key in keys)
        return IssuedCredentials(made, token_urlsafe() if self.settings.notifies else None)

    def _deferred(self, request: httpx.Request) -> httpx.Response:
        self._check_token(request)
        asked = parse_deferred_credential_request(self._body(request))
        if asked.transaction_id not in self.put_off:
            raise ProtocolError("invalid_transaction_id", "no")
        if not self.approved:
            return self._respond(DeferredIssuance(asked.transaction_id, 60), asked.response_encryption, 202)
        return self._respond(self._issue(*self.put_off.pop(asked.transaction_id)), asked.response_encryption)

    def _notification(self, request: httpx.Request) -> httpx.Response:
        self._check_token(request)
        told = parse_notification_request(request.content)
        self.notifications.append((told.notification_id, str(told.event)))
        return httpx.Response(204)

    def _body(self, request: httpx.Request) -> bytes:
        if request.headers["Content-Type"] == ENCRYPTED_MEDIA_TYPE:
            return decrypt_request(request.content, keys={self.encryption_key.kid: self.encryption_key})
        if self.settings.encryption == "required":
            raise ProtocolError("invalid_encryption_parameters", "no")
        return request.content

    def _respond(
        self, response: CredentialResponse, encryption: ResponseEncryption | None, status: int = 200
    ) -> httpx.Response:
        answer = create_credential_response(response)
        if encryption is None:
            return httpx.Response(status, json=answer)
        headers = {"Content-Type": ENCRYPTED_MEDIA_TYPE}
        return httpx.Response(status, text=encrypt_response(answer, encryption), headers=headers)


def _form(request: httpx.Request) -> list[tuple[str, str]]:
    return parse_qsl(request.content.decode())
