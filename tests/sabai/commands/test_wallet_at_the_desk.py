"""`sabai wallet answer-challenge` and `print`: without a network, and without a phone."""

from __future__ import annotations

from pathlib import Path
from secrets import token_bytes

import zxingcpp
from PIL import Image

from tests.sabai.commands.test_wallet import Terminal, full, terminal
from tests.wallet_sdk.fakes import CHAIN_ID, PASSPHRASE, YEAR, AlwaysValid
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import P256Signer
from vc_core.did.ethr import create_did
from vc_core.formats.credential import PrintedCard, UnverifiedPresentation
from vc_core.formats.desk_challenge import DeskChallenge, create_challenge, parse_answer
from vc_core.formats.printed_card import MAX_LIFETIME, parse_printed_card, verify_pin
from vc_core.ledger.events import (
    AccreditationChanged,
    AccreditationState,
    AttributeChanged,
    Position,
    RegistryEvent,
    Role,
    credential_type_id,
    subject_id,
)
from vc_core.verification import Assurance, Policy, VerifiedPresentation, verify_presentation
from wallet_sdk.printed_card import PRINTED, make_card
from wallet_sdk.registry import refresh_registry
from wallet_sdk.wallet import Wallet

__all__ = ["full", "terminal"]

DESK = create_did(CHAIN_ID, b"\x22" * 20)
DESK_SIGNS = P256Signer.generate()
PIN = "140326"


class Hospital:
    """A desk in the registry, with one challenge."""

    def __init__(self, terminal: Terminal, *, may_ask: bool = True) -> None:
        self.world, self.key = terminal.world, EncryptionKey.generate()
        self.challenge = DeskChallenge(DESK, "CQkJCQkJCQkJCQkJCQkJCQ", self.key.public_key, self.world.clock() + 120)
        self.world.further_events = tuple(self._events(may_ask))
        self.world.block += 1

    def _events(self, may_ask: bool) -> list[RegistryEvent]:
        until, identity = self.world.created_at + YEAR, DESK.rpartition(":")[2]
        key, name = DESK_SIGNS.public_key.to_multikey().hex(), b"Ranong Hospital".hex()
        places = iter(range(100))

        def at() -> Position:
            return Position(101, self.world.created_at + 1, next(places))

        found: list[RegistryEvent] = [
            AttributeChanged(at(), identity, "did/pub/Multikey/veriKey", key, until),
            AttributeChanged(at(), identity, "sabai/name", name, until),
        ]
        for vct in CREDENTIAL_TYPES if may_ask else ():
            found.append(
                AccreditationChanged(
                    at(),
                    subject_id(DESK).hex(),
                    Role.VERIFY,
                    credential_type_id(vct).hex(),
                    self.world.created_at,
                    until,
                    AccreditationState.ACTIVE,
                )
            )
        return found

    @property
    def code(self) -> str:
        """What its screen shows."""
        return create_challenge(self.challenge, verification_method=DESK + "#delegate-1", signer=DESK_SIGNS)

    async def verify(self, shown: str | UnverifiedPresentation, **policy: object) -> VerifiedPresentation:
        """The procedure."""
        return await verify_presentation(
            shown,
            policy=Policy(frozenset(CREDENTIAL_TYPES), frozenset({DESK}), hospital_code="11230", **policy),  # type: ignore[arg-type]
            trust=self.world.trust(),
            statuses=AlwaysValid(),
            replays=AlwaysValid(),
            pins=RightPin(),
            now=self.world.clock(),
        )


class RightPin:
    """Whoever shows the card knows its PIN."""

    async def check(self, card: PrintedCard, digest: bytes) -> None:
        """See `PinCheck`."""


async def knows(terminal: Terminal, hospital: Hospital) -> Hospital:
    """The wallet reads the registry once more; from here on it needs no network."""
    with Wallet.open(terminal.file, PASSPHRASE) as opened:
        await refresh_registry(opened, terminal.world.http, now=terminal.world.clock())
    terminal.world.requests.clear()
    return hospital


