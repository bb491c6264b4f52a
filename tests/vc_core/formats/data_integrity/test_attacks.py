"""What documents Data Integrity must survive: D1 to D4 of the hostile inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.vc_core.formats.data_integrity.documents import (
    EXAMPLES,
    ISSUER,
    NOW,
    SUITE_NAMES,
    SUITES,
    credential_by,
    did_of,
    signed,
)
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.json_ld import context_url
from vc_core.crypto.keys import Signer
from vc_core.did.key import KeyDids
from vc_core.did.resolver import DidResolver
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.data_integrity import (
    Cryptosuite,
    verify_credential_document,
)
from vc_core.formats.data_integrity.canonical import canonical_rdf
from vc_core.formats.data_integrity.expansion import expand_document
from vc_core.formats.vcdm import CREDENTIALS_V1, CREDENTIALS_V2, parse_credential_document

MALFORMED = ReasonCode.MALFORMED
EACH_SUITE = pytest.mark.parametrize(("suite", "signer"), SUITES, ids=SUITE_NAMES)


RESOLVER = DidResolver({"key": KeyDids()})


async def credential_refusal(document: Mapping[str, Any], resolver: DidResolver = RESOLVER) -> ReasonCode:
    with pytest.raises(Rejection) as caught:
        await verify_credential_document(parse_credential_document(document), resolver, now=NOW)
    return caught.value.code


@EACH_SUITE
async def test_what_is_signed_verifies_and_what_is_changed_does_not(suite: Cryptosuite, signer: Signer) -> None:
    document = signed(credential_by(signer), signer, suite)

    await verify_credential_document(parse_credential_document(document), RESOLVER, now=NOW)
    changed = {**document, "credentialSubject": {**document["credentialSubject"], "alumniOf": "Another School"}}
    assert await credential_refusal(changed) is ReasonCode.BAD_SIGNATURE
    for name, value in {"created": "2026-12-01T00:00:00Z", "nonce": "n"}.items():
        assert await credential_refusal({**document, "proof": {**document["proof"], name: value}})


# D1: a context that is appended, or put in place of another one, and gives the same members another meaning.


async def test_a_context_appended_after_signing() -> None:
    """Ours says what `scheme` is; a document that was signed without it meant something else by the word."""
    document = signed(credential_by(ISSUER, credentialSubject={"id": "did:example:a", "scheme": "UCS"}))
    of_ours = context_url(INSURANCE_COVERAGE)

    await verify_credential_document(parse_credential_document(document), RESOLVER, now=NOW)
    appended = {**document, "@context": [*document["@context"], of_ours]}
    assert await credential_refusal(appended) is ReasonCode.BAD_SIGNATURE
    assert await credential_refusal({**document, "@context": [CREDENTIALS_V2]}) is MALFORMED


async def test_a_term_that_is_swapped_by_another_context_changes_the_signed_meaning() -> None:
    """`examples/v2` gives `alumniOf` a meaning; the document's own term would give it another."""
    own = {"alumniOf": "https://terms.example/alumniOf"}
    document = signed(
        credential_by(ISSUER, **{"@context": [CREDENTIALS_V2, own], "type": "VerifiableCredential"}), own_terms=True
    )
    swapped = {**document, "@context": [CREDENTIALS_V2, {"alumniOf": "https://terms.example/expelledFrom"}]}

    await verify_credential_document(parse_credential_document(document), RESOLVER, now=NOW, own_terms=True)
    with pytest.raises(Rejection) as caught:
        await verify_credential_document(parse_credential_document(swapped), RESOLVER, now=NOW, own_terms=True)
    assert caught.value.code is ReasonCode.BAD_SIGNATURE
    assert await credential_refusal(document) is MALFORMED


