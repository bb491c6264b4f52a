"""From a coverage that ends with the year to the next one, without a visit: fund, bulk issuance, wallet."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from issuer.app import create_app
from issuer.bulk import workers
from issuer.keys import load_issuing_keys
from tests.support.claims import sample_claims
from tests.support.lifespan import lifespan_of
from tests.support.renewals import CHAIN_ID, DAY, NOW, OLD_END, Fund, clock, create_fund, fill
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer
from vc_core.errors import Rejection
from vc_core.formats.credential import CredentialFormat, StatusReference
from vc_core.formats.sd_jwt import create_sd_jwt_vc
from vc_core.http import HttpClient
from vc_core.ledger.no_ledger import NoLedger
from vc_core.ledger.registry_state import RegistryState
from vc_core.trust import RegistryTrust
from vc_core.verification import verify_issued_credential
from vc_core.web.database import Database
from wallet_sdk.content import CredentialCopy, HeldCredential
from wallet_sdk.renewal import fetch_renewals
from wallet_sdk.store import KeyCost
from wallet_sdk.wallet import Wallet

WEAK = KeyCost(memory_kib=8, passes=1)


@pytest.fixture
def fund(tmp_path: Path) -> Fund:
    """The fund."""
    return create_fund(tmp_path / "fund", f"sqlite+aiosqlite:///{tmp_path / 'fund.sqlite'}")


@pytest.fixture
def wallet(tmp_path: Path) -> Wallet:
    """An empty wallet."""
    return Wallet.create(tmp_path / "wallet", "a long passphrase", provider="https://backend.test", cost=WEAK)


def take_old_credential(wallet: Wallet, fund: Fund) -> Fund:
    """Puts this year's coverage into the wallet; returns the fund as it knows the wallet's key."""
    signer = P256Signer.generate()
    key = load_issuing_keys(fund.settings)["InsuranceCoverage"]
    text = create_sd_jwt_vc(
        INSURANCE_COVERAGE,
        sample_claims(INSURANCE_COVERAGE),
        verification_method=key.verification_method,
        signer=key.signer,
        issued_at=NOW - DAY // 2,
        expires_at=OLD_END,
        status=StatusReference(fund.settings.public_url + "/status/oldlist0", 0),
        holder_key=signer.public_key,
        randomness=secrets.token_bytes,
    )
    verified = verify_issued_credential(
        text, holder_key=signer.public_key, trust=fund.trust, max_trust_age=DAY, clock_tolerance=30, now=NOW
    )
    copy = CredentialCopy(text, signer.to_bytes(), verified.issued_at, verified.expires_at)
    wallet.add_credential(
        HeldCredential(
            "c1", CredentialFormat.SD_JWT, verified.vct, (copy,), verified.issuer, "Fund", dict(verified.claims)
        )
    )
    return replace(fund, holders=(signer,))


async def renew(fund: Fund) -> None:
    """The fund renews everybody's coverage."""
    database = Database(fund.settings.database_url)
    await fill(fund, database, 1)
    bulk = fund.bulk(database)
    job = await bulk.plan("InsuranceCoverage", ending_before=NOW + 60 * DAY)
    with ThreadPoolExecutor(1, initializer=workers._begin, initargs=(fund.settings,)) as threads:
        await bulk.run(job, threads, count=1, report=lambda done, total: None, raw_seconds=0.01)
    await database.close()


@asynccontextmanager
async def asking(fund: Fund) -> AsyncIterator[HttpClient]:
    """What a wallet asks the fund's issuer with."""
    app = create_app(fund.settings, clock=clock, ledger=NoLedger(CHAIN_ID), http=HttpClient())
    async with lifespan_of(app) as running:
        http = HttpClient(transport=httpx.ASGITransport(app=running.app))
        yield http
        await http.close()


async def test_the_wallet_has_next_years_coverage_beside_this_years(fund: Fund, wallet: Wallet) -> None:
    fund = take_old_credential(wallet, fund)
    await renew(fund)
    async with asking(fund) as http:
        fetched = await fetch_renewals(wallet, http, trust=fund.trust, clock=clock)
        assert (len(fetched.stored), fetched.refused) == (1, ())
        old, new = wallet.credentials
        assert (old.holder_key, old.vct, old.format) == (new.holder_key, new.vct, new.format)
        assert old.expires_at == OLD_END < new.expires_at
        assert wallet.newest(new.vct, new.format, now=OLD_END).id == new.id
        again = await fetch_renewals(wallet, http, trust=fund.trust, clock=clock)
        assert (again.stored, again.refused) == ((), ())


async def test_what_an_untrusted_issuer_renews_is_not_kept(fund: Fund, wallet: Wallet) -> None:
    fund = take_old_credential(wallet, fund)
    await renew(fund)
    nobody = RegistryTrust(RegistryState([]), chain_id=CHAIN_ID, synced_at=NOW)
    async with asking(fund) as http:
        fetched = await fetch_renewals(wallet, http, trust=nobody, clock=clock)
    assert fetched.stored == ()
    assert [type(each.error) for each in fetched.refused] == [Rejection]
    assert len(wallet.credentials) == 1


async def test_what_another_issuer_renews_is_not_kept(fund: Fund, wallet: Wallet) -> None:
    fund = take_old_credential(wallet, fund)
    held = wallet.add_credential(replace(wallet.credentials[0], issuer="did:web:another.test"))
    await renew(fund)
    async with asking(fund) as http:
        fetched = await fetch_renewals(wallet, http, trust=fund.trust, clock=clock)
    assert fetched.stored == ()
    assert [each.error.code for each in fetched.refused] == ["UNTRUSTED_ISSUER"]
    assert wallet.credentials == (held,)


@pytest.mark.parametrize(
    "answer", ["{}", '{"credentials": 1}', '{"credentials": [1]}', '{"credentials": [{"credential": 7}]}', "<html>"]
)
async def test_answers_of_another_form(fund: Fund, wallet: Wallet, answer: str) -> None:
    take_old_credential(wallet, fund)

    def respond(request: httpx.Request) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        return httpx.Response(200, text='{"c_nonce": "n"}' if request.url.path == "/nonce" else answer, headers=headers)

    http = HttpClient(transport=httpx.MockTransport(respond))
    fetched = await fetch_renewals(wallet, http, trust=fund.trust, clock=clock)
    await http.close()
    assert (fetched.stored, len(fetched.refused)) == ((), 1)
