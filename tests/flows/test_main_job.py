"""The main job, from the ledger to the push, and every reason for which a desk says no."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from sabai.organisations import HOSPITAL_A, HOSPITAL_B, ISSUING_OFFICE, PAYER, Profile, load_organisations
from tests.support.people import ROSTER, Patient, enrol, import_roster, person_id, take_offer
from tests.support.town import BACKEND, CHAIN_ID, DESK_A, DESK_B, DESK_TOKEN, ISSUER, OFFICER_TOKEN, Town
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer
from vc_core.encoding import base64url_decode
from vc_core.errors import NoSuchCredential, ServiceRefused
from vc_core.formats.base45 import base45_decode, base45_encode
from vc_core.formats.credential import CredentialFormat, StatusReference
from vc_core.formats.qr_pass import PREFIX, create_qr_pass, create_qr_presentation
from vc_core.ledger.events import AccreditationState, Role
from vc_core.ledger.registry import RegistryWriter
from vc_core.status import RETRY_SECONDS
from wallet_sdk.inbox import handle_push, register_device
from wallet_sdk.presentation import create_qr
from wallet_sdk.qr import create_png

CLAIMS = {
    "health_id": "SB0000000000",
    "name": "ไม่มีใคร",
    "name_latin": "Nobody",
    "birth_year": 1990,
    "scheme": "UCS",
    "regular_hospital": "10661",
    "primary_hospital": "10661",
    "referral_hospital": "10661",
    "covered_from": "2026-01-01",
    "covered_until": "2027-12-31",
}


@pytest.fixture
async def patient(town: Town) -> Patient:
    """Naw Mu Paw, a migrant worker, with all four credentials in her wallet."""
    await import_roster(town)
    return await enrol(town, "MU-1")


async def test_the_main_job(town: Town, patient: Patient) -> None:
    assert len(patient.issuance.stored) == 4
    assert not patient.issuance.refused
    names = {held.issuer_name for held in patient.issuance.stored}
    assert names == {ISSUING_OFFICE.name, PAYER.name}

    verdict = await town.check(patient.qr(town))
    assert (verdict["verdict"], verdict["code"]) == ("accepted", "OK")
    assert verdict["person"]["name_latin"] == "Naw Mu Paw"
    assert verdict["coverage"]["scheme"] == "8401"
    here = {hospital["kind"]: hospital["here"] for hospital in verdict["coverage"]["hospitals"]}
    assert here == {"regular": True, "primary": False, "referral": True}
    assert verdict["ages"] == {"registry_seconds": 0, "trust_seconds": 0, "status_seconds": 0}

    health_id = create_qr(patient.wallet, HEALTH_ID, now=town.clock()).text
    assert (await town.check(health_id))["code"] == "OK"

    await register_device(patient.wallet, town.http, fcm_token="phone-1", language="my", now=town.clock())
    await tell_patient(town, verdict["person"]["health_id"])
    sent = await town.fcm.wait_for_message("phone-1", count=2)
    assert {message["data"]["template"] for message in sent} == {"appointment_confirmed", "claim_approved"}
    for message in sent:
        assert message.keys() == {"token", "data"} | (message.keys() & {"android"})
        shown = await handle_push(patient.wallet, town.http, message["data"])
        assert shown.text


async def tell_patient(town: Town, health_id: str) -> None:
    """The hospital confirms an appointment, the payer approves a claim."""
    moment = datetime.datetime.fromtimestamp(town.clock() + 86_400, datetime.UTC).isoformat()
    body: dict[str, Any] = {"health_id": health_id, "hospital_code": "10661"}
    booked = await town.http.post_json(BACKEND + "/appointments", {**body, "starts_at": moment}, token=DESK_TOKEN)
    appointment = booked.json_object()["appointment_id"]
    await town.http.post_json(f"{BACKEND}/appointments/{appointment}/confirm", {}, token=DESK_TOKEN)
    claim_body = {**body, "service_date": "2026-09-20", "amount_satang": 50_000}
    submitted = await town.http.post_json(BACKEND + "/claims", claim_body, token=DESK_TOKEN)
    claim = submitted.json_object()["claim_id"]
    await town.http.post_json(f"{BACKEND}/claims/{claim}/approve", {}, token=OFFICER_TOKEN)


async def test_a_photograph_of_the_qr_is_read(town: Town, patient: Patient) -> None:
    answer = await town.http.post_file(
        DESK_A + "/checks/image", "image", create_png(patient.qr(town)), content_type="image/png"
    )
    assert answer.json_object()["code"] == "OK"


async def test_a_qr_counts_once_and_for_a_minute(town: Town, patient: Patient) -> None:
    qr = patient.qr(town)
    assert (await town.check(qr))["code"] == "OK"
    assert (await town.check(qr))["code"] == "REPLAYED"
    screenshot = patient.qr(town, at=town.clock() + 1)
    town.clock.advance(61)
    assert (await town.check(screenshot))["code"] == "EXPIRED_PRESENTATION"
    assert (await town.check(patient.qr(town, at=town.clock() + 31)))["code"] == "CLOCK_SKEW"


async def test_a_qr_for_one_desk_is_refused_at_another(town: Town, patient: Patient) -> None:
    qr = patient.qr(town, audience=town.organisation(HOSPITAL_A.slug).did)
    assert (await town.check(qr, DESK_B))["code"] == "WRONG_AUDIENCE"
    assert (await town.check(qr))["code"] == "OK"
    answered = patient.qr(town, nonce="c29tZSBkZXNrJ3Mgbm9uY2U")
    assert (await town.check(answered))["code"] == "WRONG_AUDIENCE"


async def test_who_is_not_covered_here(town: Town, patient: Patient) -> None:
    elsewhere = await enrol(town, "MANEE")
    assert (await town.check(elsewhere.qr(town)))["code"] == "COVERED_ELSEWHERE"
    assert (await town.check(elsewhere.qr(town, at=town.clock() + 1), DESK_B))["code"] == "OK"
    for person_ref in ("AUNG", "SOON"):
        uninsured = await enrol(town, person_ref)
        verdict = await town.check(uninsured.qr(town))
        assert verdict["code"] == "NOT_COVERED"
        assert verdict["person"] is None
        assert "Later" not in str(verdict)


async def test_a_coverage_that_the_payer_withdraws(town: Town, patient: Patient) -> None:
    status = {"credential_type": "InsuranceCoverage", "reason": "wrong_data"}
    path = f"/people/{patient.person_id}/status"
    for word, code in (("suspended", "SUSPENDED"), ("valid", "OK"), ("revoked", "REVOKED")):
        await town.officer_post(path, {**status, "status": word})
        town.clock.advance(61)  # past the list's time to live
        assert (await town.check(patient.qr(town)))["code"] == code
    refused = await town.officer_post(path, {**status, "status": "valid"}, expected=409)
    assert refused["code"] == "conflict"


async def test_without_the_status_list_nobody_is_accepted(town: Town, patient: Patient) -> None:
    town.transport.unreachable.add("issuer.test")
    assert (await town.check(patient.qr(town)))["code"] == "STATUS_UNAVAILABLE"
    town.transport.unreachable.clear()
    town.clock.advance(RETRY_SECONDS)
    assert (await town.check(patient.qr(town)))["code"] == "OK"
    town.transport.unreachable.add("issuer.test")
    town.clock.advance(120)
    verdict = await town.check(patient.qr(town))
    assert (verdict["code"], verdict["ages"]["status_seconds"]) == ("OK", 120)


async def test_a_credential_ends_with_its_period(town: Town, patient: Patient) -> None:
    held = patient.wallet.newest(INSURANCE_COVERAGE.vct, CredentialFormat.QR_PASS, now=town.clock())
    town.clock.now = held.expires_at
    await _follow(town)
    with pytest.raises(NoSuchCredential):  # the wallet doesn't offer it any more
        patient.qr(town)
    qr_pass = base64url_decode(held.credential)
    shown = create_qr_presentation(qr_pass, holder=held.signer(), presented_at=town.clock())
    assert (await town.check(shown))["code"] == "EXPIRED_CREDENTIAL"


async def test_while_the_ledger_is_away_a_desk_goes_on_and_says_how_old_its_trust_is(
    town: Town, patient: Patient
) -> None:
    assert (await town.check(patient.qr(town)))["ages"]["registry_seconds"] == 0
    town.ledger.close()
    town.clock.advance(3600)
    verdict = await town.check(patient.qr(town))
    assert verdict["code"] == "OK"
    assert verdict["ages"]["registry_seconds"] == verdict["ages"]["trust_seconds"] == 3600


async def test_old_knowledge_of_the_registry_decides_nothing(town: Town, patient: Patient) -> None:
    qr_later = town.clock() + 25 * 3600
    town.ledger.close()
    town.clock.now = qr_later
    verdict = await town.check(patient.qr(town))
    assert verdict["code"] == "STALE_TRUST"
    assert verdict["ages"]["registry_seconds"] > 24 * 3600


async def _follow(town: Town) -> None:
    """Lets every service catch up with the chain now, as each does by itself once a second."""
    for app in town.apps.values():
        await app.state.registry.advance()


async def _forge(town: Town, profile: Profile, *, publish: bool = True, **changed: Any) -> str:
    """A QR that only its issuer makes wrong."""
    rogue = load_organisations(town.folder / "keys", CHAIN_ID, (profile,))[profile.slug]
    if publish:
        writer = RegistryWriter(town.ledger, town.registered.addresses)
        await writer.publish_key(rogue.ledger_key, rogue.credential_key.public_key, valid_seconds=10**8)
        await _follow(town)
    holder, now = P256Signer.generate(), town.clock()
    terms: dict[str, Any] = {
        "verification_method": f"{rogue.did}#delegate-1",
        "signer": rogue.credential_key,
        "issued_at": now,
        "expires_at": now + 3600,
        "status": StatusReference(ISSUER + "/status/none", 0),
        "holder_key": holder.public_key,
        **changed,
    }
    qr_pass = create_qr_pass(INSURANCE_COVERAGE, CLAIMS, **terms)
    return create_qr_presentation(qr_pass, holder=holder, presented_at=now)


async def test_issuers_that_are_not_accredited(town: Town, patient: Patient) -> None:
    assert (await town.check(await _forge(town, Profile("made-up", "Made Up"), publish=False)))[
        "code"
    ] == "UNKNOWN_ISSUER"
    assert (await town.check(await _forge(town, Profile("clinic", "A Clinic"))))["code"] == "UNTRUSTED_ISSUER"
    # A hospital is in the registry and accredited, but to ask, not to issue.
    hospital = town.organisation(HOSPITAL_B.slug)
    forged = await _forge(
        town,
        HOSPITAL_B,
        publish=False,
        verification_method=town.registered.methods[hospital.credential_key.public_key],
    )
    assert (await town.check(forged))["code"] == "UNTRUSTED_ISSUER"


async def test_an_accreditation_that_is_suspended(town: Town, patient: Patient) -> None:
    writer, payer = RegistryWriter(town.ledger, town.registered.addresses), town.organisation(PAYER.slug)
    for state, code in ((AccreditationState.SUSPENDED, "UNTRUSTED_ISSUER"), (AccreditationState.ACTIVE, "OK")):
        town.clock.advance(1)
        await writer.set_accreditation(
            town.governor,
            payer.did,
            Role.ISSUE,
            INSURANCE_COVERAGE.vct,
            valid_from=town.clock() - 1000,
            valid_until=town.clock() + 10**7,
            state=state,
        )
        await _follow(town)
        assert (await town.check(patient.qr(town)))["code"] == code


async def test_a_key_that_the_issuer_revokes(town: Town, patient: Patient) -> None:
    writer, payer = RegistryWriter(town.ledger, town.registered.addresses), town.organisation(PAYER.slug)
    await writer.revoke_key(payer.ledger_key, payer.credential_key.public_key)
    await _follow(town)
    town.clock.advance(1)
    assert (await town.check(patient.qr(town)))["code"] == "BAD_SIGNATURE"


async def test_what_was_tampered_with(town: Town, patient: Patient) -> None:
    data = base45_decode(patient.qr(town).removeprefix(PREFIX))

    def again(changed: bytes) -> str:
        assert changed != data
        return PREFIX + base45_encode(changed)

    assert (await town.check(again(data.replace(b"8401", b"8402"))))["code"] == "BAD_SIGNATURE"
    assert (await town.check(again(data[:-1] + bytes([data[-1] ^ 1]))))["code"] == "HOLDER_KEY"
    assert (await town.check(again(data[:-9])))["code"] == "MALFORMED"
    assert (await town.check(PREFIX + "A" * 1300))["code"] == "TOO_LARGE"
    for foreign in ("https://menu.example", "javascript:alert(1)", "=1+1", "1101700230708"):
        assert (await town.check(foreign))["code"] == "NOT_A_CREDENTIAL"


async def test_a_credential_dated_ahead(town: Town, patient: Patient) -> None:
    payer = town.organisation(PAYER.slug)
    ahead = await _forge(
        town,
        PAYER,
        publish=False,
        verification_method=town.registered.methods[payer.credential_key.public_key],
        issued_at=town.clock() + 3600,
        expires_at=town.clock() + 7200,
    )
    assert (await town.check(ahead))["code"] == "NOT_YET_VALID"


async def test_an_issuer_that_lost_its_accreditation_issues_nothing(town: Town) -> None:
    await import_roster(town)
    writer, payer = RegistryWriter(town.ledger, town.registered.addresses), town.organisation(PAYER.slug)
    await writer.set_accreditation(
        town.governor,
        payer.did,
        Role.ISSUE,
        INSURANCE_COVERAGE.vct,
        valid_from=town.clock(),
        valid_until=town.clock() + 10,
        state=AccreditationState.REVOKED,
    )
    await _follow(town)
    patient = await enrol(town, "MU-1")
    assert {held.vct for held in patient.issuance.stored} == {HEALTH_ID.vct}
    # The issuer says that it can't, not that it won't: the wallet may ask again.
    assert {type(waiting.error) for waiting in patient.issuance.waiting} == {ServiceRefused}


async def test_a_bad_row_is_named_and_the_others_go_in(town: Town) -> None:
    bad = "X,ทดสอบ,Bad Row,1990-02-30,THA,https://terms.sil-th.org/id/th-cid,1101700230708,UCS,1,1,1,,\n"
    await import_roster(town)
    answer = await import_roster(town, ROSTER + bad)
    assert answer["unchanged"] == 4
    assert [problem["line"] for problem in answer["problems"]] == [6]
    assert await person_id(town, "MU-1")


async def test_a_second_offer_gives_a_second_set(town: Town, patient: Patient) -> None:
    again = await take_offer(town, patient.person_id, patient.wallet)
    assert len(again.issuance.stored) == 4
    assert len(patient.wallet.credentials) == 8
