"""What wallets tell of the credentials that they were given."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.issuer.wallet import COVERAGE, HEALTH_ID, OFFICER, Wallet
from tests.support.clock import SetClock


async def events(client: httpx.AsyncClient, person_id: str) -> list[tuple[str, int]]:
    """What officers see of a person's one set."""
    answer = await client.get("/credential-sets", params={"person_id": person_id}, headers=OFFICER)
    (found,) = answer.json()["credential_sets"]
    return [(each["event"], each["received_at"]) for each in found["events"]]


async def test_events_are_kept_once_however_often_they_come(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, clock: SetClock
) -> None:
    token = await wallet.authorized(people["A1"])
    told = {"notification_id": (await wallet.credential(token)).json()["notification_id"]}
    accepted, start = told | {"event": "credential_accepted", "event_description": "stored"}, clock()
    answers = await asyncio.gather(*(wallet.send("/notification", token, accepted) for _ in range(5)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(204, b"")}
    clock.advance(5)
    for event in ("credential_accepted", "credential_deleted", "credential_deleted"):
        assert (await wallet.send("/notification", token, told | {"event": event})).status_code == 204
    assert await events(client, people["A1"]) == [("credential_accepted", start), ("credential_deleted", start + 5)]


async def test_bad_notifications(client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet) -> None:
    token = await wallet.authorized(people["A1"], COVERAGE)
    other = await wallet.authorized(people["A2"], HEALTH_ID)
    notification_id = (await wallet.credential(token)).json()["notification_id"]
    good = {"notification_id": notification_id, "event": "credential_accepted"}
    cases: list[tuple[str, Any, tuple[int, str]]] = [
        (other, good, (400, "invalid_notification_id")),
        (token, good | {"notification_id": "made-up"}, (400, "invalid_notification_id")),
        (token, good | {"event": "made_up"}, (400, "invalid_notification_request")),
        (token, good | {"event_description": "a\\b"}, (400, "invalid_notification_request")),
        (token, {"notification_id": notification_id}, (400, "invalid_notification_request")),
        (token, [], (400, "invalid_notification_request")),
        (token, "a.b.c.d.e", (400, "invalid_notification_request")),
        ("made-up", good, (401, "invalid_token")),
    ]
    for bearer, body, expected in cases:
        answer = await wallet.send("/notification", bearer, body)
        assert (answer.status_code, answer.json()["error"]) == expected
        assert answer.headers["cache-control"] == "no-store"
    assert await events(client, people["A1"]) == []


async def test_nothing_is_told_of_what_still_waits(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet
) -> None:
    answer = await wallet.token(*await wallet.offered(people["A1"], needs_approval=True))
    token = answer.json()["access_token"]
    waiting = (await wallet.credential(token)).json()["transaction_id"]
    told = await wallet.send("/notification", token, {"notification_id": waiting, "event": "credential_failure"})
    assert (told.status_code, told.json()["error"]) == (400, "invalid_notification_id")


async def test_without_a_token(client: httpx.AsyncClient) -> None:
    for path in ("/credential", "/deferred_credential", "/notification"):
        answer = await client.post(path, json={})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["www-authenticate"].startswith("Bearer")
