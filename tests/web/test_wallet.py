"""The wallet's pages in a real browser, against the real services: from the office's offer to the desk's verdict."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from urllib.request import urlopen

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Playwright, Request, expect

from tests.support.browser import read_code, running_chromium
from tests.web.camera import film, held_phone, with_camera
from tests.web.look import PHONE, look
from tests.web.pages import expect_nothing_clipped, text_of, wait_for_value
from tests.web.phone import (
    NAME,
    PIN,
    agree,
    choose_pin,
    create_wallet,
    press_and_try_to_leave,
    take,
    take_first,
    type_code,
    unlock,
    wait_until_kept,
)
from tests.web.services import ANSWER_SECONDS, Services
from tests.web.test_inbox import as_hospital
from vc_core.credential_types.definition import LANGUAGES
from vc_core.encoding import base64url_decode, base64url_encode

pytestmark = pytest.mark.browser

FIRST_LOAD_BYTES = 150_000
"""Compressed, of everything up to the wallet's own first screen: a few seconds on 3G."""


def test_from_the_offer_to_the_verdict_with_the_phone_offline_at_the_desk(
    services: Services, phone: BrowserContext
) -> None:
    offer = services.offer("InsuranceCoverage_dc+sd-jwt", "InsuranceCoverage_qr_pass")
    page = phone.new_page()
    create_wallet(page, services)
    page.get_by_role("button", name="Add a card").click()
    page.get_by_label("Paste the link of the offer").fill(offer["offer_link"])
    page.get_by_role("button", name="Next").click()
    take(page, offer)
    expect(page.locator(".card")).to_have_count(1)
    wait_until_kept(page)

    phone.set_offline(True)
    page.reload()
    unlock(page)
    page.locator(".card").click()
    page.get_by_role("button", name="Show to the hospital").click()
    expect(page.get_by_text("New code in 2")).to_be_visible()
    shown = {"qr": read_code(page)}

    verdict = services.call("POST", "verifier", "/checks", shown)
    assert (verdict["verdict"], verdict["code"]) == ("accepted", "OK")
    assert verdict["person"]["name_latin"] == offer["name_latin"]
    assert services.call("POST", "verifier", "/checks", shown)["code"] == "REPLAYED"


@pytest.mark.parametrize("response_mode", ["direct_post", "direct_post.jwt"])
def test_a_desk_asks_and_gets_what_was_agreed_to(services: Services, phone: BrowserContext, response_mode: str) -> None:
    offer = services.offer("HealthId_dc+sd-jwt", "InsuranceCoverage_dc+sd-jwt")
    page = phone.new_page()
    take_first(page, services, offer)
    expect(page.locator(".card")).to_have_count(2)
    order = {"policy": "coverage+identity minimal", "response_mode": response_mode}
    asked = services.call("POST", "verifier", "/requests", order)

    page.get_by_role("button", name="A desk asks for something").click()
    page.get_by_label("Or paste the desk's link").fill(asked["authorization_request"])
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".asker")).to_contain_text("Sample Riverside Hospital")
    expect(page.locator(".claims").last).to_contain_text("Not shown: Name (Latin), Year of birth")
    expect_nothing_clipped(page)
    assert services.call("GET", "verifier", f"/requests/{asked['id']}")["verdict"] is None
    page.get_by_role("button", name="Show this").click()
    expect(page.get_by_role("status")).to_contain_text("The desk has it.")

    answered = services.call("GET", "verifier", f"/requests/{asked['id']}")
    assert (answered["state"], answered["verdict"], answered["code"]) == ("answered", "accepted", "OK")
    assert answered["person"]["name_latin"] is None


def test_a_desk_is_told_no(services: Services, phone: BrowserContext) -> None:
    offer = services.offer("HealthId_dc+sd-jwt")
    page = phone.new_page()
    take_first(page, services, offer)
    order = {"policy": "identity", "response_mode": "direct_post"}
    asked = services.call("POST", "verifier", "/requests", order)
    page.get_by_role("button", name="A desk asks for something").click()
    page.get_by_label("Or paste the desk's link").fill("openid4vp://?client_id=x")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not a desk's request")
    page.get_by_label("Or paste the desk's link").fill(asked["authorization_request"])
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Do not show it").click()
    expect(page.locator(".card")).to_have_count(1)
    answered = services.call("GET", "verifier", f"/requests/{asked['id']}")
    assert (answered["state"], answered["error"], answered["person"]) == ("refused", "access_denied", None)


