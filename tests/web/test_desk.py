"""The front desk's application in a real browser: reading codes in every way, and what is shown of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, FilePayload, Page, expect

from tests.support.clock import SetClock
from tests.support.hospital import PhoneWallet
from tests.support.issuing import TestIssuer
from tests.support.keyboard import Key, pressed, typed
from tests.support.portraits import portrait_claim
from tests.verifier.checks.test_images import encoded, qr_image
from tests.verifier.conftest import holder, issuer, registry
from tests.verifier.desk.test_browser import answer_as_a_phone, desk_url, show
from tests.web.look import PHONE, SCREEN, look
from tests.web.pages import text_of, wait_for_value
from vc_core.crypto.keys import P256Signer
from vc_core.errors import ReasonCode
from vc_core.formats.status_list import Status
from verifier.desk.texts import TEXTS

__all__ = ["desk_url", "holder", "issuer", "registry"]

pytestmark = pytest.mark.browser

NAME = "Sandar Hlaing"
SHIFT = 8
ENGLISH = TEXTS["en"]
PATIENTS_CAN = {
    **dict.fromkeys(("NOT_A_CREDENTIAL", "MALFORMED", "TOO_LARGE"), "again"),
    **dict.fromkeys(("EXPIRED_PRESENTATION", "REPLAYED", "WRONG_AUDIENCE"), "again"),
    **dict.fromkeys(("REVOKED", "SUSPENDED"), "office"),
    "CLOCK_SKEW": "clock",
    "EXPIRED_CREDENTIAL": "online",
}
"""The patients' sentence by reason code; of all others it is the one that leads to the staff."""


@pytest.fixture
def desk(browser: Browser, desk_url: str) -> Iterator[Page]:
    """The desk's computer, in English, with the application open."""
    context = browser.new_context(viewport=SCREEN, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{desk_url}/?language=en")
    expect(page.get_by_label("Scan the patient's QR code")).to_be_focused()
    yield page
    context.close()


def stop_clock(page: Page) -> None:
    """After a day the page's own clock stands still, but for what moves it on, however long a busy machine takes."""
    page.clock.pause_at(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1))


def paste_scan(page: Page, text: str) -> None:
    """What a wedge scanner does, nearly in one go: it types into whatever has the focus, and ends with Enter."""
    page.keyboard.press(text[0])
    page.keyboard.insert_text(text[1:])
    page.keyboard.press("Enter")


def press(devtools: CDPSession, key: Key, *, shift: bool) -> None:
    """One key of a computer that has the Thai layout."""
    event = {"key": key.thai[shift], "code": key.code, "modifiers": SHIFT if shift else 0}
    devtools.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": key.thai[shift], **event})
    devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})


def test_a_patient_at_the_desk(desk: Page, issuer: TestIssuer, holder: P256Signer, clock: SetClock) -> None:
    """From the scan to the face that was compared, the next patient, and the day's list."""
    look(desk, "desk-waiting", PHONE, SCREEN)
    paste_scan(desk, show(issuer, holder, clock))
    expect(desk.get_by_role("heading", name="Accepted")).to_be_in_viewport(ratio=1)
    expect(desk.locator("[aria-live=assertive]")).to_contain_text("Accepted. All checks passed")
    expect(desk.get_by_text(NAME)).to_be_visible()
    expect(desk.locator(".copay")).to_have_text("Copay per visit (baht) 30")
    look(desk, "desk-accepted", PHONE, SCREEN)
    desk.keyboard.press("F8")
    expect(desk.get_by_text("Recorded: the same person")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_text(NAME)).to_have_count(0)

    issuer.set_status(Status.SUSPENDED)
    clock.advance(61)
    desk.get_by_role("button", name="Settings").click()
    paste_scan(desk, show(issuer, holder, clock))
    expect(desk.locator(".band")).to_contain_text(ENGLISH.next_actions["SUSPENDED"])
    expect(desk.get_by_text(NAME)).to_have_count(0)
    look(desk, "desk-rejected", PHONE, SCREEN)

    desk.get_by_role("button", name="Today").click()
    expect(desk.get_by_text("Accepted: 1 · Not accepted: 1")).to_be_visible()
    expect(desk.locator("tbody tr").last).to_contain_text("Same person")
    look(desk, "desk-today")
    desk.get_by_role("button", name="Settings").click()
    look(desk, "desk-settings")


