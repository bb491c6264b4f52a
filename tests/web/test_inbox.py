"""Messages, pushes, and who saw what: the wallet's pages against the real services and a stand-in of a push service."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.browser import WAIT_SECONDS, read_code
from tests.support.push_service import Browser, PushServiceStandIn, running_push_service
from tests.web.look import look
from tests.web.pages import text_of, wait_for_value
from tests.web.phone import NAME, PIN, create_wallet, take_first, unlock, wait_until_kept
from tests.web.services import ANSWER_SECONDS, Services

pytestmark = pytest.mark.browser

PERSON, OTHER = "Zaw Min", "Khin Myint"
"""No other tests send these messages."""


@pytest.fixture(scope="module")
def push_service() -> Iterator[PushServiceStandIn]:
    with running_push_service() as stand_in:
        yield stand_in


def as_hospital(services: Services, path: str, body: Any) -> Any:
    """The backend's answer to a hospital's system."""
    return _call(services, path, body, "desk")


def as_payer(services: Services, path: str) -> Any:
    return _call(services, path, {}, "officer")


def _call(services: Services, path: str, body: Any, role: str) -> Any:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {services.written['tokens'][role]}"}
    request = Request(services.url("backend") + path, json.dumps(body).encode(), headers)  # noqa: S310 - loopback
    with urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - as above
        return json.load(answer)


def subscribe_at(page: Page, browser: Browser) -> None:
    """In place of the browser's own push service, which is on the internet: what `subscribe` would get from it."""
    page.add_init_script(
        f"""PushManager.prototype.subscribe = async (options) => {{
            if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error();
            return {{ toJSON: () => ({json.dumps(browser.subscription())}) }};
        }};"""
    )


def deliver_push(page: Page, origin: str, data: Any) -> None:
    """What the push service brings to the browser, and the browser to the page's service worker."""
    wait_until_kept(page)
    client = page.context.new_cdp_session(page)
    registrations: list[Any] = []
    client.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    client.send("ServiceWorker.enable")
    deadline = time.monotonic() + WAIT_SECONDS
    while not registrations:  # the browser names them after it has answered
        assert time.monotonic() < deadline, "the browser names no service worker"
        page.wait_for_timeout(10)
    delivered = {"origin": origin, "registrationId": registrations[-1]["registrationId"], "data": json.dumps(data)}
    client.send("ServiceWorker.deliverPushMessage", delivered)


def notices(page: Page) -> list[dict[str, str]]:
    """The notices that the phone shows, once there are any."""
    shown: list[dict[str, str]] = wait_for_value(
        page,
        """async () => {
          const notices = await (await navigator.serviceWorker.ready).getNotifications();
          return notices.length > 0 && notices.map(({ title, body, tag, lang }) => ({ title, body, tag, lang }));
        }""",
    )
    return shown


