"""What a patient does on a phone, in English, as several tests of the wallet need it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.web.services import Services

PIN = "271828"


def create_wallet(page: Page, services: Services, query: str = "") -> None:
    """The first run, up to the wallet's cards or the offer that it was opened with."""
    page.goto(services.url("backend") + "/" + query)
    page.get_by_role("button", name="English").click()
    name_wallet(page)


def name_wallet(page: Page) -> None:
    """A name and a PIN."""
    page.get_by_label("Your name on this phone").fill("Sandar")
    page.get_by_label("Choose a PIN of 6 digits").fill(PIN)
    page.get_by_label("The PIN once more").fill(PIN)
    page.get_by_role("button", name="Create the wallet").click()


def take(page: Page, offer: dict[str, Any], *, tx_code: str | None = None) -> None:
    """From the question whether to ask the office to the cards."""
    page.get_by_role("button", name="Next").click()
    page.get_by_label("The code that the office gave you").fill(tx_code or offer["tx_code"])
    page.get_by_role("button", name="Put into my wallet").click()
