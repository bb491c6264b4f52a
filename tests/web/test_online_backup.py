"""A wallet's backup at its provider, in a real browser: a recovery code, each change, and another phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, expect

from tests.support.browser import read_code
from tests.web.look import PHONE, look
from tests.web.phone import PIN, press_and_try_to_leave, take, take_first
from tests.web.services import Services

pytestmark = pytest.mark.browser


def turn_on(page: Page) -> str:
    """Turns the backup on; the recovery code."""
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Backup with a recovery code").click()
    page.get_by_role("button", name="Make a recovery code").click()
    code = "-".join(page.locator(".characters").inner_text().split())
    expect(page.get_by_role("button", name="I have it")).to_be_disabled()
    look(page, "wallet-recovery-code")
    assert read_code(page, full_page=True) == code
    page.get_by_label("Type its last 4 characters").fill(code[-4:].lower())
    page.get_by_role("button", name="I have it").click()
    expect(page.get_by_text("Backed up.")).to_be_visible()
    look(page, "wallet-recovery-on")
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("button", name="Back", exact=True).click()
    return code


def recover(page: Page, services: Services, code: str) -> None:
    """On a new phone: the code is typed."""
    page.goto(services.url("backend"))
    page.get_by_text("English").click()
    page.get_by_role("button", name="I have a backup").click()
    page.get_by_role("button", name="Bring a wallet with a recovery code").click()
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Next").click()


def restore(page: Page) -> None:
    """What the code brought gets a lock on this phone; ends when the phone has written its backup."""
    page.get_by_label("Choose a PIN of 6 digits").fill(PIN)
    page.get_by_label("The PIN once more").fill(PIN)
    with page.expect_response(is_backed_up):
        press_and_try_to_leave(page, "Bring a wallet with a recovery code")


def take_another(page: Page, offer: dict[str, Any]) -> None:
    """One more card, into the backup too."""
    page.get_by_role("button", name="Add a card").click()
    page.get_by_label("Paste the link of the offer").fill(offer["offer_link"])
    page.get_by_role("button", name="Next").click()
    with page.expect_response(is_backed_up):
        take(page, offer)


def is_backed_up(response: Response) -> bool:
    """Whether it is the provider's word that it keeps a backup."""
    return response.request.method == "PUT" and response.status == 204


def test_a_lost_phone_is_replaced_with_the_recovery_code(
    services: Services, phone: BrowserContext, browser: Browser
) -> None:
    first = services.offer("HealthId_dc+sd-jwt")
    old = phone.new_page()
    sent: list[Any] = []

    def note(request: Request) -> None:
        if request.method == "PUT":
            sent.append(request.post_data_json)

    old.on("request", note)
    take_first(old, services, first)
    # The phone is registered by a copy of the health ID, which counts as used from then on: that is a change, too.
    expect(old.get_by_role("button", name=re.compile(r"Messages, \d+\+? new"))).to_be_visible()
    code = turn_on(old)

    take_another(old, services.offer("InsuranceCoverage_qr_pass"))
    assert [backup["version"] for backup in sent] == [1, 2]
    assert all(set(backup) == {"version", "ciphertext"} for backup in sent)

    new = browser.new_page(viewport=PHONE)
    # Of wrong characters before the two that check them, one in a thousand passes.
    recover(new, services, code[:-1] + ("Z" if code[-1] != "Z" else "Y"))
    expect(new.get_by_role("alert")).to_contain_text("This is not a recovery code")
    look(new, "wallet-recover")
    new.get_by_label("Recovery code").fill(code.lower().replace("-", " ").replace("0", "o").replace("1", "l"))
    new.get_by_role("button", name="Next").click()
    expect(new.get_by_text("Your wallet was found")).to_be_visible()
    expect(new.get_by_text("the list of what you showed come along")).to_be_visible()
    look(new, "wallet-recovered")

    # The old phone was not lost: what it shows and takes now stays in the backup whatever the new one changes. Had it
    # shown a copy before, the new one would go on showing that one for two minutes, which changes nothing.
    with old.expect_response(is_backed_up):
        old.get_by_role("button", name="Show to the hospital").click()
    expect(old.get_by_text("New code in 2")).to_be_visible()
    old.get_by_role("button", name="Back", exact=True).click()
    take_another(old, services.offer("HealthId_dc+sd-jwt", person="Malee Srisawat"))
    restore(new)
    expect(new.locator(".card")).to_have_count(2)
    with new.expect_response(is_backed_up):
        new.get_by_role("button", name="Show to the hospital").click()
    expect(new.get_by_text("New code in 2")).to_be_visible()
    assert services.call("POST", "verifier", "/checks", {"qr": read_code(new)})["code"] == "OK"

    third = browser.new_page(viewport=PHONE)
    recover(third, services, code)
    restore(third)
    expect(third.locator(".card")).to_have_count(3)
    third.get_by_role("button", name="Messages").click()
    third.get_by_role("button", name="Who saw my cards").click()
    expect(third.get_by_text("You showed a QR code").first).to_be_visible()
    third.get_by_role("button", name="Back", exact=True).click()
    third.get_by_role("button", name="Back", exact=True).click()
    third.get_by_role("button", name="Settings").click()
    third.get_by_role("button", name="Backup with a recovery code").click()
    third.get_by_role("button", name="Turn off and delete the backup").click()
    expect(third.get_by_role("button", name="Make a recovery code")).to_be_visible()
    fourth = browser.new_page(viewport=PHONE)
    recover(fourth, services, code)
    expect(fourth.get_by_role("alert")).to_contain_text("There is no backup for this code")