def test_an_offer_is_scanned_with_the_camera(services: Services, playwright: Playwright, tmp_path: Path) -> None:
    offer = services.offer("HealthId_qr_pass")
    with urlopen(offer["credential_offer_uri"] + "/qr.png", timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - on loopback
        code = Image.open(answer).convert("RGB")
    scene = Image.new("RGB", (640, 480), "#b7a58a")
    scene.paste(code.resize((300, 300)).rotate(4, fillcolor="white"), (150, 80))
    film(scene, tmp_path / "camera.mjpeg")
    with running_chromium(playwright, with_camera(tmp_path / "camera.mjpeg")) as started:
        page = started.new_page(viewport=PHONE)
        page.goto(services.url("backend"))
        page.get_by_role("button", name="English").click()
        page.get_by_role("button", name="Scan the code").click()
        agree(page)
        choose_pin(page)
        type_code(page, offer["tx_code"])
        expect(page.locator(".card")).to_contain_text(offer["name_latin"])


def test_the_phones_screen_before_the_desks_camera(
    services: Services, phone: BrowserContext, playwright: Playwright, tmp_path: Path
) -> None:
    offer = services.offer("InsuranceCoverage_qr_pass")
    page = phone.new_page()
    take_first(page, services, offer)
    page.locator(".card").click()
    page.get_by_role("button", name="Show to the hospital").click()
    expect(page.get_by_text("New code in 2")).to_be_visible()
    film(held_phone(page), tmp_path / "camera.mjpeg")
    with running_chromium(playwright, with_camera(tmp_path / "camera.mjpeg")) as started:
        desk = started.new_page()
        desk.goto(services.url("verifier") + "/?language=en")
        desk.get_by_role("button", name="Scan with the camera").click()
        expect(desk.get_by_role("heading", name="Accepted")).to_be_visible()
        expect(desk.locator("main")).to_contain_text(offer["name_latin"])


def test_a_wallet_that_was_left_while_it_opened_stays_shut(services: Services, phone: BrowserContext) -> None:
    page = phone.new_page()
    create_wallet(page, services)
    page.get_by_role("button", name="Lock").click()
    page.get_by_role("button", name=NAME).click()
    page.get_by_label("Your PIN").fill(PIN)
    page.evaluate(
        "for (const name of ['Open', 'Back']) "
        "[...document.querySelectorAll('button')].find((each) => each.innerText.includes(name)).click()"
    )
    expect(page.get_by_role("button", name="Add a person")).to_be_visible()
    wait_for_value(page, "navigator.locks.query().then(({ held, pending }) => held.length + pending.length === 0)")
    expect(page.get_by_role("button", name="Add a card")).to_have_count(0)


def with_a_forged_card(backup: str, passphrase: str) -> str:
    """The backup with a second card, for somebody else, that its issuer did not sign."""
    parts = {name: base64url_decode(text) for name, text in json.loads(backup).items() if name != "version"}
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), parts["salt"], 1_000_000)
    content = json.loads(AESGCM(key).decrypt(parts["iv"], parts["sealed"], None))
    good = content["credentials"][0]
    signed = bytearray(base64url_decode(good["credential"]))
    signed[-1] ^= 1
    forged = {"id": "forged", "credential": base64url_encode(bytes(signed)), "issuedAt": good["issuedAt"] + 1}
    claims = good["claims"] | {"health_id": "SB0000000000"}
    content["credentials"].append(good | forged | {"claims": claims, "set": "of the forger"})
    sealed = AESGCM(key).encrypt(parts["iv"], json.dumps(content).encode(), None)
    return json.dumps(json.loads(backup) | {"sealed": base64url_encode(sealed)})


