"""Four eyes: actions with a reason, done at once or when another approver has approved them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.access import TOKEN_HOLDER, Principal
from issuer.audit.repository import AuditRepository
from issuer.proposals.actions import ActionReason, OfficeAction, ReasonedAction
from issuer.proposals.models import Proposal, ProposalState
from issuer.proposals.repository import ProposalRepository
from vc_core.clock import Clock
from vc_core.errors import Conflict, Forbidden, NotFound
from vc_core.web.database import Database

LIFETIME = 7 * 86_400
"""Seconds that a proposal waits for a decision."""


@dataclass(frozen=True)
class ActionOrder:
    """What somebody wants done, and why. `detail` is what the record of it says besides, without personal data."""

    action: OfficeAction
    record_id: str
    parameters: Mapping[str, Any]
    detail: str = ""
    reason: ActionReason | None = None
    note: str = ""


class ProposalService:
    """Proposals. `four_eyes` are the actions that need an approver; `actions` says how each is done."""

    def __init__(
        self,
        database: Database,
        actions: Mapping[OfficeAction, ReasonedAction],
        four_eyes: Collection[OfficeAction],
        clock: Clock,
    ) -> None:
        self._database = database
        self._actions = actions
        self._four_eyes = four_eyes
        self._clock = clock

    async def propose(self, by: Principal, order: ActionOrder) -> Proposal:
        """The action, done where it takes no second pair of eyes, else waiting for them.

        Raises what the action raises where it can't be done, and `Conflict` where the same waits already.
        """
        async with self._database.transaction() as session:
            return await self._propose(session, by.id, order, alone=order.action not in self._four_eyes)

    async def propose_admission(self, session: AsyncSession, invited_by: str, order: ActionOrder) -> Proposal:
        """As `propose`, within a transaction: letting in whom `invited_by` invited.

        Whom the office's token invites is let in at once: somebody has to be the first.
        """
        alone = order.action not in self._four_eyes or invited_by == TOKEN_HOLDER.id
        return await self._propose(session, invited_by, order, alone=alone)

    async def _propose(self, session: AsyncSession, by_id: str, order: ActionOrder, *, alone: bool) -> Proposal:
        """As `propose`, within a transaction; `alone`: it takes no second pair of eyes."""
        proposal, action, repository = self._row(by_id, order), self._actions[order.action], ProposalRepository(session)
        if alone:
            proposal.state = ProposalState.DONE
            proposal.changed = await action.carry_out(session, order.record_id, order.parameters)
        else:
            await action.check(session, order.record_id, order.parameters)
            if await repository.waits(proposal, now=proposal.proposed_at):
                raise Conflict("The same is proposed already, and waits for an approver.")
        await repository.save(proposal)
        await self._record(session, proposal, by_id, "done" if alone else "proposed")
        return proposal

    async def approve(self, proposal_id: str, by: Principal) -> Proposal:
        """Does what was proposed, once.

        Raises `NotFound`; `Forbidden` to who proposed it; `Conflict` where it does not wait, or no longer; and what the
        action raises where it can no longer be done, and then it waits on.
        """
        async with self._database.transaction() as session:
            proposal = await self._decide(session, proposal_id, ProposalState.DONE, by)
            action = self._actions[OfficeAction(proposal.action)]
            proposal.changed = await action.carry_out(session, proposal.record_id, proposal.parameters)
            await ProposalRepository(session).save(proposal)
            await self._record(session, proposal, by.id, "approved")
        return proposal

    async def reject(self, proposal_id: str, by: Principal, note: str) -> Proposal:
        """Ends a proposal. Raises `NotFound`, `Conflict` where it does not wait, or no longer."""
        async with self._database.transaction() as session:
            proposal = await self._decide(session, proposal_id, ProposalState.REJECTED, by, note)
            await self._record(session, proposal, by.id, "rejected")
        return proposal

    async def proposals(self, *, state: ProposalState | None = None, record_id: str = "") -> Sequence[Proposal]:
        """The newest proposals, of one state or on one record if asked for."""
        async with self._database.transaction() as session:
            return await ProposalRepository(session).load_list(state=state, record_id=record_id, now=self._clock())

    def state_of(self, proposal: Proposal) -> ProposalState:
        """What became of it, by now."""
        if proposal.state == ProposalState.WAITING and proposal.expires_at <= self._clock():
            return ProposalState.EXPIRED
        return ProposalState(proposal.state)

    def _row(self, by_id: str, order: ActionOrder) -> Proposal:
        now = self._clock()
        return Proposal(
            id=uuid4().hex,
            action=order.action,
            record_id=order.record_id,
            parameters=dict(order.parameters),
            detail=order.detail,
            reason=order.reason or "",
            note=order.note,
            state=ProposalState.WAITING,
            proposed_by=by_id,
            proposed_at=now,
            expires_at=now + LIFETIME,
        )

    async def _decide(
        self, session: AsyncSession, proposal_id: str, state: ProposalState, by: Principal, note: str = ""
    ) -> Proposal:
        repository = ProposalRepository(session)
        decided = await repository.decide(proposal_id, state, by=by.id, note=note, now=self._clock())
        proposal = await repository.load(proposal_id)
        if proposal is None:
            raise NotFound("There is no such proposal.")
        if not decided and proposal.proposed_by == by.id and self.state_of(proposal) is ProposalState.WAITING:
            raise Forbidden("Whoever proposed it can't be the one who approves it.")
        if not decided:
            raise Conflict("It does not wait for a decision, or no longer.")
        return proposal

    async def _record(self, session: AsyncSession, proposal: Proposal, by_id: str, outcome: str) -> None:
        await AuditRepository(session).append(
            by_id, proposal.action, proposal.record_id, outcome, now=self._clock(), detail=proposal.detail
        )
