"""Requests with DPoP proofs (RFC 9449): a token that was bound to the wallet's key is of no use to who steals it.

dpop = DpopProver(signer, clock=clock, randomness=randomness)
answer = await dpop.send(
    lambda headers: http.post_form(url, fields, headers=headers), method="POST", url=url
)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

from vc_core.clock import Clock
from vc_core.crypto.keys import Signer
from vc_core.encoding import base64url_encode
from vc_core.http import HttpResponse
from vc_core.protocols.oauth.dpop import DPOP_HEADER, create_dpop_proof, is_dpop_nonce_asked, parse_dpop_nonce
from vc_core.protocols.oauth.errors import parse_error_response

Request: TypeAlias = Callable[[Mapping[str, str]], Awaitable[HttpResponse]]
"""One request, sent with the headers that it is given."""


class DpopProver:
    """Proves one key with each request, by the newest nonce that each origin gave out."""

    def __init__(self, signer: Signer, *, clock: Clock, randomness: Callable[[int], bytes]) -> None:
        self._signer = signer
        self._clock = clock
        self._randomness = randomness
        self._nonces: dict[str, str] = {}

    @property
    def jkt(self) -> str:
        """The key's thumbprint, which tokens are bound to; `dpop_jkt` of an authorization request (section 10)."""
        return self._signer.public_key.thumbprint()

    async def send(self, request: Request, *, method: str, url: str, access_token: str | None = None) -> HttpResponse:
        """Sends the request with a proof for this method and address, and with the token where there is one.

        Once more, with the server's nonce, where that is what it asks for. Raises what `request` raises.
        """
        answer = await self._send_once(request, method, url, access_token)
        if parse_dpop_nonce(answer.headers) is not None and _asks_for_nonce(answer):
            answer = await self._send_once(request, method, url, access_token)
        return answer

    async def _send_once(self, request: Request, method: str, url: str, access_token: str | None) -> HttpResponse:
        origin = _origin(url)
        proof = create_dpop_proof(
            self._signer,
            method=method,
            url=url,
            issued_at=self._clock(),
            jti=base64url_encode(self._randomness(16)),
            access_token=access_token,
            nonce=self._nonces.get(origin),
        )
        headers = {DPOP_HEADER: proof}
        if access_token is not None:
            headers["Authorization"] = f"DPoP {access_token}"
        answer = await request(headers)
        nonce = parse_dpop_nonce(answer.headers)
        if nonce is not None:
            self._nonces[origin] = nonce
        return answer


def _asks_for_nonce(answer: HttpResponse) -> bool:
    error = parse_error_response(answer.body).code if answer.status == 400 else None
    return answer.status in (400, 401) and is_dpop_nonce_asked(answer.headers, error)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
