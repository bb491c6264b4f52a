"""Asking the VC API for statuses, and looking them up as everyone does."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.vc_api import general_credential
from vc_core.encoding import parse_json_object
from vc_core.formats.bitstring_status_list import parse_credential_status
from vc_core.formats.status_list import Status
from vc_core.formats.status_list_credential import open_status_list
from vc_core.formats.vc_jwt import parse_vc_jwt
from vc_core.formats.vcdm import CredentialDocument, parse_credential_document

ENTRY = "BitstringStatusListEntry"


async def ask_for_revocable(client: httpx.AsyncClient, *, credential: Any = None, **options: Any) -> httpx.Response:
    """The answer to a request for a credential with a status."""
    body = {"credential": credential or general_credential(), "options": {"credentialStatus": True, **options}}
    return await client.post("/vc-api/credentials/issue", json=body)


async def issue_revocable(client: httpx.AsyncClient, **options: Any) -> dict[str, Any]:
    """A credential with entries for both purposes, unless the options say otherwise."""
    response = await ask_for_revocable(client, **options)
    assert response.status_code == 201, response.text
    return dict(response.json()["verifiableCredential"])


async def change_status(client: httpx.AsyncClient, purpose: str, status: bool, **body: Any) -> httpx.Response:
    """Sets or clears an entry; `entry` are further members of `credentialStatus`."""
    body.setdefault("credentialId", general_credential()["id"])
    entry = {"type": ENTRY, "statusPurpose": purpose, **body.pop("entry", {})}
    members = {name: value for name, value in body.items() if value is not None}
    return await client.post(
        "/vc-api/credentials/status", json={**members, "credentialStatus": entry, "status": status}
    )


async def published_statuses(client: httpx.AsyncClient, document: dict[str, Any], now: int) -> list[Status]:
    """What each entry of a credential says, by the lists as everyone sees them, in the order of the entries."""
    found = []
    for reference in parse_credential_status(document["credentialStatus"]):
        response = await client.get(reference.uri)
        if response.headers["content-type"] == "application/vc+jwt":
            credential = parse_vc_jwt(response.text).document
        else:
            credential = parse_credential_document(parse_json_object(response.content))
        assert isinstance(credential, CredentialDocument)
        assert credential.issuer == document["issuer"]
        found.append(open_status_list(credential, expected_uri=reference.uri, now=now).status_of(reference))
    return found
