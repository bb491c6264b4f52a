"""Authorization requests: written and read again by every way they come, and refused with the right codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.support.requests import DID_CLIENT, METADATA, RESPONSE_URI, create_request, encrypting, sign_request
from vc_core.crypto.jwe import EncryptionKey
from vc_core.encoding import compact_json
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vp.client_id import ClientId, ClientIdPrefix, parse_client_id
from vc_core.protocols.openid4vp.client_metadata import create_client_metadata, parse_client_metadata
from vc_core.protocols.openid4vp.request import (
    AuthorizationRequest,
    RequestByReference,
    RequestByValue,
    ResponseMode,
    create_authorization_request,
    create_authorization_request_link,
    parse_authorization_request,
    parse_authorization_request_link,
)
from vc_core.protocols.openid4vp.request_object import (
    RequestUriPost,
    create_request_uri_post,
    parse_request_object,
    parse_request_uri_post,
)
from vc_core.protocols.openid4vp.transaction_data import CONSENT, create_transaction_data

UNSIGNED = ClientId(ClientIdPrefix.REDIRECT_URI, RESPONSE_URI)
REQUEST_URI = "https://desk.riverside.example/request-objects/1"
KEY = EncryptionKey.generate()


def refusal(work: Callable[[], object]) -> str:
    """The code with which this is refused."""
    with pytest.raises(ProtocolError) as refused:
        work()
    return refused.value.code


def spoiled(**changes: Any) -> dict[str, Any]:
    """The parameters of a good request with some changed; None takes one away."""
    parameters = create_authorization_request(create_request()) | changes
    return {name: value for name, value in parameters.items() if value is not None}


@pytest.mark.parametrize(
    "request_",
    [
        create_request(),
        create_request(client_id=UNSIGNED, response_mode=ResponseMode.DIRECT_POST_JWT, client_metadata=encrypting(KEY)),
        create_request(state=None, transaction_data=(create_transaction_data(CONSENT, ["coverage"], {
            "purpose": "การรักษา", "recipient": "Riverside Hospital", "valid_until": "2026-12-31"}),)),
        create_request(response_mode=ResponseMode.DC_API, response_uri=None, state=None,
                       expected_origins=("https://desk.riverside.example",)),
    ],
)  # fmt: skip
def test_a_request_is_read_as_it_was_written(request_: AuthorizationRequest) -> None:
    assert parse_authorization_request(create_authorization_request(request_)) == request_


def test_a_link_carries_an_unsigned_request_with_its_objects_as_json() -> None:
    request = create_request(client_id=UNSIGNED)
    link = create_authorization_request_link(request)
    assert link.startswith("openid4vp://?")
    assert parse_authorization_request_link(link) == request


def test_a_link_carries_a_request_by_reference_or_by_value() -> None:
    for request in (
        RequestByReference(DID_CLIENT, REQUEST_URI),
        RequestByReference(DID_CLIENT, REQUEST_URI, "post"),
        RequestByValue(DID_CLIENT, sign_request()),
    ):
        assert parse_authorization_request_link(create_authorization_request_link(request)) == request
        assert parse_authorization_request_link(create_authorization_request_link(request, scheme="haip-vp")) == request


def link_with(**fields: str | None) -> str:
    """A link by reference with some parameters changed or taken away."""
    good: dict[str, str | None] = {"client_id": str(DID_CLIENT), "request_uri": REQUEST_URI}
    return "openid4vp://?" + urlencode({name: text for name, text in (good | fields).items() if text is not None})


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://desk.riverside.example/", "invalid_request"),
        ("openid4vp://", "invalid_request"),
        ("openid4vp://?client_id=" + "x" * 20_000, "invalid_request"),
        (link_with() + "&client_id=x", "invalid_request"),
        (link_with() + "#part", "invalid_request"),
        (link_with() + "&a=" + "&a=".join("b" * 40), "invalid_request"),
        (link_with(request="a.b.c"), "invalid_request"),
        (link_with(client_id=None), "invalid_request"),
        (link_with(client_id="https://desk.example"), "invalid_request"),
        (link_with(client_id=str(UNSIGNED)), "invalid_request"),
        (link_with(request_uri="http://desk.example/1"), "invalid_request"),
        (link_with(request_uri="javascript:alert(1)"), "invalid_request"),
        (link_with(request_uri_method="POST"), "invalid_request_uri_method"),
        (link_with(request_uri_method="put"), "invalid_request_uri_method"),
        (link_with(request_uri=None, request_uri_method="post"), "invalid_request"),
        (create_authorization_request_link(create_request()), "invalid_request"),
    ],
)
def test_links_that_are_refused(link: str, code: str) -> None:
    assert refusal(lambda: parse_authorization_request_link(link)) == code


def test_an_unsigned_link_whose_json_can_not_be_read() -> None:
    link = create_authorization_request_link(create_request(client_id=UNSIGNED))
    fields = dict(parse_qsl(urlsplit(link).query)) | {"dcql_query": '{"credentials": [], "credentials": []}'}
    assert refusal(lambda: parse_authorization_request_link("openid4vp://?" + urlencode(fields))) == "invalid_request"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "vp_token id_token"}, "unsupported_response_type"),
        ({"scope": "coverage", "dcql_query": None}, "invalid_scope"),
        ({"scope": "coverage"}, "invalid_request"),
        ({"dcql_query": None}, "invalid_request"),
        ({"dcql_query": "{}"}, "invalid_request"),
        ({"dcql_query": {"credentials": []}}, "invalid_request"),
        ({"response_mode": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "direct_post.jwt"}, "invalid_request"),
        ({"client_id": None}, "invalid_request"),
        ({"client_id": 1}, "invalid_request"),
        ({"redirect_uri": RESPONSE_URI}, "invalid_request"),
        ({"response_uri": None}, "invalid_request"),
        ({"response_uri": "http://desk.riverside.example/1"}, "invalid_request"),
        ({"response_uri": "https://me@desk.riverside.example/1"}, "invalid_request"),
        ({"client_id": str(UNSIGNED), "response_uri": "https://elsewhere.example/"}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"nonce": "with space"}, "invalid_request"),
        ({"nonce": "n" * 513}, "invalid_request"),
        ({"state": "a+b"}, "invalid_request"),
        ({"client_metadata": []}, "invalid_request"),
        ({"transaction_data": "text"}, "invalid_transaction_data"),
        ({"transaction_data": []}, "invalid_transaction_data"),
        ({"transaction_data": ["e30"]}, "invalid_transaction_data"),
        ({"transaction_data": ["x"] * 11}, "invalid_transaction_data"),
        ({"expected_origins": ["https://desk.example/path"]}, "invalid_request"),
    ],
)
def test_requests_that_are_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal(lambda: parse_authorization_request(spoiled(**changes))) == code


def test_unknown_parameters_are_ignored() -> None:
    assert parse_authorization_request(spoiled(max_age=1, verifier_info=[{}], iss="anybody")) == create_request()


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("decentralized_identifier:did:ethr:0x539:0x" + "2" * 40, True),
        ("decentralized_identifier:did:ethr:0x539:0x22#delegate-1", False),
        ("decentralized_identifier:", False),
        ("did:ethr:0x539:0x" + "2" * 40, False),
        ("x509_san_dns:desk.riverside.example", True),
        ("x509_san_dns:Desk.example", False),
        ("x509_san_dns:*.example", False),
        ("x509_san_dns:https://desk.example", False),
        ("x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk", True),
        ("x509_hash:Uvo3", False),
        ("redirect_uri:https://client.example.org/cb", True),
        ("redirect_uri:cb", False),
        ("origin:https://desk.example", False),
        ("verifier_attestation:desk", False),
        ("openid_federation:https://desk.example", False),
        ("X509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk", False),
        ("desk", False),
        ("redirect_uri:https://" + "a" * 3000, False),
    ],
)
def test_client_ids(text: str, good: bool) -> None:
    if good:
        assert str(parse_client_id(text)) == text
    else:
        assert refusal(lambda: parse_client_id(text)) == "invalid_request"


def test_of_the_metadata_only_keys_that_can_be_used_are_kept() -> None:
    usable = KEY.to_jwk()
    other = [
        {**usable, "kid": "a", "alg": "ECDH-ES+A128KW"},
        {**usable, "kid": "b", "use": "sig"},
        {"kty": "OKP", "crv": "X25519", "x": usable["x"], "kid": "c", "alg": "ECDH-ES"},
    ]
    enc_values = ["A128CBC-HS256", "A256GCM"]
    metadata = parse_client_metadata(
        {"jwks": {"keys": [*other, usable]}, "encrypted_response_enc_values_supported": enc_values, "logo_uri": "x"}
    )
    assert (metadata.keys, metadata.enc_values) == ((usable,), ("A256GCM",))
    assert parse_client_metadata({"jwks": {"keys": [usable]}}).enc_values == ("A128GCM",)
    assert parse_client_metadata(create_client_metadata(METADATA)) == METADATA


@pytest.mark.parametrize(
    "value",
    [
        {"vp_formats_supported": []},
        {"vp_formats_supported": {"dc+sd-jwt": "ES256"}},
        {"jwks": []},
        {"jwks": {"keys": "x"}},
        {"jwks": {"keys": [KEY.to_jwk()] * 2}},
        {"jwks": {"keys": [{**KEY.to_jwk(), "d": "AA"}]}},
        {"jwks": {"keys": [{name: text for name, text in KEY.to_jwk().items() if name != "kid"}]}},
        {"encrypted_response_enc_values_supported": []},
        {"encrypted_response_enc_values_supported": "A128GCM"},
    ],
)
def test_metadata_that_is_refused(value: dict[str, Any]) -> None:
    assert refusal(lambda: parse_client_metadata(value)) == "invalid_request"


def test_a_request_object_gives_back_the_wallets_nonce() -> None:
    read = parse_request_object(sign_request(wallet_nonce="qPmxiNFCR3QTm19POc8u"))
    assert (read.request, read.wallet_nonce) == (create_request(), "qPmxiNFCR3QTm19POc8u")
    assert read.jws.header["typ"] == "oauth-authz-req+jwt"
    assert read.jws.payload["aud"] == "https://self-issued.me/v2"


def test_what_a_wallet_posts_for_a_request_object() -> None:
    post = RequestUriPost("qPmxiNFCR3QTm19POc8u", {"vp_formats_supported": {"dc+sd-jwt": {}}})
    assert parse_request_uri_post([*create_request_uri_post(post).items(), ("other", "x")]) == post
    assert parse_request_uri_post([]) == RequestUriPost(None, None)


@pytest.mark.parametrize(
    "fields",
    [
        [("wallet_nonce", "a"), ("wallet_nonce", "a")],
        [("wallet_nonce", "")],
        [("wallet_nonce", "n" * 513)],
        [("wallet_metadata", "[]")],
        [("wallet_metadata", compact_json({"a": "b" * 20_000}).decode())],
    ],
)
def test_posts_for_a_request_object_that_are_refused(fields: list[tuple[str, str]]) -> None:
    assert refusal(lambda: parse_request_uri_post(fields)) == "invalid_request"
