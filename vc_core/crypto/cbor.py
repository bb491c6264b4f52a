"""CBOR (RFC 8949) as signed data needs it: one encoding for each value, and few kinds of values.

A reader that takes whatever is well-formed takes several encodings of the same value, maps with a key twice, and tags
that make it build dates, big integers, patterns or cyclic structures from untrusted bytes. This one decodes within
narrow limits and then counts how many bytes the deterministic encoding (RFC 8949 section 4.2.1) of the result has. With
definite lengths, without tags, and with the keys of a map in their order, every other encoding of a value is longer
than that one: some number in it, or some length, takes more bytes than it needs. So what has that many bytes is the
deterministic encoding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cbor2

MAX_CBOR_DEPTH = 8
_ABOVE_EVERY_KEY = 2**64
_CONTAINERS = frozenset({dict, list})


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
    if _size(value) != len(data):
        raise CborError("not the deterministic encoding, or bytes after it")
    return value


def _size(value: Any) -> int:
    """The bytes of a value's deterministic encoding. Looks at exact types: to Python, 1, 1.0 and True are one."""
    kind = type(value)
    if kind is str:
        length = len(value.encode("utf-8"))
        return length + _head_size(length)
    if kind is bytes:
        return len(value) + _head_size(len(value))
    if kind is int:
        return _head_size(value if value >= 0 else ~value)
    if kind is bool:
        return 1
    if kind is dict:
        return _map_size(value)
    if kind is not list:
        raise CborError("a kind of value that we do not take")
    return _head_size(len(value)) + sum(map(_size, value))


def _map_size(value: dict[Any, Any]) -> int:
    """As `_size`; a dict has its keys in the order in which they came."""
    size, previous = _head_size(len(value)), -1
    for key, member in value.items():
        if type(key) is not int:
            raise CborError("a key of a map is not an integer")
        order = key if key >= 0 else _ABOVE_EVERY_KEY - key
        if order <= previous:
            raise CborError("a map that is not sorted")
        previous = order
        size += 1 if -25 < key < 24 else _head_size(key if key >= 0 else ~key)
        if type(member) is str:  # asked here too, since a call for each text costs more than the rest
            length = len(member.encode("utf-8"))
            size += length + (1 if length < 24 else _head_size(length))
        else:
            size += _size(member)
    return size


def _head_size(number: int) -> int:
    """The bytes of the shortest head with this number, which is a value's amount or a length (section 3)."""
    if number < 24:
        return 1
    if number < 2**16:
        return 2 if number < 2**8 else 3
    return 5 if number < 2**32 else 9


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value) if min(value, default=0) >= 0 else sorted(value, key=_key_order)
        return {key: _sorted(value[key]) if type(value[key]) in _CONTAINERS else value[key] for key in keys}
    if isinstance(value, list):
        return [_sorted(item) if type(item) in _CONTAINERS else item for item in value]
    return value


def _key_order(key: int) -> int:
    """Sorts as the encodings of integers do bytewise: 0, 1, 2 and so on, then -1, -2, -3 and so on."""
    return key if key >= 0 else _ABOVE_EVERY_KEY - key
