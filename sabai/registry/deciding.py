"""How a change gets past the governance: its only member acts at once, several propose, approve and execute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sabai.registry.access import OpenRegistry
from vc_core.errors import Conflict, InvalidRequest
from vc_core.ledger.contract import load_contract
from vc_core.ledger.governance import (
    Action,
    GovernedContract,
    KnownProposal,
    Proposal,
    contract_of,
    load_proposals,
    proposal_id,
)
from vc_core.ledger.transactions import LedgerKey

DAY = 86_400
GOVERNED: tuple[GovernedContract, ...] = ("TrustRegistry", "Anchors")


@dataclass(frozen=True)
class Council:
    """A contract's governance as it is now: its only member (20 bytes) where there is one, and how many decide."""

    sole_member: bytes | None
    epoch: int
    threshold: int
    size: int


async def load_council(opened: OpenRegistry, name: GovernedContract) -> Council:
    """The governance of a contract. Raises `LedgerError`."""
    contract = load_contract(name)
    address = contract_of(opened.known.addresses, name)
    answer = await opened.ledger.call(address, contract.encode_call("council"))
    sole_member, epoch, threshold, size = contract.decode_result("council", answer)
    return Council(bytes.fromhex(sole_member[2:]) if size == 1 else None, epoch, threshold, size)


async def act(opened: OpenRegistry, member: LedgerKey, action: Action) -> None:
    """Performs an action as the only member. Raises `Conflict` where several decide, `InvalidRequest`."""
    council = await load_council(opened, action.contract)
    if council.sole_member is None:
        raise Conflict(
            f"{council.threshold} of {council.size} members decide on this: put `propose` before the command's name."
        )
    if council.sole_member != member.address:
        raise InvalidRequest("This key does not govern the registry.")
    await opened.writer.act(member, action)


async def propose(opened: OpenRegistry, member: LedgerKey, action: Action, *, days: int) -> str:
    """Proposes an action, open for so many days; returns the id that the others approve (0x and 64 hex digits)."""
    expires_at = opened.clock() + days * DAY
    return format_id(opened, await opened.writer.propose(member, action, expires_at=expires_at))


def format_id(opened: OpenRegistry, proposal: Proposal) -> str:
    """A proposal's id: 0x and 64 hex digits."""
    contract = contract_of(opened.known.addresses, proposal.action.contract)
    return "0x" + proposal_id(proposal, chain_id=opened.known.chain_id, contract=contract).hex()


async def load_all_proposals(opened: OpenRegistry) -> dict[str, KnownProposal]:
    """All proposals that were ever made to either contract, by id."""
    found: dict[str, KnownProposal] = {}
    for name in GOVERNED:
        known = await load_proposals(opened.ledger, opened.known.addresses, name, from_block=opened.known.first_block)
        found |= {"0x" + identifier.hex(): each for identifier, each in known.items()}
    return found


async def load_proposal(opened: OpenRegistry, text: str) -> tuple[str, KnownProposal]:
    """The proposal whose id is this or begins so. Raises `InvalidRequest` where there is none, or more than one."""
    wanted = text.lower() if text.lower().startswith("0x") else "0x" + text.lower()
    found = [(key, each) for key, each in (await load_all_proposals(opened)).items() if key.startswith(wanted)]
    if len(found) != 1 or len(wanted) < 6:
        raise InvalidRequest("There is no one proposal of this id; `sabai registry proposals` lists them.")
    return found[0]


async def proposal_state(opened: OpenRegistry, known: KnownProposal) -> dict[str, Any]:
    """What became of a proposal, as a JSON object: its `state` is open, approved, executed, expired or lapsed."""
    council = await load_council(opened, known.proposal.action.contract)
    if known.executed:
        state = "executed"
    elif known.proposal.epoch != council.epoch:
        state = "lapsed"
    elif opened.clock() > known.proposal.expires_at:
        state = "expired"
    else:
        state = "approved" if len(known.approved_by) >= council.threshold else "open"
    return {
        "state": state,
        "approved_by": list(known.approved_by),
        "threshold": council.threshold,
        "expires_at": known.proposal.expires_at,
    }
