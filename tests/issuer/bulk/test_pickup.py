"""A wallet fetches what was renewed for its key; nobody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from issuer.app import create_app
from issuer.bulk import workers
from tests.issuer.wallet import Wallet
from tests.support.clock import SetClock
from tests.support.lifespan import lifespan_of
from tests.support.renewals import CHAIN_ID, CONFIGURATION, DAY, NOW, OLD_END, Fund, create_fund, fill
from vc_core.crypto.keys import P256Signer
from vc_core.http import HttpClient
from vc_core.ledger.no_ledger import NoLedger
from vc_core.verification import verify_issued_credential
from vc_core.web.database import Database

PEOPLE = 16


@pytest.fixture
async def fund(tmp_path: Path, database_url: str) -> Fund:
    """The fund, after it renewed everybody's coverage: each of the eight keys holds that of two people."""
    fund = create_fund(tmp_path, database_url)
    database = Database(database_url)
    await fill(fund, database, PEOPLE)
    bulk = fund.bulk(database)
    job = await bulk.plan("InsuranceCoverage", ending_before=NOW + 60 * DAY)
    with ThreadPoolExecutor(1, initializer=workers._begin, initargs=(fund.settings,)) as threads:
        await bulk.run(job, threads, count=1, report=lambda done, total: None, raw_seconds=0.01)
    await database.close()
    return fund


@pytest.fixture
def clock() -> SetClock:
    """The day of the renewal."""
    return SetClock(NOW)


@pytest.fixture
async def client(fund: Fund, clock: SetClock) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the fund's issuer, which has no ledger here: nothing is issued, only handed out."""
    http = HttpClient()
    app = create_app(fund.settings, clock=clock, ledger=NoLedger(CHAIN_ID), http=http)
    async with lifespan_of(app) as running:
        transport = httpx.ASGITransport(app=running.app)
        async with httpx.AsyncClient(transport=transport, base_url=fund.settings.public_url) as client:
            yield client
    await http.close()


@pytest.fixture
def wallet(client: httpx.AsyncClient, clock: SetClock, fund: Fund) -> Wallet:
    """The wallet of the people number 0 and 8."""
    wallet = Wallet(client, clock)
    wallet.key = fund.holders[0]
    return wallet


async def ask(wallet: Wallet, fund: Fund, **changes: Any) -> httpx.Response:
    """The wallet's question."""
    proof = await wallet.proof(**{"audience": fund.settings.public_url} | changes)
    return await wallet.client.post("/renewals", json={"proof": proof})


async def test_the_holder_of_the_key_gets_what_waits_for_it_and_again(wallet: Wallet, fund: Fund) -> None:
    answer = await ask(wallet, fund)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    fetched = answer.json()["credentials"]
    assert [each["credential_configuration_id"] for each in fetched] == [CONFIGURATION] * 2
    for each in fetched:
        verified = verify_issued_credential(
            each["credential"],
            holder_key=wallet.key.public_key,
            trust=fund.trust,
            max_trust_age=DAY,
            clock_tolerance=30,
            now=NOW,
        )
        assert verified.expires_at > OLD_END
    assert (await ask(wallet, fund)).json()["credentials"] == fetched


async def test_another_key_gets_nothing(wallet: Wallet, fund: Fund) -> None:
    assert (await ask(wallet, fund, signer=P256Signer.generate())).json() == {"credentials": []}


async def test_proofs_that_are_refused(wallet: Wallet, fund: Fund) -> None:
    assert (await ask(wallet, fund, audience="https://other.example")).json()["error"] == "invalid_proof"
    assert (await ask(wallet, fund, issued_at=NOW - DAY)).json()["error"] == "invalid_proof"
    assert (await ask(wallet, fund, nonce="made-up")).json()["error"] == "invalid_nonce"
    proof = await wallet.proof(audience=fund.settings.public_url)
    assert (await wallet.client.post("/renewals", json={"proof": proof})).status_code == 200
    replayed = await wallet.client.post("/renewals", json={"proof": proof})
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_nonce")


@pytest.mark.parametrize("body", [{}, {"proof": 1}, {"proof": "x"}, {"proof": "x" * 20_000}, {"proof": "", "more": 1}])
async def test_bodies_that_are_refused(wallet: Wallet, body: dict[str, Any]) -> None:
    refused = await wallet.client.post("/renewals", json=body)
    assert refused.status_code == 400


async def test_what_is_suspended_or_revoked_or_has_expired_is_not_handed_out(
    wallet: Wallet, fund: Fund, clock: SetClock
) -> None:
    officer = {"Authorization": f"Bearer {fund.settings.officer_token.get_secret_value()}"}
    for status, handed_out in (("suspended", 1), ("valid", 2)):
        change = {"credential_type": "InsuranceCoverage", "status": status, "reason": "resolved"}
        await wallet.client.post(f"/people/{0:032x}/status", json=change, headers=officer)
        assert len((await ask(wallet, fund)).json()["credentials"]) == handed_out
    change = {"credential_type": "InsuranceCoverage", "status": "revoked", "reason": "wrong_data"}
    revoked = await wallet.client.post(f"/people/{0:032x}/status", json=change, headers=officer)
    assert revoked.json()["changed"] == 2
    assert len((await ask(wallet, fund)).json()["credentials"]) == 1
    clock.advance(367 * DAY)
    assert (await ask(wallet, fund)).json() == {"credentials": []}
