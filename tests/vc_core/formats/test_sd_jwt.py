"""SD-JWT credentials there and back, what they look like on the way, and texts that are none."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.claims import claims_of
from tests.support.verification import (
    AUDIENCE,
    COVERAGE_CLAIMS,
    HOLDER,
    ISSUER,
    ISSUER_DID,
    ISSUER_METHOD,
    NONCE,
    NOW,
    STATUS,
    CountedBytes,
    issue_coverage,
    present,
)
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.appointment_ticket import APPOINTMENT_TICKET
from vc_core.credential_types.definition import CredentialType, InvalidClaims, StatusPolicy
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.credential_types.type_metadata import type_metadata_integrity
from vc_core.crypto.jose import parse_jws, sign_jws
from vc_core.crypto.keys import Ed25519Signer, P256Signer
from vc_core.encoding import base64url_decode, base64url_encode, compact_json
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.disclosures import disclosure_digest, parse_disclosure
from vc_core.formats.sd_jwt import (
    create_sd_jwt_presentation,
    create_sd_jwt_vc,
    parse_sd_jwt_presentation,
    parse_sd_jwt_vc,
)

ISSUED = issue_coverage()
PRESENTED = present(ISSUED)
HIDEABLE = sorted(INSURANCE_COVERAGE.disclosable() & COVERAGE_CLAIMS.keys())


def _refusal(text: str) -> ReasonCode:
    with pytest.raises(Rejection) as refusal:
        parse_sd_jwt_presentation(text)
    return refusal.value.code


def test_issued_credential_has_the_members_of_the_specification() -> None:
    issuer_jwt, *disclosures, nothing = ISSUED.split("~")
    jws = parse_jws(issuer_jwt, typ="dc+sd-jwt")
    assert nothing == ""
    assert jws.header == {"alg": "ES256", "typ": "dc+sd-jwt", "kid": ISSUER_METHOD}
    payload = dict(jws.verify(ISSUER.public_key))
    digests = payload.pop("_sd")
    assert payload == {
        "iss": ISSUER_DID,
        "iat": NOW - 1000,
        "exp": NOW + 1000,
        "vct": INSURANCE_COVERAGE.vct,
        "vct#integrity": type_metadata_integrity(INSURANCE_COVERAGE),
        "cnf": {"jwk": HOLDER.public_key.to_jwk()},
        "status": {"status_list": {"idx": STATUS.index, "uri": STATUS.uri}},
        **{name: value for name, value in COVERAGE_CLAIMS.items() if name not in HIDEABLE},
        "_sd_alg": "sha-256",
    }
    assert digests == sorted(digests)
    # One is a decoy: this coverage has no copay, and nobody is to know.
    assert set(map(disclosure_digest, disclosures)) < set(digests)
    assert len(digests) == len(disclosures) + 1 == len(INSURANCE_COVERAGE.disclosable())
    assert [parse_disclosure(each)[1:] for each in disclosures] == [
        [name, value] for name, value in COVERAGE_CLAIMS.items() if name in HIDEABLE
    ]


def test_each_claim_has_a_salt_of_128_bits_or_more_of_its_own() -> None:
    asked: list[int] = []
    counted = CountedBytes()

    def randomness(length: int) -> bytes:
        asked.append(length)
        return counted(length)

    disclosures = issue_coverage(randomness=randomness).split("~")[1:-1]
    salts = {parse_disclosure(each)[0] for each in disclosures}
    assert asked == [18 * len(HIDEABLE) + 32]  # the last are for a decoy
    assert len(salts) == len(HIDEABLE)
    assert {len(base64url_decode(salt)) for salt in salts} == {18}


def test_issued_credential_is_parsed_with_all_its_claims() -> None:
    credential = parse_sd_jwt_vc(ISSUED)
    assert credential.format is CredentialFormat.SD_JWT
    assert (credential.verification_method, credential.issuer) == (ISSUER_METHOD, ISSUER_DID)
    assert (credential.issued_at, credential.not_before, credential.expires_at) == (NOW - 1000, NOW - 1000, NOW + 1000)
    assert (credential.vct, credential.status) == (INSURANCE_COVERAGE.vct, (STATUS,))
    assert credential.holder_key == HOLDER.public_key
    assert credential.claims == COVERAGE_CLAIMS
    credential.signed.verify(ISSUER.public_key)


@pytest.mark.parametrize(
    "changes", [{"scheme": None}, {"birth_year": "1988"}, {"ward": "7"}, {"covered_until": "soon"}, {"name": ""}]
)
def test_claims_that_are_not_the_type_s_are_not_issued(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidClaims):
        issue_coverage(**changes)


def test_claims_that_are_missing_are_not_issued() -> None:
    with pytest.raises(InvalidClaims):
        create_sd_jwt_vc(
            HEALTH_ID,
            {"health_id": "SB4J7QX2M9KZ"},
            verification_method=ISSUER_METHOD,
            signer=ISSUER,
            issued_at=NOW,
            expires_at=NOW + 1,
            status=STATUS,
            holder_key=HOLDER.public_key,
            randomness=CountedBytes(),
        )


def test_presentation_binds_the_holder_to_what_is_shown_to_whom() -> None:
    shown, _, kb_jwt = PRESENTED.rpartition("~")
    jws = parse_jws(kb_jwt, typ="kb+jwt")
    assert jws.header == {"alg": "ES256", "typ": "kb+jwt"}
    assert jws.verify(HOLDER.public_key) == {
        "iat": NOW,
        "aud": AUDIENCE,
        "nonce": NONCE,
        "sd_hash": base64url_encode(hashlib.sha256(f"{shown}~".encode()).digest()),
    }
    presentation = parse_sd_jwt_presentation(PRESENTED)
    assert (presentation.presented_at, presentation.audience, presentation.nonce) == (NOW, AUDIENCE, NONCE)
    assert presentation.digest == hashlib.sha256(kb_jwt.rpartition(".")[0].encode()).digest()
    presentation.signed.verify(HOLDER.public_key)
    presentation.credential.signed.verify(ISSUER.public_key)


@settings(deadline=None)
@given(st.sets(st.sampled_from(HIDEABLE)))
def test_any_subset_can_be_shown_and_nothing_else_is(shown: set[str]) -> None:
    presented = present(ISSUED, disclose=shown)
    claims = parse_sd_jwt_presentation(presented).credential.claims
    assert claims == {name: value for name, value in COVERAGE_CLAIMS.items() if name in shown or name not in HIDEABLE}
    assert presented.count("~") == len(shown) + 1


@pytest.mark.parametrize("named", ["nationality", "scheme", "_sd", ""])
def test_name_of_a_claim_that_is_not_there_or_not_hidden_changes_nothing(named: str) -> None:
    assert parse_sd_jwt_presentation(present(ISSUED, disclose=[named])).credential.claims.keys() == (
        COVERAGE_CLAIMS.keys() - set(HIDEABLE)
    )


def test_digest_names_the_presentation_and_not_its_signature() -> None:
    holder = P256Signer.from_bytes(HOLDER.to_bytes())  # signs otherwise each time
    first, second = (parse_sd_jwt_presentation(present(ISSUED, holder=holder)) for _ in range(2))
    assert first.signed.signature != second.signed.signature
    assert first.digest == second.digest
    others = [present(ISSUED, nonce="b3RoZXI"), present(ISSUED, presented_at=NOW + 1), present(ISSUED, disclose=[])]
    assert len({first.digest, *(parse_sd_jwt_presentation(each).digest for each in others)}) == 4


def test_issuer_and_holder_may_sign_with_ed25519() -> None:
    issuer, holder = Ed25519Signer(bytes(32)), Ed25519Signer(bytes([1]) * 32)
    issued = issue_coverage(signer=issuer, holder_key=holder.public_key)
    presentation = parse_sd_jwt_presentation(present(issued, holder=holder))
    presentation.credential.signed.verify(issuer.public_key)
    presentation.signed.verify(presentation.credential.holder_key)


@pytest.mark.parametrize("text", [PRESENTED, PRESENTED.rpartition("~")[0], "", "abc"])
def test_only_what_was_issued_is_presented(text: str) -> None:
    with pytest.raises(Rejection):
        present(text)


def test_issuer_must_not_hand_out_a_credential_with_key_binding() -> None:
    with pytest.raises(Rejection) as refusal:
        parse_sd_jwt_vc(PRESENTED)
    assert refusal.value.code is ReasonCode.MALFORMED


def test_decoys_leave_everything_else_as_it_is() -> None:
    issuer_jwt, _, disclosures = ISSUED.partition("~")
    jws = parse_jws(issuer_jwt, typ="dc+sd-jwt")
    decoys = [disclosure_digest(f"decoy{number}") for number in range(20)]
    payload = {**jws.payload, "_sd": sorted([*jws.payload["_sd"], *decoys])}
    with_decoys = sign_jws(jws.header, payload, ISSUER) + "~" + disclosures
    plain, decoyed = parse_sd_jwt_vc(ISSUED), parse_sd_jwt_vc(with_decoys)
    assert (decoyed.claims, decoyed.holder_key, decoyed.status) == (plain.claims, plain.holder_key, plain.status)


@pytest.mark.parametrize("more", [{}, {"nationality": "MM"}])
def test_number_of_digests_does_not_tell_which_optional_claims_there_are(more: dict[str, str]) -> None:
    claims = {
        "health_id": "SB4J7QX2M9KZ",
        "name": "มานี ใจดี",
        "name_latin": "Manee Jaidee",
        "birth_year": 1988,
        "birth_date": "1988-04-13",
        "identifier_system": "passport",
        "identifier_value": "AA0000001",
        **more,
    }
    issued = create_sd_jwt_vc(
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
    payload = parse_jws(issued.partition("~")[0], typ="dc+sd-jwt").payload
    assert len(payload["_sd"]) == len(HEALTH_ID.disclosable())
    assert parse_sd_jwt_vc(issued).claims == claims


def test_claims_may_be_named_by_path() -> None:
    assert parse_sd_jwt_presentation(present(ISSUED, disclose=[("name",)])).credential.claims["name"] == "มานี ใจดี"


def test_credential_with_a_later_start_says_so() -> None:
    issuer_jwt, _, disclosures = ISSUED.partition("~")
    jws = parse_jws(issuer_jwt, typ="dc+sd-jwt")
    later = sign_jws(jws.header, {**jws.payload, "nbf": NOW + 500}, ISSUER) + "~" + disclosures
    assert parse_sd_jwt_vc(later).not_before == NOW + 500


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~",
        "~~",
        ".~",
        "a~b",
        "a.b~",
        "a.b.c.d~",
        "https://example.com/~person",
        "https://a.b.example/~person",
        "javascript:alert(1)//~",
        "'; DROP TABLE checks; --~",
        "=cmd|' /C calc'!A0~",
        " " + ISSUED,
        "ก.ข.ค~",
        "SB1:ABC~",
        "\ud800~",
    ],
)
def test_text_that_is_not_of_the_form_is_no_credential(text: str) -> None:
    assert _refusal(text) is ReasonCode.NOT_A_CREDENTIAL


@pytest.mark.parametrize("text", ["..~", "e30.e30.e30~", "eyJ.eyJ.abc~", "a+/=.b.c~", "e30.e30.e30~~~"])
def test_text_of_the_form_with_nothing_in_it_is_malformed(text: str) -> None:
    assert _refusal(text) is ReasonCode.MALFORMED


def test_size_is_limited_before_anything_is_read() -> None:
    kept = "~" + "A" * (65536 - len(PRESENTED) - 1)
    assert _refusal(PRESENTED + kept) is ReasonCode.MALFORMED
    assert _refusal(PRESENTED + kept + "A") is ReasonCode.TOO_LARGE


@pytest.mark.parametrize(("count", "code"), [(200, ReasonCode.MALFORMED), (201, ReasonCode.TOO_LARGE)])
def test_number_of_disclosures_is_limited_before_any_is_read(count: int, code: ReasonCode) -> None:
    disclosure = base64url_encode(compact_json(["c2FsdA", "ward", "7"]))
    assert _refusal(ISSUED.partition("~")[0] + f"~{disclosure}" * count + "~") is code


@settings(deadline=None)
@given(st.text(max_size=300) | st.text(alphabet="eyJ.~ABCabc019_-=", max_size=300))
def test_any_text_is_refused_with_a_reason(text: str) -> None:
    _refusal(text)


@settings(deadline=None)
@given(st.integers(0, len(PRESENTED) - 1), st.sampled_from("A~.=_é\n\0") | st.characters(), st.booleans())
def test_any_changed_character_is_refused_or_changes_a_signed_byte(place: int, character: str, insert: bool) -> None:
    mutated = PRESENTED[:place] + character + PRESENTED[place + (not insert) :]
    try:
        presentation = parse_sd_jwt_presentation(mutated)
    except Rejection:
        return
    # Parsed all the same: then it is the same text, or one of the two signatures is another than it was.
    original = parse_sd_jwt_presentation(PRESENTED)
    assert mutated == PRESENTED or (
        presentation.signed != original.signed or presentation.credential.signed != original.credential.signed
    )


def test_presentation_can_be_made_for_any_audience_and_nonce_of_the_protocol() -> None:
    presented = create_sd_jwt_presentation(
        ISSUED, disclose=[], holder=HOLDER, presented_at=NOW, audience="https://desk.example/โต๊ะ", nonce="a b~c.d"
    )
    presentation = parse_sd_jwt_presentation(presented)
    assert (presentation.audience, presentation.nonce) == ("https://desk.example/โต๊ะ", "a b~c.d")


@pytest.mark.parametrize("credential_type", CREDENTIAL_TYPES.values(), ids=lambda each: each.name)
@settings(max_examples=20)
@given(data=st.data())
def test_claims_of_every_type_come_back(credential_type: CredentialType, data: st.DataObject) -> None:
    claims = data.draw(claims_of(credential_type))
    without_status = credential_type.status_policy is StatusPolicy.NONE
    terms: dict[str, Any] = {
        "verification_method": ISSUER_METHOD,
        "signer": ISSUER,
        "issued_at": NOW,
        "expires_at": NOW + 1,
        "holder_key": HOLDER.public_key,
        "randomness": secrets.token_bytes,
    }
    issued = create_sd_jwt_vc(credential_type, claims, status=None if without_status else STATUS, **terms)
    credential = parse_sd_jwt_vc(issued)
    assert credential.claims == claims
    assert credential.status == (() if without_status else (STATUS,))
    with pytest.raises(ValueError, match="a status where the type has none"):
        create_sd_jwt_vc(credential_type, claims, status=STATUS if without_status else None, **terms)


def test_a_status_that_the_type_does_not_have_is_refused() -> None:
    payload = {
        "iss": ISSUER_DID,
        "iat": NOW,
        "exp": NOW + 1,
        "vct": APPOINTMENT_TICKET.vct,
        "cnf": {"jwk": HOLDER.public_key.to_jwk()},
        "status": {"status_list": {"idx": STATUS.index, "uri": STATUS.uri}},
    }
    issued = sign_jws({"typ": "dc+sd-jwt", "kid": ISSUER_METHOD}, payload, ISSUER) + "~"
    with pytest.raises(Rejection, match="its type has not") as refusal:
        parse_sd_jwt_vc(issued)
    assert refusal.value.code is ReasonCode.MALFORMED
