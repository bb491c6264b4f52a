"""Credentials that an officer has to approve: asked for, decided on, collected once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from sqlmodel import select

from issuer.issuance.credentials import DEFERRED_INTERVAL, DEFERRED_LIFETIME
from issuer.issuance.models import CredentialSet, Issuance
from issuer.issuance.set_repository import CredentialSetRepository
from issuer.settings import IssuerSettings
from tests.issuer.wallet import COVERAGE, HEALTH_ID, OFFICER, Wallet
from tests.support.clock import SetClock
from vc_core.crypto.keys import P256Signer
from vc_core.formats.presentation import parse_credential
from vc_core.protocols.openid4vci.credential import create_credential_request
from vc_core.protocols.openid4vci.deferred import create_deferred_credential_request
from vc_core.web.database import Database

KEYS = [P256Signer.generate() for _ in range(3)]
APPOINTMENT = "AppointmentTicket_dc+sd-jwt"
STATED = {
    "AppointmentTicket": {
        "hospital": "10661",
        "appointment_date": "2026-12-31",
        "appointment_time": "09:30",
        "appointment_ref": "AP-1",
    }
}


def code(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of a refusal."""
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()["error"]


async def tokens_of(wallet: Wallet, person_id: str, *ids: str, claims: Any = None) -> tuple[str, str]:
    """The access token and the refresh token of an offer that needs approval."""
    answer = await wallet.token(*await wallet.offered(person_id, *ids, claims=claims, needs_approval=True))
    return answer.json()["access_token"], answer.json()["refresh_token"]


async def refreshed(wallet: Wallet, refresh_token: str) -> str:
    """Another access token."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    answer = await wallet.client.post("/token", data=form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def asked(
    wallet: Wallet, token: str, configuration: str = COVERAGE, keys: list[P256Signer] = KEYS
) -> httpx.Response:
    """A credential request for these keys."""
    body = create_credential_request(configuration, proofs=await wallet.proofs(*keys))
    return await wallet.send("/credential", token, body)


async def collected(wallet: Wallet, token: str, transaction_id: str) -> httpx.Response:
    """A deferred credential request."""
    return await wallet.send("/deferred_credential", token, create_deferred_credential_request(transaction_id))


async def decide(client: httpx.AsyncClient, set_id: str, decision: str = "approve", **body: Any) -> int:
    """The status of an officer's decision."""
    sent = {"json": body} if body else {}
    return (await client.post(f"/credential-sets/{set_id}/{decision}", headers=OFFICER, **sent)).status_code  # type: ignore[arg-type]


async def listed(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    """The sets as an officer sees them."""
    answer = await client.get("/credential-sets", params=query, headers=OFFICER)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["credential_sets"])


