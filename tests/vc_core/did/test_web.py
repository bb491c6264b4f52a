"""did:web: the URL of a DID, what of a site's answer is taken, and every way of reaching further that is refused."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW
from tests.support.clock import SetClock
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.did.multibase import multibase_encode
from vc_core.did.resolution import ResolutionError, ResolutionFailed, ResolutionOptions
from vc_core.did.resolver import DidResolver
from vc_core.did.web import FRESH_SECONDS, KEPT_SECONDS, WebDids, did_web_url
from vc_core.did.web_document import MAX_DOCUMENT_BYTES, parse_web_document
from vc_core.http import HttpClient

DID = "did:web:payer.example"
P256, ED25519 = P256Signer.generate().public_key, Ed25519Signer.generate().public_key


def multikey(fragment: str = "a", **changes: Any) -> dict[str, Any]:
    return {
        "id": f"{DID}#{fragment}",
        "type": "Multikey",
        "controller": DID,
        "publicKeyMultibase": multibase_encode(P256.to_multikey()),
    } | changes


def web_key(fragment: str = "b", **changes: Any) -> dict[str, Any]:
    described = {"id": f"{DID}#{fragment}", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": ED25519.to_jwk()}
    return described | changes


def document(**changes: Any) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": DID,
        "verificationMethod": [multikey(), web_key()],
        "assertionMethod": [f"{DID}#a", "#b"],
        "authentication": ["#b"],
    } | changes


class Site:
    """A site as set, which counts how often it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.headers = {"Content-Type": "application/did+json"}
        self.body: bytes = json.dumps(document()).encode()
        self.away = False
        self.asked: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if self.away:
            raise httpx.ConnectError("away")
        return httpx.Response(self.status, headers=self.headers, content=self.body)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def resolver(site: Site, clock: SetClock) -> DidResolver:
    return DidResolver({"web": WebDids(HttpClient(transport=httpx.MockTransport(site)), clock)})


@pytest.mark.parametrize(
    ("did", "url"),
    [
        # The examples of the did:web method, section 3.2.
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000", "https://example.com:3000/.well-known/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:localhost%3A8443", "https://localhost:8443/.well-known/did.json"),
        ("did:web:xn--12c1fe0br.example:A_b-c.d", "https://xn--12c1fe0br.example/A_b-c.d/did.json"),
    ],
)
def test_urls(did: str, url: str) -> None:
    assert did_web_url(did) == url


@pytest.mark.parametrize(
    "rest",
    [
        # .. in the path, plain and encoded
        "a.example:..", "a.example:..:..:etc", "a.example:.", "a.example:%2e%2e", "a.example:%2E%2E:b", "a.example:...",
        "a.example:b%2F..%2Fc", "a.example:a%5Cb", "a.example:", "a.example::b", "a.example%2Fb",
        # IP literals, in every spelling that some URL parser reads
        "127.0.0.1", "10.0.0.1:a", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "%5B::1%5D", "[::1]",
        "169.254.169.254", "a.0x7f", "1.2.3.4%3A80", "0x",
        # userinfo
        "user@a.example", "user%40a.example", "user:pass@a.example", "a.example%40b.example",
        # ports
        "a.example%3A", "a.example%3A0", "a.example%3A65536", "a.example%3A080", "a.example%3A99999999",
        "a.example%3a80",
        "a.example%3A80%3A80", "a.example%3Aabc",
        # hosts
        "A.example", "a..example", ".a.example", "a.example.", "-a.example", "a-.example", "a_b.example", "",
        "a.example%00", "a.example%20", "a.example#b", "a.example?b", "a.example/b", "โรงพยาบาล.example",
        "a" * 64 + ".example", ("a" * 60 + ".") * 5 + "example",
        "a.example:b c", "a.example:b\n", "a.example\n",
    ],
)  # fmt: skip
async def test_dids_that_name_no_plain_host_and_path(rest: str, resolver: DidResolver, site: Site) -> None:
    result = await resolver.resolve("did:web:" + rest)

    assert result.error is ResolutionError.INVALID_DID
    assert site.asked == []


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_whatever_is_taken_stays_on_its_host(rest: str) -> None:
    try:
        url = httpx.URL(did_web_url("did:web:" + rest))
    except ResolutionFailed:
        return
    assert (url.scheme, url.userinfo, url.query, url.fragment) == ("https", b"", b"", "")
    assert rest.startswith(url.host)
    assert url.path.endswith("/did.json")
    assert ".." not in url.path.split("/")


