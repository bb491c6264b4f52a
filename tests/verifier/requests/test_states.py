"""The table of transitions: what can happen when, and that nothing leads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.requests.states import Event, State, next_state, sources, state_at, target

OVER = (State.ANSWERED, State.REFUSED, State.EXPIRED)
ROWS = {
    (State.CREATED, Event.FETCH): State.FETCHED,
    (State.CREATED, Event.ANSWER): State.ANSWERED,
    (State.CREATED, Event.ANSWER_SAME_DEVICE): State.RETURNING,
    (State.CREATED, Event.REFUSE): State.REFUSED,
    (State.FETCHED, Event.FETCH): State.FETCHED,
    (State.FETCHED, Event.ANSWER): State.ANSWERED,
    (State.FETCHED, Event.ANSWER_SAME_DEVICE): State.RETURNING,
    (State.FETCHED, Event.REFUSE): State.REFUSED,
    (State.RETURNING, Event.RETURN): State.ANSWERED,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_the_whole_table(state: State, event: Event) -> None:
    assert next_state(state, event) == ROWS.get((state, event))
    assert (state in sources(event)) is ((state, event) in ROWS)
    assert target(event) in ROWS.values()


@given(st.lists(st.sampled_from(Event), max_size=20))
def test_a_request_is_answered_at_most_once_and_never_goes_back(events: list[Event]) -> None:
    state, ends = State.CREATED, 0
    for event in events:
        following = next_state(state, event)
        assert not (state in OVER and following is not None)
        if following is not None:
            ends += event in (Event.ANSWER, Event.ANSWER_SAME_DEVICE, Event.REFUSE)
            state = following
    assert ends <= 1


@pytest.mark.parametrize("state", State)
def test_what_is_not_concluded_in_time_is_over(state: State) -> None:
    assert state_at(state, expires_at=100, now=99) is state
    assert state_at(state, expires_at=100, now=100) is (state if state in OVER else State.EXPIRED)
