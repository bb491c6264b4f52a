"""The page in a real browser: a scan, a picture, another language, and nothing clipped on a phone or a desk's screen.

Screenshots go to the folder that `SABAI_SCREENSHOTS` names, or to a temporary one.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.support.browser import WAIT_SECONDS, read_code, running_chromium, running_playwright
from tests.support.clock import SetClock
from tests.support.hospital import PhoneWallet, fetch_request, post_answer
from tests.support.issuing import ELSEWHERE, StatusServer, TestIssuer
from tests.verifier.checks.test_images import encoded, qr_image
from tests.verifier.conftest import Registry, create_settings
from vc_core.credential_types.appointment_ticket import APPOINTMENT_TICKET
from vc_core.credential_types.definition import LANGUAGES
from vc_core.credential_types.guardian_delegation import GUARDIAN_DELEGATION
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer
from vc_core.formats.qr_pass import create_qr_presentation
from vc_core.formats.status_list import Status
from vc_core.http import HttpClient
from verifier.app import create_app
from verifier.desk.texts import TEXTS

pytestmark = pytest.mark.browser

PHONE, SCREEN = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    with running_playwright() as playwright, running_chromium(playwright) as started:
        yield started


@pytest.fixture
def desk_url(registry: Registry, issuer: TestIssuer, clock: SetClock, tmp_path: Path) -> Iterator[str]:
    """A verifier on a loopback port, in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    http = HttpClient(transport=StatusServer(issuer, issued_at=clock()).transport())
    name = "โรงพยาบาลริมน้ำ Riverside"
    (tmp_path / "requests.pem").write_bytes(registry.hospital.pem)
    settings = create_settings(
        registry,
        f"sqlite+aiosqlite:///{tmp_path / 'verifier.sqlite'}",
        public_url=url,
        facility_name=name,
        facility_did=registry.hospital.did,
        requests_verification_method=registry.hospital.requests_method,
        requests_key=str(tmp_path / "requests.pem"),
    )
    app = create_app(settings, clock=clock, ledger=registry.chain.ledger, http=http)
    with served(app, listener):
        yield url


