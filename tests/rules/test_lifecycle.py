"""The life of an item goes one way only."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rules.lifecycle import MOVES, OPEN_FOR_READING, ImpossibleMove, State, move

states = st.sampled_from(list(State))


def test_nothing_goes_back() -> None:
    TopologicalSorter(MOVES).prepare()


def test_every_state_has_its_moves_and_only_closing_is_an_end() -> None:
    assert set(MOVES) == set(State)
    assert {state for state, following in MOVES.items() if not following} == {State.CLOSED}


def test_everything_begins_when_received_and_can_be_closed() -> None:
    reached, fresh = {State.RECEIVED}, {State.RECEIVED}
    while fresh:
        fresh = {following for state in fresh for following in MOVES[state]} - reached
        reached |= fresh
    assert reached == set(State)
    for state in State:
        assert can_be_closed(state)


def can_be_closed(state: State) -> bool:
    return state is State.CLOSED or any(can_be_closed(following) for following in MOVES[state])


@given(states, states)
def test_a_move_is_in_the_table_or_refused(current: State, wanted: State) -> None:
    if wanted in MOVES[current]:
        assert move(current, wanted) is wanted
    else:
        with pytest.raises(ImpossibleMove):
            move(current, wanted)


@given(st.lists(states, max_size=30))
def test_no_life_is_endless(wishes: list[State]) -> None:
    """Whatever is wished for, in whatever order, no state is entered twice."""
    lived = [State.RECEIVED]
    for wish in wishes:
        if wish in MOVES[lived[-1]]:
            lived.append(move(lived[-1], wish))
    assert len(lived) == len(set(lived)) <= len(State)


def test_what_is_read_was_prepared_and_is_not_decided() -> None:
    assert {State.READY, State.SECOND_READING, State.ARBITRATION} == OPEN_FOR_READING
    assert all(State.ASSESSED in MOVES[state] for state in OPEN_FOR_READING)
