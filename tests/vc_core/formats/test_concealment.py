"""Hiding claims and choosing which to show: nested, in arrays, recursive, with decoys, and back again."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.verification import ISSUER, CountedBytes
from vc_core.crypto.jose import parse_jws
from vc_core.errors import Rejection
from vc_core.formats.concealment import Path, conceal, create_sd_jwt, select_disclosures
from vc_core.formats.disclosures import disclose_claims, parse_disclosure

CLAIMS: dict[str, Any] = {
    "name": "มานี",
    "address": {"street": "12 ถนนพระราม 4", "city": "กรุงเทพฯ", "geo": {"lat": 13, "lon": 100}},
    "nationalities": ["MM", "TH", "LA"],
    "visits": [{"ward": "7", "codes": [1, 2]}, {"ward": "9", "codes": []}],
}


def _concealed(hidden: list[Path], **more: Any) -> tuple[dict[str, Any], list[str]]:
    return conceal(CLAIMS, hidden, randomness=CountedBytes(), **more)


def _shown(hidden: list[Path], shown: list[Path], **more: Any) -> dict[str, Any]:
    payload, disclosures = _concealed(hidden, **more)
    return disclose_claims(payload, select_disclosures(payload, disclosures, shown))


def test_member_inside_a_member_is_hidden_where_it_is() -> None:
    payload, [disclosure] = _concealed([("address", "city")])
    assert payload["address"].keys() == {"street", "geo", "_sd"}
    assert parse_disclosure(disclosure)[1:] == ["city", "กรุงเทพฯ"]
    assert disclose_claims(payload, []) == {
        **CLAIMS,
        "address": {"street": "12 ถนนพระราม 4", "geo": {"lat": 13, "lon": 100}},
    }


def test_elements_of_an_array_are_hidden_one_by_one() -> None:
    payload, disclosures = _concealed([("nationalities", None)])
    assert [each.keys() for each in payload["nationalities"]] == [{"..."}] * 3
    assert [parse_disclosure(each)[1] for each in disclosures] == CLAIMS["nationalities"]
    assert disclose_claims(payload, disclosures[1:]) == {**CLAIMS, "nationalities": ["TH", "LA"]}
    payload, [disclosure] = _concealed([("nationalities", 1)])
    assert payload["nationalities"][::2] == ["MM", "LA"]
    assert parse_disclosure(disclosure)[1:] == ["TH"]


def test_disclosure_inside_a_disclosure_is_only_shown_with_it() -> None:
    payload, disclosures = _concealed([("address",), ("address", "geo"), ("address", "geo", "lat")])
    assert "address" not in payload
    assert [parse_disclosure(each)[1] for each in disclosures] == ["lat", "geo", "address"]
    with pytest.raises(Rejection):
        disclose_claims(payload, disclosures[:1])
    assert disclose_claims(payload, disclosures[1:])["address"]["geo"] == {"lon": 100}


def test_every_salt_is_new_and_every_place_has_its_own() -> None:
    _, disclosures = _concealed([("visits", None), ("visits", None, "codes"), ("visits", 0, "codes", None)])
    salts = [parse_disclosure(each)[0] for each in disclosures]
    assert len(set(salts)) == len(salts) == 6


def test_decoys_stand_among_the_digests_and_disclose_nothing() -> None:
    hidden: list[Path] = [("name",), ("nationalities", None)]
    payload, disclosures = _concealed(hidden, decoys={(): 5, ("nationalities",): 4, ("address",): 2})
    assert len(payload["_sd"]) == 6
    assert payload["_sd"] == sorted(payload["_sd"])
    assert len(payload["address"]["_sd"]) == 2
    assert len(payload["nationalities"]) == 7
    assert disclose_claims(payload, disclosures) == CLAIMS
    assert len(json.dumps(payload).split('"...": ')) == 8


def test_decoys_in_an_array_are_not_all_at_its_end() -> None:
    places = set()
    for seed in range(20):
        randomness = CountedBytes()
        for _ in range(seed):
            randomness(1)
        payload, _ = conceal({"list": [0, 1, 2]}, [], randomness=randomness, decoys={("list",): 1})
        places.add(next(index for index, each in enumerate(payload["list"]) if isinstance(each, dict)))
    assert places == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ([], {"nationalities": [], "visits": [{"ward": "7"}, {"ward": "9"}]}),
        ([("name",)], {"name": "มานี", "nationalities": [], "visits": [{"ward": "7"}, {"ward": "9"}]}),
        (
            [("address", "city")],
            {"address": {"city": "กรุงเทพฯ"}, "nationalities": [], "visits": [{"ward": "7"}, {"ward": "9"}]},
        ),
        (
            [("address", "geo", "lat"), ("nationalities", 2)],
            {
                "address": {"geo": {"lat": 13, "lon": 100}},
                "nationalities": ["LA"],
                "visits": [{"ward": "7"}, {"ward": "9"}],
            },
        ),
        (
            [("visits", 0, "codes", 1)],
            {"nationalities": [], "visits": [{"ward": "7", "codes": [2]}, {"ward": "9"}]},
        ),
        (
            [("visits", None, "codes"), ("nationalities",)],
            {"nationalities": ["MM", "TH", "LA"], "visits": CLAIMS["visits"]},
        ),
        ([("address",), ("name",), ("nationalities", None), ("visits",)], CLAIMS),
    ],
)
def test_what_a_path_names_is_shown_with_all_in_it_and_the_way_there(
    shown: list[Path], expected: dict[str, Any]
) -> None:
    hidden: list[Path] = [
        ("name",),
        ("address",),
        *(("address", name) for name in CLAIMS["address"]),
        ("nationalities", None),
        ("visits", None, "codes"),
        ("visits", 0, "codes", None),
    ]
    assert _shown(hidden, shown, decoys={("nationalities",): 3, ("visits", 0, "codes"): 1}) == expected


@pytest.mark.parametrize(
    "path",
    [("ward",), ("address", "ward"), ("name", "first"), ("nationalities", 3), ("address", 0), ("nationalities", "0")]
    + [("nationalities", -1), ("address", None), ("name", None), ("_sd",), ()],
)
def test_path_that_leads_nowhere_hides_nothing_by_mistake_and_shows_nothing(path: Path) -> None:
    with pytest.raises(ValueError, match="path"):
        _concealed([path])
    payload, disclosures = _concealed([("address",), ("name",), ("nationalities", None)])
    assert select_disclosures(payload, disclosures, [path]) == []


@pytest.mark.parametrize("claims", [{"_sd": []}, {"a": {"...": "b"}}, {"a": [{"b": {"_sd_alg": "sha-256"}}]}])
def test_claim_of_a_reserved_name_is_not_issued(claims: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="reserved"):
        conceal(claims, [], randomness=CountedBytes())


def test_selection_refuses_what_does_not_belong() -> None:
    payload, disclosures = _concealed([("name",)])
    _, others = conceal({"b": 1}, [("b",)], randomness=CountedBytes())
    with pytest.raises(Rejection):
        select_disclosures(payload, [*disclosures, *others], [("name",)])


def test_signed_whole_is_an_sd_jwt_that_names_its_digest_algorithm() -> None:
    sd_jwt = create_sd_jwt(
        {"typ": "example+sd-jwt"}, CLAIMS, hidden=[("address", "city")], signer=ISSUER, randomness=CountedBytes()
    )
    issuer_jwt, disclosure, end = sd_jwt.split("~")
    payload = parse_jws(issuer_jwt, typ="example+sd-jwt").verify(ISSUER.public_key)
    assert end == ""
    assert payload["_sd_alg"] == "sha-256"
    assert disclose_claims(payload, [disclosure]) == CLAIMS


_NAMES = st.sampled_from(["a", "b", "c", "d"])
_VALUES = st.recursive(
    st.none() | st.integers(0, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=12,
)


def _all_places(node: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    steps: Any = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for step in steps:
        yield (*place, step)
        yield from _all_places(node[step], (*place, step))


def _without(node: Any, gone: set[tuple[str | int, ...]], place: tuple[str | int, ...] = ()) -> Any:
    """What is left of claims, by the simplest rule there is: whatever is at or below a place that is gone is not."""
    if isinstance(node, dict):
        return {n: _without(v, gone, (*place, n)) for n, v in node.items() if (*place, n) not in gone}
    if isinstance(node, list):
        return [_without(v, gone, (*place, i)) for i, v in enumerate(node) if (*place, i) not in gone]
    return node


@settings(deadline=None)
@given(st.dictionaries(_NAMES, _VALUES, max_size=4), st.data())
def test_any_places_can_be_hidden_and_any_of_them_shown(claims: dict[str, Any], data: st.DataObject) -> None:
    places = list(_all_places(claims))
    hidden = data.draw(st.lists(st.sampled_from(places), unique=True)) if places else []
    shown = data.draw(st.lists(st.sampled_from(places), unique=True)) if places else []
    holders = [(), *(each for each in places if isinstance(_at(claims, each), dict | list))]
    decoys: dict[Path, int] = dict.fromkeys(data.draw(st.lists(st.sampled_from(holders), unique=True)), 2)
    before = copy.deepcopy(claims)

    payload, disclosures = conceal(claims, hidden, randomness=CountedBytes(), decoys=decoys)
    selected = select_disclosures(payload, disclosures, shown)

    kept = {place for place in hidden if any(place[: len(one)] == one or one[: len(place)] == place for one in shown)}
    assert claims == before
    assert len(disclosures) == len(hidden)
    assert disclose_claims(payload, disclosures) == claims
    assert disclose_claims(payload, selected) == _without(claims, set(hidden) - kept)


def _at(node: Any, place: tuple[str | int, ...]) -> Any:
    for step in place:
        node = node[step]
    return node
