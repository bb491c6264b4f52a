"""Writing to the registries.

Organisations publish their keys and their name in the DidRegistry, each for itself. The governance accredits them in
the TrustRegistry, or accreditors that it gave a mandate to; owners of logs write roots into Anchors. Nothing that is
written here is about a patient.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from vc_core.errors import LedgerError
from vc_core.ledger.contract import ContractName, load_contract
from vc_core.ledger.events import KEY_ATTRIBUTE, NAME_ATTRIBUTE, AccreditationState, Role, key_hash, log_id
from vc_core.ledger.governance import (
    Action,
    Proposal,
    PublishableKey,
    accreditation_arguments,
    contract_of,
    create_accreditation_action,
    load_epoch,
    mandate_arguments,
    proposal_id,
)
from vc_core.ledger.protocol import Ledger, Receipt
from vc_core.ledger.registry_logs import decode_log as decode_log
from vc_core.ledger.snapshot import RegistryAddresses as RegistryAddresses
from vc_core.ledger.transactions import LedgerKey, contract_address

MAX_NAME_BYTES = 200

_DEPLOYMENT_GAS = 6_000_000
_CALL_GAS = 3_000_000  # enough for the dearest: a governance of 64 members
_NAME_VALIDITY = 100 * 365 * 86_400


async def deploy_registries(
    ledger: Ledger, governor: LedgerKey, *, members: Sequence[bytes] = (), threshold: int = 1
) -> RegistryAddresses:
    """Deploys the registries, or finds them among what the governor's account deployed before.

    `members` (20-byte addresses) and `threshold` are of the first governance; without members the governor is its only
    one. Raises `TransactionFailed` where the ledger refuses.
    """
    council = list(members or (governor.address,))
    did_registry = await _deploy_once(ledger, governor, "DidRegistry")
    trust_registry = await _deploy_once(ledger, governor, "TrustRegistry", council, threshold, did_registry)
    anchors = await _deploy_once(ledger, governor, "Anchors", council, threshold)
    return RegistryAddresses(did_registry, trust_registry, anchors)


async def _deploy_once(ledger: Ledger, governor: LedgerKey, name: ContractName, *arguments: Any) -> bytes:
    contract = load_contract(name)
    next_nonce = await ledger.nonce(governor.address)
    for nonce in range(next_nonce):
        address = contract_address(governor.address, nonce)
        if await ledger.code(address) == contract.deployed_bytecode:
            return address
    receipt = await ledger.transact(governor, b"", contract.encode_deployment(*arguments), gas=_DEPLOYMENT_GAS)
    if receipt.contract_address is None:
        raise LedgerError("the ledger does not say where the contract is")
    return receipt.contract_address


class RegistryWriter:
    """Sends what organisations, accreditors and members of the governance sign.

    All methods raise `TransactionFailed` where it is refused. `identity` is the address that a DID names, where the
    organisation's key is not its first: after `change_owner`.
    """

    def __init__(
        self,
        ledger: Ledger,
        addresses: RegistryAddresses,
        *,
        randomness: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._ledger = ledger
        self._addresses = addresses
        self._randomness = randomness

    async def publish_key(
        self, organisation: LedgerKey, key: PublishableKey, *, valid_seconds: int, identity: bytes | None = None
    ) -> Receipt:
        """Makes `key` a verification method of the organisation's DID, from now on for so many seconds."""
        return await self._set_attribute(organisation, identity, KEY_ATTRIBUTE, key.to_multikey(), valid_seconds)

    async def revoke_key(
        self, organisation: LedgerKey, key: PublishableKey, *, identity: bytes | None = None
    ) -> Receipt:
        """Ends the validity of a published key at once."""
        subject = identity or organisation.address
        return await self._write(organisation, "revokeAttribute", subject, _text32(KEY_ATTRIBUTE), key.to_multikey())

    async def publish_name(self, organisation: LedgerKey, name: str, *, identity: bytes | None = None) -> Receipt:
        """Publishes the organisation's display name. Raises `ValueError` where it is empty or over 200 bytes."""
        value = name.encode("utf-8")
        if not 0 < len(value) <= MAX_NAME_BYTES:
            raise ValueError(f"an organisation's name has 1 to {MAX_NAME_BYTES} bytes")
        return await self._set_attribute(organisation, identity, NAME_ATTRIBUTE, value, _NAME_VALIDITY)

    async def change_owner(
        self, organisation: LedgerKey, new_owner: bytes, *, identity: bytes | None = None
    ) -> Receipt:
        """Hands the DID to another account; to 20 zero bytes it is deactivated for good."""
        return await self._write(organisation, "changeOwner", identity or organisation.address, new_owner)

    async def act(self, member: LedgerKey, action: Action) -> Receipt:
        """Performs an action of the governance, as its only member."""
        return await self._send(member, contract_of(self._addresses, action.contract), action.data)

    async def propose(self, member: LedgerKey, action: Action, *, expires_at: int) -> Proposal:
        """Proposes an action until `expires_at` (seconds since 1970, at most 30 days ahead); the member approves it."""
        name = action.contract
        epoch = await load_epoch(self._ledger, self._addresses, name)
        proposal = Proposal(action, int.from_bytes(self._randomness(32), "big"), expires_at, epoch)
        await self._call(member, name, "propose", action.data, proposal.salt, expires_at)
        return proposal

    async def approve(self, member: LedgerKey, proposal: Proposal) -> Receipt:
        """Approves exactly this content."""
        return await self._call(member, proposal.action.contract, "approve", self._proposal_id(proposal))

    async def execute(self, member: LedgerKey, proposal: Proposal) -> Receipt:
        """Performs a proposal that enough members approved."""
        action, identifier = proposal.action, self._proposal_id(proposal)
        return await self._call(member, action.contract, "execute", identifier, action.data, proposal.salt)

    async def set_accreditation(
        self,
        governor: LedgerKey,
        did: str,
        role: Role,
        vct: str,
        *,
        valid_from: int,
        valid_until: int,
        state: AccreditationState = AccreditationState.ACTIVE,
    ) -> Receipt:
        """`create_accreditation_action`, performed by the governance's only member."""
        action = create_accreditation_action(
            did, role, vct, valid_from=valid_from, valid_until=valid_until, state=state
        )
        return await self.act(governor, action)

    async def accredit_as(
        self,
        accreditor: LedgerKey,
        did: str,
        role: Role,
        vct: str,
        *,
        valid_from: int,
        valid_until: int,
        state: AccreditationState = AccreditationState.ACTIVE,
        allowed_claims: Iterable[str] | None = None,
        policy: bytes | None = None,
        identity: bytes | None = None,
    ) -> Receipt:
        """Accredits an organisation in the name of an accreditor; see `create_accreditation_action`."""
        entry = accreditation_arguments(did, role, vct, valid_from, valid_until, state, allowed_claims, policy)
        grantor = identity or accreditor.address
        return await self._call(accreditor, "TrustRegistry", "accreditAs", grantor, *entry)

    async def set_mandate_as(
        self,
        grantor: LedgerKey,
        accreditor: bytes,
        role: Role,
        vct: str,
        *,
        valid_from: int,
        valid_until: int,
        depth: int,
        state: AccreditationState = AccreditationState.ACTIVE,
        identity: bytes | None = None,
    ) -> Receipt:
        """Gives on a mandate of less depth, in the name of an accreditor; see `create_mandate_action`."""
        mandate = mandate_arguments(accreditor, role, vct, valid_from, valid_until, state, depth)
        return await self._call(grantor, "TrustRegistry", "setMandateAs", identity or grantor.address, *mandate)

    async def kill_own_key(
        self, organisation: LedgerKey, key: PublishableKey, *, identity: bytes | None = None
    ) -> Receipt:
        """Declares a key of one's own compromised, for good: no approval is needed, no time is lost."""
        subject = identity or organisation.address
        return await self._call(organisation, "TrustRegistry", "killOwnKey", subject, key_hash(key.to_multikey()))

    async def anchor(self, log_owner: LedgerKey, log: str, root: bytes, *, size: int, previous_head: bytes) -> Receipt:
        """Writes the next root of the log of this public name: over `size` leaves, on the head that it builds on."""
        return await self._call(log_owner, "Anchors", "anchor", log_id(log), root, size, previous_head)

    def _proposal_id(self, proposal: Proposal) -> bytes:
        contract = contract_of(self._addresses, proposal.action.contract)
        return proposal_id(proposal, chain_id=self._ledger.chain_id, contract=contract)

    async def _set_attribute(
        self, organisation: LedgerKey, identity: bytes | None, name: str, value: bytes, valid_seconds: int
    ) -> Receipt:
        subject = identity or organisation.address
        return await self._write(organisation, "setAttribute", subject, _text32(name), value, valid_seconds)

    async def _write(self, organisation: LedgerKey, function: str, *arguments: Any) -> Receipt:
        return await self._call(organisation, "DidRegistry", function, *arguments)

    async def _call(self, sender: LedgerKey, name: ContractName, function: str, *arguments: Any) -> Receipt:
        to = self._addresses.did_registry if name == "DidRegistry" else contract_of(self._addresses, name)
        return await self._send(sender, to, load_contract(name).encode_call(function, *arguments))

    async def _send(self, sender: LedgerKey, to: bytes, data: bytes) -> Receipt:
        return await self._ledger.transact(sender, to, data, gas=_CALL_GAS)


def _text32(text: str) -> bytes:
    return text.encode("utf-8").ljust(32, b"\0")
