"""The walk: each function is one step of the main job. All of it can be killed at any moment and started again."""

from __future__ import annotations

import datetime
import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from sabai.demo import office
from sabai.demo.refusals import show_refusals
from sabai.demo.story import Story
from sabai.organisations import HOSPITAL_A
from sabai.services import ROSTER, RunningServices
from vc_core.clock import Clock
from vc_core.coverage import BANGKOK
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.schemes import SCHEMES
from vc_core.errors import SabaiError, ServiceRefused, SettingsError
from vc_core.files import write_durably
from wallet_sdk.inbox import handle_push, register_device
from wallet_sdk.issuance import (
    accept_offer,
    describe_offer,
    fetch_offer,
    pending_issuances,
    read_offer,
    resume_issuance,
)
from wallet_sdk.presentation import create_qr
from wallet_sdk.qr import create_png, create_terminal_lines
from wallet_sdk.registry import refresh_registry
from wallet_sdk.wallet import Wallet

PUSH_SECONDS = 15
_BAD_ROW = (
    "BAD-ROW,ทดสอบ,Bad Row,1990-02-30,THA,https://terms.sil-th.org/id/th-cid,1101700230700,UCS,10661,10661,10661,,"
)


async def walk(services: RunningServices, folder: Path, clock: Clock) -> None:
    """The main job from the ledger to the refusals, told on standard output."""
    story = Story()
    _tell_ledger(story, services)
    person = await _import_roster(story, services)
    with _open_wallet(services, folder) as wallet:
        await _receive_credentials(story, services, wallet, person["person_id"], folder, clock)
        shown = await _show_qr(story, services, wallet, folder, clock)
        await _receive_push(story, services, wallet, shown["person"]["health_id"], clock)
        await show_refusals(story, services, wallet, folder, clock)
    story.end()


def _tell_ledger(story: Story, services: RunningServices) -> None:
    story.step("The ledger: who may issue what")
    for organisation in services.registered.organisations.values():
        profile = organisation.profile
        story.say(f"{profile.name}: {organisation.did}")
    story.say("The office issues health IDs, the fund insurance coverage; both hospitals may ask for them.")


async def _import_roster(story: Story, services: RunningServices) -> dict[str, str]:
    story.step("The office imports its roster")
    roster = ROSTER.read_bytes().rstrip(b"\n") + b"\n" + _BAD_ROW.encode("utf-8") + b"\n"
    answer = await services.import_roster(roster)
    story.say(
        f"{answer['imported']} new people, {answer['updated'] + answer['unchanged']} known before. "
        "One row was made bad on purpose:"
    )
    for problem in answer["problems"]:
        story.say(f"line {problem['line']}: {problem['reason']}")
    first_row = ROSTER.read_text("utf-8").splitlines()[1]
    return await office.find_person(services, first_row.partition(",")[0])


def _open_wallet(services: RunningServices, folder: Path) -> Wallet:
    """The patient's wallet; the demo keeps its passphrase in a file, which a patient must not do."""
    secret = folder / "demo-passphrase"
    if not secret.exists():
        write_durably(secret, secrets.token_urlsafe(18).encode("ascii"))
    passphrase = secret.read_text("ascii")
    path = folder / "demo-wallet"
    if path.exists():
        wallet = Wallet.open(path, passphrase)
        if wallet.provider != services.urls["backend"]:
            wallet.close()
            raise SettingsError([f"the demo's wallet knows its provider as {wallet.provider}: use those --ports again"])
        return wallet
    return Wallet.create(path, passphrase, provider=services.urls["backend"])


