"""Which format a text is in: told by its form alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.verification import (
    AUDIENCE,
    COVERAGE_CLAIMS,
    HOLDER,
    NONCE,
    NOW,
    issue_coverage,
    issue_jwt_vc_json,
    issue_qr_pass,
    present,
)
from vc_core.encoding import base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.credential import CredentialFormat
from vc_core.formats.jwt_vc_json import create_jwt_vp_json
from vc_core.formats.presentation import parse_credential, parse_presentation
from vc_core.formats.qr_pass import create_qr_presentation

QR_PASS = issue_qr_pass()
SHOWN_PASS = create_qr_presentation(QR_PASS, holder=HOLDER, presented_at=NOW)
JWT = issue_jwt_vc_json()
SHOWN_JWT = create_jwt_vp_json(JWT, holder=HOLDER, presented_at=NOW, audience=AUDIENCE, nonce=NONCE)
ISSUED = issue_coverage()
PRESENTED = present(ISSUED, disclose=["name", "name_latin", "birth_year"])


@pytest.mark.parametrize("space", ["", " ", "\n", "\r\n", "\t \n"])
@pytest.mark.parametrize(
    ("text", "form"),
    [
        (SHOWN_PASS, CredentialFormat.QR_PASS),
        (PRESENTED, CredentialFormat.SD_JWT),
        (SHOWN_JWT, CredentialFormat.JWT_VC_JSON),
    ],
)
def test_presentation_is_told_by_its_form(text: str, form: CredentialFormat, space: str) -> None:
    presentation = parse_presentation(space + text + space)
    assert (presentation.credential.format, presentation.credential.claims) == (form, COVERAGE_CLAIMS)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (base64url_encode(QR_PASS), CredentialFormat.QR_PASS),
        (ISSUED, CredentialFormat.SD_JWT),
        (JWT, CredentialFormat.JWT_VC_JSON),
    ],
)
def test_credential_is_told_by_its_form(text: str, form: CredentialFormat) -> None:
    credential = parse_credential(text + "\n")
    assert (credential.format, credential.claims) == (form, COVERAGE_CLAIMS)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (ReasonCode.NOT_A_CREDENTIAL, ""),
        (ReasonCode.NOT_A_CREDENTIAL, "\n"),
        (ReasonCode.NOT_A_CREDENTIAL, "https://example.com/"),
        (ReasonCode.NOT_A_CREDENTIAL, "javascript:alert(1)"),
        (ReasonCode.NOT_A_CREDENTIAL, "sb1:" + SHOWN_PASS[4:]),
        (ReasonCode.NOT_A_CREDENTIAL, "SB2:" + SHOWN_PASS[4:]),
        (ReasonCode.NOT_A_CREDENTIAL, base64url_encode(QR_PASS)),
        (ReasonCode.NOT_A_CREDENTIAL, "www.example.com"),
        (ReasonCode.MALFORMED, ISSUED.partition("~")[0]),
        (ReasonCode.MALFORMED, JWT),
        (ReasonCode.MALFORMED, "eyJ.."),
        # J8: an encrypted JWT has five parts; nothing is decrypted, so nothing can be inflated.
        (ReasonCode.NOT_A_CREDENTIAL, "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIiwiemlwIjoiREVGIn0..AAAA.AAAA.AAAA"),
        (ReasonCode.MALFORMED, "SB1:"),
        (ReasonCode.MALFORMED, "SB1:~"),
        (ReasonCode.HOLDER_KEY, ISSUED),
        (ReasonCode.TOO_LARGE, " " * 65537),
        (ReasonCode.TOO_LARGE, "SB1:" + "A" * 65536),
    ],
)
def test_what_is_no_presentation(code: ReasonCode, text: str) -> None:
    with pytest.raises(Rejection) as refusal:
        parse_presentation(text)
    assert refusal.value.code is code


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (ReasonCode.NOT_A_CREDENTIAL, "https://example.com/"),
        (ReasonCode.NOT_A_CREDENTIAL, SHOWN_PASS),
        (ReasonCode.NOT_A_CREDENTIAL, base64url_encode(QR_PASS) + "=="),
        (ReasonCode.MALFORMED, ""),
        (ReasonCode.MALFORMED, base64url_encode(b"no pass")),
        (ReasonCode.MALFORMED, PRESENTED),
        (ReasonCode.TOO_LARGE, "A" * 65537),
    ],
)
def test_what_is_no_issued_credential(code: ReasonCode, text: str) -> None:
    with pytest.raises(Rejection) as refusal:
        parse_credential(text)
    assert refusal.value.code is code


@settings(deadline=None)
@given(st.text(max_size=200) | st.text(max_size=100).map(lambda text: "SB1:" + text))
def test_any_text_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(Rejection):
        parse_presentation(text)
    with pytest.raises(Rejection):
        parse_credential(text)
