"""DID resolution from the mirror."""

from __future__ import annotations

import httpx

from issuer.settings import IssuerSettings


async def test_an_issuing_did_resolves_to_its_keys(client: httpx.AsyncClient, settings: IssuerSettings) -> None:
    key = settings.issuing_keys[0]
    did = key.verification_method.partition("#")[0]
    for address in (did, did.replace(":", "%3A")):
        answer = await client.get(f"/1.0/identifiers/{address}")
        assert answer.status_code == 200
        document = answer.json()["didDocument"]
        assert document["id"] == did
        methods = [method["id"] for method in document["verificationMethod"]]
        assert {key.verification_method, key.status_verification_method} < set(methods)
        assert answer.json()["didResolutionMetadata"] == {"contentType": "application/did+ld+json"}


async def test_dids_that_the_registry_does_not_have(client: httpx.AsyncClient, settings: IssuerSettings) -> None:
    did = settings.issuing_keys[0].verification_method.partition("#")[0]
    for unknown in (did[:-1] + ("0" if did[-1] != "0" else "1"), did.upper(), "did:web:a.test", "x", "%00"):
        answer = await client.get(f"/1.0/identifiers/{unknown}")
        assert answer.status_code == 404
        assert answer.json()["didResolutionMetadata"] == {"error": "notFound"}
        assert answer.json()["didDocument"] is None
