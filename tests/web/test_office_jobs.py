"""What takes an office longer, in a real browser: rosters portion by portion, and work on many people's credentials."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from issuer.roster.identifiers import check_digit
from tests.issuer.wallet import COVERAGE, HEALTH_ID, pre_authorized
from tests.support.browser import read_code
from tests.support.portraits import photo
from tests.web.look import PHONE, SCREEN, look
from tests.web.pages import text_of
from tests.web.services import ANSWER_SECONDS, Services
from tests.web.test_office import find, sign_in
from vc_core.crypto.keys import P256Signer
from vc_core.protocols.openid4vci.credential import create_credential_request
from vc_core.protocols.openid4vci.proof_jwt import create_proof_jwt

GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"

pytestmark = pytest.mark.browser


@pytest.fixture
def office(browser: Browser) -> Iterator[Page]:
    """The office's own computer."""
    page = browser.new_page(viewport=SCREEN)
    yield page
    page.close()


def write_roster(path: Path, people: int) -> None:
    """A file of so many new people who come last in the list, and behind them two rows that can't go in."""
    header, row = (Path(__file__).parents[1] / "issuer" / "roster.csv").read_text("utf-8").splitlines()[:2]
    numbers = [f"2{number:011d}" for number in range(people)]
    good = [
        row.replace("A1", f"zz-{each}")
        .replace("Maung Maung", "Rosterperson")
        .replace("0012345678909", each + check_digit(each))
        .replace("8401", "UCS")
        for each in numbers
    ]
    bad = [good[0].replace("1992-03-04", "2535-03-04").replace("UCS", "XYZ"), "=cmd()," + "," * 12]
    path.write_text("\n".join([header, *good, *bad]), "utf-8")


def test_a_roster_is_checked_and_then_taken_though_the_network_fails_meanwhile(
    services: Services, office: Page, tmp_path: Path
) -> None:
    roster = tmp_path / "roster.csv"
    write_roster(roster, 501)
    sign_in(office, services)
    office.get_by_role("button", name="Import a roster").click()
    office.get_by_label("Choose the file").set_input_files(roster)
    counts = office.locator(".counts dd")
    expect(counts).to_have_text(["501", "0", "0", "2"])
    expect(office.locator(".lines li").first).to_contain_text("Row 503")
    expect(office.locator(".lines li").first).to_contain_text("scheme Is no scheme that we know.")
    look(office, "office-roster", PHONE, SCREEN)
    with office.expect_download() as download:
        office.get_by_role("button", name="Download the errors").click()
    errors = download.value.path().read_text("utf-8-sig")
    assert '"503","birth_date"' in errors
    assert "\"'=cmd()," in errors

    sent = []

    def fail_once(route: Route) -> None:
        sent.append(route)
        if len(sent) == 2:
            route.abort()
        else:
            route.continue_()

    office.route("**/people?dry_run=false", fail_once)
    office.get_by_role("button", name="Import now").click()
    expect(office.get_by_role("alert")).to_contain_text("did not answer")
    expect(office.get_by_text("500 of 501 rows")).to_be_visible()
    office.get_by_role("button", name="Continue").click()
    expect(office.get_by_text("The import is complete.")).to_be_visible()
    assert len(sent) == 3
    office.get_by_label("Choose the file").set_input_files(roster)
    expect(counts).to_have_text(["0", "0", "501", "2"])
    expect(office.get_by_role("button", name="Import now")).to_have_count(0)


def issue(services: Services, *references: str, configuration: str = HEALTH_ID, needs_approval: bool = False) -> None:
    """A card for each of these people, a health ID if no other is named, in wallets that nobody keeps."""

    async def fetch(offer: dict[str, str]) -> None:
        async with httpx.AsyncClient(base_url=services.url("issuer"), timeout=ANSWER_SECONDS) as client:
            code = (await client.get(offer["credential_offer_uri"])).json()["grants"][GRANT]["pre-authorized_code"]
            token = (await client.post("/token", data=pre_authorized(code, offer["tx_code"]))).json()["access_token"]
            nonce = (await client.post("/nonce")).json()["c_nonce"]
            now, audience = int(time.time()), services.url("issuer")
            proof = create_proof_jwt(P256Signer.generate(), nonce=nonce, audience=audience, issued_at=now)
            body = create_credential_request(configuration, proofs=[proof])
            (
                await client.post("/credential", json=body, headers={"Authorization": f"Bearer {token}"})
            ).raise_for_status()

    for reference in references:
        [person] = services.call("GET", "issuer", f"/people?search={quote(reference)}")["people"]
        order = {
            "person_id": person["person_id"],
            "credential_configuration_ids": [configuration],
            "tx_code_delivery": "in_person",
            "needs_approval": needs_approval,
        }
        offer = services.call("POST", "issuer", "/offers", order)
        with ThreadPoolExecutor(1) as thread:  # the browser's own loop runs in this one
            thread.submit(asyncio.run, fetch(offer)).result()


