"""A credential as JSON-LD from the office into the wallet, to the desk, and withdrawn: the same path as all others."""

from __future__ import annotations

import json

from sabai.organisations import HOSPITAL_A, HOSPITAL_B
from tests.support.people import enrol, import_roster
from tests.support.town import Town
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.formats.vcdm import parse_credential_document, parse_presentation_document
from wallet_sdk.presentation import create_linked_data_presentation

CONFIGURATIONS = ("HealthId_ldp_vc", "InsuranceCoverage_ldp_vc")


async def test_a_json_ld_credential_is_issued_held_shown_and_withdrawn(town: Town) -> None:
    await import_roster(town)
    patient = await enrol(town, "MU-1", CONFIGURATIONS)
    assert not patient.issuance.refused
    desk = town.organisation(HOSPITAL_A.slug).did

    def shown(audience: str = desk) -> str:
        return create_linked_data_presentation(
            patient.wallet, INSURANCE_COVERAGE, now=town.clock(), audience=audience, nonce=None
        )

    verdict = await town.check(shown())
    assert (verdict["code"], verdict["person"]["name_latin"]) == ("OK", "Naw Mu Paw")
    assert verdict["ages"]["status_seconds"] == 0
    parse_presentation_document(json.loads(shown()))
    parse_credential_document(json.loads(patient.issuance.stored[0].credential))

    assert (await town.check(shown()))["code"] == "REPLAYED"
    town.clock.advance(1)
    assert (await town.check(shown(town.organisation(HOSPITAL_B.slug).did)))["code"] == "WRONG_AUDIENCE"
    health_id = create_linked_data_presentation(patient.wallet, HEALTH_ID, now=town.clock(), audience=desk, nonce=None)
    assert (await town.check(health_id))["code"] == "OK"

    path = f"/people/{patient.person_id}/status"
    status = {"credential_type": "InsuranceCoverage", "reason": "wrong_data"}
    for word, code in (("suspended", "SUSPENDED"), ("valid", "OK"), ("revoked", "REVOKED")):
        await town.officer_post(path, {**status, "status": word})
        town.clock.advance(61)  # past the list's time to live
        assert (await town.check(shown()))["code"] == code
