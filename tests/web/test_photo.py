"""A photo on its way: from the office to the card on the phone, and, if its holder agrees, to the desk that asks."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.support.portraits import photo
from tests.web.look import PHONE, SCREEN, look
from tests.web.phone import take_first
from tests.web.services import Services
from tests.web.test_office import find, sign_in

pytestmark = pytest.mark.browser
PERSON = "Phonxay Intha"
FILE = FilePayload(name="IMG_1.png", mimeType="image/png", buffer=photo("PNG", (900, 1200)))
NO_PICTURE = FilePayload(name="IMG_1.png", mimeType="image/png", buffer=b"no picture")


def ask(services: Services, page: Page, policy: str) -> str:
    """The id of a request that the desk made, once its holder sees it."""
    asked = services.call("POST", "verifier", "/requests", {"policy": policy, "response_mode": "direct_post.jwt"})
    page.get_by_role("button", name="A desk asks for something").click()
    page.get_by_label("Or paste the desk's link").fill(asked["authorization_request"])
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".asker")).to_contain_text("Sample Riverside Hospital")
    return str(asked["id"])


def agree(page: Page) -> None:
    """Shows what is asked for."""
    page.get_by_role("button", name="Show this").click()
    expect(page.get_by_role("status")).to_contain_text("The desk has it.")
    page.get_by_role("button", name="Next").click()


def seen(page: Page, within: str) -> None:
    """There is a photo, and the browser has decoded it."""
    expect(page.locator(f"{within} .portrait")).to_have_js_property("complete", True)
    expect(page.locator(f"{within} .portrait")).to_have_js_property("naturalHeight", 200)


def test_a_photo_goes_from_the_office_to_the_phone_to_the_desk(
    services: Services, browser: Browser, phone: BrowserContext
) -> None:
    office = browser.new_page(viewport=SCREEN)
    sign_in(office, services)
    find(office, PERSON)
    office.get_by_label("Add a photo").set_input_files(NO_PICTURE)
    expect(office.get_by_role("alert")).to_contain_text("can't be read")
    office.get_by_label("Add a photo").set_input_files(FILE)
    seen(office, ".photo")
    look(office, "office-photo", PHONE, SCREEN)

    offer = services.offer("HealthId_dc+sd-jwt", "HealthId_qr_pass", "InsuranceCoverage_dc+sd-jwt", person=PERSON)
    page = phone.new_page()
    take_first(page, services, offer)
    seen(page, ".card")
    expect(page.locator(".card").filter(has_text="Copay per visit (baht)")).to_have_count(1)
    look(page, "cards-with-photo", PHONE)

    request = ask(services, page, "coverage+photo")
    seen(page, ".claims")
    look(page, "asked-for-photo", PHONE)
    agree(page)
    told = services.call("GET", "verifier", f"/requests/{request}")["person"]["portrait"]
    assert told.startswith("data:image/jpeg;base64,")
    assert services.call("GET", "verifier", f"/requests/{request}")["person"]["portrait"] == told

    request = ask(services, page, "identity")
    page.get_by_label("Show this too: Photo").uncheck()
    expect(page.locator(".claims .portrait")).to_have_count(0)
    agree(page)
    answered = services.call("GET", "verifier", f"/requests/{request}")
    assert (answered["verdict"], answered["person"]["portrait"]) == ("accepted", None)

    office.get_by_role("button", name="Remove the photo").click()
    expect(office.get_by_text("No photo yet.")).to_be_visible()
