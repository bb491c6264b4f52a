"""Canonical forms against independent implementations: PyLD for RDF, rfc8785 for JSON.

Where they are wrong, and ours is right:

- PyLD 3.3.0 writes control characters other than line feed and carriage return, and the two characters that XML does
  not have, as they are; canonical N-Quads escape them (RDF-CANON section 5), as pyoxigraph does too, which the last
  test shows.
"""

from __future__ import annotations

import math
from typing import Any

import pyoxigraph
import pytest
import rfc8785
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st
from pyld import jsonld

from tests.vc_core.formats.data_integrity.documents import ISSUER, SUITES, credential_by, presentation_by, signed
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.data_integrity.canonical import canonical_json, canonical_rdf
from vc_core.formats.data_integrity.contexts import CONTEXTS
from vc_core.formats.data_integrity.expansion import expand_document, literal

# What PyLD writes as canonical N-Quads have it.
TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters=[chr(n) for n in {*range(32), 127, 0xFFFE, 0xFFFF} - {10, 13}]),
    max_size=8,
)
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NAMES = st.text("abcxyz", min_size=1, max_size=3).map("m_".__add__)
LANGUAGE_VALUES = st.fixed_dictionaries({"@value": TEXT, "@language": st.sampled_from(["en", "en-US", "th"])})
TYPED_VALUES = st.fixed_dictionaries({"@value": TEXT, "@type": st.sampled_from(["https://t.example/a", "Kind"])})
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda number: number != 0 or math.copysign(1, number) > 0
)
SCALARS = TEXT | NUMBERS | st.booleans() | LANGUAGE_VALUES | TYPED_VALUES
IDS = st.sampled_from(["did:example:a", "urn:x:b", "https://x.example/ไทย"])


def objects(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.fixed_dictionaries({"id": IDS})
    typed = st.fixed_dictionaries({"type": st.lists(st.sampled_from(["Person", "https://t.example/b"]), max_size=2)})
    own = st.dictionaries(NAMES, values | st.lists(values, max_size=3), max_size=3)
    return st.tuples(own, named | st.just({}), typed | st.just({})).map(lambda parts: parts[0] | parts[1] | parts[2])


SUBJECTS = objects(st.recursive(SCALARS, objects, max_leaves=6))


def load_bundled(url: str, options: Any = None) -> dict[str, Any]:
    document = {"@context": CONTEXTS[url]}
    return {"contextUrl": None, "documentUrl": url, "document": document, "contentType": "application/ld+json"}


def by_pyld(document: Any) -> bytes:
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load_bundled}
    return str(jsonld.normalize(document, options)).encode("utf-8")


@given(SUBJECTS)
@settings(deadline=None, max_examples=150)
def test_credentials_of_any_shape_as_pyld_canonicalizes_them(subject: dict[str, Any]) -> None:
    document = credential_by(ISSUER, credentialSubject=subject)

    quads = expand_document(document)
    try:
        ours = canonical_rdf(quads)
    except Rejection:
        reject()  # too many parts that look alike
    assert ours == by_pyld(document)


@pytest.mark.parametrize(("suite", "signer"), SUITES)
def test_presentations_with_graphs_in_graphs(suite: Any, signer: Any) -> None:
    credential = signed(credential_by(signer), signer, suite)
    status = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "5"}
    other = signed(
        credential_by(signer, credentialStatus={**status, "statusListCredential": "https://s.example/1"}), signer, suite
    )
    document = presentation_by(signer, credential, other, termsOfUse={"type": "https://t.example/terms"})

    assert canonical_rdf(expand_document(document)) == by_pyld(document)


@pytest.mark.parametrize("url", ["https://a.example:key/x", "https://a.example/\ue000"])
def test_urls_that_oxigraph_has_doubts_about(url: str) -> None:
    """`is_url` has decided before, for documents with one nameless part as for those with several."""
    presentation = presentation_by(ISSUER, credential_by(ISSUER, id=url))

    assert f"<{url}>" in canonical_rdf(expand_document(presentation)).decode("utf-8")


def test_a_document_of_version_1_1() -> None:
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "issuanceDate": "2020-01-01T00:00:00Z",
        "credentialSchema": {"id": "urn:schema:1", "type": "JsonSchemaValidator2018"},
        "credentialSubject": {"id": "did:example:subject"},
        "proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod"},
    }
    presentation = {
        "@context": document["@context"],
        "type": "VerifiablePresentation",
        "verifiableCredential": document,
    }

    assert canonical_rdf(expand_document(document)) == by_pyld(document)
    assert canonical_rdf(expand_document(presentation)) == by_pyld(presentation)


def test_json_literals() -> None:
    document = credential_by(
        ISSUER,
        credentialSubject={"type": "JsonSchema", "jsonSchema": {"b": [1, None, {"undefined": 1.5}], "a": "é"}},
    )

    assert canonical_rdf(expand_document(document)) == by_pyld(document)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | ANY_TEXT
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(ANY_TEXT, values, max_size=4),
    max_leaves=12,
)


@given(JSON)
@settings(max_examples=400)
def test_json_as_rfc8785_writes_it(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [{"\ue000": 1, "\U00010000": 2}, {"a": 1e21, "b": 1.0, "c": -0.0}, [2**53 - 1]])
def test_where_the_quick_writer_would_be_wrong(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**70])
def test_numbers_without_a_canonical_form(number: int) -> None:
    with pytest.raises(Rejection) as caught:
        canonical_json({"a": number})

    assert caught.value.code is ReasonCode.MALFORMED


@given(ANY_TEXT)
@example("\ufffd\ufffe\uffff\ufdd0\U0001fffe\x80\u2028")
def test_literals_as_oxigraph_writes_them(text: str) -> None:
    quad = pyoxigraph.Quad(pyoxigraph.NamedNode("urn:x:a"), pyoxigraph.NamedNode("urn:x:b"), pyoxigraph.Literal(text))
    written = pyoxigraph.serialize([quad], format=pyoxigraph.RdfFormat.N_QUADS)
    assert written is not None

    assert written.decode("utf-8") == f"<urn:x:a> <urn:x:b> {literal(text)} .\n"