def test_a_wallet_moves_to_another_phone(services: Services, browser: Browser, tmp_path: Path) -> None:
    offer = services.offer("InsuranceCoverage_qr_pass")
    old, new = browser.new_page(viewport=PHONE), browser.new_page(viewport=PHONE)
    take_first(old, services, offer)
    old.get_by_role("button", name="Show to the hospital").click()
    expect(old.get_by_text("New code in 2")).to_be_visible()
    old.get_by_role("button", name="Back", exact=True).click()
    old.get_by_role("button", name="Settings").click()
    old.get_by_role("button", name="Save my wallet to a file").click()
    old.get_by_label("A passphrase").fill("durian mango papaya")
    old.get_by_label("The passphrase once more").fill("durian mango papaya")
    with old.expect_download() as saved:
        old.get_by_role("button", name="Save the file").click()
    backup = tmp_path / "backup.json"
    saved.value.save_as(backup)
    for secret in (offer["name_latin"], "InsuranceCoverage", "eyJhbGci"):
        assert secret not in backup.read_text()
    backup.write_text(with_a_forged_card(backup.read_text(), "durian mango papaya"))

    new.goto(services.url("backend"))
    new.get_by_text("English").click()
    new.get_by_role("button", name="I have a backup").click()
    new.get_by_role("button", name="Bring a wallet from a file").click()
    new.get_by_label("The file").set_input_files(backup)
    new.get_by_label("Choose a PIN of 6 digits").fill(PIN)
    new.get_by_label("The PIN once more").fill(PIN)
    new.get_by_label("Its passphrase").fill("durian mango guava")
    new.get_by_role("button", name="Bring a wallet from a file").click()
    expect(new.get_by_role("alert")).to_contain_text("the passphrase is wrong")
    new.get_by_label("Its passphrase").fill("durian mango papaya")
    new.context.set_offline(True)
    press_and_try_to_leave(new, "Bring a wallet from a file")
    expect(new.locator(".card").get_by_text("Not checked yet")).to_have_count(2)
    new.context.set_offline(False)
    expect(new.get_by_text("Cards left out: 1")).to_be_visible()
    expect(new.locator(".card")).to_contain_text("Insurance coverage")
    expect(new.locator(".card")).to_have_count(1)
    look(new, "wallet-left-out")
    new.get_by_role("button", name="I have read it").click()
    expect(new.get_by_text("Cards left out")).to_have_count(0)
    expect(new.get_by_text("Valid, checked")).to_be_visible()
    new.get_by_role("button", name="Messages").click()
    new.get_by_role("button", name="Who saw my cards").click()
    expect(new.locator(".messages li")).to_have_count(1)
    new.get_by_role("button", name="Back", exact=True).click()
    new.get_by_role("button", name="Back", exact=True).click()
    new.locator(".card").click()
    new.get_by_role("button", name="Show to the hospital").click()
    expect(new.get_by_text("New code in 2")).to_be_visible()
    assert services.call("POST", "verifier", "/checks", {"qr": read_code(new, scale="css")})["code"] == "OK"


def test_the_first_load_is_small_and_asks_nobody_else(services: Services, phone: BrowserContext) -> None:
    page = phone.new_page()
    asked: list[Request] = []
    page.on("requestfinished", lambda request: asked.append(request))
    create_wallet(page, services)
    expect(page.get_by_role("button", name="Add a card")).to_be_visible()
    assert {request.url.partition("/")[2].split("/")[1] for request in asked} == {
        services.url("backend").partition("//")[2]
    }
    sizes = {request.url: request.sizes()["responseBodySize"] for request in asked}
    assert 0 < sum(sizes.values()) <= FIRST_LOAD_BYTES, sizes
    assert not any(url.endswith(".wasm") for url in sizes)


def test_screens_for_every_reader(services: Services, phone: BrowserContext) -> None:
    offer = services.offer("HealthId_dc+sd-jwt", "InsuranceCoverage_dc+sd-jwt", "InsuranceCoverage_qr_pass")
    sighting = {"health_id": offer["health_id"], "facility_did": services.written["dids"]["hospital-a"], "method": "qr"}
    for seconds in range(10):
        as_hospital(services, "/sightings", sighting | {"checked_at": 1_790_000_000 + seconds})
    page = phone.new_page()
    page.goto(services.url("backend"))
    look(page, "wallet-language")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Get your first card")).to_be_visible()
    look(page, "wallet-first")
    page.get_by_role("button", name="I have a backup").click()
    look(page, "wallet-have-backup")
    page.get_by_role("button", name="Back", exact=True).click()
    phone.set_offline(True)
    expect(page.get_by_role("status")).to_contain_text("no internet")
    look(page, "wallet-first-offline")
    phone.set_offline(False)
    expect(page.get_by_role("status")).to_have_text("")
    page.get_by_role("button", name="Go on without a card").click()
    choose_pin(page)
    expect(page.get_by_role("button", name="Add a card")).to_be_visible()
    look(page, "wallet-empty")
    page.get_by_role("button", name="Add a card").click()
    look(page, "wallet-add")
    page.get_by_label("Paste the link of the offer").fill(offer["offer_link"])
    page.get_by_role("button", name="Next").click()
    look(page, "wallet-offer")
    take(page, offer)
    expect(page.locator(".card")).to_have_count(2)
    expect(page.get_by_role("button", name="Messages, 9+ new")).to_be_visible()
    look(page, "wallet-cards")
    page.locator(".card").last.click()
    look(page, "wallet-card")
    page.get_by_role("button", name="Back").click()
    for language in LANGUAGES:
        page.locator(".language select").select_option(language)
        page.get_by_role("button", name=text_of(language, "show")).click()
        expect(page.locator("canvas")).to_be_visible()
        look(page, "wallet-show")
        page.get_by_role("button", name=text_of(language, "back")).click()
