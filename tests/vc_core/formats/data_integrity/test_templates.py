"""The templates give what the general path gives, and PyLD; and nothing where a document is of any other shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vc_core.formats.data_integrity.documents import EXAMPLES, ISSUER, credential_by
from tests.vc_core.formats.data_integrity.test_canonical import by_pyld
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import ClaimKind, CredentialType
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.json_ld import document_contexts, document_types
from vc_core.errors import Rejection
from vc_core.formats.data_integrity.canonical import canonical_rdf
from vc_core.formats.data_integrity.expansion import expand_document
from vc_core.formats.data_integrity.templates import canonical_rdf_by_template, proof_rdf_by_template
from vc_core.formats.vcdm import CREDENTIALS_V2

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES = {
    ClaimKind.TEXT: TEXT,
    ClaimKind.DATE: st.dates().map(str) | TEXT,
    ClaimKind.INTEGER: st.integers(0, 2**53 - 1),
}
NAMES = st.text("abc012#/.:", max_size=6)
# Names that are beginnings of each other, and such that are no URLs: the order of lines and the fallback.
URLS = (
    NAMES.map("did:key:".__add__)
    | NAMES.map("https://x.example/".__add__)
    | st.sampled_from(["urn:a", "urn:a1", "a b"])
)
ENTRIES = st.fixed_dictionaries(
    {
        "id": URLS,
        "type": st.just("BitstringStatusListEntry"),
        "statusPurpose": st.sampled_from(["revocation", "suspension"]) | TEXT,
        "statusListIndex": st.integers(0, 2**17).map(str),
        "statusListCredential": URLS,
    }
)
COVERAGE: Mapping[str, Any] = {
    "@context": document_contexts(INSURANCE_COVERAGE),
    "id": "urn:uuid:58172aac-d8ba-41ed-83dd-0b3aef56cc33",
    "type": document_types(INSURANCE_COVERAGE),
    "issuer": "did:ethr:0x539:0x1111111111111111111111111111111111111111",
    "validFrom": "2026-01-01T00:00:00Z",
    "validUntil": "2027-01-01T00:00:00Z",
    "credentialStatus": [
        {
            "id": "https://office.example/status/1#5",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "5",
            "statusListCredential": "https://office.example/status/1",
        }
    ],
    "credentialSubject": {"id": "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169", "scheme": "UCS"},
}
PROOF: Mapping[str, Any] = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2026-01-01T00:00:00Z",
    "verificationMethod": "did:ethr:0x539:0x1111111111111111111111111111111111111111#delegate-1",
    "proofPurpose": "assertionMethod",
}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    credential_type: CredentialType = draw(st.sampled_from(list(CREDENTIAL_TYPES.values())))
    claims = {claim.name: VALUES[claim.kind] for claim in credential_type.whole_claims()}
    subject = draw(st.fixed_dictionaries({"id": URLS}, optional=claims))
    document: dict[str, Any] = {
        "@context": document_contexts(credential_type),
        "id": draw(URLS),
        "type": document_types(credential_type),
        "issuer": draw(URLS),
        "validFrom": draw(st.just("2026-01-01T00:00:00Z") | TEXT),
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": dict(draw(st.permutations(list(subject.items())))),
    }
    if draw(st.booleans()):
        document["credentialStatus"] = draw(st.lists(ENTRIES, max_size=3))
    return document


def by_the_general_path(document: Mapping[str, Any]) -> bytes | None:
    try:
        return canonical_rdf(expand_document(document))
    except Rejection:
        return None


@given(documents())
@settings(deadline=None, max_examples=500)
def test_the_template_gives_what_the_general_path_gives_or_nothing(document: dict[str, Any]) -> None:
    assert canonical_rdf_by_template(document) in (None, by_the_general_path(document))


@pytest.mark.parametrize("credential_type", CREDENTIAL_TYPES.values(), ids=lambda each: each.name)
def test_every_type_has_a_template(credential_type: CredentialType) -> None:
    samples: dict[ClaimKind, Any] = {ClaimKind.TEXT: "มานี", ClaimKind.DATE: "2026-02-28", ClaimKind.INTEGER: 1988}
    claims = {claim.name: samples[claim.kind] for claim in credential_type.whole_claims()}
    document = {
        **COVERAGE,
        "@context": document_contexts(credential_type),
        "type": document_types(credential_type),
        "credentialSubject": {"id": COVERAGE["credentialSubject"]["id"], **claims},
    }

    assert canonical_rdf_by_template(document) == by_the_general_path(document) == by_pyld(document)


OTHER_SHAPES: Mapping[str, dict[str, Any]] = {
    "another context": {"@context": [*COVERAGE["@context"], EXAMPLES]},
    "contexts in another order": {"@context": COVERAGE["@context"][::-1]},
    "types in another order": {"type": COVERAGE["type"][::-1]},
    "another type": {"type": ["VerifiableCredential", "Diploma"]},
    "a type that is a text": {"type": "InsuranceCoverage"},
    "an unhashable type": {"type": ["VerifiableCredential", []]},
    "no type": {"type": []},
    "a member more": {"name": "x"},
    "an issuer that is described": {"issuer": {"id": "did:example:a"}},
    "an issuer over two lines": {"issuer": "did:example:a\nurn:x:b"},
    "an id that is relative": {"id": "credentials/1"},
    "one name for two": {"id": COVERAGE["credentialSubject"]["id"]},
    "a status that is in no list": {"credentialStatus": COVERAGE["credentialStatus"][0]},
    "a status with a member more": {"credentialStatus": [COVERAGE["credentialStatus"][0] | {"statusSize": 1}]},
    "a status without an id": {"credentialStatus": [{"type": "BitstringStatusListEntry"}]},
    "a status that is a text": {"credentialStatus": ["https://office.example/status/1"]},
    "a status that is nothing": {"credentialStatus": None},
    "two subjects": {"credentialSubject": [COVERAGE["credentialSubject"]]},
    "a subject without a name": {"credentialSubject": {"scheme": "UCS"}},
    "a claim of another type's": {"credentialSubject": {"id": "did:example:a", "blood_type": "A"}},
    "a claim that is nested": {"credentialSubject": {"id": "did:example:a", "scheme": {"id": "urn:x:a"}}},
    "a claim that is a list": {"credentialSubject": {"id": "did:example:a", "scheme": ["UCS", "SSS"]}},
    "a claim that is null": {"credentialSubject": {"id": "did:example:a", "scheme": None}},
    "a number for a text": {"credentialSubject": {"id": "did:example:a", "scheme": 5}},
    "a truth value for a number": {"credentialSubject": {"id": "did:example:a", "birth_year": True}},
    "a fraction for a number": {"credentialSubject": {"id": "did:example:a", "birth_year": 1988.5}},
    "a long number": {"credentialSubject": {"id": "did:example:a", "birth_year": 2**53}},
    "a quotation mark": {"credentialSubject": {"id": "did:example:a", "scheme": 'U"CS'}},
    "a lone surrogate": {"credentialSubject": {"id": "did:example:a", "scheme": "\ud800"}},
}


@pytest.mark.parametrize("change", OTHER_SHAPES.values(), ids=OTHER_SHAPES)
def test_what_has_no_template(change: dict[str, Any]) -> None:
    assert canonical_rdf_by_template({**COVERAGE, **change}) is None


@pytest.mark.parametrize("document", [{}, {"type": None}, credential_by(ISSUER)])
def test_documents_of_others_have_no_template(document: dict[str, Any]) -> None:
    assert canonical_rdf_by_template(document) is None


def test_the_proof() -> None:
    assert proof_rdf_by_template(PROOF) == by_the_general_path({**PROOF, "@context": COVERAGE["@context"]})


@pytest.mark.parametrize(
    "change",
    [
        {"type": "Ed25519Signature2020"},
        {"proofPurpose": "authentication"},
        {"created": 5},
        {"created": 'a"b'},
        {"verificationMethod": "#delegate-1"},
        {"verificationMethod": ["did:example:a#1"]},
        {"nonce": "n"},
        {"@context": CREDENTIALS_V2},
    ],
)
def test_proofs_of_another_shape_have_no_template(change: dict[str, Any]) -> None:
    assert proof_rdf_by_template({**PROOF, **change}) is None
    assert proof_rdf_by_template({}) is None


@given(TEXT, URLS)
def test_proofs_as_the_general_path_canonicalizes_them(created: str, method: str) -> None:
    proof = {**PROOF, "created": created, "verificationMethod": method}

    assert proof_rdf_by_template(proof) in (None, by_the_general_path({**proof, "@context": COVERAGE["@context"]}))
