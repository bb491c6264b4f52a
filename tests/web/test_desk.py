"""The front desk's application in a real browser: reading codes in every way, and what is shown of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.clock import SetClock
from tests.support.issuing import TestIssuer
from tests.verifier.checks.test_images import encoded, qr_image
from tests.verifier.conftest import holder, issuer, registry
from tests.verifier.desk.test_browser import PHONE, SCREEN, desk_url, show
from tests.web.pages import expect_nothing_clipped, text_of
from vc_core.credential_types.definition import LANGUAGES
from vc_core.crypto.keys import P256Signer
from vc_core.formats.status_list import Status
from verifier.desk.texts import TEXTS

__all__ = ["desk_url", "holder", "issuer", "registry"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def desk(browser: Browser, desk_url: str) -> Iterator[Page]:
    """The desk's computer, in English, with the application open."""
    page = browser.new_page(viewport=SCREEN)  # type: ignore[arg-type]
    open_desk(page, desk_url)
    yield page
    page.close()


def open_desk(page: Page, url: str, language: str = "en") -> None:
    """Up to where a code can be scanned."""
    page.goto(f"{url}/?language={language}")
    expect(page.get_by_label(TEXTS[language].labels["scan"])).to_be_focused()


def scan(page: Page, text: str) -> None:
    """What a wedge scanner does, whatever has the focus."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def paste_scan(page: Page, text: str) -> None:
    """The same in one go."""
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def look_at(page: Page, name: str) -> None:
    """Nothing is clipped on a desk's screen or a phone's; `SABAI_SCREENSHOTS` names a folder for people to look too."""
    for size in (PHONE, SCREEN):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        expect_nothing_clipped(page)
        if folder := os.environ.get("SABAI_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"desk-{name}-{size['width']}.png")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_clipped_in_any_language(
    browser: Browser, desk_url: str, issuer: TestIssuer, holder: P256Signer, clock: SetClock, language: str
) -> None:
    page, texts = browser.new_page(viewport=SCREEN), TEXTS[language]  # type: ignore[arg-type]
    open_desk(page, desk_url, language)
    look_at(page, f"{language}-waiting")
    paste_scan(page, show(issuer, holder, clock))
    expect(page.get_by_role("heading", name=texts.labels["accepted"])).to_be_in_viewport(ratio=1)
    look_at(page, f"{language}-accepted")
    issuer.set_status(Status.SUSPENDED)
    clock.advance(61)
    paste_scan(page, show(issuer, holder, clock))
    expect(page.locator(".band")).to_contain_text(texts.next_actions["SUSPENDED"])
    look_at(page, f"{language}-rejected")
    page.get_by_role("button", name=text_of(language, "desk_settings")).click()
    look_at(page, f"{language}-settings")
    page.close()


def test_a_scan_needs_no_click_and_escape_is_the_next_patient(
    desk: Page, issuer: TestIssuer, holder: P256Signer, clock: SetClock
) -> None:
    code = show(issuer, holder, clock)
    scan(desk, code)
    expect(desk.get_by_role("heading", name="Accepted")).to_be_visible()
    expect(desk.locator("[aria-live=assertive]")).to_contain_text("Accepted. All checks passed")
    expect(desk.get_by_text("Sandar Hlaing")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_text("Sandar Hlaing")).to_have_count(0)
    desk.get_by_role("button", name="Settings").click()
    paste_scan(desk, code)
    expect(desk.locator("[aria-live=assertive]")).to_contain_text(TEXTS["en"].next_actions["REPLAYED"])
    expect(desk.get_by_text("Sandar Hlaing")).to_have_count(0)


def test_a_picture(desk: Page, issuer: TestIssuer, holder: P256Signer, clock: SetClock) -> None:
    picture = encoded(qr_image(show(issuer, holder, clock)))
    desk.get_by_label("Use a picture").set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": picture}
    )
    expect(desk.get_by_role("heading", name="Accepted")).to_be_visible()
