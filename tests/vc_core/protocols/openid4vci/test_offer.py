"""Credential offers and the links that carry them."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.token import PRE_AUTHORIZED_CODE_GRANT
from vc_core.protocols.openid4vci.offer import (
    AuthorizationCodeOffer,
    CredentialOffer,
    CredentialOfferUri,
    TxCode,
    create_credential_offer,
    create_credential_offer_link,
    parse_credential_offer,
    parse_credential_offer_link,
)

ISSUER = "https://issuer.test"
OFFER = CredentialOffer(ISSUER, ("A", "B"), "code", TxCode(length=6, description="รหัส 6 หลัก"))


def refusal(call: Any, *arguments: Any, **named: Any) -> str:
    """The code with which the call is refused."""
    with pytest.raises(ProtocolError) as refused:
        call(*arguments, **named)
    return str(refused.value.code)


def test_an_offer_survives_its_link_by_value_and_by_reference() -> None:
    assert parse_credential_offer_link(create_credential_offer_link(OFFER)) == OFFER
    either = replace(OFFER, authorization_code=AuthorizationCodeOffer("state", ISSUER))
    for offer in (either, replace(either, pre_authorized_code=None, tx_code=None)):
        assert parse_credential_offer_link(create_credential_offer_link(offer)) == offer
        universal = create_credential_offer_link(offer, endpoint="https://wallet.test/open")
        assert parse_credential_offer_link(universal) == offer
    reference = CredentialOfferUri(ISSUER + "/offers/x?y=1&z=2")
    assert parse_credential_offer_link(create_credential_offer_link(reference)) == reference


@given(st.text(max_size=300))
def test_any_text_is_an_offer_or_a_refusal(text: str) -> None:
    for candidate in (text, "openid-credential-offer://?credential_offer=" + text):
        with suppress(ProtocolError):
            parse_credential_offer_link(candidate)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "openid-credential-offer://",
        "openid-credential-offer://?",
        "openid-credential-offer://evil.test?credential_offer_uri=https%3A%2F%2Fa.test",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.test&credential_offer=%7B%7D",
        "openid-credential-offer://?credential_offer_uri=http%3A%2F%2Fa.test",
        "openid-credential-offer://?credential_offer_uri=file%3A%2F%2F%2Fetc",
        "http://a.test?credential_offer_uri=https%3A%2F%2Fa.test",
        "https://a.test?credential_offer_uri=https%3A%2F%2Fa.test#x",
        "https://a.test?offer=%7B%7D",
        "web+offer://?credential_offer_uri=https%3A%2F%2Fa.test",
        "openid-credential-offer://?offer=%7B%7D",
        "openid-credential-offer://?credential_offer=%ff",
        "openid-credential-offer://?credential_offer=" + "x" * 9000,
    ],
)
def test_links_that_are_no_offer(link: str) -> None:
    assert refusal(parse_credential_offer_link, link) == "invalid_request"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"credential_issuer": "http://issuer.test"}, "invalid_request"),
        ({"credential_issuer": "https://issuer.test?x=1"}, "invalid_request"),
        ({"credential_configuration_ids": []}, "invalid_request"),
        ({"credential_configuration_ids": ["A", "A"]}, "invalid_request"),
        ({"credential_configuration_ids": ["A", 1]}, "invalid_request"),
        ({"credential_configuration_ids": [str(n) for n in range(21)]}, "invalid_request"),
        ({"grants": []}, "invalid_request"),
        ({"grants": {"authorization_code": []}}, "invalid_request"),
        ({"grants": {"authorization_code": {"issuer_state": 5}}}, "invalid_request"),
        ({"grants": {"authorization_code": {"authorization_server": "http://as.test"}}}, "invalid_request"),
        ({"grants": {"password": {}}}, "unsupported_grant_type"),
        ({"grants": {PRE_AUTHORIZED_CODE_GRANT: {}}}, "invalid_request"),
        ({"grants": {PRE_AUTHORIZED_CODE_GRANT: {"pre-authorized_code": 5}}}, "invalid_request"),
    ],
)
def test_offers_that_will_not_do(change: dict[str, Any], code: str) -> None:
    assert refusal(parse_credential_offer, json.dumps(create_credential_offer(OFFER) | change)) == code


@pytest.mark.parametrize(
    "tx_code",
    [
        None,
        [],
        {"length": 0},
        {"length": True},
        {"input_mode": "any"},
        {"description": "x" * 301},
        {"description": "\u202ex"},
    ],
)
def test_a_transaction_code_that_cannot_be_described(tx_code: Any) -> None:
    grant = {"pre-authorized_code": "c", "tx_code": tx_code}
    offer = create_credential_offer(OFFER) | {"grants": {PRE_AUTHORIZED_CODE_GRANT: grant}}
    assert refusal(parse_credential_offer, json.dumps(offer)) == "invalid_request"


def test_an_offer_without_grants_leaves_the_way_to_the_server_s_metadata() -> None:
    every: list[dict[str, Any]] = [{}, {"authorization_code": {}}]
    for grants in every:
        offer = parse_credential_offer(json.dumps(create_credential_offer(OFFER) | {"grants": grants}))
        assert (offer.pre_authorized_code, offer.authorization_code) == (None, AuthorizationCodeOffer())


def test_an_empty_transaction_code_object_still_asks_for_one() -> None:
    grant = {"pre-authorized_code": "c", "tx_code": {}}
    offer = create_credential_offer(OFFER) | {"grants": {PRE_AUTHORIZED_CODE_GRANT: grant}}
    assert parse_credential_offer(json.dumps(offer)).tx_code == TxCode()
