"""`POST /checks`: every code that a desk can meet, what a verdict tells, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections import Counter
from typing import Any

import pytest
from sqlmodel import col, select

from tests.support.issuing import COVERAGE_CLAIMS, DAY, ELSEWHERE, HERE, NOWHERE
from tests.verifier.conftest import FACILITY_DID, PUBLIC_URL, Desk, OpenDesk, Registry
from vc_core.credential_types.appointment_ticket import APPOINTMENT_TICKET
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.crypto.keys import P256Signer
from vc_core.formats.status_list import Status
from vc_core.web.database import Database
from verifier.checks.models import CheckRecord
from verifier.checks.service import KEEP_SEEN_SECONDS, delete_seen

PERSONAL = [str(COVERAGE_CLAIMS[name]) for name in ("health_id", "name", "name_latin")]


async def records(database_url: str) -> list[CheckRecord]:
    """The audit log, oldest first."""
    database = Database(database_url)
    async with database.transaction() as session:
        found = (await session.exec(select(CheckRecord).order_by(col(CheckRecord.checked_at)))).all()
    await database.close()
    return list(found)


def assert_refused(verdict: dict[str, Any], code: str) -> None:
    """A refusal with this code, and nothing about the person in it."""
    assert (verdict["verdict"], verdict["code"]) == ("rejected", code)
    assert verdict["person"] is verdict["coverage"] is verdict["issuer"] is None
    assert not any(value in json.dumps(verdict, ensure_ascii=False) for value in PERSONAL)


async def test_accepts_a_coverage_that_is_good_here(desk: Desk) -> None:
    desk.clock.advance(5)
    verdict = await desk.check(desk.show())
    assert verdict == {
        "verdict": "accepted",
        "code": "OK",
        "sentence": "The person is covered here today.",
        "checked_at": desk.clock(),
        "ages": {"registry_seconds": 5, "trust_seconds": 5, "status_seconds": 5},
        "credential_type": "InsuranceCoverage",
        "check_id": verdict["check_id"],
        "issuer": {"did": desk.issuer.did, "name": "Migrant Health Fund"},
        "person": {
            **{name: COVERAGE_CLAIMS[name] for name in ("health_id", "name", "name_latin", "birth_year")},
            "portrait": None,
        },
        "coverage": {
            "scheme": "8401",
            "scheme_name": "Migrant worker, health ministry insurance",
            "hospitals": [
                {"kind": "regular", "hospital_code": HERE, "here": True},
                {"kind": "primary", "hospital_code": ELSEWHERE, "here": False},
                {"kind": "referral", "hospital_code": ELSEWHERE, "here": False},
            ],
            "covered_from": "2026-01-01",
            "covered_until": "2026-12-31",
            "copay_baht": 30,
        },
        "claims": [],
        "assurance": "holder_present",
    }


async def test_accepts_a_health_id(sqlite_desk: Desk) -> None:
    qr_pass = sqlite_desk.issuer.create_pass(sqlite_desk.holder, credential_type=HEALTH_ID)
    verdict = await sqlite_desk.check(sqlite_desk.show(qr_pass))
    assert (verdict["code"], verdict["credential_type"], verdict["coverage"]) == ("OK", "HealthId", None)
    assert verdict["person"]["birth_year"] == 1994


async def test_shows_the_claims_of_any_type_and_says_that_it_has_no_status(desk: Desk) -> None:
    qr_pass = desk.issuer.create_pass(desk.holder, credential_type=APPOINTMENT_TICKET)
    verdict = await desk.check(desk.show(qr_pass))
    assert (verdict["code"], verdict["credential_type"], verdict["coverage"]) == ("OK", "AppointmentTicket", None)
    assert verdict["sentence"] == "Appointment ticket: valid, and shown by its holder."
    assert verdict["person"]["name_latin"] == "Sandar Hlaing"
    assert verdict["claims"] == [
        {"name": "hospital", "label": "Hospital", "value": HERE},
        {"name": "appointment_date", "label": "Date of appointment", "value": "2026-12-31"},
        {"name": "appointment_time", "label": "Time of appointment", "value": "09:30"},
        {"name": "appointment_ref", "label": "Appointment number", "value": "AP-2026-004711"},
    ]
    assert verdict["ages"]["status_seconds"] is None


@pytest.mark.parametrize("audience", [FACILITY_DID, PUBLIC_URL])
async def test_takes_what_was_made_for_this_desk(sqlite_desk: Desk, audience: str) -> None:
    assert (await sqlite_desk.check(sqlite_desk.show(audience=audience)))["code"] == "OK"


async def test_a_code_is_accepted_once_however_many_ask_at_once(desk: Desk) -> None:
    """V6: a second desk."""
    qr = desk.show()
    verdicts = await asyncio.gather(*(desk.check(qr) for _ in range(20)))
    assert Counter(verdict["code"] for verdict in verdicts) == {"OK": 1, "REPLAYED": 19}
    for verdict in verdicts:
        if verdict["verdict"] == "rejected":
            assert_refused(verdict, "REPLAYED")


async def test_two_processes_accept_a_code_once(open_desk: OpenDesk, database_url: str) -> None:
    async with open_desk(database_url) as one, open_desk(database_url) as other:
        qr = one.show()
        verdicts = await asyncio.gather(*(each.check(qr) for each in (one, other) * 5))
    assert Counter(verdict["code"] for verdict in verdicts) == {"OK": 1, "REPLAYED": 9}


async def test_used_codes_stay_used_when_the_clock_is_set_back(desk: Desk, database_url: str) -> None:
    qr = desk.show()
    await desk.check(qr)
    desk.clock.advance(3600)
    assert await forgotten(database_url, desk.clock()) == 0
    desk.clock.advance(-3600)
    assert_refused(await desk.check(qr), "REPLAYED")


async def test_forgets_used_codes_in_the_end(desk: Desk, database_url: str) -> None:
    await desk.check(desk.show())
    desk.clock.advance(KEEP_SEEN_SECONDS + 60)
    assert await forgotten(database_url, desk.clock()) == 0
    assert await forgotten(database_url, desk.clock() + 1) == 1
    assert await forgotten(database_url, desk.clock() + 1) == 0


async def forgotten(database_url: str, now: int) -> int:
    """How many used codes are forgotten at that time."""
    database = Database(database_url)
    count = await delete_seen(database, now=now)
    await database.close()
    return count


async def test_screenshot_after_its_window(sqlite_desk: Desk) -> None:
    """V6."""
    qr = sqlite_desk.show()
    sqlite_desk.clock.advance(60)
    assert_refused(await sqlite_desk.check(qr), "EXPIRED_PRESENTATION")


async def test_a_phone_whose_clock_is_ahead(sqlite_desk: Desk) -> None:
    """V6."""
    ahead = sqlite_desk.clock() + 31
    assert_refused(await sqlite_desk.check(sqlite_desk.show(presented_at=ahead)), "CLOCK_SKEW")


@pytest.mark.parametrize("options", [{"audience": "did:ethr:0x1:0xother"}, {"nonce": "c29tZSBub25jZQ"}])
async def test_made_for_another_desk(sqlite_desk: Desk, options: dict[str, Any]) -> None:
    """V6: another nonce."""
    assert_refused(await sqlite_desk.check(sqlite_desk.show(**options)), "WRONG_AUDIENCE")


async def test_shown_with_another_key(sqlite_desk: Desk) -> None:
    """V6: the key of the proof is not the key in `cnf`."""
    qr_pass = sqlite_desk.issuer.create_pass(sqlite_desk.holder)
    assert_refused(await sqlite_desk.check(sqlite_desk.show(qr_pass, holder=P256Signer.generate())), "HOLDER_KEY")


@pytest.mark.parametrize(
    "qr",
    [
        "javascript:alert(1)",
        "https://phish.example/SB1:",
        "'); DROP TABLE check_record; --",
        '=HYPERLINK("http://phish.example")',
        "<script>alert(1)</script>",
        "",
        " \r\n",
        "\x00",
        "สวัสดี",
    ],
)
async def test_other_texts_are_never_more_than_texts(sqlite_desk: Desk, qr: str) -> None:
    """V9: nothing is run, opened or repeated."""
    response = await sqlite_desk.client.post("/checks", json={"qr": qr})
    assert_refused(response.json(), "NOT_A_CREDENTIAL")
    assert len(qr.strip()) < 3 or qr not in response.json()["sentence"]
    assert sqlite_desk.statuses.requests == 0


async def test_damaged_and_oversized_codes(sqlite_desk: Desk) -> None:
    assert_refused(await sqlite_desk.check("SB1:HELLO"), "MALFORMED")
    assert_refused(await sqlite_desk.check("SB1:" + "0" * 5000), "TOO_LARGE")
    assert_refused(await sqlite_desk.check("A" * 70_000), "TOO_LARGE")


async def test_changed_after_signing(sqlite_desk: Desk) -> None:
    forged = sqlite_desk.issuer.create_pass(sqlite_desk.holder, signer=P256Signer.generate())
    assert_refused(await sqlite_desk.check(sqlite_desk.show(forged)), "BAD_SIGNATURE")


async def test_issuers_that_are_not_trusted(sqlite_desk: Desk, registry: Registry) -> None:
    qr_pass = registry.unaccredited.create_pass(sqlite_desk.holder)
    assert_refused(await sqlite_desk.check(sqlite_desk.show(qr_pass)), "UNTRUSTED_ISSUER")
    nobody = dataclasses.replace(
        registry.issuer, credential_method="did:ethr:0x539:0x00000000000000000000000000000000000000bb#delegate-1"
    )
    assert_refused(await sqlite_desk.check(sqlite_desk.show(nobody.create_pass(sqlite_desk.holder))), "UNKNOWN_ISSUER")


async def test_validity_of_the_credential(sqlite_desk: Desk) -> None:
    now, create_pass = sqlite_desk.clock(), sqlite_desk.issuer.create_pass
    early = create_pass(sqlite_desk.holder, issued_at=now + DAY)
    late = create_pass(sqlite_desk.holder, expires_at=now)
    assert_refused(await sqlite_desk.check(sqlite_desk.show(early)), "NOT_YET_VALID")
    assert_refused(await sqlite_desk.check(sqlite_desk.show(late)), "EXPIRED_CREDENTIAL")


@pytest.mark.parametrize(("status", "code"), [(Status.INVALID, "REVOKED"), (Status.SUSPENDED, "SUSPENDED")])
async def test_withdrawn_credentials(sqlite_desk: Desk, status: Status, code: str) -> None:
    sqlite_desk.issuer.set_status(status)
    verdict = await sqlite_desk.check(sqlite_desk.show())
    assert_refused(verdict, code)
    assert (verdict["credential_type"], verdict["ages"]["status_seconds"]) == ("InsuranceCoverage", 0)


async def test_status_unknown_is_no_status(sqlite_desk: Desk) -> None:
    """V11: never plain "valid"."""
    sqlite_desk.statuses.down = True
    verdict = await sqlite_desk.check(sqlite_desk.show())
    assert_refused(verdict, "STATUS_UNAVAILABLE")
    assert verdict["ages"]["status_seconds"] is None


async def test_a_status_list_in_hand_serves_with_its_age_and_not_for_ever(sqlite_desk: Desk) -> None:
    """V11: offline, the answer says how old it is."""
    await sqlite_desk.check(sqlite_desk.show())
    sqlite_desk.statuses.down = True
    sqlite_desk.clock.advance(2 * 3600)
    verdict = await sqlite_desk.check(sqlite_desk.show())
    assert (verdict["code"], verdict["ages"]["status_seconds"]) == ("OK", 2 * 3600)


async def test_a_slow_issuer_holds_up_nobody_else(desk: Desk) -> None:
    """While one check waits for a status list, another has the database to itself."""

    async def check_something_else() -> None:
        desk.statuses.meanwhile = None
        async with asyncio.timeout(60):
            assert (await desk.check("nothing of ours"))["code"] == "NOT_A_CREDENTIAL"

    desk.statuses.meanwhile = check_something_else
    assert (await desk.check(desk.show()))["code"] == "OK"


async def test_trust_that_is_too_old(sqlite_desk: Desk) -> None:
    sqlite_desk.ledger.away = True
    sqlite_desk.clock.advance(DAY + 1)
    verdict = await sqlite_desk.check(sqlite_desk.show())
    assert_refused(verdict, "STALE_TRUST")
    assert verdict["ages"]["registry_seconds"] == verdict["ages"]["trust_seconds"] == DAY + 1


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"covered_until": "2026-09-20"}, "NOT_COVERED"),
        ({"covered_from": "2026-09-22"}, "NOT_COVERED"),
        ({"scheme": "8407"}, "NOT_COVERED"),
        ({"regular_hospital": NOWHERE}, "COVERED_ELSEWHERE"),
    ],
)
async def test_the_coverage_question(sqlite_desk: Desk, claims: dict[str, Any], code: str) -> None:
    assert_refused(
        await sqlite_desk.check(sqlite_desk.show(sqlite_desk.issuer.create_pass(sqlite_desk.holder, **claims))), code
    )


async def test_every_check_leaves_one_record_without_personal_data(desk: Desk, database_url: str) -> None:
    qr = desk.show()
    for text in (qr, qr, "nothing of ours"):
        await desk.check(text)
        desk.clock.advance(1)
    accepted, replayed, foreign = await records(database_url)
    assert (accepted.verdict, accepted.code) == ("accepted", "OK")
    assert (replayed.verdict, replayed.code) == ("rejected", "REPLAYED")
    for each in (accepted, replayed):
        assert (each.credential_type, each.issuer) == ("InsuranceCoverage", desk.issuer.did)
    assert (foreign.code, foreign.credential_type, foreign.issuer) == ("NOT_A_CREDENTIAL", None, None)
    for each in (accepted, replayed, foreign):
        line = each.model_dump_json()
        assert not any(value in line for value in PERSONAL)
        assert qr not in line


async def test_an_unverified_issuer_is_not_recorded(open_desk: OpenDesk, database_url: str) -> None:
    async with open_desk(database_url) as desk:
        await desk.check(desk.show(desk.issuer.create_pass(desk.holder, signer=P256Signer.generate())))
    assert [each.issuer for each in await records(database_url)] == [None]
