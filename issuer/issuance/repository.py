"""Offers and nonces in the database. What may happen once is one conditional statement here."""

from __future__ import annotations

from sqlalchemy import delete, null, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.issuance.models import Nonce, Offer

MAX_TX_CODE_ATTEMPTS = 5


class IssuanceRepository:
    """Offers and nonces within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save_offer(self, offer: Offer) -> None:
        """Writes a new offer."""
        self._session.add(offer)
        await self._session.flush()

    async def load_offer(self, reference_hash: str, *, now: int) -> Offer | None:
        """The offer at an address, until it expires."""
        query = select(Offer).where(col(Offer.reference_hash) == reference_hash, col(Offer.expires_at) > now)
        return (await self._session.exec(query)).first()

    async def load_made_offer(self, reference_hash: str) -> Offer | None:
        """The offer that was made with this address, whatever became of it."""
        return (await self._session.exec(select(Offer).where(col(Offer.reference_hash) == reference_hash))).first()

    async def load_offer_by_code(self, code_hash: str) -> Offer | None:
        """The offer of a pre-authorized code, whatever became of it."""
        return (await self._session.exec(select(Offer).where(col(Offer.code_hash) == code_hash))).first()

    async def load_offer_by_state(self, issuer_state_hash: str, *, now: int) -> Offer | None:
        """The offer of an `issuer_state`, until it is redeemed or over."""
        query = select(Offer).where(
            col(Offer.issuer_state_hash) == issuer_state_hash,
            col(Offer.redeemed_at).is_(None),
            col(Offer.expires_at) > now,
        )
        return (await self._session.exec(query)).first()

    async def begin_attempt(self, code_hash: str, *, now: int) -> Offer | None:
        """The offer of a code that may still be redeemed, one attempt counted; None where there is none.

        The count goes up before the transaction code is looked at, and the row stays locked until the transaction
        ends: however many guess at once, no more than the limit are heard.
        """
        counted = await self._session.exec(
            update(Offer)
            .where(
                col(Offer.code_hash) == code_hash,
                col(Offer.redeemed_at).is_(None),
                col(Offer.tx_code_attempts) < MAX_TX_CODE_ATTEMPTS,
                col(Offer.expires_at) > now,
            )
            .values(tx_code_attempts=col(Offer.tx_code_attempts) + 1)
            .execution_options(synchronize_session=False)
        )
        if counted.rowcount != 1:
            return None
        return (await self._session.exec(select(Offer).where(col(Offer.code_hash) == code_hash))).one()

    async def redeem(self, offer_id: str, *, now: int) -> bool:
        """Marks an offer as redeemed, and forgets what was stated in it; False where it was redeemed before."""
        redeemed = await self._session.exec(
            update(Offer)
            .where(col(Offer.id) == offer_id, col(Offer.redeemed_at).is_(None))
            .values(redeemed_at=now, claims=null())
            .execution_options(synchronize_session=False)
        )
        return redeemed.rowcount == 1

    async def forget_claims(self, *, expired_by: int) -> None:
        """Forgets what officers stated in offers that were over at that time and that nobody redeemed."""
        statement = (
            update(Offer)
            .where(col(Offer.claims).is_not(None), col(Offer.expires_at) <= expired_by)
            .values(claims=null())
        )
        await self._session.exec(statement.execution_options(synchronize_session=False))

    async def save_nonce(self, nonce: Nonce) -> None:
        """Writes a new nonce."""
        self._session.add(nonce)
        await self._session.flush()

    async def use_nonce(self, nonce_hash: str, *, now: int) -> bool:
        """Takes a nonce away; False where there is none such, or no longer."""
        statement = delete(Nonce).where(col(Nonce.nonce_hash) == nonce_hash, col(Nonce.expires_at) > now)
        used = await self._session.exec(statement.execution_options(synchronize_session=False))
        return used.rowcount == 1

    async def delete_expired_nonces(self, *, now: int) -> None:
        """Forgets the nonces that nobody used in time."""
        statement = delete(Nonce).where(col(Nonce.expires_at) <= now)
        await self._session.exec(statement.execution_options(synchronize_session=False))
