"""What the desk refuses, each with its code: the negative half of the demo."""

from __future__ import annotations

import asyncio
import datetime
import tempfile
from pathlib import Path

from sabai.demo import office
from sabai.demo.story import Story
from sabai.organisations import KEY_VALIDITY, Organisation, Profile, load_organisations
from sabai.services import CHAIN_ID, ROSTER, STATUS_TIME_TO_LIVE, RunningServices
from vc_core.clock import Clock
from vc_core.coverage import BANGKOK
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer
from vc_core.errors import ReasonCode, SabaiError
from vc_core.formats.base45 import base45_decode, base45_encode
from vc_core.formats.credential import StatusReference
from vc_core.formats.qr_pass import PREFIX, create_qr_pass, create_qr_presentation
from vc_core.ledger.registry import RegistryWriter
from wallet_sdk.issuance import accept_offer, describe_offer, fetch_offer, read_offer
from wallet_sdk.presentation import create_qr
from wallet_sdk.registry import refresh_registry
from wallet_sdk.wallet import Wallet

_ROGUE = Profile("unaccredited-clinic", "Unaccredited Clinic")
_MIRROR_TRIES = 40
_SECOND_PERSON = 2
"""The row of the sample roster whose coverage the demo revokes."""


async def show_refusals(story: Story, services: RunningServices, wallet: Wallet, folder: Path, clock: Clock) -> None:
    """Six things that must not pass, and the code that each gets."""
    story.step("What the desk refuses")
    shown = create_qr(wallet, INSURANCE_COVERAGE, now=clock() + 2).text
    await office.check(services, shown)
    await _refused(story, services, "the same QR again", shown, ReasonCode.REPLAYED)
    screenshot = create_qr(wallet, INSURANCE_COVERAGE, now=clock() - 120).text
    await _refused(story, services, "a screenshot two minutes old", screenshot, ReasonCode.EXPIRED_PRESENTATION)
    await _show_withdrawn(story, services, clock)
    await _show_unaccredited(story, services, folder, clock)
    tampered = _tamper(create_qr(wallet, INSURANCE_COVERAGE, now=clock()).text)
    await _refused(story, services, "a QR with another scheme written in", tampered, ReasonCode.BAD_SIGNATURE)
    await _refused(story, services, "a restaurant's menu", "https://menu.example/today", ReasonCode.NOT_A_CREDENTIAL)


async def _refused(story: Story, services: RunningServices, what: str, qr: str, expected: ReasonCode) -> None:
    verdict = await office.check(services, qr)
    story.verdict(what, verdict)
    if verdict["code"] != expected:
        raise SabaiError(f"The desk should have answered {expected}.")


async def _show_withdrawn(story: Story, services: RunningServices, clock: Clock) -> None:
    """Another person's coverage, accepted at first, then suspended, then revoked by the fund."""
    row = ROSTER.read_text("utf-8").splitlines()[_SECOND_PERSON]
    person = await office.find_person(services, row.partition(",")[0])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wallet"
        with Wallet.create(path, "a wallet for a minute", provider=services.urls["backend"]) as wallet:
            trust = await refresh_registry(wallet, services.http, now=clock())
            await office.end_suspension(services, person["person_id"])
            offer = await office.make_offer(services, person["person_id"], ("InsuranceCoverage_qr_pass",))
            described = await describe_offer(
                services.http, await fetch_offer(services.http, read_offer(offer["offer_link"]))
            )
            await accept_offer(wallet, services.http, described, tx_code=offer["tx_code"], trust=trust, clock=clock)
            for status, code in (("suspended", ReasonCode.SUSPENDED), ("revoked", ReasonCode.REVOKED)):
                await office.set_status(services, person["person_id"], status)
                await asyncio.sleep(STATUS_TIME_TO_LIVE)
                qr = create_qr(wallet, INSURANCE_COVERAGE, now=clock()).text
                await _refused(story, services, f"a coverage {status} {STATUS_TIME_TO_LIVE} s ago", qr, code)


async def _show_unaccredited(story: Story, services: RunningServices, folder: Path, clock: Clock) -> None:
    """An organisation that is in the registry, with a key of its own, but accredited for nothing."""
    clinic = load_organisations(folder / "keys", CHAIN_ID, (_ROGUE,))[_ROGUE.slug]
    writer = RegistryWriter(services.ledger, services.registered.addresses)
    await writer.publish_key(clinic.ledger_key, clinic.credential_key.public_key, valid_seconds=KEY_VALIDITY)
    for _ in range(_MIRROR_TRIES):  # the desk follows the chain once a second
        if (await office.check(services, _forge(services, clinic, clock())))["code"] != ReasonCode.UNKNOWN_ISSUER:
            break
        await asyncio.sleep(0.25)
    forged = _forge(services, clinic, clock())
    await _refused(story, services, "an issuer nobody accredited", forged, ReasonCode.UNTRUSTED_ISSUER)


def _forge(services: RunningServices, clinic: Organisation, now: int) -> str:
    """A QR in which all is right but who signed it."""
    holder = P256Signer.generate()
    today = datetime.datetime.fromtimestamp(now, BANGKOK).date()
    claims = {
        "health_id": "SB0000000000",
        "name": "ไม่มีใคร",
        "name_latin": "Nobody",
        "birth_year": 1990,
        "scheme": "UCS",
        "regular_hospital": "10661",
        "primary_hospital": "10661",
        "referral_hospital": "10661",
        "covered_from": today.isoformat(),
        "covered_until": today.isoformat(),
    }
    qr_pass = create_qr_pass(
        INSURANCE_COVERAGE,
        claims,
        verification_method=f"{clinic.did}#delegate-1",
        signer=clinic.credential_key,
        issued_at=now,
        expires_at=now + 3600,
        status=StatusReference(services.urls["issuer"] + "/status/none", 0),
        holder_key=holder.public_key,
    )
    return create_qr_presentation(qr_pass, holder=holder, presented_at=now)


def _tamper(qr: str) -> str:
    """The same QR with the scheme changed in the signed bytes."""
    data = base45_decode(qr.removeprefix(PREFIX))
    return PREFIX + base45_encode(data.replace(b"8401", b"8402"))