async def test_nothing_is_signed_before_an_officer_approves_and_then_once(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    token, refresh_token = await tokens_of(wallet, people["A1"])
    first = await asked(wallet, token)
    assert first.status_code == 202
    assert first.headers["cache-control"] == "no-store"
    transaction_id = first.json()["transaction_id"]
    assert first.json() == {"transaction_id": transaction_id, "interval": DEFERRED_INTERVAL}
    assert (await asked(wallet, token)).json() == first.json()
    assert code(await asked(wallet, token, keys=KEYS[:2])) == (400, "credential_request_denied")
    assert (await collected(wallet, token, transaction_id)).json() == first.json()
    database = Database(settings.database_url)
    async with database.transaction() as session:
        assert (await session.exec(select(Issuance))).all() == []
    await database.close()
    (waiting,) = await listed(client, state="pending")
    assert (waiting["id"], waiting["person_id"], waiting["credentials"]) == (transaction_id, people["A1"], 3)

    clock.advance(3600)  # the access token is over; the refresh token is what stays
    token = await refreshed(wallet, refresh_token)
    assert (await asked(wallet, token)).json() == first.json()
    assert await decide(client, transaction_id) == 204
    assert await decide(client, transaction_id) == 409
    assert await decide(client, transaction_id, "refuse", reason="other") == 409
    answers = await asyncio.gather(*(collected(wallet, token, transaction_id) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5
    good = next(answer for answer in answers if answer.status_code == 200)
    bound = [parse_credential(each["credential"]).holder_key for each in good.json()["credentials"]]
    assert bound == [key.public_key for key in KEYS]
    assert code(await collected(wallet, token, transaction_id)) == (400, "invalid_transaction_id")
    (done,) = await listed(client, person_id=people["A1"])
    assert (done["state"], done["collected_at"]) == ("approved", clock())


async def test_transactions_of_others(client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet) -> None:
    token, _ = await tokens_of(wallet, people["A1"])
    other, _ = await tokens_of(wallet, people["A2"])
    at_once = (await asked(wallet, await wallet.authorized(people["A1"]))).json()["notification_id"]
    transaction_id = (await asked(wallet, token)).json()["transaction_id"]
    await decide(client, transaction_id)
    for bearer, wanted in ((other, transaction_id), (token, "made-up"), (token, at_once)):
        assert code(await collected(wallet, bearer, wanted)) == (400, "invalid_transaction_id")
    assert code(await collected(wallet, "made-up", transaction_id)) == (401, "invalid_token")
    assert code(await wallet.send("/deferred_credential", token, {})) == (400, "invalid_credential_request")
    assert (await collected(wallet, token, transaction_id)).status_code == 200


async def test_a_refusal_is_final_and_the_wallet_learns_no_reason(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet
) -> None:
    token, refresh_token = await tokens_of(wallet, people["A1"], COVERAGE, HEALTH_ID)
    transaction_id = (await asked(wallet, token)).json()["transaction_id"]
    assert await decide(client, transaction_id, "refuse", reason="made_up") == 400
    assert await decide(client, transaction_id, "refuse", reason="not_entitled") == 204
    refusal = await collected(wallet, token, transaction_id)
    assert code(refusal) == (400, "credential_request_denied")
    assert "entitled" not in refusal.text
    token = await refreshed(wallet, refresh_token)
    for keys in (KEYS, KEYS[:1]):
        assert code(await asked(wallet, token, keys=keys)) == (400, "credential_request_denied")
    (refused,) = await listed(client, state="refused")
    assert refused["reason"] == "not_entitled"
    assert (await asked(wallet, token, HEALTH_ID)).status_code == 202


async def test_only_officers_see_and_decide(client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet) -> None:
    token, _ = await tokens_of(wallet, people["A1"])
    transaction_id = (await asked(wallet, token)).json()["transaction_id"]
    for method, path in (
        ("GET", "/credential-sets"),
        ("POST", f"/credential-sets/{transaction_id}/approve"),
        ("POST", f"/credential-sets/{transaction_id}/refuse"),
    ):
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await client.request(method, path, headers=bearer)).status_code == 401
    assert await decide(client, "made-up") == 404
    assert len(await listed(client, state="pending")) == 1


async def test_what_the_officer_stated_is_kept_until_it_is_collected(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    token, refresh_token = await tokens_of(wallet, people["A1"], APPOINTMENT, claims=STATED)
    transaction_id = (await asked(wallet, token, APPOINTMENT)).json()["transaction_id"]
    clock.advance(3600)
    await decide(client, transaction_id)
    token = await refreshed(wallet, refresh_token)
    answer = await collected(wallet, token, transaction_id)
    assert answer.status_code == 200, answer.text
    assert parse_credential(answer.json()["credentials"][0]["credential"]).claims["appointment_ref"] == "AP-1"
    database = Database(settings.database_url)
    async with database.transaction() as session:
        assert [each.claims for each in await session.exec(select(CredentialSet))] == [None]
    await database.close()


async def test_once_approved_it_is_had_again_without_waiting(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet
) -> None:
    token, refresh_token = await tokens_of(wallet, people["A1"])
    transaction_id = (await asked(wallet, token)).json()["transaction_id"]
    await decide(client, transaction_id)
    assert (await asked(wallet, token)).status_code == 200
    assert code(await collected(wallet, token, transaction_id)) == (400, "invalid_transaction_id")
    again = await asked(wallet, await refreshed(wallet, refresh_token), keys=[P256Signer.generate()])
    assert again.status_code == 200


async def test_what_nobody_decides_on_is_over_some_day(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, settings: IssuerSettings, clock: SetClock
) -> None:
    token, refresh_token = await tokens_of(wallet, people["A1"], APPOINTMENT, claims=STATED)
    transaction_id = (await asked(wallet, token, APPOINTMENT)).json()["transaction_id"]
    database = Database(settings.database_url)
    for now in (clock() + DEFERRED_LIFETIME - 1, clock() + DEFERRED_LIFETIME):
        async with database.transaction() as session:
            sets = CredentialSetRepository(session)
            (seen,) = await session.exec(select(CredentialSet))
            await sets.expire(created_before=now - DEFERRED_LIFETIME, reason="expired", now=now)
            found = await sets.load_last_decision(seen.family_id, APPOINTMENT)
            over = now == clock() + DEFERRED_LIFETIME
            assert found is not None
            assert (found.state == "refused", found.claims is None) == (over, over)
    await database.close()
    assert await decide(client, transaction_id) == 409
    assert code(await collected(wallet, await refreshed(wallet, refresh_token), transaction_id)) == (
        400,
        "credential_request_denied",
    )
