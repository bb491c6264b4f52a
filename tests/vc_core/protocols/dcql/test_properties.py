"""What holds of every query and every credential, by Hypothesis."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vc_core.encoding import compact_json, parse_json
from vc_core.errors import ProtocolError, Rejection
from vc_core.protocols.dcql.answer import verify_answer
from vc_core.protocols.dcql.claims_path import claim_at, find_places
from vc_core.protocols.dcql.query import (
    ClaimsQuery,
    CredentialQuery,
    CredentialSetQuery,
    DcqlQuery,
    TrustedAuthoritiesQuery,
    create_dcql_query,
    parse_dcql_query,
)
from vc_core.protocols.dcql.selection import Candidate, select_credentials, unanswered_sets, unasked_ids

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.one_of(NAMES, st.integers(0, 2), st.booleans())
JSON = st.recursive(
    st.one_of(SCALARS, st.none()),
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(NAMES, below, max_size=3)),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=3)
PATHS = st.lists(st.one_of(NAMES, st.integers(0, 2), st.none()), min_size=1, max_size=3).map(tuple)
CLAIMS = st.builds(
    ClaimsQuery, PATHS, values=st.one_of(st.none(), st.lists(SCALARS, min_size=1, max_size=2).map(tuple))
)


@st.composite
def credential_queries(draw: st.DrawFn, credential_id: str) -> CredentialQuery:
    claims = draw(st.lists(CLAIMS, max_size=3))
    ids = [f"c{number}" for number in range(len(claims))]
    named = tuple(ClaimsQuery(each.path, name, each.values) for each, name in zip(claims, ids, strict=True))
    option = st.lists(st.sampled_from(ids), min_size=1, max_size=2).map(tuple) if ids else st.nothing()
    return CredentialQuery(
        credential_id,
        draw(st.sampled_from(["dc+sd-jwt", "ldp_vc", "mso_mdoc"])),
        claims=named,
        claim_sets=tuple(draw(st.lists(option, max_size=2))) if ids else (),
        multiple=draw(st.booleans()),
        trusted_authorities=draw(st.sampled_from([(), (TrustedAuthoritiesQuery("aki", ("x",)),)])),
        require_cryptographic_holder_binding=draw(st.booleans()),
    )


@st.composite
def queries(draw: st.DrawFn) -> DcqlQuery:
    ids = ["one", "two", "three"][: draw(st.integers(1, 3))]
    option = st.lists(st.sampled_from(ids), min_size=1, max_size=2, unique=True).map(tuple)
    sets = st.builds(CredentialSetQuery, st.lists(option, min_size=1, max_size=3).map(tuple), st.booleans())
    credentials = tuple(draw(credential_queries(each)) for each in ids)
    return DcqlQuery(credentials, tuple(draw(st.lists(sets, max_size=2))))


CANDIDATES = st.builds(
    Candidate,
    st.uuids().map(str),
    st.sampled_from(["dc+sd-jwt", "ldp_vc"]),
    st.just(frozenset({"T"})),
    OBJECTS,
    st.booleans(),
    st.sampled_from([frozenset(), frozenset({("aki", "x")})]),
)


@given(OBJECTS, PATHS)
def test_a_place_leads_to_a_claim_and_is_found_again(claims: dict[str, Any], path: Any) -> None:
    for place in find_places(claims, path):
        claim_at(claims, place)
        assert find_places(claims, place) == (place,)
        assert len(place) == len(path)
        assert all(step is None or step == taken for step, taken in zip(path, place, strict=True))


@given(queries())
def test_a_query_survives_being_written_and_read(query: DcqlQuery) -> None:
    assert parse_dcql_query(parse_json(compact_json(create_dcql_query(query)))) == query


@given(JSON)
def test_json_that_is_no_query_is_refused(value: Any) -> None:
    with pytest.raises(ProtocolError):
        parse_dcql_query(value)


@given(queries(), st.lists(CANDIDATES, max_size=4))
def test_what_the_wallet_chooses_is_what_the_verifier_takes(query: DcqlQuery, held: list[Candidate]) -> None:
    selection = select_credentials(query, held)
    ids = selection.default_ids()
    if not selection.possible:
        assert unanswered_sets(query, ids)
        return
    assert not unanswered_sets(query, ids)
    assert not unasked_ids(query, ids)
    answer = {name: [selection.matches[name][0].credential] for name in ids}
    verified = verify_answer(query, answer)
    assert {name: matches[0] for name, matches in verified.items()} == {
        name: selection.matches[name][0] for name in ids
    }


@given(queries(), st.lists(CANDIDATES, max_size=4))
def test_a_match_shows_what_one_alternative_asks_for_and_nothing_else(query: DcqlQuery, held: list[Candidate]) -> None:
    selection = select_credentials(query, held)
    for credential_query in query.credentials:
        for match in selection.matches[credential_query.id]:
            asked = tuple(each.query for each in match.claims)
            assert asked in credential_query.alternatives()
            for matched in match.claims:
                assert set(matched.places) <= set(find_places(match.credential.claims, matched.query.path))
                shown = [claim_at(match.credential.claims, place) for place in matched.places]
                wanted = matched.query.values
                assert wanted is None or all((type(each), each) in [(type(v), v) for v in wanted] for each in shown)


@given(queries(), st.dictionaries(st.sampled_from(["one", "two", "three", "four"]), st.lists(CANDIDATES, max_size=2)))
def test_any_answer_is_verified_or_rejected(query: DcqlQuery, presented: dict[str, list[Candidate]]) -> None:
    try:
        verified = verify_answer(query, presented)
    except Rejection:
        return
    assert verified.keys() == presented.keys()
    assert not unanswered_sets(query, verified.keys())
