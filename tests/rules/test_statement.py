"""A recipient's decision, under the names of the DSA Transparency Database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rules.statement import Account, Automation, Ground, Statement, Visibility, as_data, from_data, problems

statements = st.builds(
    Statement,
    visibility=st.lists(st.sampled_from(Visibility), unique=True).map(tuple),
    ground=st.none() | st.sampled_from(Ground),
    account=st.none() | st.sampled_from(Account),
    automation=st.none() | st.sampled_from(Automation),
)


@given(statements)
def test_there_and_back(statement: Statement) -> None:
    assert from_data(as_data(statement)) == statement


def test_what_is_not_said_is_left_out() -> None:
    assert as_data(Statement()) == {}
    assert as_data(Statement(ground=Ground.ILLEGAL)) == {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}


def test_a_word_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="DECISION_MADE_UP"):
        from_data({"decision_ground": "DECISION_MADE_UP"})


def test_one_cannot_refuse_and_remove() -> None:
    assert problems(Statement((Visibility.DISABLED,)), is_refusal=True) == ("refused_but_taken_down",)
    assert problems(Statement((Visibility.DISABLED,)), is_refusal=False) == ()
    assert problems(Statement((Visibility.LABELLED,)), is_refusal=True) == ()
