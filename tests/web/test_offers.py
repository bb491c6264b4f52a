"""Taking offers on the phone: the first run, links that are none, and cards that come whatever is lost on the way."""

from __future__ import annotations

import datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.web.look import look
from tests.web.pages import expect_said_in
from tests.web.phone import (
    PIN,
    begin_wallet,
    choose_pin,
    create_wallet,
    take,
    take_first,
    type_code,
    unlock,
)
from tests.web.services import Services

pytestmark = pytest.mark.browser


def test_the_first_run_shows_what_is_offered_before_it_asks_for_a_pin_and_loses_no_offer(
    services: Services, phone: BrowserContext
) -> None:
    offer = services.offer("HealthId_dc+sd-jwt", "InsuranceCoverage_qr_pass")
    page = phone.new_page()
    used: list[str] = []
    page.on("request", lambda request: used.append(request.url) if request.method == "POST" else None)
    page.goto(services.url("backend"))
    page.get_by_role("button", name="English").click()
    page.get_by_label("Paste the link of the offer").fill("hello")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not an offer")
    cameras: list[None] = []
    page.expose_function("noteCamera", lambda: cameras.append(None))
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { await noteCamera(); throw new Error(); }; }"
    )
    for leave in (True, False):
        page.get_by_label("Paste the link of the offer").fill(offer["offer_link"])
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_text("This offer comes from")).to_be_visible()
        if leave:
            page.get_by_role("button", name="Back", exact=True).click()
    assert cameras == []
    look(page, "wallet-first-offer")
    page.reload()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading")).to_have_text("Sample Health ID Office offers you")
    expect(page.get_by_text("In the registry, and issues cards")).to_be_visible()
    expect(page.get_by_role("listitem")).to_have_text(["Health ID", "Insurance coverage"])
    look(page, "wallet-first-offered")
    page.get_by_role("button", name="Next").click()
    look(page, "wallet-first-lock")
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.get_by_role("listitem")).to_have_count(2)
    page.get_by_role("button", name="Next").click()
    assert used == []
    choose_pin(page)
    expect(page.get_by_label("The code that the office gave you")).to_be_visible()
    look(page, "wallet-first-code")
    page.reload()  # as a small phone may, that unloads the app while another one is looked at for the code
    unlock(page)
    take(page, offer)
    expect(page.locator(".card")).to_have_count(2)
    assert page.evaluate("sessionStorage.length") == 0

    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Change the name").click()
    look(page, "wallet-rename")
    page.get_by_label("Your name on this phone").fill("Sandar")
    page.get_by_role("button", name="Change the name").click()
    expect(page.get_by_text("Sandar")).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("button", name="Sandar")).to_be_visible()
    page.get_by_role("button", name="Add a person").click()
    expect(page.get_by_label("Your name on this phone")).to_be_visible()
    look(page, "wallet-new")


def test_an_offer_that_opens_the_wallet_a_wrong_code_and_a_lost_answer(
    services: Services, phone: BrowserContext
) -> None:
    offer = services.offer("HealthId_qr_pass")
    page = phone.new_page()
    take_first(page, services, offer, tx_code=f"{(int(offer['tx_code']) + 1) % 10**6:06}")
    expect_said_in(page, "problem_code_refused")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/token", lose, times=1)
    type_code(page, offer["tx_code"])
    expect_said_in(page, "problem_not_reached")
    page.get_by_role("button", name="Put into my wallet").click()
    expect_said_in(page, "problem_code_used_up")
    look(page, "wallet-code-used-up")
    path = urlsplit(offer["credential_offer_uri"]).path
    assert services.call("GET", "issuer", f"{path}/progress") == {"progress": "redeemed"}
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("button", name="Add a card").click()
    again = services.offer("HealthId_qr_pass")
    page.get_by_label("Paste the link of the offer").fill(again["offer_link"])
    phone.route("**/issuers?*", lambda route: route.fulfill(status=404), times=1)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("The registry does not say who this is")).to_be_visible()
    type_code(page, again["tx_code"])
    expect(page.locator(".card")).to_contain_text(offer["name_latin"])


