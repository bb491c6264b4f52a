"""What the members of a governance decide: actions, and the proposals by which several members perform one.

An action is the call data of a function of the TrustRegistry or of Anchors. Where there is one member only, that
member sends it; otherwise one proposes it, others approve, and one executes it. What a member approves is always the
hash of a content that was seen: `proposal_id` computes it here, and a node's word for it is never taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeAlias

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from vc_core.errors import LedgerError
from vc_core.ledger.contract import load_contract
from vc_core.ledger.events import (
    AccreditationState,
    Role,
    allowed_claims_hash,
    credential_type_id,
    key_hash,
    log_id,
    subject_id,
)
from vc_core.ledger.protocol import Ledger
from vc_core.ledger.snapshot import RegistryAddresses

GovernedContract: TypeAlias = Literal["TrustRegistry", "Anchors"]

MAX_PROPOSAL_SECONDS = 30 * 86_400
"""How far ahead a proposal may expire."""

MAX_DEPTH = 8
"""The greatest depth of a mandate."""

_LAST_TIME = 2**40 - 1


class PublishableKey(Protocol):
    """A public key with its kind: `vc_core.crypto.keys.PublicKey`."""

    def to_multikey(self) -> bytes:
        """Multicodec prefix and raw key."""


@dataclass(frozen=True)
class Action:
    """A change that needs the governance: `data` is the call data for the contract."""

    contract: GovernedContract
    data: bytes

    def decode(self) -> tuple[str, dict[str, Any]]:
        """The function and its arguments by name, for who approves. Raises `LedgerError` for none of ours."""
        decoded = load_contract(self.contract).decode_call(self.data)
        if decoded is None:
            raise LedgerError("the action is of no function of this contract")
        return decoded


@dataclass(frozen=True)
class Proposal:
    """An action as it was proposed: with a salt, until when (seconds since 1970, inclusive), in which epoch."""

    action: Action
    salt: int
    expires_at: int
    epoch: int


@dataclass(frozen=True)
class KnownProposal:
    """A proposal with what the chain says of it: who approved (0x + 40 hex digits), and if it is done."""

    proposal: Proposal
    approved_by: tuple[str, ...] = ()
    executed: bool = False


def create_accreditation_action(
    did: str,
    role: Role,
    vct: str,
    *,
    valid_from: int,
    valid_until: int,
    state: AccreditationState = AccreditationState.ACTIVE,
    allowed_claims: Iterable[str] | None = None,
    policy: bytes | None = None,
) -> Action:
    """Replaces the accreditation of an organisation for a type.

    Times in seconds since 1970, the end exclusive; `allowed_claims`: the names it is limited to; `policy`: SHA-256 of
    the rules it is given under. Raises `ValueError` where a time can't be stored.
    """
    arguments = accreditation_arguments(did, role, vct, valid_from, valid_until, state, allowed_claims, policy)
    return _trust_action("accredit", *arguments)


def accreditation_arguments(
    did: str,
    role: Role,
    vct: str,
    valid_from: int,
    valid_until: int,
    state: AccreditationState,
    allowed_claims: Iterable[str] | None,
    policy: bytes | None,
) -> tuple[Any, ...]:
    """The arguments of the TrustRegistry's `accredit`. Raises as `create_accreditation_action`."""
    _check_times(valid_from, valid_until)
    claims = bytes(32) if allowed_claims is None else allowed_claims_hash(allowed_claims)
    entry = (subject_id(did), role, credential_type_id(vct), valid_from, valid_until, state)
    return (*entry, claims, policy or bytes(32))


def create_state_action(did: str, role: Role, vct: str, state: AccreditationState) -> Action:
    """Suspends, revokes or takes up again an accreditation that there is; it is the governance's from then on."""
    return _trust_action("setAccreditationState", subject_id(did), role, credential_type_id(vct), state)


def create_mandate_action(
    accreditor: bytes,
    role: Role,
    vct: str,
    *,
    valid_from: int,
    valid_until: int,
    depth: int,
    state: AccreditationState = AccreditationState.ACTIVE,
) -> Action:
    """Lets an identity (20 bytes) accredit others for a type. Times as for an accreditation; `depth`: 0 to 8."""
    return _trust_action("setMandate", *mandate_arguments(accreditor, role, vct, valid_from, valid_until, state, depth))


