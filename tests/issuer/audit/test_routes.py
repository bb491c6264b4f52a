"""What is written down of officers' actions, and what auditors see of it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from issuer.settings import IssuerSettings
from tests.issuer.wallet import COVERAGE, OFFICER, Wallet
from tests.support.clock import SetClock
from vc_core.web.database import Database

REVOCATION = {"credential_type": "InsuranceCoverage", "status": "revoked", "reason": "other", "note": "นัดแล้วไม่มา"}


async def entries(client: httpx.AsyncClient, **wanted: Any) -> list[dict[str, Any]]:
    """The lines that an auditor finds."""
    answer = await client.get("/audit", params=wanted, headers=OFFICER)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


async def test_each_action_is_a_line_in_its_own_transaction(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, clock: SetClock
) -> None:
    person = people["A1"]
    await wallet.credential(await wallet.authorized(person))
    clock.advance(5)
    await client.post(f"/people/{person}/sign-in-codes", headers=OFFICER)
    await client.post(f"/people/{person}/status", json=REVOCATION, headers=OFFICER)
    revoked, code, offer, roster = await entries(client)
    assert (roster["number"], roster["action"], roster["detail"]) == (1, "import_roster", "3 new, 0 changed")
    assert (offer["action"], offer["detail"]) == ("offer", COVERAGE)
    assert (code["action"], code["record_id"]) == ("sign_in_code", person)
    expected = {
        "number": 4,
        "at": clock(),
        "principal_id": "token",
        "action": "revoke",
        "record_id": person,
        "detail": "InsuranceCoverage",
        "outcome": "done",
    }
    assert {name: revoked[name] for name in expected} == expected
    assert REVOCATION["note"] not in str(await entries(client))


async def test_what_is_refused_is_a_line_too_and_nothing_else(
    client: httpx.AsyncClient, people: dict[str, str]
) -> None:
    person = people["A1"]
    answer = await client.post(f"/people/{person}/status", json=REVOCATION, headers=OFFICER)
    assert answer.status_code == 404
    refused, _roster = await entries(client)
    assert (refused["action"], refused["record_id"], refused["outcome"]) == ("request", person, "not_found")
    assert refused["detail"] == "POST /people/{person_id}/status"
    await client.post("/people/x'--/status", json=REVOCATION, headers=OFFICER)
    assert (await entries(client))[0]["record_id"] == ""
    assert (await client.get("/proposals", headers=OFFICER)).json() == {"proposals": []}


async def test_an_auditor_searches_and_pages(
    client: httpx.AsyncClient, people: dict[str, str], clock: SetClock
) -> None:
    for person in people.values():
        clock.advance(10)
        await client.post(f"/people/{person}/sign-in-codes", headers=OFFICER)
    [found] = await entries(client, record_id=people["A1"])
    assert found["record_id"] == people["A1"]
    assert len(await entries(client, action="sign_in_code")) == 3
    assert await entries(client, principal_id="another") == []
    assert len(await entries(client, since=clock() - 10)) == 2
    assert len(await entries(client, since=clock() - 10, until=clock())) == 1
    first = (await client.get("/audit", params={"limit": 2}, headers=OFFICER)).json()
    assert [each["number"] for each in first["entries"]] == [4, 3]
    rest = (await client.get("/audit", params={"limit": 2, "before": first["next"]}, headers=OFFICER)).json()
    assert ([each["number"] for each in rest["entries"]], rest["next"]) == ([2, 1], None)
    for bad in ({"before": "-1"}, {"limit": "0"}, {"since": str(2**70)}, {"action": "\0"}):
        assert (await client.get("/audit", params=bad, headers=OFFICER)).status_code == 400


async def verification(client: httpx.AsyncClient) -> dict[str, Any]:
    """What is said of the chain."""
    return dict((await client.get("/audit/verification", headers=OFFICER)).json())


async def test_the_database_keeps_its_lines_and_the_chain_tells_where_it_did_not(
    client: httpx.AsyncClient, people: dict[str, str], settings: IssuerSettings
) -> None:
    for person in people.values():
        await client.post(f"/people/{person}/sign-in-codes", headers=OFFICER)
    whole = await verification(client)
    assert (whole["intact"], whole["entries"], whole["broken_at"]) == (True, 4, None)
    assert whole["head"] == (await entries(client))[0]["hash"]
    database = Database(settings.database_url)
    for damage in ("UPDATE audit_log SET outcome = 'x' WHERE number = 3", "DELETE FROM audit_log WHERE number = 2"):
        with pytest.raises(DatabaseError, match="only added to"):
            await execute(database, damage)
    postgres = settings.database_url.startswith("postgresql")
    await execute(database, "DROP TRIGGER keep_audit_log" + (" ON audit_log" if postgres else "_update"))
    await execute(database, "UPDATE audit_log SET outcome = 'x' WHERE number = 3")
    assert await verification(client) == whole | {"intact": False, "broken_at": 3}
    await execute(database, "UPDATE audit_log SET outcome = 'done' WHERE number = 3")
    assert await verification(client) == whole
    if postgres:
        await execute(database, "DELETE FROM audit_log WHERE number = 4")
        assert await verification(client) == whole | {"intact": False, "broken_at": 4}
    await database.close()


async def execute(database: Database, statement: str) -> None:
    """What somebody does who may write to the database."""
    async with database.transaction() as session:
        await (await session.connection()).execute(text(statement))
