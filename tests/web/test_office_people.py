"""The office's people in a real browser: invited, each with a passkey, and four eyes on a revocation."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.look import PHONE, SCREEN, look
from tests.web.phone import take_first
from tests.web.services import ANSWER_SECONDS, Services, started_services

pytestmark = pytest.mark.browser
PERSON = "Sandar Hlaing"
NOW = 1_790_000_000


@pytest.fixture(scope="module")
def careful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services whose office wants four eyes on a revocation, and on who may do more."""
    policy = '["revoke", "change_officer"]'
    with started_services(tmp_path_factory.mktemp("careful"), ISSUER_FOUR_EYES=policy) as started:
        yield started


def desk_of(browser: Browser, services: Services, *, path: str = "/") -> Page:
    """The page at somebody's own computer, which keeps passkeys, in English."""
    page = browser.new_context(viewport=SCREEN).new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "isUserVerified": True}})
    page.add_init_script("localStorage.setItem('language', 'en')")
    page.goto(services.url("issuer").replace("127.0.0.1", "localhost") + path)
    return page


def invite(root: Page, name: str, *roles: str) -> str:
    """The link by which somebody becomes an officer."""
    root.get_by_role("button", name="Invite somebody").click()
    root.get_by_label("Name").fill(name)
    root.get_by_label("Officer").set_checked("Officer" in roles)
    for role in ("Approver", "Auditor"):
        root.get_by_label(role).set_checked(role in roles)
    root.get_by_role("button", name="Make the invitation").click()
    return root.locator(".link-text").inner_text()


def invite_first(services: Services, name: str, folder: Path) -> str:
    """The link that `sabai office invite` prints for whoever has the officer token."""
    token = folder / "token"
    token.write_text(services.written["tokens"]["officer"])
    command = [sys.executable, "-m", "sabai", "office", "invite", name, "--issuer", services.url("issuer")]
    command += ["--token-file", str(token)]
    invited = subprocess.run(command, capture_output=True, check=True, text=True, timeout=ANSWER_SECONDS)
    return invited.stdout.split()[-1]


def joined(browser: Browser, services: Services, link: str, *, looked_at: bool = False) -> Page:
    """Somebody who opened their link, made a passkey, and so is signed in."""
    page = desk_of(browser, services, path="/" + link.partition("/#")[1].removeprefix("/") + link.partition("/#")[2])
    expect(page.get_by_role("button", name="Make my passkey")).to_be_visible()
    assert "invitation" not in page.url
    if looked_at:
        look(page, "office-invited", PHONE, SCREEN)
    page.get_by_role("button", name="Make my passkey").click()
    expect(page.locator(".person").first).to_be_visible()
    return page


def go(page: Page, section: str) -> None:
    """To a section of the office."""
    page.get_by_role("navigation").get_by_role("button", name=section, exact=True).click()
    expect(page.locator("h2")).to_have_text(section)


def _look_at_a_forked_log(page: Page) -> None:
    """What the longest of the findings looks like, with all that may stand beside it."""
    proof = {"finding": "log_forked", "number": 1204, "proven_at": NOW, "failed_number": 1377, "failed_at": NOW}
    told = {"intact": False, "entries": 1400, "head": "ab" * 32, "broken_at": 1398, "ledger": {**proof, "asked": False}}
    page.route("**/audit/verification", lambda route: route.fulfill(json=told))
    go(page, "Officers")
    go(page, "Audit log")
    chain = page.locator(".chain")
    expect(chain).to_contain_text("lines 1,205 to 1,377 are not those of 21 September 2026")
    expect(chain).to_contain_text("log_forked")
    expect(chain).to_contain_text("The ledger proves the log up to line 1,204")
    look(page, "office-audit-forked", PHONE, SCREEN)
    page.unroute("**/audit/verification")


def test_one_proposes_another_approves_and_the_auditor_sees_both(
    careful: Services, browser: Browser, tmp_path: Path
) -> None:
    patient = browser.new_context(viewport=PHONE).new_page()
    offer = careful.offer("InsuranceCoverage_dc+sd-jwt", "InsuranceCoverage_qr_pass", person=PERSON)
    take_first(patient, careful, offer)
    expect(patient.locator(".card")).to_be_visible()

    anong = joined(browser, careful, invite_first(careful, "Anong", tmp_path), looked_at=True)
    root = desk_of(browser, careful)
    root.get_by_label("Officer's token").fill(careful.written["tokens"]["officer"])
    root.get_by_role("button", name="Sign in", exact=True).click()
    go(root, "Officers")
    boun = joined(browser, careful, invite(root, "Boun", "Approver", "Auditor"))
    look(root, "office-invitation", PHONE, SCREEN)
    root.get_by_role("button", name="Done").click()
    row = root.locator(".officers > li").filter(has_text="Anong")
    row.get_by_role("button", name="Roles").click()
    row.get_by_label("Auditor").check()
    row.get_by_role("button", name="Save").click()
    expect(row.get_by_text("Change of an officer: waits for an approver")).to_be_visible()
    look(root, "office-officers", PHONE, SCREEN)

    anong.get_by_label("Find a person").fill(PERSON)
    expect(anong.locator(".person")).to_have_count(1)
    anong.locator(".person").click()
    anong.get_by_role("button", name="Revoke…").click()
    anong.get_by_label("Why?").select_option(label="Suspected fraud")
    anong.get_by_role("button", name="Revoke for good").click()
    expect(anong.get_by_text("Revoke: waits for an approver")).to_be_visible()
    expect(anong.locator(".status")).to_have_text("Valid")
    go(anong, "Approvals")
    expect(anong.get_by_text("You proposed this")).to_be_visible()
    expect(anong.get_by_role("button", name="Approve: Revoke")).to_have_count(0)
    expect(anong.get_by_role("button", name="Audit log")).to_have_count(0)

    boun.get_by_role("button", name="Sign out").click()
    boun.get_by_role("button", name="Sign in with a passkey").click()
    go(boun, "Approvals")
    expect(boun.get_by_text("Proposed by Anong")).to_be_visible()
    look(boun, "office-approvals", PHONE, SCREEN)
    expect(boun.get_by_text("Anong (Approver, Auditor, Officer)")).to_be_visible()
    boun.get_by_role("button", name="Approve: Change of an officer").click()
    boun.get_by_role("button", name="Approve: Revoke").click()
    expect(boun.get_by_text("Nothing waits for a decision.")).to_be_visible()

    go(boun, "Audit log")
    lines = boun.locator(".audit > li")
    expect(boun.get_by_text("Each line follows from the one before.")).to_be_visible()
    expect(lines.filter(has_text="Revoke: approved")).to_contain_text("Boun")
    expect(lines.filter(has_text="Revoke: proposed")).to_contain_text("Anong")
    boun.get_by_text("Search").first.click()
    look(boun, "office-audit", PHONE, SCREEN)
    boun.locator("select").filter(has_text="Anong").select_option(label="Anong")
    boun.get_by_role("button", name="Search").click()
    expect(lines).to_have_count(2)
    boun.reload()
    expect(boun.locator(".person").first).to_be_visible()
    _look_at_a_forked_log(boun)
