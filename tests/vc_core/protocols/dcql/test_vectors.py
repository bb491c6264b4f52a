"""The specification's queries, and queries with one fault each (`tests/vectors/dcql`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vc_core.errors import ProtocolError
from vc_core.protocols.dcql.claims_path import claim_at, find_places
from vc_core.protocols.dcql.query import create_dcql_query, parse_dcql_query
from vc_core.protocols.dcql.selection import Candidate, select_credentials

VECTORS = Path(__file__).parents[3] / "vectors" / "dcql"
SPECIFICATION = json.loads((VECTORS / "openid4vp-1.0.json").read_text("utf-8"))
FAULTS = json.loads((VECTORS / "faults.json").read_text("utf-8"))


@pytest.mark.parametrize("pointer", SPECIFICATION["pointers"], ids=lambda pointer: str(pointer["path"]))
def test_claims_path_pointers_of_section_7_3(pointer: dict[str, Any]) -> None:
    credential = SPECIFICATION["credential"]
    places = find_places(credential, tuple(pointer["path"]))
    assert [list(place) for place in places] == pointer["places"]
    assert [claim_at(credential, place) for place in places] == pointer["values"]


@pytest.mark.parametrize("name", SPECIFICATION["queries"])
def test_a_query_is_written_as_it_was_read(name: str) -> None:
    value = SPECIFICATION["queries"][name]
    written = create_dcql_query(parse_dcql_query(value))
    for credential in value["credentials"]:
        credential["meta"].pop("doctype_value", None)  # of a format that we do not have
    assert written == value


@pytest.mark.parametrize("case", SPECIFICATION["cases"], ids=lambda case: f"{case['query']}-{len(case['held'])}")
def test_what_answers_the_query(case: dict[str, Any]) -> None:
    held = [Candidate(each["id"], each["format"], frozenset(each["types"]), each["claims"]) for each in case["held"]]
    selection = select_credentials(parse_dcql_query(SPECIFICATION["queries"][case["query"]]), held)
    found = {
        name: {match.credential.id: [list(place) for place in match.places()] for match in selection.matches[name]}
        for name in case["matches"]
    }
    assert found == case["matches"]
    assert selection.possible is case["possible"]
    assert not case["possible"] or list(selection.default_ids()) == case["ids"]


@pytest.mark.parametrize("value", FAULTS.values(), ids=FAULTS)
def test_a_query_with_a_fault_is_refused(value: Any) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse_dcql_query(value)
    assert refused.value.code == "invalid_request"
