"""`sabai wallet`, each command, against an issuer and a provider in memory."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

import pytest
import zxingcpp
from PIL import Image
from typer.testing import CliRunner, Result

from sabai.commands.wallet import wallet as application
from sabai.commands.wallet_terminal import Surroundings
from tests.support.certificates import certify, certify_issuer, chain_of
from tests.support.clock import SetClock
from tests.wallet_sdk.fakes import ISSUER, OFFICE, OFFICE_NAME, PASSPHRASE, PROVIDER, TX_CODE, FakeWorld
from vc_core.crypto.keys import P256Signer, PublicKey
from vc_core.did.jwk import create_did_jwk
from vc_core.formats.presentation import parse_presentation
from wallet_sdk.issuance import pending_issuances
from wallet_sdk.wallet import Wallet

BACKUP_PASSPHRASE = "kept in another place"


class Terminal:
    """A person at a terminal with one wallet file."""

    def __init__(self, world: FakeWorld, folder: Path) -> None:
        self.world = world
        self.file = folder / "wallet"
        self.opened: list[str] = []
        self._around = Surroundings(world.clock, world.http, self._browse)

    def _browse(self, address: str) -> None:
        """A browser on this machine, whose person agrees, and a program that asks at the same port before it."""
        self.opened.append(address)
        returned_to = self.world.visit(address)
        stranger = returned_to.partition("?")[0] + "?state=guessed&code=x"

        def come_back() -> None:
            for url in (stranger, returned_to):
                with urlopen(url, timeout=60) as page:  # noqa: S310 - an address of this test's own
                    assert b"can be closed" in page.read()

        Thread(target=come_back).start()

    def run(self, *arguments: str, typed: str | None = None, file: bool = True) -> Result:
        place = ["--wallet", str(self.file)] if file else []
        return CliRunner().invoke(application, [*arguments, *place], obj=self._around, input=typed)

    def ok(self, *arguments: str, typed: str | None = None) -> str:
        result = self.run(*arguments, typed=typed)
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    def fails(self, *arguments: str, typed: str | None = None) -> str:
        """What a failing command says: one line on standard error, and nothing of a traceback."""
        result = self.run(*arguments, typed=typed)
        assert result.exit_code == 1
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.output
        return str(result.stderr)


@pytest.fixture
def terminal(clock: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal whose environment holds both passphrases, and a new wallet."""
    monkeypatch.setenv("SABAI_WALLET_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("SABAI_BACKUP_PASSPHRASE", BACKUP_PASSPHRASE)
    fresh = Terminal(FakeWorld(clock), tmp_path)
    fresh.ok("init", "--provider", PROVIDER)
    return fresh


@pytest.fixture
def full(terminal: Terminal) -> Terminal:
    """A terminal whose wallet took an offer."""
    terminal.ok("accept", terminal.world.link(), "--yes", "--tx-code", TX_CODE)
    return terminal


def _listed(terminal: Terminal) -> list[dict[str, Any]]:
    return list(json.loads(terminal.ok("list", "--json")))


def test_accept_shows_what_comes_and_asks_twice(terminal: Terminal) -> None:
    shown = terminal.ok("accept", terminal.world.link(), typed=f"y\ny\n{TX_CODE}\n")
    assert "kept at issuer.test" in shown
    assert "Health ID (dc+sd-jwt)" in shown
    assert shown.count("Stored: ") == 4
    assert OFFICE_NAME in shown
    assert len(_listed(terminal)) == 4


@pytest.mark.parametrize(("typed", "asked"), [("n\n", 0), ("y\nn\n", 4)])
def test_w1_a_no_goes_no_further(terminal: Terminal, typed: str, asked: int) -> None:
    result = terminal.run("accept", terminal.world.link(), typed=typed)
    assert result.exit_code == 1
    assert len(terminal.world.requests) == asked
    assert not any(each.method == "POST" for each in terminal.world.requests)
    assert _listed(terminal) == []


def test_accept_says_what_was_not_stored_and_why(terminal: Terminal) -> None:
    terminal.world.accredited = False
    said = terminal.fails("accept", terminal.world.link(), "--yes", "--tx-code", TX_CODE)
    assert said.count("Not stored: ") == 4
    assert "(UNTRUSTED_ISSUER)" in said


def test_a_wrong_transaction_code(terminal: Terminal) -> None:
    said = terminal.fails("accept", terminal.world.link(), "--yes", "--tx-code", "000000")
    assert said.endswith("(invalid_grant)\n")
    assert said.count("\n") == 1


def test_accept_by_the_issuers_page(terminal: Terminal) -> None:
    terminal.world.settings.by_page = True
    said = terminal.ok("accept", terminal.world.link(), "--yes")
    assert said.count("Stored: ") == 4
    assert len(terminal.opened) == 1
    assert terminal.opened[0] in said
    assert "Nothing is under way" in terminal.ok("pending")


def test_get_lists_what_an_issuer_has_and_lets_the_holder_pick(terminal: Terminal) -> None:
    terminal.world.settings.by_page = True
    said = terminal.ok("get", ISSUER, typed="1, 2\ny\n")
    assert said.count("Stored: ") == 2
    assert "Visit receipt" in said
    assert "Stored: Insurance coverage (qr_pass)" in terminal.ok(
        "get", ISSUER, "--pick", "InsuranceCoverage_qr_pass", "--yes"
    )
    assert "(invalid_request)" in terminal.fails("get", ISSUER, "--pick", "Diploma", "--yes")
    assert terminal.run("get", ISSUER, typed="1\nn\n").exit_code == 1
    terminal.world.settings.by_page = False
    assert "(unsupported_grant_type)" in terminal.fails("get", ISSUER)


def test_a_browser_on_another_machine(terminal: Terminal) -> None:
    terminal.world.settings.by_page, terminal.world.settings.pushes = True, False
    assert terminal.run("accept", terminal.world.link(), "--yes", "--paste", typed="").exit_code == 1
    assert terminal.opened == []
    listed = json.loads(terminal.ok("pending", "--json"))
    assert [(each["step"], len(each["credentials"])) for each in listed] == [("browser", 4)]
    assert "waits for you" in terminal.ok("pending")
    with Wallet.open(terminal.file, PASSPHRASE, read_only=True) as opened:
        begun = pending_issuances(opened)[0].authorization
    assert begun is not None
    wrong = begun.redirect_uri + "?code=x&state=y&iss=" + ISSUER
    assert "(server_error)" in terminal.fails("resume", "--paste", typed=wrong + "\n")
    assert terminal.ok("resume").count("Stored: ") == 4


def test_pending_and_resume(terminal: Terminal) -> None:
    terminal.world.settings.deferred = True
    said = terminal.ok("accept", terminal.world.link(), "--yes", "--tx-code", TX_CODE)
    assert said.count("the issuer gives it later") == 4
    assert terminal.ok("pending").count("the issuer gives it later") == 4
    session = json.loads(terminal.ok("pending", "--json"))[0]
    assert {each["progress"] for each in session["credentials"]} == {"deferred"}
    terminal.world.clock.advance(60)
    terminal.world.approved = True
    assert terminal.ok("resume", session["id"][:8]).count("Stored: ") == 4
    assert "Nothing is under way" in terminal.ok("resume")
    assert "(no_such_credential)" in terminal.fails("resume", "x")


def test_what_is_under_way_can_be_given_up(terminal: Terminal) -> None:
    terminal.world.settings.deferred = True
    terminal.ok("accept", terminal.world.link(), "--yes", "--tx-code", TX_CODE)
    session = json.loads(terminal.ok("pending", "--json"))[0]
    assert "Given up" in terminal.ok("pending", "--forget", session["id"])
    assert terminal.ok("pending", "--json").strip() == "[]"


def test_a_no_at_the_issuers_page(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.world.settings.by_page = True
    visit = terminal.world.visit
    monkeypatch.setattr(terminal.world, "visit", lambda address: visit(address, agree=False))
    assert "(access_denied)" in terminal.fails("accept", terminal.world.link(), "--yes")
    assert _listed(terminal) == []


def test_an_issuer_that_the_registry_does_not_know(terminal: Terminal) -> None:
    signer = P256Signer.generate()
    stranger = create_did_jwk(signer.public_key)
    terminal.world.offered = ("HealthId_dc+sd-jwt",)
    terminal.world.issue = partial(terminal.world.issue_one, verification_method=stranger + "#0", signer=signer)
    said = terminal.fails("accept", terminal.world.link(), "--yes", "--tx-code", TX_CODE)
    assert "--allow-unknown-issuer" in said
    assert said.endswith("(UNKNOWN_ISSUER)\n")
    terminal.world.unspent_codes.add("the-code")
    arguments = ("accept", terminal.world.link(), "--tx-code", TX_CODE, "--allow-unknown-issuer")
    assert terminal.run(*arguments, typed="y\ny\nn\n").exit_code == 1
    assert "nobody vouches for it" in terminal.ok(*arguments, typed="y\ny\ny\n")
    assert "not in the registry" in terminal.ok("list")
    assert _listed(terminal)[0]["issuer"]["in_registry"] is False


def test_an_issuer_by_the_certificates_of_an_authority_that_the_holder_names(
    terminal: Terminal, tmp_path: Path
) -> None:
    authority = certify("An authority")
    leaf = certify_issuer(authority)
    (tmp_path / "anchor.pem").write_bytes(authority.pem)
    anchors = tmp_path / "anchors.json"
    entry = {"certificate": "anchor.pem", "domains": ["office.example"], "credential_types": ["HealthId"]}
    anchors.write_text(json.dumps([entry]), encoding="utf-8")
    terminal.world.offered = ("HealthId_dc+sd-jwt",)
    terminal.world.issue = partial(terminal.world.issue_one, verification_method=chain_of(leaf), signer=leaf.signer)
    arguments = ("accept", terminal.world.link(), "--tx-code", TX_CODE, "--yes")
    assert "(UNKNOWN_ISSUER)" in terminal.fails(*arguments)
    terminal.world.unspent_codes.add("the-code")
    assert "from issuer.office.example, id" in terminal.ok(*arguments, "--anchors", str(anchors))
    anchors.write_text("{}", encoding="utf-8")
    assert "(invalid_request)" in terminal.fails(*arguments, "--anchors", str(anchors))


def test_copies_are_said_and_counted(terminal: Terminal) -> None:
    terminal.world.settings.batch_size = 3
    said = terminal.ok("accept", terminal.world.link(), "--yes", "--tx-code", TX_CODE)
    assert said.count(", 3 copies, ") == 4
    assert {each["copies"] for each in _listed(terminal)} == {3}


def test_each_desk_sees_another_copy(terminal: Terminal) -> None:
    terminal.world.settings.batch_size = 3
    terminal.ok("accept", terminal.world.link(), "--yes", "--tx-code", TX_CODE)

    def shown() -> PublicKey:
        return parse_presentation(terminal.ok("qr", "--text").strip("\n")).credential.holder_key

    first = shown()
    terminal.world.clock.advance(30)
    assert shown() == first  # drawn anew for the same desk
    terminal.world.clock.advance(3600)
    second = shown()
    assert second != first
    terminal.world.clock.advance(3600)
    with Wallet.open(terminal.file, PASSPHRASE):  # another program has the wallet, and the patient is at a desk
        assert shown() not in (first, second)


def test_list_and_show(full: Terminal) -> None:
    listing = full.ok("list")
    assert listing.count("Insurance coverage") == 2
    assert OFFICE_NAME in listing
    held = next(each for each in _listed(full) if (each["type"], each["format"]) == ("HealthId", "dc+sd-jwt"))
    assert held["issuer"] == {"did": OFFICE, "name": OFFICE_NAME, "in_registry": True}
    shown = full.ok("show", held["id"][:8], "--language", "th")
    assert "ชื่อ: မောင်မောင်" in shown
    details = json.loads(full.ok("show", held["id"], "--json"))
    assert details["claims"]["identifier_value"] == "MB123456"
    with Wallet.open(full.file, PASSPHRASE, read_only=True) as opened:
        for each in opened.credentials:
            for secret in (each.holder_key.hex(), each.credential):
                assert secret not in json.dumps(details) + shown + listing


def test_delete_asks_first(full: Terminal) -> None:
    first = _listed(full)[0]["id"]
    assert full.run("delete", first, typed="n\n").exit_code == 1
    assert len(_listed(full)) == 4
    full.ok("delete", first, typed="y\n")
    assert first not in [each["id"] for each in _listed(full)]
    assert "list` shows" in full.fails("delete", first, "--yes")


def test_qr_in_every_form(full: Terminal, tmp_path: Path) -> None:
    png, svg = tmp_path / "qr.png", tmp_path / "qr.svg"
    text = full.ok("qr", "--png", str(png), "--svg", str(svg), "--text").strip("\n")
    (scanned,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png.read_bytes())))
    assert scanned.text == text
    assert svg.read_text(encoding="utf-8").lstrip().startswith("<?xml")
    assert parse_presentation(text).credential.claims["scheme"] == "8401"
    assert "▀" in full.ok("qr")
    assert "▀" in full.ok("qr", "--type", "HealthId", "--terminal")


