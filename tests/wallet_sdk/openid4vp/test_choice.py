"""What is proposed to the holder is always an answer, whichever credentials they would rather show."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.vc_core.protocols.dcql.test_properties import CANDIDATES, queries
from vc_core.protocols.dcql.query import DcqlQuery
from vc_core.protocols.dcql.selection import Candidate, select_credentials
from wallet_sdk.openid4vp.choice import Choice, check_choice, default_choice


@given(queries(), st.lists(CANDIDATES, max_size=4), st.sets(st.integers(0, 3)), st.booleans())
def test_a_proposal_is_an_answer(query: DcqlQuery, held: list[Candidate], liked: set[int], generous: bool) -> None:
    numbered = [replace(each, id=f"{number}-credential") for number, each in enumerate(held)]
    selection = select_credentials(query, numbered)
    if not selection.possible:
        return
    optional = [option for each in query.sets() if not each.required for option in selection.options(each)[:1]]
    also = {name for option in optional for name in option} if generous else set()
    wanted = tuple(f"{number}-" for number in sorted(liked))
    choice = default_choice(selection, wanted=wanted, also=also)
    if not choice.credentials:
        assert not any(each.required or selection.options(each) for each in query.sets())
        return
    matches = check_choice(selection, choice)
    assert also <= matches.keys()
    for name, (shown,) in matches.items():
        could = [
            each.credential.id for each in selection.matches[name] if each.credential.id.startswith(wanted or ("x",))
        ]
        assert not could or shown.credential.id == could[0]


def test_a_choice_knows_its_credentials() -> None:
    assert Choice({"a": ("x", "y"), "b": ("x",)}).ids == {"x", "y"}
