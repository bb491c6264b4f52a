"""What the wallet provider says of this wallet and its keys, and how the wallet shows it to an authorization server.

A key that one provider attested would link a patient's issuers, so a wallet makes a new key, and asks for a new
attestation, for each issuer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from vc_core.clock import Clock
from vc_core.crypto.keys import Signer
from vc_core.encoding import base64url_encode
from vc_core.errors import FetchFailed, ServiceRefused
from vc_core.http import HttpClient, HttpResponse
from vc_core.protocols.oauth.client_attestation import (
    ATTESTATION_CHALLENGE_HEADER,
    ATTESTATION_HEADER,
    ATTESTATION_POP_HEADER,
    USE_ATTESTATION_CHALLENGE,
    create_attestation_pop,
    parse_challenge_response,
)
from vc_core.protocols.oauth.dpop import DPOP_HEADER, create_dpop_proof
from vc_core.protocols.oauth.errors import parse_error_response
from vc_core.protocols.openid4vci.proof_jwt import create_proof_jwt
from vc_core.protocols.text import is_text

Request: TypeAlias = Callable[[Mapping[str, str]], Awaitable[HttpResponse]]
"""One request, sent with the headers that it is given."""


@dataclass(frozen=True)
class HeldAttestation:
    """A wallet attestation of ours: `client_id` is how we call ourselves with it, `expires_at` seconds since 1970."""

    wallet_attestation: str
    client_id: str
    expires_at: int


async def fetch_wallet_attestation(
    http: HttpClient, backend_url: str, signer: Signer, *, clock: Clock, randomness: Callable[[int], bytes]
) -> HeldAttestation:
    """The provider's attestation of the signer's key (P-256). Raises `ServiceRefused`, `FetchError`."""
    url = backend_url + "/wallet-attestations"
    proof = create_dpop_proof(signer, method="POST", url=url, issued_at=clock(), jti=base64url_encode(randomness(16)))
    answer = _created(await http.post_json(url, {}, headers={DPOP_HEADER: proof}))
    text, client_id, expires_at = (answer.get(name) for name in ("wallet_attestation", "client_id", "expires_at"))
    if not isinstance(text, str) or not is_text(client_id) or type(expires_at) is not int:
        raise _unusable()
    return HeldAttestation(text, str(client_id), expires_at)


async def fetch_key_attestation(
    http: HttpClient, backend_url: str, signers: Sequence[Signer], *, nonce: str, clock: Clock
) -> str:
    """The provider's attestation of the signers' keys for the issuer whose `c_nonce` this is.

    Raises `ServiceRefused`, `FetchError`.
    """
    proofs = [create_proof_jwt(each, audience=backend_url, nonce=nonce, issued_at=clock()) for each in signers]
    answer = _created(await http.post_json(backend_url + "/key-attestations", {"proofs": proofs, "nonce": nonce}))
    text = answer.get("key_attestation")
    if not isinstance(text, str) or not text:
        raise _unusable()
    return text


class AttestationProver:
    """Shows one attestation to one authorization server, with a new proof by the attested key each time."""

    def __init__(
        self,
        attestation: HeldAttestation,
        signer: Signer,
        *,
        audience: str,
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        """`audience` is the server's issuer identifier."""
        self._attestation = attestation
        self._signer = signer
        self._audience = audience
        self._clock = clock
        self._randomness = randomness
        self._challenge: str | None = None

    @property
    def client_id(self) -> str:
        """How the wallet calls itself in requests with this attestation."""
        return self._attestation.client_id

    async def fetch_challenge(self, http: HttpClient, challenge_endpoint: str) -> None:
        """Asks the server for the challenge of the next proof (section 8). Raises `ProtocolError`, `FetchError`."""
        answer = await http.post_form(challenge_endpoint, {})
        if answer.status != 200:
            raise parse_error_response(answer.body)
        self._challenge = parse_challenge_response(answer.json_object())

    async def send(
        self, request: Request, *, through: Callable[[Request], Awaitable[HttpResponse]] | None = None
    ) -> HttpResponse:
        """Sends the request with the attestation and a proof; once more, where the server asks for its challenge.

        `through` sends it with further headers, such as those of DPoP, and may do so more than once: each time has a
        proof of its own. Raises what `request` raises.
        """

        async def attested(headers: Mapping[str, str]) -> HttpResponse:
            answer = await request({**headers, **self._headers()})
            self._challenge = answer.headers.get(ATTESTATION_CHALLENGE_HEADER.lower(), self._challenge)
            return answer

        async def once() -> HttpResponse:
            return await (attested({}) if through is None else through(attested))

        answer = await once()
        refused = answer.status in (400, 401) and parse_error_response(answer.body).code == USE_ATTESTATION_CHALLENGE
        if refused and ATTESTATION_CHALLENGE_HEADER.lower() in answer.headers:
            answer = await once()
        return answer

    def _headers(self) -> Mapping[str, str]:
        pop = create_attestation_pop(
            self._signer,
            client_id=self.client_id,
            audience=self._audience,
            issued_at=self._clock(),
            jti=base64url_encode(self._randomness(16)),
            challenge=self._challenge,
        )
        return {ATTESTATION_HEADER: self._attestation.wallet_attestation, ATTESTATION_POP_HEADER: pop}


def _created(answer: HttpResponse) -> Mapping[str, Any]:
    if answer.status != 201:
        raise ServiceRefused("unknown", "The wallet provider attests nothing.")
    return answer.json_object()


def _unusable() -> FetchFailed:
    return FetchFailed("The wallet provider's answer can't be read.")
