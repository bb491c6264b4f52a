"""What a request may bring, for each address: more than that is refused before anything reads it or asks who it is."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from issuer.bulk.job_schemas import MAX_NUMBERS
from issuer.limits import MAX_BODY_BYTES, MAX_LIST_BYTES
from issuer.roster.roster_file import MAX_FILE_BYTES
from tests.issuer.wallet import OFFICER

LIMITS = {
    "/people": MAX_FILE_BYTES,
    "/jobs/status-changes": MAX_LIST_BYTES,
    "/jobs/renewals": MAX_BODY_BYTES,
    "/officers/sign-in": MAX_BODY_BYTES,
    "/offers": MAX_BODY_BYTES,
    "/people/sign-in-codes": MAX_BODY_BYTES,
    "/token": MAX_BODY_BYTES,
    "/renewals": MAX_BODY_BYTES,
    "/vc-api/credentials/issue": MAX_BODY_BYTES,
}


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One kind is enough here: none of this depends on it."""
    return f"sqlite+aiosqlite:///{tmp_path / 'issuer.sqlite'}"


async def test_a_stranger_sends_more_than_an_address_takes(client: httpx.AsyncClient) -> None:
    for path, limit in LIMITS.items():
        body = b"[" * (limit + 1)
        answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert (path, answer.status_code, answer.json()["code"]) == (path, 413, "payload_too_large")
        just = await client.post(path, content=body[1:], headers={"Content-Type": "text/plain"})
        assert just.status_code in (400, 401, 404, 415), path


async def test_the_longest_list_of_numbers_is_taken(client: httpx.AsyncClient) -> None:
    numbers = [f"{number:064}" for number in range(MAX_NUMBERS)]
    order = {"kind": "suspend", "credential_type": "InsuranceCoverage", "numbers": numbers}
    headers = OFFICER | {"Content-Type": "application/json"}
    answer = await client.post("/jobs/status-changes", content=json.dumps(order, indent=4), headers=headers)
    assert (answer.status_code, len(answer.json()["not_found"])) == (200, MAX_NUMBERS)
