"""The quick readers against slow and obvious ones: the same values, and the same refusals."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vc_core.encoding import (
    MAX_JSON_DEPTH,
    EncodingError,
    base64url_decode,
    base64url_encode,
    base64url_encode_lines,
    compact_json,
    parse_json,
    parse_json_arrays,
    parse_json_object,
    parse_json_strictly,
)

NUMBERS = st.integers() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
STYLES: list[dict[str, Any]] = [
    {"separators": (",", ":"), "ensure_ascii": False},
    {"separators": (",", ":")},
    {"ensure_ascii": False},
    {"indent": 1},
]
PIECES = ["{", "}", "[", "]", ",", ":", '"', "\\", "\\u", "d800", "dc00", "a", "é", "\x00", "\x7f", "\ufeff", " ", "\n"]
PIECES += ['"a":', '"b":1', "0", "1", "-", ".", "e", "E9", "1e999", "9" * 25, "true", "null", "NaN", "Infinity", "1.0"]
HOSTILE = [
    '{"a":1,"a":1}',
    '{"a":{"b":1,"b":2}}',
    '[{"a":1,"\\u0061":2}]',
    "NaN",
    "[-Infinity]",
    "1e999",
    "[1e999]",
    '"\\ud800"',
    '{"\\udfff":1}',
    "-0",
    "-0.0",
    "1E5",
    "01",
    "123456789012345678901234567890",
    "18446744073709551616",
    "-9223372036854775809",
    "1.0000000000000000000000001",
    '"\x00"',
    '"\x7f"',
    "\ufeff1",
    "[1,]",
    "",
    " ",
    "[" * (MAX_JSON_DEPTH + 1) + "]" * (MAX_JSON_DEPTH + 1),
    "[" * (MAX_JSON_DEPTH + 2) + "]" * (MAX_JSON_DEPTH + 2),
    "[" * 10_000 + "]" * 10_000,
    '{"a":' * 10_000 + "1" + "}" * 10_000,
]


def _outcome(read: Any, text: Any) -> str:
    """What reading gives, its types and order told apart; the kind of error where it gives none."""
    try:
        return repr(read(text))
    except EncodingError:
        return "refused"


@given(VALUES, st.sampled_from(STYLES))
def test_the_quick_reader_reads_what_the_strict_one_reads(value: Any, style: dict[str, Any]) -> None:
    text = json.dumps(value, **style)
    assert _outcome(parse_json, text) == _outcome(parse_json_strictly, text)
    assert _outcome(parse_json, text.encode()) == repr(value)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_the_quick_reader_refuses_what_the_strict_one_refuses(text: str) -> None:
    assert _outcome(parse_json, text) == _outcome(parse_json_strictly, text)


@given(VALUES, st.data())
def test_a_text_with_one_change_reads_alike(value: Any, data: st.DataObject) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    place = data.draw(st.integers(0, len(text)))
    text = text[:place] + data.draw(st.sampled_from([*PIECES, ""])) + text[place + data.draw(st.integers(0, 1)) :]
    assert _outcome(parse_json, text) == _outcome(parse_json_strictly, text)


@given(st.binary(max_size=40))
@example(b'"\xed\xa0\x80"')
@example(b'"\xc0\xaf"')
@example(b"\xef\xbb\xbf1")
def test_bytes_that_are_no_text_are_refused_alike(data: bytes) -> None:
    assert _outcome(parse_json, data) == _outcome(parse_json_strictly, data)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:24])
def test_a_hostile_text_reads_alike(text: str) -> None:
    assert _outcome(parse_json, text) == _outcome(parse_json_strictly, text)


def test_an_object_is_asked_for() -> None:
    with pytest.raises(EncodingError):
        parse_json_object("[1]")


@given(VALUES)
def test_what_is_written_reads_as_the_same(value: Any) -> None:
    assert repr(parse_json_strictly(compact_json(value))) == repr(value)


@given(st.text() | st.dictionaries(st.text(), st.integers(-(2**63), 2**63) | st.text() | st.none()))
def test_what_is_written_is_what_python_writes(value: Any) -> None:
    expected = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert compact_json(value) == expected.encode("utf-8")


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": -float("inf")}, "\ud800", object(), {1, 2}])
def test_what_is_no_json_is_not_written(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        compact_json(value)


BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _base64url_decode_slowly(text: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise EncodingError("not base64url")
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise EncodingError("stray bits")
    return data


@given(st.text(st.sampled_from(BASE64URL)) | st.text(st.sampled_from(BASE64URL + "+/=*. \n~é\ud800\x00")) | st.text())
@example("QR")
@example("QQ==")
@example("QQQQQ")
@example("Q+Q/")
@example("QQQQ\n")
@example("====")
def test_base64url_is_read_as_by_the_slow_reader(text: str) -> None:
    assert _outcome(base64url_decode, text) == _outcome(_base64url_decode_slowly, text)
    raw = text.encode("utf-8", "surrogatepass")
    assert _outcome(base64url_decode, raw) == _outcome(_base64url_decode_slowly, text)


@pytest.mark.parametrize("value", [[], {}, [1, 2, 3, 4], {"a": 1}, 5, None, ()], ids=repr)
def test_what_is_no_text_is_no_base64url(value: Any) -> None:
    """As JSON may have in a text's place; whoever reads a JWK catches this one."""
    with pytest.raises(TypeError):
        base64url_decode(value)


@given(st.binary())
def test_base64url_is_written_as_python_writes_it(data: bytes) -> None:
    assert base64url_encode(data) == urlsafe_b64encode(data).rstrip(b"=").decode()
    assert base64url_decode(base64url_encode(data)) == data


@given(st.lists(st.binary()))
def test_many_texts_in_base64url_are_those_of_each(data: list[bytes]) -> None:
    assert base64url_encode_lines(data) == b"".join([base64url_encode(each).encode() + b"\n" for each in data])


ARRAYS = st.lists(VALUES, max_size=3).map(compact_json)


@given(st.lists(ARRAYS | st.lists(st.sampled_from(PIECES)).map(lambda pieces: "".join(pieces).encode())))
@example([b"[1],[2", b"3]"])
@example([b'["a","]', b'[",1]', b'["x"],["y"]'])
@example([b"[" * MAX_JSON_DEPTH + b"]" * MAX_JSON_DEPTH, b"[]"])
@example([b"[1]]", b"[[2]"])
@example([b"[1] ", b"[2]"])
@example([b"", b"[2]"])
def test_many_arrays_are_read_as_each_alone(texts: list[bytes]) -> None:
    each = [_outcome(parse_json_strictly, text) for text in texts]
    assert _outcome(parse_json_arrays, texts) == ("refused" if "refused" in each else f"[{', '.join(each)}]")


@pytest.mark.parametrize("text", ['"\ud800"', '{"\udfff":1}', '"\\ud800"', '{"a":"\udcff"} '], ids=ascii)
def test_a_lone_surrogate_is_no_text(text: str) -> None:
    for read in (parse_json, parse_json_strictly):
        with pytest.raises(EncodingError):
            read(text)
