"""`authorization_details` of the type `openid_credential`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.authorization_details import (
    create_authorization_details,
    parse_authorization_details,
    parse_granted_details,
)

ISSUER = "https://issuer.test"
DETAIL: dict[str, Any] = {"type": "openid_credential", "credential_configuration_id": "A"}


def test_details_are_read_as_they_were_made() -> None:
    for location in (None, ISSUER):
        text = json.dumps(create_authorization_details(["A", "B"], location=location))
        assert parse_authorization_details(text, credential_issuer=ISSUER) == ("A", "B")


def test_unknown_members_and_repetitions_are_no_fault() -> None:
    text = json.dumps([DETAIL | {"claims": [{"path": ["name"]}], "format": "x"}, DETAIL])
    assert parse_authorization_details(text, credential_issuer=ISSUER) == ("A",)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        "A",
        [5],
        [DETAIL | {"type": "payment"}],
        [{"type": "openid_credential"}],
        [DETAIL | {"credential_configuration_id": 5}],
        [DETAIL | {"locations": ["https://other.test"]}],
        [DETAIL | {"locations": ISSUER}],
        [DETAIL] * 21,
    ],
)
def test_bad_details_get_the_code_of_rfc_9396(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value) + "]"):
        with pytest.raises(ProtocolError) as refused:
            parse_authorization_details(text, credential_issuer=ISSUER)
        assert refused.value.code == "invalid_authorization_details"


def test_granted_details_of_other_types_are_left_out() -> None:
    granted = [DETAIL | {"credential_identifiers": ["1"]}, {"type": "payment"}]
    assert parse_granted_details(granted) == {"A": ("1",)}
