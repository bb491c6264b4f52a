"""Trust by the registry: who is refused with which reason, and that new events are seen at once."""

from __future__ import annotations

import hashlib

import pytest

from tests.support.steps import steps_of
from tests.support.trusted_registry import ADDRESS, DID, ED25519, IDENTITY, P256, VCT, Registry, create_registry
from vc_core.crypto.keys import PublicKey
from vc_core.did.ethr import create_did
from vc_core.errors import ReasonCode, Rejection
from vc_core.ledger.events import (
    AccreditationState,
    Role,
    allowed_claims_hash,
)
from vc_core.ledger.registry_state import RegistryState
from vc_core.trust import RegistryTrust, TrustSource


@pytest.fixture
def registry() -> Registry:
    """As `create_registry` makes it."""
    return create_registry()


def test_ten_thousand_made_up_keys_leave_nothing_behind_and_the_good_one_known(registry: Registry) -> None:
    """J6: names that an attacker makes up fill no cache, and there is nothing to fetch."""
    good = f"{DID}#delegate-1"
    assert registry.trust.verification_key(good, at=30) == P256
    kept = dict(registry.trust._histories), dict(registry.trust._key_names)
    for number in range(5_000):
        made_up = create_did(1337, number.to_bytes(20, "big"))
        assert registry.key_refusal(f"{made_up}#delegate-1", 30) is ReasonCode.UNKNOWN_ISSUER
        assert registry.key_refusal(f"{DID}#{number + 2}", 30) is ReasonCode.BAD_SIGNATURE
    assert (registry.trust._histories, registry.trust._key_names) == kept
    assert registry.trust.verification_key(good, at=30) == P256


def test_it_is_a_trust_source(registry: Registry) -> None:
    source: TrustSource = registry.trust

    assert source.synced_at == 1_000


def test_the_age_of_a_live_mirror_is_seen() -> None:
    age = 5
    trust = RegistryTrust(RegistryState(), chain_id=1337, synced_at=lambda: age)
    assert trust.synced_at == 5
    age = 9
    assert trust.synced_at == 9


def test_the_key(registry: Registry) -> None:
    assert registry.trust.verification_key(f"{DID}#delegate-1", at=10) == P256
    assert registry.trust.verification_key(f"{DID}#delegate-1", at=1_000) == P256


def test_the_same_object_each_time(registry: Registry) -> None:
    first = registry.trust.verification_key(f"{DID}#delegate-1", at=10)

    assert registry.trust.verification_key(f"{DID}#delegate-1", at=11) is first  # parsed once


@pytest.mark.parametrize(
    "did",
    [
        create_did(1337, b"\x13" * 20),
        create_did(1338, ADDRESS),
        f"did:ethr:{IDENTITY}",
        "did:web:example.org",
        "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
        "https://issuer.example",
        "",
    ],
)
def test_unknown_organisations(registry: Registry, did: str) -> None:
    assert registry.key_refusal(f"{did}#delegate-1", 10) is ReasonCode.UNKNOWN_ISSUER
    assert registry.key_refusal(f"{did}#controller", 10) is ReasonCode.UNKNOWN_ISSUER
    assert registry.accreditation_refusal(30, did=did) is ReasonCode.UNKNOWN_ISSUER
    assert registry.trust.name(did) == did


def test_an_organisation_that_registers_later_is_found_then() -> None:
    registry = Registry()
    assert registry.key_refusal(f"{DID}#delegate-1", 10) is ReasonCode.UNKNOWN_ISSUER

    registry.key(10, P256)

    assert registry.trust.verification_key(f"{DID}#delegate-1", at=10) == P256


@pytest.mark.parametrize("fragment", ["", "#", "#delegate-2", "#controller", "#delegate-1#delegate-1", "#delegate-01"])
def test_keys_that_are_not_there(registry: Registry, fragment: str) -> None:
    assert registry.key_refusal(DID + fragment, 10) is ReasonCode.BAD_SIGNATURE


def test_a_key_before_and_after_its_time(registry: Registry) -> None:
    assert registry.key_refusal(f"{DID}#delegate-1", 9) is ReasonCode.BAD_SIGNATURE
    assert registry.key_refusal(f"{DID}#delegate-1", 1_001) is ReasonCode.BAD_SIGNATURE


def test_a_revoked_key_is_refused_as_soon_as_the_event_is_in(registry: Registry) -> None:
    registry.key(12, ED25519)
    assert registry.trust.verification_key(f"{DID}#delegate-1", at=30) == P256

    registry.key(30, P256, valid_to=0)

    assert registry.key_refusal(f"{DID}#delegate-1", 30) is ReasonCode.BAD_SIGNATURE
    assert registry.trust.verification_key(f"{DID}#delegate-2", at=30) == ED25519
    assert registry.trust.verification_key(f"{DID}#delegate-1", at=29) == P256


def test_a_deactivated_organisation(registry: Registry) -> None:
    assert registry.trust.accreditation(DID, Role.ISSUE, VCT, at=30).did == DID
    registry.owner(30, "0x" + "00" * 20)

    assert registry.key_refusal(f"{DID}#delegate-1", 30) is ReasonCode.UNTRUSTED_ISSUER
    assert registry.accreditation_refusal(30) is ReasonCode.UNTRUSTED_ISSUER
    assert registry.trust.accreditation(DID, Role.ISSUE, VCT, at=29).did == DID


