"""The process dies at each step of an issuance; whoever asks again gets one set, and what was recorded can be revoked.

A step that raises what nobody catches ends its request as a kill does: what is committed stays, what is not is gone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlmodel import select

from issuer.issuance.credentials import CredentialService
from issuer.issuance.models import CredentialSet, Issuance
from issuer.issuance.recording import Recorder
from issuer.issuance.set_repository import CredentialSetRepository
from issuer.settings import IssuerSettings
from tests.issuer.wallet import COVERAGE, OFFICER, Wallet
from vc_core.crypto.keys import P256Signer
from vc_core.formats.presentation import parse_credential
from vc_core.protocols.openid4vci.credential import create_credential_request
from vc_core.protocols.openid4vci.deferred import create_deferred_credential_request
from vc_core.web.database import Database

KEYS = [P256Signer.generate() for _ in range(3)]
Request = Callable[[], Awaitable[httpx.Response]]


class Killed(BaseException):
    """The end of the process."""


async def _die(*arguments: Any, **named: Any) -> Any:
    raise Killed


STEPS: dict[str, tuple[type, str]] = {
    "before the set is written": (Recorder, "open_set"),
    "before the rows are written": (Recorder, "record"),
    "among the rows": (CredentialSetRepository, "save_issuances"),
    "before signing": (CredentialService, "_sign"),
}


async def rows(settings: IssuerSettings) -> tuple[list[CredentialSet], list[Issuance]]:
    """What is recorded."""
    database = Database(settings.database_url)
    async with database.transaction() as session:
        found = (list(await session.exec(select(CredentialSet))), list(await session.exec(select(Issuance))))
    await database.close()
    return found


async def killed(monkeypatch: pytest.MonkeyPatch, step: tuple[type, str], request: Request) -> None:
    """The request, in a process that dies at this step."""
    with monkeypatch.context() as patched:
        patched.setattr(*step, _die)
        with pytest.raises(Killed):
            await request()


def asking(wallet: Wallet, token: str) -> Request:
    """A credential request for three keys, with a fresh nonce each time."""

    async def ask() -> httpx.Response:
        body = create_credential_request(COVERAGE, proofs=await wallet.proofs(*KEYS))
        return await wallet.send("/credential", token, body)

    return ask


async def test_asking_again_brings_one_set_whatever_the_step(
    people: dict[str, str], wallet: Wallet, settings: IssuerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = asking(wallet, await wallet.authorized(people["A1"]))
    for name, step in STEPS.items():
        await killed(monkeypatch, step, ask)
        sets, issuances = await rows(settings)
        assert (len(sets), len(issuances)) == ((1, 3) if name == "before signing" else (0, 0)), name
    answer = await ask()
    assert answer.status_code == 200, answer.text
    places = {place for each in answer.json()["credentials"] for place in parse_credential(each["credential"]).status}
    sets, issuances = await rows(settings)
    assert (len(sets), len(issuances)) == (1, 3)
    assert {place.index for place in places} == {each.status_index for each in issuances}


async def test_what_was_recorded_and_never_signed_can_be_revoked(
    client: httpx.AsyncClient,
    people: dict[str, str],
    wallet: Wallet,
    settings: IssuerSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await killed(monkeypatch, STEPS["before signing"], asking(wallet, await wallet.authorized(people["A1"])))
    change = {"credential_type": "InsuranceCoverage", "status": "revoked", "reason": "wrong_data"}
    answer = await client.post(f"/people/{people['A1']}/status", json=change, headers=OFFICER)
    assert answer.json()["changed"] == 3
    assert {each.status for each in (await rows(settings))[1]} == {1}


async def test_collecting_what_was_approved_is_no_less_certain(
    client: httpx.AsyncClient,
    people: dict[str, str],
    wallet: Wallet,
    settings: IssuerSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = await wallet.token(*await wallet.offered(people["A1"], needs_approval=True))
    token = answer.json()["access_token"]
    ask = asking(wallet, token)
    await killed(monkeypatch, STEPS["before the set is written"], ask)
    transaction_id = (await ask()).json()["transaction_id"]
    await client.post(f"/credential-sets/{transaction_id}/approve", headers=OFFICER)

    async def collect() -> httpx.Response:
        return await wallet.send("/deferred_credential", token, create_deferred_credential_request(transaction_id))

    for step in (*list(STEPS.values())[1:], (CredentialSetRepository, "collect")):
        await killed(monkeypatch, step, collect)
    assert (await collect()).status_code == 200
    assert (await collect()).json()["error"] == "invalid_transaction_id"
    sets, issuances = await rows(settings)
    assert (len(sets), len(issuances)) == (1, 3)
