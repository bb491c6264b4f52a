"""Pushes through FCM's web client: the wallet's pages and firebase-admin are real; Google is not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from sabai.services import Place, RunningServices, running_services
from tests.support.browser import WAIT_SECONDS
from tests.support.fcm_web import HOSTS, WEB_APP, FcmWebStandIn, create_vapid_key, pushed_by_fcm
from tests.web.pages import text_of
from tests.web.phone import PIN, take_first
from tests.web.services import Services
from tests.web.test_inbox import as_hospital, as_payer, deliver_push, notices
from vc_core.clock import system_clock

pytestmark = pytest.mark.browser

PERSON = "Zaw Min"
SUBSCRIPTION = """
const made = (key, number) => ({
  endpoint: `https://push.test/${number}`,
  options: { applicationServerKey: key.buffer },
  getKey: (name) => new Uint8Array(name === "auth" ? 16 : 65).fill(number).buffer,
  unsubscribe: async () => { held = null; return true; },
});
let count = 1;
let held = made(new Uint8Array(65), count);
PushManager.prototype.getSubscription = async () => held;
PushManager.prototype.subscribe = async ({ applicationServerKey }) => (held ??= made(applicationServerKey, ++count));
"""
"""In place of the browser's own push service: at first there is a subscription for another's key."""


class InAThread:
    """All services in this process, in a loop of their own, so that a test can look into the stand-in of FCM."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: Future[RunningServices] = Future()
        self._thread = Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self) -> Services:
        self._thread.start()
        self.running = self._started.result(150)
        return Services(json.loads((self._folder / "services.json").read_bytes()))

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with running_services(Place(self._folder, ports=(0, 0, 0)), system_clock) as running:
                await running.import_sample_roster()
                self._started.set_result(running)
                await self._stop.wait()
        except Exception as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(WAIT_SECONDS)
        assert not self._thread.is_alive(), "the services did not end"

    def data_sent_to(self, token: str) -> dict[str, dict[str, str]]:
        """The first message that firebase-admin brought to FCM for a token, as soon as there is one."""
        waiting = self.running.fcm.wait_for_message(token, seconds=WAIT_SECONDS)
        return asyncio.run_coroutine_threadsafe(waiting, self._loop).result()[0]


@pytest.fixture
def google() -> FcmWebStandIn:
    return FcmWebStandIn(create_vapid_key())


@pytest.fixture
def in_a_thread(google: FcmWebStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InAThread]:
    monkeypatch.setenv("BACKEND_FCM_WEB_CONFIG", json.dumps(WEB_APP))
    monkeypatch.setenv("BACKEND_FCM_WEB_VAPID_KEY", google.vapid_key)
    services = InAThread(tmp_path)
    yield services
    services.stop()


def reach(google: FcmWebStandIn, phone: BrowserContext, asked: list[str]) -> None:
    """Leads the phone's requests to Google to the stand-in, and notes what they are."""

    def answer(route: Route) -> None:
        request = route.request
        asked.append(f"{request.method} {request.url.partition('//')[2].partition('/')[0]}")
        status, body = google.answer(request.method, request.url, request.headers, request.post_data)
        route.fulfill(status=status, json=body, headers={"Access-Control-Allow-Origin": "*"})

    phone.route(HOSTS, answer)


def turn_notices(page: Page, button: str) -> None:
    """In the wallet's messages, and waits until the provider knows."""
    with page.expect_response("**/devices/*/push") as told:
        page.get_by_role("button", name=button).click()
    assert told.value.status == 204


def test_messages_come_through_fcm_where_the_provider_has_a_firebase_web_app(
    in_a_thread: InAThread, google: FcmWebStandIn, phone: BrowserContext
) -> None:
    services = in_a_thread.start()
    offer = services.offer("HealthId_dc+sd-jwt", person=PERSON)
    backend, asked = services.url("backend"), list[str]()
    phone.grant_permissions(["notifications"], origin=backend)
    reach(google, phone, asked)
    page = phone.new_page()
    page.add_init_script(SUBSCRIPTION)
    take_first(page, services, offer)
    page.get_by_role("button", name="Messages").click()
    expect(page.get_by_text("This phone was registered with your health ID.")).to_be_visible()
    assert asked == []

    # Where Google does not let the browser in, that is said, and the messages are there all the same.
    google.is_closed = True
    page.get_by_role("button", name="Yes, tell me").click()
    expect(page.get_by_role("alert")).to_contain_text("It did not work")
    google.is_closed = False
    asked.clear()

    # Otherwise Google is asked for an id of this browser, and for a token for a subscription by the certificate's key.
    turn_notices(page, "Yes, tell me")
    expect(page.get_by_text("This phone tells you when a message comes.")).to_be_visible()
    assert asked == ["POST firebaseinstallations.googleapis.com", "POST fcmregistrations.googleapis.com"]
    (token,) = google.registrations
    assert google.registrations[token]["endpoint"] == "https://push.test/2"

    # firebase-admin brings a message; what FCM makes of it is shown by our own service worker.
    claim = {"health_id": offer["health_id"], "hospital_code": "10661", "service_date": "2026-09-20"}
    claim_id = as_hospital(services, "/claims", claim | {"amount_satang": 125_050})["claim_id"]
    as_payer(services, f"/claims/{claim_id}/approve")
    sent = in_a_thread.data_sent_to(token)
    assert sent["data"] == {"id": sent["data"]["id"], "template": "claim_approved"}
    deliver_push(page, backend, pushed_by_fcm(sent))
    expect(page.get_by_text("A claim of THB 1,250.50 for care at")).to_be_visible()
    (notice,) = notices(page)
    assert (notice["body"], notice["tag"]) == (text_of("en", "inbox_notice"), sent["data"]["id"])
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("button", name="Messages, 2 new")).to_be_visible()

    # Turned off: neither our provider nor Google knows this browser any more. Turned on again, it is a new one.
    page.get_by_role("button", name="Messages, 2 new").click()
    turn_notices(page, "Stop telling me")
    expect(page.get_by_role("button", name="Tell me when a message comes")).to_be_visible()
    assert google.installations == {}
    turn_notices(page, "Tell me when a message comes")
    expect(page.get_by_text("This phone tells you when a message comes.")).to_be_visible()
    assert [each["endpoint"] for each in google.registrations.values()] == [
        "https://push.test/2",
        "https://push.test/3",
    ]

    # So is it when the wallet is taken off the phone.
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Remove from this phone").click()
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_role("heading", name="Get your first card")).to_be_visible()
    assert google.installations == {}
    assert set(asked) == {
        f"{method} {host}.googleapis.com"
        for method, host in (
            ("POST", "firebaseinstallations"),
            ("DELETE", "firebaseinstallations"),
            ("POST", "fcmregistrations"),
            ("DELETE", "fcmregistrations"),
        )
    }
