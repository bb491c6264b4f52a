"""DID resolution over HTTP: how a DID is named, what is answered to which `Accept`, and which status goes with what."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from issuer.resolution.accept import LEGACY_RESULT, RESULT
from issuer.resolution.routes import create_router
from issuer.settings import IssuerSettings
from tests.conftest import NOW
from tests.support.clock import SetClock
from vc_core.did.ethr_resolution import EthrDids
from vc_core.did.jwk import JwkDids
from vc_core.did.key import KeyDids
from vc_core.did.resolution import DidMethod
from vc_core.did.resolver import DidResolver
from vc_core.did.web import WebDids
from vc_core.errors import LedgerUnavailable
from vc_core.http import HttpClient
from vc_core.ledger.events import OwnerChanged, Position
from vc_core.ledger.registry_state import IdentityEvent

KEY = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
ADDRESS, GONE, AWAY = ("0x" + byte * 20 for byte in ("ab", "cd", "ef"))
PATH = "/1.0/identifiers/"


class Registry:
    """One DID, another that was deactivated, and one that nobody can be asked about."""

    chain_id = 1337
    synced_at = NOW

    async def identity_events(self, identity: str) -> list[IdentityEvent]:
        if identity == AWAY:
            raise LedgerUnavailable("away")
        owners = {ADDRESS: ["0x" + "12" * 20, "0x" + "34" * 20], GONE: ["0x" + "00" * 20]}.get(identity, [])
        return [OwnerChanged(Position(10 + n, NOW - 60 + n * 30, 0), identity, owner) for n, owner in enumerate(owners)]

    async def block_time(self, number: int) -> int | None:
        return NOW if number < 100 else None


async def site(request: httpx.Request) -> httpx.Response:
    """Every did:web has a document, but for one whose document is another's."""
    host = request.url.netloc.decode().replace(":", "%3A")
    did = "did:web:" + (host if host != "other.example" else "mine.example")
    return httpx.Response(200, json={"id": did, "service": [{"id": "<script>"}]})


