"""Four eyes: what waits, who may decide, and that it is done once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.access import Principal
from issuer.app import MIGRATIONS
from issuer.audit.repository import AuditFilter
from issuer.audit.service import AuditService
from issuer.officers.roles import OfficeRole
from issuer.proposals.actions import ActionReason, OfficeAction
from issuer.proposals.models import ProposalState
from issuer.proposals.service import LIFETIME, ActionOrder, ProposalService
from tests.support.clock import SetClock
from vc_core.errors import Conflict, Forbidden, NotFound
from vc_core.web.database import Database

ANONG, BOUN, CHAN = (Principal(name, name, frozenset(OfficeRole)) for name in ("anong", "boun", "chan"))
ORDER = ActionOrder(OfficeAction.REVOKE, "person", {"credential_type": "X"}, "X", ActionReason.SUSPECTED_FRAUD)


@dataclass
class Counted:
    """An action that counts how often it is done."""

    done: list[str] = field(default_factory=list)
    refusal: Conflict | None = None

    async def check(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> None:
        if self.refusal is not None:
            raise self.refusal

    async def carry_out(self, session: AsyncSession, record_id: str, parameters: Mapping[str, Any]) -> int:
        await self.check(session, record_id, parameters)
        self.done.append(record_id)
        return len(parameters)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with the issuer's tables."""
    opened = Database(database_url)
    await opened.migrate(MIGRATIONS)
    yield opened
    await opened.close()


@pytest.fixture
def action() -> Counted:
    """The action that is proposed."""
    return Counted()


@pytest.fixture
def proposals(database: Database, action: Counted, clock: SetClock) -> ProposalService:
    """An office where revoking takes four eyes, and suspending does not."""
    actions = {OfficeAction.REVOKE: action, OfficeAction.SUSPEND: action}
    return ProposalService(database, actions, {OfficeAction.REVOKE}, clock)


async def test_what_takes_two_eyes_is_done_at_once(proposals: ProposalService, action: Counted) -> None:
    done = await proposals.propose(ANONG, ActionOrder(OfficeAction.SUSPEND, "p", {}, "", ActionReason.RESOLVED))
    assert (done.state, done.changed, done.decided_by, action.done) == (ProposalState.DONE, 0, None, ["p"])


async def test_what_takes_four_eyes_waits_for_others_and_is_done_once(
    proposals: ProposalService, action: Counted, database: Database, clock: SetClock
) -> None:
    proposal = await proposals.propose(ANONG, ORDER)
    assert (proposals.state_of(proposal), action.done) == (ProposalState.WAITING, [])
    with pytest.raises(Conflict):
        await proposals.propose(BOUN, ORDER)
    with pytest.raises(Forbidden):
        await proposals.approve(proposal.id, ANONG)
    assert action.done == []
    outcomes = await asyncio.gather(
        *(proposals.approve(proposal.id, each) for each in (BOUN, CHAN, BOUN, CHAN)), return_exceptions=True
    )
    assert action.done == ["person"]
    assert sum(isinstance(each, Conflict) for each in outcomes) == 3
    with pytest.raises(Conflict):
        await proposals.reject(proposal.id, CHAN, "too late")
    with pytest.raises(NotFound):
        await proposals.approve("0" * 32, BOUN)
    entries, _ = await AuditService(database, clock).page(AuditFilter(), before=None, limit=50)
    assert [(each.action, each.outcome) for each in entries] == [("revoke", "approved"), ("revoke", "proposed")]
    assert entries[1].principal_id == "anong"


async def test_a_rejected_one_is_over_and_may_be_proposed_again(proposals: ProposalService, action: Counted) -> None:
    proposal = await proposals.propose(ANONG, ORDER)
    rejected = await proposals.reject(proposal.id, BOUN, "the wrong person")
    assert (rejected.state, rejected.decision_note) == (ProposalState.REJECTED, "the wrong person")
    with pytest.raises(Conflict):
        await proposals.approve(proposal.id, CHAN)
    await proposals.propose(ANONG, ORDER)
    assert [each.state for each in await proposals.proposals(state=ProposalState.WAITING)] == ["waiting"]
    assert action.done == []


async def test_nobody_s_decision_ends_it(proposals: ProposalService, action: Counted, clock: SetClock) -> None:
    proposal = await proposals.propose(ANONG, ORDER)
    clock.advance(LIFETIME)
    with pytest.raises(Conflict):
        await proposals.approve(proposal.id, BOUN)
    assert await proposals.proposals(state=ProposalState.WAITING) == []
    [expired] = await proposals.proposals(state=ProposalState.EXPIRED)
    assert (proposals.state_of(expired), action.done) == (ProposalState.EXPIRED, [])


async def test_what_can_no_longer_be_done_waits_on(proposals: ProposalService, action: Counted) -> None:
    action.refusal = Conflict("not now")
    with pytest.raises(Conflict, match="not now"):
        await proposals.propose(ANONG, ORDER)
    assert await proposals.proposals() == []
    action.refusal = None
    proposal = await proposals.propose(ANONG, ORDER)
    action.refusal = Conflict("not now")
    with pytest.raises(Conflict, match="not now"):
        await proposals.approve(proposal.id, BOUN)
    action.refusal = None
    assert (await proposals.approve(proposal.id, BOUN)).changed == 1
