"""What people protected, how it was trusted, and what platforms told. Protections and matches: two units, never added."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import TruncMonth

from rempart.desk.registers.bank.models import Feedback, Protection, TrustFact
from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules.trust import LIVE, Fact, Trust, after
from rempart.desk.statistics.figure import Figure, Row, Unit, counted, single
from rempart.desk.statistics.periods import Period
from rempart.desk.statistics.spread import hours_between, spread

SAID = (Fact.ALARM, Fact.CLEARED, Fact.VOUCHED)
"""What makes a person look, and what she says."""


def declared(period: Period) -> QuerySet[Protection]:
    """The protections that began in the period."""
    return Protection.objects.filter(declared_at__gte=period.starts_at, declared_at__lt=period.ends_at)


def protections_declared(period: Period) -> Figure:
    """How many pictures and videos."""
    return single("protections_declared", Unit.PROTECTIONS, period, declared(period).count())


def protections_by_month(period: Period) -> Figure:
    """By calendar month, months without any included."""
    month = TruncMonth("declared_at", tzinfo=ZoneInfo(period.time_zone))
    found = declared(period).annotate(month=month).values_list("month").annotate(Count("pk")).order_by()
    counts = Counter({f"{moment:%Y-%m}": count for moment, count in found})
    rows = tuple(Row(f"{first:%Y-%m}", counts[f"{first:%Y-%m}"]) for first in period.months())
    return Figure("protections_by_month", Unit.PROTECTIONS, period, rows, "month")


def protections_by_age(period: Period) -> Figure:
    """By age of the person in the picture."""
    return counted("protections_by_age", Unit.PROTECTIONS, period, _tally(declared(period), "age"), "protected_age")


def protections_by_kind(period: Period) -> Figure:
    """Pictures and videos."""
    return counted("protections_by_kind", Unit.PROTECTIONS, period, _tally(declared(period), "kind"), "protected_kind")


def protections_ended(period: Period) -> Figure:
    """Taken back, or not renewed."""
    ended = Protection.objects.filter(ended_at__gte=period.starts_at, ended_at__lt=period.ends_at)
    return counted("protections_ended", Unit.PROTECTIONS, period, _tally(ended, "trust"), "trust")


def doubts_and_confirmations(period: Period) -> Figure:
    """Doubts raised and lifted, and what analysts confirmed."""
    said = TrustFact.objects.filter(fact__in=SAID, at__gte=period.starts_at, at__lt=period.ends_at)
    found = said.values_list("fact").annotate(Count("pk")).order_by()
    return counted("doubts_and_confirmations", Unit.FACTS, period, dict(found), "trust_fact")


def protections_disputed(period: Period) -> Figure:
    """How many became disputed."""
    return single("protections_disputed", Unit.PROTECTIONS, period, _turned(period, Trust.DISPUTED))


def protections_overturned(period: Period) -> Figure:
    """How many were confirmed after a dispute."""
    return single("protections_overturned", Unit.PROTECTIONS, period, _turned(period, Trust.CONFIRMED))


def _turned(period: Period, trust: Trust) -> int:
    """How many turned to disputed in the period, or from disputed to another trust."""
    histories = _histories_with_a_dispute(period).values()
    return sum(_has_turned(facts, period, trust) for facts in histories)


def _histories_with_a_dispute(period: Period) -> dict[int, list[tuple[Fact, datetime]]]:
    disputed = TrustFact.objects.filter(fact=Fact.REFUSED_BY_QUORUM, at__lt=period.ends_at).values("protection")
    rows = TrustFact.objects.filter(protection__in=disputed, at__lt=period.ends_at).order_by("pk")
    found: dict[int, list[tuple[Fact, datetime]]] = defaultdict(list)
    for protection, fact, at in rows.values_list("protection", "fact", "at"):
        found[protection].append((Fact(fact), at))
    return found


def _has_turned(facts: Iterable[tuple[Fact, datetime]], period: Period, wanted: Trust) -> bool:
    trust = Trust.SELF_DECLARED
    for fact, at in facts:
        before, trust = trust, after(trust, fact)
        is_turn = trust is wanted and trust is not before and Trust.DISPUTED in (before, trust)
        if is_turn and period.holds(at):
            return True
    return False


def matches_told(period: Period) -> Figure:
    """Uploads that platforms say matched, by platform."""
    lines = Entry.objects.filter(verb="feedback_noted", at__gte=period.starts_at, at__lt=period.ends_at)
    counts: Counter[int] = Counter()
    for detail in lines.values_list("detail", flat=True).iterator(chunk_size=5000):
        counts[detail["platform"]] += detail.get("matches", 0)
    names = dict(Recipient.objects.filter(pk__in=counts).values_list("pk", "name"))
    by_name: Counter[str] = Counter()
    for number, count in counts.items():
        by_name[names.get(number, str(number))] += count
    return counted("matches_told", Unit.MATCHES, period, by_name, "recipient", is_name=True)


def delay_to_first_match(period: Period) -> Figure:
    """Declaration → first match told by any platform."""
    firsts = Protection.objects.annotate(first=Min("feedback__first_match_at"))
    # Two bounds of the joined rows first: the database begins with the few that were told of in the period.
    told = Feedback.objects.filter(first_match_at__gte=period.starts_at, first_match_at__lt=period.ends_at)
    rows = firsts.filter(pk__in=told.values("protection"), first__gte=period.starts_at).values_list("declared_at", "first")
    found = spread(hours_between(declared_at, first) for declared_at, first in rows)
    row = Row("all", found.count, median=found.median, p90=found.p90)
    return Figure("delay_to_first_match", Unit.HOURS, period, (row,))


def protections_standing(period: Period) -> Figure:
    """Those that protect at this moment, by how far they are trusted."""
    rows = Protection.objects.filter(trust__in=[trust.value for trust in LIVE])
    return counted("protections_standing", Unit.PROTECTIONS, period, _tally(rows, "trust"), "trust")


def _tally(rows: QuerySet[Protection], field: str) -> dict[str, int]:
    return {str(key): count for key, count in rows.values_list(field).annotate(Count("pk")).order_by()}
