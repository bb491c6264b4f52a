"""Copies that are shown once, what an office puts off, and a request that opens the wallet with a choice of cards."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.support.browser import read_code
from tests.web.pages import expect_nothing_clipped
from tests.web.phone import take, take_first, unlock
from tests.web.services import Services

pytestmark = pytest.mark.browser


def show(page: Page) -> str:
    """What a desk scans after one tap."""
    page.get_by_role("button", name="Show to the hospital").click()
    expect(page.get_by_text("New code in 2")).to_be_visible()
    return read_code(page)


def test_each_desk_sees_a_copy_of_its_own_and_more_are_fetched(services: Services, phone: BrowserContext) -> None:
    offer = services.offer("HealthId_qr_pass", person="Anucha Promdee")
    page = phone.new_page()
    page.clock.install()
    take_first(page, services, offer)
    page.locator(".card").click()
    expect(page.locator("main")).to_contain_text("Fresh copies left: 5.")
    page.get_by_role("button", name="Back").click()
    shown = [show(page)]
    assert services.call("POST", "verifier", "/checks", {"qr": shown[0]})["code"] == "OK"
    page.get_by_role("button", name="Back").click()
    assert show(page)[:400] == shown[0][:400], "for the same desk, the same copy"
    page.get_by_role("button", name="Back").click()
    # From here on in the past, so that the time that passes in between ends before the issuer's own.
    page.clock.set_system_time(datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5))
    for _ in range(3):
        shown.append(show(page))
        page.clock.run_for(121_000)  # on a phone that nobody touches, the code goes by itself
        expect(page.locator("canvas")).to_have_count(0)
    assert len({code[:400] for code in shown}) == 4
    page.locator(".card").click()
    expect(page.locator("main")).to_contain_text("Fresh copies left: 6.")


def test_what_an_office_puts_off_comes_when_it_is_approved(services: Services, phone: BrowserContext) -> None:
    page = phone.new_page()
    # In the past, so that the time that passes below ends about where the issuer's own is.
    page.clock.install(time=datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=105))
    offer = services.offer("HealthId_dc+sd-jwt", person="Pranee Wongthong", needs_approval=True)
    take_first(page, services, offer)
    expect(page.locator(".pending")).to_contain_text("Waiting for approval")
    expect_nothing_clipped(page)
    page.reload()
    unlock(page)
    expect(page.locator(".pending")).to_have_count(1)

    services.call("POST", "issuer", f"/credential-sets/{pending(services, offer)}/approve")
    page.route("**/deferred_credential", lose, times=1)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/deferred_credential")):
        page.clock.run_for(61_000)
    page.clock.run_for(41_000)
    expect(page.locator(".card")).to_contain_text("Pranee Wongthong")
    expect(page.locator(".pending")).to_have_count(0)

    offer = services.offer("HealthId_dc+sd-jwt", person="Pranee Wongthong", needs_approval=True)
    page.get_by_role("button", name="Add a card").click()
    page.get_by_label("Paste the link of the offer").fill(offer["offer_link"])
    page.get_by_role("button", name="Next").click()
    take(page, offer)
    expect(page.locator(".pending")).to_contain_text("Waiting for approval")
    services.call("POST", "issuer", f"/credential-sets/{pending(services, offer)}/refuse", {"reason": "other"})
    page.clock.run_for(61_000)
    expect(page.locator(".pending")).to_contain_text("Refused")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".pending")).to_have_count(0)


def lose(route: Route) -> None:
    """An answer that is lost on its way."""
    route.fetch()
    route.abort()


def pending(services: Services, offer: dict[str, Any]) -> str:
    """The id of what waits for an officer."""
    path = f"/credential-sets?state=pending&person_id={offer['person_id']}"
    [only] = services.call("GET", "issuer", path)["credential_sets"]
    return str(only["id"])


def test_a_request_opens_the_wallet_and_its_holder_chooses_the_card(services: Services, phone: BrowserContext) -> None:
    page = phone.new_page()
    for name in ("Malee Srisawat", "Wichai Thongsuk"):
        offer = services.offer("HealthId_dc+sd-jwt", person=name)
        if name == "Malee Srisawat":
            take_first(page, services, offer)
        else:
            page.goto(services.url("backend") + "/?" + offer["offer_link"].partition("?")[2])
            unlock(page)
            take(page, offer)
        expect(page.locator(".card").first).to_be_visible()
    expect(page.locator(".card")).to_have_count(2)
    order = {"policy": "identity", "response_mode": "direct_post"}
    asked = services.call("POST", "verifier", "/requests", order)
    page.goto(services.url("backend") + "/?" + asked["authorization_request"].partition("?")[2])
    unlock(page)
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".asker")).to_contain_text("In the registry, and may ask for this")
    expect_nothing_clipped(page)
    # An answer that is lost after the desk has it, or before, is in the history.
    page.route("**/openid4vp/*/response", lambda route: route.abort())
    page.get_by_role("button", name="Show this").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Messages").click()
    page.get_by_role("button", name="Who saw my cards").click()
    expect(page.locator(".message", has_text="Sample Riverside Hospital")).to_have_count(1)
    page.unroute("**/openid4vp/*/response")

    page.goto(services.url("backend") + "/?" + asked["authorization_request"].partition("?")[2])
    unlock(page)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Malee Srisawat").check()
    expect(page.locator(".claims")).to_contain_text("Malee Srisawat")
    page.get_by_role("button", name="Show this").click()
    expect(page.get_by_role("status")).to_contain_text("The desk has it.")
    answered = services.call("GET", "verifier", f"/requests/{asked['id']}")
    assert (answered["code"], answered["person"]["name_latin"]) == ("OK", "Malee Srisawat")
