"""A verifier in memory, for the wallet's tests: a hospital with a DID in a made-up registry, or with a certificate.

It makes requests by the real protocol code and keeps what is posted to it; `presented` takes that apart as a verifier
would. What a test wants bent, it bends by setting an attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import httpx
from cryptography import x509

from tests.support.certificates import Authority, certify
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jose import parse_jws, sign_jws
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import P256Signer
from vc_core.crypto.x509 import CertificateChain, key_header
from vc_core.did.ethr import create_did
from vc_core.ledger.events import (
    NO_HASH,
    AccreditationChanged,
    AccreditationState,
    AttributeChanged,
    Position,
    RegistryEvent,
    Role,
    allowed_claims_hash,
    credential_type_id,
    subject_id,
)
from vc_core.protocols.dcql.query import SD_JWT_VC, ClaimsQuery, CredentialQuery, DcqlQuery
from vc_core.protocols.openid4vp.client_id import ClientId, ClientIdPrefix, certificate_hash
from vc_core.protocols.openid4vp.client_metadata import ClientMetadata
from vc_core.protocols.openid4vp.encrypted_response import decrypt_response
from vc_core.protocols.openid4vp.request import (
    AuthorizationRequest,
    RequestByReference,
    RequestByValue,
    ResponseMode,
    create_authorization_request_link,
)
from vc_core.protocols.openid4vp.request_object import MEDIA_TYPE, TYP, parse_request_uri_post, sign_request_object
from vc_core.protocols.openid4vp.response import (
    AuthorizationErrorResponse,
    AuthorizationResponse,
    EncryptedResponse,
    parse_response_form,
)

CHAIN_ID = 7_331
HOST = "desk.hospital.test"
REQUEST_URI = f"https://{HOST}/requests/1"
RESPONSE_URI = f"https://{HOST}/responses/1"
HOSPITAL = create_did(CHAIN_ID, b"\x22" * 20)
HOSPITAL_NAME = "โรงพยาบาลระนอง"
IDENTITY = CredentialQuery(
    "identity",
    SD_JWT_VC,
    (HEALTH_ID.vct,),
    claims=(ClaimsQuery(("name",)), ClaimsQuery(("birth_date",))),
)
COVERAGE = CredentialQuery("coverage", SD_JWT_VC, (INSURANCE_COVERAGE.vct,), claims=(ClaimsQuery(("scheme",)),))
IDENTITY_ONLY = DcqlQuery((IDENTITY,))


class FakeVerifier:
    """One hospital that asks one thing at a time.

    `changes` replace members of the request, `bent` members of the signed request object, whatever they are then.
    `answers` is what it answers each post of a response with, the last for ever; `received` the forms that came.
    """

    def __init__(
        self, now: Callable[[], int], *, prefix: ClientIdPrefix = ClientIdPrefix.DECENTRALIZED_IDENTIFIER
    ) -> None:
        self.now = now
        self.key = P256Signer.generate()
        self.encryption_key = EncryptionKey.generate()
        self.authority = certify("Ministry")
        self.leaf = certify(
            "Ranong Hospital",
            self.authority,
            ca=None,
            usage="digital_signature",
            names=[x509.DNSName(HOST)],
        )
        self.prefix = prefix
        self.query = IDENTITY_ONLY
        self.response_mode = ResponseMode.DIRECT_POST
        self.changes: dict[str, Any] = {}
        self.bent: dict[str, Any] = {}
        self.answers: list[Callable[[], httpx.Response]] = [lambda: httpx.Response(200, json={})]
        self.received: list[Mapping[str, str]] = []
        self.wallet_nonces: list[str | None] = []

    # Who it is.

    @property
    def client_id(self) -> ClientId:
        names = {
            ClientIdPrefix.DECENTRALIZED_IDENTIFIER: HOSPITAL,
            ClientIdPrefix.X509_HASH: certificate_hash(self.leaf.der),
            ClientIdPrefix.X509_SAN_DNS: HOST,
            ClientIdPrefix.REDIRECT_URI: RESPONSE_URI,
        }
        return ClientId(self.prefix, names[self.prefix])

    @property
    def key_header(self) -> dict[str, Any]:
        """How a request object names its key."""
        if self.prefix is ClientIdPrefix.DECENTRALIZED_IDENTIFIER:
            return {"kid": HOSPITAL + "#delegate-1"}
        return key_header(CertificateChain("https://unused.test", (self.leaf.der,)))

    @property
    def anchor(self) -> Authority:
        """The authority to trust where it is named by its certificate."""
        return self.authority

    def events(self, *, may_ask: Mapping[str, tuple[str, ...] | None], since: int) -> tuple[RegistryEvent, ...]:
        """What the registry says of it: its key, its name, and the claims that it may ask for, None for all."""
        identity, until = HOSPITAL.rpartition(":")[2], since + 10 * 365 * 86_400
        key, name = self.key.public_key.to_multikey().hex(), HOSPITAL_NAME.encode().hex()
        accreditations = (
            AccreditationChanged(
                Position(20, since, 2 + number),
                subject_id(HOSPITAL).hex(),
                Role.VERIFY,
                credential_type_id(vct).hex(),
                since,
                until,
                AccreditationState.ACTIVE,
                allowed_claims=NO_HASH if claims is None else allowed_claims_hash(claims).hex(),
            )
            for number, (vct, claims) in enumerate(may_ask.items())
        )
        return (
            AttributeChanged(Position(20, since, 0), identity, "did/pub/Multikey/veriKey", key, until),
            AttributeChanged(Position(20, since, 1), identity, "sabai/name", name, until),
            *accreditations,
        )

    # What it asks.

    @property
    def request(self) -> AuthorizationRequest:
        """What it asks for; `changes` replace members."""
        metadata = ClientMetadata(
            {
                SD_JWT_VC: {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]},
                "ldp_vc": {},
                "jwt_vc_json": {"alg_values": ["ES256"]},
            }
        )
        if self.response_mode.is_encrypted:
            metadata = replace(metadata, keys=(self.encryption_key.to_jwk(),), enc_values=("A256GCM", "A128GCM"))
        request = AuthorizationRequest(
            self.client_id,
            self.response_mode,
            nonce="bm9uY2Utb2YtdGhlLWRlc2s",
            dcql_query=self.query,
            client_metadata=metadata,
            response_uri=RESPONSE_URI,
            state="c3RhdGUtb2YtdGhlLWRlc2s",
        )
        return replace(request, **self.changes)

    def request_object(self, *, wallet_nonce: str | None = None) -> str:
        """The request, signed by the key or the certificate's."""
        signer = self.key if self.prefix is ClientIdPrefix.DECENTRALIZED_IDENTIFIER else self.leaf.signer
        signed = sign_request_object(
            self.request,
            self.key_header,
            signer,
            issued_at=self.now(),
            expires_at=self.now() + 300,
            wallet_nonce=wallet_nonce,
        )
        if not self.bent:
            return signed
        jws = parse_jws(signed, typ=TYP)
        return sign_jws(dict(jws.header), {**jws.payload, **self.bent}, signer)

    def link(self, *, method: str = "get", by_value: bool = False) -> str:
        """What the desk shows: by reference, by value, or unsigned where its name asks for that."""
        if not self.prefix.is_signed:
            return create_authorization_request_link(self.request)
        if by_value:
            return create_authorization_request_link(RequestByValue(self.client_id, self.request_object()))
        by_post = RequestByReference(self.client_id, REQUEST_URI, "post")
        return create_authorization_request_link(
            by_post if method == "post" else RequestByReference(self.client_id, REQUEST_URI)
        )

    # HTTP.

    def routes(self) -> dict[str, Callable[[httpx.Request], httpx.Response]]:
        """By `METHOD host/path`, as `FakeWorld.answers` takes them."""
        return {
            f"GET {HOST}/requests/1": self._give_request,
            f"POST {HOST}/requests/1": self._give_request,
            f"POST {HOST}/responses/1": self._take_response,
        }

    def _give_request(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["Accept"] == MEDIA_TYPE
        posted = parse_request_uri_post(parse_qsl(request.content.decode())) if request.method == "POST" else None
        wallet_nonce = None if posted is None else posted.wallet_nonce
        self.wallet_nonces.append(wallet_nonce)
        body = self.request_object(wallet_nonce=wallet_nonce)
        return httpx.Response(200, content=body, headers={"Content-Type": MEDIA_TYPE})

    def _take_response(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        self.received.append(dict(parse_qsl(request.content.decode(), strict_parsing=True)))
        return self.answers[0]() if len(self.answers) == 1 else self.answers.pop(0)()

    # What it was told.

    @property
    def response(self) -> AuthorizationResponse | AuthorizationErrorResponse:
        """The last that came, opened."""
        parsed = parse_response_form(list(self.received[-1].items()))
        if isinstance(parsed, EncryptedResponse):
            assert self.response_mode.is_encrypted
            return decrypt_response(parsed, key=self.encryption_key, enc_values=("A256GCM", "A128GCM"))
        return parsed

    @property
    def presented(self) -> Mapping[str, tuple[str, ...]]:
        """The presentations of the last answer, with the state that was sent."""
        response = self.response
        assert isinstance(response, AuthorizationResponse), response
        assert response.state == self.request.state
        return response.vp_token

    @property
    def error(self) -> str:
        """The error of the last answer."""
        response = self.response
        assert isinstance(response, AuthorizationErrorResponse), response
        return response.error
