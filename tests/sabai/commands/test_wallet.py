"""`sabai wallet`, each command, against an issuer and a provider in memory."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from typer.testing import CliRunner, Result

from sabai.commands.wallet import wallet as application
from sabai.commands.wallet_terminal import Surroundings
from tests.support.clock import SetClock
from tests.wallet_sdk.fakes import OFFICE, OFFICE_NAME, PASSPHRASE, PROVIDER, TX_CODE, FakeWorld
from vc_core.formats.presentation import parse_presentation
from wallet_sdk.wallet import Wallet

BACKUP_PASSPHRASE = "kept in another place"


class Terminal:
    """A person at a terminal with one wallet file."""

    def __init__(self, world: FakeWorld, folder: Path) -> None:
        self.world = world
        self.file = folder / "wallet"
        self._around = Surroundings(world.clock, world.http)

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


@pytest.mark.parametrize(("typed", "asked"), [("n\n", 0), ("y\nn\n", 3)])
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


def test_list_and_show(full: Terminal) -> None:
    listing = full.ok("list")
    assert listing.count("Insurance coverage") == 2
    assert OFFICE_NAME in listing
    held = next(each for each in _listed(full) if (each["type"], each["format"]) == ("HealthId", "dc+sd-jwt"))
    assert held["issuer"] == {"did": OFFICE, "name": OFFICE_NAME}
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
