"""The authorization page in a real browser: from a request to its code, in every language, with nothing clipped.

Screenshots go to the folder that `SABAI_SCREENSHOTS` names, or to a temporary one.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from issuer.app import create_app
from issuer.pages.texts import TEXTS
from issuer.settings import IssuerSettings
from tests.issuer.authorization.browser import PERSON, STATE, request_fields
from tests.issuer.conftest import ROSTER, Chain
from tests.issuer.wallet import COVERAGE, COVERAGE_QR, HEALTH_ID, OFFICER
from tests.support.browser import WAIT_SECONDS, running_chromium, running_playwright
from tests.support.clock import SetClock
from tests.verifier.desk.test_browser import PHONE, SCREEN, served
from vc_core.credential_types.definition import LANGUAGES
from vc_core.http import HttpClient
from vc_core.protocols.oauth.authorization import create_authorization_url, parse_authorization_response

pytestmark = pytest.mark.browser
ASKED = (COVERAGE, COVERAGE_QR, HEALTH_ID, "AppointmentTicket_dc+sd-jwt")


class ProgramOnThisDevice(BaseHTTPRequestHandler):
    """A wallet that waits for the browser to come back."""

    def do_GET(self) -> None:
        """The browser is back."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"back in the wallet")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's chromium."""
    with running_playwright() as playwright, running_chromium(playwright) as started:
        yield started


@pytest.fixture(scope="module")
def back() -> Iterator[str]:
    """Where a wallet on this machine waits for the browser."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), ProgramOnThisDevice)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/back"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def authorize_url(issuer_url: str, back: str) -> str:
    """Where that wallet opens the browser."""
    fields = request_fields(*ASKED, client_id="a-program", redirect_uri=back)
    return create_authorization_url(issuer_url + "/authorize", fields)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One database is enough to see a page."""
    return f"sqlite+aiosqlite:///{tmp_path / 'issuer.sqlite'}"


@pytest.fixture
def issuer_url(settings: IssuerSettings, chain: Chain, clock: SetClock) -> Iterator[str]:
    """An issuer with a roster on a loopback port, in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create_app(
        settings.model_copy(update={"public_url": url}), clock=clock, ledger=chain.ledger, http=HttpClient()
    )
    with served(app, listener):
        asked(url, "POST", "/people", content=ROSTER.read_bytes(), headers={"Content-Type": "text/csv"})
        yield url


def asked(issuer_url: str, method: str, path: str, *, headers: dict[str, str] | None = None, **sent: Any) -> Any:
    """What the issuer answers to an officer."""
    answer = httpx.request(method, issuer_url + path, headers=OFFICER | (headers or {}), timeout=WAIT_SECONDS, **sent)
    return answer.raise_for_status().json()


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Where screenshots go."""
    folder = Path(os.environ.get("SABAI_SCREENSHOTS", tmp_path / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def open_page(chromium: Browser, url: str, size: dict[str, int], language: str) -> Page:
    """A page in a fresh browser profile of a reader of this language."""
    context = chromium.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        is_mobile=size is PHONE,
        has_touch=size is PHONE,
        locale=language,
    )
    page = context.new_page()
    page.goto(url)
    return page


def office_code(issuer_url: str) -> str:
    """A one-time code for the first person of the roster."""
    person = asked(issuer_url, "GET", "/people")["people"][0]
    return str(asked(issuer_url, "POST", f"/people/{person['person_id']}/sign-in-codes")["code"])


def fill(page: Page, code: str) -> None:
    """The patient types, and presses the button."""
    for name, value in {**PERSON, "code": code}.items():
        page.locator(f"#{name}").fill(value)
    with page.expect_navigation():
        page.locator("#code").press("Enter")


def assert_fits(page: Page) -> None:
    """Nothing is wider than the screen, and whatever is to be touched is large enough for a thumb."""
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    for target in page.locator("a:visible, button:visible, input:visible").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44


@pytest.mark.parametrize("size", [PHONE, SCREEN], ids=["phone", "screen"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_from_a_request_to_a_code(
    chromium: Browser, issuer_url: str, authorize_url: str, screenshots: Path, size: dict[str, int], language: str
) -> None:
    texts, name = TEXTS[language], f"authorize-{language}-{size['width']}"
    page = open_page(chromium, authorize_url, size, language)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("h1")).to_have_text(texts["sign_in_title"])
    assert_fits(page)
    page.screenshot(path=screenshots / f"{name}-1-who.png", full_page=True)
    with page.expect_console_message():  # which may come later than the page
        fill(page, "00000000")
    expect(page.get_by_role("alert")).to_have_text(texts["not_recognised"])
    assert_fits(page)
    page.screenshot(path=screenshots / f"{name}-2-again.png", full_page=True)
    assert complaints == ["Failed to load resource: the server responded with a status of 400 (Bad Request)"]
    fill(page, office_code(issuer_url))
    expect(page.locator("h1")).to_have_text(texts["consent_title"])
    expect(page.locator("dl")).to_contain_text("Maung Maung")
    assert_fits(page)
    page.screenshot(path=screenshots / f"{name}-3-consent.png", full_page=True)
    with page.expect_navigation():
        page.get_by_role("button", name=texts["allow"]).click()
    assert parse_authorization_response(page.url, expected_state=STATE, expected_issuer=issuer_url)
    page.context.close()


@pytest.mark.parametrize("size", [PHONE, SCREEN], ids=["phone", "screen"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_offer_s_page_and_an_error(
    chromium: Browser, issuer_url: str, screenshots: Path, size: dict[str, int], language: str
) -> None:
    person = asked(issuer_url, "GET", "/people")["people"][0]
    order = {"person_id": person["person_id"], "credential_configuration_ids": [COVERAGE]}
    made = asked(issuer_url, "POST", "/offers", json=order)
    page = open_page(chromium, made["universal_link"], size, language)
    expect(page.get_by_role("link", name=TEXTS[language]["open_wallet"])).to_have_attribute("href", made["offer_link"])
    assert page.locator("img").evaluate("image => image.naturalWidth") > 0
    assert_fits(page)
    page.screenshot(path=screenshots / f"offer-{language}-{size['width']}.png", full_page=True)
    page.goto(f"{issuer_url}/authorize?client_id=x&redirect_uri={quote('https://wallet.test')}")
    expect(page.get_by_role("alert")).to_contain_text(TEXTS[language]["error_text"])
    assert_fits(page)
    page.screenshot(path=screenshots / f"error-{language}-{size['width']}.png", full_page=True)
    page.context.close()


def test_another_language_and_no(chromium: Browser, authorize_url: str) -> None:
    page = open_page(chromium, authorize_url, PHONE, "fr")
    expect(page.locator("html")).to_have_attribute("lang", "th")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text(TEXTS["en"]["sign_in_title"])
    with page.expect_navigation():
        page.get_by_role("button", name=TEXTS["en"]["cancel"]).click()
    assert "error=access_denied" in page.url
    page.context.close()