def test_an_organisation_with_another_owner_is_still_itself(registry: Registry) -> None:
    registry.owner(30, "0x" + "34" * 20)

    assert registry.trust.verification_key(f"{DID}#delegate-1", at=30) == P256


def test_the_accreditation(registry: Registry) -> None:
    accreditation = registry.trust.accreditation(DID, Role.ISSUE, VCT, at=20)

    assert (accreditation.did, accreditation.role, accreditation.vct) == (DID, Role.ISSUE, VCT)
    assert (accreditation.valid_from, accreditation.valid_until) == (0, 1_000)


def test_what_was_never_accredited(registry: Registry) -> None:
    assert registry.accreditation_refusal(19) is ReasonCode.UNTRUSTED_ISSUER  # not yet
    assert registry.accreditation_refusal(30, role=Role.VERIFY) is ReasonCode.UNTRUSTED_ISSUER
    assert registry.accreditation_refusal(30, vct="urn:other") is ReasonCode.UNTRUSTED_ISSUER


def test_an_accreditation_is_for_its_period_the_end_excluded(registry: Registry) -> None:
    registry.accredit(30, period=(40, 50))

    assert registry.accreditation_refusal(39) is ReasonCode.UNTRUSTED_ISSUER
    assert registry.trust.accreditation(DID, Role.ISSUE, VCT, at=40).valid_from == 40
    assert registry.trust.accreditation(DID, Role.ISSUE, VCT, at=49).valid_until == 50
    assert registry.accreditation_refusal(50) is ReasonCode.UNTRUSTED_ISSUER


@pytest.mark.parametrize("state", [AccreditationState.SUSPENDED, AccreditationState.REVOKED])
def test_suspended_and_revoked(registry: Registry, state: AccreditationState) -> None:
    registry.accredit(30, state)

    assert registry.accreditation_refusal(30) is ReasonCode.UNTRUSTED_ISSUER
    assert registry.trust.accreditation(DID, Role.ISSUE, VCT, at=29).did == DID


def test_suspended_and_active_again(registry: Registry) -> None:
    registry.accredit(30, AccreditationState.SUSPENDED)
    registry.accredit(40)

    assert registry.accreditation_refusal(35) is ReasonCode.UNTRUSTED_ISSUER
    assert registry.trust.accreditation(DID, Role.ISSUE, VCT, at=40).did == DID


def test_what_an_accreditation_is_limited_to(registry: Registry) -> None:
    accreditation = registry.trust.accreditation(DID, Role.ISSUE, VCT, at=20)
    assert (accreditation.allowed_claims, accreditation.policy, accreditation.accreditors) == (None, None, ())

    claims = allowed_claims_hash(["name", "birth_year"])
    registry.accredit(30, allowed_claims=claims.hex(), policy="77" * 32)

    accreditation = registry.trust.accreditation(DID, Role.ISSUE, VCT, at=30)
    assert (accreditation.allowed_claims, accreditation.policy) == (claims, b"\x77" * 32)
    assert claims == allowed_claims_hash(["birth_year", "name", "name"])
    assert claims == hashlib.sha256(b'["birth_year","name"]').digest()


def test_the_claims_that_an_accreditation_is_for_are_found_by_their_hash(registry: Registry) -> None:
    names = ["health_id", "name", "birth_year", "scheme"]
    registry.accredit(30, allowed_claims=allowed_claims_hash(["name", "birth_year"]).hex())
    registry.accredit(40, allowed_claims=allowed_claims_hash(["name", "another"]).hex())

    def allowed(at: int) -> frozenset[str]:
        return registry.trust.accreditation(DID, Role.ISSUE, VCT, at=at).claims_allowed(names)

    assert allowed(20) == frozenset(names)
    assert allowed(30) == {"name", "birth_year"}
    assert allowed(40) == frozenset()
    many = [f"claim_{number}" for number in range(15)]
    assert registry.trust.accreditation(DID, Role.ISSUE, VCT, at=30).claims_allowed([*many, *names]) == frozenset()


def test_refusals_repeat_nothing_that_was_sent(registry: Registry) -> None:
    for method in ("did:web:canary", f"{DID}#canary", f"{create_did(1, ADDRESS)}#canary"):
        with pytest.raises(Rejection) as refusal:
            registry.trust.verification_key(method, at=10)
        assert "canary" not in refusal.value.message


def test_a_look_up_is_little_work_however_many_keys_there_are(registry: Registry) -> None:
    for number in range(2_000):
        registry.key(30, PublicKey(ED25519.algorithm, number.to_bytes(32, "big")))
    registry.trust.verification_key(f"{DID}#delegate-1", at=30)

    steps = steps_of(lambda: registry.trust.verification_key(f"{DID}#delegate-1", at=30))
    steps += steps_of(lambda: registry.trust.accreditation(DID, Role.ISSUE, VCT, at=30))

    assert steps < 1_000, steps
