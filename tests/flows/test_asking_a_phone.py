"""A desk asks by OpenID4VP, and our wallet answers: real issuer, real registry, policies and response modes."""

from __future__ import annotations

from typing import Any

from sabai.organisations import HOSPITAL_A
from tests.support.people import Patient, enrol, import_roster
from tests.support.town import DESK_A, DESK_TOKEN, Town
from vc_core.protocols.openid4vp.transaction_data import VISIT
from wallet_sdk.openid4vp import flow
from wallet_sdk.openid4vp.states import Step
from wallet_sdk.registry import refresh_registry

VISIT_MEMBERS = {"hospital": "10661", "visit_id": "v-1", "visit_date": "2026-09-21", "service": "ตรวจผู้ป่วยนอก"}


async def ask_and_answer(town: Town, patient: Patient, **body: Any) -> dict[str, Any]:
    """What the desk learns when the patient's wallet answers its question."""
    created = await town.http.post_json(DESK_A + "/requests", body, token=DESK_TOKEN)
    assert created.status == 201, created.body
    trust = await refresh_registry(patient.wallet, town.http, now=town.clock())
    link = created.json_object()["authorization_request"]
    session = await flow.fetch(patient.wallet, town.http, flow.begin(patient.wallet, link, now=town.clock()))
    session, consent = flow.ask(patient.wallet, session, trust=trust, now=town.clock())
    assert (consent.verifier.name, consent.asks_too_much) == (HOSPITAL_A.name, False)
    session = flow.give_consent(patient.wallet, session, consent.choice, trust=trust, now=town.clock())
    session = await flow.send(patient.wallet, town.http, session)
    assert session.step in (Step.SENT, Step.DONE)
    answer = await town.http.get(f"{DESK_A}/requests/{created.json_object()['id']}", token=DESK_TOKEN)
    return answer.json_object()


async def test_a_desk_asks_and_the_wallet_answers(town: Town) -> None:
    await import_roster(town)
    patient = await enrol(town, "MU-1")
    for policy, mode in (
        ("identity", "direct_post"),
        ("coverage", "direct_post.jwt"),
        ("coverage+identity minimal", "direct_post.jwt"),
    ):
        result = await ask_and_answer(town, patient, policy=policy, response_mode=mode)
        assert (result["state"], result["verdict"], result["code"]) == ("answered", "accepted", "OK"), policy
    assert result["coverage"]["scheme"] == "8401"
    signing = {"transaction_data": [{"type": VISIT, "members": VISIT_MEMBERS}]}
    signed = await ask_and_answer(town, patient, policy="identity", response_mode="direct_post.jwt", **signing)
    assert (signed["code"], len(signed["signed_transactions"])) == ("OK", 1)
