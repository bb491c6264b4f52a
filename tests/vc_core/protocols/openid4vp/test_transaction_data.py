"""Transaction data: our two types, their hashes, and everything that a wallet must refuse to sign."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.vc_core.protocols.openid4vp.test_request import refusal
from vc_core.encoding import base64url_encode, compact_json
from vc_core.protocols.openid4vp.transaction_data import (
    CONSENT,
    VISIT,
    create_transaction_data,
    parse_transaction_data,
)

VISIT_MEMBERS = {
    "hospital": "10661",
    "visit_id": "v-2026-000123",
    "visit_date": "2026-11-25",
    "service": "ตรวจผู้ป่วยนอก",
}
CONSENT_MEMBERS = {"purpose": "Treatment", "recipient": "Riverside Hospital", "valid_until": "2026-12-31"}


def encoded(**changes: Any) -> str:
    """A visit with some members changed; None takes one away."""
    value = {"type": VISIT, "credential_ids": ["identity"], **VISIT_MEMBERS} | changes
    return base64url_encode(compact_json({name: each for name, each in value.items() if each is not None}))


@pytest.mark.parametrize(("type_", "members"), [(VISIT, VISIT_MEMBERS), (CONSENT, CONSENT_MEMBERS)])
def test_what_is_created_is_read_again(type_: str, members: dict[str, str]) -> None:
    created = create_transaction_data(type_, ["identity"], members)
    read = parse_transaction_data(created.text, credential_ids={"identity", "coverage"})
    assert read == created
    assert (read.type, read.credential_ids, dict(read.members)) == (type_, ("identity",), members)


def test_the_hash_is_over_the_text_as_sent() -> None:
    text = encoded()
    expected = base64url_encode(hashlib.sha256(text.encode("ascii")).digest())
    assert parse_transaction_data(text, credential_ids=["identity"]).sha_256 == expected


@pytest.mark.parametrize(
    "text",
    [
        "not base64url!",
        base64url_encode(b"[]"),
        encoded(type=None),
        encoded(type=7),
        encoded(type="payment"),
        encoded(type=["urn:sabai:transaction:visit:1"]),
        encoded(type=CONSENT),
        encoded(credential_ids=None),
        encoded(credential_ids=[]),
        encoded(credential_ids="identity"),
        encoded(credential_ids=["coverage"]),
        encoded(credential_ids=["identity", "identity"]),
        encoded(credential_ids=[["identity"]]),
        encoded(transaction_data_hashes_alg=["sha-512"]),
        encoded(transaction_data_hashes_alg="sha-256"),
        encoded(hospital=None),
        encoded(hospital=10661),
        encoded(hospital="1066"),
        encoded(visit_id="name of a person"),
        encoded(visit_date="2026-02-30"),
        encoded(visit_date="20261125"),
        encoded(service=" "),
        encoded(service="x" * 301),
        encoded(service="ab\u202ecd"),
        encoded(amount="100.00"),
    ],
)
def test_what_is_not_of_its_type_is_refused(text: str) -> None:
    assert refusal(lambda: parse_transaction_data(text, credential_ids=["identity"])) == "invalid_transaction_data"
