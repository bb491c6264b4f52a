"""Status list tokens with one fault each (`tests/vectors/status-list/faults.json`): there is one answer to all."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.support.faults import Edit, forged_jws, load_faults
from tests.support.verification import ISSUER, ISSUER_DID, ISSUER_METHOD, NOW, STATUS
from vc_core.encoding import base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.status_bits import MAX_BYTES
from vc_core.formats.status_list import Status, VerifiedStatusList, parse_status_list_token

FAULTS = load_faults(Path(__file__).parents[2] / "vectors" / "status-list" / "faults.json")

_ARRAY = bytes(1000)
_PACKED = zlib.compress(_ARRAY)
_TOKEN = {
    "header": {"alg": "ES256", "typ": "statuslist+jwt", "kid": ISSUER_METHOD},
    "payload": {
        "sub": STATUS.uri,
        "iat": NOW - 1000,
        "exp": NOW + 3600,
        "ttl": 600,
        "status_list": {"bits": 2, "lst": base64url_encode(_PACKED)},
    },
    "signed_by": "issuer",
}
_NAMES = {
    "$issuer_jwk": ISSUER.public_key.to_jwk(),
    "$lst_padded": base64url_encode(_PACKED) + "=" * (-len(base64url_encode(_PACKED)) % 4 or 4),
    "$lst_gzip": base64url_encode(gzip.compress(_ARRAY)),
    "$lst_cut": base64url_encode(_PACKED[:-1]),
    "$lst_longer": base64url_encode(_PACKED + b"\0"),
    "$lst_of_nothing": base64url_encode(zlib.compress(b"")),
    "$lst_bomb": base64url_encode(zlib.compress(bytes(MAX_BYTES + 1))),
    "$lst_big_bomb": base64url_encode(zlib.compress(bytes(100 * 1024 * 1024))),
    "$lst": base64url_encode(_PACKED),
}


def _verify(edits: list[Edit]) -> VerifiedStatusList:
    text = forged_jws(_TOKEN, edits, ["token"], _NAMES)
    unverified = parse_status_list_token(text)
    assert unverified.issuer == ISSUER_DID
    return unverified.verify(ISSUER.public_key, expected_uri=STATUS.uri, now=NOW)


def test_without_a_fault_it_is_good() -> None:
    assert _verify([]).status(1234) is Status.VALID


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['row']} {fault['name']}")
def test_with_one_it_says_nothing(fault: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as refusal:
        _verify(fault["edits"])
    assert refusal.value.code is ReasonCode.STATUS_UNAVAILABLE
    assert "evil" not in refusal.value.message
