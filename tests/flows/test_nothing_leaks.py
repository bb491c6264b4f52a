"""Canaries through the main job: nothing personal on the ledger, in a log line or in a push; no secret in plain.

The names and numbers of the roster are the canaries, each also as the hashes and encodings that somebody might have
thought harmless: thirteen digits are found from a hash in seconds.
"""

from __future__ import annotations

import hashlib
import json
import logging
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from tests.flows.test_main_job import tell_patient
from tests.support.clock import SetClock
from tests.support.people import PASSPHRASE, Patient, enrol, import_roster
from tests.support.town import BACKEND, DESK_TOKEN, ISSUER, OFFICER_TOKEN, Town, running_town
from vc_core.web.logs import JsonFormatter, configure_logging
from wallet_sdk.inbox import handle_push, register_device

PERSONAL = (
    "Naw Mu Paw",
    "နန်းမူးဖော",
    "1994-03-14",
    "0012345678901",
    "Manee Jaidee",
    "มานี ใจดี",
    "1101700230708",
    "Aung Ko",
    "MA1234567",
)


class _Lines(logging.Handler):
    """Every record that comes through, as the services write it, and our own in full."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(JsonFormatter().format(record))
        if record.name.split(".")[0] in ("issuer", "verifier", "backend", "vc_core", "wallet_sdk", "sabai"):
            self.lines.append(str(record.__dict__))


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What the services' own logging lets through, asked for everything."""
    root, handler = logging.getLogger(), _Lines()
    level, handlers = root.level, list(root.handlers)
    configure_logging(logging.DEBUG)
    root.addHandler(handler)
    yield handler.lines
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
async def town(tmp_path: Path, clock: SetClock) -> AsyncIterator[Town]:
    """All services on SQLite, whose files can be read byte by byte."""
    async with running_town(tmp_path, clock, lambda name: f"sqlite+aiosqlite:///{tmp_path / name}.sqlite") as running:
        yield running


async def _live(town: Town) -> Patient:
    """A patient's main job, with refusals and requests that fail."""
    await import_roster(town)
    patient = await enrol(town, "MU-1")
    verdict = await town.check(patient.qr(town))
    assert verdict["code"] == "OK"
    await town.check(patient.qr(town)[:-3])
    await town.http.get(ISSUER + "/people/0012345678901", token=OFFICER_TOKEN)
    await town.http.get(ISSUER + "/people?after=Naw Mu Paw", token=OFFICER_TOKEN)
    bad = {"health_id": "0012345678901", "hospital_code": "Naw Mu Paw", "starts_at": "1994-03-14"}
    assert (await town.http.post_json(BACKEND + "/appointments", bad, token=DESK_TOKEN)).status == 400
    await register_device(patient.wallet, town.http, fcm_token="phone-1", language="my", now=town.clock())
    await tell_patient(town, verdict["person"]["health_id"])
    for message in await town.fcm.wait_for_message("phone-1", count=2):
        await handle_push(patient.wallet, town.http, message["data"])
    return patient


def _disguises(text: str) -> set[bytes]:
    """The text, its usual hashes, and each of these in the usual encodings."""
    data = text.encode("utf-8")
    forms = {data, hashlib.sha256(data).digest(), keccak(data)}
    encoded = {each.hex().encode() for each in forms} | {b64encode(each).rstrip(b"=") for each in forms}
    return forms | encoded | {urlsafe_b64encode(each).rstrip(b"=") for each in forms}


def _found(haystack: bytes, secrets: set[bytes]) -> list[bytes]:
    return [each for each in secrets if each in haystack]


async def test_the_ledger_knows_no_patient(town: Town) -> None:
    patient = await _live(town)
    personal = set().union(*(_disguises(each) for each in PERSONAL))
    for held in patient.wallet.credentials:
        key = held.signer().public_key
        personal |= _disguises(held.credential) | {key.raw, key.raw[1:]} | _disguises(key.thumbprint())
        personal |= _disguises(str(held.claims["health_id"]))
    town.ledger.close()
    for file in sorted(town.folder.glob("ledger.sqlite*")):
        assert not _found(file.read_bytes(), personal), file.name


async def test_no_log_line_and_no_push_names_anybody(
    town: Town, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    patient = await _live(town)
    lines += capsys.readouterr().err.splitlines()
    secrets = {"phone-1", *PERSONAL, *(str(held.claims["health_id"]) for held in patient.wallet.credentials)}
    assert patient.wallet.device is not None
    secrets |= {patient.wallet.device.device_token, patient.person_id, OFFICER_TOKEN, DESK_TOKEN}
    assert any('"route":"/checks"' in line for line in lines)
    for line in lines:
        assert not [each for each in secrets if each in line], line
    for message in town.fcm.messages():
        assert message["data"].keys() == {"id", "template"}
        payload = json.dumps(message["data"], ensure_ascii=False)
        assert not [each for each in secrets - {"phone-1"} if each in payload]


async def test_no_store_holds_a_secret_in_plain(town: Town) -> None:
    patient = await _live(town)
    keys = [held.signer().to_bytes() for held in patient.wallet.credentials]
    for organisation in town.registered.organisations.values():
        keys += [organisation.ledger_key.to_bytes(), organisation.credential_key_path.read_bytes()]
        keys += [organisation.status_key_path.read_bytes()]
    assert patient.wallet.device is not None
    words = [patient.wallet.device.device_token, OFFICER_TOKEN, DESK_TOKEN, PASSPHRASE]
    secrets = set(keys) | {word.encode() for word in words} | {b"PRIVATE KEY"}
    for key in keys:
        secrets |= {key.hex().encode(), b64encode(key).rstrip(b"="), urlsafe_b64encode(key).rstrip(b"=")}
    files = [*town.folder.glob("*.sqlite*"), town.folder / "wallet-MU-1"]
    assert len(files) > 5
    for file in files:
        assert not _found(file.read_bytes(), secrets), file.name
    wallet = (town.folder / "wallet-MU-1").read_bytes()
    assert not _found(wallet, {each.encode("utf-8") for each in PERSONAL})
