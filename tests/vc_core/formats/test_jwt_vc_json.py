"""Our types as JWTs of VCDM 1.1, through the whole procedure: accepted, and refused for each single thing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.claims import sample_claims
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
    STRANGER,
    FakeStatuses,
    issue_jwt_vc_json,
    verify,
)
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import CredentialType, InvalidClaims, StatusPolicy
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.jose import parse_jws, sign_jws
from vc_core.crypto.keys import P256Signer, Signer
from vc_core.did.jwk import create_did_jwk
from vc_core.did.key import create_did_key
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import CredentialFormat, StatusReference
from vc_core.formats.jwt_vc_json import create_jwt_vc_json, create_jwt_vp_json, parse_jwt_vc_json
from vc_core.formats.vc_claim import create_jwt_vp
from vc_core.formats.vc_jose import create_vc_jwt
from vc_core.formats.vcdm import CREDENTIALS_V1, CREDENTIALS_V2

HOLDER_DID = create_did_key(HOLDER.public_key)
CONTEXTS = [CREDENTIALS_V1, "https://sabai.invalid/contexts/InsuranceCoverage/v1"]


def _present(credential: str, holder: P256Signer = HOLDER, **changes: Any) -> str:
    terms: dict[str, Any] = {"presented_at": NOW, "audience": AUDIENCE, "nonce": NONCE} | changes
    return create_jwt_vp_json(credential, holder=holder, **terms)


def _changed(credential: str, signer: Signer = ISSUER, vc: dict[str, Any] | None = None, **claims: Any) -> str:
    """The credential with claims, and members of `vc`, changed (None: left out), signed anew."""
    jws = parse_jws(credential, typ="JWT")
    payload = {**jws.payload, "vc": _without_none(jws.payload["vc"] | (vc or {})), **claims}
    return sign_jws(jws.header, _without_none(payload), signer)


def _without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


ISSUED = issue_jwt_vc_json()


async def _refusal(presented: str, **sources: Any) -> ReasonCode:
    with pytest.raises(Rejection) as refusal:
        await verify(presented, **sources)
    assert not any(str(value) in refusal.value.message for value in COVERAGE_CLAIMS.values())
    return refusal.value.code


def test_issued_credential_has_the_members_of_the_specification() -> None:
    jws = parse_jws(ISSUED, typ="JWT")
    assert jws.header == {"alg": "ES256", "typ": "JWT", "kid": ISSUER_METHOD}
    assert jws.verify(ISSUER.public_key) == {
        "iss": ISSUER_DID,
        "sub": HOLDER_DID,
        "nbf": NOW - 1000,
        "exp": NOW + 1000,
        "iat": NOW - 1000,
        "status": {"status_list": {"idx": STATUS.index, "uri": STATUS.uri}},
        "vc": {
            "@context": CONTEXTS,
            "type": ["VerifiableCredential", "InsuranceCoverage"],
            "issuer": ISSUER_DID,
            "issuanceDate": "2026-09-21T13:56:40Z",
            "expirationDate": "2026-09-21T14:30:00Z",
            "credentialSubject": {"id": HOLDER_DID, **COVERAGE_CLAIMS},
        },
    }


def test_presentation_is_for_one_desk_and_its_question() -> None:
    jws = parse_jws(_present(ISSUED), typ="JWT")
    assert jws.header["kid"] == f"{HOLDER_DID}#{HOLDER_DID.removeprefix('did:key:')}"
    assert jws.verify(HOLDER.public_key) == {
        "iss": HOLDER_DID,
        "iat": NOW,
        "aud": AUDIENCE,
        "nonce": NONCE,
        "vp": {
            "@context": [CREDENTIALS_V1],
            "type": ["VerifiablePresentation"],
            "holder": HOLDER_DID,
            "verifiableCredential": [ISSUED],
        },
    }


async def test_it_is_verified_like_every_other_format() -> None:
    verified = await verify(_present(ISSUED))
    credential = verified.credential
    assert (credential.vct, credential.issuer) == (INSURANCE_COVERAGE.vct, ISSUER_DID)
    assert (credential.issued_at, credential.expires_at) == (NOW - 1000, NOW + 1000)
    assert (credential.holder_key, credential.claims) == (HOLDER.public_key, COVERAGE_CLAIMS)
    assert credential.status == (STATUS,)
    assert parse_jwt_vc_json(ISSUED).format is CredentialFormat.JWT_VC_JSON


async def test_a_holder_may_be_named_by_a_did_jwk() -> None:
    did = create_did_jwk(HOLDER.public_key)
    credential = issue_jwt_vc_json(did)
    assert parse_jws(credential, typ="JWT").payload["sub"] == did
    presented = _present(credential)
    assert parse_jws(presented, typ="JWT").header["kid"] == did + "#0"
    assert (await verify(presented)).credential.holder_key == HOLDER.public_key
    by_another_name = create_jwt_vp(
        [credential],
        verification_method=f"{HOLDER_DID}#{HOLDER_DID.removeprefix('did:key:')}",
        signer=HOLDER,
        issued_at=NOW,
        audience=AUDIENCE,
        nonce=NONCE,
    )
    assert await _refusal(by_another_name) is ReasonCode.HOLDER_KEY
    assert await _refusal(_present(credential, STRANGER)) is ReasonCode.HOLDER_KEY


async def test_revoked_credential_is_refused() -> None:
    statuses = FakeStatuses()
    statuses.entries.set(STATUS.index, 1)
    assert await _refusal(_present(ISSUED), statuses=statuses) is ReasonCode.REVOKED


async def test_both_places_for_a_status_are_asked() -> None:
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "77",
        "statusListCredential": "https://office.example/bitstring/1",
    }
    both = parse_jwt_vc_json(_changed(ISSUED, vc={"credentialStatus": entry}))
    assert [type(each) is StatusReference for each in both.status] == [True, False]
    alone = parse_jwt_vc_json(_changed(ISSUED, vc={"credentialStatus": [entry]}, status=None))
    assert len(alone.status) == 1
    assert await _refusal(_present(_changed(ISSUED, status=None))) is ReasonCode.MALFORMED
    unknown = _changed(ISSUED, vc={"credentialStatus": {"type": "RevocationList2020Status", "id": "urn:x:1"}})
    assert await _refusal(_present(unknown)) is ReasonCode.STATUS_UNAVAILABLE


@pytest.mark.parametrize("claims", [{"scheme": None}, {"ward": "7"}, {"covered_until": "soon"}])
def test_claims_that_are_not_the_type_s_are_not_issued(claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidClaims):
        issue_jwt_vc_json(**claims)


_SUBJECT = {"id": HOLDER_DID, **COVERAGE_CLAIMS}
CREDENTIAL_FAULTS: list[tuple[ReasonCode, dict[str, Any]]] = [
    (ReasonCode.NOT_A_CREDENTIAL, {"vc": {"type": ["VerifiableCredential"]}}),
    (ReasonCode.NOT_A_CREDENTIAL, {"vc": {"type": ["VerifiableCredential", "Passport"]}}),
    (ReasonCode.NOT_A_CREDENTIAL, {"vc": {"type": ["InsuranceCoverage", "VerifiableCredential"]}}),
    (ReasonCode.NOT_A_CREDENTIAL, {"vc": {"type": ["VerifiableCredential", "HealthId", "InsuranceCoverage"]}}),
    (ReasonCode.NOT_A_CREDENTIAL, {"vc": {"type": "VerifiableCredential"}}),
    (ReasonCode.MALFORMED, {"vc": {"@context": [CREDENTIALS_V1]}}),
    (ReasonCode.MALFORMED, {"vc": {"@context": [*CONTEXTS, "https://evil.example/"]}}),
    (ReasonCode.MALFORMED, {"vc": {"@context": [CREDENTIALS_V2, CONTEXTS[1]]}}),
    (ReasonCode.MALFORMED, {"vc": {"evidence": {"type": "Word"}}}),
    (ReasonCode.MALFORMED, {"vc": {"issuer": {"id": ISSUER_DID, "name": "Office"}, "name": "x"}}),
    (ReasonCode.MALFORMED, {"vc": {"expirationDate": None}, "exp": None}),
    (ReasonCode.MALFORMED, {"vc": {"credentialSubject": [_SUBJECT, _SUBJECT]}, "sub": None}),
    (ReasonCode.MALFORMED, {"vc": {"credentialSubject": {**_SUBJECT, "ward": "7"}}}),
    (ReasonCode.MALFORMED, {"vc": {"credentialSubject": {"id": HOLDER_DID, "scheme": "8401"}}}),
    (ReasonCode.MALFORMED, {"vc": {"credentialSubject": COVERAGE_CLAIMS}, "sub": None}),
    (ReasonCode.MALFORMED, {"vc": {"credentialSubject": {**_SUBJECT, "id": ISSUER_DID}}, "sub": ISSUER_DID}),
    (ReasonCode.MALFORMED, {"vc": {"credentialSubject": {**_SUBJECT, "id": "did:key:zz"}}, "sub": "did:key:zz"}),
    (ReasonCode.MALFORMED, {"sub": create_did_key(STRANGER.public_key)}),
    (ReasonCode.MALFORMED, {"nbf": NOW}),
    (ReasonCode.MALFORMED, {"exp": NOW + 10**6}),
    (ReasonCode.NOT_YET_VALID, {"iat": NOW + 100}),
    (ReasonCode.NOT_YET_VALID, {"vc": {"issuanceDate": None}, "nbf": NOW + 100}),
    (ReasonCode.EXPIRED_CREDENTIAL, {"vc": {"expirationDate": None}, "exp": NOW}),
    (ReasonCode.UNTRUSTED_ISSUER, {"iat": NOW - 2001}),
    (ReasonCode.BAD_SIGNATURE, {"signer": STRANGER}),
]


@pytest.mark.parametrize(("code", "changes"), CREDENTIAL_FAULTS, ids=lambda value: str(value)[:30])
async def test_credential_with_one_fault_is_refused_for_that(code: ReasonCode, changes: dict[str, Any]) -> None:
    assert await _refusal(_present(_changed(ISSUED, **changes))) is code


async def test_holder_named_by_another_stranger_is_the_credential_s_alone() -> None:
    stolen = _present(ISSUED, holder=STRANGER)
    assert await _refusal(stolen) is ReasonCode.HOLDER_KEY
    jws = parse_jws(_present(ISSUED), typ="JWT")
    assert await _refusal(sign_jws(jws.header, jws.payload, STRANGER)) is ReasonCode.HOLDER_KEY


PRESENTATION_FAULTS: list[tuple[ReasonCode, dict[str, Any]]] = [
    (ReasonCode.WRONG_AUDIENCE, {"aud": "did:example:other"}),
    (ReasonCode.WRONG_AUDIENCE, {"nonce": "other"}),
    (ReasonCode.MALFORMED, {"aud": [AUDIENCE, "did:example:other"]}),
    (ReasonCode.MALFORMED, {"aud": None}),
    (ReasonCode.MALFORMED, {"nonce": None}),
    (ReasonCode.MALFORMED, {"iat": None}),
    (ReasonCode.MALFORMED, {"exp": NOW + 60}),
    (ReasonCode.MALFORMED, {"nbf": NOW}),
    (ReasonCode.CLOCK_SKEW, {"iat": NOW + 31}),
    (ReasonCode.EXPIRED_PRESENTATION, {"iat": NOW - 60}),
    (ReasonCode.EXPIRED_PRESENTATION, {"iat": NOW - 365 * 86400}),
]


@pytest.mark.parametrize(("code", "changes"), PRESENTATION_FAULTS, ids=lambda value: str(value)[:70])
async def test_presentation_with_one_fault_is_refused_for_that(code: ReasonCode, changes: dict[str, Any]) -> None:
    jws = parse_jws(_present(ISSUED), typ="JWT")
    assert await _refusal(sign_jws(jws.header, _without_none({**jws.payload, **changes}), HOLDER)) is code


async def test_presentation_holds_one_credential_of_this_format() -> None:
    jws = parse_jws(_present(ISSUED), typ="JWT")
    document = {"@context": [CREDENTIALS_V2], "type": ["VerifiableCredential"], "issuer": ISSUER_DID}
    newer = create_vc_jwt(
        {**document, "credentialSubject": {"id": HOLDER_DID}}, verification_method=ISSUER_METHOD, signer=ISSUER
    )
    for held in ([], [ISSUED, ISSUED], [newer], ["a.b.c"], [""]):
        vp = {**jws.payload["vp"], "verifiableCredential": held}
        assert await _refusal(sign_jws(jws.header, {**jws.payload, "vp": vp}, HOLDER)) is ReasonCode.MALFORMED
    with pytest.raises(Rejection) as refusal:
        parse_jwt_vc_json(newer)
    assert refusal.value.code is ReasonCode.MALFORMED


def test_type_without_a_status_has_none() -> None:
    terms: dict[str, Any] = {
        "verification_method": ISSUER_METHOD,
        "signer": ISSUER,
        "issued_at": NOW - 1000,
        "expires_at": NOW + 1000,
        "holder_key": HOLDER.public_key,
    }
    without = replace(INSURANCE_COVERAGE, status_policy=StatusPolicy.NONE)
    for credential_type, status in ((without, STATUS), (INSURANCE_COVERAGE, None)):
        with pytest.raises(ValueError, match="status"):
            create_jwt_vc_json(credential_type, COVERAGE_CLAIMS, status=status, **terms)
    issued = create_jwt_vc_json(without, COVERAGE_CLAIMS, status=None, **terms)
    assert "status" not in parse_jws(issued, typ="JWT").payload


@pytest.mark.parametrize("credential_type", CREDENTIAL_TYPES.values(), ids=lambda each: each.name)
def test_every_type_goes_there_and_back(credential_type: CredentialType) -> None:
    claims = sample_claims(credential_type)
    status = None if credential_type.status_policy is StatusPolicy.NONE else STATUS
    credential = parse_jwt_vc_json(
        create_jwt_vc_json(
            credential_type,
            claims,
            verification_method=ISSUER_METHOD,
            signer=ISSUER,
            issued_at=NOW,
            expires_at=NOW + 1,
            status=status,
            holder_key=HOLDER.public_key,
        )
    )
    assert (credential.vct, credential.claims) == (credential_type.vct, claims)
    assert credential.status == (() if status is None else (status,))
