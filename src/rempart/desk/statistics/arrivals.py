"""What arrived, in three units that are never mixed: reports, items, addresses."""

from collections import Counter
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from rempart.desk.rules.report import ReportKind
from rempart.desk.stages.intake.models import Address, Item, Report
from rempart.desk.statistics.figure import Figure, Row, Unit, counted, single
from rempart.desk.statistics.periods import Period


def reports(period: Period) -> QuerySet[Report]:
    """The reports people and partners sent in the period."""
    return Report.objects.filter(kind=ReportKind.REPORT, received_at__gte=period.starts_at, received_at__lt=period.ends_at)


def items(period: Period) -> QuerySet[Item]:
    """The items those reports brought."""
    return Item.objects.filter(report__kind=ReportKind.REPORT, received_at__gte=period.starts_at, received_at__lt=period.ends_at)


def reports_received(period: Period) -> Figure:
    """How many reports."""
    return single("reports_received", Unit.REPORTS, period, reports(period).count())


def reports_by_category(period: Period) -> Figure:
    """By what the reporter believed."""
    return counted("reports_by_category", Unit.REPORTS, period, tally(reports(period), "category"), "category")


def reports_by_source(period: Period) -> Figure:
    """By the way they came."""
    return counted("reports_by_source", Unit.REPORTS, period, tally(reports(period), "source"), "source")


def reports_by_month(period: Period) -> Figure:
    """By calendar month, months without a report included."""
    month = TruncMonth("received_at", tzinfo=ZoneInfo(period.time_zone))
    found = reports(period).annotate(month=month).values_list("month").annotate(Count("pk")).order_by()
    counts = Counter({f"{moment:%Y-%m}": count for moment, count in found})
    keys = [f"{first:%Y-%m}" for first in period.months()]
    rows = tuple(Row(key, counts[key]) for key in keys)
    return Figure("reports_by_month", Unit.REPORTS, period, rows, "month")


def reports_answered(period: Period) -> Figure:
    """How many reporters got their answer in the period."""
    answered = Report.objects.filter(kind=ReportKind.REPORT, answered_at__gte=period.starts_at, answered_at__lt=period.ends_at)
    return single("reports_answered", Unit.REPORTS, period, answered.count())


def relapses_and_objections(period: Period) -> Figure:
    """Items the desk opened itself, by kind of report."""
    rows = Item.objects.filter(received_at__gte=period.starts_at, received_at__lt=period.ends_at)
    again = rows.exclude(report__kind=ReportKind.REPORT)
    return counted("relapses_and_objections", Unit.ITEMS, period, tally(again, "report__kind"), "kind")


def items_received(period: Period) -> Figure:
    """How many things to decide on."""
    return single("items_received", Unit.ITEMS, period, items(period).count())


def addresses_reported(period: Period) -> Figure:
    """How many different addresses."""
    different = items(period).filter(address__isnull=False).values("address_id").distinct().count()
    return single("addresses_reported", Unit.ADDRESSES, period, different)


def addresses_new(period: Period) -> Figure:
    """How many addresses never seen before."""
    fresh = Address.objects.filter(first_seen_at__gte=period.starts_at, first_seen_at__lt=period.ends_at)
    return single("addresses_new", Unit.ADDRESSES, period, fresh.count())


def tally(rows: QuerySet[Report] | QuerySet[Item], field: str, what: str = "pk") -> dict[str, int]:
    """How many different ``what`` by the values of a field."""
    found = rows.values_list(field).annotate(Count(what, distinct=what != "pk")).order_by()
    return {str(key): count for key, count in found}
