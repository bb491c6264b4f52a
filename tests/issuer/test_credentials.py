"""The credential endpoint under attack: rows I5 to I7, I12 and I13, and retries."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from sqlmodel import col, select, update

from issuer.issuance.credentials import NONCE_LIFETIME
from issuer.issuance.models import CredentialSet, Nonce
from issuer.issuance.repository import IssuanceRepository
from issuer.roster.models import Person
from issuer.settings import IssuerSettings
from tests.conftest import NOW
from tests.issuer.wallet import COVERAGE, COVERAGE_QR, HEALTH_ID, OFFICER, Wallet
from tests.support.clock import SetClock
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.formats.presentation import parse_credential
from vc_core.web.database import Database

LONGEST_NAME = "\U00011103" * 100
"""As long as the roster takes one, in letters of four bytes."""


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of an error in OAuth's rendering."""
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"error", "error_description"}
    return answer.status_code, answer.json()["error"]


async def test_nonces_are_fresh_and_not_stored_by_anyone_on_the_way(client: httpx.AsyncClient) -> None:
    first, second = [await client.post("/nonce") for _ in range(2)]
    assert first.headers["cache-control"] == "no-store"
    assert first.json() != second.json()


async def test_a_proof_works_once(people: dict[str, str], wallet: Wallet) -> None:
    token, proof = await wallet.authorized(people["A1"]), await wallet.proof()
    assert (await wallet.credential(token, proof=proof)).status_code == 200
    assert refusal(await wallet.credential(token, proof=proof)) == (400, "invalid_nonce")


async def test_of_many_at_once_with_one_proof_exactly_one_gets_a_credential(
    people: dict[str, str], wallet: Wallet
) -> None:
    token, proof = await wallet.authorized(people["A1"]), await wallet.proof()
    answers = await asyncio.gather(*(wallet.credential(token, proof=proof) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    assert {answer.json().get("error") for answer in answers} == {None, "invalid_nonce"}


async def test_unknown_and_expired_nonces(people: dict[str, str], wallet: Wallet, clock: SetClock) -> None:
    token = await wallet.authorized(people["A1"])
    unknown = await wallet.proof(nonce="made-up")
    assert refusal(await wallet.credential(token, proof=unknown)) == (400, "invalid_nonce")
    late = await wallet.proof(issued_at=clock() + NONCE_LIFETIME)
    clock.advance(NONCE_LIFETIME)
    assert refusal(await wallet.credential(token, proof=late)) == (400, "invalid_nonce")


async def test_bad_proofs(people: dict[str, str], wallet: Wallet) -> None:
    token = await wallet.authorized(people["A1"])
    changes: list[dict[str, Any]] = [
        {"audience": "https://other.test"},
        {"issued_at": 0},
        {"nonce": ""},
        {"signer": Ed25519Signer.generate()},
    ]
    for change in changes:
        answer = await wallet.credential(token, proof=await wallet.proof(**change))
        assert refusal(answer) == (400, "invalid_proof")


async def test_requests_that_get_the_codes_of_the_specification(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet
) -> None:
    bearer = {"Authorization": "Bearer " + await wallet.authorized(people["A1"])}
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "invalid_credential_request"),
        ({"credential_configuration_id": COVERAGE}, "invalid_proof"),
        ({"credential_configuration_id": COVERAGE, "proof": {"proof_type": "jwt", "jwt": "x"}}, "invalid_proof"),
        ({"credential_identifier": "x", "proofs": {"jwt": ["x"]}}, "unknown_credential_identifier"),
        ({"credential_configuration_id": "x", "proofs": {"jwt": ["x"]}}, "unknown_credential_configuration"),
        (
            {"credential_configuration_id": COVERAGE, "credential_response_encryption": {"enc": "A128GCM"}},
            "invalid_encryption_parameters",
        ),
    ]
    for body, code in cases:
        assert refusal(await client.post("/credential", json=body, headers=bearer)) == (400, code)


async def test_requests_of_another_form(client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet) -> None:
    bearer = {"Authorization": "Bearer " + await wallet.authorized(people["A1"])}
    plain = await client.post("/credential", content=b"{}", headers=bearer | {"Content-Type": "text/plain"})
    assert refusal(plain) == (400, "invalid_credential_request")
    huge = await client.post("/credential", json={"x": "y" * 300_000}, headers=bearer)
    assert huge.status_code == 413
    deep = await client.post(
        "/credential", content=b"[" * 100_000, headers=bearer | {"Content-Type": "application/json"}
    )
    assert refusal(deep) == (400, "invalid_credential_request")