def test_messages_come_by_push_are_read_offline_and_can_be_denied(
    services: Services, phone: BrowserContext, push_service: PushServiceStandIn
) -> None:
    offer = services.offer("HealthId_dc+sd-jwt", "InsuranceCoverage_qr_pass", person=PERSON)
    backend, browser = services.url("backend"), push_service.subscribe()
    phone.grant_permissions(["notifications"], origin=backend)
    page, asked = phone.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    subscribe_at(page, browser)
    take_first(page, services, offer)
    expect(page.locator(".card")).to_have_count(2)

    # The phone is registered by the health ID; its inbox tells so. Notices are asked for with the reason.
    page.get_by_role("button", name="Messages").click()
    expect(page.get_by_text("This phone was registered with your health ID.")).to_be_visible()
    expect(page.get_by_text("never says anything about your health")).to_be_visible()
    page.get_by_role("button", name="Yes, tell me").click()
    expect(page.get_by_text("This phone tells you when a message comes.")).to_be_visible()
    assert not [url for url in asked if "fcm_web" in url or "googleapis" in url]
    assert "fcm_web" not in page.request.get(backend + "/service-worker.js").text()

    # A claim that is approved: the push that the browser gets holds an id and a template alone.
    claim = {"health_id": offer["health_id"], "hospital_code": "10661", "service_date": "2026-09-20"}
    claim_id = as_hospital(services, "/claims", claim | {"amount_satang": 125_050})["claim_id"]
    as_payer(services, f"/claims/{claim_id}/approve")
    (received,) = push_service.wait_for(browser)
    assert received.data == {"id": received.data["id"], "template": "claim_approved"}

    # The service worker shows a notice without a word of it, once though it comes twice, and the page looks.
    for _ in range(2):
        deliver_push(page, backend, received.data)
    expect(page.get_by_text("A claim of THB 1,250.50 for care at Sample Riverside Hospital (10661)")).to_be_visible()
    assert notices(page) == [
        {
            "title": "Sabai wallet",
            "body": text_of("en", "inbox_notice"),
            "tag": received.data["id"],
            "lang": "en",
        }
    ]
    page.get_by_text("A claim of").click()
    page.get_by_role("button", name="Back").click()
    expect(page.locator(".message.unread")).to_have_count(1)

    # A desk checks the card, and so the hospital says that it saw it: it wasn't the patient, who says so once.
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Show to the hospital").click()
    expect(page.get_by_text("New code in 2")).to_be_visible()
    assert services.call("POST", "verifier", "/checks", {"qr": read_code(page)})["code"] == "OK"
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Messages").click()
    assert push_service.wait_for(browser, 2)[1].headers["urgency"] == "high"
    deliver_push(page, backend, push_service.wait_for(browser, 2)[1].data)
    page.get_by_text("Sample Riverside Hospital checked your card").click()
    page.get_by_role("button", name="This wasn't me").click()
    page.get_by_role("button", name="Yes, it wasn't me").click()
    expect(page.get_by_role("status")).to_contain_text("it wasn't you")

    # Without a network the last messages are there, and the history tells of the check.
    phone.set_offline(True)
    page.reload()
    unlock(page)
    page.get_by_role("button", name="Messages, 1 new").click()
    expect(page.get_by_text("No network. These are the last messages")).to_be_visible()
    expect(page.locator(".message")).to_have_count(3)
    page.get_by_role("button", name="Who saw my cards").click()
    expect(page.locator(".message", has_text="It wasn't you")).to_have_count(1)
    expect(page.locator(".message", has_text="You showed a QR code")).to_have_count(1)

    # The wallet is taken off the phone: the copy that registered it was marked, and the provider forgets the phone.
    phone.set_offline(False)
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Back").click()
    page.locator(".card", has_text="Health ID").click()
    expect(page.locator("main")).to_contain_text("Fresh copies left: 4.")
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Remove from this phone").click()
    page.get_by_label("Your PIN").fill(PIN)
    with page.expect_response("**/devices/*") as logged_out:
        page.get_by_role("button", name="Remove for good").click()
    assert (logged_out.value.request.method, logged_out.value.status) == ("DELETE", 204)
    expect(page.get_by_role("heading", name="Get your first card")).to_be_visible()


def test_a_notice_is_in_the_last_language_and_leads_to_the_messages_after_the_lock(
    services: Services, phone: BrowserContext
) -> None:
    backend = services.url("backend")
    phone.grant_permissions(["notifications"], origin=backend)
    page = phone.new_page()
    create_wallet(page, services)
    page.locator("header select").select_option("th")
    expect(page.get_by_text(text_of("th", "no_cards"))).to_be_visible()
    kept = "caches.match('./notice-words', {cacheName: 'notice-words'}).then((words) => words?.json())"
    wait_for_value(page, f"{kept}.then((words) => words?.language === 'th')")  # there were English ones before

    deliver_push(page, backend, {"id": "0" * 32, "template": "device_registered"})
    assert [notice["body"] for notice in notices(page)] == [text_of("th", "inbox_security_notice")]

    page.goto(backend + "/?inbox")
    page.get_by_role("button", name=NAME).click()
    page.locator("input").fill(PIN)
    page.get_by_role("button", name=text_of("th", "unlock"), exact=True).click()
    expect(page.get_by_text(text_of("th", "inbox_needs_health_id"))).to_be_visible()


def test_what_messages_and_the_history_look_like(services: Services, phone: BrowserContext) -> None:
    offer = services.offer("HealthId_dc+sd-jwt", "InsuranceCoverage_qr_pass", person=OTHER)
    claim = {"health_id": offer["health_id"], "hospital_code": "11472", "service_date": "2026-12-20"}
    claim_id = as_hospital(services, "/claims", claim | {"amount_satang": 12_345_678})["claim_id"]
    as_payer(services, f"/claims/{claim_id}/approve")
    appointment = {"health_id": offer["health_id"], "hospital_code": "11472"}
    asked = as_hospital(services, "/appointments", appointment | {"starts_at": "2026-12-31T15:30:00+07:00"})
    as_hospital(services, f"/appointments/{asked['appointment_id']}/confirm", {})
    sighting = {"health_id": offer["health_id"], "facility_did": services.written["dids"]["hospital-a"]}
    as_hospital(services, "/sightings", sighting | {"method": "qr", "checked_at": 1_790_000_000})
    page = phone.new_page()
    take_first(page, services, offer)
    page.get_by_role("button", name="Show to the hospital").click()
    expect(page.locator("canvas")).to_be_visible()
    page.get_by_role("button", name="Back").click()

    page.locator(".inbox-button").click()
    expect(page.locator(".message")).to_have_count(4)
    look(page, "wallet-inbox")
    page.get_by_role("button", name="Who saw my cards").click()
    expect(page.locator(".message")).to_have_count(2)
    look(page, "wallet-history")
    page.locator("button.message").click()
    page.get_by_role("button", name="This wasn't me").click()
    look(page, "wallet-dispute")
