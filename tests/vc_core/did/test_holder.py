"""DIDs that are a holder's key."""

from __future__ import annotations

from typing import Any

import pytest

from vc_core.crypto.keys import Ed25519Signer, KeyFormatError, P256Signer
from vc_core.crypto.secp256k1 import Secp256k1PublicKey
from vc_core.did.holder import (
    HOLDER_DID_METHODS,
    HolderKey,
    create_holder_did,
    create_holder_method,
    holder_method,
    parse_holder_did,
    parse_holder_method,
)
from vc_core.did.jwk import create_did_jwk
from vc_core.did.key import create_did_key, did_key_method
from vc_core.encoding import base64url_encode, compact_json

KEY = P256Signer.from_bytes(b"\x01" * 32).public_key
SECP256K1 = Secp256k1PublicKey.from_multikey(
    bytes.fromhex("e70102" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
)
"""The curve's base point, whose private key is 1."""


@pytest.mark.parametrize("did_method", HOLDER_DID_METHODS)
@pytest.mark.parametrize("key", [KEY, Ed25519Signer.generate().public_key], ids=["P-256", "Ed25519"])
def test_a_key_and_back(did_method: str, key: Any) -> None:
    did = create_holder_did(key, did_method)
    assert did.startswith(did_method)
    assert parse_holder_did(did) == HolderKey(key, did)
    assert parse_holder_method(create_holder_method(key, did_method)) == HolderKey(key, did)


def test_the_key_is_named_as_the_methods_have_it() -> None:
    assert holder_method(create_did_key(KEY)) == did_key_method(KEY)
    assert holder_method(create_did_jwk(KEY)) == create_did_jwk(KEY) + "#0"


def test_a_did_jwk_may_be_written_in_other_ways_and_is_another_name_then() -> None:
    jwk = dict(reversed((KEY.to_jwk() | {"use": "sig"}).items()))
    did = "did:jwk:" + base64url_encode(compact_json(jwk))
    assert parse_holder_did(did) == HolderKey(KEY, did)
    assert did != create_did_jwk(KEY)


def jwk_did(**members: Any) -> str:
    """A did:jwk of the key with other members."""
    return "did:jwk:" + base64url_encode(compact_json(KEY.to_jwk() | members))


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        "",
        "did:key:",
        "did:key:z6Mk",
        "did:jwk:e30",
        "did:web:holder.test",
        "did:ethr:0x539:0x1111111111111111111111111111111111111111",
        jwk_did(use="enc"),
        jwk_did(d="AAAA"),
        jwk_did(kty="oct"),
        jwk_did(padding="x" * 2000),
        create_did_key(SECP256K1),
        create_did_key(KEY) + "#x",
    ],
)
def test_what_is_no_holder(value: Any) -> None:
    with pytest.raises(KeyFormatError):
        parse_holder_did(value)


@pytest.mark.parametrize(
    "value",
    [None, "", create_did_key(KEY), create_did_key(KEY) + "#0", create_did_jwk(KEY) + "#1", did_key_method(KEY) + "#"],
)
def test_what_is_not_the_key_of_a_holder(value: Any) -> None:
    with pytest.raises(KeyFormatError):
        parse_holder_method(value)
