"""The examples of RFC 9901 (`tests/vectors/sd-jwt/rfc9901.json`): read to the same claims, made anew."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.vc_core.formats.test_disclosures import CASES, REFERENCE_ISSUER
from vc_core.crypto.jose import parse_jws
from vc_core.crypto.keys import PublicKey
from vc_core.encoding import base64url_decode, base64url_encode
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.concealment import Path as ClaimPath
from vc_core.formats.concealment import conceal, select_disclosures
from vc_core.formats.disclosures import disclose_claims, parse_disclosure
from vc_core.formats.presentation import parse_credential, parse_presentation

VECTORS = Path(__file__).parents[2] / "vectors" / "sd-jwt"
EXAMPLES = json.loads((VECTORS / "rfc9901.json").read_text("utf-8"))
SIGNED = {each["section"]: each for each in EXAMPLES["signed"]}
UNSIGNED = {each["section"]: each for each in EXAMPLES["unsigned"]}


@pytest.mark.parametrize("example", SIGNED.values(), ids=SIGNED)
def test_signed_example_has_the_claims_that_it_says(example: dict[str, Any]) -> None:
    issuer_jwt, *disclosures, _ = example["sd_jwt"].split("~")
    payload = parse_jws(issuer_jwt, typ="example+sd-jwt").verify(REFERENCE_ISSUER)
    assert disclose_claims(payload, disclosures) == example["claims"]


@pytest.mark.parametrize("example", UNSIGNED.values(), ids=UNSIGNED)
def test_unsigned_example_has_the_claims_that_it_says(example: dict[str, Any]) -> None:
    assert disclose_claims(example["payload"], example["disclosures"]) == example["claims"]


def test_key_binding_of_the_example_is_the_holder_s_over_what_is_shown() -> None:
    example = SIGNED["5.2"]
    holder = PublicKey.from_jwk(example["claims"]["cnf"]["jwk"])
    claims = parse_jws(example["kb_jwt"], typ="kb+jwt").verify(holder)
    assert claims == example["kb_claims"]
    assert claims["sd_hash"] == base64url_encode(hashlib.sha256(example["sd_jwt"].encode()).digest())


def test_holder_of_the_first_example_selects_what_the_second_shows() -> None:
    issuer_jwt, *disclosures, _ = SIGNED["5.1"]["sd_jwt"].split("~")
    payload = parse_jws(issuer_jwt, typ="example+sd-jwt").payload
    selected = select_disclosures(
        payload, disclosures, [("family_name",), ("address",), ("given_name",), ("nationalities", 0)]
    )
    assert set(selected) == set(SIGNED["5.2"]["sd_jwt"].split("~")[1:-1])


@pytest.mark.parametrize(
    ("section", "hidden"),
    [
        ("6.2", [("address", name) for name in ("street_address", "locality", "region")]),
        ("6.3", [("address",), *(("address", n) for n in ("street_address", "locality", "region", "country"))]),
    ],
)
def test_issuer_makes_the_same_form_from_the_claims_and_paths(section: str, hidden: list[ClaimPath]) -> None:
    example = UNSIGNED[section]
    payload, disclosures = conceal(example["claims"], hidden, randomness=_Salts(example["disclosures"]))
    assert [_form(each) for each in disclosures] == [_form(each) for each in example["disclosures"]]
    assert disclose_claims(payload, disclosures) == example["claims"]
    assert payload.keys() == example["payload"].keys() - {"_sd_alg"}


class _Salts:
    """The salts of the example, in its order."""

    def __init__(self, disclosures: list[str]) -> None:
        self._salts = [base64url_decode(parse_disclosure(each)[0]) for each in disclosures]

    def __call__(self, length: int) -> bytes:
        salt = self._salts.pop(0)
        assert len(salt) == length
        return salt


def _form(disclosure: str) -> tuple[str, str, str]:
    """Salt, name, and kind of value: the digests inside differ, since the RFC's JSON has spaces."""
    salt, name, value = parse_disclosure(disclosure)
    return salt, name, value if isinstance(value, str) else "object"


@pytest.mark.parametrize("indent", [None, 2])
def test_json_serialisation_is_refused_as_no_credential(indent: int | None) -> None:
    text = json.dumps(EXAMPLES["json_serialization"], indent=indent)
    cases = [(VECTORS / f"{name}_presentation.json").read_text("utf-8") for name in ("flattened", "general")]
    for each in (text, *cases):
        for parse in (parse_presentation, parse_credential):
            with pytest.raises(Rejection) as refusal:
                parse(each)
            assert refusal.value.code is ReasonCode.NOT_A_CREDENTIAL


def test_every_compact_test_case_of_the_reference_implementation_is_here() -> None:
    assert len(CASES) == 15
