"""The messages of an issuance, one method each: from the state that calls for it to what came back.

Every address is one of the metadata that the holder agreed to, every request goes through the one HTTP client (which
asks no inside address and follows no redirect), and nothing here changes a state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vc_core.clock import Clock
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import P256Signer
from vc_core.encoding import compact_json
from vc_core.errors import ProtocolError
from vc_core.http import HttpClient, HttpResponse
from vc_core.protocols.oauth.authorization import (
    AuthorizationRequest,
    ReturnAddress,
    create_authorization_request,
    create_authorization_url,
)
from vc_core.protocols.oauth.authorization_details import OPENID_CREDENTIAL
from vc_core.protocols.oauth.dpop import DPOP_ALGORITHMS
from vc_core.protocols.oauth.pkce import create_code_challenge
from vc_core.protocols.oauth.pushed_authorization import create_pushed_reference, parse_pushed_authorization_response
from vc_core.protocols.oauth.token import DPOP, parse_token_response
from vc_core.protocols.openid4vci.credential import (
    CredentialResponse,
    create_credential_request,
    parse_credential_response,
)
from vc_core.protocols.openid4vci.deferred import create_deferred_credential_request
from vc_core.protocols.openid4vci.encryption import ENCRYPTED_MEDIA_TYPE, decrypt_response, encrypt_request
from vc_core.protocols.openid4vci.issuer_metadata import IssuerMetadata
from vc_core.protocols.openid4vci.nonce import parse_nonce_response
from vc_core.protocols.openid4vci.notification import Notification, create_notification_request
from wallet_sdk.attestation import (
    AttestationProver,
    HeldAttestation,
    fetch_key_attestation,
    fetch_wallet_attestation,
)
from wallet_sdk.dpop import DpopProver, Request
from wallet_sdk.issuance.answers import success
from wallet_sdk.issuance.events import TokenReceived
from wallet_sdk.issuance.proofs import create_proofs, plan_proofs
from wallet_sdk.issuance.states import Access, IssuanceSession, WantedCredential

_JSON = "application/json"


class Exchange:
    """Sends what an issuance needs, with the session's key as the authorization server asks for it."""

    def __init__(
        self,
        http: HttpClient,
        clock: Clock,
        session: IssuanceSession,
        *,
        provider: str,
        attestation: HeldAttestation | None,
        randomness: Callable[[int], bytes],
    ) -> None:
        """`provider` is the wallet provider's URL, which attests the wallet and its keys; `attestation` one at hand."""
        self._http = http
        self._clock = clock
        self._randomness = randomness
        self._provider = provider
        self._metadata = session.issuer_metadata()
        self._server = session.server_metadata()
        self._client_key = P256Signer.from_bytes(session.client_key)
        self._dpop: DpopProver | None = None
        if any(each in self._server.dpop_algorithms for each in DPOP_ALGORITHMS):
            self._dpop = DpopProver(self._client_key, clock=clock, randomness=randomness)
        self._attestation = attestation
        self._attestation_prover: AttestationProver | None = None

    @property
    def metadata(self) -> IssuerMetadata:
        """The issuer's metadata."""
        return self._metadata

    async def prepare_authorization(self, session: IssuanceSession) -> str:
        """The address for the holder's browser (section 5); the request is pushed first where that is possible."""
        endpoint = self._server.require_authorization_code()
        fields = self._authorization_request(session)
        url = self._server.pushed_authorization_request_endpoint
        if url is None:
            if self._server.require_pushed_authorization_requests:
                raise ProtocolError("server_error", "The authorization server does not say where to push requests to.")
            return create_authorization_url(endpoint, fields)
        answer = await self._ask_server(url, fields, session)
        pushed = parse_pushed_authorization_response(success(answer).json_object())
        return create_authorization_url(endpoint, create_pushed_reference(fields["client_id"], pushed.request_uri))

    def _authorization_request(self, session: IssuanceSession) -> dict[str, str]:
        """Asks by `authorization_details` where the server says that it knows them, else by scopes if all have one."""
        begun = session.authorization
        if begun is None or session.client_id is None:
            raise ValueError("this issuance has no authorization")
        ids = tuple(each.credential_configuration_id for each in session.credentials)
        scopes = tuple(dict.fromkeys(self._metadata.configurations[each].scope or "" for each in ids))
        details_known = OPENID_CREDENTIAL in (session.server.get("authorization_details_types_supported") or ())
        by_scope = all(scopes) and not details_known
        # The issuer must be named where it is not its own authorization server (section 5.1.1).
        location = None if self._server.issuer == session.credential_issuer else session.credential_issuer
        request = AuthorizationRequest(
            ReturnAddress(session.client_id, begun.redirect_uri, begun.state),
            create_code_challenge(begun.code_verifier),
            scopes=scopes if by_scope else (),
            authorization_details=None if by_scope else ids,
            issuer_state=begun.issuer_state,
            dpop_jkt=None if self._dpop is None else self._dpop.jkt,
        )
        return create_authorization_request(request, location=location)

    async def request_token(self, session: IssuanceSession) -> TokenReceived:
        """The token for the session's grant (OpenID4VCI 1.0 section 6)."""
        answer = await self._ask_server(self._server.token_endpoint, session.grant, session)
        token = parse_token_response(success(answer).json_object())
        if token.token_type == DPOP and self._dpop is None:
            raise ProtocolError("server_error", "The access token is bound to a key that this wallet did not show.")
        expires_at = None if token.expires_in is None else self._clock() + token.expires_in
        access = Access(token.access_token, token.token_type == DPOP, expires_at, token.refresh_token)
        return TokenReceived(access, token.credential_identifiers)

    async def request_credential(self, session: IssuanceSession, wanted: WantedCredential) -> CredentialResponse:
        """One nonce, the proofs of the credential's keys, one credential request (sections 7 and 8)."""
        configuration = self._metadata.configurations[wanted.credential_configuration_id]
        plan, nonce = plan_proofs(configuration), await self._fresh_nonce()
        if plan is None:
            raise ProtocolError("server_error", "The issuer takes no proof that this wallet has.")
        attestation = None
        if plan.attested:
            attestation = await fetch_key_attestation(
                self._http, self._provider, wanted.signers(), nonce=nonce or "", clock=self._clock
            )
        proofs = create_proofs(
            wanted.signers(),
            plan,
            audience=session.credential_issuer,
            nonce=nonce,
            client_id=session.client_id,
            key_attestation=attestation,
            now=self._clock(),
        )
        key = self._response_key()
        identifier = wanted.credential_identifier
        request = create_credential_request(
            wanted.credential_configuration_id if identifier is None else None,
            credential_identifier=identifier,
            proofs=proofs,
            proof_type=plan.proof_type,
            response_key=key,
            response_enc=self._metadata.response_enc or "",
        )
        return await self._ask_for_credential(self._metadata.credential_endpoint, request, key, session)

    async def request_deferred(self, session: IssuanceSession, wanted: WantedCredential) -> CredentialResponse:
        """Asks for a credential that was put off (section 9)."""
        url = self._metadata.deferred_credential_endpoint
        if url is None or wanted.transaction_id is None:
            raise ProtocolError("server_error", "The issuer put the credential off and does not say where to ask.")
        key = self._response_key()
        request = create_deferred_credential_request(
            wanted.transaction_id, response_key=key, response_enc=self._metadata.response_enc or ""
        )
        return await self._ask_for_credential(url, request, key, session)

    async def notify(self, session: IssuanceSession, notification: Notification) -> None:
        """Tells the issuer what became of credentials (section 11); nothing where it has no place to tell it."""
        url = self._metadata.notification_endpoint
        if url is not None:
            body = compact_json(create_notification_request(notification))
            success(await self._post(url, body, _JSON, session))

    async def _ask_server(self, url: str, fields: Mapping[str, str], session: IssuanceSession) -> HttpResponse:
        """A form for the authorization server, with the wallet provider's attestation where the server takes one."""

        async def post(headers: Mapping[str, str]) -> HttpResponse:
            return await self._http.post_form(url, fields, headers=headers)

        async def with_proof(request: Request) -> HttpResponse:
            return await self._send(request, url, access=None)

        if not session.attested:
            return await with_proof(post)
        if self._attestation_prover is None:
            self._attestation_prover = await self._attest()
        return await self._attestation_prover.send(post, through=with_proof)

    async def _attest(self) -> AttestationProver:
        attestation = self._attestation or await fetch_wallet_attestation(
            self._http, self._provider, self._client_key, clock=self._clock, randomness=self._randomness
        )
        prover = AttestationProver(
            attestation,
            self._client_key,
            audience=self._server.issuer,
            clock=self._clock,
            randomness=self._randomness,
        )
        if self._server.challenge_endpoint is not None:
            await prover.fetch_challenge(self._http, self._server.challenge_endpoint)
        return prover

    async def _fresh_nonce(self) -> str | None:
        """The issuer's `c_nonce`; None where it has none to give."""
        url = self._metadata.nonce_endpoint
        if url is None:
            return None
        return parse_nonce_response(success(await self._http.post_form(url, {})).json_object())

    def _response_key(self) -> EncryptionKey | None:
        """A fresh key for one answer, where the issuer encrypts; the request must be encrypted then (section 8.2)."""
        if self._metadata.response_enc is None:
            return None
        if self._metadata.request_encryption is None and not self._metadata.response_encryption_required:
            return None
        return EncryptionKey.generate()

    async def _ask_for_credential(
        self, url: str, request: Mapping[str, Any], key: EncryptionKey | None, session: IssuanceSession
    ) -> CredentialResponse:
        encryption = self._metadata.request_encryption
        if encryption is None:
            answer = await self._post(url, compact_json(request), _JSON, session)
        else:
            body = encrypt_request(request, encryption).encode("ascii")
            answer = await self._post(url, body, ENCRYPTED_MEDIA_TYPE, session)
        success(answer)
        if key is None:
            return parse_credential_response(answer.json_object())
        enc = self._metadata.response_enc or ""
        return parse_credential_response(decrypt_response(answer.body, key=key, enc=enc))

    async def _post(self, url: str, body: bytes, content_type: str, session: IssuanceSession) -> HttpResponse:
        access = session.access
        token = access.token if access is not None and not access.dpop else None
        return await self._send(
            lambda headers: self._http.post_bytes(url, body, content_type=content_type, token=token, headers=headers),
            url,
            access=access,
        )

    async def _send(self, request: Request, url: str, *, access: Access | None) -> HttpResponse:
        """The request with a DPoP proof where the token is bound to the key, or is about to be."""
        if self._dpop is None or (access is not None and not access.dpop):
            return await request({})
        token = None if access is None else access.token
        return await self._dpop.send(request, method="POST", url=url, access_token=token)
