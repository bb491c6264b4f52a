"""Strict text encodings: base64url and JSON as the JOSE specifications mean them, not as Python's readers allow."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")
MAX_JSON_DEPTH = 32


class EncodingError(ValueError):
    """The text is not of the encoding; the message says why and holds nothing of the text."""


def base64url_encode(data: bytes) -> str:
    """Bytes to base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def base64url_decode(text: str) -> bytes:
    """Base64url without padding to bytes; refuses other alphabets, padding, white space and non-zero trailing bits.

    Raises `EncodingError`.
    """
    if not _BASE64URL.match(text) or len(text) % 4 == 1:
        raise EncodingError("not base64url")
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(text) % 4 and base64url_encode(data) != text:
        raise EncodingError("base64url with stray trailing bits")
    return data


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


def parse_json(text: str | bytes) -> Any:
    """JSON text to Python values; refuses duplicate members, NaN, infinities, lone surrogates and deep nesting.

    Raises `EncodingError`.
    """
    try:
        source = text.decode("utf-8") if isinstance(text, bytes) else text
        value = json.loads(
            source,
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite_float,
        )
        if "\\u" in source:
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # an escaped lone surrogate fails here
    except EncodingError:
        raise
    except (ValueError, RecursionError) as cause:
        raise EncodingError("not JSON") from cause
    _check_depth(value, 0)
    return value


def parse_json_object(text: str | bytes) -> dict[str, Any]:
    """As `parse_json`, for text that must be an object."""
    value = parse_json(text)
    if not isinstance(value, dict):
        raise EncodingError("not a JSON object")
    return value


def compact_json(value: Any) -> bytes:
    """A value as JSON in UTF-8 without white space, members in the order given."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
