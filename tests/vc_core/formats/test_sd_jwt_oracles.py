"""Our reading of SD-JWTs against two others', `sd-jwt` (the reference implementation) and `openvc-core`.

What we take, both take, and come to the same claims. What we refuse, they refuse too, but for the faults that are
listed here, each with the input that shows it: should a new version mend one, its test fails and the line goes.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from openvc.errors import OpenvcError
from openvc.keys import P256SigningKey
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from sd_jwt.common import SDObj
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from tests.support.verification import AUDIENCE, HOLDER, ISSUER, NONCE, CountedBytes, issue_coverage, present
from vc_core.crypto.jose import parse_jws, sign_jws
from vc_core.encoding import base64url_encode, compact_json
from vc_core.errors import Rejection
from vc_core.formats.concealment import Path, conceal, select_disclosures
from vc_core.formats.disclosures import disclose_claims, disclosure_digest
from vc_core.formats.sd_jwt import parse_sd_jwt_presentation

# The oracles go by the clock on the wall.
BEGIN, END = 1_700_000_000, 4_000_000_000
ISSUER_JWK = ISSUER.public_key.to_jwk()
HEADER = {"typ": "dc+sd-jwt", "kid": "key"}
BASE = {"iss": "https://issuer.example", "vct": "urn:example:1", "iat": BEGIN, "exp": END}

Reading = Callable[[str], dict[str, Any]]


class Refused(Exception):
    """An implementation did not take the SD-JWT."""


def ours(text: str) -> dict[str, Any]:
    issuer_jwt, *disclosures, _ = text.split("~")
    try:
        return disclose_claims(parse_jws(issuer_jwt, typ="dc+sd-jwt").verify(ISSUER.public_key), disclosures)
    except (Rejection, ValueError) as cause:
        raise Refused from cause


def reference(text: str) -> dict[str, Any]:
    """`sd-jwt`, which leaves out of its exceptions what Python raises by itself on hostile input."""
    try:
        key = JWK.from_json(json.dumps(ISSUER_JWK))
        return dict(SDJWTVerifier(text, lambda _issuer, _header: key).get_verified_payload())
    except (ValueError, TypeError, KeyError, JWException) as cause:
        raise Refused from cause


def openvc(text: str) -> dict[str, Any]:
    try:
        return dict(SdJwtVcProofSuite().verify(text, public_key_jwk=ISSUER_JWK).claims)
    except OpenvcError as cause:
        raise Refused from cause


ORACLES: dict[str, Reading] = {"sd-jwt": reference, "openvc-core": openvc}


def _takes(reading: Reading, text: str) -> bool:
    try:
        reading(text)
    except Refused:
        return False
    return True


def _signed(payload: dict[str, Any], disclosures: Sequence[str] = ()) -> str:
    return "~".join([sign_jws(HEADER, {**BASE, "_sd_alg": "sha-256", **payload}, ISSUER), *disclosures, ""])


_NAMES = st.sampled_from(["a", "b", "c"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=10,
)


def _places(node: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps: Any = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [each for step in steps for each in ((*place, step), *_places(node[step], (*place, step)))]


@st.composite
def sd_jwts(draw: st.DrawFn) -> tuple[dict[str, Any], list[str], list[str]]:
    """A payload with digests, all its disclosures, and those of them that a holder shows."""
    claims = {"data": draw(st.dictionaries(_NAMES, _VALUES, min_size=1, max_size=3))}
    places = _places(claims)
    hidden = draw(st.lists(st.sampled_from(places), unique=True))
    decoys: dict[Path, int] = {("data",): draw(st.integers(0, 2))} if ("data",) not in hidden else {}
    payload, disclosures = conceal(claims, hidden, randomness=CountedBytes(), decoys=decoys)
    shown = select_disclosures(payload, disclosures, draw(st.lists(st.sampled_from(places))))
    return payload, disclosures, draw(st.permutations(shown))


@settings(deadline=None, max_examples=60)
@given(sd_jwts())
def test_what_a_holder_shows_is_the_same_to_all(made: tuple[dict[str, Any], list[str], list[str]]) -> None:
    payload, _, shown = made
    text = _signed(payload, shown)
    expected = ours(text)
    for name, oracle in ORACLES.items():
        assert oracle(text) == expected, name


@settings(deadline=None, max_examples=60)
@given(sd_jwts(), st.data())
def test_whatever_is_left_out_added_or_doubled_is_judged_alike(
    made: tuple[dict[str, Any], list[str], list[str]], data: st.DataObject
) -> None:
    payload, disclosures, _ = made
    foreign = base64url_encode(compact_json(["c2FsdA", "z", 1]))
    chosen = data.draw(st.lists(st.sampled_from([*disclosures, foreign]), max_size=6))
    text = _signed(payload, chosen)
    if _takes(ours, text):
        assert reference(text) == openvc(text) == ours(text)
        return
    assert not _takes(openvc, text)
    # The reference implementation takes what nothing refers to; only doubled ones it refuses.
    assert _takes(reference, text) == (len(set(chosen)) == len(chosen))


def _member(name: Any, value: Any = 1, salt: Any = "c2FsdC1vZi0xMjgtYml0cw") -> str:
    return base64url_encode(compact_json([salt, name, value]))


def _element(value: Any) -> str:
    return base64url_encode(compact_json(["c2FsdC1vZi0xMjgtYml0cw", value]))


def _hides(*disclosures: str, **more: Any) -> str:
    return _signed({"_sd": [disclosure_digest(each) for each in disclosures], **more}, disclosures)


@dataclass(frozen=True)
class Fault:
    """An SD-JWT that RFC 9901, or an RFC that it builds on, refuses; and which of the oracles take it."""

    text: str
    taken_by: frozenset[str] = frozenset()


_A, _E = _member("a"), _element("e")
_DIGEST_E = disclosure_digest(_E)
_STRAY = _member("stray")
_PADDED = _A + "=" * (-len(_A) % 4 or 4)
_TWICE = base64url_encode(b'["c2FsdA","a",{"b":1,"b":2}]')
_NAN = base64url_encode(b'["c2FsdA","a",NaN]')
_REFERENCE = frozenset({"sd-jwt"})
_BOTH = frozenset(ORACLES)

FAULTS = {
    "a disclosure that nothing refers to (7.1, 5)": Fault(_signed({}, [_STRAY]), _REFERENCE),
    "a disclosure whose parent is withheld (7.1, 5)": Fault(
        _signed({"_sd": [disclosure_digest(_member("c", {"_sd": [disclosure_digest(_A)]}))]}, [_A]), _REFERENCE
    ),
    "an element's digest twice (7.1, 4)": Fault(
        _signed({"list": [{"...": _DIGEST_E}, {"...": _DIGEST_E}]}, [_E]), _REFERENCE
    ),
    "a digest for a member and an element (7.1, 4)": Fault(
        _signed({"_sd": [_DIGEST_E], "list": [{"...": _DIGEST_E}]}), _REFERENCE
    ),
    "a claim named _sd (7.1, 3.3.2.2)": Fault(_hides(_member("_sd", "x")), _REFERENCE),
    "a claim named ... (7.1, 3.3.2.2)": Fault(_hides(_member("...", "x")), _REFERENCE),
    "an element's digest outside an array (4.1)": Fault(_signed({"...": _DIGEST_E}), _REFERENCE),
    "_sd that is text (4.2.4.1)": Fault(_signed({"_sd": "abc"}), _REFERENCE),
    "an expired SD-JWT (7.1, 6)": Fault(_signed({"exp": BEGIN + 1}), _REFERENCE),
    "an SD-JWT that is not valid yet (7.1, 6)": Fault(_signed({"nbf": END}), _REFERENCE),
    "a disclosure with padding (RFC 7515, 2)": Fault(_hides(_PADDED), _BOTH),
    "a member twice in a disclosure (RFC 8259, 4)": Fault(_hides(_TWICE), _BOTH),
    "a value that is no JSON (RFC 8259, 6)": Fault(_hides(_NAN), _BOTH),
    "a salt that is no text (4.2.1)": Fault(_hides(_member("a", salt=1)), _BOTH),
    "more beside an element's digest (4.2.4.2)": Fault(_signed({"list": [{"...": _DIGEST_E, "a": 1}]}), _REFERENCE),
    "another digest algorithm (4.1.1)": Fault(_signed({"_sd_alg": "md5"})),
    "a digest twice in _sd (7.1, 4)": Fault(_signed({"_sd": [_DIGEST_E, _DIGEST_E]})),
    "a claim that is there already (7.1, 3.3.2.3)": Fault(_hides(_A, a=0)),
    "a member's disclosure for an element (7.1, 3.3.3.1)": Fault(
        _signed({"list": [{"...": disclosure_digest(_A)}]}, [_A])
    ),
    "an element's disclosure for a member (7.1, 3.3.2.1)": Fault(_hides(_E)),
    "a disclosure twice": Fault(_signed({"_sd": [disclosure_digest(_A)]}, [_A, _A])),
    "alg none": Fault(f"{base64url_encode(b'{}')}.{base64url_encode(b'{}')}.~"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_fault_is_refused_by_us_and_taken_by_exactly_these(fault: Fault) -> None:
    assert frozenset(name for name, oracle in ORACLES.items() if _takes(oracle, fault.text)) == fault.taken_by


@pytest.mark.parametrize("name", [name for name in FAULTS if "valid yet" not in name and "expired" not in name])
def test_fault_is_refused_by_us(name: str) -> None:
    """But for validity, which is step 6 of the procedure: `test_sd_jwt_faults.py` has these."""
    assert not _takes(ours, FAULTS[name].text)


def test_reference_implementation_takes_more_than_eight_that_the_rfc_refuses() -> None:
    assert sum("sd-jwt" in fault.taken_by for fault in FAULTS.values()) >= 8


def test_presentation_of_ours_is_good_to_openvc() -> None:
    issued = issue_coverage(issued_at=BEGIN, expires_at=END)
    presented = present(issued, presented_at=BEGIN + 100)
    verified = SdJwtVcProofSuite().verify(
        presented,
        public_key_jwk=ISSUER_JWK,
        audience=AUDIENCE,
        nonce=NONCE,
        require_key_binding=True,
        now=datetime.datetime.fromtimestamp(BEGIN + 100, datetime.UTC),
    )
    assert verified.key_bound
    claims = parse_sd_jwt_presentation(presented).credential.claims
    assert {name: verified.claims[name] for name in claims} == claims


def test_presentation_of_ours_is_good_to_the_reference_implementation() -> None:
    key = JWK.from_json(json.dumps(ISSUER_JWK))
    presented = present(issue_coverage(issued_at=BEGIN, expires_at=END))
    verifier = SDJWTVerifier(presented, lambda _issuer, _header: key, expected_aud=AUDIENCE, expected_nonce=NONCE)
    claims = parse_sd_jwt_presentation(presented).credential.claims
    assert {name: verifier.get_verified_payload()[name] for name in claims} == claims


@settings(deadline=None, max_examples=30)
@given(st.dictionaries(_NAMES, _VALUES, min_size=1, max_size=3), st.booleans())
def test_what_the_reference_implementation_issues_is_read_by_us(claims: dict[str, Any], decoys: bool) -> None:
    private = json.dumps({**ISSUER_JWK, "d": base64url_encode(ISSUER.to_bytes())})
    hidden = {**BASE, **{SDObj(name): _hidden_elements(value) for name, value in claims.items()}}
    issuer = SDJWTIssuer(
        hidden, JWK.from_json(private), add_decoy_claims=decoys, extra_header_parameters={"typ": "dc+sd-jwt"}
    )
    assert ours(issuer.sd_jwt_issuance) == {**BASE, **claims}


def _hidden_elements(value: Any) -> Any:
    return [SDObj(each) for each in value] if isinstance(value, list) and _hashable(value) else value


def _hashable(values: list[Any]) -> bool:
    return not any(isinstance(each, list | dict) for each in values)


@settings(deadline=None, max_examples=30)
@given(st.dictionaries(_NAMES, _VALUES, min_size=1, max_size=3), st.integers(0, 3))
def test_what_openvc_issues_is_read_by_us(claims: dict[str, Any], decoys: int) -> None:
    key = P256SigningKey.from_jwk({**ISSUER_JWK, "d": base64url_encode(ISSUER.to_bytes())}, "key")
    issued = SdJwtVcProofSuite().issue(
        {**BASE, **claims},
        signing_key=key,
        disclosable=list(claims),
        holder_jwk=HOLDER.public_key.to_jwk(),
        decoys=decoys,
    )
    assert ours(issued) == {**BASE, **claims, "cnf": {"jwk": HOLDER.public_key.to_jwk()}}
