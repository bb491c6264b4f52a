"""Strict text encodings: base64url and JSON as the JOSE specifications mean them, not as Python's readers allow.

Strict reading is fast here because writing is: text that is exactly what the writer would have written for the value
read from it can hold nothing that two readers understand in two ways. So JSON is read by a quick reader that overlooks
duplicate members, and written again. Where the two texts agree, the value is the strict reader's; where they don't, the
text goes to the strict reader, since white space and escapes are allowed.
"""

import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

MAX_JSON_DEPTH = 32

_TO_URL_ALPHABET = bytes.maketrans(b"+/", b"-_")
_FROM_URL_ALPHABET = bytes.maketrans(b"-_+/=", b"+/***")
"""To base64's own alphabet; what base64url does not have becomes a character that base64 does not have either."""
_PADDING = (b"", b"=", b"==", b"")
"""What base64 has at its end and base64url has not, by how many characters are missing to a multiple of four."""
_LAST_CHARACTERS = (frozenset[int](), frozenset(b"AEIMQUYcgkosw048"), frozenset(b"AQgw"), frozenset[int]())
"""The last characters whose stray bits are zero, by the same number; three missing is no length of base64."""
_JSON_TYPES_ONLY = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


class EncodingError(ValueError):
    """The text is not of the encoding; the message says why and holds nothing of the text."""


def base64url_encode(data: bytes) -> str:
    """Bytes to base64url without padding (RFC 7515 section 2)."""
    return base64url_encode_to_bytes(data).decode("ascii")


def base64url_encode_to_bytes(data: bytes) -> bytes:
    """As `base64url_encode`, the text in ASCII, as it is hashed and signed."""
    return b2a_base64(data).translate(_TO_URL_ALPHABET, b"=\n")


def base64url_encode_lines(data: Iterable[bytes]) -> bytes:
    """As `base64url_encode` for each of them, in ASCII, a line feed behind each: few steps for many short ones."""
    return b"".join(map(b2a_base64, data)).translate(_TO_URL_ALPHABET, b"=")


def base64url_decode(text: str | bytes) -> bytes:
    """Base64url without padding to bytes; refuses other alphabets, padding, white space and non-zero trailing bits.

    Raises `EncodingError`.
    """
    try:
        # What is no text at all, such as a list in a JWK, is a TypeError of this line.
        base64 = bytes.translate(text.encode("ascii") if isinstance(text, str) else text, _FROM_URL_ALPHABET)
        missing = -len(base64) % 4
        if not missing or base64[-1] in _LAST_CHARACTERS[missing]:
            return a2b_base64(base64 + _PADDING[missing], strict_mode=True)
    except ValueError as cause:
        raise EncodingError("not base64url") from cause
    raise EncodingError("base64url with stray trailing bits, or of an impossible length")


def parse_json(text: str | bytes) -> Any:
    """JSON text to Python values; refuses duplicate members, NaN, infinities, lone surrogates and deep nesting.

    Raises `EncodingError`.
    """
    try:
        source = text.encode("utf-8") if isinstance(text, str) else text
        if source.count(b"{") + source.count(b"[") <= MAX_JSON_DEPTH:
            value = orjson.loads(source)
            if orjson.dumps(value) == source:
                return value
    except ValueError:
        pass  # the strict reader says whether anything is wrong with it
    return parse_json_strictly(text)


def parse_json_arrays(texts: Sequence[bytes]) -> list[Any]:
    """As `parse_json` for each of them, read as one where all are arrays of few containers in the shortest form."""
    joined = b"[" + b",".join(texts) + b"]"
    try:
        if joined.count(b"{") + joined.count(b"[") - len(texts) < MAX_JSON_DEPTH:
            values: list[Any] = orjson.loads(joined)
            # Compared text by text, since two texts could be one array together, and one text two arrays.
            if list(map(orjson.dumps, values)) == list(texts):
                return values
    except ValueError:
        pass
    return list(map(parse_json, texts))


def parse_json_strictly(text: str | bytes) -> Any:
    """As `parse_json`, member by member: what that one is measured by, for text that is not in the shortest form."""
    try:
        source = text.decode("utf-8") if isinstance(text, bytes) else text
        value = json.loads(
            source,
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite_float,
        )
        if "\\u" in source or isinstance(text, str):
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate fails here, escaped or not
    except EncodingError:
        raise
    except (ValueError, RecursionError) as cause:
        raise EncodingError("not JSON") from cause
    _check_depth(value, 0)
    return value


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise EncodingError("a JSON object names a member twice")
    return members


def _refuse_constant(name: str) -> Any:
    raise EncodingError("a JSON number is not finite")


def _finite_float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise EncodingError("a JSON number is not finite")
    return number


def _check_depth(value: Any, depth: int) -> None:
    if depth > MAX_JSON_DEPTH:
        raise EncodingError("JSON nested too deep")
    if isinstance(value, dict):
        for member in value.values():
            _check_depth(member, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check_depth(item, depth + 1)


def parse_json_object(text: str | bytes) -> dict[str, Any]:
    """As `parse_json`, for text that must be an object."""
    value = parse_json(text)
    if not isinstance(value, dict):
        raise EncodingError("not a JSON object")
    return value


def compact_json(value: Any) -> bytes:
    """A value as JSON in UTF-8 without white space, members in the order given; raises `ValueError` or `TypeError`."""
    try:
        text = orjson.dumps(value, option=_JSON_TYPES_ONLY)
    except TypeError:  # an integer of more than 64 bits, or what is no JSON value at all
        text = b"null"
    if b"null" not in text:  # which the quick writer also writes for a number that is not finite
        return text
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
