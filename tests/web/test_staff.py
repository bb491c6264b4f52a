"""The desk's staff in a real browser: invited, with a passkey, signed out and in, and no longer there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, ViewportSize, expect

from tests.web.look import PHONE, SCREEN, look
from tests.web.pages import expect_said_in
from tests.web.services import ANSWER_SECONDS, Services
from tests.web.test_desk import paste_scan
from verifier.desk.texts import TEXTS

pytestmark = pytest.mark.browser

SIZES = (PHONE, SCREEN)
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@contextmanager
def device(browser: Browser, size: ViewportSize = SCREEN) -> Iterator[Page]:
    """A computer or phone of its own, with a passkey store."""
    context = browser.new_context(viewport=size, service_workers="block")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield page
    context.close()


def invite_supervisor(services: Services, name: str, folder: Path) -> str:
    """The link that `sabai staff invite` prints for whoever has the manager token."""
    token = folder / "token"
    token.write_text(services.written["tokens"]["manager"])
    command = [sys.executable, "-m", "sabai", "staff", "invite", name, "--verifier", services.url("verifier")]
    command += ["--token-file", str(token)]
    invited = subprocess.run(command, capture_output=True, check=True, text=True, timeout=ANSWER_SECONDS)
    return invited.stdout.split()[-1]


def open_invitation(page: Page, link: str) -> None:
    """Up to where a passkey can be made."""
    page.goto(link.replace("/#", "/?language=en#"))
    expect(page.get_by_role("button", name="Make my passkey")).to_be_visible()


def make_passkey(page: Page) -> None:
    """Makes it, and is signed in."""
    page.get_by_role("button", name="Make my passkey").click()
    expect(page.get_by_label(TEXTS["en"].labels["scan"])).to_be_visible()


def ask_for_sign_in(route: Route, request: Request) -> None:
    """What the verifier of a hospital in production answers to who is not signed in."""
    if "desk_session" in request.all_headers().get("cookie", ""):
        route.continue_()
        return
    route.fulfill(status=401, json={"code": "unauthenticated", "detail": "Sign in, or send the token for this."})


def test_a_member_from_the_invitation_to_the_end(services: Services, browser: Browser, tmp_path: Path) -> None:
    with device(browser) as head, device(browser, PHONE) as phone:
        open_invitation(head, invite_supervisor(services, "Dr Anong", tmp_path))
        look(head, "desk-invitation", *SIZES)
        make_passkey(head)
        head.get_by_role("button", name="Staff").click()
        look(head, "desk-staff", *SIZES)
        head.get_by_label("Name").fill("สมศรี ใจดี")
        head.get_by_role("button", name="Invite", exact=True).click()
        expect(head.get_by_role("img", name="QR code of the invitation")).to_be_visible()
        look(head, "desk-invited", *SIZES)
        link = invite_link(head)
        head.get_by_role("button", name="Back").click()
        expect(head.locator(".members")).to_contain_text("invited until")

        open_invitation(phone, link)
        make_passkey(phone)
        phone.route("**/checks", ask_for_sign_in)
        phone.get_by_role("button", name="Menu").click()
        phone.get_by_role("button", name="My account").click()
        with phone.expect_event("load"):  # it begins anew, with its menu closed
            phone.get_by_role("button", name="Sign out").click()
        phone.get_by_role("button", name="Menu").click()
        expect(phone.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        paste_scan(phone, "nothing of ours")
        expect(phone.get_by_role("heading", name="Sign in")).to_be_visible()
        look(phone, "desk-sign-in", *SIZES)
        phone.get_by_role("button", name="Sign in with passkey").click()
        expect(phone.get_by_text(TEXTS["en"].next_actions["NOT_A_CREDENTIAL"]).first).to_be_visible()

        member = head.locator(".members li", has_text="สมศรี ใจดี")
        member.locator("summary").click()
        member.get_by_role("button", name="No longer works here").click()
        expect(member).to_contain_text("no longer here")
        phone.reload()
        phone.get_by_role("button", name="Menu").click()
        phone.get_by_role("button", name="Sign in", exact=True).click()
        phone.get_by_role("button", name="Sign in with passkey").click()
        expect_said_in(phone, "desk_passkey_unknown")


def invite_link(page: Page) -> str:
    """The link of the invitation that is shown, as it is copied."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))
