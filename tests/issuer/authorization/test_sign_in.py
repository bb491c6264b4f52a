"""Signing in at the page under attack: guessing, asking who is known (A14), forms of other sites, text messages."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from issuer.authorization.request_repository import MAX_SIGN_IN_ATTEMPTS
from issuer.authorization.sign_in import OFFICE_LIFETIME, SMS_PAUSE, parse_claimed
from issuer.authorization.sign_in_repository import MAX_CODE_ATTEMPTS
from issuer.pages.texts import TEXTS
from issuer.settings import IssuerSettings
from tests.issuer.authorization.browser import PERSON, PatientsBrowser, request_fields
from tests.issuer.conftest import ROSTER
from tests.issuer.test_offers_and_tokens import column, make_offer
from tests.issuer.wallet import COVERAGE, OFFICER, PRE_AUTHORIZED, Wallet
from tests.support.clock import SetClock

STRANGER = {"identifier": "1111111111111", "day": "1", "month": "1", "year": "1990"}


async def add_phone(client: httpx.AsyncClient) -> None:
    """Gives everybody in the roster a telephone."""
    header, *rows = ROSTER.read_text("utf-8").strip().splitlines()
    content = "\n".join([header + ",phone", *(f"{row},+6681234567{number}" for number, row in enumerate(rows))])
    answer = await client.post("/people", content=content.encode(), headers=OFFICER | {"Content-Type": "text/csv"})
    assert answer.json()["updated"] == 3


def sent(folder: Path) -> list[str]:
    """The text messages in the folder; they are taken away."""
    files = sorted(folder.glob("*.sms"))
    texts = [file.read_text("utf-8") for file in files]
    for file in files:
        file.unlink()
    return texts


async def test_known_and_unknown_people_get_the_same_answer(people: dict[str, str], browser: PatientsBrowser) -> None:
    wrong = f"{(int(await browser.office_code(people['A1'])) + 1) % 10**8:08}"
    seen = set()
    for person in (STRANGER, PERSON, PERSON | {"day": "5"}, PERSON | {"year": "x"}, dict.fromkeys(PERSON, "")):
        await browser.open_pushed(request_fields(COVERAGE))
        answer = await browser.sign_in(wrong, person)
        told = re.sub('value="[^"]*"', "", answer.text)
        seen.add((answer.status_code, told))
    assert len(seen) == 1
    assert TEXTS["th"]["not_recognised"] in seen.pop()[1]


async def test_a_code_has_five_attempts_in_all_requests_together(
    people: dict[str, str], browser: PatientsBrowser, settings: IssuerSettings
) -> None:
    code = await browser.office_code(people["A1"])
    await browser.open_pushed(request_fields(COVERAGE))
    wrong = f"{(int(code) + 1) % 10**8:08}"
    answers = await asyncio.gather(*(browser.submit("sign-in", {**PERSON, "code": wrong}) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {400}
    assert await column(settings, "SELECT attempts FROM sign_in_codes") == [MAX_CODE_ATTEMPTS]
    await browser.open_pushed(request_fields(COVERAGE))
    assert (await browser.sign_in(code)).status_code == 400
    assert (await browser.sign_in(await browser.office_code(people["A1"]))).status_code == 200


async def test_a_request_has_ten_attempts(people: dict[str, str], browser: PatientsBrowser) -> None:
    await browser.open_pushed(request_fields(COVERAGE))
    for _ in range(MAX_SIGN_IN_ATTEMPTS):
        await browser.sign_in("0", STRANGER)
    answer = await browser.sign_in(await browser.office_code(people["A1"]))
    assert answer.status_code == 400
    assert TEXTS["th"]["too_many"] in answer.text


async def test_a_code_is_good_once_and_for_a_day(
    people: dict[str, str], browser: PatientsBrowser, clock: SetClock
) -> None:
    code = await browser.office_code(people["A1"])
    await browser.open_pushed(request_fields(COVERAGE))
    answers = await asyncio.gather(*(browser.submit("sign-in", {**PERSON, "code": code}) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [303] + [400] * 4
    late = await browser.office_code(people["A1"])
    clock.advance(OFFICE_LIFETIME)
    await browser.open_pushed(request_fields(COVERAGE))
    assert (await browser.sign_in(late)).status_code == 400


async def test_the_newest_code_counts_and_the_database_holds_none(
    people: dict[str, str], browser: PatientsBrowser, settings: IssuerSettings, client: httpx.AsyncClient
) -> None:
    older, newer = [await browser.office_code(people["A1"]) for _ in range(2)]
    assert newer not in str(await column(settings, "SELECT * FROM sign_in_codes"))
    await browser.open_pushed(request_fields(COVERAGE))
    assert (await browser.sign_in(older)).status_code == 400
    assert (await browser.sign_in(newer)).status_code == 200
    assert (await client.post(f"/people/{'0' * 32}/sign-in-codes", headers=OFFICER)).status_code == 404
    assert (await client.post(f"/people/{people['A1']}/sign-in-codes")).status_code == 401


async def test_forms_of_other_pages_are_not_taken(people: dict[str, str], browser: PatientsBrowser) -> None:
    await browser.open_pushed(request_fields(COVERAGE))
    code, shown = await browser.office_code(people["A1"]), browser.page
    fields = {**PERSON, "code": code}
    for headers in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        browser.page = shown
        assert (await browser.submit("sign-in", fields, **headers)).status_code == 400
    browser.page = ""
    assert (await browser.submit("sign-in", fields)).status_code == 400
    assert (await browser.submit("sign-in", fields | {"form_token": "ü"})).status_code == 400
    browser.client.cookies.clear()
    browser.page = shown
    assert (await browser.submit("sign-in", fields)).status_code == 400


async def test_the_cookie_and_the_page_are_for_this_origin_alone(browser: PatientsBrowser) -> None:
    answer = await browser.client.get("/authorize", params=request_fields(COVERAGE))
    cookie = answer.headers["set-cookie"]
    for attribute in ("HttpOnly", "Secure", "SameSite=lax", "Path=/authorize", "Max-Age=900"):
        assert attribute in cookie
    page = await browser.client.get("/authorize/page")
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy
    assert "form-action 'self' https://wallet.test" in policy
    assert page.headers["cache-control"] == "no-store"


async def test_a_code_by_text_message(
    people: dict[str, str], browser: PatientsBrowser, sms_folder: Path, clock: SetClock
) -> None:
    await add_phone(browser.client)
    await browser.open_pushed(request_fields(COVERAGE))
    known = await browser.submit("code", PERSON)
    again = await browser.submit("code", PERSON)
    unknown = await browser.submit("code", STRANGER)
    assert {answer.status_code for answer in (known, again, unknown)} == {200}
    assert len({re.sub('value="[^"]*"', "", answer.text) for answer in (known, again, unknown)}) == 1
    (text,) = sent(sms_folder)
    assert text.startswith("To: 66812345670\n")
    assert (await browser.sign_in(re.findall("[0-9]{8}", text)[-1])).status_code == 200
    clock.advance(SMS_PAUSE)
    await browser.open_pushed(request_fields(COVERAGE))
    await browser.submit("code", PERSON)
    assert len(sent(sms_folder)) == 1


async def test_a_transaction_code_by_text_message(
    people: dict[str, str], wallet: Wallet, client: httpx.AsyncClient, sms_folder: Path
) -> None:
    refused = await make_offer(client, people["A1"], tx_code_delivery="sms")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    await add_phone(client)
    made = await make_offer(client, people["A1"], tx_code_delivery="sms")
    assert made.status_code == 201
    assert "tx_code" not in made.json()
    (text,) = sent(sms_folder)
    offer = (await client.get(made.json()["credential_offer_uri"])).json()
    code = offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"]
    assert (await wallet.token(code, text.split()[-1])).status_code == 200


@pytest.mark.parametrize(
    ("year", "birth_date"),
    [
        ("1992", "1992-02-29"),
        ("2535", "1992-02-29"),
        ("1993", ""),
        ("", ""),
        ("9" * 40, ""),
        ("-1", ""),
        ("๒๕๓๕", "1992-02-29"),
    ],
)
def test_years_of_both_eras(year: str, birth_date: str) -> None:
    assert parse_claimed(" p-123 4567", "29", "2", year).birth_date == birth_date
    assert parse_claimed(" p-123 4567", "29", "2", year).identifier == "P1234567"
