"""Credentials whose claims are not, or not all, in the roster: stated with the offer, or in its optional columns."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlmodel import select

from issuer.authorization.models import Authorization
from issuer.authorization.repository import AuthorizationRepository
from issuer.authorization.requests import CODE_LIFETIME, PUSHED_LIFETIME, SESSION_LIFETIME
from issuer.issuance.credentials import CredentialService
from issuer.issuance.models import Offer
from issuer.issuance.offers import OFFER_LIFETIME
from issuer.issuance.repository import IssuanceRepository
from issuer.settings import IssuerSettings
from tests.issuer.conftest import RosterImport
from tests.issuer.wallet import ISSUER, OFFICER, Wallet
from tests.support.clock import SetClock
from tests.support.verification import FakeTrust
from vc_core.formats.presentation import parse_credential
from vc_core.web.database import Database

TICKET = {
    "hospital": "10661",
    "department": "อายุรกรรม",
    "appointment_date": "2026-11-30",
    "appointment_time": "09:30",
    "appointment_ref": "AP-1",
}
TICKETS = ("AppointmentTicket_dc+sd-jwt", "AppointmentTicket_qr_pass")
CARD = "MigrantWorkerCard_dc+sd-jwt"


async def test_a_ticket_says_what_the_officer_stated_and_has_no_status(people: dict[str, str], wallet: Wallet) -> None:
    token = await wallet.authorized(people["A1"], *TICKETS, claims={"AppointmentTicket": TICKET})
    for configuration in TICKETS:
        answer = await wallet.credential(token, configuration)
        credential = parse_credential(answer.json()["credentials"][0]["credential"])
        left_out = {"department"} if configuration.endswith("qr_pass") else set()
        assert {name: value for name, value in credential.claims.items() if name in TICKET} == {
            name: value for name, value in TICKET.items() if name not in left_out
        }
        assert credential.claims["name"] == "မောင်မောင်"
        assert credential.status == ()
        assert credential.expires_at == 1_796_058_000  # 2026-12-01 00:00 +07:00


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({}, "hospital is missing"),
        ({"AppointmentTicket": {**TICKET, "appointment_time": "25:00"}}, "appointment_time is not a valid text"),
        ({"AppointmentTicket": {**TICKET, "hospital": 10661}}, "hospital is not a valid text"),
        ({"AppointmentTicket": {**TICKET, "department": "x\u202e"}}, "department has characters that change"),
        ({"AppointmentTicket": {**TICKET, "name": "Somebody Else"}}, "name is what the roster says"),
        ({"AppointmentTicket": {**TICKET, "ward": "7"}}, "a claim that this type does not have"),
        ({"AppointmentTicket": TICKET, "VisitReceipt": {}}, "a credential that is not offered"),
        ({"AppointmentTicket": {**TICKET, "department": "x" * 201}}, "body.claims"),
        ({"AppointmentTicket": {**TICKET, "department": ["x"]}}, "body.claims"),
        ({"AppointmentTicket": {**TICKET, "department": True}}, "body.claims"),
        ({"AppointmentTicket": {f"c{number}": "x" for number in range(51)}}, "body.claims"),
    ],
)
async def test_what_an_officer_may_not_state(
    client: httpx.AsyncClient, people: dict[str, str], claims: dict[str, Any], reason: str
) -> None:
    order = {
        "person_id": people["A1"],
        "credential_configuration_ids": list(TICKETS),
        "tx_code_delivery": "in_person",
        "claims": claims,
    }
    answer = await client.post("/offers", json=order, headers=OFFICER)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert reason in answer.text
    assert "Somebody" not in answer.text


async def test_a_day_that_stands_for_without_end_ends_with_the_types_validity(
    people: dict[str, str], wallet: Wallet
) -> None:
    last = {**TICKET, "appointment_date": "9999-12-31"}
    token = await wallet.authorized(people["A1"], TICKETS[0], claims={"AppointmentTicket": last})
    assert (await wallet.credential(token, TICKETS[0])).status_code == 200


async def test_a_ticket_for_a_day_that_is_over_is_not_issued(people: dict[str, str], wallet: Wallet) -> None:
    past = {**TICKET, "appointment_date": "2026-01-01"}
    token = await wallet.authorized(people["A1"], TICKETS[0], claims={"AppointmentTicket": past})
    answer = await wallet.credential(token, TICKETS[0])
    assert (answer.status_code, answer.json()["error"]) == (400, "credential_request_denied")


async def test_a_status_that_there_is_not_can_t_be_changed(client: httpx.AsyncClient, people: dict[str, str]) -> None:
    change = {"credential_type": "AppointmentTicket", "status": "revoked", "reason": "wrong_data"}
    answer = await client.post(f"/people/{people['A1']}/status", json=change, headers=OFFICER)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


async def test_what_was_stated_is_forgotten_when_the_offer_is_over(
    settings: IssuerSettings, people: dict[str, str], wallet: Wallet, clock: SetClock
) -> None:
    redeemed, unused = {"AppointmentTicket": TICKET}, {"AppointmentTicket": {**TICKET, "appointment_ref": "AP-2"}}
    await wallet.authorized(people["A1"], *TICKETS, claims=redeemed)
    await wallet.offered(people["A2"], *TICKETS, claims=unused)
    await wallet.offered(people["A3"])
    database = Database(settings.database_url)
    try:
        stated = await _stated(database)
        assert redeemed in stated
        assert unused in stated
        clock.advance(3600)
        async with database.transaction() as session:
            await IssuanceRepository(session).forget_claims(expired_by=clock())
            await AuthorizationRepository(session).forget(now=clock())
        assert await _stated(database) == [None, None, None, None]
    finally:
        await database.close()


async def test_what_was_stated_stays_while_a_patient_may_be_at_the_page(
    settings: IssuerSettings, people: dict[str, str], wallet: Wallet, clock: SetClock
) -> None:
    await wallet.offered(people["A1"], *TICKETS, claims={"AppointmentTicket": TICKET})
    database = Database(settings.database_url)
    trust = FakeTrust()
    service = CredentialService(database, {}, {}, trust, trust, ISSUER, clock, lambda count: bytes(count))
    try:
        clock.advance(OFFER_LIFETIME + PUSHED_LIFETIME + SESSION_LIFETIME + CODE_LIFETIME - 1)
        await service.forget_expired()
        assert await _stated(database) == [{"AppointmentTicket": TICKET}]
        clock.advance(1)
        await service.forget_expired()
        assert await _stated(database) == [None]
    finally:
        await database.close()


async def _stated(database: Database) -> list[dict[str, Any] | None]:
    async with database.transaction() as session:
        offers, authorizations = await session.exec(select(Offer)), await session.exec(select(Authorization))
        return [each.claims for each in (*offers, *authorizations)]


async def test_a_migrant_worker_card_comes_from_the_roster(
    people: dict[str, str], wallet: Wallet, import_roster: RosterImport
) -> None:
    work = {"work_permit": "1098765432101", "work_permit_until": "2027-03-31", "employer": "Ranong Cold Storage"}
    assert (await import_roster({"A1": work}))["updated"] == 1
    credential = parse_credential(await wallet.issued(people["A1"], CARD))
    assert {name: credential.claims[name] for name in work} == work
    assert credential.expires_at == 1_806_512_400  # 2027-04-01 00:00 +07:00
    # A file without these columns says nothing of them.
    assert (await import_roster({}))["unchanged"] == 3
    assert parse_credential(await wallet.issued(people["A1"], CARD)).claims["employer"] == "Ranong Cold Storage"


async def test_no_migrant_worker_card_without_a_work_permit(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, import_roster: RosterImport
) -> None:
    order = {
        "person_id": people["A2"],
        "credential_configuration_ids": [CARD],
        "tx_code_delivery": "in_person",
    }
    answer = await client.post("/offers", json=order, headers=OFFICER)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert "work_permit is missing" in answer.text

    work = {"work_permit": "1098765432101", "work_permit_until": "2027-03-31"}
    await import_roster({"A1": work})
    token = await wallet.authorized(people["A1"], CARD)
    await import_roster({"A1": dict.fromkeys(work, "")})  # it was withdrawn while the patient stood at the counter
    answer = await wallet.credential(token, CARD)
    assert (answer.status_code, answer.json()["error"]) == (400, "credential_request_denied")
