"""Changing statuses and publishing them: rows L2, L8 and L9."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from issuer.keys import load_issuing_keys
from issuer.settings import IssuerSettings
from issuer.status.allocation import FILLED
from issuer.status.publication import FRESH, LIFETIME
from tests.issuer.test_offers_and_tokens import refusal
from tests.issuer.wallet import COVERAGE, COVERAGE_QR, HEALTH_ID, ISSUER, OFFICER, Wallet
from tests.support.clock import SetClock
from vc_core.formats.credential import StatusReference
from vc_core.formats.presentation import parse_credential
from vc_core.formats.status_list import Status, VerifiedStatusList, parse_status_list_token
from vc_core.web.database import Database


class Desk:
    """Reads statuses as a verifier does."""

    def __init__(self, client: httpx.AsyncClient, settings: IssuerSettings, clock: SetClock) -> None:
        self.client = client
        self.keys = load_issuing_keys(settings)
        self.clock = clock

    async def list(self, reference: StatusReference, credential_type: str) -> VerifiedStatusList:
        """The published list, verified."""
        answer = await self.client.get(reference.uri)
        assert answer.headers["content-type"] == "application/statuslist+jwt"
        token = parse_status_list_token(answer.text)
        key = self.keys[credential_type]
        assert token.verification_method == key.status_verification_method
        return token.verify(key.status_signer.public_key, expected_uri=reference.uri, now=self.clock())

    async def status(self, reference: StatusReference, credential_type: str = "InsuranceCoverage") -> Status:
        """The status at this reference."""
        return (await self.list(reference, credential_type)).status(reference.index)

    async def change(
        self, person_id: str, status: str, credential_type: str = "InsuranceCoverage", *, reason: str = "wrong_data"
    ) -> httpx.Response:
        """An officer's change."""
        body = {"credential_type": credential_type, "status": status, "reason": reason}
        return await self.client.post(f"/people/{person_id}/status", json=body, headers=OFFICER)


async def reference_of(wallet: Wallet, person_id: str, configuration: str = COVERAGE) -> StatusReference:
    """The status reference of a newly issued credential."""
    (reference,) = parse_credential(await wallet.issued(person_id, configuration)).status
    assert isinstance(reference, StatusReference)
    return reference


