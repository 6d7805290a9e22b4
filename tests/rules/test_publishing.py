"""What stands on whose copy, for every state and every vote."""

from __future__ import annotations

import pytest

from rempart.desk.rules.publishing import is_on_copy, stands_without_advice
from rempart.desk.rules.trust import LIVE, Act, Trust, Vote, advice_for


@pytest.mark.parametrize("trust", Trust)
def test_a_cautious_copy_holds_only_what_is_confirmed(trust: Trust) -> None:
    assert is_on_copy(trust, is_cautious=False)
    assert is_on_copy(trust, is_cautious=True) is (trust is Trust.CONFIRMED)


@pytest.mark.parametrize("trust", Trust)
@pytest.mark.parametrize("vote", [None, *Vote])
def test_what_stands_without_advice_is_what_should_be_blocked(trust: Trust, vote: Vote | None) -> None:
    stands = stands_without_advice(trust, vote)
    assert stands is (advice_for(trust, vote).exact is Act.BLOCK)
    if trust not in LIVE:
        assert not stands
    elif vote is not None:
        assert stands is (vote is Vote.BLOCKED)


def test_without_a_vote_doubts_do_not_stand() -> None:
    assert {trust for trust in Trust if stands_without_advice(trust, None)} == {Trust.SELF_DECLARED, Trust.CONFIRMED}
