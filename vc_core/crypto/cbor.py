"""CBOR (RFC 8949) as signed data needs it: one encoding for each value, and few kinds of values.

A reader that takes whatever is well-formed takes several encodings of the same value, maps with a key twice, and tags
that make it build dates, big integers, patterns or cyclic structures from untrusted bytes. This one decodes within
narrow limits, encodes the result again and compares: what is not byte for byte the deterministic encoding
(RFC 8949 section 4.2.1) is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cbor2

MAX_CBOR_DEPTH = 8
_KEY_TYPES = frozenset({int})
_SCALAR_TYPES = frozenset({int, str, bytes, bool})
_ABOVE_EVERY_KEY = 2**64


class CborError(ValueError):
    """The bytes are not CBOR in the one form that we take; the message says why and holds nothing of the bytes."""


class _RefuseEveryTag(dict[int, Callable[[Any, bool], Any]]):
    """Stands in for the decoder's table of tags, so that none of its own entries is reached."""

    def __missing__(self, tag: int) -> Callable[[Any, bool], Any]:
        return _refuse_tag


def _refuse_tag(*_: Any) -> Any:
    raise CborError("CBOR with a tag")


_NO_TAGS = _RefuseEveryTag()


def encode_cbor(value: Any) -> bytes:
    """Integers, byte strings, text, booleans, lists, and dicts with integers as keys, as deterministic CBOR."""
    return cbor2.dumps(_sorted(value))


def decode_cbor(data: bytes) -> Any:
    """Deterministic CBOR to integers, byte strings, text, booleans, lists, and dicts with integers as keys.

    Refuses tags, floats, null and other simple values, duplicate keys, indefinite lengths, numbers that are longer than
    need be, unsorted maps, trailing bytes and more than `MAX_CBOR_DEPTH` levels. Raises `CborError`.
    """
    try:
        value = cbor2.loads(
            data,
            tag_hook=_refuse_tag,
            semantic_decoders=_NO_TAGS,
            max_depth=MAX_CBOR_DEPTH,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
    except (cbor2.CBORError, ValueError, TypeError) as cause:
        raise CborError("not CBOR that we take") from cause
    _check(value)
    if cbor2.dumps(value) != data:
        raise CborError("not the deterministic encoding, or bytes after it")
    return value


def _check(value: Any) -> None:
    """Looks at exact types: to Python, the keys 1, 1.0 and True are one. A dict has its keys in the order they came."""
    kind = type(value)
    if kind in _SCALAR_TYPES:
        return
    if kind is dict:
        if not _KEY_TYPES.issuperset(map(type, value)):
            raise CborError("a key of a map is not an integer")
        order = [key if key >= 0 else _ABOVE_EVERY_KEY - key for key in value]
        if order != sorted(order):
            raise CborError("a map that is not sorted")
        members = value.values()
    elif kind is list:
        members = value
    else:
        raise CborError("a kind of value that we do not take")
    for member in members:
        if type(member) not in _SCALAR_TYPES:  # asked here too, since a call for each scalar costs more than the rest
            _check(member)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value, key=_key_order)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


def _key_order(key: int) -> int:
    """Sorts as the encodings of integers do bytewise: 0, 1, 2 and so on, then -1, -2, -3 and so on."""
    return key if key >= 0 else _ABOVE_EVERY_KEY - key
