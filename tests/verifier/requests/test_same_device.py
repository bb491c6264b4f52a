"""Begun in a browser on the phone: only the browser that began ends it, and nobody learns the result before."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.support.hospital import fetch_request, post_answer
from tests.verifier.requests.conftest import PUBLIC_URL, AskingDesk
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from verifier.desk.texts import TEXTS


def browser_of(desk: AskingDesk) -> httpx.AsyncClient:
    """A browser of its own, with its own cookies."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(desk.desk.app), base_url=PUBLIC_URL)


async def answer_from_phone(desk: AskingDesk, created: dict[str, Any]) -> str:
    """The wallet answers; where it then sends its browser."""
    request = await fetch_request(desk.client, created["authorization_request"])
    shown = desk.wallet.show_sd_jwt(request, "coverage", desk.wallet.sd_jwt(INSURANCE_COVERAGE))
    answer = await post_answer(desk.client, request, {"coverage": (shown,)})
    assert answer.status_code == 200, answer.text
    address: str = answer.json()["redirect_uri"]
    assert address.startswith(PUBLIC_URL + "/openid4vp/")
    return address


async def test_the_browser_that_began_ends_it(asking: AskingDesk) -> None:
    created = await asking.ask(same_device=True)
    async with browser_of(asking) as browser:
        page = await browser.get(created["start_url"], headers={"Accept-Language": "my-MM,en;q=0.5"})
        assert page.status_code == 200
        assert TEXTS["my"].labels["phone_open"] in page.text
        assert created["authorization_request"].replace("&", "&amp;") in page.text
        assert "script" not in page.text
        cookie = page.headers["set-cookie"]
        assert {"HttpOnly", "Secure", "SameSite=lax"} <= set(cookie.split("; "))
        assert page.headers["referrer-policy"] == "no-referrer"
        assert (await browser.get(created["start_url"])).status_code == 200  # the page was reloaded

        address = await answer_from_phone(asking, created)
        waiting = await asking.result(created)
        assert (waiting["state"], waiting["verdict"], waiting["person"]) == ("returning", None, None)

        done = await browser.get(address, headers={"Accept-Language": "fr"})
        assert done.status_code == 200
        assert TEXTS["th"].labels["phone_done"] in done.text
        assert (await asking.result(created))["verdict"] == "accepted"
        again = await browser.get(address)
        assert (again.status_code, again.json()["code"]) == (403, "forbidden")


async def test_the_attackers_session_and_the_victims_wallet(asking: AskingDesk) -> None:
    """V1: the attacker began, the victim answered; the victim's browser can't end it, and the attacker has no code."""
    created = await asking.ask(same_device=True)
    async with browser_of(asking) as attacker, browser_of(asking) as victim:
        assert (await attacker.get(created["start_url"])).status_code == 200
        refused = await victim.get(created["start_url"])
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        address = await answer_from_phone(asking, created)
        for client, url in (
            (victim, address),
            (attacker, address.partition("?")[0]),
            (attacker, address.partition("?")[0] + "?response_code=AAAAAAAAAAAAAAAAAAAAAA"),
            (victim, address.partition("?")[0]),
        ):
            answer = await client.get(url)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert (await asking.result(created))["verdict"] is None
        asking.clock.advance(300)
        late = await asking.result(created)
        assert (late["state"], late["verdict"], late["person"]) == ("expired", None, None)
        assert (await attacker.get(address)).status_code == 403


async def test_a_response_code_is_good_once(asking: AskingDesk) -> None:
    """V3, raced."""
    created = await asking.ask(same_device=True)
    async with browser_of(asking) as browser:
        await browser.get(created["start_url"])
        address = await answer_from_phone(asking, created)
        got = await asyncio.gather(*(browser.get(address) for _ in range(8)))
        assert sorted(each.status_code for each in got) == [200] + [403] * 7


async def test_of_many_browsers_one_begins(asking: AskingDesk) -> None:
    created = await asking.ask(same_device=True)
    browsers = [browser_of(asking) for _ in range(6)]
    got = await asyncio.gather(*(each.get(created["start_url"]) for each in browsers))
    assert sorted(each.status_code for each in got) == [200] + [403] * 5
    for each in browsers:
        await each.aclose()


async def test_where_the_browser_goes_on(sqlite_asking: AskingDesk) -> None:
    created = await sqlite_asking.ask(same_device=True, return_to="https://riverside.example/visits/1")
    async with browser_of(sqlite_asking) as browser:
        await browser.get(created["start_url"])
        done = await browser.get(await answer_from_phone(sqlite_asking, created))
    assert (done.status_code, done.headers["location"]) == (303, "https://riverside.example/visits/1")


async def test_a_request_for_another_device_has_no_beginning(sqlite_asking: AskingDesk) -> None:
    created = await sqlite_asking.ask()
    assert created["start_url"] is None
    path = created["authorization_request"].partition("openid4vp%2F")[2].partition("%2F")[0]
    assert (await sqlite_asking.client.get(f"/openid4vp/{path}/start")).status_code == 404


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://riverside.example/", "//riverside.example"])
async def test_browsers_are_sent_to_https_only(sqlite_asking: AskingDesk, address: str) -> None:
    body = {"policy": "coverage", "response_mode": "direct_post", "same_device": True, "return_to": address}
    answer = await sqlite_asking.client.post("/requests", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
