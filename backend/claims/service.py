"""Claims: an approved one is told to the patient."""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.claims.models import Claim, ClaimStatus
from backend.claims.repository import ClaimRepository
from backend.claims.schemas import ClaimRequest, ClaimState, SubmittedClaim
from backend.disputes.models import Disputed
from backend.disputes.repository import DisputeRepository
from backend.idempotency.service import Idempotency
from backend.notifications.models import Template
from backend.notifications.service import announce
from vc_core.clock import Clock
from vc_core.errors import Conflict, NotFound
from vc_core.web.database import Database


class ClaimService:
    """What hospitals and the payer do with claims. `wake` is called when there are pushes to send."""

    def __init__(self, *, database: Database, idempotency: Idempotency, wake: Callable[[], None], clock: Clock) -> None:
        self._database = database
        self._idempotency = idempotency
        self._wake = wake
        self._clock = clock

    async def submit(self, request: ClaimRequest, *, key: str | None) -> SubmittedClaim:
        """Keeps a new claim, for a known patient or not. Raises `Conflict` as `Idempotency.run_once` does."""

        async def create(session: AsyncSession) -> SubmittedClaim:
            claim = Claim(**request.model_dump(), created_at=self._clock())
            await ClaimRepository(session).add(claim)
            return SubmittedClaim(claim_id=claim.id, status=ClaimStatus.SUBMITTED)

        return await self._idempotency.run_once("claims", key, request, create, SubmittedClaim)

    async def approve(self, claim_id: str) -> ClaimState:
        """Approves a submitted claim and tells the patient. Raises `NotFound`, or `Conflict` if it was not."""
        async with self._database.transaction() as session:
            repository = ClaimRepository(session)
            moved = await repository.move(claim_id, ClaimStatus.SUBMITTED, ClaimStatus.APPROVED)
            claim = await repository.load(claim_id)
            if claim is None:
                raise NotFound("There is no such claim.")
            if not moved:
                raise Conflict("Only a submitted claim can be approved.")
            parameters: dict[str, str | int] = {
                "claim_id": claim.id,
                "hospital_code": claim.hospital_code,
                "service_date": claim.service_date,
                "amount_satang": claim.amount_satang,
            }
            await announce(session, claim.health_id, Template.CLAIM_APPROVED, parameters, now=self._clock())
        self._wake()
        return ClaimState(status=ClaimStatus.APPROVED, disputed=False)

    async def read(self, claim_id: str) -> ClaimState:
        """Where a claim stands. Raises `NotFound`."""
        async with self._database.transaction() as session:
            claim = await ClaimRepository(session).load(claim_id)
            if claim is None:
                raise NotFound("There is no such claim.")
            disputed = await DisputeRepository(session).is_disputed(Disputed.CLAIM, claim_id)
        return ClaimState(status=ClaimStatus(claim.status), disputed=disputed)
