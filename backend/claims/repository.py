"""The SQL of claims."""

from __future__ import annotations

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.claims.models import Claim, ClaimStatus


class ClaimRepository:
    """Reads and writes claims, in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, claim: Claim) -> None:
        """Keeps a new claim."""
        self._session.add(claim)
        await self._session.flush()

    async def load(self, claim_id: str) -> Claim | None:
        """The claim of this id."""
        return await self._session.get(Claim, claim_id, populate_existing=True)

    async def move(self, claim_id: str, before: ClaimStatus, after: ClaimStatus) -> bool:
        """Takes the claim from one status to another; False where it was not in the first. Only one can."""
        moved = await self._session.exec(
            update(Claim).where(col(Claim.id) == claim_id, col(Claim.status) == before).values(status=after)
        )
        return moved.rowcount == 1