async def _receive_credentials(
    story: Story, services: RunningServices, wallet: Wallet, person_id: str, folder: Path, clock: Clock
) -> None:
    story.step("The patient receives a health ID and an insurance coverage")
    trust = await refresh_registry(wallet, services.http, now=clock())
    story.say(f"The wallet read the registry up to block {wallet.registry.head.number if wallet.registry else 0}.")
    for pending in pending_issuances(wallet):  # from an earlier start that was killed on the way
        with suppress(ServiceRefused):
            await resume_issuance(wallet, services.http, pending.id, trust=trust, clock=clock)
    held = {(credential.vct, credential.format) for credential in wallet.credentials}
    if len(held) == len(office.CONFIGURATIONS):
        story.say("They are in the wallet already, from an earlier start.")
        return
    offer = await office.make_offer(services, person_id, office.CONFIGURATIONS)
    write_durably(folder / "offer.png", create_png(offer["offer_link"]))
    story.say(f"The office shows a QR code ({folder / 'offer.png'}) and says the code {offer['tx_code']}.")
    described = await describe_offer(services.http, await fetch_offer(services.http, read_offer(offer["offer_link"])))
    issuance = await accept_offer(wallet, services.http, described, tx_code=offer["tx_code"], trust=trust, clock=clock)
    for credential in issuance.stored:
        name = CREDENTIAL_TYPES[credential.vct].labels["en"]
        story.say(f"kept: {name} ({credential.format}) from {credential.issuer_name}")
    errors = [each.error for each in issuance.refused] + [each.error for each in issuance.waiting]
    for error in errors:
        raise error or SabaiError("The office put a credential off.")


async def _show_qr(
    story: Story, services: RunningServices, wallet: Wallet, folder: Path, clock: Clock
) -> dict[str, dict[str, str]]:
    story.step("The patient shows a QR code, and the hospital desk checks it")
    qr = create_qr(wallet, INSURANCE_COVERAGE, now=clock())
    picture = create_png(qr.text)
    write_durably(folder / "qr.png", picture)
    story.show(create_terminal_lines(qr.text))
    story.say(f"{len(qr.text)} characters, good for a minute and once; also in {folder / 'qr.png'}")
    verdict = await office.check(services, qr.text)
    story.verdict("scanned", verdict)
    if verdict["verdict"] != "accepted":
        raise SabaiError("The desk refused the patient's QR code.")
    person, coverage, ages = verdict["person"], verdict["coverage"], verdict["ages"]
    story.say(f"{person['name']} ({person['name_latin']}), born {person['birth_year']}, {person['health_id']}")
    here = ", ".join(f"{each['kind']} {each['hospital_code']}" for each in coverage["hospitals"] if each["here"])
    story.say(f"{SCHEMES[coverage['scheme']].labels['en']}, until {coverage['covered_until']}; here as: {here}")
    story.say(
        f"issued by {verdict['issuer']['name']}; registry {ages['registry_seconds']} s old, "
        f"status list {ages['status_seconds']} s old"
    )
    fresh = create_qr(wallet, INSURANCE_COVERAGE, now=clock() + 1)
    story.verdict("as a photograph", await office.check_image(services, create_png(fresh.text)))
    return verdict


async def _pushes(services: RunningServices, device: str) -> list[dict[str, Any]]:
    """What came to the device, once both are there; what the desk checked before may be told in between."""
    awaited, sent = {"appointment_confirmed", "claim_approved"}, list[dict[str, Any]]()
    while not awaited <= {each["data"]["template"] for each in sent}:
        sent = await services.fcm.wait_for_message(device, count=len(sent) + 1, seconds=PUSH_SECONDS)
    return sent


async def _receive_push(story: Story, services: RunningServices, wallet: Wallet, health_id: str, clock: Clock) -> None:
    story.step("The patient is told by push")
    device = "demo-" + secrets.token_hex(8)
    await register_device(wallet, services.http, fcm_token=device, language="my", now=clock())
    patient = {"health_id": health_id, "hospital_code": HOSPITAL_A.hospital_code}
    now = datetime.datetime.fromtimestamp(clock(), BANGKOK)
    tomorrow = (now + datetime.timedelta(days=1)).replace(hour=9, minute=30, second=0)
    await office.confirm_appointment(services, {**patient, "starts_at": tomorrow.isoformat()})
    await office.approve_claim(services, {**patient, "service_date": now.date().isoformat(), "amount_satang": 123_450})
    for sent in await _pushes(services, device):
        story.say(f"push through firebase-admin, all of it: {json.dumps(sent['data'])}")
        message = await handle_push(wallet, services.http, sent["data"])
        story.say(f"the wallet fetched and shows:  {message.text}")