async def test_without_a_good_token(client: httpx.AsyncClient) -> None:
    for authorization in (b"", b"Bearer", b"Bearer x", b"Basic eDp5", "bearer \u00e9".encode()):
        answer = await client.post("/credential", json={}, headers={b"Authorization": authorization})
        assert refusal(answer) == (401, "invalid_token")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_for_one_credential_brings_no_other(people: dict[str, str], wallet: Wallet) -> None:
    token = await wallet.authorized(people["A1"], COVERAGE)
    answer = await wallet.credential(token, HEALTH_ID)
    assert refusal(answer) == (403, "insufficient_scope")
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


async def test_a_retry_brings_the_same_credential_anew(people: dict[str, str], wallet: Wallet, clock: SetClock) -> None:
    token = await wallet.authorized(people["A1"], COVERAGE_QR)
    first = await wallet.credential(token, COVERAGE_QR)
    clock.advance(5)
    again = await wallet.credential(token, COVERAGE_QR)
    one, other = [parse_credential(each.json()["credentials"][0]["credential"]) for each in (first, again)]
    assert (one.status, one.issued_at, one.expires_at) == (other.status, other.issued_at, other.expires_at)
    assert one.claims == other.claims


async def test_what_is_too_long_for_a_qr_pass_is_refused_before_anything_is_written(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings
) -> None:
    token, proof = await wallet.authorized(people["A1"], COVERAGE_QR), await wallet.proof()
    database = Database(settings.database_url)

    async def rename(name: str) -> int:
        async with database.transaction() as session:
            await session.exec(update(Person).where(col(Person.id) == people["A1"]).values(name=name))
            return len((await session.exec(select(CredentialSet))).all())

    await rename(LONGEST_NAME)
    order = {"person_id": people["A1"], "tx_code_delivery": "in_person"}
    refused = await client.post(
        "/offers", json=order | {"credential_configuration_ids": [COVERAGE_QR]}, headers=OFFICER
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "too_long_for_qr_pass")
    assert "too long for a QR pass" in refused.json()["detail"]
    made = await client.post("/offers", json=order | {"credential_configuration_ids": [COVERAGE]}, headers=OFFICER)
    assert made.status_code == 201
    answer = await wallet.credential(token, COVERAGE_QR, proof=proof)
    assert refusal(answer) == (400, "credential_request_denied")
    assert "too long" in answer.json()["error_description"]
    assert await rename("မောင်") == 0
    assert (await wallet.credential(token, COVERAGE_QR, proof=proof)).status_code == 200
    await database.close()


async def test_retries_at_once_share_one_status_entry(people: dict[str, str], wallet: Wallet) -> None:
    token = await wallet.authorized(people["A1"])
    answers = await asyncio.gather(*(wallet.credential(token) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    issued = [parse_credential(answer.json()["credentials"][0]["credential"]) for answer in answers]
    assert len({credential.status for credential in issued}) == 1


async def test_a_retry_with_another_key_is_refused(people: dict[str, str], wallet: Wallet) -> None:
    token = await wallet.authorized(people["A1"])
    assert (await wallet.credential(token)).status_code == 200
    thief = await wallet.proof(signer=P256Signer.generate())
    assert refusal(await wallet.credential(token, proof=thief)) == (400, "credential_request_denied")
    assert (await wallet.credential(token)).status_code == 200


async def test_credentials_at_once_have_entries_of_their_own(people: dict[str, str], wallet: Wallet) -> None:
    tokens = [await wallet.authorized(people["A1"], COVERAGE) for _ in range(20)]
    answers = await asyncio.gather(*(wallet.credential(token) for token in tokens))
    issued = [parse_credential(answer.json()["credentials"][0]["credential"]) for answer in answers]
    indexes = [place.index for credential in issued for place in credential.status]
    assert len(set(indexes)) == 20
    assert indexes != sorted(indexes)


async def test_nonces_that_nobody_used_are_forgotten(client: httpx.AsyncClient, settings: IssuerSettings) -> None:
    await client.post("/nonce")
    database = Database(settings.database_url)
    async with database.transaction() as session:
        await IssuanceRepository(session).delete_expired_nonces(now=NOW + NONCE_LIFETIME - 1)
        assert len((await session.exec(select(Nonce))).all()) == 1
        await IssuanceRepository(session).delete_expired_nonces(now=NOW + NONCE_LIFETIME)
        assert (await session.exec(select(Nonce))).all() == []
    await database.close()
