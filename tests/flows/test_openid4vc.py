"""From the offer to the verdict in every format that goes over the network, answered plainly and encrypted."""

from __future__ import annotations

import pytest

from tests.support.people import enrol, import_roster
from tests.support.town import DESK_A, DESK_TOKEN, Town
from wallet_sdk.openid4vp import flow
from wallet_sdk.registry import refresh_registry


@pytest.mark.parametrize("credential_format", ["dc+sd-jwt", "ldp_vc", "jwt_vc_json"])
async def test_from_the_offer_to_the_verdict(town: Town, credential_format: str) -> None:
    await import_roster(town)
    patient = await enrol(town, "MU-1", (f"HealthId_{credential_format}", f"InsuranceCoverage_{credential_format}"))
    assert [str(each.format) for each in patient.issuance.stored] == [credential_format] * 2
    wallet, trust = patient.wallet, await refresh_registry(patient.wallet, town.http, now=town.clock())

    for response_mode in ("direct_post", "direct_post.jwt"):
        for policy, credential_type in (("identity", "HealthId"), ("coverage", "InsuranceCoverage")):
            body = {"policy": policy, "response_mode": response_mode}
            created = (await town.http.post_json(DESK_A + "/requests", body, token=DESK_TOKEN)).json_object()

            begun = flow.begin(wallet, created["authorization_request"], now=town.clock())
            session = await flow.fetch(wallet, town.http, begun)
            session, consent = flow.ask(wallet, session, trust=trust, now=town.clock())
            agreed = flow.give_consent(wallet, session, consent.choice, trust=trust, now=town.clock())
            await flow.send(wallet, town.http, agreed)

            answer = await town.http.get(f"{DESK_A}/requests/{created['id']}", token=DESK_TOKEN)
            verdict = answer.json_object()
            assert (verdict["code"], verdict["credential_type"]) == ("OK", credential_type), verdict
            assert verdict["person"]["name_latin"] == "Naw Mu Paw"
