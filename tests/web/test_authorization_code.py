"""Cards by the issuer's page (authorization code), with an offer and without: there, back, and what comes between."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.web.look import look
from tests.web.pages import expect_said_in
from tests.web.phone import PIN, choose_pin, unlock
from tests.web.services import Services

pytestmark = pytest.mark.browser

GO = "Go to 127.0.0.1"


def say_who(page: Page, services: Services, person: dict[str, Any]) -> None:
    """At the issuer's page: a number, a birthday and a one-time code from the office."""
    code = services.call("POST", "issuer", f"/people/{person['person_id']}/sign-in-codes")["code"]
    page.get_by_label("ID number or passport number").fill(person["identifier_value"])
    year, month, day = person["birth_date"].split("-")
    for name, value in (("Day", day), ("Month", month), ("Year", year)):
        page.get_by_label(name, exact=True).fill(value)
    page.get_by_label("One-time code").fill(code)
    page.get_by_role("button", name="Go on").click()


def test_cards_by_the_issuers_page_through_a_refusal_a_lock_and_a_reload(
    services: Services, phone: BrowserContext
) -> None:
    offer = services.offer("InsuranceCoverage_qr_pass", grants=["authorization_code"], tx_code_delivery="none")
    phone.set_extra_http_headers({"Accept-Language": "en"})
    page = phone.new_page()
    page.goto(services.url("backend"))
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Get a card from Sample Health ID Office").click()
    look(page, "wallet-get-which")
    for box in page.get_by_role("checkbox").all():
        box.set_checked(box.locator("..").inner_text().strip() in ("Health ID", "Appointment ticket"))
    # The whole phone's: once the page is kept, its service worker asks. A provider that knows no issuer:
    phone.route("**/issuers?*", lambda route: route.fulfill(status=404))
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("listitem")).to_have_text(["Health ID", "Appointment ticket"])
    page.get_by_role("button", name="Next").click()
    choose_pin(page)
    expect(page.get_by_text("The registry does not know whose page it is")).to_be_visible()
    look(page, "wallet-page-consent")
    phone.unroute_all()
    page.get_by_role("button", name=GO).click()
    page.get_by_role("button", name="Cancel").wait_for()
    assert urlsplit(page.url).query == ""  # what is asked for was pushed
    page.get_by_role("button", name="Cancel").click()
    open_wallet(page)
    expect_said_in(page, "problem_page_denied")
    page.get_by_role("button", name="Begin again").click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("In the registry, and issues cards")).to_be_visible()
    page.get_by_role("button", name=GO).click()
    page.get_by_role("button", name="Go on").wait_for()
    page.close()

    page = phone.new_page()
    page.goto(services.url("backend"))
    unlock(page)
    expect(page.locator(".pending")).to_contain_text("Not finished")
    look(page, "wallet-page-begun")
    page.get_by_role("button", name="Begin again").click()
    page.get_by_role("button", name="Next").click()
    held: list[Route] = []
    phone.route("**/par", lambda route: held.append(route), times=1)
    with page.expect_request("**/par"):
        page.get_by_role("button", name=GO).click()
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Begin again").click()
    with page.expect_response("**/par"):
        held[0].continue_()  # it was left meanwhile, and leads nowhere
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name=GO).click()
    say_who(page, services, offer)
    page.get_by_role("button", name="Yes, give them").click()
    page.get_by_label("Your PIN").wait_for()
    answer = page.url
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    page.goto(with_field(answer, "iss", "https://issuer.evil.test"))
    open_wallet(page)
    expect_said_in(page, "problem_page_not_waited_for")
    look(page, "wallet-page-not-waited-for")
    assert asked == []
    late = phone.new_page()
    late.add_init_script("const now = Date.now; Date.now = () => now() + 2 * 3600_000;")
    late.goto(answer)
    unlock(late)
    expect(late.get_by_role("alert")).to_contain_text("does not wait for this answer")
    late.close()

    phone.route("**/token", lambda route: route.abort(), times=1)
    page.goto(answer)
    open_wallet(page)
    expect_said_in(page, "problem_not_reached")
    assert page.url == services.url("backend") + "/"
    newer = phone.new_page()
    newer.goto(services.url("backend") + "/?" + offer["offer_link"].partition("?")[2])
    unlock(newer)
    expect(newer.get_by_text("This offer comes from")).to_be_visible()  # what it was opened for comes first
    newer.close()
    page.reload()
    unlock(page)
    expect(page.locator(".card")).to_contain_text(offer["name_latin"])
    expect(page.locator(".pending")).to_have_count(0)  # what the office can't give was not asked for
    assert page.evaluate("sessionStorage.length") == 0

    page.goto(services.url("backend") + "/?" + offer["offer_link"].partition("?")[2])
    unlock(page)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name=GO).click()
    say_who(page, services, offer)
    page.get_by_role("button", name="Yes, give them").click()
    open_wallet(page)
    expect(page.locator(".card")).to_have_count(2)

    page.goto(answer)
    unlock(page)
    expect_said_in(page, "problem_page_not_waited_for")
    page.get_by_role("button", name="To my cards").click()
    expect(page.locator(".card")).to_have_count(2)
    assert [urlsplit(url).path for url in asked].count("/token") == 3

    page.goto(offer_of_a_stranger(services, phone))
    unlock(page)
    page.get_by_role("button", name="Next").click()
    expect_said_in(page, "problem_nothing_to_hold")


def offer_of_a_stranger(services: Services, phone: BrowserContext) -> str:
    """Whom nobody vouches for, and whose server for signing in is our issuer: a token for it would be good at ours."""
    stranger, path = "http://127.0.0.1:9", "/.well-known/openid-credential-issuer"
    metadata = services.call("GET", "issuer", path) | {
        "credential_issuer": stranger,
        "authorization_servers": [services.url("issuer")],
    }
    phone.route(
        f"{stranger}{path}", lambda route: route.fulfill(json=metadata, headers={"Access-Control-Allow-Origin": "*"})
    )
    offer = {
        "credential_issuer": stranger,
        "credential_configuration_ids": ["HealthId_qr_pass"],
        "grants": {"authorization_code": {}},
    }
    return services.url("backend") + "/?" + urlencode({"credential_offer": json.dumps(offer)})


def with_field(url: str, name: str, value: str) -> str:
    """The address with another value for one field of its query."""
    fields = {**dict(parse_qsl(urlsplit(url).query)), name: value}
    return url.partition("?")[0] + "?" + urlencode(fields)


def open_wallet(page: Page) -> None:
    """The wallet that left is asked for its PIN at once."""
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_role("button", name="Open", exact=True).click()