async def test_suspended_restored_revoked_and_never_back(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    desk, person = Desk(client, settings, clock), people["A1"]
    sd_jwt, qr_pass = [await reference_of(wallet, person, each) for each in (COVERAGE, COVERAGE_QR)]
    identity = await reference_of(wallet, person, HEALTH_ID)
    other = await reference_of(wallet, people["A2"])
    for name, status in (("suspended", Status.SUSPENDED), ("valid", Status.VALID), ("revoked", Status.INVALID)):
        answer = await desk.change(person, name)
        assert answer.json() == {"credential_type": "InsuranceCoverage", "status": name, "changed": 2}
        assert await desk.status(sd_jwt) == await desk.status(qr_pass) == status
    assert (await desk.change(person, "revoked")).json()["changed"] == 0
    for name in ("valid", "suspended"):
        refused = await desk.change(person, name)
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        assert await desk.status(sd_jwt) == Status.INVALID
    assert await desk.status(other) == Status.VALID
    assert await desk.status(identity, "HealthId") == Status.VALID


async def test_an_officer_sees_what_was_issued_to_a_person(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    await wallet.issued(people["A1"], COVERAGE)
    clock.advance(60)
    await wallet.issued(people["A1"], HEALTH_ID)
    await Desk(client, settings, clock).change(people["A1"], "suspended")
    answer = await client.get(f"/people/{people['A1']}/credentials", headers=OFFICER)
    health_id, coverage = answer.json()["credentials"]
    assert (health_id["credential_type"], health_id["status"]) == ("HealthId", "valid")
    assert (coverage["credential_type"], coverage["status"]) == ("InsuranceCoverage", "suspended")
    assert health_id["issued_at"] == coverage["issued_at"] + 60 == clock()
    nothing: dict[str, list[str]] = {"credentials": [], "entitlement_ended": []}
    assert (await client.get(f"/people/{people['A2']}/credentials", headers=OFFICER)).json() == nothing
    assert (await client.get(f"/people/{'0' * 32}/credentials", headers=OFFICER)).status_code == 404


async def test_a_new_credential_after_a_revocation_has_a_life_of_its_own(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    desk, person = Desk(client, settings, clock), people["A1"]
    old = await reference_of(wallet, person)
    await desk.change(person, "revoked")
    new = await reference_of(wallet, person)
    assert (await desk.change(person, "suspended")).json()["changed"] == 1
    assert (await desk.status(old), await desk.status(new)) == (Status.INVALID, Status.SUSPENDED)


async def test_a_revocation_ends_the_tokens_that_would_bring_the_same_anew(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    desk, person = Desk(client, settings, clock), people["A1"]
    given = (await wallet.token(*await wallet.offered(person, COVERAGE, HEALTH_ID))).json()
    assert (await wallet.credential(given["access_token"])).status_code == 200
    renewed = (await refresh(wallet, given)).json()
    of_another_offer = (await wallet.token(*await wallet.offered(person, HEALTH_ID))).json()
    await desk.change(person, "revoked")
    for each in (COVERAGE, HEALTH_ID):
        assert refusal(await wallet.credential(renewed["access_token"], each)) == (401, "invalid_token")
    assert refusal(await refresh(wallet, renewed)) == (400, "invalid_grant")
    assert (await wallet.credential(of_another_offer["access_token"], HEALTH_ID)).status_code == 200
    assert await desk.status(await reference_of(wallet, person)) == Status.VALID


@pytest.mark.parametrize("reason", ["suspected_fraud", "deceased"])
async def test_after_a_revocation_for_fraud_or_death_nothing_is_issued_until_an_officer_offers_anew(
    client: httpx.AsyncClient,
    people: dict[str, str],
    wallet: Wallet,
    settings: IssuerSettings,
    clock: SetClock,
    reason: str,
) -> None:
    desk, person = Desk(client, settings, clock), people["A1"]
    await wallet.issued(person)
    offered_before = await wallet.offered(person, COVERAGE, HEALTH_ID)
    suspended = await desk.change(person, "suspended", reason="suspected_fraud")
    assert (suspended.status_code, await ended(client, person)) == (200, [])
    await desk.change(person, "revoked", reason=reason)
    assert await ended(client, person) == ["InsuranceCoverage"]
    assert (await desk.change(person, "revoked", reason=reason)).json()["changed"] == 0
    token = (await wallet.token(*offered_before)).json()["access_token"]
    assert refusal(await wallet.credential(token)) == (400, "credential_request_denied")
    assert (await wallet.credential(token, HEALTH_ID)).status_code == 200
    await wallet.issued(people["A2"])
    await wallet.issued(person)
    assert await ended(client, person) == []


async def ended(client: httpx.AsyncClient, person_id: str) -> Any:
    """Of which types nothing is issued to the person."""
    return (await client.get(f"/people/{person_id}/credentials", headers=OFFICER)).json()["entitlement_ended"]


async def test_nothing_new_is_issued_while_credentials_of_the_type_are_suspended(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    desk, person = Desk(client, settings, clock), people["A1"]
    given = (await wallet.token(*await wallet.offered(person, COVERAGE, HEALTH_ID))).json()
    assert (await wallet.credential(given["access_token"])).status_code == 200
    approved = (await wallet.token(*await wallet.offered(person, needs_approval=True))).json()["access_token"]
    waiting = (await wallet.credential(approved)).json()["transaction_id"]
    assert (await client.post(f"/credential-sets/{waiting}/approve", headers=OFFICER)).status_code == 204
    await desk.change(person, "suspended")
    renewed = (await refresh(wallet, given)).json()["access_token"]
    offered = await wallet.authorized(person)
    for token in (renewed, offered):
        assert refusal(await wallet.credential(token)) == (400, "credential_request_denied")
    collected = await wallet.send("/deferred_credential", approved, {"transaction_id": waiting})
    assert refusal(collected) == (400, "credential_request_denied")
    assert (await wallet.credential(renewed, HEALTH_ID)).status_code == 200
    assert (await wallet.credential(given["access_token"])).status_code == 200  # the suspended one, once more
    await desk.change(person, "valid")
    assert (await wallet.credential(renewed)).status_code == 200
    assert (await wallet.send("/deferred_credential", approved, {"transaction_id": waiting})).status_code == 200


async def test_changes_that_can_not_be(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    desk = Desk(client, settings, clock)
    assert (await desk.change(people["A1"], "revoked")).status_code == 404
    assert (await desk.change("0" * 32, "revoked")).status_code == 404
    assert (await desk.change(people["A1"], "unrevoked")).status_code == 400
    assert (await desk.change(people["A1"], "revoked", "Passport")).status_code == 400


async def test_a_list_is_cached_by_its_etag_until_it_changes(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    reference, desk = await reference_of(wallet, people["A1"]), Desk(client, settings, clock)
    first = await client.get(reference.uri)
    assert first.headers["cache-control"] == "max-age=60"
    etag = first.headers["etag"]
    for known in (etag, f'"0", W/{etag}', "*"):
        again = await client.get(reference.uri, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    await desk.change(people["A1"], "suspended")
    changed = await client.get(reference.uri, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


async def test_a_list_is_signed_anew_after_some_minutes_and_old_versions_go(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    reference, desk = await reference_of(wallet, people["A1"]), Desk(client, settings, clock)
    first = await desk.list(reference, "InsuranceCoverage")
    assert (first.expires_at - first.issued_at, first.time_to_live) == (LIFETIME, 60)
    clock.advance(FRESH - 1)
    assert (await desk.list(reference, "InsuranceCoverage")).issued_at == first.issued_at
    clock.advance(1)
    assert (await desk.list(reference, "InsuranceCoverage")).issued_at == clock()
    clock.advance(LIFETIME)
    await desk.list(reference, "InsuranceCoverage")
    assert await rows(settings, "SELECT version FROM status_publications") == [3]


async def test_versions_are_kept_and_published_once_each(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    reference, desk = await reference_of(wallet, people["A1"]), Desk(client, settings, clock)
    for status in ("suspended", "valid"):
        await desk.change(people["A1"], status)
        answers = await asyncio.gather(*(client.get(reference.uri) for _ in range(10)))
        assert len({answer.content for answer in answers}) == 1
    assert await rows(settings, "SELECT version FROM status_publications ORDER BY version") == [1, 2]


async def test_a_full_half_begins_a_new_list(people: dict[str, str], wallet: Wallet, settings: IssuerSettings) -> None:
    first = await reference_of(wallet, people["A1"])
    await rows(settings, "UPDATE status_lists SET allocated = :filled RETURNING id", filled=FILLED)
    second, third = [await reference_of(wallet, people["A1"]) for _ in range(2)]
    assert first.uri != second.uri == third.uri


async def test_lists_that_are_not_there(client: httpx.AsyncClient) -> None:
    for unknown in ("AAAAAAAA", "%00", "x" * 40, "a.b"):
        assert (await client.get(f"{ISSUER}/status/{unknown}")).status_code == 404


async def refresh(wallet: Wallet, given: dict[str, str]) -> httpx.Response:
    """The use of the refresh token in a token response."""
    form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    return await wallet.client.post("/token", data=form)


async def rows(settings: IssuerSettings, statement: str, **parameters: int) -> list[object]:
    """The first column of what a statement on the issuer's database gives."""
    database = Database(settings.database_url)
    async with database.transaction() as session:
        found = (await (await session.connection()).execute(text(statement), parameters)).scalars().all()
    await database.close()
    return list(found)