def test_two_windows_lose_no_card(services: Services, phone: BrowserContext) -> None:
    one, other = phone.new_page(), phone.new_page()
    begin_wallet(one, services)
    one.get_by_label("Choose a PIN of 6 digits").fill(PIN)
    one.get_by_label("The PIN once more").fill(PIN)
    other.goto(services.url("backend"))
    other.get_by_role("button", name="Go on without a card").click()
    choose_pin(other)
    expect(other.get_by_role("button", name="Add a card")).to_be_visible()
    one.bring_to_front()  # what lies behind is drawn once a second
    one.get_by_role("button", name="Create the wallet").click()
    expect(one.get_by_role("alert")).to_contain_text("Another wallet was made")
    expect(one.get_by_label("Your name on this phone")).to_be_visible()
    one.get_by_role("button", name="Back", exact=True).click()
    unlock(one)
    one.get_by_role("button", name="Add a card").click()
    for configuration, page in (("HealthId_qr_pass", other), ("InsuranceCoverage_qr_pass", one)):
        offer = services.offer(configuration)
        page.bring_to_front()
        if page is other:
            page.goto(services.url("backend") + "/?" + offer["offer_link"].partition("?")[2])
            unlock(page)
        else:
            page.get_by_label("Paste the link of the offer").fill(offer["offer_link"])
            page.get_by_role("button", name="Next").click()
        take(page, offer)
        expect(page.locator(".card").first).to_be_visible()
    expect(one.locator(".card")).to_have_count(2)


def test_a_card_whose_code_was_taken_comes_whatever_is_lost_on_the_way(
    services: Services, phone: BrowserContext
) -> None:
    offer = services.offer("HealthId_qr_pass")
    page = phone.new_page()
    lost: list[int] = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().status)
        if len(lost) == 1:
            route.abort()
        else:
            route.fulfill(status=400, content_type="text/html", body="<h1>Bad Request</h1>")

    slow = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=200)
    page.clock.set_fixed_time(slow)
    page.route("**/credential", lose, times=2)
    page.route("**/token", lambda route: route.abort(), times=1)
    take_first(page, services, offer)
    expect(page.get_by_role("alert")).to_contain_text("did not answer")
    assert lost == []
    with page.expect_response(lambda answer: answer.url.endswith("/credential") and answer.status == 400):
        page.get_by_role("button", name="Put into my wallet").click()
    expect(page.locator(".pending")).to_contain_text("Not here yet")
    assert lost == [200, 200]
    # The whole phone's: once the page is kept, its service worker asks.
    phone.route("**/issuers?*", lambda route: route.fulfill(status=404), times=1)
    with page.expect_response("**/issuers?*"):  # of a provider that has not heard of a new key
        page.reload()  # the code is used up
        unlock(page)
    expect(page.locator(".pending")).to_contain_text("Not here yet")
    with page.expect_response("**/issuers?*"):  # on a phone whose clock is slow
        page.clock.set_fixed_time(slow + datetime.timedelta(seconds=60))
        page.evaluate("dispatchEvent(new Event('online'))")
    look(page, "wallet-begun")
    page.clock.set_fixed_time(datetime.datetime.now(datetime.UTC))
    page.goto(services.url("backend") + "/?" + offer["offer_link"].partition("?")[2])
    unlock(page)
    expect(page.locator(".card")).to_contain_text(offer["name_latin"])
    expect(page.locator(".pending")).to_have_count(0)
    page.locator(".card").click()
    expect(page.locator("main")).to_contain_text("Fresh copies left: 5.")


def test_a_link_with_two_addresses_asks_the_one_that_is_shown(services: Services, phone: BrowserContext) -> None:
    offer = services.offer("HealthId_qr_pass")
    page = phone.new_page()
    create_wallet(page, services)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Add a card").click()
    twice = offer["offer_link"] + "&credential_offer_uri=https%3A%2F%2Fevil.test%2Fx"
    page.get_by_label("Paste the link of the offer").fill(twice)
    page.get_by_role("button", name="Next").click()
    take(page, offer)
    expect(page.locator(".card")).to_have_count(1)
    assert not any("evil.test" in url for url in asked)


def test_a_link_that_is_no_offer_asks_nobody(services: Services, phone: BrowserContext) -> None:
    page = phone.new_page()
    create_wallet(page, services)
    page.get_by_role("button", name="Add a card").click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for text in ("javascript:alert(1)", "http://a.test/x", "openid-credential-offer://?x=1", "hello"):
        page.get_by_label("Paste the link of the offer").fill(text)
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_role("alert")).to_contain_text("This is not an offer")
    assert [url for url in asked if not url.startswith(services.url("backend"))] == []
