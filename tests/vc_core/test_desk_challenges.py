"""Who shows a desk's code, by what a phone without a network knows of the registry."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tests.support.desk_forge import CHALLENGE, DESK, DESK_DID, DESK_METHOD
from tests.support.verification import NOW, STRANGER, FakeTrust
from vc_core.errors import InvalidRequest
from vc_core.formats.desk_challenge import create_challenge, parse_challenge
from vc_core.verifier_trust import Verifier, verify_challenge

SIGNED = create_challenge(CHALLENGE, verification_method=DESK_METHOD, signer=DESK)
UNKNOWN = Verifier(DESK_DID)
KNOWN = Verifier(DESK_DID, "Riverside Hospital", DESK_DID)


@dataclass
class NamedTrust(FakeTrust):
    """A registry in which the desk has a name."""

    def name(self, did: str) -> str:
        """See `TrustSource`."""
        return "Riverside Hospital" if did == DESK_DID else did


def trust(**changed: object) -> NamedTrust:
    return replace(NamedTrust(keys={DESK_METHOD: DESK.public_key}), **changed)  # type: ignore[arg-type]


def test_a_desk_that_the_registry_knows_has_its_name() -> None:
    assert verify_challenge(parse_challenge(SIGNED), trust=trust(), now=NOW) == KNOWN


@pytest.mark.parametrize(
    ("text", "known"),
    [
        pytest.param(create_challenge(CHALLENGE), trust(), id="nobody signed it"),
        pytest.param(SIGNED, None, id="the phone knows no registry"),
        pytest.param(SIGNED, trust(synced_at=NOW - 7 * 86_400 - 1), id="what it knows is over a week old"),
        pytest.param(SIGNED, trust(keys={}), id="the registry knows no such desk"),
        pytest.param(SIGNED, trust(keys={DESK_DID + "#delegate-5": DESK.public_key}), id="or not by this key"),
        pytest.param(SIGNED, FakeTrust(keys={DESK_METHOD: DESK.public_key}), id="or has no name of it"),
    ],
)
def test_any_other_has_none_whatever_it_says(text: str, known: FakeTrust | None) -> None:
    assert verify_challenge(parse_challenge(text), trust=known, now=NOW) == UNKNOWN


def test_another_keys_signature_is_refused() -> None:
    forged = create_challenge(CHALLENGE, verification_method=DESK_METHOD, signer=STRANGER)
    with pytest.raises(InvalidRequest, match="changed"):
        verify_challenge(parse_challenge(forged), trust=trust(), now=NOW)


@pytest.mark.parametrize("late", [CHALLENGE.expires_at + 60, CHALLENGE.expires_at - 661])
def test_a_code_that_is_over_or_of_another_time_is_refused(late: int) -> None:
    known = trust(synced_at=late)
    with pytest.raises(InvalidRequest, match="clocks"):
        verify_challenge(parse_challenge(SIGNED), trust=known, now=late)
    closer = late - 1 if late > NOW else late + 1
    assert verify_challenge(parse_challenge(SIGNED), trust=known, now=closer) == KNOWN


def test_only_the_desk_that_is_named_signs() -> None:
    with pytest.raises(ValueError, match="names"):
        create_challenge(replace(CHALLENGE, audience="did:web:desk"), verification_method=DESK_METHOD, signer=DESK)
