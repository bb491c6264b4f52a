"""Authorizations and their tokens in the database. What may happen once is one conditional statement here."""

from __future__ import annotations

from sqlalchemy import delete, null, text, update
from sqlmodel import col, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.models import AccessToken, Authorization, NonceSecret, RefreshToken, UsedProof

_USE_PROOF = text("INSERT INTO used_proofs (digest, expires_at) VALUES (:digest, :until) ON CONFLICT DO NOTHING")
_KEEP_SECRET = text("INSERT INTO nonce_secrets (id, secret) VALUES (1, :secret) ON CONFLICT DO NOTHING")


class AuthorizationRepository:
    """Authorizations within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save(self, row: Authorization | AccessToken | RefreshToken) -> None:
        """Writes a new row."""
        self._session.add(row)
        await self._session.flush()

    async def load(self, authorization_id: str) -> Authorization | None:
        """The authorization of this id, unless it was revoked."""
        query = select(Authorization).where(
            col(Authorization.id) == authorization_id, col(Authorization.revoked_at).is_(None)
        )
        return (await self._session.exec(query)).first()

    async def load_of_token(self, token_hash: str, *, now: int) -> tuple[Authorization, str | None] | None:
        """The authorization behind an access token and the thumbprint that the token is bound to, until it ends."""
        query = (
            select(Authorization, AccessToken.dpop_jkt)
            .join(AccessToken, col(AccessToken.authorization_id) == col(Authorization.id))
            .where(
                col(AccessToken.token_hash) == token_hash,
                col(AccessToken.expires_at) > now,
                col(Authorization.revoked_at).is_(None),
            )
        )
        return (await self._session.exec(query)).first()

    async def load_refresh_token(self, token_hash: str) -> RefreshToken | None:
        """A refresh token, used or not."""
        return await self._session.get(RefreshToken, token_hash)

    async def use_refresh_token(self, token_hash: str, *, now: int) -> bool:
        """Marks a refresh token as used; False where it was used before, or is over."""
        used = await self._session.exec(
            update(RefreshToken)
            .where(
                col(RefreshToken.token_hash) == token_hash,
                col(RefreshToken.used_at).is_(None),
                col(RefreshToken.expires_at) > now,
            )
            .values(used_at=now)
            .execution_options(synchronize_session=False)
        )
        return used.rowcount == 1

    async def is_revoked(self, authorization_id: str) -> bool:
        """Whether an authorization was revoked, as of now."""
        query = select(Authorization.revoked_at).where(col(Authorization.id) == authorization_id)
        return (await self._session.exec(query)).first() is not None

    async def lock_family(self, family_id: str) -> None:
        """Lets what renews and what revokes a family take turns until the transaction's end (SQLite does so anyway).

        Else a renewal that began before a revocation could add to the family what the revocation did not see.
        """
        await self._session.exec(select(Authorization.id).where(col(Authorization.id) == family_id).with_for_update())

    async def revoke_family(self, family_id: str, *, now: int) -> None:
        """Revokes an authorization and all that came from it or that it came from."""
        await self.lock_family(family_id)
        statement = (
            update(Authorization)
            .where(col(Authorization.family_id) == family_id, col(Authorization.revoked_at).is_(None))
            .values(revoked_at=now)
        )
        await self._session.exec(statement.execution_options(synchronize_session=False))

    async def use_proof(self, digest: str, *, until: int) -> bool:
        """Notes a proof until that time; False where it is noted already. Of two at once one gets True."""
        connection = await self._session.connection()
        return (await connection.execute(_USE_PROOF, {"digest": digest, "until": until})).rowcount == 1

    async def nonce_secret(self, proposed: bytes) -> bytes:
        """The secret behind nonces: the proposed one where there is none yet."""
        connection = await self._session.connection()
        await connection.execute(_KEEP_SECRET, {"secret": proposed.hex()})
        return bytes.fromhex((await self._session.exec(select(NonceSecret.secret))).one())

    async def forget(self, *, now: int) -> None:
        """Forgets the tokens and proofs that are over, and what officers stated where no access token is left."""
        for table in (AccessToken, RefreshToken, UsedProof):
            statement = delete(table).where(col(table.expires_at) <= now)
            await self._session.exec(statement.execution_options(synchronize_session=False))
        alive = exists().where(col(AccessToken.authorization_id) == col(Authorization.id))
        forgetting = update(Authorization).where(col(Authorization.claims).is_not(None), ~alive).values(claims=null())
        await self._session.exec(forgetting.execution_options(synchronize_session=False))
