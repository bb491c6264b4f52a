"""Authorization responses: in the open and encrypted, and those that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.requests import encrypting
from tests.vc_core.protocols.openid4vp.test_request import refusal
from vc_core.crypto.jwe import EncryptionKey, encrypt_jwe
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vp.encrypted_response import decrypt_response, encrypt_response
from vc_core.protocols.openid4vp.response import (
    AuthorizationErrorResponse,
    AuthorizationResponse,
    EncryptedResponse,
    ResponseAnswer,
    create_authorization_response,
    create_response_answer,
    create_response_form,
    parse_authorization_response,
    parse_response_answer,
    parse_response_form,
)

KEY = EncryptionKey.generate()
RESPONSE = AuthorizationResponse({"coverage": ("eyJhbGciOiJ.e30.AA~",), "identity": ('{"type":"x"}',)}, "c3RhdGU")


def test_presentations_are_text_or_objects_on_the_way_and_text_on_both_sides() -> None:
    assert create_authorization_response(RESPONSE)["vp_token"]["identity"] == [{"type": "x"}]
    assert parse_response_form(list(create_response_form(RESPONSE).items())) == RESPONSE


@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
def test_an_encrypted_response_is_opened_with_the_requests_key(enc: str) -> None:
    encrypted = encrypt_response(RESPONSE, encrypting(KEY, enc))
    assert parse_response_form(list(create_response_form(encrypted).items())) == encrypted
    assert decrypt_response(encrypted, key=KEY, enc_values=(enc,)) == RESPONSE


def test_an_old_key_and_another_enc_are_refused() -> None:
    """V5."""
    encrypted = encrypt_response(RESPONSE, encrypting(KEY, "A256GCM"))
    for key, enc_values in ((EncryptionKey.generate(), ("A256GCM",)), (KEY, ("A128GCM",))):
        with pytest.raises(ProtocolError) as refused:
            decrypt_response(encrypted, key=key, enc_values=enc_values)
        assert refused.value.code == "invalid_request"


def test_what_is_encrypted_twice_or_is_no_response_is_refused() -> None:
    inner = encrypt_response(RESPONSE, encrypting(KEY))
    for plaintext in (b'{"response":"' + inner.jwe.encode() + b'"}', b"[]", b'{"vp_token":{}}'):
        jwe = encrypt_jwe(plaintext, recipient=KEY.to_jwk(), enc="A128GCM")
        with pytest.raises(ProtocolError) as refused:
            decrypt_response(EncryptedResponse(jwe), key=KEY, enc_values=("A128GCM",))
        assert refused.value.code == "invalid_request"


def test_nothing_is_encrypted_for_a_verifier_without_a_key() -> None:
    assert refusal(lambda: encrypt_response(RESPONSE, encrypting(KEY, "A128CBC-HS256"))) == "invalid_request"


@pytest.mark.parametrize(
    ("error", "read"), [("access_denied", "access_denied"), ("wallet_unavailable",) * 2, ("made_up", "unknown_error")]
)
def test_error_responses(error: str, read: str) -> None:
    form = create_response_form(AuthorizationErrorResponse(error, "c3RhdGU"))
    assert parse_response_form(list(form.items())) == AuthorizationErrorResponse(read, "c3RhdGU")


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"vp_token": {"a": ["x"]}, "error": "access_denied"},
        {"vp_token": {"a": ["x"]}, "response": "a.b.c.d.e"},
        {"vp_token": {}},
        {"vp_token": []},
        {"vp_token": "eyJ"},
        {"vp_token": {"a": "x"}},
        {"vp_token": {"a": []}},
        {"vp_token": {"a": ["x"] * 11}},
        {"vp_token": {"a": [1]}},
        {"vp_token": {"a": [""]}},
        {"vp_token": {"a": ["x" * (64 * 1024 + 1)]}},
        {"vp_token": {"a": [' {"type":"x"}']}},
        {"vp_token": {"a b": ["x"]}},
        {"vp_token": {str(number): ["x"] for number in range(21)}},
        {"vp_token": {"a": ["x"]}, "state": 1},
        {"vp_token": {"a": ["x"]}, "state": "s" * 600},
        {"error": "<script>"},
        {"error": 1},
        {"response": "a.b.c"},
        {"response": {}},
    ],
)
def test_responses_that_are_refused(value: dict[str, Any]) -> None:
    assert refusal(lambda: parse_authorization_response(value)) == "invalid_request"


@pytest.mark.parametrize("fields", [[("vp_token", "x")], [("error", "access_denied")] * 2, [("vp_token", "[]")]])
def test_forms_that_are_refused(fields: list[tuple[str, str]]) -> None:
    assert refusal(lambda: parse_response_form(fields)) == "invalid_request"


def test_where_the_browser_is_to_go_on() -> None:
    for uri in (None, "https://desk.example/visits#response_code=abc", "https://desk.example/visits?response_code=abc"):
        assert parse_response_answer(create_response_answer(ResponseAnswer(uri))) == ResponseAnswer(uri)
    for bad in ("javascript:alert(1)", "http://desk.example/", 7, "https://desk.example/#" + "x" * 5000):
        assert refusal(lambda bad=bad: parse_response_answer({"redirect_uri": bad})) == "server_error"  # type: ignore[misc]
