"""CBOR Web Tokens (RFC 8392), strict: the claims that our messages have, and readers that take one form of each.

Every map has exactly the members that its reader names, so nobody can say more in a message than its format says.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from vc_core.crypto.cbor import decode_cbor
from vc_core.crypto.cose import TYP, UnverifiedSign1, from_cose_key
from vc_core.crypto.keys import Algorithm, PublicKey
from vc_core.formats.credential import MAX_TIME, SignedBytes

ISS, AUD, EXP, NBF, IAT, CNF, NONCE = 1, 3, 4, 5, 6, 8, 10
"""Claims: RFC 8392 section 3.1, RFC 8747 section 3.1 (cnf), RFC 9711 section 4.1 (nonce)."""


class Malformed(ValueError):
    """What is wrong with a message, for whoever reads the chain of causes."""


def expect_members(value: Any, required: AbstractSet[int], *, optional: AbstractSet[int] = frozenset()) -> None:
    """Returns where the value is a map with these members; raises `Malformed`, as all that follow do."""
    if not isinstance(value, dict) or not required <= value.keys() <= required | optional:
        raise Malformed("a map with a member missing or one too many")


def expect_typ(message: UnverifiedSign1, typ: int) -> None:
    """So that one kind of signed message never passes for another (RFC 8725 section 3.11)."""
    if type(message.protected[TYP]) is not int or message.protected[TYP] != typ:
        raise Malformed("a message of another type")


def parse_map(data: bytes) -> dict[int, Any]:
    """A payload."""
    value = decode_cbor(data)
    if not isinstance(value, dict):
        raise Malformed("a payload that is not a map")
    return value


def expect_integer(value: Any, maximum: int) -> int:
    """A whole number from 0."""
    if type(value) is not int or not 0 <= value <= maximum:
        raise Malformed("not an integer within its limits")
    return value


def expect_time(value: Any) -> int:
    """Seconds since 1970."""
    return expect_integer(value, MAX_TIME)


def expect_text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise Malformed("not a text, or an empty one")
    return value


def expect_bytes(value: Any, *, length: int | None = None) -> bytes:
    """A byte string that is not empty, of that length if one is given."""
    if not isinstance(value, bytes) or not value or len(value) != (length or len(value)):
        raise Malformed("not a byte string, or an empty one, or of another length")
    return value


def expect_p256_key(value: Any) -> PublicKey:
    """A COSE_Key on P-256."""
    key = from_cose_key(value)
    if key.algorithm is not Algorithm.ES256:
        raise Malformed("a key that is not P-256")
    return key


def signed_bytes(message: UnverifiedSign1) -> SignedBytes:
    """What was signed, and the signature."""
    return SignedBytes(message.algorithm, message.message, message.signature)
