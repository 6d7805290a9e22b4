"""What a platform does with a match: its own table, never softer than nothing and never harder than it wrote itself. Pure."""

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
