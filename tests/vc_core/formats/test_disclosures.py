"""Selective disclosure: the reference implementation's test cases, every refusal that RFC 9901 demands, and subsets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import PublicKey
from vc_core.encoding import base64url_encode, compact_json
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.disclosures import create_disclosure, disclose_claims, disclosure_digest, parse_disclosure

CASES = sorted((Path(__file__).parents[2] / "vectors" / "sd-jwt" / "testcases").iterdir())
REFERENCE_ISSUER = PublicKey.from_jwk(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
    }
)
SALT = "c2FsdC1vZi0xMjgtYml0cw"


def _disclose(sd_jwt: str) -> dict[str, Any]:
    """The claims of a reference test case, its signature checked; a key binding JWT is passed over."""
    issuer_jwt, *disclosures, _ = sd_jwt.split("~")
    return disclose_claims(parse_jws(issuer_jwt, typ="example+sd-jwt").verify(REFERENCE_ISSUER), disclosures)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_reference_case_as_presented(case: Path) -> None:
    expected = json.loads((case / "verified_contents.json").read_text("utf-8"))
    assert _disclose((case / "sd_jwt_presentation.txt").read_text("utf-8")) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_reference_case_as_issued(case: Path) -> None:
    disclosed = _disclose((case / "sd_jwt_issuance.txt").read_text("utf-8"))
    expected = json.loads((case / "user_claims.json").read_text("utf-8"))
    assert {name: disclosed[name] for name in expected} == expected
    assert disclosed.keys() - expected.keys() <= {"iss", "iat", "exp", "cnf"}


def test_example_of_the_specification() -> None:
    # RFC 9901 sections 4.2.1 and 4.2.3.
    disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert parse_disclosure(disclosure) == ["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]
    assert disclosure_digest(disclosure) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def _member(name: Any, value: Any = 1, salt: Any = SALT) -> str:
    return base64url_encode(compact_json([salt, name, value]))


def _element(value: Any) -> str:
    return base64url_encode(compact_json([SALT, value]))


def _nested(depth: int) -> list[str]:
    """Disclosures each inside the one before it, the outermost first."""
    disclosures = [_member("a")]
    for _ in range(depth):
        disclosures.insert(0, _member("a", {"_sd": [disclosure_digest(disclosures[0])]}))
    return disclosures


def _nested_lists(depth: int) -> list[str]:
    """As `_nested`, of elements of arrays in arrays."""
    disclosures = [_element("e")]
    for _ in range(depth):
        disclosures.insert(0, _element([[{"...": disclosure_digest(disclosures[0])}]]))
    return disclosures


_LISTS = _nested_lists(100)
_A, _B, _E = _member("a"), _member("b"), _element("e")
_DIGEST_A, _DIGEST_B, _DIGEST_E = map(disclosure_digest, (_A, _B, _E))

REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "weak _sd_alg": ({"_sd_alg": "sha-1", "_sd": [_DIGEST_A]}, [_A]),
    "stronger _sd_alg": ({"_sd_alg": "sha-512", "_sd": [_DIGEST_A]}, [_A]),
    "_sd_alg in another spelling": ({"_sd_alg": "SHA-256", "_sd": [_DIGEST_A]}, [_A]),
    "_sd_alg null": ({"_sd_alg": None, "_sd": [_DIGEST_A]}, [_A]),
    "_sd_alg in a list": ({"_sd_alg": ["sha-256"], "_sd": [_DIGEST_A]}, [_A]),
    "_sd as text": ({"_sd": _DIGEST_A}, [_A]),
    "_sd as an object": ({"_sd": {"0": _DIGEST_A}}, [_A]),
    "_sd null": ({"_sd": None}, []),
    "_sd of numbers": ({"_sd": [1]}, []),
    "_sd of lists": ({"_sd": [[_DIGEST_A]]}, []),
    "_sd inside that is no list": ({"inside": {"_sd": 1}}, []),
    "digest twice in one list": ({"_sd": [_DIGEST_A, _DIGEST_A]}, [_A]),
    "digest twice, not disclosed": ({"_sd": [_DIGEST_A, _DIGEST_A]}, []),
    "digest twice in two places": ({"_sd": [_DIGEST_A], "inside": {"_sd": [_DIGEST_A]}}, [_A]),
    "digest twice in an array": ({"list": [{"...": _DIGEST_E}, {"...": _DIGEST_E}]}, [_E]),
    "digest of a member and an element": ({"_sd": [_DIGEST_E], "list": [{"...": _DIGEST_E}]}, []),
    "digest once plain, once in a disclosure": (
        {"_sd": [_DIGEST_A, disclosure_digest(_member("c", {"_sd": [_DIGEST_A]}))]},
        [_member("c", {"_sd": [_DIGEST_A]})],
    ),
    "disclosure twice": ({"_sd": [_DIGEST_A]}, [_A, _A]),
    "disclosure that nothing refers to": ({"_sd": [_DIGEST_A]}, [_A, _B]),
    "disclosure without any digests": ({}, [_A]),
    "disclosure whose parent is withheld": (
        {"_sd": [disclosure_digest(_member("c", {"_sd": [_DIGEST_A]}))]},
        [_A],
    ),
    "element's disclosure for a member": ({"_sd": [_DIGEST_E]}, [_E]),
    "member's disclosure for an element": ({"list": [{"...": _DIGEST_A}]}, [_A]),
    "digest of an element as a number": ({"list": [{"...": 1}]}, []),
    "more beside an element's digest": ({"list": [{"...": _DIGEST_E, "a": 1}]}, [_E]),
    "element's digest outside an array": ({"...": _DIGEST_E}, [_E]),
    "element's digest in an object": ({"inside": {"...": _DIGEST_E}}, [_E]),
    "element's digest in an object of a disclosure": (
        {"_sd": [disclosure_digest(_member("c", {"...": _DIGEST_E}))]},
        [_member("c", {"...": _DIGEST_E}), _E],
    ),
    "claim there already": ({"a": 0, "_sd": [_DIGEST_A]}, [_A]),
    "claim disclosed twice": (
        {"_sd": [_DIGEST_A, disclosure_digest(_member("a", 2))]},
        [_A, _member("a", 2)],
    ),
    "nested deeper than JSON may": ({"_sd": [disclosure_digest(_nested(100)[0])]}, _nested(100)),
    "nested arrays deeper than JSON may": ({"list": [{"...": disclosure_digest(_LISTS[0])}]}, _LISTS),
}
REFUSED |= {
    name: ({"_sd": [disclosure_digest(disclosure)]}, [disclosure])
    for name, disclosure in {
        "name _sd": _member("_sd", []),
        "name ...": _member("...", _DIGEST_A),
        "name _sd_alg": _member("_sd_alg", "sha-256"),
        "name that is a number": _member(1),
        "name that is null": _member(None),
        "name that is a list": _member(["a"]),
        "salt that is a number": _member("a", 1, salt=1),
        "disclosure of one": base64url_encode(compact_json([SALT])),
        "disclosure of four": base64url_encode(compact_json([SALT, "a", 1, 2])),
        "disclosure of none": base64url_encode(b"[]"),
        "disclosure that is an object": base64url_encode(b'{"a":1}'),
        "disclosure that is text": base64url_encode(b'"abc"'),
        "disclosure that is not JSON": base64url_encode(b"[1,"),
        "disclosure not in UTF-8": base64url_encode(b'["s","a","\xff"]'),
        "disclosure with NaN": base64url_encode(b'["s","a",NaN]'),
        "disclosure with a member twice": base64url_encode(b'["s","a",{"b":1,"b":2}]'),
        "disclosure with padding": _A + "=" * (-len(_A) % 4 or 4),
        "disclosure with stray bits": base64url_encode(b'["salt","a",1]')[:-1] + "1",
        "disclosure of nothing": "",
    }.items()
}


@pytest.mark.parametrize(("payload", "disclosures"), REFUSED.values(), ids=REFUSED.keys())
def test_what_must_be_refused_is(payload: dict[str, Any], disclosures: list[str]) -> None:
    with pytest.raises(Rejection) as refusal:
        disclose_claims(payload, disclosures)
    assert refusal.value.code is ReasonCode.MALFORMED


@pytest.mark.parametrize("text", ["ไทย", "a\x00", "a b", "\ud800", "🙂"])
def test_disclosure_in_other_characters_is_refused(text: str) -> None:
    with pytest.raises(Rejection):
        disclose_claims({"_sd": [_DIGEST_A]}, [text])


def test_algorithm_may_be_left_out() -> None:
    assert disclose_claims({"_sd": [_DIGEST_A]}, [_A]) == {"a": 1}


def test_decoys_and_what_is_withheld_vanish_without_a_trace() -> None:
    payload = {"_sd": ["decoy", _DIGEST_A], "list": [1, {"...": "decoy too"}, 2], "inside": {"_sd": ["a third"]}}
    assert disclose_claims(payload, []) == {"list": [1, 2], "inside": {}}


def test_nesting_as_deep_as_json_may_be_is_disclosed() -> None:
    disclosures = _nested(30)
    disclosed = disclose_claims({"_sd": [disclosure_digest(disclosures[0])]}, disclosures)
    for _ in range(30):
        disclosed = disclosed["a"]
    assert disclosed == {"a": 1}


def test_the_payload_is_left_as_it_was() -> None:
    payload = {"_sd": [_DIGEST_A], "_sd_alg": "sha-256", "inside": {"_sd": [_DIGEST_B]}}
    before = json.dumps(payload)
    disclose_claims(payload, [_A, _B])
    assert json.dumps(payload) == before


_NAMES = st.text(min_size=1, max_size=10).filter(lambda name: name not in {"_sd", "_sd_alg", "..."})
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.dictionaries(_NAMES, _VALUES, max_size=6), st.sets(st.integers(0, 5)), st.randoms())
def test_any_subset_is_disclosed_in_any_order(claims: dict[str, Any], chosen: set[int], order: Any) -> None:
    disclosures = {name: create_disclosure(bytes(16), name, value) for name, value in claims.items()}
    shown = [name for number, name in enumerate(claims) if number in chosen]
    presented = [disclosures[name] for name in shown]
    order.shuffle(presented)
    payload = {"_sd": sorted(map(disclosure_digest, disclosures.values())), "_sd_alg": "sha-256"}
    assert disclose_claims(payload, presented) == {name: claims[name] for name in shown}


_HOSTILE = st.recursive(
    st.none() | st.integers(0, 2) | st.sampled_from([_DIGEST_A, _DIGEST_B, _DIGEST_E, "sha-256"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["_sd", "...", "_sd_alg", "a", "b"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["_sd", "...", "_sd_alg", "a", "c"]), _HOSTILE),
    st.lists(st.sampled_from([_A, _B, _E, _member("c", {"_sd": [_DIGEST_B]}), "AAAA"]), max_size=3),
)
def test_whatever_comes_is_disclosed_or_refused(payload: dict[str, Any], disclosures: list[str]) -> None:
    try:
        disclosed = disclose_claims(payload, disclosures)
    except Rejection:
        return
    assert '"_sd"' not in json.dumps(disclosed)
    assert '"..."' not in json.dumps(disclosed)