@pytest.fixture
async def resolver() -> AsyncIterator[httpx.AsyncClient]:
    """The route alone, over methods that are set up for it."""
    clock = SetClock(NOW)
    http = HttpClient(transport=httpx.MockTransport(site))
    methods: dict[str, DidMethod] = {
        "ethr": EthrDids(Registry(), clock), "key": KeyDids(), "jwk": JwkDids(), "web": WebDids(http, clock)
    }  # fmt: skip
    app = FastAPI()
    app.include_router(create_router(DidResolver(methods)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://issuer.test") as client:
        yield client


def ethr(address: str) -> str:
    return f"did:ethr:0x539:{address}"


async def test_an_issuing_did_resolves_to_its_keys(client: httpx.AsyncClient, settings: IssuerSettings) -> None:
    key = settings.issuing_keys[0]
    did = key.verification_method.partition("#")[0]
    for address in (did, did.replace(":", "%3A")):
        answer = await client.get(PATH + address)
        assert answer.status_code == 200
        document = answer.json()["didDocument"]
        assert document["id"] == did
        methods = [method["id"] for method in document["verificationMethod"]]
        assert {key.verification_method, key.status_verification_method} < set(methods)
        assert answer.json()["didResolutionMetadata"] == {
            "contentType": "application/did+ld+json",
            "retrieved": "2026-09-21T14:13:20Z",
        }
        version_id = answer.json()["didDocumentMetadata"]["versionId"]
        same = await client.get(PATH + quote(did, safe=""), params={"versionId": version_id})
        assert same.json()["didDocument"] == document


async def test_the_issuer_resolves_the_other_methods_too(client: httpx.AsyncClient, settings: IssuerSettings) -> None:
    did = settings.issuing_keys[0].verification_method.partition("#")[0]
    for other, status in (
        (KEY, 200),
        (did[:-1] + ("0" if did[-1] != "0" else "1"), 404),
        (did.upper(), 400),
        ("did:web:localhost%3A1", 500),  # an address inside: not asked
        ("x", 400),
        ("%00", 400),
        ("did:example:1", 501),
    ):
        answer = await client.get(PATH + other)
        assert answer.status_code == status, other
        assert (answer.json()["didDocument"] is None) == (status != 200)


@pytest.mark.parametrize(
    ("did", "query", "status", "error"),
    [
        (ethr(ADDRESS), "", 200, None),
        (ethr(GONE), "", 410, None),
        (ethr("0x" + "11" * 20), "", 404, "NOT_FOUND"),
        (ethr(ADDRESS), "versionId=9", 404, "NOT_FOUND"),
        (ethr(ADDRESS), "versionId=100", 404, "NOT_FOUND"),
        ("nonsense", "", 400, "INVALID_DID"),
        ("", "", 400, "INVALID_DID"),
        (KEY + "/path", "", 400, "INVALID_DID"),
        (KEY + "%23key", "", 400, "INVALID_DID"),
        (ethr(ADDRESS), "versionId=latest", 400, "INVALID_OPTIONS"),
        (ethr(ADDRESS), "versionId=10&versionId=10", 400, "INVALID_OPTIONS"),
        (ethr(ADDRESS), "versionTime=yesterday", 400, "INVALID_OPTIONS"),
        ("did:web:other.example", "", 500, "INVALID_DID_DOCUMENT"),
        (ethr(AWAY), "", 500, "INTERNAL_ERROR"),
        ("did:example:1", "", 501, "METHOD_NOT_SUPPORTED"),
        (KEY, "versionId=1", 501, "FEATURE_NOT_SUPPORTED"),
        (KEY, "service=files", 501, "FEATURE_NOT_SUPPORTED"),
    ],
)
async def test_the_status_of_every_outcome(
    did: str, query: str, status: int, error: str | None, resolver: httpx.AsyncClient
) -> None:
    for accept in ("*/*", RESULT, "application/did+json"):
        answer = await resolver.get(PATH + did + ("?" + query if query else ""), headers={"Accept": accept})
        assert answer.status_code == status
        if error is not None:
            assert answer.headers["Content-Type"] == RESULT
            found = answer.json()["didResolutionMetadata"]["error"]
            assert found["type"] == f"https://www.w3.org/ns/did#{error}"
            assert answer.json()["didDocument"] is None


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, RESULT),
        ("", RESULT),
        ("*/*", RESULT),
        ("application/*", RESULT),
        (RESULT, RESULT),
        ("text/html,application/xhtml+xml,*/*;q=0.8", RESULT),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        (LEGACY_RESULT, LEGACY_RESULT),
        ('application/ld+json; profile="https://w3id.org/did-resolution"', LEGACY_RESULT),
        ("application/ld+json;profile=https://w3id.org/did-resolution", LEGACY_RESULT),
        ("application/did+ld+json", "application/did+ld+json"),
        ("application/did+json", "application/did+json"),
        ("Application/DID+JSON; q=1.0", "application/did+json"),
        ("application/did+json;q=0.5, application/did+ld+json;q=0.6", "application/did+ld+json"),
        ("text/html, application/did+json;q=0.1", "application/did+json"),
    ],
)
async def test_what_is_answered_to_which_accept(
    accept: str | None, content_type: str, resolver: httpx.AsyncClient
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answer = await resolver.get(PATH + KEY, headers=headers)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Vary"] == "Accept"
    body = answer.json()
    document = body if content_type.startswith("application/did+") else body["didDocument"]
    assert document["id"] == KEY
    assert ("@context" in document) == (content_type != "application/did+json")


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/did",
        "application/ld+json",
        "application/cbor",
        "*/*;q=0",
        "application/json;q=x",
        ";;,,",
    ],
)
async def test_representations_that_are_not_there(accept: str, resolver: httpx.AsyncClient) -> None:
    answer = await resolver.get(PATH + KEY, headers={"Accept": accept})

    assert answer.status_code == 406
    assert answer.json()["didResolutionMetadata"]["error"]["type"].endswith("#REPRESENTATION_NOT_SUPPORTED")


