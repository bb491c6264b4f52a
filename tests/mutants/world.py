"""The registry, status list and desk that every mutant is checked against."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.support import qr_forge
from tests.support.verification import (
    ACCREDITED_FROM,
    ISSUER,
    ISSUER_DID,
    ISSUER_METHOD,
    NOW,
    STRANGER,
    FakeStatuses,
    FakeTrust,
    verify,
)
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.formats.status_list import Status, StatusList
from vc_core.verification import Policy

UNACCREDITED_METHOD = "did:ethr:0x539:0x4444444444444444444444444444444444444444#delegate-1"
"""A key of an issuer that is in the registry but accredited for nothing; its key is `STRANGER`."""
REVOKED_INDEX, SUSPENDED_INDEX, RESERVED_INDEX = 1, 2, 3
LIST_SIZE = 2**17


def trust() -> FakeTrust:
    """The registry: one accredited issuer, by the name that each format uses for it, and one that is not."""
    period = (ACCREDITED_FROM, NOW + 10**6)
    qr_did = qr_forge.ISSUER_METHOD.partition("#")[0]
    return FakeTrust(
        keys={
            ISSUER_METHOD: ISSUER.public_key,
            qr_forge.ISSUER_METHOD: ISSUER.public_key,
            UNACCREDITED_METHOD: STRANGER.public_key,
        },
        accreditations={
            (ISSUER_DID, INSURANCE_COVERAGE.vct): period,
            (qr_did, INSURANCE_COVERAGE.vct): (qr_forge.ISSUED_AT - 1000, NOW + 10**6),
        },
    )


def statuses() -> FakeStatuses:
    """Every list has the same few entries that are not valid."""
    known = FakeStatuses(entries=StatusList(2, LIST_SIZE))
    known.entries.set(REVOKED_INDEX, Status.INVALID)
    known.entries.set(SUSPENDED_INDEX, Status.SUSPENDED)
    known.entries.set(RESERVED_INDEX, 3)
    return known


def terms() -> dict[str, Any]:
    """What `trust` and `statuses` know, as JSON."""
    known = trust()
    return {
        "now": NOW,
        "keys": {method: key.to_jwk() for method, key in known.keys.items()},
        "accredited": [
            {"issuer": did, "type": vct, "from": valid_from, "until": valid_until}
            for (did, vct), (valid_from, valid_until) in known.accreditations.items()
        ],
        "status": {
            "entries": LIST_SIZE,
            "revoked": [REVOKED_INDEX],
            "suspended": [SUSPENDED_INDEX],
            "without_meaning": [RESERVED_INDEX],
        },
    }


def policy_terms(policy: Policy) -> dict[str, Any]:
    """What the desk asks for, as JSON."""
    return {
        "accepted_types": sorted(policy.accepted_types),
        "audiences": sorted(policy.audiences),
        "nonce": policy.expected_nonce,
        "hospital_code": policy.hospital_code,
        "presentation_lifetime": policy.presentation_lifetime,
        "clock_tolerance": policy.clock_tolerance,
    }


def check(policy: Policy) -> Callable[[str], Awaitable[object]]:
    """The whole procedure, on a desk that remembers nothing from one text to the next."""

    async def verify_one(text: str) -> object:
        return await verify(text, policy=policy, trust=trust(), statuses=statuses())

    return verify_one
