"""The officers' pages in a real browser: a roster, an offer that a phone takes, and withdrawing what was issued."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.support.browser import read_code
from tests.web.look import PHONE, SCREEN, look
from tests.web.pages import expect_said_in, text_of
from tests.web.phone import take_first
from tests.web.services import Services

pytestmark = pytest.mark.browser


def sign_in(page: Page, services: Services, language: str = "en") -> None:
    """Up to the list of people."""
    page.goto(services.url("issuer"))
    page.get_by_role("combobox").select_option(language)
    page.get_by_label(text_of(language, "office_token")).fill(services.written["tokens"]["officer"])
    page.get_by_role("button", name=text_of(language, "office_sign_in")).click()
    expect(page.locator(".person").first).to_be_visible()


def find(page: Page, name: str) -> None:
    """Finds and opens a person."""
    page.get_by_label("Find a person").fill(name)
    expect(page.locator(".person")).to_have_count(1)
    page.locator(".person").click()


def change(page: Page, button: str, reason: str, submit: str) -> None:
    """Changes the status of what a person has, for a reason."""
    page.get_by_role("button", name=button).click()
    page.get_by_label("Why?").select_option(label=reason)
    page.get_by_role("button", name=submit).click()


@pytest.fixture
def office(browser: Browser) -> Iterator[Page]:
    """The office's own computer."""
    page = browser.new_page(viewport=SCREEN)
    yield page
    page.close()


def test_from_the_office_to_the_phone_to_the_desk_and_withdrawn(
    services: Services, office: Page, phone: BrowserContext
) -> None:
    sign_in(office, services)
    find(office, "moe kyaw")
    office.get_by_label("Insurance coverage").check()
    office.get_by_role("button", name="Make the offer").click()
    tx_code = office.locator(".tx-code").inner_text()

    page = phone.new_page()
    take_first(page, services, {"offer_link": read_code(office), "tx_code": tx_code})
    page.locator(".card").click()
    page.get_by_role("button", name="Show to the hospital").click()
    expect(page.get_by_text("New code in 2")).to_be_visible()
    assert services.call("POST", "verifier", "/checks", {"qr": read_code(page)})["code"] == "OK"

    expect(office.get_by_text("The phone has taken the cards.")).to_be_visible()
    office.get_by_role("button", name="Back").click()
    expect(office.locator(".status")).to_have_text("Valid")
    change(office, "Suspend", "Phone or card lost or stolen", "Suspend")
    expect(office.locator(".status")).to_have_text("Suspended")
    change(office, "Restore", "Cleared up", "Restore")
    expect(office.locator(".status")).to_have_text("Valid")
    change(office, "Revoke…", "Coverage has ended", "Revoke for good")
    expect(office.locator(".status")).to_have_text("Revoked")
    expect(office.get_by_role("button", name="Restore")).to_have_count(0)


def test_what_the_roster_does_not_say_the_officer_does(services: Services, office: Page) -> None:
    sign_in(office, services)
    find(office, "Wanphen Duangdee")
    for card in ("Health ID", "Insurance coverage", "Appointment ticket"):
        office.get_by_label(card, exact=True).check()
    expect(office.get_by_role("textbox", name="Photo")).to_have_count(0)
    # A claim with choices is one of them, in words; a day is chosen in a calendar.
    office.get_by_label("Guardian delegation").check()
    office.get_by_label("Relationship").select_option("Parent")
    assert office.get_by_label("Relationship").input_value() == "parent"
    look(office, "office-choices", PHONE, SCREEN)
    office.get_by_label("Guardian delegation").uncheck()
    expect(office.get_by_label("Date")).to_have_attribute("type", "date")
    make = office.get_by_role("button", name="Make the offer")
    expect(make).to_be_disabled()
    day = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)  # none is offered that is over
    stated = {"Hospital": "1066", "Date": f"{day:%Y-%m-%d}", "Time": "09:30", "Appointment number": "A-17"}
    for label, value in stated.items():
        office.get_by_label(label).fill(value)
    office.get_by_label("Copay per visit").fill("50.5")
    expect(office.get_by_role("alert")).to_contain_text("whole numbers only")
    look(office, "office-whole-number", PHONE, SCREEN)
    expect(make).to_be_disabled()
    office.get_by_label("Copay per visit").fill("50")
    make.click()
    expect(office.get_by_role("alert")).to_contain_text("hospital")
    office.get_by_label("Hospital").fill("10661")
    with office.expect_request("**/offers") as asked:
        make.click()
    assert '"InsuranceCoverage":{"copay_baht":50}' in str(asked.value.post_data)
    expect(office.locator(".tx-code")).to_be_visible()


def test_a_wrong_token_and_a_reload_show_nobody(services: Services, office: Page) -> None:
    office.goto(services.url("issuer"))
    # Of two languages that are chosen one after the other the last one is read, though the first comes last.
    late: list[Route] = []
    office.route("**/my-*.js", lambda route: late.append(route), times=1)
    with office.expect_request("**/my-*.js"):
        office.get_by_role("combobox").select_option("my")
    office.get_by_role("combobox").select_option("en")
    office.get_by_label("Officer's token").fill("x" * 32)
    with office.expect_response("**/my-*.js") as loaded:
        late[0].continue_()
    office.evaluate("address => import(address).then(() => null)", loaded.value.url)
    office.get_by_role("button", name="Sign in").click()
    expect_said_in(office, "office_not_known")
    sign_in(office, services)
    office.reload()
    expect(office.locator(".person")).to_have_count(0)
    expect(office.get_by_label("Officer's token")).to_be_visible()


def test_screens_for_every_reader(services: Services, office: Page) -> None:
    office.goto(services.url("issuer"))
    office.locator("form.token").wait_for()
    look(office, "office-sign-in", PHONE, SCREEN)
    sign_in(office, services)
    look(office, "office-people", PHONE, SCREEN)
    office.locator(".person").first.click()
    office.get_by_role("checkbox").last.check()
    held: list[Route] = []
    office.route("**/sign-in-codes", lambda route: held.append(route), times=1)
    make = office.get_by_role("button", name="Make a one-time code")
    with office.expect_request("**/sign-in-codes"):
        make.click()
    expect(make).to_be_disabled()  # a second code would end the first, whose answer may come last
    held[0].continue_()
    expect(office.get_by_text(re.compile(r"^\d{8}$"))).to_be_visible()
    look(office, "office-person", PHONE, SCREEN)
    office.get_by_role("checkbox").last.uncheck()
    office.get_by_label("Insurance coverage").check()
    too_long = {"code": "too_long_for_qr_pass", "detail": "The claims are too long for a QR pass."}
    office.route("**/offers", lambda route: route.fulfill(status=400, json=too_long), times=1)
    office.get_by_role("button", name="Make the offer").click()
    expect(office.get_by_role("alert")).to_be_visible()
    look(office, "office-too-long-for-code", PHONE)
    with office.expect_request("**/offers") as asked:
        office.get_by_role("button", name="Offer without the code").click()
    sent = str(asked.value.post_data)
    assert "InsuranceCoverage_dc+sd-jwt" in sent
    assert "qr_pass" not in sent
    expect(office.locator(".tx-code")).to_be_visible()
