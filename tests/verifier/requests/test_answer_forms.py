"""Answers that can't be read: for another key, of another form, too long; and what wallets say in place of one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.support.hospital import post_answer, post_form
from tests.support.requests import encrypting
from tests.verifier.requests.answers import assert_refused, audit_lines, good_answer
from tests.verifier.requests.conftest import AskingDesk
from vc_core.crypto.jwe import EncryptionKey, encrypt_jwe
from vc_core.encoding import base64url_encode, compact_json
from vc_core.protocols.openid4vp.encrypted_response import encrypt_response
from vc_core.protocols.openid4vp.response import (
    AuthorizationErrorResponse,
    AuthorizationResponse,
    UnverifiedResponse,
    create_response_form,
)
from vc_core.web.database import Database


async def test_an_old_key_another_enc_and_an_open_answer(sqlite_asking: AskingDesk) -> None:
    """V5."""
    old = await sqlite_asking.fetch(await sqlite_asking.ask("coverage", "direct_post.jwt"))
    created = await sqlite_asking.ask("coverage", "direct_post.jwt")
    request = await sqlite_asking.fetch(created)
    response = AuthorizationResponse(await good_answer(sqlite_asking, request), request.state)
    own_key = dict(request.client_metadata.keys[0])
    bad: list[UnverifiedResponse] = [
        encrypt_response(response, old.client_metadata),
        encrypt_response(response, encrypting(EncryptionKey.generate())),
        AuthorizationResponse(response.vp_token, request.state),
    ]
    forms = [create_response_form(each) for each in bad]
    forms.append({"response": encrypt_jwe(b"[]", recipient=own_key, enc="A128GCM")})
    forms.append({"response": "a.b.c.d.e"})
    forms.append({"response": encrypt_jwe(b'{"vp_token":{"coverage":["' + b"x" * 150_000 + b'"]}}', recipient=own_key,
                                          enc="A128GCM", compress=True)})  # fmt: skip
    header = {"alg": "ECDH-ES", "enc": "A128CBC-HS256", "kid": own_key["kid"], "epk": own_key}
    forms.append({"response": base64url_encode(compact_json(header)) + "..AAAA.AAAA.AAAA"})
    for form in forms:
        assert_refused(await post_form(sqlite_asking.client, request, form))
    assert (await sqlite_asking.result(created))["state"] == "fetched"
    assert await audit_lines(sqlite_asking) == [("rejected", "MALFORMED")] * len(forms)
    good = encrypt_response(response, request.client_metadata)
    assert (await post_form(sqlite_asking.client, request, create_response_form(good))).status_code == 200


async def test_an_encrypted_answer_to_a_request_for_an_open_one(sqlite_asking: AskingDesk) -> None:
    request = await sqlite_asking.fetch(await sqlite_asking.ask())
    response = AuthorizationResponse(await good_answer(sqlite_asking, request), request.state)
    encrypted = encrypt_response(response, encrypting(EncryptionKey.generate()))
    assert_refused(await post_form(sqlite_asking.client, request, create_response_form(encrypted)))


async def test_keys_of_answers_are_sealed_and_forgotten(sqlite_asking: AskingDesk) -> None:
    created = await sqlite_asking.ask("coverage", "direct_post.jwt")
    request = await sqlite_asking.fetch(created)
    database: Database = sqlite_asking.desk.app.state.database

    async def sealed() -> bytes | None:
        statement = text("SELECT sealed_key FROM presentation_request")
        key: bytes | None = await database.write(lambda connection: connection.execute(statement).scalar_one())
        return key

    before = await sealed()
    assert before is not None
    assert len(before) == 24 + 16 + 32
    shown = await good_answer(sqlite_asking, request)
    assert (await post_answer(sqlite_asking.client, request, shown)).status_code == 200
    assert await sealed() is None


DECLINED = [
    ("access_denied", "access_denied"),
    ("invalid_request", "invalid_request"),
    ("invalid_client", "invalid_client"),
    ("vp_formats_not_supported", "vp_formats_not_supported"),
    ("invalid_request_uri_method", "invalid_request_uri_method"),
    ("invalid_transaction_data", "invalid_transaction_data"),
    ("wallet_unavailable", "wallet_unavailable"),
    ("something_else", "unknown_error"),
]


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
async def test_what_a_wallet_declines_with_is_recorded(sqlite_asking: AskingDesk, mode: str) -> None:
    for error, recorded in DECLINED:
        created = await sqlite_asking.ask("coverage", mode)
        request = await sqlite_asking.fetch(created)
        form = create_response_form(AuthorizationErrorResponse(error, request.state))
        form["error_description"] = "<script>alert(1)</script>"
        assert (await post_form(sqlite_asking.client, request, form)).status_code == 200
        result = await sqlite_asking.result(created)
        assert (result["state"], result["error"], result["verdict"]) == ("refused", recorded, None)


FORMS = [
    (b"vp_token=%7B%7D&state=x", "text/plain", "invalid_request"),
    (b"vp_token=%7B%7D&vp_token=%7B%7D", "application/x-www-form-urlencoded", "invalid_request"),
    (b"vp_token=[]", "application/x-www-form-urlencoded", "invalid_request"),
    (b"vp_token=%ff", "application/x-www-form-urlencoded", "invalid_request"),
    (b"", "application/x-www-form-urlencoded", "invalid_request"),
    (b'vp_token={"coverage":["a"],"coverage":["b"]}', "application/x-www-form-urlencoded", "invalid_request"),
    (b"vp_token=" + b'{"a":' * 1000, "application/x-www-form-urlencoded", "invalid_request"),
]


async def test_forms_that_can_not_be_read(sqlite_asking: AskingDesk) -> None:
    """J10."""
    request = await sqlite_asking.fetch(await sqlite_asking.ask())
    path = (request.response_uri or "").removeprefix("https://desk.riverside.example")
    for content, content_type, code in FORMS:
        answer = await sqlite_asking.client.post(path, content=content, headers={"Content-Type": content_type})
        assert_refused(answer, code)


async def test_an_answer_over_the_limit(sqlite_asking: AskingDesk) -> None:
    """J7."""
    request = await sqlite_asking.fetch(await sqlite_asking.ask())
    answer = await post_form(sqlite_asking.client, request, {"vp_token": "x" * 300_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


WALLETS: list[tuple[dict[str, Any], str]] = [
    ({"vp_formats_supported": {"mso_mdoc": {}}}, "vp_formats_not_supported"),
    ({"client_id_prefixes_supported": ["x509_hash"]}, "invalid_request"),
    ({"request_object_signing_alg_values_supported": ["ES384"]}, "invalid_request"),
    ({"authorization_encryption_enc_values_supported": ["A128CBC-HS256"]}, "invalid_request"),
]


async def test_a_wallet_that_could_not_answer(sqlite_asking: AskingDesk) -> None:
    request = await sqlite_asking.fetch(await sqlite_asking.ask("coverage", "direct_post.jwt"))
    path = (request.response_uri or "").removeprefix("https://desk.riverside.example").replace("/response", "/request")
    good = {"vp_formats_supported": {"dc+sd-jwt": {}}, "client_id_prefixes_supported": ["decentralized_identifier"]}
    for metadata, code in WALLETS:
        fields = {"wallet_metadata": compact_json(metadata).decode()}
        assert_refused(await sqlite_asking.client.post(path, data=fields), code)
    fields = {"wallet_metadata": compact_json(good).decode()}
    assert (await sqlite_asking.client.post(path, data=fields)).status_code == 200
    assert_refused(await sqlite_asking.client.post(path, data={"wallet_metadata": "[]"}))
