"""A protection moves by facts alone and ends for ever; what is near and unconfirmed is never blocked unseen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rules.trust import (
    ADVICE,
    LIVE,
    MOVES,
    POPULAR,
    Act,
    Advice,
    Fact,
    Trust,
    Vote,
    advice_for,
    after,
    fact_of_votes,
    is_popular,
    together,
)

facts = st.lists(st.sampled_from(Fact), max_size=30)


def lived(history: list[Fact]) -> Trust:
    trust = Trust.SELF_DECLARED
    for fact in history:
        trust = after(trust, fact)
    return trust


@given(facts, facts)
def test_what_has_ended_stays_ended(before: list[Fact], later: list[Fact]) -> None:
    ended = lived([*before, Fact.WITHDRAWAL])
    assert ended in {Trust.WITHDRAWN, Trust.EXPIRED}
    assert lived([*before, Fact.WITHDRAWAL, *later]) is ended


@given(facts)
def test_after_an_alarm_nothing_is_stopped_until_a_person_has_looked(history: list[Fact]) -> None:
    trust = lived([*history, Fact.ALARM])
    if trust is Trust.HELD:
        for by_platforms in (Fact.BLOCKED_BY_QUORUM, Fact.ALARM):
            assert after(trust, by_platforms) is Trust.HELD
        assert ADVICE[trust] == Advice(Act.COUNT, Act.COUNT)
    else:
        assert trust in {Trust.DISPUTED, Trust.WITHDRAWN, Trust.EXPIRED}


def test_every_state_can_be_reached_and_has_its_moves_and_advice() -> None:
    reached, open_ = {Trust.SELF_DECLARED}, [Trust.SELF_DECLARED]
    while open_:
        new = set(MOVES[open_.pop()].values()) - reached
        reached |= new
        open_ += new
    assert reached == set(Trust) == set(MOVES) == set(ADVICE)
    assert {trust for trust in Trust if MOVES[trust]} == LIVE


def test_only_what_is_confirmed_is_blocked_on_likeness_alone() -> None:
    assert [trust for trust in Trust if ADVICE[trust].near is Act.BLOCK] == [Trust.CONFIRMED]


@pytest.mark.parametrize(
    ("votes", "fact"),
    [
        ({}, None),
        ({1: Vote.BLOCKED}, None),
        ({1: Vote.BLOCKED, 2: Vote.BLOCKED}, Fact.BLOCKED_BY_QUORUM),
        ({1: Vote.NOT_BLOCKED, 2: Vote.NOT_BLOCKED}, Fact.REFUSED_BY_QUORUM),
        ({1: Vote.BLOCKED, 2: Vote.BLOCKED, 3: Vote.NOT_BLOCKED, 4: Vote.NOT_BLOCKED}, None),
        ({1: Vote.BLOCKED, 2: Vote.NOT_BLOCKED, 3: Vote.NOT_BLOCKED}, Fact.REFUSED_BY_QUORUM),
    ],
)
def test_platforms_decide_together(votes: dict[int, Vote], fact: Fact | None) -> None:
    assert fact_of_votes(votes) is fact


@pytest.mark.parametrize("trust", Trust)
def test_a_platform_that_looked_decides_for_itself_while_the_protection_lives(trust: Trust) -> None:
    expected = Advice(Act.COUNT, Act.COUNT) if trust in LIVE else Advice(Act.NOTHING, Act.NOTHING)
    assert advice_for(trust, Vote.NOT_BLOCKED) == expected
    assert advice_for(trust, None) == ADVICE[trust]


@given(st.lists(st.sampled_from(Trust)))
def test_sent_again_a_picture_is_never_trusted_more_than_where_it_was_doubted(standings: list[Trust]) -> None:
    trust = together(standings)
    assert (trust is None) == (not LIVE & set(standings))
    if Trust.HELD in standings:
        assert trust is Trust.HELD
    elif Trust.DISPUTED in standings:
        assert trust is Trust.DISPUTED


def test_one_person_confirmed_is_enough_for_all_who_protect_it() -> None:
    assert together([Trust.SELF_DECLARED, Trust.CONFIRMED, Trust.WITHDRAWN]) is Trust.CONFIRMED


@pytest.mark.parametrize(
    ("accounts", "history", "expected"),
    [
        ([POPULAR - 1], [], False),
        ([POPULAR - 1, 1], [], True),
        ([POPULAR], [Fact.BLOCKED_BY_QUORUM], True),
        ([POPULAR], [Fact.ALARM, Fact.CLEARED], False),
        ([POPULAR * 9], [Fact.VOUCHED], False),
    ],
)
def test_so_many_accounts_in_a_day_are_looked_at_once(accounts: list[int], history: list[Fact], expected: bool) -> None:
    assert is_popular(accounts, history) is expected
