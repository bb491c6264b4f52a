"""The resolver itself: which method, which error, and what an answer never says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.did.document import DidDocument
from vc_core.did.jwk import JwkDids
from vc_core.did.key import KeyDids
from vc_core.did.resolution import DidResolution, ResolutionError, ResolutionOptions
from vc_core.did.resolver import DidResolver
from vc_core.errors import LedgerUnavailable

RESOLVER = DidResolver({"key": KeyDids(), "jwk": JwkDids()})
KEY = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"


@pytest.mark.parametrize(
    "did",
    [
        "", "did", "did:", "did:key", "did:key:", ":key:a", "DID:key:z", "did:Key:z", "did:k-y:z", "did::z",
        "did:key:a:",
        KEY + "#a", KEY + "?a=b", KEY + "/a", " " + KEY, KEY + "\n", KEY + "\0", "did:key:%", "did:key:%4",
        "did:key:%zz",
        "did:key:ก", "did:key:a b", "did:key:" + "a" * 2048, "https://a.test",
    ],
)  # fmt: skip
async def test_what_is_no_did(did: str) -> None:
    assert (await RESOLVER.resolve(did)).error is ResolutionError.INVALID_DID


@pytest.mark.parametrize("did", ["did:example:1", "did:ethr:0x1:0x0", "did:web:a.example", "did:x:a%2Fb:c::d"])
async def test_methods_that_are_not_there(did: str) -> None:
    assert (await RESOLVER.resolve(did)).error is ResolutionError.METHOD_NOT_SUPPORTED


async def test_an_error_as_the_specification_writes_it() -> None:
    result = await RESOLVER.resolve("did:example:1")

    assert result.to_json() == {
        "didDocument": None,
        "didResolutionMetadata": {
            "error": {
                "type": "https://www.w3.org/ns/did#METHOD_NOT_SUPPORTED",
                "title": "Method not supported",
                "detail": "This DID method is not supported.",
            }
        },
        "didDocumentMetadata": {},
    }
    assert result.to_json(keywords=True)["didResolutionMetadata"] == {"error": "methodNotSupported"}


@pytest.mark.parametrize(
    ("error", "keyword"),
    [
        (ResolutionError.INVALID_DID, "invalidDid"),
        (ResolutionError.NOT_FOUND, "notFound"),
        (ResolutionError.REPRESENTATION_NOT_SUPPORTED, "representationNotSupported"),
        (ResolutionError.METHOD_NOT_SUPPORTED, "methodNotSupported"),
        (ResolutionError.INTERNAL_ERROR, "internalError"),
    ],
)
def test_the_older_keywords(error: ResolutionError, keyword: str) -> None:
    assert error.keyword == keyword


class Failing:
    """A method whose registry is away."""

    async def resolve(self, did: str, options: ResolutionOptions) -> DidResolution:
        raise LedgerUnavailable("a name inside")


async def test_a_registry_that_is_away_is_an_error_and_no_document() -> None:
    result = await DidResolver({"key": Failing()}).resolve(KEY)

    assert result.error is ResolutionError.INTERNAL_ERROR
    assert result.document is None
    assert "inside" not in result.detail


def test_a_document_that_says_nothing_more() -> None:
    assert DidResolution(DidDocument("did:example:1")).to_json()["didResolutionMetadata"] == {
        "contentType": "application/did+ld+json"
    }


@given(st.text(st.characters(codec="utf-8"), min_size=9, max_size=80))
async def test_an_error_repeats_nothing_of_the_question(text: str) -> None:
    for did in (text, "did:" + text, "did:key:" + text, "did:jwk:" + text):
        result = await RESOLVER.resolve(did)
        if result.error is not None:
            assert text not in str(result.to_json())
            assert text not in str(result.to_json(keywords=True))
