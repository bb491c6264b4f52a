"""Enveloped documents that are refused: one kind in place of another, each fault, and whatever else is presented."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.enveloped import BEGIN, END, KINDS, jwt_vc, jwt_vp, refusal_of, vc_jwt, vp_jwt
from tests.support.verification import HOLDER, ISSUER, ISSUER_DID, ISSUER_METHOD, NOW, STRANGER, CountedBytes
from tests.support.w3c_documents import HOLDER_DID, HOLDER_METHOD, credential_1_1, credential_2_0
from vc_core.crypto.jose import parse_jws, sign_jws
from vc_core.crypto.keys import Ed25519Signer
from vc_core.encoding import base64url_encode, compact_json
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.concealment import conceal
from vc_core.formats.vc_claim import create_jwt_vc
from vc_core.formats.vc_envelope import UnverifiedEnvelope
from vc_core.formats.vc_jose import (
    create_enveloped_credential,
    create_enveloped_presentation,
    create_vc_jwt,
)
from vc_core.formats.vc_jwt import (
    parse_enveloped_credential,
    parse_enveloped_presentation,
    parse_vc_jwt,
    parse_vp_jwt,
)

_TYPS: list[Any] = [
    "vc+jwt",
    "vp+jwt",
    "vc+sd-jwt",
    "JWT",
    None,
    "jwt",
    "dc+sd-jwt",
    "kb+jwt",
    "statuslist+jwt",
    "at+jwt",
]
_TYPS += ["openid4vci-proof+jwt", "oauth-authz-req+jwt", "vc-ld+jwt", "VC+JWT", 1, ["vc+jwt"]]


@pytest.mark.parametrize("typ", _TYPS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_passes_for_another(kind: str, typ: Any) -> None:
    own = {"vc+jwt": ["vc+jwt"], "vp+jwt": ["vp+jwt"], "vc+sd-jwt": ["vc+sd-jwt"]}.get(kind, ["JWT", None])
    issuer_jwt, separator, rest = KINDS[kind].partition("~")
    jws = parse_jws(issuer_jwt, typ=own[0])
    header = {name: value for name, value in {**jws.header, "typ": typ}.items() if value is not None}
    text = sign_jws(header, jws.payload, ISSUER) + separator + rest
    right = parse_vp_jwt if "vp" in kind else parse_vc_jwt
    wrong = parse_vc_jwt if "vp" in kind else parse_vp_jwt
    if typ in own:
        assert right(text).kind == kind
    else:
        assert refusal_of(right, text) is ReasonCode.MALFORMED
    assert refusal_of(wrong, text) in (ReasonCode.MALFORMED, ReasonCode.NOT_A_CREDENTIAL)


_HEADER_FAULTS: dict[str, dict[str, Any]] = {
    "alg none": {"alg": "none"},
    "alg HS256": {"alg": "HS256"},
    "crit": {"crit": ["exp"], "exp": 1},
    "b64": {"b64": False},
    "jwk": {"jwk": STRANGER.public_key.to_jwk()},
    "jku": {"jku": "https://evil.example/"},
    "x5u": {"x5u": "https://evil.example/"},
    "x5c": {"x5c": ["MIIB"]},
    "no kid": {"kid": None},
    "kid of another DID": {"kid": HOLDER_METHOD.replace("z", "y", 1)},
    "kid that only begins so": {"kid": f"{ISSUER_DID}0#delegate-1"},
    "kid that is no DID URL": {"kid": "key-1"},
    "kid with a fragment alone": {"kid": "#delegate-1"},
    "kid with a path": {"kid": f"{ISSUER_DID}/a#delegate-1"},
    "kid in a list": {"kid": [ISSUER_METHOD]},
}


@pytest.mark.parametrize("fault", _HEADER_FAULTS)
@pytest.mark.parametrize("kind", KINDS)
def test_header_with_a_fault_is_refused(kind: str, fault: str) -> None:
    text = _with_header(kind, _HEADER_FAULTS[fault])
    assert refusal_of(parse_vp_jwt if "vp" in kind else parse_vc_jwt, text) is ReasonCode.MALFORMED


@pytest.mark.parametrize("kind", ["vc+jwt", "vc+sd-jwt", "vp+jwt"])
def test_cty_must_be_that_of_the_kind_where_it_is_there(kind: str) -> None:
    parse = parse_vp_jwt if "vp" in kind else parse_vc_jwt
    right, wrong = ("vp", "vc") if "vp" in kind else ("vc", "vp")
    for cty in (None, right, f"application/{right}"):
        assert parse(_with_header(kind, {"cty": cty})).kind == kind
    for other in (wrong, "json", 1, [right]):
        assert refusal_of(parse, _with_header(kind, {"cty": other})) is ReasonCode.MALFORMED


def _with_header(kind: str, changes: dict[str, Any]) -> str:
    """That kind with header members changed (None: left out), not signed."""
    issuer_jwt, separator, rest = KINDS[kind].partition("~")
    jws = parse_jws(issuer_jwt, typ=kind if "+" in kind else "JWT")
    header = {name: value for name, value in {**jws.header, **changes}.items() if value is not None}
    segments = [base64url_encode(compact_json(header)), base64url_encode(compact_json(jws.payload)), "AAAA"]
    return ".".join(segments) + separator + rest


def _with(kind: str, **changes: Any) -> str:
    """That kind with claims changed (None: left out), signed by its signer."""
    issuer_jwt, separator, rest = KINDS[kind].partition("~")
    jws = parse_jws(issuer_jwt, typ=kind if "+" in kind else "JWT")
    payload = {name: value for name, value in {**jws.payload, **changes}.items() if value is not None}
    return sign_jws(jws.header, payload, HOLDER if "vp" in kind else ISSUER) + separator + rest


_OLD_VC, _OLD_VP = (parse_jws(KINDS[kind], typ="JWT").payload for kind in ("jwt_vc_json", "jwt_vp_json"))
CLAIM_FAULTS: list[tuple[str, dict[str, Any]]] = [
    *(
        (kind, change)
        for kind in KINDS
        for change in (
            {"iss": "did:example:other"},
            {"iss": f"{HOLDER_DID}x"},
            {"iss": 7},
            {"exp": "2027"},
            {"exp": 1.5},
            {"exp": -1},
            {"exp": True},
            {"exp": 10**18},
            {"nbf": "1"},
            {"iat": [1]},
            {"jti": "urn:uuid:00000000-0000-0000-0000-000000000000"} if "vp" not in kind else {"iss": ""},
        )
    ),
    *((kind, {"aud": "https://v"}) for kind in ("vc+jwt", "vc+sd-jwt", "jwt_vc_json")),
    *((kind, {name: {}}) for kind in ("vc+jwt", "vc+sd-jwt", "vp+jwt") for name in ("vc", "vp")),
    *((kind, {"sub": "did:example:other"}) for kind in ("vc+jwt", "vc+sd-jwt", "jwt_vc_json")),
    *((kind, {"status": {"status_list": {"idx": -1, "uri": "https://s"}}}) for kind in ("vc+jwt", "jwt_vc_json")),
    *((kind, {"status": {"status_list": "https://s"}}) for kind in ("vc+jwt", "jwt_vc_json")),
    *((kind, {"aud": aud}) for kind in ("vp+jwt", "jwt_vp_json") for aud in (1, [1], [""], ["a"] * 11)),
    *((kind, {"nonce": nonce}) for kind in ("vp+jwt", "jwt_vp_json") for nonce in (1, "", ["n"])),
    ("vc+jwt", {"issuer": HOLDER_DID}),
    ("vc+jwt", {"issuer": {"id": HOLDER_DID}}),
    ("vc+jwt", {"credentialSubject": None}),
    ("vc+jwt", {"@context": ["https://www.w3.org/2018/credentials/v1"]}),
    ("vp+jwt", {"holder": ISSUER_DID}),
    ("vp+jwt", {"verifiableCredential": [vc_jwt()]}),
    ("vp+jwt", {"verifiableCredential": [credential_2_0(issuer=HOLDER_DID)]}),
    ("vp+jwt", {"verifiableCredential": [credential_2_0(proof={"type": "DataIntegrityProof"})]}),
    ("jwt_vc_json", {"vc": None}),
    ("jwt_vc_json", {"vc": "vc"}),
    ("jwt_vc_json", {"vp": {}}),
    ("jwt_vc_json", {"iss": None}),
    ("jwt_vc_json", {"nbf": BEGIN + 1}),
    ("jwt_vc_json", {"exp": END - 1}),
    ("jwt_vc_json", {"vc": {**_OLD_VC["vc"], "credentialSubject": [{"a": 1}, {"b": 2}]}}),
    ("jwt_vc_json", {"vc": {**_OLD_VC["vc"], "issuer": HOLDER_DID}, "iss": HOLDER_DID}),
    ("jwt_vc_json", {"vc": {**_OLD_VC["vc"], "@context": credential_2_0()["@context"]}}),
    ("jwt_vp_json", {"vc": {}}),
    ("jwt_vp_json", {"iss": None}),
    ("jwt_vp_json", {"vp": {**_OLD_VP["vp"], "holder": ISSUER_DID}}),
    ("jwt_vp_json", {"vp": {**_OLD_VP["vp"], "verifiableCredential": [credential_1_1(issuer=HOLDER_DID)]}}),
    ("jwt_vp_json", {"vp": {**_OLD_VP["vp"], "verifiableCredential": [vc_jwt()]}}),
]


@pytest.mark.parametrize(("kind", "changes"), CLAIM_FAULTS, ids=lambda value: str(value)[:60])
def test_claim_with_a_fault_is_refused(kind: str, changes: dict[str, Any]) -> None:
    assert refusal_of(parse_vp_jwt if "vp" in kind else parse_vc_jwt, _with(kind, **changes)) is ReasonCode.MALFORMED


@pytest.mark.parametrize("kind", ["vc+jwt", "vc+sd-jwt", "jwt_vc_json"])
def test_status_of_an_unknown_kind_is_not_passed_over(kind: str) -> None:
    text = _with(kind, status={"identifier_list": {"id": "1", "uri": "https://s"}})
    assert refusal_of(parse_vc_jwt, text) is ReasonCode.STATUS_UNAVAILABLE


@pytest.mark.parametrize("member", ["issuer", "validUntil", "type", "credentialStatus"])
def test_hidden_member_that_decides_whether_it_holds_is_refused(member: str) -> None:
    document = credential_2_0(credentialStatus={"type": "x", "id": "urn:x:1"})
    payload, disclosures = _concealed(document, (member,))
    text = "~".join([sign_jws({"typ": "vc+sd-jwt", "kid": ISSUER_METHOD}, payload, ISSUER), *disclosures, ""])
    assert refusal_of(parse_vc_jwt, text) is ReasonCode.MALFORMED


def test_hidden_part_of_the_status_is_refused() -> None:
    document = credential_2_0(credentialStatus={"type": "x", "id": "urn:x:1"})
    payload, disclosures = _concealed(document, ("credentialStatus", "id"))
    issuer_jwt = sign_jws({"typ": "vc+sd-jwt", "kid": ISSUER_METHOD}, payload, ISSUER)
    for shown in (disclosures, []):
        assert refusal_of(parse_vc_jwt, "~".join([issuer_jwt, *shown, ""])) is ReasonCode.MALFORMED


def _concealed(document: dict[str, Any], path: tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
    return conceal(document, [path], randomness=CountedBytes())


@pytest.mark.parametrize("text", [KINDS["vc+sd-jwt"] + KINDS["vc+jwt"], KINDS["vc+sd-jwt"] + "a.b.c"])
def test_key_binding_has_no_place_in_a_vc_sd_jwt(text: str) -> None:
    assert refusal_of(parse_vc_jwt, text) is ReasonCode.MALFORMED


def _expect(envelope: UnverifiedEnvelope, code: ReasonCode, key: Any, now: int) -> None:
    with pytest.raises(Rejection) as refusal:
        envelope.verify(key, now=now, clock_tolerance=30)
    assert refusal.value.code is code


@pytest.mark.parametrize("kind", ["vc+jwt", "vc+sd-jwt", "jwt_vc_json"])
def test_another_key_and_another_time_are_refused(kind: str) -> None:
    envelope = parse_vc_jwt(KINDS[kind])
    _expect(envelope, ReasonCode.BAD_SIGNATURE, STRANGER.public_key, NOW)
    _expect(envelope, ReasonCode.BAD_SIGNATURE, Ed25519Signer(bytes(32)).public_key, NOW)
    _expect(envelope, ReasonCode.NOT_YET_VALID, ISSUER.public_key, BEGIN - 31)
    _expect(envelope, ReasonCode.EXPIRED_CREDENTIAL, ISSUER.public_key, END)
    envelope.verify(ISSUER.public_key, now=BEGIN - 30, clock_tolerance=30)
    envelope.verify(ISSUER.public_key, now=END - 1)


@pytest.mark.parametrize("kind", ["vp+jwt", "jwt_vp_json"])
def test_presentation_for_another_or_another_time_is_refused(kind: str) -> None:
    envelope = parse_vp_jwt(_with(kind, nbf=NOW, exp=NOW + 60))
    _expect(envelope, ReasonCode.BAD_SIGNATURE, ISSUER.public_key, NOW)
    _expect(envelope, ReasonCode.NOT_YET_VALID, HOLDER.public_key, NOW - 31)
    _expect(envelope, ReasonCode.EXPIRED_CREDENTIAL, HOLDER.public_key, NOW + 60)
    for audience, nonce in [
        ("https://w", "n"),
        ("https://v/", "n"),
        (None, "n"),
        ("https://v", "m"),
        ("https://v", None),
    ]:
        with pytest.raises(Rejection) as refusal:
            envelope.check_answer(expected_audience=audience, expected_nonce=nonce)
        assert refusal.value.code is ReasonCode.WRONG_AUDIENCE
    several = parse_vp_jwt(_with(kind, aud=["https://v", "https://w"]))
    with pytest.raises(Rejection):
        several.check_answer(expected_audience="https://v", expected_nonce="n")


@pytest.mark.parametrize(
    "value",
    [
        None,
        "data:application/vc+jwt,e30.e30.e30",
        {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": "EnvelopedVerifiableCredential"},
        *(
            create_enveloped_credential(KINDS["vc+jwt"]) | change
            for change in (
                {"id": "data:application/vc+jwt;base64," + KINDS["vc+jwt"]},
                {"id": "data:application/vc+cose," + KINDS["vc+jwt"]},
                {"id": "data:application/jwt," + KINDS["vc+jwt"]},
                {"id": "data:application/vc+sd-jwt," + KINDS["vc+jwt"] + "~"},
                {"id": "https://evil.example/vc+jwt"},
                {"id": KINDS["vc+jwt"]},
                {"type": "VerifiableCredential"},
            )
        ),
    ],
    ids=lambda value: str(value)[-60:],
)
def test_envelope_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(Rejection) as refusal:
        parse_enveloped_credential(value)
    assert refusal.value.code is ReasonCode.MALFORMED


def test_credential_s_envelope_is_no_presentation_s() -> None:
    value = create_enveloped_presentation(vc_jwt()) | {"id": create_enveloped_credential(vc_jwt())["id"]}
    with pytest.raises(Rejection):
        parse_enveloped_presentation(value)


def test_size_and_number_are_limited() -> None:
    assert refusal_of(parse_vc_jwt, "A" * 300_000) is ReasonCode.TOO_LARGE
    assert refusal_of(parse_vp_jwt, "A" * 300_000) is ReasonCode.TOO_LARGE
    padded = _with("vc+jwt", evidence={"type": "x", "text": "a" * 60_000})
    assert refusal_of(parse_vc_jwt, padded) is ReasonCode.TOO_LARGE
    assert len(parse_vp_jwt(vp_jwt(*[vc_jwt()] * 20)).credentials) == 20
    assert refusal_of(parse_vp_jwt, vp_jwt(*[vc_jwt()] * 21)) is ReasonCode.TOO_LARGE
    assert refusal_of(parse_vp_jwt, jwt_vp(*[jwt_vc()] * 21)) is ReasonCode.TOO_LARGE


@pytest.mark.parametrize("version", ["another model", "another issuer", "no subject"])
def test_document_that_does_not_fit_is_not_signed(version: str) -> None:
    change: dict[str, dict[str, Any]] = {
        "another model": {},
        "another issuer": {"issuer": HOLDER_DID},
        "no subject": {"credentialSubject": None},
    }
    newer, older = credential_2_0(**change[version]), credential_1_1(**change[version])
    if version == "another model":
        newer, older = older, newer
    with pytest.raises(Rejection):
        create_vc_jwt(newer, verification_method=ISSUER_METHOD, signer=ISSUER)
    with pytest.raises(Rejection):
        create_jwt_vc(older, verification_method=ISSUER_METHOD, signer=ISSUER)


@settings(deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="eyJ.~ABCabc019_-=", max_size=200))
def test_any_text_is_refused_with_a_reason(text: str) -> None:
    codes = (ReasonCode.MALFORMED, ReasonCode.NOT_A_CREDENTIAL)
    assert refusal_of(parse_vc_jwt, text) in codes
    assert refusal_of(parse_vp_jwt, text) in codes


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_any_changed_character_is_refused_or_changes_a_signed_byte(kind: str, data: st.DataObject) -> None:
    text = KINDS[kind]
    place = data.draw(st.integers(0, len(text) - 1))
    mutated = text[:place] + data.draw(st.sampled_from("A~.=_é\n")) + text[place + 1 :]
    parse = parse_vp_jwt if "vp" in kind else parse_vc_jwt
    try:
        envelope = parse(mutated)
    except Rejection:
        return
    assert mutated == text or envelope.signed != parse(text).signed