def test_qr_for_one_desk(full: Terminal) -> None:
    shown = parse_presentation(full.ok("qr", "--text", "--audience", "did:web:desk", "--nonce", "bjE").strip("\n"))
    assert (shown.audience, shown.nonce) == ("did:web:desk", "bjE")
    assert "challenge" in full.fails("qr", "--nonce", "not base64url")
    assert "HealthId, InsuranceCoverage" in full.fails("qr", "--type", "Diploma")


def test_backup_and_restore(full: Terminal, tmp_path: Path) -> None:
    before = _listed(full)
    full.ok("backup", str(tmp_path / "backup"))
    assert "(wallet_exists)" in full.fails("backup", str(tmp_path / "backup"))
    assert "(wallet_exists)" in full.fails("restore", str(tmp_path / "backup"))
    full.file = tmp_path / "new" / "wallet"
    assert "Restored 4 credentials" in full.ok("restore", str(tmp_path / "backup"))
    assert _listed(full) == before


def test_register_device_and_inbox(full: Terminal) -> None:
    assert "register-device" in full.fails("inbox")
    full.ok("register-device", "--fcm-token", "fcm-1", "--language", "en")
    assert "empty" in full.ok("inbox")
    full.world.inbox = [
        {
            "id": "m1",
            "template": "appointment_confirmed",
            "parameters": {"hospital_code": "11230", "starts_at": "2026-09-22T09:00:00+07:00"},
            "created_at": full.world.clock(),
            "opened_at": None,
        }
    ]
    assert "22 September 2026 at 09:00" in full.ok("inbox")
    assert json.loads(full.ok("inbox", "--json"))[0]["opened_at"] is None
    assert json.loads(full.ok("inbox", "m1", "--json"))[0]["opened_at"] == full.world.clock()
    assert "(not_found)" in full.fails("inbox", "m2")
    assert "one of th, en" in full.fails("register-device", "--fcm-token", "x", "--language", "xx")


