"""People for the flow tests, all invented, and a patient's way through the town."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.town import BACKEND, ISSUER, OFFICER_TOKEN, Town
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from wallet_sdk.issuance import Issuance, accept_offer, describe_offer, fetch_offer, read_offer
from wallet_sdk.presentation import create_qr
from wallet_sdk.registry import refresh_registry
from wallet_sdk.store import KeyCost
from wallet_sdk.wallet import Wallet

HEADER = (
    "person_ref,name,name_latin,birth_date,nationality,identifier_system,identifier_value,scheme,"
    "regular_hospital,primary_hospital,referral_hospital,covered_from,covered_until"
)
CID = "https://terms.sil-th.org/id/th-cid"
PASSPORT = "http://hl7.org/fhir/sid/passport-MMR"
ROSTER = "\n".join(
    [
        HEADER,
        f"MU-1,နန်းမူးဖော,Naw Mu Paw,1994-03-14,MMR,{CID},0012345678901,8401,10661,10662,10661,2026-01-01,2027-12-31",
        f"MANEE,มานี ใจดี,Manee Jaidee,1988-07-02,THA,{CID},1101700230708,UCS,11472,11473,11472,2026-01-01,2027-12-31",
        f"AUNG,အောင်ကို,Aung Ko,1990-11-30,MMR,{PASSPORT},MA1234567,8407,10661,10661,10661,2026-01-01,2027-12-31",
        f"SOON,สมศรี ยังไม่ถึง,Somsri Later,1975-01-05,THA,{CID},3100600123450,SSS,10661,10661,10661,2026-10-01,2027-12-31",
        "",
    ]
)
ALL = ("HealthId_dc+sd-jwt", "HealthId_qr_pass", "InsuranceCoverage_dc+sd-jwt", "InsuranceCoverage_qr_pass")
Claims = Mapping[str, Mapping[str, str | int]]
"""Claims by the name of the credential type."""
CHEAP = KeyCost(passes=1, memory_kib=8 * 1024)
PASSPHRASE = "a passphrase for tests"


@dataclass
class Patient:
    """A person with a wallet."""

    person_id: str
    wallet: Wallet
    issuance: Issuance

    def qr(self, town: Town, *, at: int | None = None, **terms: Any) -> str:
        """The text of a fresh QR of the coverage, drawn now or at another time."""
        now = town.clock() if at is None else at
        return create_qr(self.wallet, INSURANCE_COVERAGE, now=now, **terms).text


async def import_roster(town: Town, roster: str = ROSTER) -> dict[str, Any]:
    """The office imports a roster; returns its answer."""
    answer = await town.http.post_bytes(
        ISSUER + "/people", roster.encode("utf-8"), content_type="text/csv", token=OFFICER_TOKEN
    )
    assert answer.status == 200, answer.body
    return answer.json_object()


async def person_id(town: Town, person_ref: str) -> str:
    """The id of the person with this reference."""
    answer = await town.http.get(ISSUER + "/people?limit=100", token=OFFICER_TOKEN)
    return str(next(p["person_id"] for p in answer.json_object()["people"] if p["person_ref"] == person_ref))


async def enrol(
    town: Town, person_ref: str, configurations: tuple[str, ...] = ALL, *, claims: Claims | None = None
) -> Patient:
    """A person of the roster gets a wallet and takes what the office offers, with claims that the officer states."""
    person = await person_id(town, person_ref)
    path = town.folder / f"wallet-{person_ref}"
    wallet = Wallet.create(path, PASSPHRASE, provider=BACKEND, cost=CHEAP)
    return await take_offer(town, person, wallet, configurations, claims=claims)


async def take_offer(
    town: Town,
    person: str,
    wallet: Wallet,
    configurations: tuple[str, ...] = ALL,
    *,
    claims: Claims | None = None,
) -> Patient:
    """The office offers, and the wallet accepts."""
    body = {
        "person_id": person,
        "credential_configuration_ids": list(configurations),
        "tx_code_delivery": "in_person",
        "claims": claims or {},
    }
    offer = await town.officer_post("/offers", body, expected=201)
    trust = await refresh_registry(wallet, town.http, now=town.clock())
    described = await describe_offer(town.http, await fetch_offer(town.http, read_offer(offer["offer_link"])))
    issuance = await accept_offer(wallet, town.http, described, tx_code=offer["tx_code"], trust=trust, clock=town.clock)
    return Patient(person, wallet, issuance)
