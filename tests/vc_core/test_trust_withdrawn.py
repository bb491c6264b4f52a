"""Trust that ends: mandates up the chain, keys that were killed; and the names of organisations."""

from __future__ import annotations

import pytest

from tests.support.trusted_registry import DID, ED25519, P256, VCT, Registry, create_registry
from vc_core.did.ethr import create_did
from vc_core.errors import ReasonCode
from vc_core.ledger.events import (
    GOVERNANCE,
    NAME_ATTRIBUTE,
    AccreditationState,
    Role,
)

ONE, TWO, THREE = ("0x" + digit * 40 for digit in "123")


@pytest.fixture
def registry() -> Registry:
    """As `create_registry` makes it."""
    return create_registry()


def test_a_chain_of_mandates_at_every_time(registry: Registry) -> None:
    registry.mandate(30, ONE, GOVERNANCE, 1)
    registry.mandate(31, TWO, ONE, 0)
    registry.accredit(32, grantor=TWO)
    registry.mandate(40, ONE, GOVERNANCE, 1, AccreditationState.SUSPENDED)
    registry.mandate(50, ONE, GOVERNANCE, 1)
    registry.mandate(60, TWO, ONE, 0, AccreditationState.REVOKED)

    for at in (32, 39, 50, 59):
        assert registry.trust.accreditation(DID, Role.ISSUE, VCT, at=at).accreditors == (TWO, ONE)
    for at in (40, 49, 60):
        assert registry.accreditation_refusal(at) is ReasonCode.UNTRUSTED_ISSUER


def test_a_mandate_is_for_its_period(registry: Registry) -> None:
    registry.mandate(30, ONE, GOVERNANCE, 0, period=(40, 50))
    registry.accredit(31, grantor=ONE)

    for at in (39, 50):
        assert registry.accreditation_refusal(at) is ReasonCode.UNTRUSTED_ISSUER
    for at in (40, 49):
        assert registry.trust.accreditation(DID, Role.ISSUE, VCT, at=at).accreditors == (ONE,)


def test_events_that_our_contract_would_not_emit(registry: Registry) -> None:
    registry.accredit(30, grantor=ONE)
    assert registry.accreditation_refusal(30) is ReasonCode.UNTRUSTED_ISSUER  # no mandate at all
    registry.mandate(31, ONE, TWO, 3)
    registry.mandate(31, TWO, THREE, 3)
    registry.mandate(31, THREE, GOVERNANCE, 9)
    assert registry.accreditation_refusal(31) is ReasonCode.UNTRUSTED_ISSUER  # a link no deeper than the one below
    registry.mandate(32, TWO, ONE, 4)
    registry.mandate(32, ONE, TWO, 5)
    assert registry.accreditation_refusal(32) is ReasonCode.UNTRUSTED_ISSUER  # a circle
    registry.mandate(33, ONE, ONE, 5)
    assert registry.accreditation_refusal(33) is ReasonCode.UNTRUSTED_ISSUER


@pytest.mark.parametrize(("links", "holds"), [(9, True), (10, False)])
def test_a_chain_is_of_limited_length(registry: Registry, links: int, holds: bool) -> None:
    for number in range(links):
        grantor = GOVERNANCE if number == 0 else f"0x{number:040x}"
        registry.mandate(30, f"0x{number + 1:040x}", grantor, links - number)
    registry.accredit(31, grantor=f"0x{links:040x}")

    if holds:
        assert len(registry.trust.accreditation(DID, Role.ISSUE, VCT, at=31).accreditors) == links
    else:
        assert registry.accreditation_refusal(31) is ReasonCode.UNTRUSTED_ISSUER


def test_a_killed_key_is_refused_for_every_time(registry: Registry) -> None:
    registry.key(12, ED25519)
    assert registry.trust.verification_key(f"{DID}#delegate-1", at=30) == P256

    registry.kill(40, P256)

    for at in (10, 39, 40, 1_000):
        assert registry.key_refusal(f"{DID}#delegate-1", at) is ReasonCode.BAD_SIGNATURE
    assert registry.trust.verification_key(f"{DID}#delegate-2", at=40) == ED25519


def test_a_killed_key_that_is_published_again_stays_killed(registry: Registry) -> None:
    registry.kill(40, P256)
    registry.key(41, P256)

    for number in (1, 2):
        assert registry.key_refusal(f"{DID}#delegate-{number}", 41) is ReasonCode.BAD_SIGNATURE


def test_a_key_killed_before_it_is_published_never_counts(registry: Registry) -> None:
    registry.kill(40, ED25519)
    registry.key(41, ED25519)

    assert registry.key_refusal(f"{DID}#delegate-2", 41) is ReasonCode.BAD_SIGNATURE


def test_nobody_kills_a_key_in_the_name_of_another(registry: Registry) -> None:
    registry.kill(40, P256, did=create_did(1337, b"\x13" * 20))

    assert registry.trust.verification_key(f"{DID}#delegate-1", at=41) == P256


def test_the_newest_name(registry: Registry) -> None:
    assert registry.trust.name(DID) == DID
    registry.attribute(30, NAME_ATTRIBUTE, "โรงพยาบาลแม่สอด".encode())
    assert registry.trust.name(DID) == "โรงพยาบาลแม่สอด"
    registry.attribute(31, NAME_ATTRIBUTE, b"Mae Sot Hospital")
    assert registry.trust.name(DID) == "Mae Sot Hospital"


def test_a_withdrawn_name(registry: Registry) -> None:
    registry.attribute(30, NAME_ATTRIBUTE, b"Old name")
    registry.attribute(31, NAME_ATTRIBUTE, b"Old name", valid_to=0)

    assert registry.trust.name(DID) == DID


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\u202elatipsoh", "\u2066x", "a\0", "x" * 201])
def test_names_that_would_disturb_a_display(registry: Registry, name: str) -> None:
    registry.attribute(30, NAME_ATTRIBUTE, name.encode("utf-8"))

    assert registry.trust.name(DID) == DID


def test_names_in_scripts_that_need_joiners_stay(registry: Registry) -> None:
    name = "មន្ទីរ\u200bពេទ្យ \u200cက"
    registry.attribute(30, NAME_ATTRIBUTE, name.encode("utf-8"))

    assert registry.trust.name(DID) == name