@contextmanager
def served(app: FastAPI, listener: socket.socket) -> Iterator[None]:
    """An application on that socket, in a thread of its own, until the block ends."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + WAIT_SECONDS
    while not server.started:
        assert thread.is_alive(), "the application did not start: its log says why"
        assert time.monotonic() < deadline, "the application does not start"
        time.sleep(0.02)
    yield
    server.should_exit = True
    thread.join(WAIT_SECONDS)
    assert not thread.is_alive(), "the application does not end"


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Where screenshots go."""
    folder = Path(os.environ.get("SABAI_SCREENSHOTS", tmp_path / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def open_page(browser: Browser, url: str, size: dict[str, int], language: str = "th") -> Page:
    """The desk's page in a fresh browser profile."""
    context: BrowserContext = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, is_mobile=size is PHONE, has_touch=size is PHONE
    )
    context.add_cookies([{"name": "language", "value": language, "url": url}])
    page = context.new_page()
    page.goto(url + "/plain")
    return page


def scan(page: Page, text: str) -> None:
    """What a wedge scanner does: it types into whatever has the focus, and ends with Enter.

    The browser gives the scan field the focus when it first draws the page, which may be after the page is loaded.
    """
    expect(page.locator("#qr")).to_be_focused()
    page.keyboard.insert_text(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def show(issuer: TestIssuer, holder: P256Signer, clock: SetClock) -> str:
    """The text of the patient's QR code, now."""
    return create_qr_presentation(issuer.create_pass(holder), holder=holder, presented_at=clock())


def assert_nothing_clipped(page: Page) -> None:
    """The page is not wider than the screen, the answer is at its top, and the scan field is in view with the focus."""
    expect(page.locator("#qr")).to_be_focused()
    seen = page.evaluate(
        """() => ({
            width: document.documentElement.scrollWidth - window.innerWidth,
            scrolled: window.scrollY,
            field: document.querySelector("#qr").getBoundingClientRect().bottom - window.innerHeight,
        })"""
    )
    assert seen["width"] <= 0
    assert seen["scrolled"] == 0
    assert seen["field"] <= 0


@pytest.mark.parametrize("size", [PHONE, SCREEN], ids=["phone", "screen"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_scan_after_scan_without_a_click(
    browser: Browser,
    desk_url: str,
    issuer: TestIssuer,
    holder: P256Signer,
    clock: SetClock,
    screenshots: Path,
    size: dict[str, int],
    language: str,
) -> None:
    page, texts = open_page(browser, desk_url, size, language), TEXTS[language]
    name = f"{language}-{size['width']}"
    page.screenshot(path=screenshots / f"{name}-0-empty.png")
    scan(page, show(issuer, holder, clock))
    expect(page.get_by_role("status")).to_contain_text(texts.labels["accepted"])
    assert_nothing_clipped(page)
    page.screenshot(path=screenshots / f"{name}-1-accepted.png")
    page.mouse.wheel(0, 5000)
    expect(page.get_by_text(texts.labels["status_age"])).to_be_in_viewport(ratio=1)
    page.screenshot(path=screenshots / f"{name}-2-accepted-end.png")
    issuer.set_status(Status.SUSPENDED)
    clock.advance(61)
    scan(page, show(issuer, holder, clock))
    expect(page.get_by_role("alert")).to_contain_text(texts.next_actions["SUSPENDED"])
    assert_nothing_clipped(page)
    page.screenshot(path=screenshots / f"{name}-3-rejected.png")
    page.context.close()


async def _answer(link: str, wallet: PhoneWallet, url: str, **claims: str) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=WAIT_SECONDS) as client:
        request = await fetch_request(client, link)
        held = {"coverage": wallet.sd_jwt(INSURANCE_COVERAGE), "identity": wallet.sd_jwt(HEALTH_ID, **claims)}
        asked = [name for name in held if request.dcql_query.credential(name) is not None]
        shown = {name: (wallet.show_sd_jwt(request, name, held[name]),) for name in asked}
        assert (await post_answer(client, request, shown)).status_code == 200


def answer_as_a_phone(code: Locator, wallet: PhoneWallet, url: str, **claims: str) -> None:
    """Scans the code on the desk's screen, and shows what it asks for: a coverage, a health ID with these claims."""
    with ThreadPoolExecutor(max_workers=1) as phone:  # the browser's own loop runs in this thread
        phone.submit(asyncio.run, _answer(read_code(code), wallet, url, **claims)).result()


@pytest.mark.parametrize("size", [PHONE, SCREEN], ids=["phone", "screen"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_asking_a_phone(
    browser: Browser,
    desk_url: str,
    issuer: TestIssuer,
    clock: SetClock,
    screenshots: Path,
    size: dict[str, int],
    language: str,
) -> None:
    """The code on the screen is read by a phone, and the page shows the verdict by itself."""
    page, labels = open_page(browser, desk_url, size, language), TEXTS[language].labels
    name = f"ask-{language}-{size['width']}"
    page.get_by_label(labels["ask_what"]).select_option("coverage")
    page.get_by_role("button", name=labels["ask"], exact=True).click()
    code = page.get_by_role("img", name=labels["ask_scan"])
    expect(code).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("status")).to_contain_text(labels["ask_waiting"])
    # The page is loaded anew every other second, which this may come across.
    page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(path=screenshots / f"{name}-0-waiting.png")
    answer_as_a_phone(code, PhoneWallet(issuer, clock), desk_url)
    expect(page.get_by_role("status")).to_contain_text(labels["accepted"])
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.screenshot(path=screenshots / f"{name}-1-accepted.png")
    page.get_by_role("link", name=labels["ask_back"]).click()
    expect(page.locator("#qr")).to_be_focused()
    page.context.close()


def test_a_picture_and_another_language(
    browser: Browser, desk_url: str, issuer: TestIssuer, holder: P256Signer, clock: SetClock
) -> None:
    page = open_page(browser, desk_url, PHONE)
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    picture = encoded(qr_image(show(issuer, holder, clock)))
    page.get_by_label("Use a picture").set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": picture}
    )
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("status")).to_contain_text("Sandar Hlaing")
    page.goto(desk_url + "/plain")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.context.close()


def test_targets_are_large_enough_for_a_thumb(browser: Browser, desk_url: str) -> None:
    page = open_page(browser, desk_url, PHONE)
    for target in page.locator("a, button, input, select").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    page.context.close()


def test_the_browser_finds_nothing_to_complain_about(browser: Browser, desk_url: str) -> None:
    page = open_page(browser, desk_url, SCREEN)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.reload()
    scan(page, "https://example.com")
    assert complaints == []
    page.context.close()


@pytest.mark.parametrize("size", [PHONE, SCREEN], ids=["phone", "screen"])
@pytest.mark.parametrize("language", ["th", "my", "en"])
def test_a_guardian_s_delegation_fits(
    browser: Browser,
    desk_url: str,
    issuer: TestIssuer,
    holder: P256Signer,
    clock: SetClock,
    screenshots: Path,
    size: dict[str, int],
    language: str,
) -> None:
    """The type with the most and the longest claims, and a ticket for another hospital."""
    page = open_page(browser, desk_url, size, language)
    delegation = issuer.create_pass(holder, credential_type=GUARDIAN_DELEGATION)
    ticket = issuer.create_pass(holder, credential_type=APPOINTMENT_TICKET, hospital=ELSEWHERE)
    shown = [(GUARDIAN_DELEGATION, delegation), (APPOINTMENT_TICKET, ticket)]
    for number, (credential_type, qr_pass) in enumerate(shown):
        scan(page, create_qr_presentation(qr_pass, holder=holder, presented_at=clock()))
        expect(page.get_by_role("status")).to_contain_text(credential_type.labels[language])
        assert_nothing_clipped(page)
        page.screenshot(path=screenshots / f"type-{language}-{size['width']}-{number}.png")
        page.mouse.wheel(0, 5000)
        expect(page.get_by_text(TEXTS[language].labels["trust_age"])).to_be_in_viewport(ratio=1)
        page.screenshot(path=screenshots / f"type-{language}-{size['width']}-{number}-end.png")
    page.context.close()
