"""Offers and tokens under attack: rows I1 to I4, I11 of the security design."""

from __future__ import annotations

import asyncio
import io
import json
import re
from typing import Any

import httpx
from PIL import Image
from sqlalchemy import text

from issuer.authorization.tokens import TOKEN_LIFETIME
from issuer.issuance.offers import OFFER_LIFETIME
from issuer.settings import IssuerSettings
from tests.issuer.wallet import COVERAGE, HEALTH_ID, ISSUER, OFFICER, PRE_AUTHORIZED, Wallet, pre_authorized
from tests.support.clock import SetClock
from vc_core.protocols.openid4vci.offer import CredentialOfferUri, parse_credential_offer, parse_credential_offer_link
from vc_core.web.database import Database


def wrong(tx_code: str) -> str:
    """Another transaction code."""
    return f"{(int(tx_code) + 1) % 1_000_000:06}"


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of an error in OAuth's rendering."""
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"error", "error_description"}
    return answer.status_code, answer.json()["error"]


async def test_of_fifty_at_once_with_one_code_exactly_one_gets_a_token(people: dict[str, str], wallet: Wallet) -> None:
    code, tx_code = await wallet.offered(people["A1"])
    answers = await asyncio.gather(*(wallet.token(code, tx_code) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 49
    assert {answer.json().get("error") for answer in answers} == {None, "invalid_grant"}


async def test_a_token_response_is_a_bearer_token_that_nobody_caches(people: dict[str, str], wallet: Wallet) -> None:
    answer = await wallet.token(*await wallet.offered(people["A1"]))
    assert answer.json().keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", TOKEN_LIFETIME)
    assert answer.headers["cache-control"] == "no-store"


async def test_four_wrong_transaction_codes_and_then_the_right_one(people: dict[str, str], wallet: Wallet) -> None:
    code, tx_code = await wallet.offered(people["A1"])
    for _ in range(4):
        assert refusal(await wallet.token(code, wrong(tx_code))) == (400, "invalid_grant")
    assert (await wallet.token(code, tx_code)).status_code == 200


async def test_after_five_wrong_transaction_codes_the_right_one_is_too_late(
    people: dict[str, str], wallet: Wallet
) -> None:
    code, tx_code = await wallet.offered(people["A1"])
    for _ in range(5):
        await wallet.token(code, wrong(tx_code))
    for _ in range(2):
        assert refusal(await wallet.token(code, tx_code)) == (400, "invalid_grant")


async def test_guesses_in_parallel_are_all_counted(
    people: dict[str, str], wallet: Wallet, settings: IssuerSettings
) -> None:
    code, tx_code = await wallet.offered(people["A1"])
    answers = await asyncio.gather(*(wallet.token(code, wrong(tx_code)) for _ in range(30)))
    assert {refusal(answer) for answer in answers} == {(400, "invalid_grant")}
    assert refusal(await wallet.token(code, tx_code)) == (400, "invalid_grant")
    assert await column(settings, "SELECT tx_code_attempts FROM offers") == [5]


async def test_the_office_sees_how_far_a_wallet_is_with_an_offer(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, clock: SetClock
) -> None:
    async def seen(address: str) -> str:
        answer = await client.get(f"{address}/progress", headers=OFFICER)
        assert answer.headers["cache-control"] == "no-store"
        return str(answer.json()["progress"])

    for needs_approval, then in ((False, "asked_for"), (True, "to_approve")):
        made = (await make_offer(client, people["A1"], needs_approval=needs_approval)).json()
        address = made["credential_offer_uri"]
        code = (await client.get(address)).json()["grants"][PRE_AUTHORIZED]["pre-authorized_code"]
        assert await seen(address) == "open"
        token = (await wallet.token(code, made["tx_code"])).json()["access_token"]
        assert await seen(address) == "redeemed", "as it is where the answer was lost"
        assert (await wallet.credential(token)).status_code in (200, 202)
        assert await seen(address) == then

    made = (await make_offer(client, people["A1"])).json()
    address = made["credential_offer_uri"]
    code = (await client.get(address)).json()["grants"][PRE_AUTHORIZED]["pre-authorized_code"]
    for _ in range(5):
        await wallet.token(code, wrong(made["tx_code"]))
    assert await seen(address) == "locked"
    clock.advance(OFFER_LIFETIME)
    assert await seen(address) == "expired"
    assert (await client.get(f"{address}x/progress", headers=OFFICER)).status_code == 404


async def test_a_missing_transaction_code_costs_no_attempt(people: dict[str, str], wallet: Wallet) -> None:
    code, tx_code = await wallet.offered(people["A1"])
    for _ in range(10):
        assert refusal(await wallet.token(code, None)) == (400, "invalid_request")
    assert (await wallet.token(code, tx_code)).status_code == 200


async def test_a_transaction_code_of_letters_as_the_officer_chose(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet
) -> None:
    chosen = {"input_mode": "text", "length": 8, "description": "On the slip from the counter"}
    made = (await make_offer(client, people["A1"], tx_code=chosen)).json()
    assert re.fullmatch("[2-9A-Z]{8}", made["tx_code"])
    grant = (await client.get(made["credential_offer_uri"])).json()["grants"][PRE_AUTHORIZED]
    assert grant["tx_code"] == chosen
    code = grant["pre-authorized_code"]
    assert refusal(await wallet.token(code, "22222222")) == (400, "invalid_grant")
    assert (await wallet.token(code, made["tx_code"].lower())).status_code == 200


async def test_a_transaction_code_that_nobody_asked_for(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet
) -> None:
    made = (await make_offer(client, people["A1"], tx_code_delivery="none")).json()
    assert "tx_code" not in made
    grant = (await client.get(made["credential_offer_uri"])).json()["grants"][PRE_AUTHORIZED]
    assert grant.keys() == {"pre-authorized_code"}
    for _ in range(6):
        assert refusal(await wallet.token(grant["pre-authorized_code"], "123456")) == (400, "invalid_request")
    assert (await wallet.token(grant["pre-authorized_code"], None)).status_code == 200


async def test_the_links_of_an_offer_say_the_same(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    made = (await make_offer(client, people["A1"])).json()
    offer = parse_credential_offer((await client.get(made["credential_offer_uri"])).content)
    assert parse_credential_offer_link(made["offer_link_by_value"]) == offer
    by_reference = CredentialOfferUri(made["credential_offer_uri"])
    assert parse_credential_offer_link(made["universal_link"]) == by_reference
    page = await client.get(made["universal_link"], headers={"Accept-Language": "xx, my;q=0.9"})
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert '<html lang="my">' in page.text
    assert f'href="{made["offer_link"]}"' in page.text
    chosen = await client.get(made["universal_link"] + "&language=km")
    assert chosen.headers["location"].startswith("/offers/open?credential_offer_uri=")
    elsewhere = await client.get("/offers/open?credential_offer_uri=https%3A%2F%2Fevil.test%2Foffers%2Fx")
    assert elsewhere.status_code == 404
    for link in ("wallet", "universal"):
        assert (await client.get(f"{by_reference.uri}/qr.png?link={link}")).status_code == 200


async def test_unknown_and_expired_codes(people: dict[str, str], wallet: Wallet, clock: SetClock) -> None:
    code, tx_code = await wallet.offered(people["A1"])
    assert refusal(await wallet.token(code[::-1], tx_code)) == (400, "invalid_grant")
    assert refusal(await wallet.token("\x00", tx_code)) == (400, "invalid_grant")
    clock.advance(OFFER_LIFETIME)
    assert refusal(await wallet.token(code, tx_code)) == (400, "invalid_grant")


async def test_token_requests_of_another_form(client: httpx.AsyncClient) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    good = pre_authorized("x", "123456")
    for body, code in (
        (b"", "invalid_request"),
        (b"grant_type", "invalid_request"),
        (b"grant_type=%ff", "invalid_request"),
        (b"\xff=1", "invalid_request"),
        (b"a=1&" * 30 + b"b=2", "invalid_request"),
        (b"grant_type=a&grant_type=a", "invalid_request"),
        (b"grant_type=client_credentials", "unsupported_grant_type"),
    ):
        assert refusal(await client.post("/token", content=body, headers=form)) == (400, code)
    assert refusal(await client.post("/token", json=good)) == (400, "invalid_request")
    huge = await client.post("/token", content=b"a=" + b"x" * 300_000, headers=form)
    assert huge.status_code == 413


async def test_an_offer_fetched_twice_is_the_same_and_holds_no_transaction_code(
    client: httpx.AsyncClient, people: dict[str, str]
) -> None:
    made = await make_offer(client, people["A1"])
    assert made.headers["cache-control"] == "no-store"
    assert re.fullmatch("[0-9]{6}", made.json()["tx_code"])
    link = parse_credential_offer_link(made.json()["offer_link"])
    assert link == CredentialOfferUri(made.json()["credential_offer_uri"])
    first, second = [await client.get(made.json()["credential_offer_uri"]) for _ in range(2)]
    assert first.json() == second.json()
    assert first.headers["cache-control"] == "no-store"
    offer = parse_credential_offer(first.content)
    assert (offer.credential_issuer, offer.credential_configuration_ids) == (ISSUER, (COVERAGE,))
    assert first.json()["grants"][PRE_AUTHORIZED]["tx_code"] == {"input_mode": "numeric", "length": 6}
    assert made.json()["tx_code"] not in first.text.replace(str(offer.pre_authorized_code), "")


async def test_the_qr_code_is_an_image(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    uri = (await make_offer(client, people["A1"])).json()["credential_offer_uri"]
    answer = await client.get(uri + "/qr.png")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("image/png", "no-store")
    assert Image.open(io.BytesIO(answer.content)).format == "PNG"


async def test_offers_that_are_not_there(client: httpx.AsyncClient, people: dict[str, str], clock: SetClock) -> None:
    uri = (await make_offer(client, people["A1"])).json()["credential_offer_uri"]
    for unknown in (ISSUER + "/offers/x", ISSUER + "/offers/%00", uri + "A"):
        assert (await client.get(unknown)).status_code == 404
    clock.advance(OFFER_LIFETIME)
    assert (await client.get(uri)).status_code == 404
    assert (await client.get(uri + "/qr.png")).status_code == 404


async def test_orders_that_make_no_offer(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"person_id": "0" * 32}, 404, "not_found"),
        ({"person_id": "\x00"}, 404, "not_found"),
        ({"person_id": "0" * 33}, 400, "invalid_request"),
        ({"credential_configuration_ids": []}, 400, "invalid_request"),
        ({"credential_configuration_ids": ["Passport"]}, 400, "invalid_request"),
        ({"credential_configuration_ids": [COVERAGE, COVERAGE]}, 400, "invalid_request"),
        ({"tx_code_delivery": "sms"}, 400, "invalid_request"),
        ({"tx_code_delivery": "pigeon"}, 400, "invalid_request"),
        ({"tx_code": "000000"}, 400, "invalid_request"),
    ]
    for change, status, code in cases:
        answer = await make_offer(client, people["A1"], **change)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_hostile_host_header_changes_no_address(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    for host in ("evil.test", "x/abc?", "evil.test:80@issuer.test"):
        await check_addresses(client, people["A1"], {"Host": host, "X-Forwarded-Host": host})


async def check_addresses(client: httpx.AsyncClient, person_id: str, headers: dict[str, str]) -> None:
    """That requests with these headers are answered with our own addresses."""
    made = await client.post("/offers", json=order(person_id), headers=OFFICER | headers)
    assert made.json()["credential_offer_uri"].startswith(ISSUER + "/offers/")
    for path in ("/.well-known/openid-credential-issuer", "/.well-known/oauth-authorization-server"):
        answer = await client.get(path, headers=headers)
        assert answer.status_code == 200
        assert "evil" not in answer.text
    slash = await client.get("/people/", headers=headers | OFFICER)
    assert slash.status_code == 404
    assert "location" not in slash.headers


async def test_the_database_holds_no_secret(
    people: dict[str, str], wallet: Wallet, client: httpx.AsyncClient, settings: IssuerSettings
) -> None:
    made = (await make_offer(client, people["A1"])).json()
    offer = parse_credential_offer((await client.get(made["credential_offer_uri"])).content)
    token = (await wallet.token(str(offer.pre_authorized_code), made["tx_code"])).json()["access_token"]
    nonce = await wallet.nonce()
    rows = [*await column(settings, "SELECT * FROM offers"), *await column(settings, "SELECT * FROM nonces")]
    kept = json.dumps(rows)
    reference = made["credential_offer_uri"].rpartition("/")[2]
    for secret in (reference, offer.pre_authorized_code, made["tx_code"], token, nonce):
        assert f'"{secret}"' not in kept


async def test_a_token_is_only_good_for_a_while(people: dict[str, str], wallet: Wallet, clock: SetClock) -> None:
    token = await wallet.authorized(people["A1"], HEALTH_ID)
    clock.advance(TOKEN_LIFETIME)
    assert refusal(await wallet.credential(token, HEALTH_ID)) == (401, "invalid_token")


def order(person_id: str, /, **change: Any) -> dict[str, Any]:
    """An order of a coverage."""
    return {
        "person_id": person_id,
        "credential_configuration_ids": [COVERAGE],
        "tx_code_delivery": "in_person",
    } | change


async def make_offer(client: httpx.AsyncClient, person_id: str, /, **change: Any) -> httpx.Response:
    """An officer's request for an offer."""
    return await client.post("/offers", json=order(person_id, **change), headers=OFFICER)


async def column(settings: IssuerSettings, query: str) -> list[Any]:
    """What a query finds in the issuer's database: rows, or values where it asks for one column."""
    database = Database(settings.database_url)
    async with database.transaction() as session:
        rows = (await (await session.connection()).execute(text(query))).all()
    await database.close()
    return [list(row) if len(row) > 1 else row[0] for row in rows]
