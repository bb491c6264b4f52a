"""The table of states: what may follow what, each pair."""

from __future__ import annotations

import itertools

import pytest

from vc_core.encoding import compact_json, parse_json_object
from vc_core.errors import WalletDamaged
from wallet_sdk.content import Session
from wallet_sdk.openid4vp.saved import create_saved, parse_saved
from wallet_sdk.openid4vp.states import ENDED, Outgoing, PresentationSession, Step
from wallet_sdk.openid4vp.transitions import (
    Answered,
    ConsentAsked,
    Consented,
    Declined,
    Event,
    Failed,
    Fetched,
    GoneOn,
    Told,
    Verified,
    advance,
)

OUT = Outgoing("https://desk.hospital.test/responses/1", {"vp_token": "{}"})
ERROR = Outgoing("https://desk.hospital.test/responses/1", {"error": "access_denied"})
EVENTS: tuple[Event, ...] = (
    Fetched("a.b.c"),
    Verified("digest"),
    ConsentAsked("shown"),
    Consented(OUT),
    Answered(None),
    Answered("https://desk.hospital.test/done"),
    GoneOn(),
    Declined(ERROR),
    Failed("invalid_request", ERROR),
    Told(),
)
NEXT = {
    ("received", "Fetched"): {Step.FETCHED},
    ("fetched", "Verified"): {Step.VERIFIED},
    ("verified", "ConsentAsked"): {Step.CONSENT_ASKED},
    ("consent_asked", "ConsentAsked"): {Step.CONSENT_ASKED},
    ("consent_asked", "Consented"): {Step.CONSENTED},
    ("consented", "Answered"): {Step.DONE, Step.SENT},
    ("sent", "GoneOn"): {Step.DONE},
    ("refused", "Told"): {Step.REFUSED},
    ("failed", "Told"): {Step.FAILED},
    **{(step, "Declined"): {Step.REFUSED} for step in ("received", "fetched", "verified", "consent_asked")},
    **{(step, "Failed"): {Step.FAILED} for step in ("received", "fetched", "verified", "consent_asked", "consented")},
}


def _at(step: Step) -> PresentationSession:
    return PresentationSession("id", step, "openid4vp://?", 1_790_000_000)


@pytest.mark.parametrize(("step", "event"), list(itertools.product(Step, EVENTS)), ids=str)
def test_each_pair_is_in_the_table_or_a_mistake(step: Step, event: Event) -> None:
    expected = NEXT.get((str(step), type(event).__name__))
    if expected is None:
        with pytest.raises(ValueError, match="does not happen"):
            advance(_at(step), event)
    else:
        assert advance(_at(step), event).step in expected


def test_there_is_no_way_to_another_answer() -> None:
    session = _at(Step.CONSENT_ASKED)
    session = advance(session, Consented(OUT))
    reachable, seen = [session], set()
    while reachable:
        state = reachable.pop()
        if state.step in seen:
            continue
        seen.add(state.step)
        for event in EVENTS:
            try:
                after = advance(state, event)
            except ValueError:
                continue
            assert after.answered
            assert after.outgoing in (None, OUT, ERROR)
            reachable.append(after)
    assert seen == {Step.CONSENTED, Step.SENT, Step.DONE, Step.FAILED}


def test_what_was_shown_is_forgotten_at_the_end() -> None:
    for event in (Answered(None), Failed("server_error")):
        ended = advance(advance(_at(Step.CONSENT_ASKED), Consented(OUT)), event)
        assert ended.step in ENDED
        assert (ended.request, ended.outgoing) == (None, None)


@pytest.mark.parametrize("session", [_at(Step.RECEIVED), advance(_at(Step.CONSENT_ASKED), Consented(OUT))])
def test_a_state_survives_the_file(session: PresentationSession) -> None:
    saved = create_saved(session)
    state = parse_json_object(compact_json(saved.state))
    assert parse_saved(Session(saved.id, saved.kind, state)) == session


@pytest.mark.parametrize("state", [{}, {"step": "received"}, {"step": "unknown", "outgoing": None}])
def test_a_state_of_another_version_is_said_to_be_one(state: dict[str, object]) -> None:
    with pytest.raises(WalletDamaged):
        parse_saved(Session("id", "presentation", state))
