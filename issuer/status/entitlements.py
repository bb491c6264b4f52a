"""Whose entitlement to a credential type an officer has ended, whatever the roster says: until an officer offers anew.

A revocation for fraud, or of somebody who died, is not undone at the authorization page, nor by an offer that was made
before. Other revocations, such as of a lost phone, leave the way to a new credential open.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.proposals.actions import ActionReason
from issuer.status.models import EndedEntitlement
from vc_core.web.database import insert_on

ENDING_REASONS = frozenset({ActionReason.SUSPECTED_FRAUD, ActionReason.DECEASED})
"""With which reasons a revocation ends the entitlement too."""


class EntitlementRepository:
    """Ended entitlements within one transaction; who ends, asks or begins anew holds the person's lock."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def end(self, person_id: str, credential_type: str, *, now: int) -> None:
        """Nothing of this type (by name) is issued to the person from here on."""
        statement = insert_on(self._session.get_bind().dialect, EndedEntitlement).values(
            person_id=person_id, credential_type=credential_type, ended_at=now
        )
        key = [col(EndedEntitlement.person_id), col(EndedEntitlement.credential_type)]
        await self._session.exec(statement.on_conflict_do_update(index_elements=key, set_={"ended_at": now}))

    async def has_ended(self, person_id: str, credential_type: str) -> bool:
        """Whether nothing of this type may be issued to the person."""
        return await self._session.get(EndedEntitlement, (person_id, credential_type)) is not None

    async def ended(self, person_id: str) -> Sequence[str]:
        """The types of which nothing may be issued to the person."""
        query = select(EndedEntitlement.credential_type).where(col(EndedEntitlement.person_id) == person_id)
        return (await self._session.exec(query.order_by(col(EndedEntitlement.credential_type)))).all()

    async def begin_anew(self, person_id: str, credential_types: Collection[str]) -> None:
        """An officer offers these types to the person again."""
        theirs = delete(EndedEntitlement).where(
            col(EndedEntitlement.person_id) == person_id, col(EndedEntitlement.credential_type).in_(credential_types)
        )
        await self._session.exec(theirs.execution_options(synchronize_session=False))
