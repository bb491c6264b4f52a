"""What a patient does on a phone, in English, as several tests of the wallet need it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.web.pages import wait_for_value
from tests.web.services import Services

PIN = "271828"
NAME = "My wallet"
"""What the first wallet on a phone is called."""


def take_first(page: Page, services: Services, offer: dict[str, Any], *, tx_code: str | None = None) -> None:
    """The first run: from an offer's link, on a phone without a wallet, to the card."""
    page.goto(services.url("backend") + "/?" + offer["offer_link"].partition("?")[2])
    page.get_by_role("button", name="English").click()
    agree(page)
    choose_pin(page)
    type_code(page, tx_code or offer["tx_code"])


def wait_until_kept(page: Page) -> None:
    """The app's files are on the phone, and it goes on without a network."""
    wait_for_value(page, "navigator.serviceWorker.controller?.state === 'activated'")


def agree(page: Page) -> None:
    """On a phone without a wallet: the office is asked what it offers, and that is wanted."""
    page.get_by_role("button", name="Next").click()
    page.get_by_role("listitem").first.wait_for()
    page.get_by_role("button", name="Next").click()


def create_wallet(page: Page, services: Services) -> None:
    """The first run without an offer, up to a wallet that is empty."""
    begin_wallet(page, services)
    choose_pin(page)


def begin_wallet(page: Page, services: Services) -> None:
    """The first run without an offer, up to the lock."""
    page.goto(services.url("backend"))
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Go on without a card").click()


def choose_pin(page: Page) -> None:
    """The lock of a new wallet."""
    page.get_by_label("Choose a PIN of 6 digits").fill(PIN)
    page.get_by_label("The PIN once more").fill(PIN)
    page.get_by_role("button", name="Create the wallet").click()


def unlock(page: Page) -> None:
    """Opens the first wallet again."""
    page.get_by_role("button", name=NAME).click()
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_role("button", name="Open", exact=True).click()


def take(page: Page, offer: dict[str, Any]) -> None:
    """In an open wallet, from the question whether to ask the office to the cards."""
    page.get_by_role("button", name="Next").click()
    type_code(page, offer["tx_code"])


def type_code(page: Page, tx_code: str) -> None:
    """The code that the office gave, which brings the card."""
    page.get_by_label("The code that the office gave you").fill(tx_code)
    page.get_by_role("button", name="Put into my wallet").click()


def press_and_try_to_leave(page: Page, button: str) -> None:
    """As somebody does who presses Back while what they have just asked for is under way, if it is still."""
    page.evaluate(
        """async (button) => {
          const named = (name) => [...document.querySelectorAll("button")].find(
            (each) => each.innerText.includes(name));
          named(button).click();
          await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
          named("Back")?.click();
        }""",
        button,
    )
