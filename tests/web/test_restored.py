"""The wallet's own module on cards from a backup: judged by issuers' signatures, never by what the backup says."""

from __future__ import annotations

import json
from typing import Any

import httpx
from fastapi import FastAPI

from tests.support.verification import (
    HOLDER,
    ISSUER,
    ISSUER_DID,
    ISSUER_METHOD,
    NOW,
    OTHER_DID,
    STRANGER,
    issue_coverage,
    issue_qr_pass,
)
from tests.web.typescript import run_in_node
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.encoding import base64url_encode
from vc_core.web.definitions import definitions_router


def held(name: str, credential: str, *, expires_at: int = NOW + 1000, key: bytes = bytes([2]) * 32) -> dict[str, Any]:
    """As a backup has it, but with words of whoever wrote the backup."""
    holder = HOLDER.public_key if key == bytes([2]) * 32 else STRANGER.public_key
    return {
        "id": name,
        "format": "dc+sd-jwt" if "~" in credential else "qr_pass",
        "vct": INSURANCE_COVERAGE.vct,
        "credential": credential,
        "keyId": "of another phone",
        "privateJwk": {**holder.to_jwk(), "d": base64url_encode(key)},
        "issuer": "did:example:ministry",
        "issuerName": "Ministry of the Backup",
        "claims": {"name": "Somebody Else"},
        "issuedAt": 1,
        "expiresAt": expires_at,
        "usedAt": 7,
    }


async def _types() -> Any:
    app = FastAPI()
    app.include_router(definitions_router({}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://backend.test") as client:
        return (await client.get("/credential-types")).json()


async def test_what_an_issuer_did_not_sign_is_left_out_and_what_nobody_can_be_asked_about_is_not_verified() -> None:
    good, qr_pass = issue_coverage(), base64url_encode(issue_qr_pass())
    of_nobody = issue_coverage(signer=STRANGER, verification_method=f"{OTHER_DID}#delegate-1")
    of_no_key = issue_coverage(signer=STRANGER, verification_method=f"{OTHER_DID}#{'1' * 300}")
    credentials = [
        held("of no key", of_no_key),
        held("good", good),
        held("pass", qr_pass),
        held("expired", issue_coverage(expires_at=NOW - 10), expires_at=NOW - 10),
        held("said to have expired", good, expires_at=NOW - 10),
        held("said to have expired before it was issued", good, expires_at=10),
        held("forged", issue_coverage(signer=STRANGER)),
        held("of nobody", of_nobody),
        held("of another's key", good, key=bytes([3]) * 32),
        held("of another type", good) | {"vct": "urn:sabai:credential:HealthId:1"},
        held("no credential", "eyJhbGciOiJub25lIn0.e30.~"),
    ]
    issuer = {"did": ISSUER_DID, "name": "Issuing office", "public_key_jwk": ISSUER.public_key.to_jwk()}
    given = {
        "backup": {"credentials": credentials},
        "types": await _types(),
        "issuer": {"verification_method": ISSUER_METHOD, "answer": issuer},
        "now": NOW,
    }
    found = json.loads(run_in_node("restored.mjs", json.dumps(given).encode()))

    online = found["online"]
    assert [each["id"] for each in online["kept"]] == ["good", "pass", "expired", "said to have expired"]
    assert online["standings"] == ["good", "good", "expired", "good"]
    assert online["leftOut"] == [
        "of no key",
        "said to have expired before it was issued",
        "forged",
        "of nobody",
        "of another's key",
        "of another type",
        "no credential",
    ]
    assert online["asked"] == 3, "each issuer once"
    for each in online["kept"]:
        assert (each["issuer"], each["issuerName"], each["usedAt"]) == (ISSUER_DID, "Issuing office", 7)
        assert each["claims"]["name"] != "Somebody Else"
        assert "unverified" not in each
    assert {each["expiresAt"] for each in online["kept"]} == {NOW + 1000, NOW - 10}

    offline = found["offline"]
    assert offline["leftOut"] == ["of another's key", "of another type", "no credential"]
    assert all(each["unverified"] for each in offline["kept"])
    assert set(offline["standings"]) == {"unchecked", "expired"}
    assert offline["asked"] == 1, "nobody waits for many that do not answer"

    assert found["told"] == [
        {"credentials": [], "onlineBackup": {"version": 3}, "leftOut": 1},
        {"credentials": [], "onlineBackup": {"version": 3, "shared": True}, "leftOut": 2},
    ]
