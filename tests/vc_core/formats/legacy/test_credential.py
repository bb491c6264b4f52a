"""What counts as a legacy credential before its signature is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.legacy import (
    HOLDER_DID,
    ISSUER_DID,
    LEGACY_HOLDER,
    legacy_credential_claims,
    legacy_document,
    legacy_jwt,
    legacy_presentation_claims,
)
from tests.support.legacy_changes import UNSEEN, change, leave_out, proof, subject
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.legacy.credential import (
    MAX_CREDENTIALS,
    MAX_LENGTH,
    Securing,
    parse_legacy_credential,
    parse_legacy_presentation,
)


def test_a_linked_data_credential() -> None:
    credential = parse_legacy_credential(legacy_document("ed25519-2020"))
    assert credential.issuer == ISSUER_DID
    assert (credential.valid_from, credential.valid_until) == (1_614_589_200, 1_930_122_000)
    assert credential.proof.securing is Securing.LINKED_DATA
    assert credential.proof.signer == ISSUER_DID
    assert not credential.has_status
    assert "proof" not in credential.document


def test_a_jwt_puts_its_claims_where_the_model_has_them() -> None:
    credential = parse_legacy_credential(legacy_jwt(legacy_credential_claims(jti="urn:uuid:1")))
    assert credential.document["id"] == "urn:uuid:1"
    assert credential.document["issuer"] == ISSUER_DID
    assert credential.document["credentialSubject"] == {"givenName": "Somchai", "id": HOLDER_DID}
    assert credential.document["issuanceDate"] == "2023-11-14T22:13:20Z"
    assert (credential.valid_from, credential.valid_until) == (1_700_000_000, 2_000_000_000)


def test_a_date_may_be_in_both_places_if_it_is_the_same() -> None:
    vc = legacy_credential_claims()["vc"] | {"expirationDate": "2030-01-01T00:00:00.5Z"}
    for exp in (1_893_456_000, 1_893_456_001):
        credential = parse_legacy_credential(legacy_jwt(legacy_credential_claims(vc=vc, exp=exp)))
        assert credential.valid_until == 1_893_456_000
    for exp in (1_893_455_999, 1_893_456_002):
        with pytest.raises(Rejection) as refusal:
            parse_legacy_credential(legacy_jwt(legacy_credential_claims(vc=vc, exp=exp)))
        assert refusal.value.code is ReasonCode.MALFORMED


@pytest.mark.parametrize("alter", UNSEEN.values(), ids=UNSEEN.keys())
def test_what_the_signature_would_not_cover_is_refused(alter: Callable[[dict[str, Any]], None]) -> None:
    document = legacy_document("ed25519-2020")
    alter(document)
    with pytest.raises(Rejection) as refusal:
        parse_legacy_credential(document)
    assert refusal.value.code is ReasonCode.MALFORMED


MALFORMED = {
    "an unknown context": change(**{"@context": ["https://www.w3.org/2018/credentials/v1", "https://evil.example/v1"]}),
    "an undefined member": change(licence="yes"),
    "a part with the id of the whole": subject(child={"id": "urn:uuid:7a6cafb9-11c3-41a8-98d8-8b5a45c2548f"}),
    "a list in a list": change(evidence=[[{"type": "BachelorDegree"}]]),
    "no date of issuance": leave_out("issuanceDate"),
    "a date without a zone": change(expirationDate="2031-03-01T09:00:00"),
    "a date that is none": change(expirationDate="2031-02-30T09:00:00Z"),
    "a date that is a number": change(expirationDate=1_930_122_000),
    "no subject": leave_out("credentialSubject"),
    "an empty subject": change(credentialSubject={}),
    "an issuer without an id": change(issuer={"type": "Person"}),
    "no proof": leave_out("proof"),
    "two proofs": change(proof=[legacy_document("ed25519-2020")["proof"]] * 2),
    "another proof type": proof(type="EcdsaSecp256k1Signature2019"),
    "another purpose": proof(proofPurpose="authentication"),
    "a proof with another context": proof(**{"@context": "https://evil.example/v1"}),
    "a proof with an unknown member": proof(licence="yes"),
    "a proof with a member of the wrong kind": proof(domain=["a", "b"]),
    "a proof without a date": lambda document: document["proof"].pop("created"),
}


@pytest.mark.parametrize("alter", MALFORMED.values(), ids=MALFORMED.keys())
def test_one_fault_in_a_linked_data_credential(alter: Callable[[dict[str, Any]], None]) -> None:
    document = legacy_document("ed25519-2020")
    alter(document)
    with pytest.raises(Rejection) as refusal:
        parse_legacy_credential(document)
    assert refusal.value.code is ReasonCode.MALFORMED


OTHER_CODES = {
    "VCDM 2.0": (change(**{"@context": ["https://www.w3.org/ns/credentials/v2"]}), ReasonCode.NOT_A_CREDENTIAL),
    "a presentation": (change(type=["VerifiablePresentation"]), ReasonCode.MALFORMED),
    "too long": (subject(givenName="a" * MAX_LENGTH), ReasonCode.TOO_LARGE),
    "too many parts": (change(evidence=[{"type": "BachelorDegree"}] * 501), ReasonCode.TOO_LARGE),
    "another issuer": (change(issuer=HOLDER_DID), ReasonCode.BAD_SIGNATURE),
    "did:web": (proof(verificationMethod="did:web:issuer.example#key-1"), ReasonCode.UNKNOWN_ISSUER),
    "did:ethr": (proof(verificationMethod="did:ethr:0x" + "ab" * 20 + "#controller"), ReasonCode.UNKNOWN_ISSUER),
}


@pytest.mark.parametrize(("alter", "code"), OTHER_CODES.values(), ids=OTHER_CODES.keys())
def test_other_refusals(alter: Callable[[dict[str, Any]], None], code: ReasonCode) -> None:
    document = legacy_document("ed25519-2020")
    alter(document)
    with pytest.raises(Rejection) as refusal:
        parse_legacy_credential(document)
    assert refusal.value.code is code


JWT_FAULTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "alg none": ({}, {"alg": "none"}),
    "HS256": ({}, {"alg": "HS256"}),
    "crit": ({}, {"crit": ["exp"]}),
    "a key in the header": ({}, {"jwk": {}}),
    "another issuer inside": ({"vc": legacy_credential_claims()["vc"] | {"issuer": HOLDER_DID}}, {}),
    "another subject inside": (
        {"vc": legacy_credential_claims()["vc"] | {"credentialSubject": {"id": ISSUER_DID}}},
        {},
    ),
    "a proof inside": ({"vc": legacy_credential_claims()["vc"] | {"proof": {}}}, {}),
    "no credential": ({"vc": None}, {}),
    "also a presentation": ({"vp": {}}, {}),
    "an audience": ({"aud": "verifier.example"}, {}),
    "a date that is text": ({"exp": "2000000000"}, {}),
    "a date past all calendars": ({"exp": 10**15}, {}),
    "a date before 1970": ({"nbf": -1}, {}),
    "no dates at all": ({"nbf": None, "exp": None}, {}),
    "a name that is no text": ({"jti": 7}, {}),
}


@pytest.mark.parametrize(("claims", "header"), JWT_FAULTS.values(), ids=JWT_FAULTS.keys())
def test_one_fault_in_a_jwt(claims: dict[str, Any], header: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as refusal:
        parse_legacy_credential(legacy_jwt(legacy_credential_claims(**claims), **header))
    assert refusal.value.code is ReasonCode.MALFORMED


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "e30.e30", legacy_jwt(legacy_credential_claims()) + ".e30"])
def test_what_is_no_jwt(text: str) -> None:
    with pytest.raises(Rejection) as refusal:
        parse_legacy_credential(text)
    assert refusal.value.code in (ReasonCode.NOT_A_CREDENTIAL, ReasonCode.MALFORMED)


def test_a_jwt_of_another_kind_or_from_elsewhere() -> None:
    with pytest.raises(Rejection) as refusal:
        parse_legacy_credential(legacy_jwt(legacy_credential_claims(), typ="vc+jwt"))
    assert refusal.value.code is ReasonCode.NOT_A_CREDENTIAL
    with pytest.raises(Rejection) as refusal:
        parse_legacy_credential(legacy_jwt(legacy_credential_claims(), kid="did:web:issuer.example#key-1"))
    assert refusal.value.code is ReasonCode.UNKNOWN_ISSUER
    with pytest.raises(Rejection) as refusal:
        parse_legacy_credential("a" * (MAX_LENGTH + 1))
    assert refusal.value.code is ReasonCode.TOO_LARGE


def test_a_linked_data_presentation() -> None:
    presentation = parse_legacy_presentation(legacy_document("presentation"))
    assert presentation.holder == HOLDER_DID
    assert [each.issuer for each in presentation.credentials] == [ISSUER_DID] * 2
    assert (presentation.proof.challenge, presentation.proof.domain) == ("a question", "verifier.example")


PRESENTATION_FAULTS: dict[str, tuple[Callable[[dict[str, Any]], None], ReasonCode]] = {
    # In JSON-LD a JWT is a relative reference, which is dropped before the signature is checked.
    "a JWT": (change(verifiableCredential=[legacy_jwt(legacy_credential_claims())]), ReasonCode.MALFORMED),
    "no credential": (change(verifiableCredential=[]), ReasonCode.MALFORMED),
    "too many": (
        change(verifiableCredential=[legacy_document("ed25519-2020")] * (MAX_CREDENTIALS + 1)),
        ReasonCode.MALFORMED,
    ),
    "an undefined member": (change(licence="yes"), ReasonCode.MALFORMED),
    "a purpose of issuers": (proof(proofPurpose="assertionMethod"), ReasonCode.MALFORMED),
    "another holder": (change(holder=ISSUER_DID), ReasonCode.HOLDER_KEY),
}


@pytest.mark.parametrize(("alter", "code"), PRESENTATION_FAULTS.values(), ids=PRESENTATION_FAULTS.keys())
def test_one_fault_in_a_presentation(alter: Callable[[dict[str, Any]], None], code: ReasonCode) -> None:
    document = legacy_document("presentation")
    alter(document)
    with pytest.raises(Rejection) as refusal:
        parse_legacy_presentation(document)
    assert refusal.value.code is code


def test_a_presentation_jwt() -> None:
    credentials = [legacy_jwt(legacy_credential_claims()), legacy_document("ed25519-2020")]
    presentation = parse_legacy_presentation(legacy_jwt(legacy_presentation_claims(credentials), LEGACY_HOLDER))
    assert presentation.holder == HOLDER_DID
    assert len(presentation.credentials) == 2
