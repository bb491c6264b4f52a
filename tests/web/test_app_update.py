"""The wallet as an app: a newer version that loses nothing, no network, and offers at their time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.web.look import look
from tests.web.pages import wait_for_value
from tests.web.phone import create_wallet, take, take_first, unlock, wait_until_kept
from tests.web.services import ANSWER_SECONDS, Services

pytestmark = pytest.mark.browser


class Front(ThreadingHTTPServer):
    """Stands before the backend, and serves another version of the app once `has_newer`, as far as it `may_install`."""

    daemon_threads = True
    has_newer = False

    def __init__(self, backend: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.backend = backend
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.may_install = threading.Event()
        self.may_install.set()


class _Passing(BaseHTTPRequestHandler):
    server: Front

    def do_GET(self) -> None:
        if self.path == "/credential-types":
            self.server.may_install.wait(ANSWER_SECONDS)
        try:
            answer = urlopen(self.server.backend + self.path, timeout=ANSWER_SECONDS)  # noqa: S310 - a service on loopback
        except HTTPError as error:
            answer = error
        with answer:
            body = answer.read()
        if self.server.has_newer and self.path == "/service-worker.js":
            body = body.replace(b"`wallet-${", b"`wallet-newer-${")
        self.send_response(answer.status)
        for name in ("Content-Type", "Content-Security-Policy", "Cache-Control"):
            if answer.headers[name] is not None:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


@pytest.fixture
def front(services: Services) -> Iterator[Front]:
    """The backend by another address, which may change its app."""
    server = Front(services.url("backend"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


FOUND_WHILE_LOADING = """
const { register } = ServiceWorkerContainer.prototype;
ServiceWorkerContainer.prototype.register = async function (...terms) {
  const registration = await register.apply(this, terms);
  const found = new Promise((resolve) => registration.addEventListener("updatefound", resolve));
  await registration.update();
  if (registration.installing !== null) await found;
  return registration;
};"""
"""The browser looks for a newer version when it likes: here before the page knows where to look for one itself."""


def test_a_newer_version_waits_for_a_tap_and_loses_nothing(
    services: Services, phone: BrowserContext, front: Front
) -> None:
    offer = services.offer("HealthId_qr_pass")
    page = phone.new_page()
    at_front = Services({**services.written, "backend": front.url})
    take_first(page, at_front, offer)
    expect(page.locator(".card")).to_have_count(1)
    wait_until_kept(page)
    front.has_newer = True
    front.may_install.clear()
    page.add_init_script(FOUND_WHILE_LOADING)
    page.reload()
    unlock(page)
    page.get_by_role("button", name="Add a card").click()
    front.may_install.set()
    wait_for_value(page, "navigator.serviceWorker.ready.then(({ waiting }) => waiting !== null)")
    newer = page.get_by_role("button", name="New version: tap to update")
    expect(newer).to_have_count(0)  # not while a card is being added
    page.get_by_role("button", name="Back", exact=True).click()
    expect(newer).to_be_visible()
    look(page, "wallet-update")
    newer.click()
    unlock(page)
    expect(page.locator(".card")).to_contain_text(offer["name_latin"])
    expect(newer).to_have_count(0)
    assert page.evaluate("caches.keys().then((names) => names.at(-1))").startswith("wallet-newer-")

    phone.set_offline(True)
    page.reload()
    unlock(page)
    expect(page.locator(".card")).to_contain_text(offer["name_latin"])


NOT_AT_ITS_OWN_TIME = """addEventListener("beforeinstallprompt", (event) => {
  if (event.isTrusted) event.stopImmediatePropagation();
})"""

BROWSER_WANTS_TO_ASK = """() => {
  const event = new Event("beforeinstallprompt", { cancelable: true });
  event.prompt = () => { window.asked = true; };
  dispatchEvent(event);
  return event.defaultPrevented;
}"""


def test_what_helps_is_offered_with_the_first_card_one_at_a_time(services: Services, phone: BrowserContext) -> None:
    offer = services.offer("HealthId_qr_pass")
    page = phone.new_page()
    page.add_init_script(NOT_AT_ITS_OWN_TIME)
    create_wallet(page, services)
    assert page.evaluate(BROWSER_WANTS_TO_ASK)
    offered = page.locator(".next-step")
    expect(page.get_by_role("button", name="Add a card")).to_be_visible()
    expect(offered).to_have_count(0)
    page.get_by_role("button", name="Add a card").click()
    page.get_by_label("Paste the link of the offer").fill(offer["offer_link"])
    page.get_by_role("button", name="Next").click()
    take(page, offer)
    expect(offered).to_contain_text("Make a backup?")
    page.get_by_role("button", name="Not now").click()
    expect(offered).to_have_count(0)

    page.reload()
    unlock(page)
    expect(page.locator(".card")).to_be_visible()
    expect(offered).to_have_count(0)
    page.evaluate(BROWSER_WANTS_TO_ASK)
    expect(offered).to_contain_text("home screen")
    look(page, "wallet-offered")
    page.get_by_role("button", name="Yes").click()
    assert page.evaluate("window.asked")
    expect(offered).to_have_count(0)
    manifest = page.evaluate("fetch('./manifest.webmanifest').then((answer) => answer.json())")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        assert page.evaluate("(src) => fetch(src).then(({ ok }) => ok)", icon["src"])
