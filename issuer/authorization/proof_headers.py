"""From an HTTP request to what proves its sender, and from its access token to the authorization."""

from __future__ import annotations

from fastapi import Request

from issuer.authorization.models import Authorization
from issuer.authorization.senders import SenderService, SentProofs
from issuer.authorization.tokens import TokenService
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.client_attestation import ATTESTATION_HEADER, ATTESTATION_POP_HEADER
from vc_core.protocols.oauth.dpop import DPOP_HEADER
from vc_core.protocols.oauth.token import BEARER, DPOP


def read_proofs(request: Request, public_url: str) -> SentProofs:
    """The proofs that came with a request. The host of its address is the settings', whatever the request says."""
    return SentProofs(
        request.method,
        public_url + request.url.path,
        tuple(request.headers.getlist(DPOP_HEADER)),
        tuple(request.headers.getlist(ATTESTATION_HEADER)),
        tuple(request.headers.getlist(ATTESTATION_POP_HEADER)),
    )


class ProtectedResource:
    """What the endpoints that take access tokens have in common (RFC 6750, RFC 9449 section 7)."""

    def __init__(self, tokens: TokenService, senders: SenderService, public_url: str) -> None:
        self._tokens = tokens
        self._senders = senders
        self._public_url = public_url

    async def authorize(self, request: Request) -> Authorization:
        """The authorization behind the request's access token. A token that is bound to a key never goes as a bearer's.

        Raises `ProtocolError` with its `scheme`: `invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        scheme = {"bearer": BEARER, "dpop": DPOP}.get(scheme.lower(), "")
        try:
            if not scheme or not token or (scheme == BEARER and self._senders.demands_dpop):
                raise ProtocolError("invalid_token", "An access token is needed.")
            jkt = None
            if scheme == DPOP:
                jkt = await self._senders.verify_dpop(read_proofs(request, self._public_url), access_token=token)
                if jkt is None:
                    raise ProtocolError("invalid_dpop_proof", "A DPoP proof is needed.")
            return await self._tokens.authorize(token, dpop_jkt=jkt)
        except ProtocolError as cause:
            needed = DPOP if scheme == DPOP or self._senders.demands_dpop else BEARER
            raise ProtocolError(cause.code, cause.message, nonce=cause.nonce, scheme=needed) from cause
