"""`sabai wallet present`: what is asked and shown at each step, and that nothing goes out before a yes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sabai.commands.test_wallet import Terminal
from tests.support.clock import SetClock
from tests.support.fake_verifier import COVERAGE, HOSPITAL_NAME, HOST, IDENTITY, FakeVerifier
from tests.wallet_sdk.fakes import PASSPHRASE, PROVIDER, FakeWorld
from tests.wallet_sdk.openid4vp.conftest import hold
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.protocols.dcql.query import CredentialSetQuery, DcqlQuery
from vc_core.protocols.openid4vp.client_id import ClientIdPrefix
from vc_core.protocols.openid4vp.response import AuthorizationResponse
from vc_core.protocols.openid4vp.transaction_data import VISIT, create_transaction_data
from wallet_sdk.wallet import Wallet


class Desk(Terminal):
    """A person at a terminal whose wallet holds a health ID and a coverage, and a hospital that asks."""

    def __init__(self, world: FakeWorld, folder: Path) -> None:
        super().__init__(world, folder)
        self.verifier = FakeVerifier(world.clock)
        world.answers.update(self.verifier.routes())
        self.let_ask({HEALTH_ID.vct: None, INSURANCE_COVERAGE.vct: None})
        with world.new_wallet(folder) as wallet:
            self.fill(wallet)

    def _browse(self, address: str) -> None:
        self.opened.append(address)

    def fill(self, wallet: Wallet) -> None:
        for name in ("HealthId_dc+sd-jwt", "InsuranceCoverage_dc+sd-jwt"):
            wallet.add_credential(hold(self.world, name))

    def let_ask(self, may_ask: dict[str, tuple[str, ...] | None]) -> None:
        self.world.further_events = self.verifier.events(may_ask=may_ask, since=self.world.created_at)

    def present(self, *arguments: str, typed: str | None = None, link: str | None = None) -> str:
        return self.ok("present", link or self.verifier.link(), *arguments, typed=typed)


@pytest.fixture
def desk(clock: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("SABAI_WALLET_PASSPHRASE", PASSPHRASE)
    assert PROVIDER == "https://provider.test"
    return Desk(FakeWorld(clock), tmp_path)


def test_it_says_who_would_see_what_and_asks_before_each_thing_that_goes_out(desk: Desk) -> None:
    shown = desk.present(typed="y\ny\n")
    assert f"kept at {HOST}. Fetch it?" in shown
    assert f"{HOSPITAL_NAME} asks to see:" in shown
    assert "Health ID (dc+sd-jwt)" in shown
    assert "Name: မောင်မောင်" in shown
    assert "Date of birth: 13 April 1991" in shown
    assert "Health number: SB4G7K2M9QXT (not asked for, but it can't be withheld)" in shown
    assert "Not shown: Name (Latin), Year of birth, Nationality, Kind of document, Document number" in shown
    assert shown.endswith("The verifier took it.\n")
    assert isinstance(desk.verifier.response, AuthorizationResponse)


@pytest.mark.parametrize(("typed", "asked", "told"), [("n\n", 0, None), ("y\nn\n", 3, "access_denied")])
def test_a_no_goes_no_further(desk: Desk, typed: str, asked: int, told: str | None) -> None:
    result = desk.run("present", desk.verifier.link(), typed=typed)
    assert result.exit_code == 1
    assert result.stdout.endswith("Nothing was shown.\n")
    assert len(desk.world.requests) == asked
    assert (desk.verifier.error if desk.verifier.received else None) == told


def test_yes_answers_every_question_with_the_least(desk: Desk) -> None:
    desk.verifier.query = DcqlQuery(
        (IDENTITY, COVERAGE),
        (CredentialSetQuery((("identity",),)), CredentialSetQuery((("coverage",),), required=False)),
    )
    printed: dict[str, Any] = json.loads(desk.present("--yes", "--json"))
    assert printed["state"] == "done"
    assert printed["verifier"]["name"] == HOSPITAL_NAME
    assert [each["query"] for each in printed["shown"]] == ["identity"]
    assert printed["shown"][0]["claims"] == ["health_id", "name", "birth_date"]
    assert "birth_year" in printed["shown"][0]["withheld"]
    assert "မောင်မောင်" not in json.dumps(printed, ensure_ascii=False)


def test_what_they_can_do_without_is_asked_for_by_itself(desk: Desk) -> None:
    desk.verifier.query = DcqlQuery(
        (IDENTITY, COVERAGE),
        (CredentialSetQuery((("identity",),)), CredentialSetQuery((("coverage",),), required=False)),
    )
    shown = desk.present(typed="y\ny\ny\n")
    assert "They can do without: Insurance coverage. Show that too?" in shown
    assert desk.verifier.presented.keys() == {"identity", "coverage"}


def test_another_credential_is_chosen_by_its_id(desk: Desk) -> None:
    with Wallet.open(desk.file, PASSPHRASE) as wallet:
        older = hold(desk.world, "HealthId_dc+sd-jwt", id="older", issued_at=desk.world.clock.now - 100)
        wallet.add_credential(older)
    first = desk.run("present", desk.verifier.link(), typed="y\nn\n")
    assert "--credential older" in first.stdout
    printed = json.loads(desk.present("--yes", "--json", "--credential", "old"))
    assert printed["shown"][0]["credential"] == "older"


def test_another_option_is_chosen_by_its_credential(desk: Desk) -> None:
    desk.verifier.query = DcqlQuery((IDENTITY, COVERAGE), (CredentialSetQuery((("identity",), ("coverage",))),))
    first = desk.run("present", desk.verifier.link(), typed="y\nn\n")
    assert "  --credential Insuranc: Insurance coverage (dc+sd-jwt)\n" in first.stdout
    printed = json.loads(desk.present("--yes", "--json", "--credential", "Insuranc"))
    assert [each["query"] for each in printed["shown"]] == ["coverage"]


def test_w3_nobody_s_name_is_shown_where_none_is_verified(desk: Desk) -> None:
    desk.verifier.prefix = ClientIdPrefix.REDIRECT_URI
    shown = desk.present(typed="y\n")
    assert "Who asks is not verified: nobody vouches for them. The answer would go to desk.hospital.test." in shown
    assert HOSPITAL_NAME not in shown


def test_a_verifier_with_a_certificate_is_named_by_an_anchor(desk: Desk, tmp_path: Path) -> None:
    desk.verifier.prefix = ClientIdPrefix.X509_HASH
    pem = tmp_path / "anchor.pem"
    pem.write_bytes(desk.verifier.anchor.pem)
    assert "(invalid_client)" in desk.fails("present", desk.verifier.link(), "--yes")
    assert "Ranong Hospital asks to see:" in desk.present("--yes", "--anchor", str(pem))
    pem.write_text("no certificate")
    assert "(invalid_request)" in desk.fails("present", desk.verifier.link(), "--yes", "--anchor", str(pem))


def test_w10_asking_for_too_much_is_said_claim_by_claim(desk: Desk) -> None:
    desk.let_ask({HEALTH_ID.vct: ("health_id", "name")})
    shown = desk.present("--yes")
    assert "Date of birth: 13 April 1991 (they are not allowed to ask for this)" in shown
    assert "Name: မောင်မောင်\n" in shown
    assert "Warning: this is more than they are allowed to ask for." in shown


def test_the_holder_reads_what_they_agree_to(desk: Desk) -> None:
    members = {"hospital": "11230", "visit_id": "690701-42", "visit_date": "2026-07-01", "service": "ตรวจรักษา"}
    desk.verifier.changes = {"transaction_data": (create_transaction_data(VISIT, ["identity"], members),)}
    assert "You confirm the visit 690701-42 at hospital 11230 on 1 July 2026: ตรวจรักษา" in desk.present("--yes")


@pytest.mark.parametrize(
    ("language", "words"), [("th", "ขอดูข้อมูลของคุณ"), ("my", "ကြည့်ရှုခွင့်"), ("lo", "ຂໍເບິ່ງ"), ("km", "ស្នើសុំមើល")]
)
def test_it_speaks_the_holder_s_language(desk: Desk, language: str, words: str) -> None:
    assert words in desk.present("--yes", "--language", language)


def test_last_copies_are_counted(desk: Desk) -> None:
    with Wallet.open(desk.file, PASSPHRASE) as wallet:
        wallet.delete_credential("HealthId_dc+sd-jwt")
        wallet.add_credential(hold(desk.world, "HealthId_dc+sd-jwt", copies=2))
    assert "Copies left that nobody has seen: 1." in desk.present("--yes")


def test_the_way_on_is_told_and_opened_only_on_a_yes(desk: Desk) -> None:
    address = f"https://{HOST}/done#response_code=abc"
    answer: Callable[[], httpx.Response] = lambda: httpx.Response(200, json={"redirect_uri": address})  # noqa: E731
    desk.verifier.answers = [answer]
    assert json.loads(desk.present("--yes", "--json"))["redirect_uri"] == address
    assert desk.opened == []
    desk.verifier.changes = {"nonce": "another"}
    assert f"Go on at: {address}" in desk.present(typed="y\ny\ny\n")
    assert desk.opened == [address]


def test_what_was_cut_off_goes_on_without_the_link(desk: Desk) -> None:
    desk.verifier.answers = [lambda: httpx.Response(503), lambda: httpx.Response(200, json={})]
    desk.fails("present", desk.verifier.link(), "--yes")
    assert desk.ok("present").endswith("The verifier took it.\n")
    assert desk.verifier.received[0] == desk.verifier.received[1]
    assert "No presentation is under way" in desk.fails("present")


def test_why_nothing_can_be_shown_is_told_only_on_a_yes(desk: Desk) -> None:
    desk.verifier.query = DcqlQuery((COVERAGE,))
    with Wallet.open(desk.file, PASSPHRASE) as wallet:
        wallet.delete_credential("InsuranceCoverage_dc+sd-jwt")
    assert "(access_denied)" in desk.fails("present", desk.verifier.link(), typed="y\nn\n")
    assert desk.verifier.received == []
    assert "(access_denied)" in desk.fails("present", desk.verifier.link(), typed="y\ny\n")
    assert desk.verifier.error == "access_denied"


@pytest.mark.parametrize("link", ["", "https://hospital.test/", "openid4vp://", "javascript:alert(1)", "SB1:NCFOXN"])
def test_what_is_no_request_is_said_to_be_none(desk: Desk, link: str) -> None:
    assert "(invalid_request)" in desk.fails("present", link, "--yes")
    assert desk.world.requests == []
