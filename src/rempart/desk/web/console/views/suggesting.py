"""What the bank suggests about a report: for the analyst, never for whoever reported. Nothing follows from it by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rempart.desk.registers.bank import queries as bank
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.people.models import Person
from rempart.desk.rules.access import Permission
from rempart.desk.rules.trust import Trust
from rempart.desk.stages.intake.models import Match, Report

SHOWN = 12
"""Suggestions of each kind that one page shows."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A fingerprint of the report is that of this protection. ``distance`` in bits; None for the very same file."""

    protection: Protection
    distance: int | None
    together: Trust | None
    """Where the picture stands, whoever protects it: a doubt about one is a doubt about all. None when all have ended."""


@dataclass(frozen=True, slots=True)
class SamePerson:
    """Whoever sent this report protects pictures under the same code."""

    case_number: int
    first: int
    count: int


def suggestions(reports: Sequence[Report], person: Person) -> dict[str, Any]:
    """For the page of these reports; nothing for those who do not read protections."""
    if not person.may(Permission.READ_PROTECTIONS):
        return {}
    standing = bank.standing_by_case(report.case_id for report in reports if report.case_id is not None)
    same = [SamePerson(case, numbers[0], len(numbers)) for case, numbers in list(standing.items())[:SHOWN]]
    return {"suggested": _matches(reports), "same_person": same}


def _matches(reports: Sequence[Report]) -> list[Suggestion]:
    rows = Match.objects.filter(report__in=[report.pk for report in reports]).order_by("pk")
    nearest: dict[int, int | None] = {}
    for number, distance in rows.values_list("protection_number", "distance"):
        known = nearest.get(number, distance)
        nearest[number] = None if distance is None or known is None else min(distance, known)
    numbers = sorted(nearest, key=lambda number: (nearest[number] is not None, nearest[number] or 0, number))[:SHOWN]
    found = bank.protections().in_bulk(numbers)
    together = bank.together_of(found.values())
    return [Suggestion(found[number], nearest[number], together[number]) for number in numbers if number in found]
