"""The data model: what a credential and a presentation may look like, one fault at a time, as W3C's suite tests it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.vcdm import (
    CREDENTIALS_V1,
    CREDENTIALS_V2,
    CredentialDocument,
    EnvelopedDocument,
    ModelVersion,
    is_url,
    parse_credential_document,
    parse_datetime,
    parse_enveloped,
    parse_presentation_document,
)

ISSUER = "did:example:issuer"
CREDENTIAL: Mapping[str, Any] = {
    "@context": [CREDENTIALS_V2],
    "type": ["VerifiableCredential"],
    "issuer": ISSUER,
    "credentialSubject": {"id": "did:example:subject"},
}
OLD_CREDENTIAL: Mapping[str, Any] = {
    **CREDENTIAL,
    "@context": [CREDENTIALS_V1],
    "issuanceDate": "2020-01-01T00:00:00Z",
}
PRESENTATION: Mapping[str, Any] = {"@context": [CREDENTIALS_V2], "type": "VerifiablePresentation"}
ENVELOPED = {
    "@context": [CREDENTIALS_V2],
    "id": "data:application/vc+jwt,eyJ.eyJ.sig",
    "type": "EnvelopedVerifiableCredential",
}
RESOURCE = {"id": "https://images.example/1", "digestSRI": "sha384-abc"}

GOOD: dict[str, dict[str, Any]] = {
    "with a type that is a URL": {"type": ["https://types.example/1", "VerifiableCredential"]},
    "with one type": {"type": "VerifiableCredential"},
    "with a context object": {"@context": [CREDENTIALS_V2, {"term": "https://terms.example/1"}]},
    "with an id": {"id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"},
    "of an issuer that is described": {"issuer": {"id": ISSUER, "name": "Hospital"}},
    "about two": {"credentialSubject": [{"id": "did:example:a"}, {"name": "somebody"}]},
    "with times in parts of seconds": {"validFrom": "2020-01-01T00:00:00.123Z", "validUntil": "2020-01-01T00:00:00.2Z"},
    "with times of one moment": {"validFrom": "2020-01-01T00:00:00Z", "validUntil": "2019-12-31T20:00:00-04:00"},
    "with a name in two languages": {
        "name": [{"@value": "Dog", "@language": "en"}, {"@value": "כלב", "@language": "he", "@direction": "rtl"}]
    },
    "with a status without an id": {"credentialStatus": {"type": "BitstringStatusListEntry"}},
    "with two schemas": {"credentialSchema": [{"id": f"urn:schema:{n}", "type": "JsonSchema"} for n in (1, 2)]},
    "with evidence": {"evidence": {"type": "https://types.example/2"}},
    "with a related resource": {"relatedResource": RESOURCE},
}
BAD: dict[str, dict[str, Any]] = {
    "without contexts": {"@context": None},
    "with no contexts": {"@context": []},
    "with a context that is no list": {"@context": CREDENTIALS_V2},
    "with another context first": {"@context": ["https://www.w3.org/ns/credentials/examples/v2", CREDENTIALS_V2]},
    "with a context that is a number": {"@context": [CREDENTIALS_V2, 123192875]},
    "with a context that is no URL": {"@context": [CREDENTIALS_V2, "https ://not-a-url/contexts/example/v1"]},
    "with a context twice": {"@context": [CREDENTIALS_V2, CREDENTIALS_V2]},
    "without a type": {"type": None},
    "with no type": {"type": []},
    "of another type": {"type": ["ExampleCredential"]},
    "with a type that is a number": {"type": ["VerifiableCredential", 5]},
    "with a type with a space": {"type": ["VerifiableCredential", "two words"]},
    "with an id that is null": {"id": None},
    "with two ids": {"id": ["did:example:1", "did:example:2"]},
    "with a relative id": {"id": "credentials/1"},
    "with a blank node for an id": {"id": "_:b0"},
    "without an issuer": {"issuer": None},
    "with an issuer that is no URL": {"issuer": "hospital"},
    "with an issuer without an id": {"issuer": {"name": "Hospital"}},
    "with two issuers": {"issuer": [ISSUER, ISSUER]},
    "without a subject": {"credentialSubject": None},
    "about nobody": {"credentialSubject": []},
    "about an empty subject": {"credentialSubject": [{"id": "did:example:a"}, {}]},
    "about a text": {"credentialSubject": "did:example:a"},
    "about a subject with a relative id": {"credentialSubject": {"id": "patients/1"}},
    "that ends before it begins": {"validFrom": "2020-01-02T00:00:00Z", "validUntil": "2020-01-01T00:00:00Z"},
    "that ends a moment too early": {"validFrom": "2020-01-01T00:00:00.5Z", "validUntil": "2020-01-01T00:00:00.25Z"},
    "with the dates of version 1.1": {"issuanceDate": "2020-01-01T00:00:00Z"},
    "with a name that is a number": {"name": 5},
    "with a name with more members": {"name": {"@value": "Dog", "@language": "en", "url": "https://x.example"}},
    "with a name in no language": {"name": {"@value": "Dog", "@language": "e n"}},
    "with a name that goes down": {"description": {"@value": "Dog", "@language": "en", "@direction": "down"}},
    "with an issuer's name that is a list in a list": {"issuer": {"id": ISSUER, "name": [["Hospital"]]}},
    "with a status without a type": {"credentialStatus": {"id": "https://status.example/1"}},
    "with a status with a relative id": {"credentialStatus": {"id": "status/1", "type": "X"}},
    "with two ids of a status": {"credentialStatus": {"id": ["urn:a:1", "urn:a:2"], "type": "X"}},
    "with a status that is a text": {"credentialStatus": "https://status.example/1"},
    "with a schema without an id": {"credentialSchema": {"type": "JsonSchema"}},
    "with a schema with a number for an id": {"credentialSchema": {"id": 1, "type": "JsonSchema"}},
    "with a schema without a type": {"credentialSchema": {"id": "urn:schema:1"}},
    "with terms of use without a type": {"termsOfUse": {"id": "urn:terms:1"}},
    "with evidence without a type": {"evidence": [{"type": "X"}, {"name": "paper"}]},
    "with a refresh service without a type": {"refreshService": {"id": "urn:refresh:1"}},
    "with a related resource that is a text": {"relatedResource": ["https://images.example/1"]},
    "with a related resource without an id": {"relatedResource": {"digestSRI": "sha384-abc"}},
    "with a related resource twice": {"relatedResource": [RESOURCE, RESOURCE]},
    "with a related resource without a digest": {"relatedResource": {"id": "https://images.example/1"}},
}
BAD_TIMES = [
    "2020-01-01",
    "2020-01-01T00:00:00",
    "2020-01-01 00:00:00Z",
    "2020-01-01t00:00:00z",
    "2020-02-30T00:00:00Z",
    "2020-01-01T24:00:01Z",
    "2020-01-01T25:00:00Z",
    "2020-01-01T00:00:60Z",
    "2020-01-01T00:00:00+14:01",
    "2020-01-01T00:00:00+0100",
    "0000-01-01T00:00:00Z",
    "2020-01-01T00:00:00.Z",
    "2020-01-01T00:00:00Z\n",
    "٢٠٢٠-01-01T00:00:00Z",
    "9999-12-31T24:00:00Z",
    "",
    1577836800,
    None,
]


@pytest.mark.parametrize("change", GOOD.values(), ids=GOOD)
def test_a_credential(change: dict[str, Any]) -> None:
    parsed = parse_credential_document({**CREDENTIAL, **change})

    assert (parsed.version, parsed.issuer) == (ModelVersion.V2_0, ISSUER)


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
def test_no_credential(change: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as caught:
        parse_credential_document({**CREDENTIAL, **change})

    assert caught.value.code is ReasonCode.MALFORMED


@pytest.mark.parametrize("value", [None, [], "VerifiableCredential", 5, {}])
def test_what_is_no_object_of_the_model(value: Any) -> None:
    for parse in (parse_credential_document, parse_presentation_document):
        with pytest.raises(Rejection):
            parse(value)


@pytest.mark.parametrize("name", ["@context", "type", "issuer", "credentialSubject"])
def test_what_a_credential_must_have(name: str) -> None:
    with pytest.raises(Rejection):
        parse_credential_document({key: value for key, value in CREDENTIAL.items() if key != name})


@pytest.mark.parametrize("value", BAD_TIMES)
@pytest.mark.parametrize("name", ["validFrom", "validUntil"])
def test_no_time(name: str, value: Any) -> None:
    with pytest.raises(Rejection):
        parse_credential_document({**CREDENTIAL, name: value})


@pytest.mark.parametrize(
    ("value", "down", "up"),
    [
        ("1970-01-01T00:00:00Z", 0, 0),
        ("1970-01-01T00:00:00.000Z", 0, 0),
        ("1970-01-01T00:00:01.5Z", 1, 2),
        ("1969-12-31T24:00:00.0Z", 0, 0),
        ("1970-01-01T14:00:00+14:00", 0, 0),
        ("1969-12-31T20:30:00-03:30", 0, 0),
        ("1969-12-31T23:59:59.25Z", -1, 0),
    ],
)
def test_a_time_rounded_down_and_up(value: str, down: int, up: int) -> None:
    assert parse_datetime(value) == (down, up)


def test_a_period_is_checked_to_the_narrower_side() -> None:
    period = {"validFrom": "1970-01-01T00:01:00.5Z", "validUntil": "1970-01-01T00:02:00.5Z"}
    credential = parse_credential_document({**CREDENTIAL, **period})

    credential.check_validity(now=61, clock_tolerance=0)
    credential.check_validity(now=51, clock_tolerance=10)
    with pytest.raises(Rejection) as early:
        credential.check_validity(now=60, clock_tolerance=0)
    with pytest.raises(Rejection) as late:
        credential.check_validity(now=120, clock_tolerance=30)
    assert (early.value.code, late.value.code) == (ReasonCode.NOT_YET_VALID, ReasonCode.EXPIRED_CREDENTIAL)


def test_a_credential_of_version_1_1() -> None:
    parsed = parse_credential_document({**OLD_CREDENTIAL, "expirationDate": "2021-01-01T00:00:00Z"})

    assert (parsed.version, parsed.valid_from, parsed.valid_until) == (ModelVersion.V1_1, 1577836800, 1609459200)


@pytest.mark.parametrize("change", [{"issuanceDate": "yesterday"}, {"validFrom": "2020-01-01T00:00:00Z"}])
def test_no_credential_of_version_1_1(change: dict[str, Any]) -> None:
    with pytest.raises(Rejection):
        parse_credential_document({**OLD_CREDENTIAL, **change})
    with pytest.raises(Rejection):
        parse_credential_document({**CREDENTIAL, "@context": [CREDENTIALS_V1]})


def test_a_presentation_and_what_is_in_it() -> None:
    secured = {**CREDENTIAL, "proof": {}}
    parsed = parse_presentation_document(
        {**PRESENTATION, "holder": {"id": "did:example:holder"}, "verifiableCredential": [secured, ENVELOPED]}
    )

    assert parsed.holder == "did:example:holder"
    assert isinstance(parsed.credentials[0], CredentialDocument)
    assert parsed.credentials[1] == EnvelopedDocument("application/vc+jwt", "eyJ.eyJ.sig")


def test_a_presentation_of_nothing() -> None:
    assert parse_presentation_document({**PRESENTATION, "verifiableCredential": []}).credentials == ()


def test_credentials_as_text_are_of_version_1_1_only() -> None:
    jwts = {"verifiableCredential": ["eyJ.eyJ.sig"]}

    old = parse_presentation_document({**PRESENTATION, "@context": [CREDENTIALS_V1], **jwts})
    assert old.credentials == ("eyJ.eyJ.sig",)
    with pytest.raises(Rejection):
        parse_presentation_document({**PRESENTATION, **jwts})


def test_a_credential_without_a_proof_is_its_holders_word() -> None:
    own = {**PRESENTATION, "holder": ISSUER, "verifiableCredential": CREDENTIAL}

    parse_presentation_document(own)
    for holder in ({"holder": "did:example:acme"}, {}):
        others = {name: value for name, value in own.items() if name != "holder"} | holder
        with pytest.raises(Rejection, match="neither secured nor the holder's own"):
            parse_presentation_document(others)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "VerifiableCredential"},
        {"id": "presentations/1"},
        {"holder": "me"},
        {"holder": {"name": "me"}},
        {"holder": None},
        {"termsOfUse": {"id": "urn:terms:1"}},
        {"verifiableCredential": None},
        {"verifiableCredential": ["https://credentials.example/1"]},
        {"verifiableCredential": [{**ENVELOPED, "id": "https://credentials.example/1"}]},
        {"verifiableCredential": [{**ENVELOPED, "id": "data:application/vc+jwt;base64,eyJ"}]},
        {"verifiableCredential": [{**ENVELOPED, "@context": []}]},
        {"verifiableCredential": [ENVELOPED] * 101},
    ],
)
def test_no_presentation(change: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as caught:
        parse_presentation_document({**PRESENTATION, **change})

    assert caught.value.code is ReasonCode.MALFORMED


def test_an_enveloped_presentation() -> None:
    document = {**ENVELOPED, "type": "EnvelopedVerifiablePresentation", "id": "data:application/vp+jwt,a.b.c"}

    assert parse_enveloped(document, "EnvelopedVerifiablePresentation").media_type == "application/vp+jwt"
    with pytest.raises(Rejection):
        parse_enveloped(document, "EnvelopedVerifiableCredential")


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("https://example.org/a?b=c#d", True),
        ("did:example:a#b", True),
        ("urn:ไทย:1", True),
        ("https://example.org/%41", True),
        ("data:image/png;base64,iVBORw0KGg==", True),
        ("example.org/a", False),
        ("//example.org/a", False),
        ("_:b0", False),
        ("https://example.org/%4", False),
        ("https://example.org/a#b#c", False),
        ("https://example.org/a b", False),
        ("https://example.org/<a>", False),
        ("https://example.org/\n", False),
        ("https:", False),
        ("1https://example.org", False),
        ("https://example.org/" + "a" * 8192, False),
        (None, False),
    ],
)
def test_an_absolute_url(value: Any, good: bool) -> None:
    assert is_url(value) is good
