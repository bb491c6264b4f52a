"""What takes an office longer, in a real browser: rosters portion by portion."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from issuer.roster.identifiers import check_digit
from tests.verifier.desk.test_browser import SCREEN
from tests.web.conftest import Services
from tests.web.test_office import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def office(browser: Browser) -> Page:
    """The office's own computer."""
    return browser.new_page(viewport=SCREEN)  # type: ignore[arg-type]


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
