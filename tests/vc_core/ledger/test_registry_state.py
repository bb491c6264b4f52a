"""The registry's history in memory, against the plainest way to answer the same questions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.steps import steps_of
from vc_core.ledger.events import AccreditationChanged, AccreditationState, AttributeChanged, Position, Role
from vc_core.ledger.registry_state import RegistryState


def accreditation(
    at: Position, subject: str = "aa", state: AccreditationState = AccreditationState.ACTIVE
) -> AccreditationChanged:
    return AccreditationChanged(at, subject, Role.ISSUE, "bb", 0, 100, state)


def attribute(at: Position, identity: str) -> AttributeChanged:
    return AttributeChanged(at, identity, "sabai/name", "41", 100)


def test_the_events_of_an_identity() -> None:
    one, two = attribute(Position(1, 10, 0), "0x01"), attribute(Position(1, 10, 1), "0x02")
    state = RegistryState([one, two])

    assert list(state.identity_events("0x01")) == [one]
    assert list(state.identity_events("0x03")) == []


@pytest.mark.parametrize("place", [(1, 0), (1, 1), (0, 7)])
def test_events_come_in_order(place: tuple[int, int]) -> None:
    state = RegistryState([attribute(Position(1, 10, 1), "0x01")])

    with pytest.raises(ValueError, match="order"):
        state.apply(attribute(Position(place[0], 10, place[1]), "0x01"))
    assert len(state.identity_events("0x01")) == 1


def test_the_later_of_two_events_of_a_block_holds() -> None:
    first = accreditation(Position(1, 10, 0))
    second = accreditation(Position(1, 10, 1), state=AccreditationState.SUSPENDED)
    state = RegistryState([first, second])

    assert state.accreditation("aa", Role.ISSUE, "bb", at=10) == second
    assert state.accreditation("aa", Role.ISSUE, "bb", at=9) is None
    assert state.accreditation("aa", Role.VERIFY, "bb", at=10) is None


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["aa", "ab"])), max_size=30), st.integers(0, 100))
def test_any_history_at_any_time(steps: list[tuple[int, str]], at: int) -> None:
    events, now = [], 0
    for number, (seconds, subject) in enumerate(steps):
        now += seconds
        events.append(accreditation(Position(number, now, 0), subject))
    expected = [event for event in events if event.subject == "aa" and event.at.block_timestamp <= at]

    found = RegistryState(events).accreditation("aa", Role.ISSUE, "bb", at=at)

    assert found == (expected[-1] if expected else None)


def test_a_long_history_costs_no_more_than_a_short_one() -> None:
    def steps(length: int, at: int) -> int:
        state = RegistryState(accreditation(Position(number, number, 0)) for number in range(length))
        return steps_of(lambda: state.accreditation("aa", Role.ISSUE, "bb", at=at))

    short = steps(1, 0)
    assert [steps(1_000, at) for at in (0, 500, 999)] == [short] * 3
