"""The desk's own code answered by a phone without a network, and a printed card with its PIN: page to page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Playwright, expect

from tests.support.browser import read_code, running_chromium
from tests.verifier.checks.test_images import encoded, qr_image
from tests.web.camera import film, held_phone, with_camera
from tests.web.look import PHONE, SCREEN, look
from tests.web.pages import text_of
from tests.web.phone import take, take_first, unlock, wait_until_kept
from tests.web.services import Services

pytestmark = pytest.mark.browser

CARD_PIN = "140326"


def read_screen(page: Page) -> str:
    """The text of the one code on the screen."""
    return read_code(page, full_page=True)


def desk_page(browser: Browser, services: Services) -> Page:
    """The desk's computer, in English."""
    desk = browser.new_page(viewport=SCREEN)
    desk.goto(services.url("verifier") + "/?language=en")
    expect(desk.get_by_label("Scan the patient's QR code")).to_be_focused()
    return desk


def scan(desk: Page, text: str) -> None:
    """What a wedge scanner types."""
    desk.keyboard.insert_text(text)
    desk.keyboard.press("Enter")


def with_pass(services: Services, phone: BrowserContext, configuration: str) -> tuple[Page, str]:
    """A wallet with one pass, at the screen where it is shown, and the person's name."""
    offer = services.offer(configuration)
    page = phone.new_page()
    take_first(page, services, offer)
    page.locator(".card").click()
    return page, str(offer["name_latin"])


def answer(page: Page, challenge: str) -> None:
    """Up to who asks and what they would see."""
    page.get_by_role("button", name="Show to the hospital").click()
    page.get_by_role("button", name="The desk shows a code").click()
    page.get_by_label("Or type the desk's code").fill(challenge)
    page.get_by_role("button", name="Next").click()


def test_a_phone_without_a_network_answers_the_desk(
    services: Services, phone: BrowserContext, playwright: Playwright, tmp_path: Path
) -> None:
    page, name = with_pass(services, phone, "InsuranceCoverage_qr_pass")
    wait_until_kept(page)
    with running_chromium(playwright, with_camera(tmp_path / "camera.mjpeg")) as at_desk:
        desk = desk_page(at_desk, services)
        desk.get_by_role("button", name="No network: show a code").click()
        expect(desk.get_by_text("Good for 2:")).to_be_visible()
        look(desk, "desk-challenge", SCREEN, PHONE)
        challenge = read_screen(desk)
        assert challenge.startswith("SBC1:")

        phone.set_offline(True)
        answer(page, challenge)
        expect(page.locator(".asker")).to_contain_text("Sample Riverside Hospital")
        look(page, "wallet-challenge-consent")
        page.get_by_role("button", name="Show it to this desk only").click()
        expect(page.get_by_text("Only this desk can read it.")).to_be_visible()
        look(page, "wallet-challenge-answer")
        shown = read_screen(page)

        film(held_phone(page), tmp_path / "camera.mjpeg")
        desk.get_by_role("button", name="Scan with the camera").click()
        expect(desk.get_by_role("heading", name="Accepted")).to_be_visible()
        expect(desk.locator(".person")).to_contain_text(name)
        assert services.call("POST", "verifier", "/checks", {"qr": shown})["code"] == "REPLAYED"


def test_an_unknown_desk_gets_nothing_of_a_coverage(services: Services, phone: BrowserContext) -> None:
    page, _ = with_pass(services, phone, "InsuranceCoverage_qr_pass")
    challenge = services.call("POST", "verifier", "/challenges")["qr"]
    phone.route("**/known-verifiers", lambda route: route.abort())
    page.reload()
    page.evaluate("caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))")
    unlock(page)
    page.locator(".card").click()
    answer(page, challenge)
    expect(page.locator(".asker")).to_contain_text("Unknown desk")
    expect(page.get_by_role("button", name="Show")).to_have_count(0)
    look(page, "wallet-challenge-unknown")

    # The health ID it may see, from the screen of another card: a copy of its own, marked.
    for _ in range(2):
        page.get_by_role("button", name="Back").click()
    offer = services.offer("HealthId_qr_pass")
    page.get_by_role("button", name="Add a card").click()
    page.get_by_label("Paste the link of the offer").fill(offer["offer_link"])
    page.get_by_role("button", name="Next").click()
    take(page, offer)
    page.locator(".card", has_text="Coverage").click()
    answer(page, services.call("POST", "verifier", "/challenges")["qr"])
    page.get_by_role("button", name=text_of("en", "challenge_health_id")).click()
    expect(page.get_by_text("Only this desk can read it.")).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name="Back").click()
    page.locator(".card", has_text="Health ID").click()
    expect(page.locator("main")).to_contain_text("Fresh copies left: 4.")


def test_a_printed_card_and_its_pin(services: Services, phone: BrowserContext, browser: Browser) -> None:
    page, name = with_pass(services, phone, "InsuranceCoverage_qr_pass")
    expect(page.locator("main")).to_contain_text("Fresh copies left: 5.")
    page.get_by_role("button", name="Print a card").click()
    look(page, "wallet-print-pin")
    page.get_by_label("Choose a PIN of 6 digits").fill(CARD_PIN)
    page.get_by_label("The card's PIN once more").fill("111111")
    page.get_by_role("button", name="Make the card").click()
    expect(page.get_by_role("alert")).to_contain_text("not the same")
    page.get_by_label("The card's PIN once more").fill(CARD_PIN)
    page.get_by_role("button", name="Make the card").click()
    expect(page.get_by_role("button", name="Print", exact=True)).to_be_visible()
    look(page, "wallet-print-card")
    page.emulate_media(media="print")
    card = read_screen(page)
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Back").click()
    expect(page.locator("main")).to_contain_text("Fresh copies left: 4.")

    desk = desk_page(browser, services)
    scan(desk, card)
    expect(desk.get_by_role("heading", name="PIN needed")).to_be_visible()
    look(desk, "desk-pin", SCREEN, PHONE)
    expect(desk.get_by_label("The card's PIN (6 digits)")).to_be_focused()
    desk.keyboard.type("140327")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Wrong PIN")).to_be_visible()
    expect(desk.get_by_text(name)).to_have_count(0)
    desk.keyboard.type(CARD_PIN)
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Accepted")).to_be_visible()
    expect(desk.locator(".band")).to_contain_text("Printed card")
    expect(desk.locator(".person")).to_contain_text(name)
    look(desk, "desk-printed-card", SCREEN, PHONE)

    desk.keyboard.press("Escape")
    picture = FilePayload(name="card.png", mimeType="image/png", buffer=encoded(qr_image(card)))
    desk.get_by_label("Use a picture").set_input_files(picture)
    expect(desk.get_by_role("heading", name="PIN needed")).to_be_visible()
    desk.keyboard.type(CARD_PIN)
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Accepted")).to_be_visible()
    expect(desk.locator(".person")).to_contain_text(name)
    desk.close()
