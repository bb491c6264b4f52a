"""The contexts as an independent JSON-LD processor (PyLD) reads them."""

from typing import Any

import pytest
from pyld import jsonld

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import ClaimKind, CredentialType
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.json_ld import VCDM_TERMS, VOCABULARY, context_url, create_context

_SAMPLES: dict[ClaimKind, Any] = {ClaimKind.TEXT: "x", ClaimKind.INTEGER: 1990, ClaimKind.DATE: "2026-11-25"}
_XSD = "http://www.w3.org/2001/XMLSchema#"
_VALUES: dict[ClaimKind, dict[str, Any]] = {
    ClaimKind.TEXT: {"@value": "x"},
    ClaimKind.INTEGER: {"@value": 1990, "@type": _XSD + "integer"},
    ClaimKind.DATE: {"@value": "2026-11-25", "@type": _XSD + "date"},
}


def _no_network(url: str, _options: object) -> dict[str, Any]:
    raise AssertionError(f"fetched {url}")


def test_a_context_is_named_after_its_type_and_version() -> None:
    assert context_url(HEALTH_ID) == "https://sabai.invalid/contexts/HealthId/v1"


@pytest.mark.parametrize("credential_type", CREDENTIAL_TYPES.values(), ids=lambda each: each.name)
def test_every_claim_means_a_term_of_our_vocabulary_with_its_datatype(credential_type: CredentialType) -> None:
    claims = [claim for claim in credential_type.whole_claims() if claim.name not in VCDM_TERMS]
    document = {
        **create_context(credential_type),
        "@type": credential_type.name,
        **{claim.name: _SAMPLES[claim.kind] for claim in claims},
    }
    (expanded,) = jsonld.expand(document, {"documentLoader": _no_network})
    assert expanded == {
        "@type": [VOCABULARY + credential_type.name],
        **{VOCABULARY + claim.name: [_VALUES[claim.kind]] for claim in claims},
    }


def test_contexts_of_several_types_stand_together_and_the_terms_of_vcdm_are_left_alone() -> None:
    contexts = [create_context(each)["@context"] for each in CREDENTIAL_TYPES.values()]
    for order in (contexts, contexts[::-1]):
        jsonld.expand({"@context": order, "health_id": "x"}, {"documentLoader": _no_network})
    assert all(VCDM_TERMS.isdisjoint(each) for each in contexts)


def test_no_later_context_gives_a_term_another_meaning() -> None:
    document = {
        "@context": [create_context(INSURANCE_COVERAGE)["@context"], {"scheme": "https://elsewhere.example/x"}],
        "scheme": "UCS",
    }
    with pytest.raises(jsonld.JsonLdError, match="protected"):
        jsonld.expand(document, {"documentLoader": _no_network})
