"""The stand-in is as strict as FCM."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sabai.fcm_stand_in import (
    AUDIENCE,
    GRANT_TYPE,
    PROJECT_ID,
    UNREGISTERED,
    FcmStandIn,
    create_stand_in_service_account,
)
from tests.support.clock import SetClock
from tests.support.fcm import stand_in_service_account
from vc_core.encoding import base64url_encode

TOKEN_URI = "http://fcm.test/token"
SEND = f"/v1/projects/{PROJECT_ID}/messages:send"
GOOD = {"token": "fcm-1", "data": {"id": "1", "template": "claim_approved"}}


class Caller:
    """A client of the stand-in that signs its own assertions."""

    def __init__(self, clock: SetClock) -> None:
        self.account = {**stand_in_service_account(), "token_uri": TOKEN_URI}
        self.fcm = FcmStandIn(self.account, clock=clock)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.fcm.app), base_url="http://fcm.test")
        self.now = clock()

    def assertion(self, *, header: dict[str, Any] | None = None, key: str | None = None, **changes: Any) -> str:
        payload = {
            "iss": self.account["client_email"],
            "aud": AUDIENCE,
            "iat": self.now,
            "exp": self.now + 3600,
            "scope": "https://www.googleapis.com/auth/datastore https://www.googleapis.com/auth/firebase.messaging",
        } | changes
        parts = [json.dumps(header or {"alg": "RS256", "typ": "JWT"}), json.dumps(payload)]
        signing_input = ".".join(base64url_encode(part.encode()) for part in parts)
        private = serialization.load_pem_private_key((key or self.account["private_key"]).encode(), None)
        assert isinstance(private, rsa.RSAPrivateKey)
        signature = private.sign(signing_input.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signing_input}.{base64url_encode(signature)}"

    async def ask_for_token(self, assertion: str, grant_type: str = GRANT_TYPE) -> httpx.Response:
        return await self.client.post("/token", data={"grant_type": grant_type, "assertion": assertion})

    async def send(self, message: Any, path: str = SEND) -> httpx.Response:
        token = (await self.ask_for_token(self.assertion())).json()["access_token"]
        body = {"message": message}
        return await self.client.post(path, json=body, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
async def caller(clock: SetClock) -> Caller:
    return Caller(clock)


async def test_a_signed_assertion_gets_an_access_token(caller: Caller) -> None:
    answer = await caller.ask_for_token(caller.assertion())

    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 3600


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody@else.test"},
        {"aud": "https://accounts.google.com/o/oauth2/auth"},
        {"aud": None},
        {"scope": "https://www.googleapis.com/auth/datastore"},
        {"exp": 1},
        {"exp": "never"},
        {"iat": None},
        {"exp": 2**40},
        {"iat": 1_790_000_000 + 3600, "exp": 1_790_000_000 + 7200},
        {"header": {"alg": "none"}},
    ],
)
async def test_another_assertion_gets_none(caller: Caller, changes: dict[str, Any]) -> None:
    answer = await caller.ask_for_token(caller.assertion(**changes))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_an_assertion_signed_by_somebody_else_gets_none(caller: Caller) -> None:
    stranger = create_stand_in_service_account(TOKEN_URI)

    assert (await caller.ask_for_token(caller.assertion(key=stranger["private_key"]))).status_code == 400


@pytest.mark.parametrize("assertion", ["", "a.b", "a.b.c", "é.é.é", "....", "e30.e30.AA"])
async def test_what_is_no_assertion_gets_none(caller: Caller, assertion: str) -> None:
    assert (await caller.ask_for_token(assertion)).status_code == 400


async def test_another_grant_type_gets_none(caller: Caller) -> None:
    answer = await caller.ask_for_token(caller.assertion(), "client_credentials")

    assert answer.json()["error"] == "unsupported_grant_type"


async def test_a_message_is_taken_and_can_be_looked_at(caller: Caller) -> None:
    answer = await caller.send(GOOD)

    assert answer.status_code == 200
    assert answer.json()["name"].startswith(f"projects/{PROJECT_ID}/messages/")
    assert await caller.fcm.wait_for_message("fcm-1") == [GOOD]
    assert caller.fcm.messages_for("fcm-2") == []


async def test_waiting_for_a_message_ends(caller: Caller) -> None:
    with pytest.raises(TimeoutError):
        await caller.fcm.wait_for_message("fcm-1", seconds=0.01)


@pytest.mark.parametrize("header", [None, "Bearer x", "Basic x", "Bearer "])
async def test_a_message_needs_an_access_token(caller: Caller, header: str | None) -> None:
    answer = await caller.client.post(SEND, json={"message": GOOD}, headers={"Authorization": header} if header else {})

    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


async def test_an_access_token_lasts_an_hour(caller: Caller, clock: SetClock) -> None:
    token = (await caller.ask_for_token(caller.assertion())).json()["access_token"]
    clock.advance(3600)

    answer = await caller.client.post(SEND, json={"message": GOOD}, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("text", "message"),
        ({"data": {}}, "message.token"),
        ({"token": "", "data": {}}, "message.token"),
        ({"token": 7}, "message.token"),
        ({"token": "a", "topic": "b"}, "message.token"),
        ({"token": "a", "surprise": 1}, "message.surprise"),
        ({"token": "a", "data": ["x"]}, "message.data"),
        ({"token": "a", "data": {"ok": "x", "number": 7}}, "message.data[1].value"),
        ({"token": "a", "data": {"from": "x"}}, "message.data[0].key"),
        ({"token": "a", "data": {"google.x": "x"}}, "message.data[0].key"),
        ({"token": "a", "data": {"text": "ก" * 1400}}, "message.data"),
    ],
)
async def test_a_message_that_fcm_would_not_take_names_the_field(caller: Caller, message: Any, field: str) -> None:
    answer = await caller.send(message)

    (detail,) = answer.json()["error"]["details"]
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert detail["fieldViolations"][0]["field"] == field
    assert caller.fcm.messages() == []


async def test_a_message_to_another_project_is_refused(caller: Caller) -> None:
    assert (await caller.send(GOOD, "/v1/projects/other/messages:send")).status_code == 403


async def test_an_answer_asked_for_comes_once_and_the_message_is_not_taken(caller: Caller) -> None:
    caller.fcm.answer_next(UNREGISTERED)

    answers = [await caller.send(GOOD) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [404, 200]
    assert answers[0].json()["error"]["details"] == [
        {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "UNREGISTERED"}
    ]
    assert (len(caller.fcm.messages()), caller.fcm.attempts) == (1, 2)


def test_every_service_account_has_a_key_of_its_own() -> None:
    first, second = (create_stand_in_service_account(TOKEN_URI) for _ in range(2))

    assert first["private_key"] != second["private_key"]
