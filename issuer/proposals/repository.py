"""Proposals, in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.proposals.models import Proposal, ProposalState

LISTED = 200


class ProposalRepository:
    """Proposals within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def load(self, proposal_id: str) -> Proposal | None:
        """The proposal of this id, as the database has it now."""
        return await self._session.get(Proposal, proposal_id, populate_existing=True)

    async def load_list(self, *, state: ProposalState | None, record_id: str, now: int) -> Sequence[Proposal]:
        """The newest, of one state or on one record if asked for."""
        query = select(Proposal).order_by(col(Proposal.proposed_at).desc(), col(Proposal.id)).limit(LISTED)
        if record_id:
            query = query.where(col(Proposal.record_id) == record_id)
        if state is ProposalState.EXPIRED:
            query = query.where(col(Proposal.state) == ProposalState.WAITING, col(Proposal.expires_at) <= now)
        elif state is ProposalState.WAITING:
            query = query.where(col(Proposal.state) == state, col(Proposal.expires_at) > now)
        elif state is not None:
            query = query.where(col(Proposal.state) == state)
        return (await self._session.exec(query)).all()

    async def waits(self, proposal: Proposal, *, now: int) -> bool:
        """Whether the same was proposed before and waits."""
        listed = await self.load_list(state=ProposalState.WAITING, record_id=proposal.record_id, now=now)
        return any((each.action, each.parameters) == (proposal.action, proposal.parameters) for each in listed)

    async def save(self, proposal: Proposal) -> None:
        """Writes a new one, or what changed of it."""
        self._session.add(proposal)
        await self._session.flush()

    async def decide(self, proposal_id: str, state: ProposalState, *, by: str, note: str, now: int) -> bool:
        """Decides on one that waits; False where it does not, or no longer, or `by` may not.

        Only whoever did not propose it may approve it.
        """
        change = (
            update(Proposal)
            .where(
                col(Proposal.id) == proposal_id,
                col(Proposal.state) == ProposalState.WAITING,
                col(Proposal.expires_at) > now,
            )
            .values(state=state, decided_by=by, decided_at=now, decision_note=note)
            .execution_options(synchronize_session=False)
        )
        if state is ProposalState.DONE:
            change = change.where(col(Proposal.proposed_by) != by)
        return (await self._session.exec(change)).rowcount == 1
