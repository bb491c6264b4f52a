"""Whom a phone will know by name without a network: who may see a pass in full, by keys that count."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import pytest

from backend.known_verifiers.listing import list_verifiers
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import Ed25519Signer, P256Signer, PublicKey
from vc_core.did.ethr import create_did
from vc_core.ledger.events import (
    AccreditationChanged,
    AccreditationState,
    AttributeChanged,
    KeyKilled,
    Position,
    RegistryEvent,
    Role,
    allowed_claims_hash,
    credential_type_id,
    key_hash,
    subject_id,
)
from vc_core.ledger.protocol import BlockHead
from vc_core.ledger.snapshot import RegistryAddresses, RegistrySnapshot

CHAIN_ID, NOW, UNTIL = 7_331, 1_790_000_000, 1_800_000_000
ADDRESSES = RegistryAddresses(b"\xaa" * 20, b"\xbb" * 20, b"\xcc" * 20)
KEY = P256Signer.generate().public_key


@dataclass
class Organisation:
    """What the registry says of one organisation."""

    name: str | None = "Ranong Hospital"
    keys: tuple[PublicKey, ...] = (KEY,)
    passes: tuple[str, ...] = (INSURANCE_COVERAGE.vct,)
    role: Role = Role.VERIFY
    claims: tuple[str, ...] | None = None
    killed: bool = False
    did: str = field(default_factory=lambda: create_did(CHAIN_ID, b"\x22" * 20))

    def events(self) -> list[RegistryEvent]:
        """In the chain's order."""
        places, identity = count(), self.did.rpartition(":")[2]

        def at() -> Position:
            return Position(10, NOW - 3600, next(places))

        found: list[RegistryEvent] = [
            AttributeChanged(at(), identity, "did/pub/Multikey/veriKey", key.to_multikey().hex(), UNTIL)
            for key in self.keys
        ]
        if self.name is not None:
            found.append(AttributeChanged(at(), identity, "sabai/name", self.name.encode().hex(), UNTIL))
        subject = subject_id(self.did).hex()
        for vct in self.passes:
            limit = {} if self.claims is None else {"allowed_claims": allowed_claims_hash(self.claims).hex()}
            type_id = credential_type_id(vct).hex()
            found.append(
                AccreditationChanged(
                    at(), subject, self.role, type_id, NOW - 3600, UNTIL, AccreditationState.ACTIVE, **limit
                )
            )
        if self.killed:
            found.append(KeyKilled(at(), subject, key_hash(KEY.to_multikey()).hex()))
        return found


def listed(organisation: Organisation) -> list[dict[str, object]]:
    """The list, as it goes over the wire."""
    head = BlockHead(10, bytes(32), NOW - 3600)
    registry = RegistrySnapshot(CHAIN_ID, ADDRESSES, head, NOW - 5, tuple(organisation.events()))
    found = list_verifiers(registry, now=NOW)
    assert found.as_of == NOW - 5
    return [each.model_dump() for each in found.verifiers]


def test_a_hospital_with_its_key_and_the_passes_that_it_may_see() -> None:
    hospital = Organisation(keys=(Ed25519Signer.generate().public_key, KEY))
    jwk = KEY.to_jwk()
    assert listed(hospital) == [
        {
            "did": hospital.did,
            "name": "Ranong Hospital",
            "passes": [INSURANCE_COVERAGE.number],
            "keys": [{"id": hospital.did + "#delegate-2", "x": jwk["x"], "y": jwk["y"]}],
        }
    ]


def test_one_that_may_see_a_part_of_a_pass_only_is_known_for_the_others() -> None:
    hospital = Organisation(passes=(HEALTH_ID.vct, INSURANCE_COVERAGE.vct), claims=("health_id", "name", "name_latin"))
    assert listed(hospital) == []


@pytest.mark.parametrize(
    "organisation",
    [
        pytest.param(Organisation(name=None), id="no name"),
        pytest.param(Organisation(keys=()), id="no key"),
        pytest.param(Organisation(keys=(Ed25519Signer.generate().public_key,)), id="no key that phones check"),
        pytest.param(Organisation(killed=True), id="a key that was compromised"),
        pytest.param(Organisation(passes=()), id="may ask for nothing"),
        pytest.param(Organisation(role=Role.ISSUE), id="an issuer"),
    ],
)
def test_nobody_else_is_listed(organisation: Organisation) -> None:
    assert listed(organisation) == []