@pytest.mark.parametrize(
    "own",
    [
        {"issuer": "https://x.example/issuer"},
        {"VerifiableCredential": "https://x.example/VerifiableCredential"},
        {"id": "https://x.example/id"},
        {"did": "https://x.example/", "x": "did:example:x"},
        {"urn": "did:example:x#", "did": "urn:example:x#"},
        {"https": "https://x.example/#"},
        {"a:b": "https://x.example/"},
        {"": "https://x.example/"},
        {"term": "relative"},
        {"term": None},
        {"term": "@id"},
        {"term": {"@id": "https://x.example/", "@type": "@id"}},
        {"@vocab": "https://x.example/"},
        {"@base": "https://x.example/"},
        {"@import": "https://x.example/"},
        {"@language": "en"},
        {"@protected": True},
    ],
)
def test_what_a_document_may_not_define(own: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as caught:
        expand_document(credential_by(ISSUER, **{"@context": [CREDENTIALS_V2, own]}), own_terms=True)

    assert caught.value.code is MALFORMED


@pytest.mark.parametrize("contexts", [[CREDENTIALS_V2, CREDENTIALS_V1], [CREDENTIALS_V1, CREDENTIALS_V2]])
def test_two_contexts_that_disagree_on_a_protected_term(contexts: list[str]) -> None:
    with pytest.raises(Rejection, match="protected"):
        expand_document(credential_by(ISSUER, **{"@context": contexts}))


async def test_a_json_suite_signs_the_contexts_in_their_order() -> None:
    document = signed(credential_by(ISSUER), cryptosuite=Cryptosuite.EDDSA_JCS_2022)
    more = {**document, "@context": [*document["@context"], "https://w3id.org/security/multikey/v1"]}
    fewer = {**document, "@context": document["@context"][:1]}

    assert await credential_refusal(fewer) is MALFORMED
    # Allowed by section 3.3.2: contexts after those that the proof names, which then have no say.
    await verify_credential_document(parse_credential_document(more), RESOLVER, now=NOW)


# D2: contexts that are not bundled. The test runs without a network, and nothing here could use one.


@pytest.mark.parametrize(
    "contexts",
    [
        [CREDENTIALS_V2, "https://attacker.example/context"],
        [CREDENTIALS_V2, "http://www.w3.org/ns/credentials/examples/v2"],
        [CREDENTIALS_V2, EXAMPLES + "#"],
        [CREDENTIALS_V2, {"@import": "https://attacker.example/context"}],
        [CREDENTIALS_V2, {"name": "https://x.example/name"}],
        [CREDENTIALS_V2, None],
        [CREDENTIALS_V2, [EXAMPLES]],
    ],
)
@EACH_SUITE
def test_a_context_that_is_not_ours_to_use(contexts: list[Any], suite: Cryptosuite, signer: Signer) -> None:
    with pytest.raises(Rejection) as caught:
        signed(credential_by(signer, **{"@context": contexts}), signer, suite)

    assert caught.value.code is MALFORMED


@pytest.mark.parametrize(
    "change",
    [
        {"credentialSubject": {"@context": EXAMPLES, "id": "did:example:a"}},
        {"credentialSubject": {"@context": {"x": "https://x.example/"}, "x": 1}},
        {"credentialSubject": {"verifiableCredential": {"@context": EXAMPLES}}},
        {"evidence": [{"type": "X", "more": [{"@context": None, "x": 1}]}]},
        {"issuer": {"id": did_of(ISSUER), "@context": []}},
    ],
)
@EACH_SUITE
def test_a_context_below_the_top(change: dict[str, Any], suite: Cryptosuite, signer: Signer) -> None:
    with pytest.raises(Rejection) as caught:
        signed(credential_by(signer, **change), signer, suite)

    assert caught.value.code is MALFORMED


# D3: what no context defines, and what JSON-LD would leave out.

UNSIGNED: dict[str, dict[str, Any]] = {
    "an undefined term": {"alumnus": "x"},
    "an undefined term below": {"issuer": {"id": did_of(ISSUER), "logo": "x"}},
    "an undefined type": {"type": ["VerifiableCredential", "Alumni"]},
    "a term of another type's": {"credentialSubject": {"statusListIndex": "5"}},
    "the terms of a version": {"issuanceDate": "2026-01-01T00:00:00Z"},
    "null": {"name": None},
    "a relative URL": {"credentialSubject": {"id": "alumni/1"}},
    "a relative URL in a value": {"termsOfUse": "terms/1"},
    "a blank node": {"credentialSubject": {"id": "_:b0"}},
    "a URL that is none": {"id": "https://x.example/<script>"},
    "two ids": {"@id": "did:example:a", "id": "did:example:b"},
    "two types": {"@type": "VerifiableCredential"},
    "a keyword": {"@graph": []},
    "an unknown keyword": {"@foo": 1},
    "reverse properties": {"@reverse": {"issuer": {"id": "did:example:a"}}},
    "a list": {"name": {"@list": ["a"]}},
    "a set within a set": {"name": [["a"]]},
    "an index": {"name": {"@value": "a", "@index": "b"}},
    "a text with type and language": {"name": {"@value": "a", "@language": "en", "@type": "https://x.example/t"}},
    "a number that others round": {"evidence": {"name": 2**53}},
    "a text in the place of a graph": {"proof": "https://x.example/proof"},
}


@pytest.mark.parametrize("change", UNSIGNED.values(), ids=UNSIGNED)
@EACH_SUITE
def test_what_would_not_be_signed_is_refused(change: dict[str, Any], suite: Cryptosuite, signer: Signer) -> None:
    """At signing; verifying goes through the same code, and so do all suites."""
    plain = credential_by(signer, **{"@context": [CREDENTIALS_V2], "type": "VerifiableCredential"})
    plain["credentialSubject"] = {"id": "did:example:alumna"}
    with pytest.raises(Rejection) as caught:
        expand_document({**plain, **change})
    assert caught.value.code is MALFORMED
    if "proof" not in change:
        with pytest.raises(Rejection):
            signed({**plain, **change}, signer, suite)


async def test_an_undefined_term_added_after_signing() -> None:
    plain = credential_by(ISSUER, **{"@context": [CREDENTIALS_V2], "type": "VerifiableCredential"})
    plain["credentialSubject"] = {"id": "did:example:alumna"}
    document = signed(plain)

    assert await credential_refusal({**document, "note": "x"}) is MALFORMED
    assert await credential_refusal({**document, "proof": {**document["proof"], "note": "x"}}) is MALFORMED


# D4: graphs that take RDFC-1.0 for ever.


def twins(count: int, depth: int) -> list[Any]:
    """Nameless objects that all look alike, within each other."""
    return [{"knows": twins(count, depth - 1)} if depth else {} for _ in range(count)]


@pytest.mark.parametrize(
    "subject",
    [
        {"knows": [{"knows": twins(8, 0)}, {"knows": twins(8, 0)}]},
        {"knows": twins(4, 3)},
        {"knows": twins(2, 6)},
        {"knows": [{"name": str(number)} for number in range(250)]},
    ],
)
@EACH_SUITE
def test_a_poison_graph_is_not_begun(subject: dict[str, Any], suite: Cryptosuite, signer: Signer) -> None:
    """For suites over JSON there is nothing to name, so that they take it."""
    document = credential_by(signer, credentialSubject=subject)
    if suite.canonicalizes_json:
        signed(document, signer, suite)
        return
    with pytest.raises(Rejection) as caught:
        signed(document, signer, suite)

    assert caught.value.code is ReasonCode.TOO_LARGE


def test_more_parts_than_a_credential_has() -> None:
    with pytest.raises(Rejection) as caught:
        expand_document(credential_by(ISSUER, credentialSubject={"knows": ["x"] * 5000}))

    assert caught.value.code is ReasonCode.TOO_LARGE


def test_more_parts_within_each_other_than_a_credential_has() -> None:
    subject: dict[str, Any] = {}
    for _ in range(5000):
        subject = {"knows": subject}
    with pytest.raises(Rejection) as caught:
        expand_document(credential_by(ISSUER, credentialSubject=subject))

    assert caught.value.code is ReasonCode.TOO_LARGE


def test_more_contexts_or_terms_of_its_own_than_a_document_may_bring() -> None:
    own = {f"term{number}": "https://terms.example/1" for number in range(101)}
    for contexts in ([CREDENTIALS_V2] * 11, [CREDENTIALS_V2, own]):
        with pytest.raises(Rejection) as caught:
            expand_document(credential_by(ISSUER, **{"@context": contexts}), own_terms=True)
        assert caught.value.code is MALFORMED


def test_as_many_alike_as_are_allowed_are_told_apart() -> None:
    subject = {"knows": [{"knows": twins(5, 0)}, {"knows": twins(5, 0)}]}

    assert canonical_rdf(expand_document(credential_by(ISSUER, credentialSubject=subject)))
