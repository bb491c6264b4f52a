"""How full the lists are, what was published of them, and what is on the ledger."""

from __future__ import annotations

from typing import Any

import httpx

from issuer.status.allocation import FILLED
from issuer.status.publication import FRESH
from tests.conftest import NOW
from tests.issuer.wallet import COVERAGE, HEALTH_ID, OFFICER, Wallet
from tests.support.clock import SetClock


async def overview(client: httpx.AsyncClient) -> tuple[dict[str, Any], dict[str, Any]]:
    """All that is told, and the list of coverages."""
    told = (await client.get("/status-lists", headers=OFFICER)).json()
    [of_coverage] = [each for each in told["lists"] if each["credential_types"] == ["InsuranceCoverage"]]
    return told, of_coverage


async def test_a_list_from_its_first_entry_to_a_batch(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, clock: SetClock
) -> None:
    assert (await client.get("/status-lists", headers=OFFICER)).json() == {
        "lists": [],
        "waiting": 0,
        "anchored_at": None,
    }
    for person, configuration in (("A1", COVERAGE), ("A2", COVERAGE), ("A1", HEALTH_ID)):
        await wallet.issued(people[person], configuration)
    told, coverage = await overview(client)
    assert len(told["lists"]) == 2
    assert (coverage["used"], coverage["capacity"], coverage["version"], coverage["due_at"]) == (2, FILLED, None, 0)

    published = (await client.post("/status-lists/publish", headers=OFFICER)).json()
    assert published["waiting"] == 10  # two lists in five forms each
    _, coverage = await overview(client)
    assert (coverage["version"], coverage["published_at"], coverage["due_at"]) == (1, NOW, NOW + FRESH)
    assert (await client.post("/status-lists/publish", headers=OFFICER)).json() == published

    for person, status in (("A1", "suspended"), ("A2", "revoked")):
        change = {"credential_type": "InsuranceCoverage", "status": status, "reason": "wrong_data"}
        await client.post(f"/people/{people[person]}/status", json=change, headers=OFFICER)
    _, coverage = await overview(client)
    assert (coverage["suspended"], coverage["revoked"], coverage["due_at"]) == (1, 1, 0)

    await client.post("/status/batches", headers=OFFICER)
    told, coverage = await overview(client)
    assert told["waiting"] == 10
    assert coverage["anchored_version"] is None
