"""Credentials and presentations of every format, as DCQL sees them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography import x509

from tests.support.certificates import certify, certify_issuer, chain_of
from tests.support.claims import sample_claims
from tests.support.verification import HOLDER, ISSUER, ISSUER_METHOD, NOW, STATUS, CountedBytes, issue_coverage, present
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.dcql_candidates import read_candidate, read_presented
from vc_core.encoding import base64url_encode
from vc_core.errors import Rejection
from vc_core.formats.concealment import create_sd_jwt
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose
from vc_core.formats.jwt_vc_json import create_jwt_vc_json, create_jwt_vp_json
from vc_core.formats.ldp_vc import create_ldp_vc, create_ldp_vp
from vc_core.formats.sd_jwt import create_sd_jwt_presentation
from vc_core.protocols.dcql.claims_path import claim_at
from vc_core.protocols.dcql.query import ClaimsQuery, CredentialQuery
from vc_core.protocols.dcql.selection import Candidate, match_credential

CLAIMS = sample_claims(INSURANCE_COVERAGE)
TYPE_VALUES = (
    ("https://www.w3.org/2018/credentials#VerifiableCredential", "https://sabai.invalid/vocab#InsuranceCoverage"),
    ("VerifiableCredential", "InsuranceCoverage"),
)


def _jwt() -> str:
    return create_jwt_vc_json(
        INSURANCE_COVERAGE,
        CLAIMS,
        verification_method=ISSUER_METHOD,
        signer=ISSUER,
        issued_at=NOW,
        expires_at=NOW + 1000,
        status=STATUS,
        holder_key=HOLDER.public_key,
    )


def _ldp() -> str:
    return create_ldp_vc(
        INSURANCE_COVERAGE,
        CLAIMS,
        verification_method=ISSUER_METHOD,
        signer=ISSUER,
        issued_at=NOW,
        expires_at=NOW + 1000,
        status=[BitstringStatusReference(STATUS.uri, 7, StatusPurpose.REVOCATION)],
        holder_key=HOLDER.public_key,
        randomness=CountedBytes(),
    )


def test_an_sd_jwt_has_all_its_claims_and_those_of_the_jwt() -> None:
    candidate = read_candidate(issue_coverage(), id="a")
    assert (candidate.id, candidate.format) == ("a", "dc+sd-jwt")
    assert candidate.types == {INSURANCE_COVERAGE.vct}
    assert candidate.claims["name"] == "มานี ใจดี"
    assert candidate.claims["iss"] == ISSUER_METHOD.partition("#")[0]
    assert candidate.holder_bound


def test_a_presented_sd_jwt_has_what_it_discloses() -> None:
    candidate = read_presented(present(issue_coverage(), disclose={"name"}))
    assert candidate.claims["name"] == "มานี ใจดี"
    assert "birth_year" not in candidate.claims
    assert candidate.holder_bound
    assert not read_presented(issue_coverage()).holder_bound


@pytest.mark.parametrize("type_values", TYPE_VALUES)
@pytest.mark.parametrize("issued", [_jwt(), _ldp()], ids=["jwt_vc_json", "ldp_vc"])
def test_a_w3c_credential_is_found_by_expanded_and_plain_types(issued: str, type_values: tuple[str, ...]) -> None:
    candidate = read_candidate(issued, id="a")
    query = CredentialQuery(
        "q", candidate.format, type_values=(type_values,), claims=(ClaimsQuery(("credentialSubject", "scheme")),)
    )
    match = match_credential(query, candidate)
    assert match is not None
    assert [claim_at(candidate.claims, place) for place in match.places()] == ["8401"]


@pytest.mark.parametrize("format", ["jwt_vc_json", "ldp_vc"])
def test_a_presented_w3c_credential_is_the_same(format: str) -> None:
    issued = _jwt() if format == "jwt_vc_json" else _ldp()
    create: Any = create_jwt_vp_json if format == "jwt_vc_json" else create_ldp_vp
    presented = create(issued, holder=HOLDER, presented_at=NOW, audience="x509_hash:abc", nonce="n")
    assert read_presented(presented) == read_candidate(issued, id="")
    bare = read_presented(issued)
    assert not bare.holder_bound
    assert bare.claims == read_candidate(issued, id="").claims


def test_authorities_are_those_of_the_certificates() -> None:
    anchor = certify("Anchor")
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(anchor.certificate.public_key())  # type: ignore[arg-type]
    leaf = certify_issuer(anchor, more=[(identifier, False)])
    issued = issue_coverage(verification_method=chain_of(leaf), signer=leaf.signer)
    assert read_candidate(issued, id="").authorities == {("aki", base64url_encode(identifier.key_identifier or b""))}
    assert read_candidate(issue_coverage(), id="").authorities == frozenset()


def _foreign() -> str:
    payload = {
        "iss": "https://elsewhere.example",
        "vct": "https://elsewhere.example/diploma",
        "cnf": {"jwk": HOLDER.public_key.to_jwk()},
        "degrees": [{"type": "BSc", "year": 2019}, {"type": "MSc", "year": 2021}],
    }
    hidden = [("degrees",), ("degrees", None), ("degrees", None, "year")]
    return create_sd_jwt({"typ": "dc+sd-jwt"}, payload, hidden=hidden, signer=ISSUER, randomness=CountedBytes())


def test_a_type_that_we_do_not_know_is_selected_and_shown_by_its_places() -> None:
    candidate = read_candidate(_foreign(), id="diploma")
    query = CredentialQuery(
        "q",
        "dc+sd-jwt",
        ("https://elsewhere.example/diploma",),
        claims=(ClaimsQuery(("degrees", None, "type"), values=("MSc",)),),
    )
    match = match_credential(query, candidate)
    assert match is not None
    assert match.places() == (("degrees", 1, "type"),)
    presented = create_sd_jwt_presentation(
        _foreign(), disclose=match.places(), holder=HOLDER, presented_at=NOW, audience="a", nonce="n"
    )
    assert read_presented(presented).claims["degrees"] == [{"type": "MSc"}]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}~",
        "a.b.c",
        "a.b.c~",
        "eyJ4NWMiOjF9.e30.x~",  # its x5c is the number 1
        "eyJ.eyJ.x",
        "{}",
        '{"verifiableCredential":[]}',
        '{"verifiableCredential":[1]}',
    ],
)
def test_what_can_t_be_read_is_malformed_or_answers_nothing(text: str) -> None:
    for read in (read_presented, lambda each: read_candidate(each, id="")):
        try:
            candidate: Candidate = read(text)
        except Rejection:
            continue
        assert candidate.types == frozenset()


def test_a_presentation_of_two_is_malformed() -> None:
    two = json.dumps({"verifiableCredential": [json.loads(_ldp())] * 2})
    with pytest.raises(Rejection):
        read_presented(two)
