"""The five kinds of enveloped documents: there and back, in what each says and by whom it is signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.enveloped import BEGIN, END, jwt_vc, jwt_vp, vc_jwt, vc_sd_jwt, vp_jwt
from tests.support.verification import HOLDER, ISSUER, ISSUER_DID, ISSUER_METHOD, NOW, STATUS
from tests.support.w3c_documents import HOLDER_DID, credential_1_1, credential_2_0
from vc_core.crypto.jose import parse_jws, sign_jws
from vc_core.crypto.keys import Ed25519Signer, P384Signer, Signer
from vc_core.did.multibase import multibase_encode
from vc_core.errors import Rejection
from vc_core.formats.concealment import select_disclosures
from vc_core.formats.vc_claim import create_jwt_vc, create_jwt_vp
from vc_core.formats.vc_envelope import EnvelopeKind
from vc_core.formats.vc_jose import (
    create_enveloped_credential,
    create_enveloped_presentation,
    create_vc_jwt,
    create_vp_jwt,
)
from vc_core.formats.vc_jwt import (
    parse_enveloped_credential,
    parse_enveloped_presentation,
    parse_vc_jwt,
    parse_vp_jwt,
)


def test_vc_jwt_is_the_document_and_nothing_else() -> None:
    text = vc_jwt()
    jws = parse_jws(text, typ="vc+jwt")
    assert jws.header == {"alg": "ES256", "typ": "vc+jwt", "cty": "vc", "kid": ISSUER_METHOD}
    assert jws.payload == credential_2_0()
    envelope = parse_vc_jwt(text)
    envelope.verify(ISSUER.public_key, now=NOW)
    assert envelope.kind is EnvelopeKind.VC_JWT
    assert envelope.document.document == credential_2_0()
    assert (envelope.signer, envelope.verification_method) == (ISSUER_DID, ISSUER_METHOD)


def test_claims_of_the_jwt_are_no_members_of_the_document() -> None:
    claims = {
        **{"iss": ISSUER_DID, "sub": HOLDER_DID, "jti": credential_2_0()["id"], "iat": NOW, "nbf": BEGIN, "exp": END},
        **{"cnf": {"jwk": HOLDER.public_key.to_jwk()}, "status": {"status_list": {"idx": 1234, "uri": STATUS.uri}}},
    }
    envelope = parse_vc_jwt(sign_jws({"typ": "vc+jwt", "kid": ISSUER_METHOD}, {**claims, **credential_2_0()}, ISSUER))
    assert envelope.document.document == credential_2_0()
    assert (envelope.issued_at, envelope.not_before, envelope.expires_at) == (NOW, BEGIN, END)
    assert envelope.status == STATUS


def test_vc_sd_jwt_shows_what_its_disclosures_do() -> None:
    text = vc_sd_jwt(
        ("credentialSubject", "degree"),
        ("credentialSubject", "degree", "name"),
        ("credentialSubject", "languages", None),
        decoys={("credentialSubject",): 2},
        holder_key=HOLDER.public_key,
        expires_at=END,
    )
    envelope = parse_vc_jwt(text)
    envelope.verify(ISSUER.public_key, now=NOW)
    assert envelope.kind is EnvelopeKind.VC_SD_JWT
    assert envelope.document.document == credential_2_0()
    assert envelope.expires_at == END
    issuer_jwt, *disclosures, _ = text.split("~")
    jws = parse_jws(issuer_jwt, typ="vc+sd-jwt")
    assert jws.payload["cnf"] == {"jwk": HOLDER.public_key.to_jwk()}
    shown = select_disclosures(jws.payload, disclosures, [("credentialSubject", "languages", 1)])
    subject = parse_vc_jwt("~".join([issuer_jwt, *shown, ""])).document.document["credentialSubject"]
    assert subject == {"id": HOLDER_DID, "languages": ["my"]}


@pytest.mark.parametrize("path", [("issuer",), ("validUntil",), ("type", 1), ("@context",), ("credentialStatus", "id")])
def test_what_decides_whether_it_holds_is_not_hidden_by_us(path: Any) -> None:
    with pytest.raises(ValueError, match="hidden"):
        vc_sd_jwt(path)


def test_jwt_vc_says_everything_in_claims_and_in_the_document() -> None:
    jws = parse_jws(jwt_vc(), typ="JWT")
    document = credential_1_1()
    assert jws.payload == {
        "iss": ISSUER_DID,
        "sub": HOLDER_DID,
        "jti": document["id"],
        "nbf": BEGIN,
        "exp": END,
        "iat": NOW,
        "vc": document,
    }
    envelope = parse_vc_jwt(jwt_vc())
    envelope.verify(ISSUER.public_key, now=NOW)
    assert (envelope.kind, envelope.document.document) == (EnvelopeKind.JWT_VC, document)
    assert (envelope.issued_at, envelope.not_before, envelope.expires_at) == (NOW, BEGIN, END)


@pytest.mark.parametrize("typ", [{"typ": "JWT"}, {}])
def test_jwt_vc_is_read_from_its_claims_where_the_document_lacks_them(typ: dict[str, str]) -> None:
    jws = parse_jws(jwt_vc(), typ="JWT")
    vc = {name: jws.payload["vc"][name] for name in ("@context", "type")}
    vc["credentialSubject"] = {"ward": "7"}
    text = sign_jws({"kid": ISSUER_METHOD, **typ}, {**jws.payload, "vc": vc}, ISSUER)
    assert parse_vc_jwt(text).document.document == credential_1_1()


def test_one_subject_in_a_list_and_a_described_issuer_are_read_as_well() -> None:
    jws = parse_jws(jwt_vc(), typ="JWT")
    issuer = {"id": ISSUER_DID, "name": "สำนักงาน"}
    vc = jws.payload["vc"] | {"credentialSubject": [{"ward": "7"}], "issuer": issuer}
    vc |= {"issuanceDate": "2026-01-01T07:00:00.25+07:00"}
    document = parse_vc_jwt(sign_jws(jws.header, {**jws.payload, "vc": vc}, ISSUER)).document.document
    assert document["credentialSubject"] == {"id": HOLDER_DID, "ward": "7"}
    assert (document["issuer"], document["issuanceDate"]) == (issuer, "2026-01-01T07:00:00.25+07:00")


def test_vp_jwt_holds_its_credentials_in_envelopes() -> None:
    text = vp_jwt(vc_jwt(), vc_sd_jwt(("credentialSubject", "degree")))
    jws = parse_jws(text, typ="vp+jwt")
    assert [each["id"][:25] for each in jws.payload["verifiableCredential"]] == [
        "data:application/vc+jwt,e",
        "data:application/vc+sd-jw",
    ]
    envelope = parse_vp_jwt(text)
    envelope.verify(HOLDER.public_key, now=NOW)
    envelope.check_answer(expected_audience="https://v", expected_nonce="n")
    assert (envelope.signer, envelope.issued_at) == (HOLDER_DID, NOW)
    assert [each.kind for each in envelope.credentials] == [EnvelopeKind.VC_JWT, EnvelopeKind.VC_SD_JWT]
    for each in envelope.credentials:
        each.verify(ISSUER.public_key, now=NOW)


def test_jwt_vp_holds_jwts() -> None:
    envelope = parse_vp_jwt(jwt_vp(jwt_vc()))
    envelope.verify(HOLDER.public_key, now=NOW)
    envelope.check_answer(expected_audience="https://v", expected_nonce="n")
    assert (envelope.kind, envelope.signer) == (EnvelopeKind.JWT_VP, HOLDER_DID)
    assert [each.document.document for each in envelope.credentials] == [credential_1_1()]
    untyped = sign_jws({"kid": ISSUER_METHOD}, parse_jws(jwt_vc(), typ="JWT").payload, ISSUER)
    assert parse_vp_jwt(jwt_vp(untyped, jwt_vc())).credentials[0].document.document == credential_1_1()


def test_envelope_may_have_its_context_outside_a_list() -> None:
    value = create_enveloped_credential(vc_jwt()) | {"@context": "https://www.w3.org/ns/credentials/v2"}
    assert parse_enveloped_credential(value).document.document == credential_2_0()
    with pytest.raises(Rejection):
        parse_enveloped_credential({**value, "@context": "https://evil.example/"})


def test_envelopes_as_json_are_read() -> None:
    for secured in (vc_jwt(), vc_sd_jwt()):
        enveloped = parse_enveloped_credential(create_enveloped_credential(secured))
        assert enveloped.document.document == credential_2_0()
    presentation = parse_enveloped_presentation(create_enveloped_presentation(vp_jwt(vc_jwt())))
    assert presentation.credentials[0].document.document == credential_2_0()


@pytest.mark.parametrize(
    ("issuer", "holder"),
    [
        (Ed25519Signer(bytes(32)), Ed25519Signer(bytes([1]) * 32)),
        (P384Signer.from_bytes(bytes([1]) * 48), P384Signer.from_bytes(bytes([2]) * 48)),
    ],
    ids=["EdDSA", "ES384"],
)
def test_other_algorithms_sign_each_kind(issuer: Signer, holder: Signer) -> None:
    issuer_did, holder_did = (f"did:key:{multibase_encode(each.public_key.to_multikey())}" for each in (issuer, holder))
    method, holder_method = (f"{did}#{did.removeprefix('did:key:')}" for did in (issuer_did, holder_did))
    newer = create_vc_jwt(credential_2_0(issuer=issuer_did), verification_method=method, signer=issuer)
    older = create_jwt_vc(credential_1_1(issuer=issuer_did), verification_method=method, signer=issuer)
    made: list[tuple[Callable[..., str], str]] = [(create_vp_jwt, newer), (create_jwt_vp, older)]
    for create_vp, credential in made:
        text = create_vp([credential], verification_method=holder_method, signer=holder, issued_at=NOW)
        presentation = parse_vp_jwt(text)
        presentation.verify(holder.public_key, now=NOW)
        presentation.check_answer(expected_audience=None, expected_nonce=None)
        presentation.credentials[0].verify(issuer.public_key, now=NOW)
