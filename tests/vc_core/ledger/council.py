"""Two of three members decide; what tests have them propose."""

from __future__ import annotations

from tests.support.chain import Chain
from vc_core.ledger.events import AccreditationChanged, Role
from vc_core.ledger.governance import (
    Action,
    Proposal,
    create_accreditation_action,
)
from vc_core.ledger.transactions import LedgerKey

DID = "did:ethr:0x539:0x" + "11" * 20
VCT = "urn:sabai:credential:HealthId:1"
MEMBERS = [LedgerKey.generate() for _ in range(3)]
ADDRESSES = [member.address for member in MEMBERS]
DEPLOYER = LedgerKey.generate()


def accredit(until: int = 2**40 - 1) -> Action:
    """The accreditation of one organisation for one type."""
    return create_accreditation_action(DID, Role.ISSUE, VCT, valid_from=0, valid_until=until)


async def propose(chain: Chain, action: Action | None = None, *, by: int = 0, seconds: int = 100) -> Proposal:
    """What the member of that number proposes."""
    return await chain.writer.propose(MEMBERS[by], action or accredit(), expires_at=chain.clock() + seconds)


async def changes(chain: Chain) -> list[AccreditationChanged]:
    """What became of accreditations."""
    return [event for event in await chain.events() if isinstance(event, AccreditationChanged)]
