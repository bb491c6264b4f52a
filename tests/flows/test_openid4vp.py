"""Our wallet and our desk by OpenID4VP: from the desk's question, over the holder's yes, to the verdict."""

from __future__ import annotations

from typing import Any

import pytest

from sabai.organisations import HOSPITAL_A
from tests.support.people import Patient, enrol, import_roster
from tests.support.town import BACKEND, DESK_A, DESK_TOKEN, Town
from vc_core.errors import ProtocolError, ServiceRefused
from vc_core.trust import RegistryTrust
from wallet_sdk.openid4vp import flow
from wallet_sdk.openid4vp.consent import Consent, Permission
from wallet_sdk.openid4vp.states import PresentationSession, Step
from wallet_sdk.registry import refresh_registry

CONFIGURATIONS = ("HealthId_dc+sd-jwt", "InsuranceCoverage_dc+sd-jwt")


class Walk:
    """One desk and one patient."""

    def __init__(self, town: Town, patient: Patient, trust: RegistryTrust) -> None:
        self.town = town
        self.patient = patient
        self.trust = trust

    async def ask_at_desk(self, policy: str, response_mode: str, **more: Any) -> dict[str, Any]:
        body = {"policy": policy, "response_mode": response_mode, **more}
        answer = await self.town.http.post_json(DESK_A + "/requests", body, token=DESK_TOKEN)
        assert answer.status == 201, answer.body
        return answer.json_object()

    async def asked(self, link: str) -> tuple[PresentationSession, Consent]:
        wallet, now = self.patient.wallet, self.town.clock()
        session = await flow.fetch(wallet, self.town.http, flow.begin(wallet, link, now=now))
        return flow.ask(wallet, session, trust=self.trust, now=now)

    async def agreed(self, session: PresentationSession, consent: Consent) -> PresentationSession:
        wallet = self.patient.wallet
        agreed = flow.give_consent(wallet, session, consent.choice, trust=self.trust, now=self.town.clock())
        return await flow.send(wallet, self.town.http, agreed)

    async def result(self, created: dict[str, Any]) -> dict[str, Any]:
        answer = await self.town.http.get(f"{DESK_A}/requests/{created['id']}", token=DESK_TOKEN)
        assert answer.status == 200
        return answer.json_object()


@pytest.fixture
async def walk(town: Town) -> Walk:
    """A patient with a health ID and a coverage, at the first hospital."""
    await import_roster(town)
    patient = await enrol(town, "MU-1", CONFIGURATIONS)
    assert patient.wallet.provider == BACKEND
    trust = await refresh_registry(patient.wallet, town.http, now=town.clock())
    return Walk(town, patient, trust)


async def test_each_policy_and_way_of_answering(walk: Walk) -> None:
    ways = (("identity", "direct_post", "get"), ("coverage", "direct_post.jwt", "post"))
    for policy, mode, method in (*ways, ("coverage+identity minimal", "direct_post.jwt", "get")):
        created = await walk.ask_at_desk(policy, mode, request_uri_method=method)
        session, consent = await walk.asked(created["authorization_request"])
        assert consent.verifier.name == HOSPITAL_A.name
        assert {each.permission for each in consent.credentials} == {Permission.PERMITTED}
        assert (await walk.agreed(session, consent)).step is Step.DONE
        result = await walk.result(created)
        assert (result["verdict"], result["code"]) == ("accepted", "OK"), (policy, mode, method, result)


async def test_what_is_not_shown_and_what_is_asked_twice(walk: Walk) -> None:
    wallet, town = walk.patient.wallet, walk.town
    created = await walk.ask_at_desk("identity", "direct_post")
    session, _ = await walk.asked(created["authorization_request"])
    refused = flow.decline(wallet, session, trust=walk.trust, now=town.clock())
    await flow.tell(wallet, town.http, refused.id)
    result = await walk.result(created)
    assert (result["state"] not in ("created", "fetched"), result["verdict"] != "accepted") == (True, True)

    created = await walk.ask_at_desk("guardian", "direct_post")  # which the patient has not
    with pytest.raises(ProtocolError) as unanswerable:
        await walk.asked(created["authorization_request"])
    assert unanswerable.value.code == "access_denied"

    created = await walk.ask_at_desk("coverage", "direct_post")
    await walk.agreed(*await walk.asked(created["authorization_request"]))
    before = await walk.result(created)
    with pytest.raises((ProtocolError, ServiceRefused)):  # by whichever of the two notices first
        await walk.asked(created["authorization_request"])
    assert await walk.result(created) == before
