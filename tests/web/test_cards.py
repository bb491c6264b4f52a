"""Cards as their holder sees them: what they say, whether they still count, and who is believed about that."""

from __future__ import annotations

import time
import zlib
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.support.browser import read_code
from tests.web.pages import expect_nothing_clipped
from tests.web.phone import take_first, unlock, wait_until_kept
from tests.web.services import Services
from vc_core.crypto.jose import sign_jws
from vc_core.crypto.keys import Ed25519Signer
from vc_core.encoding import base64url_encode
from vc_core.formats.status_list import StatusList, create_status_list_token

pytestmark = pytest.mark.browser

COVERAGE = ("InsuranceCoverage_dc+sd-jwt", "InsuranceCoverage_qr_pass")


def open_with(page: Page, services: Services, offer: dict[str, Any]) -> None:
    """A wallet that has what was offered."""
    take_first(page, services, offer)
    expect(page.locator(".card").first).to_be_visible()


def check(page: Page) -> None:
    """Asks the issuer from a card's page."""
    page.get_by_role("button", name="Check now").click()


def test_a_card_says_what_it_is_for_and_whether_it_still_counts(services: Services, phone: BrowserContext) -> None:
    offer = services.offer(*COVERAGE, person="Malee Srisawat")
    page = phone.new_page()
    open_with(page, services, offer)
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".card")).to_contain_text("Valid, checked now")
    expect_nothing_clipped(page)
    page.locator(".card").click()
    expect(page.locator("main")).to_contain_text("It says who pays for your care")
    expect(page.locator(".claims")).to_contain_text("Sample Border Hospital (11472)")
    expect_nothing_clipped(page)

    for status, told in (("suspended", "Suspended"), ("valid", "Valid, checked"), ("revoked", "Withdrawn")):
        change = {"credential_type": "InsuranceCoverage", "status": status, "reason": "wrong_data"}
        services.call("POST", "issuer", f"/people/{offer['person_id']}/status", change)
        check(page)
        expect(page.locator(".card")).to_contain_text(told)
    expect(page.locator("main")).to_contain_text("for good")
    wait_until_kept(page)
    phone.set_offline(True)
    check(page)
    expect(page.get_by_role("alert")).to_contain_text("could not be asked")
    page.reload()
    unlock(page)
    expect(page.locator(".card")).to_contain_text("Withdrawn")


def test_the_code_is_one_tap_away_and_made_anew_by_the_clock(services: Services, phone: BrowserContext) -> None:
    offer = services.offer("HealthId_qr_pass", "InsuranceCoverage_qr_pass", person="Malee Srisawat")
    page = phone.new_page()
    page.clock.install()
    open_with(page, services, offer)
    page.get_by_role("button", name="Show to the hospital").click()
    code = page.get_by_role("img", name="Code of the card Insurance coverage, Malee Srisawat")
    expect(code).to_be_visible()
    expect(page.get_by_text("New code in 2")).to_be_visible()
    expect_nothing_clipped(page)
    first = read_code(page)
    page.clock.run_for(26_000)
    expect(page.get_by_text("New code in 2")).to_be_visible()
    second = read_code(page)
    assert first != second
    assert first[:500] == second[:500], "the same pass"
    page.get_by_role("button", name="Health ID").click()
    expect(page.get_by_role("img", name="Code of the card Health ID")).to_be_visible()
    expect(page.locator("main")).to_contain_text("The desk sees your name, year of birth and health number.")