async def test_older_clients_are_told_in_their_own_words(resolver: httpx.AsyncClient) -> None:
    answer = await resolver.get(PATH + "did:example:1", headers={"Accept": LEGACY_RESULT})

    assert answer.status_code == 501
    assert answer.json() == {
        "@context": "https://w3id.org/did-resolution/v1",
        "didDocument": None,
        "didResolutionMetadata": {"error": "methodNotSupported"},
        "didDocumentMetadata": {},
    }


async def test_a_deactivated_did_says_so_to_whoever_asks(resolver: httpx.AsyncClient) -> None:
    for accept in (RESULT, LEGACY_RESULT, "application/did+json"):
        answer = await resolver.get(PATH + ethr(GONE), headers={"Accept": accept})
        assert answer.status_code == 410
        assert answer.json()["didDocumentMetadata"]["deactivated"] is True
        assert answer.json()["didDocument"]["verificationMethod"] == []


async def test_versions(resolver: httpx.AsyncClient) -> None:
    for option, value in (("versionId", "10"), ("versionTime", "2026-09-21T14:12:20Z")):
        answer = await resolver.get(PATH + quote(ethr(ADDRESS), safe=""), params={option: value})
        assert answer.status_code == 200
        assert answer.json()["didDocumentMetadata"] == {
            "versionId": "10",
            "updated": "2026-09-21T14:12:20Z",
            "nextVersionId": "11",
            "nextUpdate": "2026-09-21T14:12:50Z",
        }


async def test_keys_as_jwk(resolver: httpx.AsyncClient) -> None:
    answer = await resolver.get(PATH + KEY, params={"publicKeyFormat": "JsonWebKey", "expandRelativeUrls": "true"})

    assert answer.json()["didDocument"]["verificationMethod"][0]["publicKeyJwk"]["crv"] == "Ed25519"


@pytest.mark.parametrize(
    "path",
    ["did:web:a.example%3A8443", "did%3Aweb%3Aa.example%253A8443"],  # as it is, and percent-encoded
)
async def test_a_did_with_an_encoding_of_its_own(path: str, resolver: httpx.AsyncClient) -> None:
    answer = await resolver.get(PATH + path)

    assert answer.status_code == 200
    assert answer.json()["didDocument"]["id"] == "did:web:a.example%3A8443"


@pytest.mark.parametrize(
    "path", ["did:web:a.example%252E%252E:b", "did%3Aweb%3Aa.example%3A..", "did:web:a.example:.."]
)
async def test_no_encoding_leads_anywhere_else(path: str, resolver: httpx.AsyncClient) -> None:
    assert (await resolver.get(PATH + path)).status_code == 400


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"}{"a":"', "\u202egnp.exe", "%0d%0aSet-Cookie:a=b"])
async def test_nothing_hostile_is_repeated(hostile: str, resolver: httpx.AsyncClient) -> None:
    for did in (hostile, "did:key:" + hostile, "did:" + hostile + ":a", "did:web:a.example"):
        for accept in (RESULT, LEGACY_RESULT, "application/did+json", hostile):
            answer = await resolver.get(
                PATH + quote(did, safe=""),
                params={hostile: hostile} if did == hostile else {},
                headers=[(b"Accept", accept.encode())],
            )
            assert hostile not in answer.text
            assert "script" not in answer.text
            assert "Set-Cookie" not in answer.headers
            json.loads(answer.text)


async def test_it_is_described(client: httpx.AsyncClient) -> None:
    described: dict[str, Any] = (await client.get("/openapi.json")).json()["paths"][PATH + "{did}"]["get"]

    assert {each["name"] for each in described["parameters"]} == {
        "did", "Accept", "versionId", "versionTime", "publicKeyFormat", "expandRelativeUrls"
    }  # fmt: skip
    assert set(described["responses"]) >= {"200", "400", "404", "406", "410", "500", "501"}
    assert RESULT in described["responses"]["200"]["content"]