def test_w7_names_from_outside_do_nothing_to_the_terminal(full: Terminal) -> None:
    evil = "\x1b[2JHospital\u202elatipsoH" + "x" * 10_000

    with Wallet.open(full.file, PASSPHRASE) as opened:
        held = opened.credentials[0]
        changed = [type(held)(**{**vars(held), "issuer_name": evil, "claims": {**held.claims, "name": evil}})]
        opened._commit(type(opened._content)(opened.provider, tuple(changed)))
    for arguments in (("list",), ("show", held.id), ("list", "--json"), ("show", held.id, "--json")):
        said = full.ok(*arguments)
        assert "\x1b" not in said
        assert "\u202e" not in said
        if "--json" not in arguments:
            assert max(len(line) for line in said.splitlines()) < 250


def test_passphrases_from_a_file_or_typed(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text(PASSPHRASE + "\r\nsecond line\n", encoding="utf-8")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    monkeypatch.delenv("SABAI_WALLET_PASSPHRASE")
    assert "no credentials" in terminal.ok("list", "--passphrase-file", str(tmp_path / "secret"))
    shown = terminal.ok("list", typed=PASSPHRASE + "\n")
    assert PASSPHRASE not in shown
    assert "(wallet_locked)" in terminal.fails("list", typed="not the passphrase\n")
    assert "UTF-8" in terminal.fails("list", "--passphrase-file", str(tmp_path / "binary"))
    assert "No such file" in terminal.fails("list", "--passphrase-file", str(tmp_path / "none"))
    terminal.file = tmp_path / "second"
    terminal.ok("init", "--provider", PROVIDER, typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    terminal.file = tmp_path / "third"
    assert "at least 8" in terminal.fails("init", "--provider", PROVIDER, typed="1234\n1234\n")


def test_errors_are_one_sentence_and_a_next_step(terminal: Terminal, tmp_path: Path) -> None:
    assert "(wallet_exists)" in terminal.fails("init", "--provider", PROVIDER)
    assert "not https" in terminal.fails("init", "--provider", "http://provider.test")
    with Wallet.open(terminal.file, PASSPHRASE):
        assert "(wallet_busy)" in terminal.fails("accept", terminal.world.link(), "--yes", "--tx-code", TX_CODE)
        assert "no credentials" in terminal.ok("list")
    assert "wallet list" in terminal.fails("qr")
    assert "(invalid_request)" in terminal.fails("accept", "https://user:password@issuer.test/")
    terminal.file = tmp_path
    assert "(wallet_damaged)" in terminal.fails("list")
    (tmp_path / "file").write_bytes(b"x")
    terminal.file = tmp_path / "file"
    assert "(wallet_damaged)" in terminal.fails("list")
    terminal.file = tmp_path / "file" / "wallet"
    assert "could not be read or written" in terminal.fails("init", "--provider", PROVIDER)


def test_without_allow_loopback_this_machine_is_not_asked(terminal: Terminal) -> None:
    address = "http://127.0.0.1:9/offers/1"
    arguments = ["accept", address, "--yes", "--wallet", str(terminal.file)]
    refused = CliRunner().invoke(application, arguments)
    assert (refused.exit_code, "add --allow-loopback" in refused.stderr) == (1, True)
    asked = CliRunner().invoke(application, [*arguments, "--allow-loopback"])
    assert (asked.exit_code, "(fetch_failed)" in asked.stderr) == (1, True)
