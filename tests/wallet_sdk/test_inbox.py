"""Registering the device, and messages that a push tells of."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.wallet_sdk.fakes import PROVIDER, FakeWorld
from vc_core.errors import FetchFailed, InvalidRequest, NoSuchCredential, ServiceRefused, Unauthenticated
from wallet_sdk.inbox import fetch_inbox, fetch_message, handle_push, register_device
from wallet_sdk.wallet import Wallet


def _message(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "id": f"m{number}",
        "template": "claim_approved",
        "parameters": {"hospital_code": "11230", "service_date": "2026-03-05", "amount_satang": 50000},
        "created_at": 1_790_000_000,
        "opened_at": None,
        **changed,
    }


@pytest.fixture
async def registered(world: FakeWorld, full_wallet: Wallet) -> Wallet:
    """A wallet that its provider knows."""
    await register_device(full_wallet, world.http, fcm_token="fcm-1", language="en", now=world.clock())
    world.inbox = [_message(1), _message(2, template="unknown")]
    return full_wallet


async def test_registration_shows_the_health_id_and_keeps_the_token(world: FakeWorld, registered: Wallet) -> None:
    assert registered.device is not None
    assert {registered.device.device_token} == world.device_tokens
    body = json.loads(world.requests[-1].content)
    assert body.keys() == {"presentation", "fcm_token", "language"}
    assert (body["fcm_token"], body["language"]) == ("fcm-1", "en")


async def test_registration_needs_a_health_id_and_a_known_language(world: FakeWorld, wallet: Wallet) -> None:
    with pytest.raises(InvalidRequest):
        await register_device(wallet, world.http, fcm_token="x", language="xx", now=world.clock())
    assert world.requests == []
    with pytest.raises(NoSuchCredential):
        await register_device(wallet, world.http, fcm_token="x", language="th", now=world.clock())
    assert wallet.device is None


async def test_the_inbox_in_the_holders_language(world: FakeWorld, registered: Wallet) -> None:
    messages = await fetch_inbox(registered, world.http)
    assert [each.id for each in messages] == ["m1", "m2"]
    assert messages[0].text == "Your claim of 500.00 baht for care at hospital 11230 on 5 March 2026 is approved."
    assert messages[1].text == "You have a new message."
    assert all(each.opened_at is None for each in messages)
    assert (await fetch_message(registered, world.http, "m1")).opened_at == world.clock()


async def test_the_inbox_is_read_page_by_page(world: FakeWorld, registered: Wallet) -> None:
    world.inbox = [_message(number) for number in range(5)]
    assert [each.id for each in await fetch_inbox(registered, world.http)] == ["m0", "m1", "m2", "m3", "m4"]


async def test_an_inbox_without_end_ends(world: FakeWorld, registered: Wallet) -> None:
    page = [_message(number) for number in range(1000)]
    world.answers["GET provider.test/inbox"] = lambda request: httpx.Response(200, json={"messages": page})
    assert len(await fetch_inbox(registered, world.http)) == 10_000


async def test_a_push_brings_the_message_itself(world: FakeWorld, registered: Wallet) -> None:
    message = await handle_push(registered, world.http, {"id": "m1", "template": "appointment_confirmed"})
    assert message.text.startswith("Your claim of 500.00 baht")
    assert world.paths[-1] == "GET provider.test/inbox/m1"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"id": "m1"},
        {"id": "m1", "template": "x", "title": "You have HIV"},
        {"id": "../devices/d1", "template": "x"},
        {"id": "m1?x=1", "template": "x"},
        {"id": "", "template": "x"},
        {"id": "m" * 65, "template": "x"},
    ],
)
async def test_any_other_push_asks_nothing(world: FakeWorld, registered: Wallet, data: dict[str, str]) -> None:
    before = len(world.requests)
    with pytest.raises(InvalidRequest):
        await handle_push(registered, world.http, data)
    assert len(world.requests) == before


async def test_someone_elses_message(world: FakeWorld, registered: Wallet) -> None:
    with pytest.raises(ServiceRefused) as caught:
        await fetch_message(registered, world.http, "m9")
    assert caught.value.refusal == "not_found"


async def test_a_token_that_is_no_longer_good(world: FakeWorld, registered: Wallet) -> None:
    world.device_tokens.clear()
    with pytest.raises(ServiceRefused) as caught:
        await fetch_inbox(registered, world.http)
    assert caught.value.refusal == "unauthenticated"
    assert "\x1b" not in str(caught.value)


async def test_before_registration(world: FakeWorld, wallet: Wallet) -> None:
    with pytest.raises(Unauthenticated):
        await fetch_inbox(wallet, world.http)
    assert world.requests == []


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"{}",
        b'{"messages":{}}',
        b'{"messages":[1]}',
        json.dumps({"messages": [_message(1, created_at="x")]}).encode(),
        json.dumps({"messages": [_message(1, id="a b")]}).encode(),
        json.dumps({"messages": [_message(1, parameters=[])]}).encode(),
    ],
)
async def test_an_inbox_that_cannot_be_read(world: FakeWorld, registered: Wallet, body: bytes) -> None:
    world.answers["GET provider.test/inbox"] = lambda request: httpx.Response(200, content=body)
    with pytest.raises(FetchFailed):
        await fetch_inbox(registered, world.http)


@pytest.mark.parametrize("status", [200, 302, 400, 500])
async def test_a_provider_that_answers_otherwise(world: FakeWorld, full_wallet: Wallet, status: int) -> None:
    world.answers["POST provider.test/device-challenges"] = lambda request: httpx.Response(
        status, json={"code": "\x1b[2J"}, headers={"Location": PROVIDER + "/x"}
    )
    with pytest.raises(ServiceRefused, match="unknown"):
        await register_device(full_wallet, world.http, fcm_token="x", language="th", now=world.clock())
    assert full_wallet.device is None
