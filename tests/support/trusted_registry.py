"""A registry that a test writes to, and the trust over it."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from vc_core.crypto.keys import Ed25519Signer, P256Signer, PublicKey
from vc_core.did.ethr import create_did
from vc_core.errors import ReasonCode, Rejection
from vc_core.ledger.events import (
    KEY_ATTRIBUTE,
    AccreditationChanged,
    AccreditationState,
    AttributeChanged,
    KeyKilled,
    MandateChanged,
    OwnerChanged,
    Position,
    Role,
    credential_type_id,
    key_hash,
    subject_id,
)
from vc_core.ledger.registry_state import RegistryState
from vc_core.trust import RegistryTrust

ADDRESS = b"\x12" * 20
IDENTITY = "0x" + ADDRESS.hex()
DID = create_did(1337, ADDRESS)
VCT = "urn:sabai:credential:HealthId:1"
P256 = P256Signer.generate().public_key
ED25519 = Ed25519Signer.generate().public_key


class Registry:
    """A registry that a test writes to, and the trust over it."""

    def __init__(self) -> None:
        self.state = RegistryState()
        self.trust = RegistryTrust(self.state, chain_id=1337, synced_at=1_000)
        self._numbers = count()

    def _at(self, timestamp: int) -> Position:
        return Position(next(self._numbers), timestamp, 0)

    def attribute(self, at: int, name: str, value: bytes, valid_to: int = 1_000) -> None:
        self.state.apply(AttributeChanged(self._at(at), IDENTITY, name, value.hex(), valid_to))

    def key(self, at: int, key: PublicKey, valid_to: int = 1_000) -> None:
        self.attribute(at, KEY_ATTRIBUTE, key.to_multikey(), valid_to)

    def owner(self, at: int, owner: str) -> None:
        self.state.apply(OwnerChanged(self._at(at), IDENTITY, owner))

    def accredit(
        self,
        at: int,
        state: AccreditationState = AccreditationState.ACTIVE,
        *,
        role: Role = Role.ISSUE,
        period: tuple[int, int] = (0, 1_000),
        **rest: Any,
    ) -> None:
        names = (subject_id(DID).hex(), role, credential_type_id(VCT).hex())
        self.state.apply(AccreditationChanged(self._at(at), *names, *period, state, **rest))

    def mandate(
        self,
        at: int,
        accreditor: str,
        grantor: str,
        depth: int,
        state: AccreditationState = AccreditationState.ACTIVE,
        period: tuple[int, int] = (0, 1_000),
    ) -> None:
        names = (accreditor, Role.ISSUE, credential_type_id(VCT).hex(), grantor)
        self.state.apply(MandateChanged(self._at(at), *names, *period, state, depth))

    def kill(self, at: int, key: PublicKey, *, did: str = DID) -> None:
        self.state.apply(KeyKilled(self._at(at), subject_id(did).hex(), key_hash(key.to_multikey()).hex()))

    def key_refusal(self, verification_method: str, at: int) -> ReasonCode:
        with pytest.raises(Rejection) as refusal:
            self.trust.verification_key(verification_method, at=at)
        return refusal.value.code

    def accreditation_refusal(self, at: int, *, did: str = DID, role: Role = Role.ISSUE, vct: str = VCT) -> ReasonCode:
        with pytest.raises(Rejection) as refusal:
            self.trust.accreditation(did, role, vct, at=at)
        return refusal.value.code


def create_registry() -> Registry:
    """A registry in which our organisation published a P-256 key at 10 and was accredited at 20."""
    created = Registry()
    created.key(10, P256)
    created.accredit(20)
    return created