def test_many_are_counted_renewed_and_suspended(services: Services, office: Page) -> None:
    issue(services, "S-0021", "S-0022")
    sign_in(office, services)
    office.get_by_role("button", name="Jobs").click()
    office.get_by_label("Credential").select_option("HealthId")
    office.get_by_label("Ending within days").fill("3650")
    office.get_by_role("button", name="Count first").click()
    newest = office.locator(".jobs > li").first
    expect(newest).to_contain_text("Renew: Health ID")
    newest.get_by_role("button", name="Start").click()
    expect(newest.locator(".status")).to_have_text("Finished")
    expect(newest.locator("progress")).to_have_js_property("position", 1)

    office.get_by_label("Suspend", exact=True).check()
    office.get_by_label("Numbers of people").fill("S-0021\nnobody S-0022")
    office.get_by_role("button", name="Count first").click()
    office.get_by_text("Not found, or not one person's: 1").click()
    expect(office.get_by_text("nobody", exact=True)).to_be_visible()
    expect(newest).to_contain_text("To do: 2")
    newest.get_by_role("button", name="Start").click()
    look(office, "office-jobs", PHONE, SCREEN)
    newest.get_by_label("Why?").select_option("wrong_data")
    newest.get_by_role("button", name="Start").click()
    expect(newest.locator(".status")).to_have_text("Finished")
    expect(newest).to_contain_text("2 of 2")


def test_what_waits_is_looked_at_and_approved_or_refused(services: Services, office: Page) -> None:
    add_photo(services, "S-0023")
    issue(services, "S-0023", needs_approval=True)
    issue(services, "S-0024", configuration=COVERAGE, needs_approval=True)
    sign_in(office, services)
    office.get_by_role("button", name="Cards to approve").click()
    first, second = (office.locator(".jobs > li").filter(has_text=name) for name in names(services, "S-0023", "S-0024"))
    expect(first.locator(".said")).to_contain_text("Kind of documentThai 13-digit number")
    expect(first.locator(".portrait")).to_have_js_property("naturalHeight", 200)
    expect(second.locator(".said")).to_contain_text("Regular hospitalSample Border Hospital (11472)")
    expect(second.locator(".said")).to_contain_text("Covered until31 December 2027")
    look(office, "office-waiting", PHONE, SCREEN)
    first.get_by_role("button", name="Approve").click()
    expect(first).to_have_count(0)
    second.get_by_role("button", name="Refuse").click()
    second.get_by_label("Why?").select_option("documents_missing")
    second.get_by_role("button", name="Refuse").click()
    expect(second).to_have_count(0)
    decided = services.call("GET", "issuer", "/credential-sets")["credential_sets"]
    assert {"approved", "refused"} <= {each["state"] for each in decided}


def test_one_person_s_card_is_renewed_and_an_offer_printed_in_their_language(services: Services, office: Page) -> None:
    issue(services, "S-0025")
    sign_in(office, services)
    find(office, "S-0025")
    office.get_by_role("button", name="Renew").click()
    expect(office.get_by_text("Renewed.")).to_be_visible()
    look(office, "office-renewed")
    office.clock.install()
    office.get_by_label("Insurance coverage").check()
    office.get_by_role("button", name="Make the offer").click()
    tx_code = office.locator(".tx-code").inner_text()
    looks: list[Route] = []

    def used_the_code(route: Route) -> None:  # and its answer was lost
        looks.append(route)
        route.fulfill(json={"progress": "redeemed"})

    office.route("**/progress", used_the_code)
    expect(office.get_by_text("The phone has used the code.")).to_be_visible()
    expect(office.get_by_alt_text("QR code of the offer").first).to_have_js_property("complete", True)
    look(office, "office-offer", PHONE, SCREEN)
    office.clock.fast_forward("45:00")
    look_now = "fetch('none/progress').then((answer) => answer.json())"
    office.evaluate(look_now)  # comes after those that were on their way
    before = len(looks)
    office.clock.run_for(20_000)
    office.evaluate(look_now)
    assert len(looks) == before + 1, "looks of its own would keep the session from ending"
    office.get_by_label("Language of the printed sheet").select_option("lo")
    office.emulate_media(media="print")
    sheet = office.locator(".sheet")
    expect(sheet).to_contain_text(text_of("lo", "sheet_step_scan"))
    expect(sheet.get_by_role("img")).to_have_js_property("complete", True)
    assert tx_code not in office.locator("body").inner_text()
    assert read_code(office).startswith("openid-credential-offer://")


def test_the_state_of_lists_and_registry(services: Services, office: Page) -> None:
    issue(services, "S-0026")
    sign_in(office, services)
    office.get_by_role("button", name="Lists and registry").click()
    expect(office.get_by_text("All is well")).to_be_visible()
    expect(office.get_by_text(re.compile(r"Until \d")).first).to_be_visible()
    office.get_by_role("button", name="Publish now").click()
    expect(office.get_by_text("Not published yet.")).to_have_count(0)
    expect(office.get_by_text("Version ").first).to_be_visible()
    look(office, "office-state", PHONE, SCREEN)


def add_photo(services: Services, reference: str) -> None:
    """A photo of this person, as the office sends it."""
    [person] = services.call("GET", "issuer", f"/people?search={reference}")["people"]
    headers = {"Authorization": f"Bearer {services.written['tokens']['officer']}", "Content-Type": "image/jpeg"}
    path = f"{services.url('issuer')}/people/{person['person_id']}/portrait"
    picture = photo("JPEG", (900, 1200))
    httpx.put(path, content=picture, headers=headers, timeout=ANSWER_SECONDS).raise_for_status()


def names(services: Services, *references: str) -> list[str]:
    """The names in Latin letters of these people."""
    found = [services.call("GET", "issuer", f"/people?search={each}")["people"] for each in references]
    return [str(person["name_latin"]) for [person] in found]
