"""What an analyst decides about one address, and when a second pair of eyes is needed."""

from dataclasses import dataclass
from enum import StrEnum

from rempart.desk.rules.classification import Grading, Virtual
from rempart.desk.rules.report import Category, Concerns

MAX_NOTE = 5_000
"""Longest note an analyst can leave with an assessment, in signs."""


class Verdict(StrEnum):
    """The five outcomes. "Lawful, but somebody needs help" is a full outcome, not a refusal."""

    ILLEGAL_IN_FIELD = "illegal_in_field"
    ILLEGAL_OUTSIDE_FIELD = "illegal_outside_field"
    HARMFUL_BUT_LAWFUL = "harmful_but_lawful"
    NOT_FOUND = "not_found"
    LAWFUL_HELP_NEEDED = "lawful_help_needed"


class Reading(StrEnum):
    """Which pair of eyes an assessment comes from."""

    FIRST = "first"
    SECOND = "second"
    ARBITRATION = "arbitration"


class SecondReason(StrEnum):
    """Why a rule asks for a second reading."""

    ASKED = "asked"
    VIRTUAL_UNCLEAR = "virtual_unclear"
    CONTRADICTS_PERSON_CONCERNED = "contradicts_person_concerned"
    NATIONAL_LIMIT = "national_limit"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Decision:
    """One reading, as the form sends it.

    ``not_illegal_reason`` is an ICCAM action reason id (``classification.NOT_ILLEGAL_REASONS``) or None.
    ``is_police_first`` holds the notice back until the dossier was sent by a person.
    """

    verdict: Verdict
    grading: Grading | None = None
    not_illegal_reason: int | None = None
    is_police_first: bool = False
    asks_second: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReportedAs:
    """What the reporters of this address said, in the words that matter to the second-reading rule."""

    categories: frozenset[Category]
    concerns: frozenset[Concerns]


def problems(decision: Decision) -> tuple[str, ...]:
    """Machine-readable reasons why this decision cannot be kept; empty when it can."""
    found = []
    is_illegal = decision.verdict is Verdict.ILLEGAL_IN_FIELD
    if is_illegal and decision.grading is None:
        found.append("grading_missing")
    if not is_illegal and decision.grading is not None:
        found.append("grading_without_illegality")
    if len(decision.note) > MAX_NOTE:
        found.append("note_too_long")
    return tuple(found)


def second_reasons(
    decision: Decision, reported_as: ReportedAs, sample_number: int, sample_one_in: int
) -> tuple[SecondReason, ...]:
    """Why this first reading needs a second one; empty when it stands alone.

    ``sample_number`` is any stable number of the item; one item in ``sample_one_in`` is read twice (0 turns the sample off).
    """
    found = []
    if decision.asks_second:
        found.append(SecondReason.ASKED)
    if decision.grading is not None and decision.grading.virtual is Virtual.UNKNOWN:
        found.append(SecondReason.VIRTUAL_UNCLEAR)
    if decision.grading is not None and decision.grading.category.value.endswith("national"):
        found.append(SecondReason.NATIONAL_LIMIT)
    if decision.verdict is Verdict.HARMFUL_BUT_LAWFUL and Concerns.ME in reported_as.concerns:
        found.append(SecondReason.CONTRADICTS_PERSON_CONCERNED)
    if sample_one_in > 0 and sample_number % sample_one_in == 0:
        found.append(SecondReason.SAMPLE)
    return tuple(found)


def agree(first: Decision, second: Decision) -> bool:
    """Whether two readings lead to the same acts: same verdict and, when illegal, same category."""
    if first.verdict is not second.verdict:
        return False
    if first.grading is None or second.grading is None:
        return first.grading is second.grading
    return first.grading.category is second.grading.category
