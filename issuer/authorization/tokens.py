"""Access tokens and refresh tokens: given out for an authorization, looked up, renewed once each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.identifiers import create_credential_identifiers, narrow
from issuer.authorization.models import AccessToken, Authorization, RefreshToken
from issuer.authorization.repository import AuthorizationRepository
from issuer.authorization.senders import Sender
from issuer.issuance.secrets import create_secret, hash_of
from vc_core.clock import Clock
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.token import TokenRequest
from vc_core.web.database import Database

TOKEN_LIFETIME = 10 * 60
"""Seconds that a wallet has to fetch what it may fetch."""
REFRESH_TOKEN_LIFETIME = 90 * 24 * 3600
"""Seconds that a wallet may leave a refresh token unused."""


@dataclass(frozen=True)
class IssuedTokens:
    """What a token response is made of; the bearer's secrets are nowhere else."""

    access_token: str
    refresh_token: str
    authorization: Authorization
    dpop_jkt: str | None


class TokenService:
    """The tokens of this issuer."""

    def __init__(self, database: Database, clock: Clock, randomness: Callable[[int], bytes]) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness

    async def authorize(self, access_token: str, *, dpop_jkt: str | None = None) -> Authorization:
        """The authorization behind an access token that came with a proof of the key of this thumbprint, or with none.

        Raises `ProtocolError` `invalid_token`, also for a token that is bound to another key, or to none where a proof
        came, or to one where none came (RFC 9449 section 7.1).
        """
        async with self._database.transaction() as session:
            found = await AuthorizationRepository(session).load_of_token(hash_of(access_token), now=self._clock())
        if found is None or found[1] != dpop_jkt:
            raise ProtocolError("invalid_token", "The access token is not valid, or no longer.")
        return found[0]

    async def issue(self, session: AsyncSession, authorization: Authorization, sender: Sender) -> IssuedTokens:
        """Writes a new authorization, and tokens for it, in the caller's transaction; they are bound to the sender."""
        access_token, refresh_token = create_secret(self._randomness), create_secret(self._randomness)
        repository, now = AuthorizationRepository(session), self._clock()
        authorization.instance_jkt = sender.instance_jkt
        await repository.save(authorization)
        bound: dict[str, Any] = {"authorization_id": authorization.id, "dpop_jkt": sender.dpop_jkt}
        for row in (
            AccessToken(token_hash=hash_of(access_token), expires_at=now + TOKEN_LIFETIME, **bound),
            RefreshToken(token_hash=hash_of(refresh_token), expires_at=now + REFRESH_TOKEN_LIFETIME, **bound),
        ):
            await repository.save(row)
        return IssuedTokens(access_token, refresh_token, authorization, sender.dpop_jkt)

    async def refresh(self, refresh_token: str, request: TokenRequest, sender: Sender) -> IssuedTokens:
        """New tokens, and an authorization to fetch the same credentials anew, for a refresh token, once.

        It is bound to the keys that the wallet showed when it got it, of DPoP and of its attestation. Raises
        `ProtocolError` `invalid_grant`, `invalid_authorization_details`. A second use revokes all that came from the
        first code: either the wallet's copy or the other one is a thief's, and nobody can tell which (RFC 9700 section
        4.14.2).
        """
        token_hash, now = hash_of(refresh_token), self._clock()
        async with self._database.transaction() as session:
            # No error before the transaction's end: it would undo the revocation.
            issued = await self._refresh(session, token_hash, request, sender, now)
        if issued is None:
            raise ProtocolError("invalid_grant", "The refresh token is unknown, expired, revoked or used up.")
        return issued

    async def _refresh(
        self, session: AsyncSession, token_hash: str, request: TokenRequest, sender: Sender, now: int
    ) -> IssuedTokens | None:
        repository = AuthorizationRepository(session)
        token = await repository.load_refresh_token(token_hash)
        before = None if token is None else await repository.load(token.authorization_id)
        if token is None or before is None:
            return None
        if token.dpop_jkt != sender.dpop_jkt or before.client_id not in (None, sender.client_id):
            return None
        if before.instance_jkt not in (None, sender.instance_jkt):
            return None
        successor = self._successor(before, request, now)
        await repository.lock_family(before.family_id)
        if await repository.is_revoked(before.id):  # while we waited
            return None
        if not await repository.use_refresh_token(token_hash, now=now):
            if token.expires_at > now:
                await repository.revoke_family(before.family_id, now=now)
            return None
        return await self.issue(session, successor, sender)

    def _successor(self, before: Authorization, request: TokenRequest, now: int) -> Authorization:
        """An authorization for the same credentials; what was fetched with the one before stays as it is."""
        configuration_ids, identifiers = narrow(before.configuration_ids, request.authorization_details), None
        if before.credential_identifiers is not None or request.authorization_details is not None:
            identifiers = create_credential_identifiers(configuration_ids, self._randomness)
        return Authorization(
            id=uuid4().hex,
            family_id=before.family_id,
            person_id=before.person_id,
            configuration_ids=configuration_ids,
            credential_identifiers=identifiers,
            claims=before.claims,
            client_id=before.client_id,
            offer_id=before.offer_id,
            created_at=now,
        )

    async def forget_expired(self) -> None:
        """Forgets the tokens that are over, and what officers stated for them."""
        async with self._database.transaction() as session:
            await AuthorizationRepository(session).forget(now=self._clock())