def mandate_arguments(
    accreditor: bytes, role: Role, vct: str, valid_from: int, valid_until: int, state: AccreditationState, depth: int
) -> tuple[Any, ...]:
    """The arguments of the TrustRegistry's `setMandate`. Raises `ValueError` for a time or depth that can't be."""
    _check_times(valid_from, valid_until)
    if not 0 <= depth <= MAX_DEPTH:
        raise ValueError(f"the depth of a mandate is 0 to {MAX_DEPTH}")
    return accreditor, role, credential_type_id(vct), valid_from, valid_until, state, depth


def create_kill_key_action(did: str, key: PublishableKey) -> Action:
    """Declares a key of the organisation compromised, for good."""
    return _trust_action("killKey", subject_id(did), key_hash(key.to_multikey()))


def create_governance_action(contract: GovernedContract, members: Sequence[bytes], threshold: int) -> Action:
    """Replaces the members (20-byte addresses) and the threshold; open proposals then lapse."""
    return Action(contract, load_contract(contract).encode_call("setGovernance", list(members), threshold))


def create_log_owner_action(log: str, owner: bytes) -> Action:
    """Lets an account (20 bytes) write the roots of the log of this public name; 20 zero bytes close it."""
    return Action("Anchors", load_contract("Anchors").encode_call("setLogOwner", log_id(log), owner))


def proposal_id(proposal: Proposal, *, chain_id: int, contract: bytes) -> bytes:
    """The 32 bytes that members approve: a hash over the whole proposal, the chain and the contract's address."""
    types = ("uint256", "address", "uint64", "uint64", "uint256", "bytes32")
    members = (proposal.epoch, proposal.expires_at, proposal.salt, keccak(proposal.action.data))
    return keccak(encode(types, (chain_id, contract, *members)))


def contract_of(addresses: RegistryAddresses, name: GovernedContract) -> bytes:
    """The 20-byte address of a governed contract."""
    return addresses.trust_registry if name == "TrustRegistry" else addresses.anchors


async def load_epoch(ledger: Ledger, addresses: RegistryAddresses, name: GovernedContract) -> int:
    """How many times the members or the threshold were set; proposals are bound to it."""
    contract = load_contract(name)
    answer = await ledger.call(contract_of(addresses, name), contract.encode_call("council"))
    _sole_member, epoch, _threshold, _size = contract.decode_result("council", answer)
    return int(epoch)


async def load_proposals(
    ledger: Ledger, addresses: RegistryAddresses, name: GovernedContract, *, from_block: int = 0
) -> dict[bytes, KnownProposal]:
    """All proposals made since a block, by id, as the chain's final blocks tell them, in their order.

    Raises `LedgerError` where the chain tells a content that is not what its id stands for.
    """
    contract, address = load_contract(name), contract_of(addresses, name)
    logs = await ledger.logs([address], from_block=from_block, to_block=(await ledger.head()).number)
    known: dict[bytes, KnownProposal] = {}
    for log in logs:
        match contract.decode_event(log):
            case "Proposed", told:
                proposal = Proposal(Action(name, told["action"]), told["salt"], told["expiresAt"], told["epoch"])
                if proposal_id(proposal, chain_id=ledger.chain_id, contract=address) != told["id"]:
                    raise LedgerError("a proposal's content is not what its id stands for")
                known[told["id"]] = KnownProposal(proposal)
            case "Approved", told if told["id"] in known:
                before = known[told["id"]]
                known[told["id"]] = replace(before, approved_by=(*before.approved_by, told["member"]))
            case "Executed", told if told["id"] in known:
                known[told["id"]] = replace(known[told["id"]], executed=True)
    return known


def _trust_action(function: str, *arguments: Any) -> Action:
    return Action("TrustRegistry", load_contract("TrustRegistry").encode_call(function, *arguments))


def _check_times(valid_from: int, valid_until: int) -> None:
    if not 0 <= valid_from < valid_until <= _LAST_TIME:
        raise ValueError("the period of an accreditation must have a beginning before its end")
