"""Questions about what people protect. No fingerprint, digest or key number leaves this module."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum

from rempart.desk.registers.bank.models import Feedback, Protection, TrustFact
from rempart.desk.rules.looking import NEEDS_A_PERSON
from rempart.desk.rules.protection import Age
from rempart.desk.rules.trust import Fact, Trust, Vote, together

_SECRET = ("file_digest", "key_number")


@dataclass(frozen=True, slots=True)
class Told:
    """What all platforms together say of one protection."""

    matches: int = 0
    platforms: int = 0
    blocked: int = 0
    not_blocked: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which protections are listed. What is None is not asked."""

    trust: Trust | None = None
    age: Age | None = None
    since: datetime | None = None
    case_number: int | None = None


def protections() -> QuerySet[Protection]:
    """All of them, without what is secret."""
    return Protection.objects.defer(*_SECRET)


def waiting(trust: Trust) -> QuerySet[Protection]:
    """Those that wait for a person in this state, the longest first."""
    return protections().filter(trust=trust).order_by("trust_at", "pk")


def waiting_counts() -> dict[Trust, int]:
    """How many wait for a person, by state."""
    rows = Protection.objects.filter(trust__in=[one.value for one in NEEDS_A_PERSON])
    found = dict(rows.values_list("trust").annotate(Count("pk")).order_by())
    return {one: found.get(one.value, 0) for one in NEEDS_A_PERSON}


def listed(wanted: Wanted, *, before: int | None, size: int) -> tuple[list[Protection], int | None]:
    """One page, newest first, and the number before which the next one begins; None on the last."""
    rows = protections().order_by("-pk")
    if wanted.trust is not None:
        rows = rows.filter(trust=wanted.trust)
    if wanted.age is not None:
        rows = rows.filter(age=wanted.age)
    if wanted.case_number is not None:
        rows = rows.filter(case_number=wanted.case_number)
    if wanted.since is not None:
        rows = rows.filter(declared_at__gte=wanted.since)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None


def told_of(numbers: Collection[int]) -> dict[int, Told]:
    """What platforms say, by protection; those of which nothing was said are left out."""
    rows = Feedback.objects.filter(protection__in=numbers).values("protection").order_by()
    told = rows.annotate(
        told=Sum("matches"),
        platforms=Count("pk"),
        blocked=Count("pk", filter=Q(vote=Vote.BLOCKED)),
        not_blocked=Count("pk", filter=Q(vote=Vote.NOT_BLOCKED)),
    )
    fields = ("protection", "told", "platforms", "blocked", "not_blocked")
    return {number: Told(*counts) for number, *counts in told.values_list(*fields)}


def feedback_of(number: int) -> list[Feedback]:
    """What each platform says of one protection."""
    return list(Feedback.objects.filter(protection=number).order_by("pk"))


def facts_of(number: int) -> list[TrustFact]:
    """What happened to a protection, oldest first."""
    return list(TrustFact.objects.filter(protection=number).order_by("pk"))


def doubts_about(numbers: Collection[int]) -> dict[int, str]:
    """Why each of these was last doubted, in a stable word."""
    rows = TrustFact.objects.filter(protection__in=numbers, fact=Fact.ALARM).order_by("pk")
    return dict(rows.values_list("protection", "why"))


def same_file_as(protection: Protection) -> list[Protection]:
    """The others that protect the very same file, under other codes. For the staff: nobody else is ever told."""
    if protection.same_as is None:
        return []
    return list(protections().filter(same_as=protection.same_as).exclude(pk=protection.pk).order_by("pk"))


def of_case(case_number: int) -> QuerySet[Protection]:
    """Everything a case ever protected."""
    return protections().filter(case_number=case_number).order_by("pk")


def standing_by_case(case_numbers: Iterable[int]) -> dict[int, list[int]]:
    """The numbers of the protections that stand, by case."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Protection.objects.filter(case_number__in=set(case_numbers), ended_at__isnull=True).order_by("pk")
    for case, number in rows.values_list("case_number", "pk"):
        found[case].append(number)
    return dict(found)


def together_of(some: Iterable[Protection]) -> dict[int, Trust | None]:
    """Where each picture stands, everybody who protects the same file taken together; None when all have ended."""
    asked = list(some)
    groups: dict[int, list[Trust]] = defaultdict(list)
    rows = Protection.objects.filter(same_as__in={one.same_as for one in asked if one.same_as is not None})
    for group, trust in rows.values_list("same_as", "trust"):
        groups[group or 0].append(Trust(trust))
    return {one.pk: together([Trust(one.trust), *groups.get(one.same_as or 0, [])]) for one in asked}
