"""Credentials of our types as JSON-LD, and their presentation: what is made is read, verified, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.support.ldp import ED25519, STATUS, issue, present
from tests.support.verification import (
    AUDIENCE,
    COVERAGE_CLAIMS,
    HOLDER,
    ISSUER,
    ISSUER_DID,
    ISSUER_METHOD,
    NONCE,
    NOW,
    POLICY,
    STRANGER,
    CountedBytes,
    FakeReplays,
    FakeTrust,
    verify,
)
from vc_core.credential_types.definition import InvalidClaims
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P384Signer, PublicKey, Signer
from vc_core.did.jwk import create_did_jwk
from vc_core.did.key import create_did_key
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.data_integrity import Cryptosuite, ProofPurpose, sign_document
from vc_core.formats.ldp_vc import create_ldp_vc, parse_ldp_vc, parse_ldp_vp
from vc_core.formats.presentation import parse_credential, parse_presentation
from vc_core.formats.vcdm import CREDENTIALS_V2, parse_credential_document, parse_presentation_document

MALFORMED, NOT_OURS = ReasonCode.MALFORMED, ReasonCode.NOT_A_CREDENTIAL


def changed(text: str, **members: Any) -> str:
    return json.dumps({**json.loads(text), **members})


def changed_proof(text: str, **members: Any) -> str:
    document = json.loads(text)
    return json.dumps({**document, "proof": {**document["proof"], **members}})


def resigned(text: str, signer: Signer = ISSUER, method: str = ISSUER_METHOD, **members: Any) -> str:
    """The credential with other members, signed again by its issuer."""
    document = {name: value for name, value in (json.loads(text) | members).items() if name != "proof"}
    signed = sign_document(
        document,
        cryptosuite=Cryptosuite.ECDSA_RDFC_2019,
        signer=signer,
        verification_method=method,
        purpose=ProofPurpose.ASSERTION_METHOD,
        created=NOW - 1000,
    )
    return json.dumps(signed)


def refusal_of(text: str) -> ReasonCode:
    with pytest.raises(Rejection) as caught:
        parse_credential(text)
    return caught.value.code


async def refused(presented: str, **terms: Any) -> ReasonCode:
    with pytest.raises(Rejection) as caught:
        await verify(presented, **terms)
    return caught.value.code


async def test_a_holder_may_be_named_by_a_did_jwk() -> None:
    did = create_did_jwk(HOLDER.public_key)
    credential = issue(holder_did=did)
    assert json.loads(credential)["credentialSubject"]["id"] == did
    presented = present(credential)
    assert json.loads(presented)["proof"]["verificationMethod"] == did + "#0"
    assert (await verify(presented)).credential.holder_key == HOLDER.public_key
    assert await refused(present(credential, STRANGER)) is ReasonCode.HOLDER_KEY
    other_name = resigned(credential, credentialSubject={"id": create_did_key(HOLDER.public_key), **COVERAGE_CLAIMS})
    mixed = changed(presented, verifiableCredential=[json.loads(other_name)])
    assert await refused(mixed) is ReasonCode.HOLDER_KEY
    for bad in ("did:jwk:", "did:jwk:e30", did + "#0", "did:web:holder.test"):
        assert refusal_of(resigned(credential, credentialSubject={"id": bad, **COVERAGE_CLAIMS})) is MALFORMED


def test_what_is_issued_is_read() -> None:
    credential = parse_credential(issue())

    assert credential.format is CredentialFormat.LDP_VC
    assert (credential.vct, credential.issuer) == (INSURANCE_COVERAGE.vct, ISSUER_DID)
    assert (credential.issued_at, credential.not_before, credential.expires_at) == (NOW - 1000, NOW - 1000, NOW + 1000)
    assert credential.claims == COVERAGE_CLAIMS
    assert credential.holder_key == HOLDER.public_key
    assert credential.status == STATUS
    credential.signed.verify(ISSUER.public_key)


WRONG_CLAIMS: Mapping[str, dict[str, Any]] = {
    "the holder": {"id": create_did_key(STRANGER.public_key)},
    "a number for a text": {"scheme": 8401},
    "what is no JSON": {"scheme": b"8401"},
    "a lone surrogate": {"scheme": "\ud800", "birth_year": None},
    "another type's": {"blood_type": "A"},
}


@pytest.mark.parametrize("wrong", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_claims_that_no_credential_of_the_type_has(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidClaims):
        issue(claims=COVERAGE_CLAIMS | wrong)


def test_both_are_documents_of_the_data_model() -> None:
    credential = parse_credential_document(json.loads(issue()))
    presentation = parse_presentation_document(json.loads(present(issue())))

    assert (credential.issuer, credential.valid_until) == (ISSUER_DID, NOW + 1000)
    assert presentation.holder == create_did_key(HOLDER.public_key)
    assert len(presentation.credentials) == 1


@pytest.mark.parametrize(
    ("signer", "suite"),
    [
        (ISSUER, Cryptosuite.ECDSA_RDFC_2019),
        (ISSUER, Cryptosuite.ECDSA_JCS_2019),
        (ED25519, Cryptosuite.EDDSA_RDFC_2022),
        (ED25519, Cryptosuite.EDDSA_JCS_2022),
    ],
)
async def test_a_presentation_is_verified_in_every_suite(signer: Signer, suite: Cryptosuite) -> None:
    trust = FakeTrust(keys={ISSUER_METHOD: signer.public_key})
    verified = await verify(present(issue(signer, suite)), trust=trust)

    assert verified.credential.claims == COVERAGE_CLAIMS
    assert verified.presented_at == NOW


async def test_a_desk_without_a_question_takes_a_presentation_without_an_answer() -> None:
    policy = replace(POLICY, expected_nonce=None)

    assert await verify(present(issue(), nonce=None), policy=policy)
    assert await refused(present(issue(), nonce=None)) is ReasonCode.WRONG_AUDIENCE
    assert await refused(present(issue()), policy=policy) is ReasonCode.WRONG_AUDIENCE


async def test_a_presentation_is_accepted_once() -> None:
    shown, replays = present(issue()), FakeReplays()

    await verify(shown, replays=replays)
    assert await refused(shown, replays=replays) is ReasonCode.REPLAYED


async def test_a_health_id_without_status_is_refused_where_its_type_needs_one() -> None:
    assert refusal_of(issue(status=())) is MALFORMED


async def test_what_verification_refuses() -> None:
    good = present(issue())

    assert await refused(good, trust=FakeTrust(keys={})) is ReasonCode.UNKNOWN_ISSUER
    assert await refused(good, trust=FakeTrust(accreditations={})) is ReasonCode.UNTRUSTED_ISSUER
    assert await refused(present(issue(STRANGER))) is ReasonCode.BAD_SIGNATURE
    assert await refused(good, now=NOW + 1000) is ReasonCode.EXPIRED_CREDENTIAL
    assert await refused(good, now=NOW + 60) is ReasonCode.EXPIRED_PRESENTATION
    assert await refused(present(issue(), presented_at=NOW + 31)) is ReasonCode.CLOCK_SKEW
    assert await refused(present(issue(), audience="did:example:other")) is ReasonCode.WRONG_AUDIENCE
    assert await refused(present(issue(), nonce="other")) is ReasonCode.WRONG_AUDIENCE
    assert await refused(present(issue(issued_at=NOW + 500))) is ReasonCode.NOT_YET_VALID
    assert (
        await refused(present(issue(holder_key=STRANGER.public_key), STRANGER, nonce="x")) is ReasonCode.WRONG_AUDIENCE
    )


async def test_only_the_holder_can_present() -> None:
    stolen = present(issue(), STRANGER)
    assert await refused(stolen) is ReasonCode.HOLDER_KEY
    as_holder = changed_proof(
        changed(stolen, holder=create_did_key(HOLDER.public_key)), verificationMethod=method(HOLDER)
    )
    assert await refused(as_holder) is ReasonCode.HOLDER_KEY


def method(signer: Signer) -> str:
    did = create_did_key(signer.public_key)
    return f"{did}#{did.removeprefix('did:key:')}"


async def test_a_good_credential_in_a_changed_presentation_and_the_reverse() -> None:
    good, other = json.loads(present(issue())), json.loads(issue(issued_at=NOW - 900))
    forged = json.loads(issue(STRANGER))

    assert await refused(json.dumps({**good, "verifiableCredential": [other]})) is ReasonCode.HOLDER_KEY
    assert await refused(present(json.dumps(forged))) is ReasonCode.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("name", "value"),
    [("name", "มานา ใจดี"), ("birth_year", 1989), ("covered_until", "2027-12-31"), ("scheme", "UCS")],
)
async def test_a_changed_claim(name: str, value: Any) -> None:
    document = json.loads(issue())
    document["credentialSubject"][name] = value

    assert await refused(present(json.dumps(document))) is ReasonCode.BAD_SIGNATURE


CREDENTIAL_FAULTS: Mapping[str, tuple[ReasonCode, dict[str, Any]]] = {
    "of another type": (NOT_OURS, {"type": ["VerifiableCredential", "Diploma"]}),
    "of a type in a list": (NOT_OURS, {"type": ["VerifiableCredential", ["InsuranceCoverage"]]}),
    "of two types": (NOT_OURS, {"type": ["VerifiableCredential", "InsuranceCoverage", "HealthId"]}),
    "of a type without its context": (NOT_OURS, {"type": ["VerifiableCredential", "HealthId"]}),
    "with one more context": (NOT_OURS, {"@context": [CREDENTIALS_V2, "https://x.example/"]}),
    "with a context object": (NOT_OURS, {"@context": [CREDENTIALS_V2, {}]}),
    "without contexts": (NOT_OURS, {"@context": None}),
    "with a member more": (MALFORMED, {"evidence": {"type": "X"}}),
    "with a relative id": (MALFORMED, {"id": "credentials/1"}),
    "with an id that is no text": (MALFORMED, {"id": ["urn:x:1"]}),
    "of another issuer": (MALFORMED, {"issuer": ISSUER_DID[:-1] + "2"}),
    "of an issuer that is described": (MALFORMED, {"issuer": {"id": ISSUER_DID}}),
    "with a start that is no time": (MALFORMED, {"validFrom": "2026-01-01"}),
    "with an end that is no time": (MALFORMED, {"validUntil": None}),
    "from before 1970": (MALFORMED, {"validFrom": "1969-12-31T23:59:59Z"}),
    "about two": (MALFORMED, {"credentialSubject": [{}, {}]}),
    "about nobody": (MALFORMED, {"credentialSubject": {}}),
    "with a status of another kind": (ReasonCode.STATUS_UNAVAILABLE, {"credentialStatus": {"type": "X"}}),
    "with a status that is a text": (MALFORMED, {"credentialStatus": "https://x.example/"}),
    "without a proof": (MALFORMED, {"proof": None}),
    "with proofs in a list": (MALFORMED, {"proof": []}),
}
SUBJECT_FAULTS: Mapping[str, dict[str, Any]] = {
    "no id": {"id": None},
    "a DID of another method": {"id": ISSUER_DID},
    "a did:key that is none": {"id": "did:key:z6Mk"},
    "a relative id": {"id": "patients/1"},
    "a claim that the type does not have": {"blood_type": "A"},
    "a claim of another kind": {"birth_year": "1988"},
    "a claim that is nested": {"name": {"@value": "มานี", "@language": "th"}},
    "a context of its own": {"@context": CREDENTIALS_V2},
}
PROOF_FAULTS: Mapping[str, dict[str, Any]] = {
    "for authentication": {"proofPurpose": "authentication"},
    "with an end": {"expires": "2027-01-01T00:00:00Z"},
    "with a challenge": {"challenge": NONCE},
    "with an id": {"id": "urn:uuid:1"},
    "with a context": {"@context": CREDENTIALS_V2},
    "of another suite": {"cryptosuite": "ecdsa-sd-2023"},
    "without a time": {"created": None},
    "with a key of nobody's": {"verificationMethod": "#delegate-1"},
}


@pytest.mark.parametrize(("code", "members"), CREDENTIAL_FAULTS.values(), ids=CREDENTIAL_FAULTS)
def test_a_credential_with_one_fault(code: ReasonCode, members: dict[str, Any]) -> None:
    assert refusal_of(changed(issue(), **members)) is code


@pytest.mark.parametrize("members", SUBJECT_FAULTS.values(), ids=SUBJECT_FAULTS)
def test_a_subject_with_one_fault(members: dict[str, Any]) -> None:
    document = json.loads(issue())

    assert (
        refusal_of(json.dumps({**document, "credentialSubject": document["credentialSubject"] | members})) is MALFORMED
    )


@pytest.mark.parametrize("members", PROOF_FAULTS.values(), ids=PROOF_FAULTS)
def test_a_proof_with_one_fault(members: dict[str, Any]) -> None:
    assert refusal_of(changed_proof(issue(), **members)) is MALFORMED


def test_two_proofs_or_a_chain_are_for_others() -> None:
    document = json.loads(issue())

    assert refusal_of(changed(issue(), proof=[document["proof"], document["proof"]])) is MALFORMED
    assert refusal_of(changed(issue(), proof=[document["proof"]])) is MALFORMED


def test_a_claim_that_is_missing() -> None:
    document = json.loads(issue())
    for name in COVERAGE_CLAIMS:
        subject = {key: value for key, value in document["credentialSubject"].items() if key != name}
        assert refusal_of(json.dumps({**document, "credentialSubject": subject})) is MALFORMED


PRESENTATION_FAULTS: Mapping[str, tuple[ReasonCode, dict[str, Any]]] = {
    "of another type": (NOT_OURS, {"type": ["VerifiableCredential"]}),
    "without a type": (NOT_OURS, {"type": None}),
    "with one more context": (MALFORMED, {"@context": [CREDENTIALS_V2, CREDENTIALS_V2]}),
    "with a member more": (MALFORMED, {"termsOfUse": {"type": "X"}}),
    "of nothing": (MALFORMED, {"verifiableCredential": []}),
    "of a text": (MALFORMED, {"verifiableCredential": ["eyJ"]}),
    "of one that is in no list": (MALFORMED, {"verifiableCredential": {}}),
    "by somebody else": (ReasonCode.HOLDER_KEY, {"holder": create_did_key(STRANGER.public_key)}),
    "by nobody": (ReasonCode.HOLDER_KEY, {"holder": None}),
    "without a proof": (MALFORMED, {"proof": None}),
}
HOLDER_PROOF_FAULTS: Mapping[str, tuple[ReasonCode, dict[str, Any]]] = {
    "for assertion": (MALFORMED, {"proofPurpose": "assertionMethod"}),
    "by another key": (ReasonCode.HOLDER_KEY, {"verificationMethod": method(STRANGER)}),
    "by a key under another name": (ReasonCode.HOLDER_KEY, {"verificationMethod": method(HOLDER) + "-1"}),
    "for two": (MALFORMED, {"domain": [AUDIENCE, "https://other.example"]}),
    "for nobody": (MALFORMED, {"domain": []}),
    "with an end": (MALFORMED, {"expires": "2027-01-01T00:00:00Z"}),
    "without a time": (MALFORMED, {"created": None}),
}


@pytest.mark.parametrize(("code", "members"), PRESENTATION_FAULTS.values(), ids=PRESENTATION_FAULTS)
def test_a_presentation_with_one_fault(code: ReasonCode, members: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as caught:
        parse_presentation(changed(present(issue()), **members))

    assert caught.value.code is code


@pytest.mark.parametrize(("code", "members"), HOLDER_PROOF_FAULTS.values(), ids=HOLDER_PROOF_FAULTS)
def test_a_holders_proof_with_one_fault(code: ReasonCode, members: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as caught:
        parse_ldp_vp(changed_proof(present(issue()), **members))

    assert caught.value.code is code


@pytest.mark.parametrize("text", ["{", "{}", '{"type": 1}', '{"type": [], "type": []}', "{" * 100, '{"a": NaN}'])
def test_what_is_no_document(text: str) -> None:
    for parse in (parse_ldp_vc, parse_ldp_vp, parse_credential, parse_presentation):
        with pytest.raises(Rejection):
            parse(text)


async def test_a_key_that_is_no_point_fits_no_signature() -> None:
    """The holder's point is looked for when its signature is checked, and not before."""
    key = PublicKey.from_multikey(b"\x80\x24\x02" + b"\xff" * 32, deferred=True)
    credential = parse_ldp_vc(issue(holder_key=key))

    assert credential.holder_key == key
    presented = present(issue())
    document = json.loads(presented)
    document["verifiableCredential"] = [json.loads(issue(holder_key=key))]
    did = create_did_key(key)
    document["holder"] = did
    document["proof"]["verificationMethod"] = f"{did}#{did.removeprefix('did:key:')}"
    assert await refused(json.dumps(document)) is ReasonCode.HOLDER_KEY


async def test_a_p384_key_is_nobodys_of_ours() -> None:
    signer = P384Signer.from_bytes(b"\2" * 48)
    text = resigned(issue(), signer)

    trust = FakeTrust(keys={ISSUER_METHOD: signer.public_key})
    assert await refused(present(text), trust=trust) is ReasonCode.BAD_SIGNATURE


def test_every_type_can_be_issued() -> None:
    claims = {
        "health_id": "SB4J7QX2M9KZ",
        "name": 'a "quoted" \\ name\nof two lines',
        "name_latin": "Manee",
        "birth_year": 1988,
        "birth_date": "1988-02-29",
        "identifier_system": "passport",
        "identifier_value": "A1234567",
    }
    text = create_ldp_vc(
        HEALTH_ID,
        claims,
        verification_method=ISSUER_METHOD,
        signer=ISSUER,
        issued_at=NOW,
        expires_at=NOW + 1,
        status=STATUS,
        holder_key=HOLDER.public_key,
        randomness=CountedBytes(),
    )

    assert parse_credential(text).claims == claims
