"""Handing out what was signed ahead: to whoever proves the key that it is bound to, as often as they ask.

The proof is the one of OpenID4VCI's credential request: a JWT over our name and a nonce of ours, which counts once. No
access token is needed: a credential is of no use without the key, and the key is what is proven.
"""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.bulk.models import WaitingCredential
from issuer.bulk.schemas import RenewedCredential
from issuer.issuance.models import Issuance
from issuer.issuance.repository import IssuanceRepository
from issuer.issuance.secrets import hash_of
from vc_core.clock import Clock
from vc_core.errors import ProtocolError
from vc_core.formats.status_list import Status
from vc_core.protocols.openid4vci.proof_jwt import VerifiedProof, verify_proof_jwt
from vc_core.web.database import Database


class PickupService:
    """Credentials that wait for their wallets."""

    def __init__(self, database: Database, public_url: str, clock: Clock) -> None:
        self._database = database
        self._public_url = public_url
        self._clock = clock

    async def fetch(self, proof_jwt: str) -> list[RenewedCredential]:
        """What waits for the key of this proof, without what is suspended, was revoked since, or has expired.

        Of each configuration the newest alone, for each person with this key: what an earlier one says, such as a photo
        that was removed since, is not handed out any more.

        Raises `ProtocolError` `invalid_proof`, `invalid_nonce`.
        """
        proof = verify_proof_jwt(proof_jwt, expected_audience=self._public_url, now=self._clock())
        return await self._database.transact(lambda session: self._fetch(session, proof))

    async def _fetch(self, session: AsyncSession, proof: VerifiedProof) -> list[RenewedCredential]:
        now = self._clock()
        if not await IssuanceRepository(session).use_nonce(hash_of(proof.nonce), now=now):
            raise ProtocolError("invalid_nonce", "The nonce is unknown, expired or used; fetch a new one.")
        query = (
            select(Issuance, WaitingCredential.credential)
            .join(Issuance, col(Issuance.id) == col(WaitingCredential.issuance_id))
            .where(
                col(WaitingCredential.holder_thumbprint) == proof.holder_key.thumbprint(),
                col(WaitingCredential.expires_at) > now,
                col(Issuance.status) == Status.VALID.value,
            )
            .order_by(col(WaitingCredential.expires_at), col(WaitingCredential.issuance_id))
        )
        newest = {
            (issuance.person_id, issuance.configuration_id): (issuance, credential)
            for issuance, credential in await session.exec(query)
        }
        await session.exec(
            update(WaitingCredential)
            .where(
                col(WaitingCredential.issuance_id).in_([issuance.id for issuance, _ in newest.values()]),
                col(WaitingCredential.fetched_at).is_(None),
            )
            .values(fetched_at=now)
        )
        return [
            RenewedCredential(credential_configuration_id=issuance.configuration_id, credential=credential)
            for issuance, credential in newest.values()
        ]

    async def forget_expired(self) -> None:
        """Forgets what nobody can use any more."""
        async with self._database.transaction() as session:
            expired = delete(WaitingCredential).where(col(WaitingCredential.expires_at) <= self._clock())
            await session.exec(expired)
