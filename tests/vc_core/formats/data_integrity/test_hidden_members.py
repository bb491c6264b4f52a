"""What is said of a credential is said under one name, in one place: a signature over RDF fits any other as well."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.vc_api import general_credential
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.data_integrity.expansion import expand_document

VALID_UNTIL = "https://www.w3.org/2018/credentials#validUntil"
TIME = {"@value": "2026-01-01T00:00:00Z", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}
CONTEXTS = general_credential()["@context"]
SELF = general_credential()["id"]

HIDDEN: dict[str, dict[str, Any]] = {
    "under its IRI": {VALID_UNTIL: TIME},
    "under a name of the document's own": {"@context": [*CONTEXTS, {"ending": VALID_UNTIL}], "ending": TIME},
    "under a compact IRI": {"@context": [*CONTEXTS, {"c": VALID_UNTIL.partition("#")[0] + "#"}], "c:validUntil": TIME},
    "a key under its IRI": {"https://w3id.org/security#verificationMethod": {"id": "did:example:1#key"}},
    "in a part with the id of the whole": {
        "credentialSubject": {"id": SELF, "type": "VerifiableCredential", "validUntil": "2026-01-01T00:00:00Z"}
    },
}


@pytest.mark.parametrize("members", HIDDEN.values(), ids=HIDDEN.keys())
def test_it_is_refused_elsewhere(members: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as refusal:
        expand_document(general_credential(**members), own_terms=True)
    assert refusal.value.code is ReasonCode.MALFORMED


def test_other_vocabularies_may_be_named_by_iri_and_the_whole_be_referred_to() -> None:
    document = general_credential(
        credentialSubject={"id": "did:example:1", "https://schema.org/jobTitle": "Professor", "alumniOf": {"id": SELF}}
    )
    assert any(quad.predicate == "<https://schema.org/jobTitle>" for quad in expand_document(document))
