"""The QR pass: what goes in comes out, in a code that a cheap camera reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import qrcode
from hypothesis import given
from hypothesis import strategies as st

from tests.support.claims import claims_of, sample_claims
from tests.support.qr_forge import (
    CLAIMS,
    EXPIRES_AT,
    ISSUED_AT,
    ISSUER_METHOD,
    PRESENTED_AT,
    STATUS_URI,
    as_text,
    forge_bytes,
    pass_in,
)
from tests.support.verification import HOLDER, ISSUER
from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.appointment_ticket import APPOINTMENT_TICKET
from vc_core.credential_types.definition import MAX_TEXT, Claim, CredentialType, InvalidClaims, StatusPolicy
from vc_core.credential_types.health_id import HEALTH_ID
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import Ed25519Signer, PublicKey, SignatureInvalid, Signer
from vc_core.errors import Rejection
from vc_core.formats.base45 import base45_decode
from vc_core.formats.credential import CredentialFormat, StatusReference
from vc_core.formats.qr_pass import (
    MAX_PASS_LENGTH,
    MAX_TEXT_LENGTH,
    PREFIX,
    PassTooLong,
    create_qr_pass,
    create_qr_presentation,
    key_id_from_verification_method,
    parse_qr_pass,
    parse_qr_presentation,
    verification_method_from_key_id,
)
from vc_core.formats.qr_pass_room import check_qr_pass

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
AUDIENCE = "did:ethr:0x7a69:0x2222222222222222222222222222222222222222"
NONCE = "bm9uY2Utb2YtdGhpcy1kZXNr"
STATUS = StatusReference(STATUS_URI, 94_711)
ED25519 = Ed25519Signer(bytes([3]) * 32)


def issue(
    credential_type: CredentialType = INSURANCE_COVERAGE,
    claims: Mapping[str, Any] = CLAIMS,
    *,
    verification_method: str = ISSUER_METHOD,
    signer: Signer = ISSUER,
    status: StatusReference | None = STATUS,
    holder_key: PublicKey = HOLDER.public_key,
) -> bytes:
    return create_qr_pass(
        credential_type,
        claims,
        verification_method=verification_method,
        signer=signer,
        issued_at=ISSUED_AT,
        expires_at=EXPIRES_AT,
        status=status if credential_type.status_policy is StatusPolicy.REQUIRED else None,
        holder_key=holder_key,
    )


def present(qr_pass: bytes, *, audience: str | None = None, nonce: str | None = None) -> str:
    return create_qr_presentation(qr_pass, holder=HOLDER, presented_at=PRESENTED_AT, audience=audience, nonce=nonce)


@pytest.mark.parametrize("signer", [ISSUER, ED25519], ids=["ES256", "EdDSA"])
def test_a_pass_says_what_went_in(signer: Signer) -> None:
    credential = parse_qr_pass(issue(signer=signer))
    credential.signed.verify(signer.public_key)
    assert credential.format is CredentialFormat.QR_PASS
    assert credential.verification_method == ISSUER_METHOD
    assert credential.issuer == ISSUER_METHOD.removesuffix("#delegate-3")
    assert credential.vct == INSURANCE_COVERAGE.vct
    assert (credential.issued_at, credential.not_before, credential.expires_at) == (ISSUED_AT, ISSUED_AT, EXPIRES_AT)
    assert credential.status == (StatusReference(STATUS_URI, 94_711),)
    assert credential.holder_key == HOLDER.public_key
    assert credential.claims == CLAIMS


@pytest.mark.parametrize("audience", [None, AUDIENCE])
@pytest.mark.parametrize("nonce", [None, NONCE])
def test_a_presentation_says_what_went_in(audience: str | None, nonce: str | None) -> None:
    qr_pass = issue()
    presentation = parse_qr_presentation(present(qr_pass, audience=audience, nonce=nonce))
    presentation.signed.verify(HOLDER.public_key)
    presentation.credential.signed.verify(ISSUER.public_key)
    assert presentation.credential == parse_qr_pass(qr_pass)
    assert (presentation.presented_at, presentation.audience, presentation.nonce) == (PRESENTED_AT, audience, nonce)


def test_the_forged_presentation_without_a_fault_is_ours() -> None:
    # What the tables of faults start from.
    forged = forge_bytes()
    presentation = parse_qr_presentation(as_text(forged))
    assert presentation.signed.message == parse_qr_presentation(present(pass_in(forged))).signed.message
    assert presentation.credential.signed.message == parse_qr_pass(issue()).signed.message


def test_not_before_is_read_where_there_is_one() -> None:
    text = as_text(forge_bytes("pass_payload", 5, ISSUED_AT + 60))
    assert parse_qr_presentation(text).credential.not_before == ISSUED_AT + 60


@pytest.mark.parametrize(("before", "after"), [("", "\r\n"), ("", "\n"), ("", "\t"), (" \r\n", "  "), ("\n", "")])
def test_white_space_of_a_scanner_is_ignored(before: str, after: str) -> None:
    text = present(issue())
    assert parse_qr_presentation(before + text + after) == parse_qr_presentation(text)


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("สมหญิง ทองดี", "Somying Thongdee"),
        ("พงศ์ศักดิ์ ศรี", "Phongsak Sri"),
        ("นวลจันทร์ แก้วดี"[:15], "Nuanchan Kaeodi"),
        ("စန္ဒာလှိုင်", "Sandar Hlaing"),
        ("ဒေါ်ခင်မာလာအေး", "Daw Khin Mar Lar Aye"),
        ("အောင်မြင့်သန်းထွ", "Aung Myint Than"),
    ],
)
def test_a_sample_coverage_fits_the_budget(name: str, latin: str) -> None:
    text = present(issue(claims={**CLAIMS, "name": name, "name_latin": latin}))
    assert 10 <= len(name) <= 16
    assert len(text) <= 650
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    assert code.version <= 16


@pytest.mark.parametrize(
    "credential_type", [each for each in CREDENTIAL_TYPES.values() if each.qr_pass], ids=lambda each: each.name
)
def test_a_sample_of_every_type_fits_the_budget(credential_type: CredentialType) -> None:
    assert len(present(issue(credential_type, sample_claims(credential_type)))) <= 650


def test_the_holder_signs_the_whole_pass() -> None:
    one, other = issue(claims={**CLAIMS, "scheme": "UCS"}), issue(claims={**CLAIMS, "scheme": "SSS"})
    presentation = parse_qr_presentation(present(one))
    assert one in presentation.signed.message
    assert presentation.digest != parse_qr_presentation(present(other)).digest


def test_the_digest_is_that_of_what_was_signed_whatever_the_signature() -> None:
    text = present(issue())
    data = base45_decode(text.removeprefix(PREFIX))
    s = int.from_bytes(data[-32:], "big")
    twin = parse_qr_presentation(as_text(data[:-32] + (P256_ORDER - s).to_bytes(32, "big")))
    presentation = parse_qr_presentation(text)
    twin.signed.verify(HOLDER.public_key)  # a second signature that needs no key: the reason for the rule
    assert twin.signed.signature != presentation.signed.signature
    assert twin.digest == presentation.digest == hashlib.sha256(presentation.signed.message).digest()


@given(st.data())
def test_claims_of_every_type_come_back(data: st.DataObject) -> None:
    credential_type = data.draw(st.sampled_from([each for each in CREDENTIAL_TYPES.values() if each.qr_pass]))
    claims = data.draw(claims_of(credential_type))
    in_pass = {claim.name: claims[claim.name] for claim in credential_type.qr_claims().values() if claim.name in claims}
    try:
        qr_pass = issue(credential_type, claims)
    except InvalidClaims:
        assert sum(len(str(value).encode()) for value in in_pass.values()) > 200
        return
    assert parse_qr_pass(qr_pass).claims == in_pass
    assert parse_qr_presentation(present(qr_pass, audience=AUDIENCE, nonce=NONCE)).credential.claims == in_pass


@pytest.mark.parametrize(("credential_type", "status"), [(INSURANCE_COVERAGE, None), (APPOINTMENT_TICKET, STATUS)])
def test_only_a_type_without_a_status_is_issued_without_one(
    credential_type: CredentialType, status: StatusReference | None
) -> None:
    with pytest.raises(ValueError, match="a status where the type has none"):
        create_qr_pass(
            credential_type,
            sample_claims(credential_type),
            verification_method=ISSUER_METHOD,
            signer=ISSUER,
            issued_at=ISSUED_AT,
            expires_at=EXPIRES_AT,
            status=status,
            holder_key=HOLDER.public_key,
        )


def test_a_claim_that_is_not_required_may_be_missing() -> None:
    optional = Claim("note", {"en": "Note"}, required=False, qr_key=11)
    with_note = _variant(INSURANCE_COVERAGE, (*INSURANCE_COVERAGE.claims, optional))
    assert parse_qr_pass(issue(with_note)).claims == CLAIMS


def _variant(credential_type: CredentialType, claims: tuple[Claim, ...]) -> CredentialType:
    return CredentialType(
        credential_type.name,
        credential_type.vct,
        credential_type.number,
        credential_type.labels,
        claims,
        credential_type.validity,
        credential_type.color,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"scheme": ""},
        {"scheme": None},
        {"covered_from": "2026-1-1"},
        {"birth_year": "1985"},
        {"unknown": "x"},
        {"name": 7},
    ],
)
def test_wrong_claims_are_not_issued(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidClaims):
        issue(claims={**CLAIMS, **change})


@pytest.mark.parametrize("missing", CLAIMS)
def test_incomplete_claims_are_not_issued(missing: str) -> None:
    with pytest.raises(InvalidClaims, match=missing):
        issue(claims={name: value for name, value in CLAIMS.items() if name != missing})


def test_claims_that_make_a_pass_too_long_are_not_issued() -> None:
    with pytest.raises(InvalidClaims):
        issue(claims={**CLAIMS, "name": "က" * MAX_TEXT})


def test_the_longest_pass_leaves_room_for_audience_and_nonce() -> None:
    spare = MAX_PASS_LENGTH - len(issue()) - 2  # the lengths of the address and of the payload take a byte more
    longest = issue(status=StatusReference(STATUS_URI + "x" * spare, 94_711))
    assert len(longest) == MAX_PASS_LENGTH
    assert len(present(longest, audience=AUDIENCE, nonce="A" * 43)) <= MAX_TEXT_LENGTH


def test_whether_claims_fit_is_known_before_anything_is_signed() -> None:
    spare = MAX_PASS_LENGTH - len(issue()) - 2
    for longer, fits in ((spare, True), (spare + 1, False)):
        status = StatusReference(STATUS_URI + "x" * longer, 94_711)
        with nullcontext() if fits else pytest.raises(PassTooLong):
            check_qr_pass(INSURANCE_COVERAGE, CLAIMS, verification_method=ISSUER_METHOD, status=status)


def test_a_holder_needs_a_p256_key() -> None:
    with pytest.raises(ValueError, match="P-256"):
        issue(holder_key=ED25519.public_key)
    with pytest.raises(ValueError, match="P-256"):
        create_qr_presentation(issue(), holder=ED25519, presented_at=PRESENTED_AT)


@pytest.mark.parametrize("change", [{"audience": ""}, {"nonce": ""}, {"nonce": "===="}, {"audience": "x" * 900}])
def test_a_presentation_that_no_desk_reads_is_not_made(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        present(issue(), **change)


def test_the_issuers_key_is_named_by_address_chain_and_number() -> None:
    key_id = key_id_from_verification_method(ISSUER_METHOD)
    assert key_id.hex() == "11" * 20 + "e9f401" + "03"
    assert verification_method_from_key_id(key_id) == ISSUER_METHOD


@given(st.binary(min_size=20, max_size=20), st.integers(1, 2**63 - 1), st.integers(1, 2**63 - 1))
def test_key_ids_come_back(address: bytes, chain_id: int, delegate: int) -> None:
    method = f"did:ethr:0x{chain_id:x}:0x{address.hex()}#delegate-{delegate}"
    assert verification_method_from_key_id(key_id_from_verification_method(method)) == method


@given(st.binary(max_size=40))
def test_no_two_key_ids_name_the_same_key(key_id: bytes) -> None:
    try:
        method = verification_method_from_key_id(key_id)
    except ValueError:
        return
    assert key_id_from_verification_method(method) == key_id


@pytest.mark.parametrize(
    "method",
    [
        "",
        ISSUER_METHOD.removesuffix("#delegate-3"),
        ISSUER_METHOD.replace("#delegate-3", "#controller"),
        ISSUER_METHOD.replace("#delegate-3", "#delegate-0"),
        ISSUER_METHOD.replace("#delegate-3", "#delegate-03"),
        ISSUER_METHOD.replace("#delegate-3", "#delegate-๓"),
        ISSUER_METHOD.replace("#delegate-3", "#delegate-9223372036854775808"),
        ISSUER_METHOD + "#delegate-3",
        ISSUER_METHOD + "\n",
        ISSUER_METHOD.replace("0x7a69:", ""),
        ISSUER_METHOD.replace("0x7a69", "31337"),
        ISSUER_METHOD.replace("0x7a69", "0x07a69"),
        ISSUER_METHOD.replace("0x7a69", "0x7A69"),
        ISSUER_METHOD.replace("0x7a69", "0xffffffffffffffff"),
        ISSUER_METHOD.replace("0x1111", "0x111"),
        "did:web:issuer.example#delegate-1",
    ],
)
def test_other_verification_methods_have_no_key_id(method: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        issue(verification_method=method)


@given(st.one_of(st.binary(max_size=120), st.binary(max_size=120).map(lambda end: b"\xd2\x84" + end)))
def test_bytes_raise_nothing_but_rejections(data: bytes) -> None:
    for parse in (lambda: parse_qr_pass(data), lambda: parse_qr_presentation(as_text(data))):
        with pytest.raises(Rejection):
            parse()


@given(st.one_of(st.text(max_size=100), st.text(max_size=100).map(PREFIX.__add__)))
def test_text_raises_nothing_but_rejections(text: str) -> None:
    with pytest.raises(Rejection):
        parse_qr_presentation(text)


GOOD = forge_bytes()


@given(st.integers(0, len(GOOD)), st.integers(0, 8), st.binary(max_size=8))
def test_edits_raise_rejections_or_break_the_signature(start: int, length: int, other: bytes) -> None:
    changed = GOOD[:start] + other + GOOD[start + length :]
    if changed == GOOD:
        return
    with pytest.raises((Rejection, SignatureInvalid)):
        parse_qr_presentation(as_text(changed)).signed.verify(HOLDER.public_key)


def test_the_example_in_the_documentation_is_right() -> None:
    page = (Path(__file__).parents[3] / "docs" / "qr-pass.md").read_text(encoding="utf-8")
    text = page.split("```text\n")[1].split("```")[0].replace("\n", "")
    lines = page.split("```\n")[-2].splitlines()
    presentation = parse_qr_presentation(text)
    assert presentation.credential.claims == CLAIMS
    presentation.signed.verify(HOLDER.public_key)
    presentation.credential.signed.verify(ISSUER.public_key)
    assert as_text(bytes.fromhex("".join(line.split("#")[0] for line in lines))) == text


def test_a_health_id_has_a_pass_too() -> None:
    claims = {
        **{name: CLAIMS[name] for name in ("health_id", "name", "name_latin", "birth_year")},
        "birth_date": "1985-03-14",
        "identifier_system": "passport",
        "identifier_value": "MF123456",
    }
    credential = parse_qr_pass(issue(HEALTH_ID, claims))
    assert credential.vct == HEALTH_ID.vct
    assert set(credential.claims) == {"health_id", "name", "name_latin", "birth_year"}