async def test_a_desk_that_the_wallet_knows(full: Terminal, tmp_path: Path) -> None:
    hospital = await knows(full, Hospital(full))
    png = tmp_path / "answer.png"
    result = full.run("answer-challenge", hospital.code, "--text", "--png", str(png), typed="y\n")
    assert result.exit_code == 0, result.output
    assert "Ranong Hospital asks to see:" in result.stderr
    assert "Covered until: 31 December 2026" in result.stderr
    assert "Warning" not in result.stderr
    answer = parse_answer(result.stdout.splitlines()[-1])
    [read] = zxingcpp.read_barcodes(Image.open(png))
    assert read.text == result.stdout.splitlines()[-1]
    verified = await hospital.verify(
        answer.open(hospital.key), expected_nonce=hospital.challenge.nonce, audience_needed=True
    )
    assert verified.credential.claims["scheme"] == "8401"
    assert full.world.requests == []


async def test_one_that_may_not_see_it_is_warned_of(full: Terminal) -> None:
    hospital = await knows(full, Hospital(full, may_ask=False))
    result = full.run("answer-challenge", hospital.code, typed="n\n")
    assert result.exit_code == 1
    assert "Warning: this is more than they are allowed to ask for." in result.stderr


def test_an_unknown_desk_gets_the_health_id_or_nothing(full: Terminal) -> None:
    key = EncryptionKey.generate()
    unsigned = create_challenge(
        DeskChallenge("did:web:hospital", "CQkJCQkJCQkJCQkJCQkJCQ", key.public_key, full.world.clock() + 120)
    )
    assert "unknown" in full.fails("answer-challenge", unsigned, "--yes")
    result = full.run("answer-challenge", unsigned, "--type", "HealthId", "--text", typed="y\n")
    assert "Unknown desk" in result.stderr
    assert "did:web:hospital" not in result.stderr
    assert parse_answer(result.stdout.splitlines()[-1]).open(key).credential.vct == HEALTH_ID.vct


def test_what_is_no_challenge(full: Terminal) -> None:
    assert "not a code that a desk shows" in full.fails("answer-challenge", "openid4vp://?client_id=x")
    assert "damaged" in full.fails("answer-challenge", "SBC1:HELLO")


async def test_a_card_to_print(full: Terminal, tmp_path: Path) -> None:
    page = tmp_path / "card.html"
    said = full.ok("print", str(page), "--language", "en", typed=f"y\n{PIN}\n{PIN}\n")
    assert "less than a phone" in said
    html = page.read_text("utf-8")
    assert "Maung Maung" in html
    assert "Let nobody photograph or copy it." in html
    assert "<script" not in html
    assert PIN not in html
    assert "<svg" in html


async def test_its_code_is_good_with_the_pin_and_for_half_a_year(full: Terminal) -> None:
    with Wallet.open(full.file, PASSPHRASE) as opened:
        card = make_card(opened, INSURANCE_COVERAGE, pin=PIN, now=full.world.clock(), randomness=token_bytes)
    assert card.expires_at == full.world.clock() + MAX_LIFETIME
    shown = parse_printed_card(card.text)
    assert shown.printed is not None
    verify_pin(shown.printed, PIN)
    verified = await Hospital(full).verify(card.text, printed_cards=True)
    assert verified.assurance is Assurance.PRINTED_CARD


def test_a_card_is_in_the_language_that_was_asked_for(full: Terminal, tmp_path: Path) -> None:
    page = tmp_path / "card.html"
    full.ok("print", str(page), "--pin", PIN, "--yes", "--language", "km")
    html = page.read_text("utf-8")
    assert '<html lang="km">' in html
    assert PRINTED["km"] in html


def test_a_pin_that_is_none(full: Terminal, tmp_path: Path) -> None:
    assert "six digits" in full.fails("print", str(tmp_path / "card.html"), "--pin", "1234", "--yes")
    assert not (tmp_path / "card.html").exists()
