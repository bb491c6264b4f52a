"""Which wallet providers count: those that the registry has accredited, by keys that are valid now."""

from __future__ import annotations

import pytest

from vc_core.crypto.keys import P256Signer
from vc_core.did.ethr import create_did
from vc_core.errors import ReasonCode, Rejection
from vc_core.ledger.events import (
    KEY_ATTRIBUTE,
    AccreditationChanged,
    AccreditationState,
    AttributeChanged,
    Position,
    Role,
    credential_type_id,
    subject_id,
)
from vc_core.ledger.registry_state import RegistryState
from vc_core.trust import RegistryTrust
from vc_core.wallet_providers import MAX_TRUST_AGE_SECONDS, WALLET_ATTESTATION, provider_key_at

ADDRESS = b"\x77" * 20
DID = create_did(1337, ADDRESS)
METHOD = DID + "#delegate-1"
KEY = P256Signer.generate().public_key
NOW = 1_000


def registry(
    *,
    role: Role = Role.PROVIDE_WALLETS,
    kind: str = WALLET_ATTESTATION,
    state: AccreditationState = AccreditationState.ACTIVE,
    key_until: int = 2_000,
    synced_at: int = NOW,
) -> RegistryTrust:
    """The registry with one organisation and what it is accredited for."""
    events = RegistryState()
    names = (subject_id(DID).hex(), role, credential_type_id(kind).hex())
    key = KEY.to_multikey().hex()
    events.apply(AttributeChanged(Position(1, 0, 0), "0x" + ADDRESS.hex(), KEY_ATTRIBUTE, key, key_until))
    events.apply(AccreditationChanged(Position(2, 0, 0), *names, 0, 1_500, state))
    return RegistryTrust(events, chain_id=1337, synced_at=synced_at)


def test_an_accredited_provider() -> None:
    assert provider_key_at(registry(), now=NOW)(METHOD) == KEY


@pytest.mark.parametrize(
    ("trust", "method", "now", "code"),
    [
        (registry(role=Role.ISSUE), METHOD, NOW, ReasonCode.UNTRUSTED_ISSUER),
        (registry(role=Role.VERIFY), METHOD, NOW, ReasonCode.UNTRUSTED_ISSUER),
        (registry(kind="urn:sabai:credential:HealthId:1"), METHOD, NOW, ReasonCode.UNTRUSTED_ISSUER),
        (registry(state=AccreditationState.SUSPENDED), METHOD, NOW, ReasonCode.UNTRUSTED_ISSUER),
        (registry(), METHOD, 1_500, ReasonCode.UNTRUSTED_ISSUER),
        (registry(key_until=900), METHOD, NOW, ReasonCode.BAD_SIGNATURE),
        (registry(), DID + "#delegate-2", NOW, ReasonCode.BAD_SIGNATURE),
        (registry(), create_did(1337, b"\x01" * 20) + "#delegate-1", NOW, ReasonCode.UNKNOWN_ISSUER),
        (registry(synced_at=NOW - MAX_TRUST_AGE_SECONDS - 1), METHOD, NOW, ReasonCode.STALE_TRUST),
    ],
)
def test_whoever_else(trust: RegistryTrust, method: str, now: int, code: ReasonCode) -> None:
    with pytest.raises(Rejection) as refused:
        provider_key_at(trust, now=now)(method)
    assert refused.value.code is code