async def test_a_document(resolver: DidResolver, site: Site) -> None:
    result = (await resolver.resolve(DID)).to_json()

    assert site.asked == ["https://payer.example/.well-known/did.json"]
    assert result["didResolutionMetadata"] == {
        "contentType": "application/did+ld+json",
        "retrieved": "2026-09-21T14:13:20Z",
    }
    assert result["didDocument"] == {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://w3id.org/security/jwk/v1",
        ],
        "id": DID,
        "verificationMethod": [multikey(), web_key()],
        "authentication": [f"{DID}#b"],
        "assertionMethod": [f"{DID}#a", f"{DID}#b"],
    }


async def test_a_method_may_stand_in_its_relationship(resolver: DidResolver, site: Site) -> None:
    described = document(verificationMethod=[], assertionMethod=[multikey()], authentication=[])
    site.body = json.dumps(described).encode()

    found = (await resolver.resolve(DID)).document

    assert found is not None
    assert [method.public_key for method in found.verification_methods] == [P256]
    assert (found.assertion_method, found.authentication) == ((f"{DID}#a",), ())


@pytest.mark.parametrize(
    "method",
    [
        multikey(controller="did:web:other.example"),
        multikey(controller=[DID]),
        {key: value for key, value in multikey().items() if key != "controller"},
        multikey(id="did:web:other.example#a"),
        multikey(id=DID + ":sub#a"),
        multikey(id=f"{DID}#<script>"),
        multikey(id=f"{DID}#"),
        multikey(id=DID),
        multikey(type="Ed25519VerificationKey2018"),
        multikey(type=["Multikey"]),
        multikey(publicKeyMultibase="z6Mk"),
        multikey(publicKeyMultibase=1),
        multikey(publicKeyMultibase=None),
        multikey(publicKeyMultibase="z" + "1" * 60_000),
        web_key(publicKeyJwk=ED25519.to_jwk() | {"d": "AAAA"}),
        web_key(publicKeyJwk={"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
        web_key(publicKeyJwk="text"),
        web_key(type="Multikey"),
    ],
)
def test_methods_that_are_passed_over_with_every_mention(method: dict[str, Any]) -> None:
    good = multikey("good")
    body = json.dumps(document(verificationMethod=[method, good], assertionMethod=[method["id"], good["id"]])).encode()

    found = parse_web_document(DID, body)

    assert [each.id for each in found.verification_methods] == [good["id"]]
    assert found.assertion_method == (good["id"],)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"id":"did:web:payer.example","id":"did:web:payer.example"}',
        b"[" * 50_000,
        json.dumps(document(id="did:web:other.example")).encode(),
        json.dumps(document(id="did:web:PAYER.example")).encode(),
        json.dumps(document(id=DID + "#a")).encode(),
        json.dumps(document(id=[DID])).encode(),
        json.dumps({key: value for key, value in document().items() if key != "id"}).encode(),
        json.dumps(document(verificationMethod={})).encode(),
        json.dumps(document(verificationMethod=["#a"])).encode(),
        json.dumps(document(verificationMethod=[{"id": 1}])).encode(),
        json.dumps(document(verificationMethod=[multikey(), multikey()])).encode(),
        json.dumps(document(assertionMethod="#a")).encode(),
        json.dumps(document(assertionMethod=[1])).encode(),
        json.dumps(document(assertionMethod=[multikey()])).encode(),
        json.dumps(document(), indent=4).encode().ljust(MAX_DOCUMENT_BYTES + 1),
    ],
)
async def test_documents_that_are_refused(body: bytes, resolver: DidResolver, site: Site) -> None:
    site.body = body

    assert (await resolver.resolve(DID)).error is ResolutionError.INVALID_DID_DOCUMENT


async def test_the_largest_document(resolver: DidResolver, site: Site) -> None:
    site.body = site.body.ljust(MAX_DOCUMENT_BYTES)

    assert (await resolver.resolve(DID)).error is None


@pytest.mark.parametrize(
    "content_type", ["text/html", "text/plain", "application/octet-stream", "", "application/jsonx"]
)
async def test_other_content_is_refused(content_type: str, resolver: DidResolver, site: Site) -> None:
    site.headers = {"Content-Type": content_type}

    assert (await resolver.resolve(DID)).error is ResolutionError.INVALID_DID_DOCUMENT