def test_a_scanner_at_a_computer_with_the_thai_layout(
    desk: Page, issuer: TestIssuer, holder: P256Signer, clock: SetClock
) -> None:
    """The focus is on a button, the scanner ends with Tab, and what arrives is Thai."""
    devtools = desk.context.new_cdp_session(desk)
    desk.get_by_role("button", name="Scan with the camera").focus()
    code = show(issuer, holder, clock)
    for key, shift in pressed(code[:12]):  # fewer than what the page takes for a whole scan once nothing more comes
        press(devtools, key, shift=shift)
    desk.keyboard.insert_text(typed(code[12:], thai=True))
    desk.keyboard.press("Tab")
    expect(desk.get_by_text(NAME)).to_be_visible()
    desk.get_by_role("heading", name="Accepted").click()
    expect(desk.get_by_label("Scan the next patient")).to_be_focused()


def test_pictures_and_pasted_texts(desk: Page, issuer: TestIssuer, holder: P256Signer, clock: SetClock) -> None:
    code = show(issuer, holder, clock)
    picture = FilePayload(name="photo.png", mimeType="image/png", buffer=encoded(qr_image(code)))
    desk.get_by_label("Use a picture").set_input_files(picture)
    expect(desk.get_by_text(NAME)).to_be_visible()
    desk.evaluate("text => navigator.clipboard.writeText(text)", code)
    desk.keyboard.press("Control+V")
    expect(desk.locator(".band")).to_contain_text(ENGLISH.next_actions["REPLAYED"])


HOLD_ANSWERS = """() => {
    const fetched = window.fetch;
    window.held = [];
    window.letGo = async () => {
        window.held.splice(0).forEach((go) => go());
        for (let turn = 0; turn < 20; turn++) await fetched("desk/state").then((answer) => answer.json());
    };
    window.fetch = async (path, options) => {
        const answer = await fetched(path, options);
        if (/^requests\\/[^/]+$/.test(path)) {
            await new Promise((go) => window.held.push(go));
        }
        return answer;
    };
}"""
"""A slow link: what the desk is told of its requests is `held` until `letGo`."""
ONE_IS_HELD = "held.length === 1"


def test_a_phone_is_asked(desk: Page, desk_url: str, issuer: TestIssuer, clock: SetClock) -> None:
    desk.keyboard.press("F4")
    look(desk, "desk-ask", PHONE, SCREEN)
    desk.get_by_role("button", name="Coverage", exact=True).click()
    code = desk.get_by_role("img", name=ENGLISH.labels["ask_scan"])
    expect(code).to_have_js_property("complete", True)
    expect(desk.get_by_text(ENGLISH.labels["ask_waiting"])).to_be_visible()
    look(desk, "desk-asking", PHONE, SCREEN)
    answer_as_a_phone(code, PhoneWallet(issuer, clock), desk_url)
    expect(desk.get_by_role("heading", name="Accepted")).to_be_visible()
    expect(desk.get_by_text(NAME)).to_be_visible()
    desk.get_by_role("button", name="Not the same").click()
    expect(desk.get_by_text("Do not open the visit")).to_be_visible()

    desk.clock.install()
    desk.evaluate(HOLD_ANSWERS)
    desk.keyboard.press("F4")
    desk.get_by_role("button", name=ENGLISH.labels["policy_photo"], exact=True).click()
    expect(code).to_have_js_property("complete", True)
    desk.clock.run_for(1_500)
    wait_for_value(desk, ONE_IS_HELD)
    clock.advance(1)
    answer_as_a_phone(code, PhoneWallet(issuer, clock), desk_url, portrait=portrait_claim())
    desk.clock.run_for(4_500)
    desk.evaluate("fetch('desk/state').then((answer) => answer.json())")
    assert desk.evaluate(ONE_IS_HELD)
    desk.evaluate("letGo()")
    desk.clock.run_for(1_500)
    wait_for_value(desk, ONE_IS_HELD)
    desk.evaluate("letGo()")
    expect(desk.get_by_role("img", name="Photo")).to_have_js_property("naturalHeight", 200)
    expect(desk.get_by_text("Compare the face with the photo.")).to_be_visible()
    expect(desk.locator(".copay")).to_be_visible()
    look(desk, "desk-photo", PHONE, SCREEN)
    desk.get_by_role("button", name="Next patient").click()
    expect(desk.locator(".portrait")).to_have_count(0)


