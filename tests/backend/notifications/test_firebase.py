"""firebase-admin against the stand-in, over real sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path

import pytest

from backend.devices.push_address import FcmToken
from backend.notifications.firebase import FirebaseSender, load_firebase_sender
from backend.notifications.models import Template
from backend.notifications.push import QUOTA_SECONDS, AddressUnregistered, Push, PushError, PushRefused, PushUnavailable
from sabai import fcm_stand_in
from sabai.fcm_stand_in import Answer, create_stand_in_service_account, error_answer
from tests.support.fcm import RunningStandIn, running_stand_in
from vc_core.clock import system_clock
from vc_core.errors import SettingsError

PUSH = Push("0123456789abcdef0123456789abcdef", Template.CLAIM_APPROVED)


@pytest.fixture
async def stand_in() -> AsyncIterator[RunningStandIn]:
    async with running_stand_in() as running:
        yield running


@pytest.fixture
async def firebase(stand_in: RunningStandIn) -> AsyncIterator[FirebaseSender]:
    sender = FirebaseSender(stand_in.service_account, messaging_url=stand_in.url, clock=system_clock)
    yield sender
    await sender.close()


async def test_a_push_arrives_with_an_id_and_a_template_and_nothing_else(
    firebase: FirebaseSender, stand_in: RunningStandIn
) -> None:
    await firebase.send(FcmToken("fcm-1"), PUSH)

    assert stand_in.fcm.messages() == [
        {"token": "fcm-1", "data": {"id": "0123456789abcdef0123456789abcdef", "template": "claim_approved"}}
    ]
    assert await stand_in.fcm.wait_for_message("fcm-1") == stand_in.fcm.messages_for("fcm-1")


async def test_pushes_at_once_share_one_access_token_or_few(firebase: FirebaseSender, stand_in: RunningStandIn) -> None:
    await asyncio.gather(*(firebase.send(FcmToken(f"fcm-{number}"), PUSH) for number in range(12)))

    assert len(stand_in.fcm.messages()) == 12


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (fcm_stand_in.UNREGISTERED, AddressUnregistered, "unregistered"),
        (fcm_stand_in.INVALID_TOKEN, AddressUnregistered, "unregistered"),
        (
            error_answer(400, "INVALID_ARGUMENT", fcm_error="INVALID_ARGUMENT", field_name="message.token"),
            AddressUnregistered,
            "unregistered",
        ),
        (fcm_stand_in.INVALID_ARGUMENT, PushRefused, "invalid_argument"),
        (error_answer(400, "INVALID_ARGUMENT"), PushRefused, "invalid_argument"),
        (
            error_answer(400, "INVALID_ARGUMENT", fcm_error="INVALID_ARGUMENT", field_name="message.data"),
            PushRefused,
            "invalid_argument",
        ),
        (Answer(400, {"error": "odd"}), PushUnavailable, "unreadable_answer"),
        (Answer(200, {}), PushUnavailable, "unreadable_answer"),
        (Answer(302, {}, {"Location": "http://127.0.0.1:9/"}), PushUnavailable, "unavailable"),
        (error_answer(403, "PERMISSION_DENIED", fcm_error="SENDER_ID_MISMATCH"), PushRefused, "permission_denied"),
        (error_answer(404, "NOT_FOUND"), PushUnavailable, "not_found"),
        (fcm_stand_in.QUOTA_EXCEEDED, PushUnavailable, "resource_exhausted"),
        (fcm_stand_in.INTERNAL, PushUnavailable, "internal"),
        (fcm_stand_in.UNAVAILABLE, PushUnavailable, "unavailable"),
    ],
)
async def test_what_fcm_s_answers_mean(
    firebase: FirebaseSender, stand_in: RunningStandIn, answer: Answer, kind: type[PushError], code: str
) -> None:
    stand_in.fcm.answer_next(answer)

    with pytest.raises(kind) as raised:
        await firebase.send(FcmToken("fcm-1"), PUSH)

    assert raised.value.code == code
    assert stand_in.fcm.messages() == []


@pytest.mark.parametrize(
    ("answer", "least", "most"),
    [
        (fcm_stand_in.QUOTA_EXCEEDED, 30, 30),
        (error_answer(429, "RESOURCE_EXHAUSTED", fcm_error="QUOTA_EXCEEDED"), QUOTA_SECONDS, QUOTA_SECONDS),
        (fcm_stand_in.UNAVAILABLE, 120, 120),
        (error_answer(503, "UNAVAILABLE", retry_after=formatdate(time.time() + 7200, usegmt=True)), 3600, 7200),
        (error_answer(503, "UNAVAILABLE", retry_after="soon"), 0, 0),
        (error_answer(503, "UNAVAILABLE"), 0, 0),
        (fcm_stand_in.INTERNAL, 0, 0),
    ],
)
async def test_how_long_fcm_asks_to_be_left_alone_is_told_and_not_slept_through(
    firebase: FirebaseSender, stand_in: RunningStandIn, answer: Answer, least: int, most: int
) -> None:
    stand_in.fcm.answer_next(answer)
    started = time.monotonic()

    with pytest.raises(PushUnavailable) as raised:
        await firebase.send(FcmToken("fcm-1"), PUSH)

    assert least <= raised.value.retry_after <= most
    assert time.monotonic() - started < 30
    assert stand_in.fcm.attempts == 1


async def test_a_refused_access_token_is_renewed_once(firebase: FirebaseSender, stand_in: RunningStandIn) -> None:
    stand_in.fcm.answer_next(error_answer(401, "UNAUTHENTICATED"))

    await firebase.send(FcmToken("fcm-1"), PUSH)

    assert len(stand_in.fcm.messages()) == 1


async def test_an_account_that_the_stand_in_does_not_know_gets_no_access(stand_in: RunningStandIn) -> None:
    stranger = create_stand_in_service_account(f"{stand_in.url}/token")
    sender = FirebaseSender(stranger, messaging_url=stand_in.url, clock=system_clock)

    with pytest.raises(PushUnavailable) as raised:
        await sender.send(FcmToken("fcm-1"), PUSH)
    await sender.close()

    assert raised.value.code == "access_token"
    assert stand_in.fcm.attempts == 0


async def test_a_service_that_is_not_there_is_unavailable() -> None:
    account = create_stand_in_service_account("http://127.0.0.1:9/token")
    sender = FirebaseSender(account, messaging_url="http://127.0.0.1:9", clock=system_clock)

    with pytest.raises(PushUnavailable):
        await sender.send(FcmToken("fcm-1"), PUSH)
    await sender.close()


def test_a_real_account_is_not_shown_to_a_stand_in() -> None:
    account = create_stand_in_service_account("https://oauth2.googleapis.com/token")

    with pytest.raises(SettingsError):
        FirebaseSender(account, messaging_url="http://127.0.0.1:9", clock=system_clock)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[]", b'{"type": "service_account"}', b"\xff"])
def test_a_file_that_is_no_service_account_is_named_without_its_content(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "firebase.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SettingsError, match="firebase_service_account"):
        load_firebase_sender(path, messaging_url=None, clock=system_clock)


def test_a_payload_over_the_limit_is_not_sent() -> None:
    with pytest.raises(ValueError, match="limit"):
        Push("x" * 4096, Template.CLAIM_APPROVED).payload()
