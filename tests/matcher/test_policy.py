"""What a platform does with a match: its own table; everything that bends it makes it milder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.matcher.lists import Act, Advice, Trust
from rempart.matcher.policy import SEVERITY, Because, Outcome, Rule, Standing, decide, most_severe

acts = st.sampled_from(Act)
rules = st.builds(Rule, follow=st.booleans(), exact=acts, near=acts, ratio=st.floats(0, 1))
standings = st.builds(Standing, st.sampled_from(Trust), st.builds(Advice, acts, acts), st.booleans(), st.booleans())
OUTCOME = {Act.NOTHING: Outcome.ACCEPT, Act.COUNT: Outcome.COUNT, Act.REVIEW: Outcome.HOLD, Act.BLOCK: Outcome.BLOCK}
PLAIN = Standing(Trust.CONFIRMED, Advice(Act.BLOCK, Act.BLOCK))


def decided(rule: Rule, standing: Standing, **also: object) -> tuple[Outcome, Because]:
    given_: dict[str, object] = {"is_exact": False, "is_doubtful": False, "share": 0.0, "is_dry_run": False, **also}
    decision = decide(rule, standing, **given_)  # type: ignore[arg-type]
    return decision.outcome, decision.because


@given(rules, standings, st.booleans(), st.booleans(), st.floats(0, 1, exclude_max=True), st.booleans())
def test_nothing_makes_it_harder_than_the_rule(
    rule: Rule, standing: Standing, is_exact: bool, is_doubtful: bool, share: float, is_dry_run: bool
) -> None:
    decision = decide(rule, standing, is_exact=is_exact, is_doubtful=is_doubtful, share=share, is_dry_run=is_dry_run)
    advice = standing.advice
    act = (advice.exact if is_exact else advice.near) if rule.follow else (rule.exact if is_exact else rule.near)
    assert SEVERITY.index(decision.outcome) <= SEVERITY.index(OUTCOME[act])
    assert (decision.because is Because.RULE) == (decision.outcome is OUTCOME[act])
    if is_dry_run or standing.is_disabled or share >= rule.ratio:
        assert decision.outcome in {Outcome.ACCEPT, Outcome.COUNT}


@pytest.mark.parametrize(
    ("also", "standing", "expected"),
    [
        ({}, PLAIN, (Outcome.BLOCK, Because.RULE)),
        ({"is_dry_run": True}, PLAIN, (Outcome.COUNT, Because.DRY_RUN)),
        ({"share": 0.5}, PLAIN, (Outcome.COUNT, Because.ROLL_OUT)),
        ({"share": 0.49}, PLAIN, (Outcome.BLOCK, Because.RULE)),
        ({"is_doubtful": True}, PLAIN, (Outcome.HOLD, Because.DOUBTFUL)),
        ({"is_doubtful": True, "is_exact": True}, PLAIN, (Outcome.BLOCK, Because.RULE)),
        ({}, Standing(Trust.CONFIRMED, PLAIN.advice, is_flooded=True), (Outcome.HOLD, Because.FLOOD)),
        ({}, Standing(Trust.CONFIRMED, PLAIN.advice, is_disabled=True), (Outcome.COUNT, Because.DISABLED)),
    ],
)
def test_each_reason_to_be_milder(also: dict[str, object], standing: Standing, expected: tuple[Outcome, Because]) -> None:
    assert decided(Rule(ratio=0.5), standing, **also) == expected


def test_own_acts_stand_where_the_advice_is_not_followed() -> None:
    own = Rule(follow=False, exact=Act.REVIEW, near=Act.COUNT)
    assert decided(own, PLAIN, is_exact=True) == (Outcome.HOLD, Because.RULE)
    assert decided(own, PLAIN) == (Outcome.COUNT, Because.RULE)


def test_the_most_severe_counts() -> None:
    assert most_severe([]) is Outcome.ACCEPT
    assert most_severe([Outcome.COUNT, Outcome.BLOCK, Outcome.HOLD]) is Outcome.BLOCK