async def test_json_by_any_of_its_names(resolver: DidResolver, site: Site, clock: SetClock) -> None:
    for content_type in ("application/json; charset=utf-8", "Application/DID+LD+JSON", "application/did"):
        clock.advance(FRESH_SECONDS)
        site.headers = {"Content-Type": content_type}
        assert (await resolver.resolve(DID)).error is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int, resolver: DidResolver, site: Site) -> None:
    site.status = status
    site.headers["Location"] = "https://payer.example/other/did.json"

    assert (await resolver.resolve(DID)).error is ResolutionError.INTERNAL_ERROR
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, ResolutionError.NOT_FOUND),
        (410, ResolutionError.NOT_FOUND),
        (401, ResolutionError.INTERNAL_ERROR),
        (204, ResolutionError.INTERNAL_ERROR),
        (500, ResolutionError.INTERNAL_ERROR),
    ],
)
async def test_what_is_not_the_document(status: int, error: ResolutionError, resolver: DidResolver, site: Site) -> None:
    site.status = status

    assert (await resolver.resolve(DID)).error is error


@pytest.mark.parametrize("host", ["localhost", "localhost%3A1"])
async def test_a_host_inside_is_not_asked_and_looks_like_one_that_is_away(
    host: str, resolver: DidResolver, site: Site
) -> None:
    http = HttpClient()
    inside = await DidResolver({"web": WebDids(http, SetClock(NOW))}).resolve("did:web:" + host)
    await http.close()
    site.away = True

    assert inside == await resolver.resolve(DID)
    assert inside.error is ResolutionError.INTERNAL_ERROR


async def test_a_site_keeps_no_versions(resolver: DidResolver) -> None:
    result = await resolver.resolve(DID, ResolutionOptions(version_id="1"))
    assert result.error is ResolutionError.FEATURE_NOT_SUPPORTED


async def test_a_document_serves_for_a_minute(resolver: DidResolver, site: Site, clock: SetClock) -> None:
    for seconds, asked in ((0, 1), (FRESH_SECONDS - 1, 1), (1, 2)):
        clock.advance(seconds)
        await resolver.resolve(DID)
        assert len(site.asked) == asked


async def test_a_withdrawn_key_is_gone_after_a_minute(resolver: DidResolver, site: Site, clock: SetClock) -> None:
    await resolver.resolve(DID)
    site.body = json.dumps(document(verificationMethod=[web_key()])).encode()
    clock.advance(FRESH_SECONDS)

    found = (await resolver.resolve(DID)).document

    assert found is not None
    assert [method.public_key for method in found.verification_methods] == [ED25519]


@pytest.mark.parametrize("failure", ["away", "error", "nonsense"])
async def test_a_failure_replaces_nothing_and_lasts_no_longer_than_promised(
    failure: str, resolver: DidResolver, site: Site, clock: SetClock
) -> None:
    before = await resolver.resolve(DID)
    site.away, site.status = failure == "away", 500 if failure == "error" else 200
    site.body = b"nonsense"

    clock.advance(KEPT_SECONDS - 1)
    assert await resolver.resolve(DID) == before  # with the time that it was fetched at
    clock.advance(1)
    assert (await resolver.resolve(DID)).error is not None
    site.away, site.status, site.body = False, 200, json.dumps(document()).encode()
    assert (await resolver.resolve(DID)).document == before.document


async def test_a_document_that_was_taken_down_is_gone(resolver: DidResolver, site: Site, clock: SetClock) -> None:
    await resolver.resolve(DID)
    clock.advance(FRESH_SECONDS)
    site.status = 404
    assert (await resolver.resolve(DID)).error is ResolutionError.NOT_FOUND

    site.away = True
    assert (await resolver.resolve(DID)).error is ResolutionError.INTERNAL_ERROR


async def test_nothing_is_kept_past_a_clock_that_was_set_back(
    resolver: DidResolver, site: Site, clock: SetClock
) -> None:
    await resolver.resolve(DID)
    clock.advance(-3600)
    site.away = True

    assert (await resolver.resolve(DID)).error is ResolutionError.INTERNAL_ERROR


async def test_what_is_kept_has_a_bound(site: Site, clock: SetClock) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        did = f"did:web:{request.url.host}"
        site.asked.append(did)
        return httpx.Response(200, json={"id": did})

    resolver = DidResolver({"web": WebDids(HttpClient(transport=httpx.MockTransport(answer)), clock)})
    for number in range(1100):
        assert (await resolver.resolve(f"did:web:a{number}.example")).error is None
    await resolver.resolve("did:web:a1099.example")
    assert len(site.asked) == 1100
    await resolver.resolve("did:web:a0.example")
    assert len(site.asked) == 1101
