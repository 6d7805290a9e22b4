"""What was decided, and how sure we are of it."""

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KeyTextTransform

from rempart.desk.rules.assessment import Reading, Verdict
from rempart.desk.rules.report import ReportKind
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.triage.models import Assessment
from rempart.desk.statistics.arrivals import tally
from rempart.desk.statistics.figure import Figure, Unit, counted, share
from rempart.desk.statistics.periods import Period


def decided(period: Period) -> QuerySet[Item]:
    """The items whose final decision fell in the period."""
    return Item.objects.filter(assessed_at__gte=period.starts_at, assessed_at__lt=period.ends_at, decided__isnull=False)


def items_by_verdict(period: Period) -> Figure:
    """By the five outcomes."""
    counts = tally(decided(period), "decided__assessment__verdict")
    return counted("items_by_verdict", Unit.ITEMS, period, counts, "verdict")


def items_by_content(period: Period) -> Figure:
    """Illegal items, by the type of content of the grading."""
    illegal = decided(period).filter(decided__assessment__verdict=Verdict.ILLEGAL_IN_FIELD)
    graded = illegal.annotate(content=KeyTextTransform("category", "decided__assessment__grading"))
    found = graded.values_list("content").annotate(Count("pk")).order_by()
    return counted("items_by_content", Unit.ITEMS, period, {str(key): count for key, count in found}, "content")


def addresses_by_verdict(period: Period) -> Figure:
    """Different addresses, by outcome."""
    rows = decided(period).filter(address__isnull=False)
    counts = tally(rows, "decided__assessment__verdict", "address_id")
    return counted("addresses_by_verdict", Unit.ADDRESSES, period, counts, "verdict")


def items_by_closing(period: Period) -> Figure:
    """By the reason of the closing."""
    closed = Item.objects.filter(closed_at__gte=period.starts_at, closed_at__lt=period.ends_at)
    return counted("items_by_closing", Unit.ITEMS, period, tally(closed, "closing"), "closing")


def second_reading_agreement(period: Period) -> Figure:
    """Share of second readings that agree. One that agrees is final; one that does not goes to a supervisor."""
    seconds = Assessment.objects.filter(
        reading=Reading.SECOND, settled_at__gte=period.starts_at, settled_at__lt=period.ends_at, undone_at__isnull=True
    )
    return share("second_reading_agreement", period, seconds.filter(is_final=True).count(), seconds.count())


def overturned_decisions(period: Period) -> Figure:
    """Share of the objections after which the address is no longer held illegal in our field."""
    objections = decided(period).filter(report__kind=ReportKind.APPEAL)
    upheld = objections.exclude(decided__assessment__verdict=Verdict.ILLEGAL_IN_FIELD)
    return share("overturned_decisions", period, upheld.count(), objections.count())
