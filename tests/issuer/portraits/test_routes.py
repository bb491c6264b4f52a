"""`/people/{person_id}/portrait`, and the health ID that has it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import httpx
import pytest

from issuer.portraits.pictures import create_portrait_jpeg
from tests.issuer.wallet import HEALTH_ID, HEALTH_JWT, HEALTH_LD, HEALTH_QR, OFFICER, Wallet
from tests.support.clock import SetClock
from tests.support.portraits import photo
from vc_core.credential_types.portrait import create_portrait
from vc_core.errors import InvalidRequest
from vc_core.formats.presentation import parse_credential
from vc_core.protocols.openid4vci.credential import IssuedCredentials, parse_credential_response

_DECODING = threading.Lock()


def one_at_a_time(picture: bytes) -> bytes:
    """As the service does it; refuses where another is being decoded, since each takes up to 100 MB."""
    if not _DECODING.acquire(blocking=False):
        raise InvalidRequest("two pictures at once")
    try:
        return create_portrait_jpeg(picture)
    finally:
        _DECODING.release()


async def test_a_portrait_is_added_issued_replaced_and_removed(
    client: httpx.AsyncClient,
    people: dict[str, str],
    wallet: Wallet,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("issuer.portraits.service.create_portrait_jpeg", one_at_a_time)
    address = f"/people/{people['A1']}/portrait"
    assert (await client.get(address, headers=OFFICER)).status_code == 404
    answers = await asyncio.gather(*(client.put(address, content=photo(), headers=OFFICER) for _ in range(3)))
    assert [each.status_code for each in answers] == [204] * 3
    shown = await client.get(address, headers=OFFICER)
    assert (shown.headers["content-type"], shown.headers["cache-control"]) == ("image/jpeg", "no-store")
    claim = create_portrait(shown.content)

    # Where a holder can withhold it, and nowhere else.
    token = await wallet.authorized(people["A1"], HEALTH_ID, HEALTH_QR, HEALTH_JWT, HEALTH_LD)
    for configuration in (HEALTH_ID, HEALTH_QR, HEALTH_JWT, HEALTH_LD):
        answer = await wallet.credential(token, configuration)
        response = parse_credential_response(answer.json())
        assert isinstance(response, IssuedCredentials)
        claims = parse_credential(response.credentials[0]).claims
        assert claims.get("portrait") == (claim if configuration == HEALTH_ID else None)

    assert (await client.put(address, content=photo("PNG", (300, 500)), headers=OFFICER)).status_code == 204
    replaced = (await client.get(address, headers=OFFICER)).content
    assert replaced != shown.content
    clock.advance(3600)
    assert (await renewed(client, wallet, people["A1"]))["portrait"] == create_portrait(replaced)
    answers = await asyncio.gather(*(client.delete(address, headers=OFFICER) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [204, 404, 404, 404]
    clock.advance(3600)
    assert "portrait" not in await renewed(client, wallet, people["A1"])  # though the one before waits with it
    assert "portrait" not in parse_credential(await wallet.issued(people["A1"], HEALTH_ID)).claims

    log = (await client.get("/audit", headers=OFFICER)).json()["entries"]
    actions = [each["action"] for each in log if "portrait" in each["action"]]
    assert actions == ["remove_portrait", *["set_portrait"] * 4]


async def renewed(client: httpx.AsyncClient, wallet: Wallet, person_id: str) -> dict[str, Any]:
    """The claims of the person's health ID, renewed as an SD-JWT VC."""
    order = {"credential_type": "HealthId"}
    job = (await client.post(f"/people/{person_id}/renew", json=order, headers=OFFICER)).json()
    while job["state"] == "running":
        await asyncio.sleep(0.02)
        job = (await client.get(f"/jobs/{job['id']}", headers=OFFICER)).json()
    waiting = (await client.post("/renewals", json={"proof": await wallet.proof()})).json()["credentials"]
    found = {each["credential_configuration_id"]: each["credential"] for each in waiting}
    assert len(found) == len(waiting)
    assert "portrait" not in parse_credential(found[HEALTH_QR]).claims
    return dict(parse_credential(found[HEALTH_ID]).claims)


async def test_what_is_refused(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    for person, content, status in (
        (people["A1"], b"no picture", 400),
        ("0" * 32, photo(), 404),
        ("x", photo(), 404),
        (people["A1"], photo() + b"\0" * 300_000, 413),
    ):
        answer = await client.put(f"/people/{person}/portrait", content=content, headers=OFFICER)
        assert answer.status_code == status
    order = {
        "person_id": people["A1"],
        "credential_configuration_ids": [HEALTH_ID],
        "tx_code_delivery": "in_person",
        "claims": {"HealthId": {"portrait": "data:,x"}},
    }
    stated = await client.post("/offers", json=order, headers=OFFICER)
    assert (stated.status_code, "the person's record has" in stated.text) == (400, True)
