"""A request as it reaches the wallet: a link is read, what it refers to is fetched, and who asks is judged.

`read_request` asks nobody anything: a link that a stranger sent must not make the wallet call anywhere. What is fetched
comes from the one address in the link that the holder agreed to; redirects are not followed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.x509 import Certificate

from vc_core.crypto.jose import JwsError, parse_jws
from vc_core.crypto.jwe import CONTENT_ENCRYPTION, KEY_MANAGEMENT
from vc_core.encoding import base64url_encode
from vc_core.errors import FetchFailed, ProtocolError, ServiceRefused
from vc_core.http import HttpClient
from vc_core.protocols.dcql.query import SD_JWT_VC, CredentialQuery, DcqlQuery, create_dcql_query
from vc_core.protocols.openid4vp.client_id import ClientIdPrefix
from vc_core.protocols.openid4vp.request import (
    RESPONSE_TYPE,
    SCHEME,
    AuthorizationRequest,
    RequestByReference,
    RequestByValue,
    parse_authorization_request,
    parse_authorization_request_link,
)
from vc_core.protocols.openid4vp.request_object import (
    MEDIA_TYPE,
    TYP,
    RequestUriPost,
    UnverifiedRequestObject,
    create_request_uri_post,
    parse_request_object,
)
from vc_core.trust import TrustSource
from vc_core.verifier_trust import VerifiedRequest, unverified_verifier, verify_request_object

Request = AuthorizationRequest | RequestByReference | RequestByValue

_ALGORITHMS = ["ES256", "EdDSA"]
WALLET_METADATA: dict[str, Any] = {
    "vp_formats_supported": {
        SD_JWT_VC: {"sd-jwt_alg_values": _ALGORITHMS, "kb-jwt_alg_values": ["ES256"]},
        "jwt_vc_json": {"alg_values": _ALGORITHMS},
        "ldp_vc": {
            "proof_type_values": ["DataIntegrityProof"],
            "cryptosuite_values": ["ecdsa-rdfc-2019", "eddsa-rdfc-2022", "ecdsa-jcs-2019", "eddsa-jcs-2022"],
        },
    },
    "client_id_prefixes_supported": [str(each) for each in ClientIdPrefix],
    "request_object_signing_alg_values_supported": _ALGORITHMS,
    "response_types_supported": ["vp_token"],
    "response_modes_supported": ["direct_post", "direct_post.jwt"],
    "authorization_encryption_alg_values_supported": [KEY_MANAGEMENT],
    "authorization_encryption_enc_values_supported": list(CONTENT_ENCRYPTION),
}
"""What a verifier is told of this wallet where it asks by `post`: the same of every wallet of ours (section 10.1)."""

_NO_QUERY = DcqlQuery((CredentialQuery("none", SD_JWT_VC),))


@dataclass(frozen=True)
class ReadRequest:
    """A link, the request object that was fetched by it, if any, and the nonce that was sent for it, if any."""

    link: Request
    fetched: str | None = None
    wallet_nonce: str | None = None

    @property
    def signed(self) -> str:
        """The request object, fetched or in the link; empty where there is none."""
        return self.link.request if isinstance(self.link, RequestByValue) else self.fetched or ""


def read_request(text: str) -> Request:
    """A scanned or clicked link, `openid4vp://` or https with a request's parameters; nothing is fetched.

    An https link is one by which a wallet is opened (section 9): its own host is never asked. Raises `ProtocolError`
    where it is no request.
    """
    stripped = text.strip()
    if stripped.lower().startswith("https://"):
        _, _, parameters = stripped.partition("?")
        stripped = f"{SCHEME}://?{parameters}"
    return parse_authorization_request_link(stripped)


def request_host(request: Request) -> str | None:
    """The host (and port) that going on with this request would ask for it; None where there is nothing to fetch."""
    return urlsplit(request.request_uri).netloc if isinstance(request, RequestByReference) else None


async def fetch_request_object(http: HttpClient, request: RequestByReference, *, wallet_nonce: str) -> str:
    """The request object; by POST the wallet's nonce goes along (section 5.10).

    Raises `ServiceRefused` `invalid_request_uri` for any answer but success, redirects too, and `FetchError`.
    """
    if request.request_uri_method == "post":
        fields = create_request_uri_post(RequestUriPost(wallet_nonce, WALLET_METADATA))
        answer = await http.post_form(request.request_uri, fields, accept=MEDIA_TYPE)
    else:
        answer = await http.get(request.request_uri, accept=MEDIA_TYPE)
    if answer.status != 200:
        raise ServiceRefused("invalid_request_uri", "There is no request at this address any more; ask for a new one.")
    if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise FetchFailed("What is at this address is not a request for credentials.")
    try:
        return answer.body.decode("ascii").strip()
    except UnicodeDecodeError as cause:
        raise FetchFailed("What is at this address is not a request for credentials.") from cause


def verify_request(
    read: ReadRequest, *, trust: TrustSource, anchors: Sequence[Certificate], now: int
) -> VerifiedRequest:
    """Who asks, and for what. Raises `ProtocolError`."""
    if isinstance(read.link, AuthorizationRequest):
        return VerifiedRequest(read.link, unverified_verifier(read.link))
    return _verify_signature(read, read.link, parse_request_object(read.signed), trust, anchors, now)


def verify_destination(
    read: ReadRequest, *, trust: TrustSource, anchors: Sequence[Certificate], now: int
) -> AuthorizationRequest | None:
    """A request without what it asks for: enough to tell its verifier why nothing comes, by a signature that is good.

    None where not even this much of it is: its signature, its times, and where the answer goes. An unsigned one has its
    address in its name, and nothing else.
    """
    if isinstance(read.link, AuthorizationRequest):
        return read.link
    try:
        jws = parse_jws(read.signed, typ=TYP)
        where = {name: value for name, value in jws.payload.items() if name not in ("transaction_data", "scope")}
        request = parse_authorization_request(
            where | {"response_type": RESPONSE_TYPE, "dcql_query": create_dcql_query(_NO_QUERY)}
        )
        stripped = UnverifiedRequestObject(request, jws.payload.get("wallet_nonce"), jws)
        return _verify_signature(read, read.link, stripped, trust, anchors, now).request
    except (JwsError, ProtocolError):
        return None


def _verify_signature(
    read: ReadRequest,
    link: RequestByReference | RequestByValue,
    request_object: UnverifiedRequestObject,
    trust: TrustSource,
    anchors: Sequence[Certificate],
    now: int,
) -> VerifiedRequest:
    return verify_request_object(
        request_object,
        expected_client_id=str(link.client_id),
        expected_wallet_nonce=read.wallet_nonce,
        trust=trust,
        anchors=anchors,
        now=now,
    )


def request_digest(request: AuthorizationRequest) -> str:
    """By what the wallet knows a request again that it answered: its verifier and nonce, hashed."""
    text = f"{request.client_id}\n{request.nonce}"
    return base64url_encode(hashlib.sha256(text.encode("utf-8")).digest())
