"""`POST /vc-api/credentials/status`: what may be asked for, and what is published of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.issuer.conftest import Chain
from tests.issuer.vc_api.statuses import ENTRY, ask_for_revocable, change_status, issue_revocable, published_statuses
from tests.support.vc_api import general_credential
from vc_core.formats.status_list import Status
from vc_core.formats.vc_jwt import parse_enveloped_credential


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone; `test_status_races.py` has what differs between databases."""
    return f"sqlite+aiosqlite:///{tmp_path / 'service'}.sqlite"


async def test_a_suspended_one_can_be_revoked(client: httpx.AsyncClient, clock: Any) -> None:
    issued = await issue_revocable(client)
    await change_status(client, "suspension", True)
    assert (await change_status(client, "revocation", True)).json()["changed"] == 1
    assert (await published_statuses(client, issued, clock()))[0] is Status.INVALID


async def test_by_its_place_by_another_id_and_by_neither(client: httpx.AsyncClient, clock: Any) -> None:
    issued = await issue_revocable(client, credential=general_credential(id=None), credentialId="our own name for it")
    entry = issued["credentialStatus"][0]
    place = {name: entry[name] for name in ("statusListIndex", "statusListCredential")}
    assert (await change_status(client, "suspension", True, credentialId="our own name for it")).json()["changed"] == 1
    assert (await change_status(client, "revocation", True, credentialId="another's", entry=place)).status_code == 404
    assert (await change_status(client, "suspension", False, credentialId=None, entry=place)).status_code == 404
    changed = await change_status(client, "revocation", True, credentialId=None, entry=place)
    assert changed.json()["changed"] == 1
    assert (await published_statuses(client, issued, clock()))[0] is Status.INVALID
    assert (await change_status(client, "revocation", True, credentialId=None)).status_code == 400
    assert (await change_status(client, "revocation", True)).status_code == 404


async def test_one_purpose_alone(client: httpx.AsyncClient) -> None:
    issued = await issue_revocable(client, credentialStatus={"type": ENTRY, "statusPurpose": "revocation"})
    assert [entry["statusPurpose"] for entry in issued["credentialStatus"]] == ["revocation"]
    assert (await change_status(client, "suspension", True)).status_code == 404


async def test_in_a_jwt_the_lists_are_jwts(client: httpx.AsyncClient, clock: Any) -> None:
    for format in ("vc+jwt", "vc+sd-jwt"):
        enveloped = await issue_revocable(client, format=format)
        document = dict(parse_enveloped_credential(enveloped).document.document)
        assert [each["statusListCredential"].rpartition(".")[2] for each in document["credentialStatus"]] == ["jwt"] * 2
        assert await published_statuses(client, document, clock()) == [Status.VALID, Status.VALID]


NO_SUCH_STATUS: list[dict[str, Any]] = [
    {"credentialStatus": "yes"},
    {"credentialStatus": {"type": ENTRY}},
    {"credentialStatus": {"type": "StatusList2021Entry", "statusPurpose": "revocation"}},
    {"credentialStatus": {"type": ENTRY, "statusPurpose": "message"}},
    {"credentialStatus": [{"type": ENTRY, "statusPurpose": "revocation"}] * 2},
    {"credentialStatus": {"type": ENTRY, "statusPurpose": "revocation", "statusListIndex": "7"}},
    {"format": "jwt_vc_json"},
]


async def test_no_such_status(client: httpx.AsyncClient) -> None:
    for options in NO_SUCH_STATUS:
        assert (await ask_for_revocable(client, **options)).status_code == 400, options


async def test_only_where_there_can_be_one(client: httpx.AsyncClient, chain: Chain) -> None:
    with_one = general_credential(credentialStatus={"id": "https://u.example/status/1", "type": "OtherStatus"})
    assert (await ask_for_revocable(client, credential=with_one)).status_code == 400
    as_did_key = chain.vc_api.keys[2].verification_method
    assert (await ask_for_revocable(client, verificationMethod=as_did_key)).status_code == 400


BAD_CHANGES: list[dict[str, Any]] = [
    {},
    {"credentialId": "x"},
    {"credentialId": "x", "credentialStatus": []},
    {"credentialId": "x", "credentialStatus": {"type": ENTRY}},
    {"credentialId": "x", "credentialStatus": {"type": "Other", "statusPurpose": "revocation"}},
    {"credentialId": "x", "credentialStatus": {"type": ENTRY, "statusPurpose": "message"}},
    {"credentialId": "x", "credentialStatus": {"type": ENTRY, "statusPurpose": "revocation"}, "status": "1"},
    {"credentialId": "x", "credentialStatus": {"type": ENTRY, "statusPurpose": "revocation"}, "other": 1},
    {"credentialId": 7, "credentialStatus": {"type": ENTRY, "statusPurpose": "revocation"}},
    {"credentialStatus": {"type": ENTRY, "statusPurpose": "revocation", "statusListIndex": "7"}},
    {
        "credentialStatus": {
            "type": ENTRY,
            "statusPurpose": "revocation",
            "statusListIndex": "-1",
            "statusListCredential": "x",
        }
    },
]


async def test_changes_that_are_not_asked_properly(client: httpx.AsyncClient) -> None:
    for body in BAD_CHANGES:
        response = await client.post("/vc-api/credentials/status", json=body)
        assert (response.status_code, response.json()["code"]) == (400, "invalid_request"), body
