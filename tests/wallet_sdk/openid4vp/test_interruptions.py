"""What goes wrong between the request and the answer: no network, a button pressed twice, a no meanwhile."""

from __future__ import annotations

import httpx
import pytest

from tests.support.fake_verifier import HOST
from tests.wallet_sdk.openid4vp.conftest import Meeting
from vc_core.errors import Conflict, FetchFailed, ProtocolError, ServiceRefused
from vc_core.http import HttpClient
from vc_core.protocols.openid4vp.request_object import MEDIA_TYPE
from wallet_sdk.openid4vp import flow
from wallet_sdk.openid4vp.states import PresentationSession, Step

# What goes wrong on the way.


async def test_the_same_answer_goes_out_again_until_it_arrives(meeting: Meeting) -> None:
    def away() -> httpx.Response:
        raise httpx.ConnectError("away")

    meeting.verifier.answers = [away, lambda: httpx.Response(503), lambda: httpx.Response(200, json={})]
    session, consent = await meeting.ask()
    agreed = flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context)
    with pytest.raises(FetchFailed):
        await flow.send(meeting.wallet, meeting.http, agreed)
    (resumed,) = flow.under_way(meeting.wallet)
    assert resumed == agreed
    with pytest.raises(ServiceRefused):
        await flow.send(meeting.wallet, meeting.http, resumed)
    assert meeting.begin() == agreed  # the same link goes on where it was
    assert (await flow.send(meeting.wallet, meeting.http, agreed)).step is Step.DONE
    assert len(meeting.verifier.received) == 3
    assert meeting.verifier.received[0] == meeting.verifier.received[2]


async def test_consent_is_given_once(meeting: Meeting) -> None:
    session, consent = await meeting.ask()
    agreed = flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context)
    for again in (agreed, await flow.send(meeting.wallet, meeting.http, agreed)):
        with pytest.raises(Conflict):
            flow.give_consent(meeting.wallet, again, consent.choice, **meeting.context)
    with pytest.raises(Conflict):
        await flow.send(meeting.wallet, meeting.http, session)
    assert len(meeting.verifier.received) == 1


async def test_a_button_pressed_twice_does_nothing_the_second_time(meeting: Meeting) -> None:
    asked, consent = await meeting.ask()
    agreed = flow.give_consent(meeting.wallet, asked, consent.choice, **meeting.context)
    for again in (flow.ask, flow.decline):
        with pytest.raises(Conflict):
            again(meeting.wallet, asked, **meeting.context)
    with pytest.raises(Conflict):
        flow.give_consent(meeting.wallet, asked, consent.choice, **meeting.context)
    with pytest.raises(Conflict):
        flow.drop(meeting.wallet, asked)
    assert flow.under_way(meeting.wallet) == (agreed,)
    await flow.send(meeting.wallet, meeting.http, agreed)
    with pytest.raises(Conflict):
        await flow.send(meeting.wallet, meeting.http, agreed)
    assert len(meeting.verifier.received) == 1


async def test_an_answered_request_is_not_answered_again(meeting: Meeting) -> None:
    await meeting.present()
    with pytest.raises(ProtocolError) as refused:
        await meeting.ask()
    assert refused.value.code == "invalid_request"
    assert len(meeting.verifier.received) == 1
    meeting.world.clock.now += flow.REMEMBERED_SECONDS
    await meeting.present()


async def test_the_verifier_does_not_take_it(meeting: Meeting) -> None:
    meeting.verifier.answers = [lambda: httpx.Response(400, json={"error": "invalid_request"})]
    with pytest.raises(ServiceRefused) as refused:
        await meeting.present()
    assert refused.value.refusal == "invalid_request"
    assert flow.under_way(meeting.wallet) == ()


async def test_a_request_that_expires_while_the_holder_thinks(meeting: Meeting) -> None:
    session, consent = await meeting.ask()
    meeting.world.clock.now += 300
    with pytest.raises(ProtocolError) as refused:
        flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context)
    assert refused.value.code == "invalid_request_object"
    assert meeting.verifier.received == []


# What happens while the wallet waits for an answer.


@pytest.mark.parametrize("status", [200, 404])
async def test_a_no_while_the_request_is_fetched_stays_a_no(meeting: Meeting, status: int) -> None:
    session = meeting.begin()

    def decline_first(request: httpx.Request) -> httpx.Response:
        flow.drop(meeting.wallet, session)
        body = meeting.verifier.request_object()
        return httpx.Response(status, content=body, headers={"Content-Type": MEDIA_TYPE})

    meeting.world.answers[f"GET {HOST}/requests/1"] = decline_first
    with pytest.raises(Conflict):
        await flow.fetch(meeting.wallet, meeting.http, session)
    assert meeting.saved(session).step is Step.REFUSED


@pytest.mark.parametrize("late", [200, 400, 503])
async def test_the_first_end_of_sending_twice_stands(meeting: Meeting, late: int) -> None:
    session, consent = await meeting.ask()
    agreed = flow.give_consent(meeting.wallet, session, consent.choice, **meeting.context)
    first: list[PresentationSession] = []

    async def send_meanwhile(request: httpx.Request) -> httpx.Response:
        if first:
            return httpx.Response(200, json={})
        first.append(agreed)
        first.append(await flow.send(meeting.wallet, meeting.http, agreed))
        return httpx.Response(late, json={"error": "invalid_request"})

    http = HttpClient(transport=httpx.MockTransport(send_meanwhile))
    after = await flow.send(meeting.wallet, http, agreed)
    assert after == first[1] == meeting.saved(session)
    assert after.step is Step.DONE
