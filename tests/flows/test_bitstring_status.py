"""A credential of the W3C's model is suspended, restored and revoked, and desks see it in Bitstring Status Lists."""

from __future__ import annotations

from tests.support.people import ALL, Patient, enrol, import_roster
from tests.support.town import DESK_A, ISSUER, Town
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from wallet_sdk.presentation import create_linked_data_presentation

TIME_TO_LIVE = 60


async def _check(town: Town, patient: Patient) -> str:
    """The code of the verdict on what the wallet shows now, once copies of lists are due."""
    town.clock.advance(TIME_TO_LIVE)
    presented = create_linked_data_presentation(
        patient.wallet, INSURANCE_COVERAGE, audience=DESK_A, nonce=None, now=town.clock()
    )
    return str((await town.check(presented))["code"])


async def test_suspended_restored_and_revoked(town: Town) -> None:
    await import_roster(town)
    patient = await enrol(town, "MU-1", (*ALL, "InsuranceCoverage_ldp_vc"))
    path = f"/people/{patient.person_id}/status"
    assert await _check(town, patient) == "OK"
    for status, code in (("suspended", "SUSPENDED"), ("valid", "OK"), ("revoked", "REVOKED")):
        await town.officer_post(
            path, {"credential_type": "InsuranceCoverage", "status": status, "reason": "wrong_data"}
        )
        assert await _check(town, patient) == code
    refused = await town.officer_post(
        path, {"credential_type": "InsuranceCoverage", "status": "valid", "reason": "wrong_data"}, expected=409
    )
    assert refused["code"] == "conflict"
    town.transport.unreachable.add(ISSUER.removeprefix("https://"))
    town.clock.advance(25 * 3600)
    assert await _check(town, patient) in ("STATUS_UNAVAILABLE", "STALE_TRUST")
