"""Who may ask for something, by a snapshot of the registry."""

from __future__ import annotations

from backend.known_verifiers.schemas import KnownVerifiers, ListedVerifier, VerifierKey
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.crypto.keys import Algorithm, PublicKey
from vc_core.did.ethr import create_did, did_document
from vc_core.errors import Rejection
from vc_core.ledger.events import AttributeChanged
from vc_core.ledger.registry_state import RegistryState
from vc_core.ledger.snapshot import RegistrySnapshot
from vc_core.trust import RegistryTrust
from vc_core.verifier_trust import check_may_ask


def list_verifiers(registry: RegistrySnapshot, *, now: int) -> KnownVerifiers:
    """All organisations that have a name and a key, and may see at least one QR pass in full, at `now`.

    Some microseconds for each event of the registry: call it in a thread where an event loop is running.
    """
    state = registry.state()
    trust = RegistryTrust(state, chain_id=registry.chain_id, synced_at=registry.synced_at)
    identities = dict.fromkeys(event.identity for event in registry.events if isinstance(event, AttributeChanged))
    found = (_listed(identity, state, trust, registry.chain_id, now) for identity in identities)
    return KnownVerifiers(as_of=registry.synced_at, verifiers=[each for each in found if each is not None])


def _listed(
    identity: str, state: RegistryState, trust: RegistryTrust, chain_id: int, now: int
) -> ListedVerifier | None:
    did = create_did(chain_id, bytes.fromhex(identity[2:]))
    passes, name = _passes(trust, did, now), trust.name(did)
    if not passes or name == did:
        return None
    keys = []
    for method in did_document(did, state.identity_events(identity), now).verification_methods:
        key = method.public_key
        if key is not None and key.algorithm is Algorithm.ES256 and _counts(trust, method.id, key, now):
            jwk = key.to_jwk()
            keys.append(VerifierKey(id=method.id, x=jwk["x"], y=jwk["y"]))
    return ListedVerifier(did=did, name=name, passes=passes, keys=keys) if keys else None


def _passes(trust: RegistryTrust, did: str, now: int) -> list[int]:
    numbers = []
    for vct, credential_type in CREDENTIAL_TYPES.items():
        shown = [claim.name for claim in credential_type.qr_claims().values()]
        try:
            check_may_ask(trust, did, {vct: shown}, at=now)
        except Rejection:
            continue
        if credential_type.qr_pass:
            numbers.append(credential_type.number)
    return numbers


def _counts(trust: RegistryTrust, verification_method: str, key: PublicKey, now: int) -> bool:
    """Whether the key was not declared compromised."""
    try:
        return trust.verification_key(verification_method, at=now) == key
    except Rejection:
        return False
