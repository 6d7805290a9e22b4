"""What a platform does with a match: its own table, never softer than nothing and never harder than it wrote itself. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rempart.matcher.lists import Act, Advice, Trust


class Outcome(StrEnum):
    """What the platform is told to do with the upload."""

    ACCEPT = "accept"
    COUNT = "count"
    HOLD = "hold"
    """For review by a person of the platform."""
    BLOCK = "block"


class Because(StrEnum):
    """Why an outcome is milder than the rule alone."""

    RULE = "rule"
    ROLL_OUT = "roll_out"
    """This upload is outside the share of traffic that the rule is applied to."""
    DRY_RUN = "dry_run"
    FLOOD = "flood"
    """So many hits on one entry that a person must look before more are blocked."""
    DOUBTFUL = "doubtful"
    """The upload's fingerprint says too little to block on it unseen."""
    DISABLED = "disabled"
    """This entry was switched off here."""


@dataclass(frozen=True, slots=True)
class Rule:
    """For one list and one trust state. ``follow``: do as the owner advises; otherwise the two acts stand."""

    follow: bool = True
    exact: Act = Act.BLOCK
    near: Act = Act.REVIEW
    ratio: float = 1.0
    """Share of uploads the rule is applied to, from 0 to 1; the others are counted."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an entry here, at the moment of the question."""

    trust: Trust
    advice: Advice
    is_disabled: bool = False
    is_flooded: bool = False


SEVERITY = (Outcome.ACCEPT, Outcome.COUNT, Outcome.HOLD, Outcome.BLOCK)
"""From the mildest. Of several matches the most severe outcome is the upload's."""

_OUTCOMES = {Act.NOTHING: Outcome.ACCEPT, Act.COUNT: Outcome.COUNT, Act.REVIEW: Outcome.HOLD, Act.BLOCK: Outcome.BLOCK}


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with an upload for one match, and why."""

    outcome: Outcome
    because: Because


def decide(rule: Rule, standing: Standing, *, is_exact: bool, is_doubtful: bool, share: float, is_dry_run: bool) -> Decision:
    """What to do with one match.

    ``is_exact``: the same file. ``is_doubtful``: what was asked says too little (stripes, one colour) to block on it alone.
    ``share``: where this upload stands among all, from 0 to 1; below the rule's ratio the rule is applied.
    """
    outcome = _ruled(rule, standing, is_exact=is_exact)
    if outcome in {Outcome.ACCEPT, Outcome.COUNT}:
        return Decision(outcome, Because.RULE)
    if standing.is_disabled:
        return Decision(Outcome.COUNT, Because.DISABLED)
    if is_dry_run:
        return Decision(Outcome.COUNT, Because.DRY_RUN)
    if share >= rule.ratio:
        return Decision(Outcome.COUNT, Because.ROLL_OUT)
    if outcome is Outcome.BLOCK and standing.is_flooded:
        return Decision(Outcome.HOLD, Because.FLOOD)
    if outcome is Outcome.BLOCK and is_doubtful and not is_exact:
        return Decision(Outcome.HOLD, Because.DOUBTFUL)
    return Decision(outcome, Because.RULE)


def most_severe(outcomes: Iterable[Outcome]) -> Outcome:
    """Of one upload; accept when nothing matched."""
    return max(outcomes, key=SEVERITY.index, default=Outcome.ACCEPT)


def _ruled(rule: Rule, standing: Standing, *, is_exact: bool) -> Outcome:
    own = rule.exact if is_exact else rule.near
    advised = standing.advice.exact if is_exact else standing.advice.near
    return _OUTCOMES[advised if rule.follow else own]