def test_a_verdict_that_comes_when_nobody_waits_for_it_is_not_shown(
    desk: Page, desk_url: str, issuer: TestIssuer, holder: P256Signer, clock: SetClock
) -> None:
    desk.clock.install()
    desk.evaluate(HOLD_ANSWERS)
    desk.keyboard.press("F4")
    desk.get_by_role("button", name="Coverage", exact=True).click()
    code = desk.get_by_role("img", name=ENGLISH.labels["ask_scan"])
    expect(code).to_have_js_property("complete", True)
    answer_as_a_phone(code, PhoneWallet(issuer, clock), desk_url)
    desk.clock.run_for(1_500)
    wait_for_value(desk, ONE_IS_HELD)

    paste_scan(desk, "nobody's code")
    expect(desk.locator(".band")).to_contain_text(ENGLISH.next_actions["NOT_A_CREDENTIAL"])
    desk.evaluate("letGo()")
    expect(desk.locator(".band")).to_contain_text(ENGLISH.next_actions["NOT_A_CREDENTIAL"])
    desk.keyboard.press("F4")
    desk.get_by_role("button", name="Coverage", exact=True).click()
    expect(code).to_have_js_property("complete", True)
    expect(desk.get_by_text(NAME)).to_have_count(0)


def test_the_screen_that_patients_see_has_no_name(
    desk: Page, issuer: TestIssuer, holder: P256Signer, clock: SetClock
) -> None:
    desk.clock.install()
    desk.reload()
    desk.get_by_role("button", name="Settings").click()
    desk.get_by_role("button", name="Fill the screen").click()
    expect(desk.get_by_role("heading", name="Please show your code")).to_be_visible()
    look(desk, "desk-kiosk", PHONE, SCREEN)
    paste_scan(desk, show(issuer, holder, clock))
    expect(desk.get_by_role("heading", name="Accepted")).to_be_visible()
    expect(desk.locator(".next")).to_have_text(text_of("en", "desk_patient_accepted"))
    assert NAME not in desk.content()
    look(desk, "desk-kiosk-accepted", PHONE, SCREEN)
    stop_clock(desk)
    expect(desk.get_by_role("heading", name="Please show your code")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.reload()
    expect(desk.get_by_role("heading", name="Please show your code")).to_be_visible()
    desk.keyboard.down("Escape")
    desk.clock.fast_forward(3_000)
    desk.keyboard.up("Escape")
    expect(desk.get_by_role("button", name="Settings")).to_be_visible()


def test_patients_choose_their_language_until_they_have_gone(
    desk: Page, issuer: TestIssuer, holder: P256Signer, clock: SetClock
) -> None:
    desk.clock.install()
    desk.evaluate("sessionStorage.setItem('desk_kiosk', 'on')")
    desk.reload()
    stop_clock(desk)
    desk.get_by_role("button", name="မြန်မာ").click()
    expect(desk.get_by_role("heading", name=text_of("my", "desk_kiosk_show_code"))).to_be_visible()
    paste_scan(desk, show(issuer, holder, clock))
    expect(desk.locator("h1")).to_have_text(TEXTS["my"].labels["accepted"])
    expect(desk.locator("[aria-live=assertive]")).to_contain_text(text_of("my", "desk_patient_accepted"))
    desk.clock.fast_forward(7_000)
    desk.get_by_role("button", name="ខ្មែរ").click()
    expect(desk.locator("h1")).to_have_text(TEXTS["km"].labels["accepted"])
    desk.clock.fast_forward(7_000)
    expect(desk.locator("h1")).to_have_text(TEXTS["km"].labels["accepted"])
    desk.clock.fast_forward(6_000)
    expect(desk.get_by_role("heading", name="Please show your code")).to_be_visible()

    desk.get_by_role("button", name="ລາວ").click()
    expect(desk.locator("html[lang=lo]")).to_have_count(1)
    desk.clock.fast_forward(31_000)
    expect(desk.get_by_role("heading", name="Please show your code")).to_be_visible()


def test_patients_read_what_they_can_do_and_nothing_of_why(desk: Page) -> None:
    """Also of a code that this screen has never heard of, and where the verifier takes nothing."""
    answer = desk.evaluate(
        "qr => fetch('checks', {method: 'POST', headers: {'Content-Type': 'application/json'},"
        " body: JSON.stringify({qr})}).then(answer => answer.json())",
        "no code at all",
    )
    desk.evaluate("sessionStorage.setItem('desk_kiosk', 'on')")
    desk.reload()
    expect(desk.get_by_role("heading", name="Please show your code")).to_be_visible()
    desk.route("**/checks", lambda route: route.fulfill(json={**answer, "code": route.request.post_data_json["qr"]}))
    band, aloud = desk.locator(".band"), desk.locator("[aria-live=assertive]")
    for code in [code.value for code in ReasonCode if code is not ReasonCode.OK] + ["OF_TOMORROW"]:
        sentence = text_of("en", f"desk_patient_{PATIENTS_CAN.get(code, 'staff')}")
        with desk.expect_response("**/checks"):
            paste_scan(desk, code)
        expect(band).to_have_text(f"Not accepted{sentence}")
        expect(aloud).to_have_text(f"Not accepted. {sentence}")
        if code == "EXPIRED_CREDENTIAL":  # the longest sentence
            look(desk, "desk-kiosk-rejected", PHONE, SCREEN)
    desk.route("**/checks", lambda route: route.fulfill(status=413, json={"code": "payload_too_large"}))
    paste_scan(desk, "too long")
    expect(desk.get_by_role("alert")).to_have_text(text_of("en", "desk_patient_staff"))


def test_a_name_does_not_stay_on_a_desk_that_was_left(
    desk: Page, issuer: TestIssuer, holder: P256Signer, clock: SetClock
) -> None:
    desk.clock.install()
    desk.reload()
    expect(desk.get_by_label("Scan the patient's QR code")).to_be_focused()
    stop_clock(desk)
    paste_scan(desk, show(issuer, holder, clock))
    expect(desk.get_by_text(NAME)).to_be_visible()
    desk.clock.fast_forward(100_000)
    desk.keyboard.press("Shift")
    desk.clock.fast_forward(100_000)
    expect(desk.get_by_text(NAME)).to_be_visible()
    desk.clock.fast_forward(30_000)
    expect(desk.get_by_text(NAME)).to_have_count(0)


def test_without_a_network_the_page_opens_and_says_so(
    desk: Page, issuer: TestIssuer, holder: P256Signer, clock: SetClock
) -> None:
    desk.evaluate("navigator.serviceWorker.ready")
    desk.context.set_offline(True)
    desk.reload()
    expect(desk.get_by_role("alert")).to_contain_text("The verifier can't be reached")
    expect(desk.get_by_label("Scan the patient's QR code")).to_be_focused()
    code = show(issuer, holder, clock)
    paste_scan(desk, code)
    expect(desk.locator(".problem")).to_contain_text("The verifier can't be reached")
    desk.context.set_offline(False)
    paste_scan(desk, code)
    expect(desk.get_by_text(NAME)).to_be_visible()


def test_old_trust_data_are_told_of(desk: Page, clock: SetClock) -> None:
    state = {"facility_name": "Riverside", "hospital_code": "10661", "max_trust_seconds": 86_400}
    desk.route("**/desk/state", lambda route: route.fulfill(json={**state, "trust_seconds": 3 * 3600}))
    desk.reload()
    expect(desk.locator(".banner")).to_contain_text("3 hours old. From 1 day on it accepts nothing")
    look(desk, "desk-old-data")
