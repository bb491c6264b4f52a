"""The life of a request, as a table of transitions without I/O.

    created ──fetch──▶ fetched ──answer──▶ answered
       │                  │ └──answer, begun on the same device──▶ returning ──return──▶ answered
       │                  └──refuse──▶ refused
       └── whatever may happen to a fetched request may happen to one whose fetching we did not see

Every state but the last of its row ends in `expired` when its time is over: that is told from the time, and stored
nowhere. A transition is one conditional UPDATE from `sources` of its event, so of two that race one finds no row.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a request is. `RETURNING`: answered, and the browser that began it has not come back to say so."""

    CREATED = "created"
    FETCHED = "fetched"
    RETURNING = "returning"
    ANSWERED = "answered"
    REFUSED = "refused"
    EXPIRED = "expired"


class Event(StrEnum):
    """What can happen to a request."""

    FETCH = "fetch"
    ANSWER = "answer"
    ANSWER_SAME_DEVICE = "answer_same_device"
    RETURN = "return"
    REFUSE = "refuse"


_OPEN = (State.CREATED, State.FETCHED)
_TARGETS = {
    Event.FETCH: State.FETCHED,
    Event.ANSWER: State.ANSWERED,
    Event.ANSWER_SAME_DEVICE: State.RETURNING,
    Event.RETURN: State.ANSWERED,
    Event.REFUSE: State.REFUSED,
}


def next_state(state: State, event: Event) -> State | None:
    """Where the event leads from there; None where it can't happen."""
    return target(event) if state in sources(event) else None


def sources(event: Event) -> tuple[State, ...]:
    """The states in which the event can happen."""
    return (State.RETURNING,) if event is Event.RETURN else _OPEN


def target(event: Event) -> State:
    """Where the event leads."""
    return _TARGETS[event]


def state_at(state: State, *, expires_at: int, now: int) -> State:
    """The state at that time: what was not concluded before `expires_at` is over (seconds since 1970)."""
    return State.EXPIRED if state in (*_OPEN, State.RETURNING) and now >= expires_at else state