def test_no_list_counts_but_the_issuers_newest(services: Services, phone: BrowserContext) -> None:
    offer = services.offer("InsuranceCoverage_dc+sd-jwt", person="Wichai Thongsuk")
    page = phone.new_page()
    genuine = {"uri": "", "kid": ""}

    def note(route: Route) -> None:
        genuine["uri"] = route.request.url
        route.continue_()

    def note_key(route: Route) -> None:
        genuine["kid"] = route.fetch().json()["did"]
        route.continue_()

    # The whole phone's: once the page is kept, its service worker asks.
    phone.route("**/status/*", note)
    phone.route("**/issuers?*", note_key)
    open_with(page, services, offer)
    expect(page.locator(".card")).to_contain_text("Valid, checked")
    phone.unroute("**/status/*")
    phone.unroute("**/issuers?*")

    signer, answer = Ed25519Signer.generate(), {"body": b"", "status": 200}
    known = {"did": genuine["kid"], "name": "x", "public_key_jwk": signer.public_key.to_jwk()}
    phone.route("**/issuers?*", lambda route: route.fulfill(json=known))
    phone.route("**/status/*", lambda route: route.fulfill(**answer))
    page.locator(".card").click()
    now = int(time.time())
    revoked = _token(genuine, signer, now + 3, StatusList.from_bytes(2, b"\x55" * 32768))
    good = _token(genuine, signer, now + 2, StatusList(2, 131_072))
    for name, body in _not_to_be_believed(genuine, signer, now).items():
        answer["body"] = body
        check(page)
        expect(page.get_by_role("alert"), name).to_contain_text("could not be asked")
        expect(page.locator(".card"), name).to_contain_text("Valid, checked")
    answer["body"] = revoked
    check(page)
    expect(page.locator(".card")).to_contain_text("Withdrawn")
    answer["body"] = good
    check(page)
    expect(page.locator(".card"), "an older list").to_contain_text("Withdrawn")


def _token(genuine: dict[str, str], signer: Ed25519Signer, issued_at: int, entries: StatusList, **other: Any) -> bytes:
    terms = {
        "uri": genuine["uri"],
        "expires_at": issued_at + 600,
        "verification_method": genuine["kid"] + "#delegate-9",
    }
    return create_status_list_token(
        entries, signer=signer, issued_at=issued_at, time_to_live=5, **{**terms, **other}
    ).encode()


def _not_to_be_believed(genuine: dict[str, str], signer: Ed25519Signer, now: int) -> dict[str, bytes]:
    """Lists with one fault each; what they would say is that the credential was revoked."""
    revoked = StatusList.from_bytes(2, b"\x55" * 32768)

    def signed(packed: dict[str, Any], **header: Any) -> bytes:
        claims = {"sub": genuine["uri"], "iat": now, "exp": now + 600, "status_list": packed}
        first = {"typ": "statuslist+jwt", "kid": genuine["kid"] + "#delegate-9", **header}
        return sign_jws(first, claims, signer).encode()

    def packed(data: bytes, bits: object = 2) -> dict[str, Any]:
        return {"bits": bits, "lst": base64url_encode(zlib.compress(data))}

    good = signed(packed(revoked.to_bytes()))
    return {
        "no token": b"<html>busy</html>",
        "no signature": good.rpartition(b".")[0] + b".",
        "another key": _token(genuine, Ed25519Signer.generate(), now, revoked),
        "another issuer": _token(genuine, signer, now, revoked, verification_method="did:ethr:0x1:0x00#delegate-9"),
        "another address": _token(genuine, signer, now, revoked, uri=genuine["uri"] + "x"),
        "expired": _token(genuine, signer, now - 600, revoked, expires_at=now - 1),
        "from the future": _token(genuine, signer, now + 3600, revoked),
        "another kind of token": signed(packed(revoked.to_bytes()), typ="JWT"),
        "a key in the header": signed(packed(revoked.to_bytes()), jwk=signer.public_key.to_jwk()),
        "critical": signed(packed(revoked.to_bytes()), crit=["x"]),
        "three bits": signed(packed(revoked.to_bytes(), 3)),
        "bits in words": signed(packed(revoked.to_bytes(), "2")),
        "an entry past the end": signed(packed(b"")),
        "no meaning": signed(packed(b"\xff" * 32768)),
        "a bomb": signed(packed(b"\x55" * (1024 * 1024 + 1))),
        "cut off": signed({"bits": 2, "lst": base64url_encode(zlib.compress(revoked.to_bytes())[:-8])}),
    }
