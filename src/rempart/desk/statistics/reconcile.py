"""The essentials, counted twice by roads that do not meet: from the rows as they stand, and from the journal as it was written.

When the two disagree, something wrote without saying so, or said so without writing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules.report import ReportKind
from rempart.desk.stages.action.models import Notice
from rempart.desk.stages.intake.models import Item, Report
from rempart.desk.stages.triage.models import Assessment, DecidedItem
from rempart.desk.statistics import arrivals, decisions
from rempart.desk.statistics.periods import Period


@dataclass(frozen=True, slots=True)
class Twice:
    """One essential number, counted both ways."""

    name: str
    by_rows: int
    by_journal: int

    @property
    def is_equal(self) -> bool:
        """Whether both ways agree."""
        return self.by_rows == self.by_journal


def counted_twice(period: Period) -> tuple[Twice, ...]:
    """Every essential number of the period, both ways."""
    rows, journal = _by_rows(period), _by_journal(period)
    return tuple(Twice(name, rows[name], journal[name]) for name in rows)


def _by_rows(period: Period) -> dict[str, int]:
    within = {"gte": period.starts_at, "lt": period.ends_at}
    again = Report.objects.exclude(kind=ReportKind.REPORT)
    return {
        "reports_received": arrivals.reports(period).count(),
        "items_received": arrivals.items(period).count(),
        "relapses_and_objections": _between(again, "received_at", within),
        "readings_kept": _between(Assessment.objects.all(), "assessed_at", within),
        "readings_settled": _between(Assessment.objects.all(), "settled_at", within),
        "items_decided": DecidedItem.objects.filter(item__in=decisions.decided(period)).count(),
        "notices_sent": _between(Notice.objects.all(), "sent_at", within),
        "reports_answered": _between(Report.objects.all(), "answered_at", within),
        "items_closed": _between(Item.objects.all(), "closed_at", within),
        "protections_declared": _between(Protection.objects.all(), "declared_at", within),
        "protections_ended": _between(Protection.objects.all(), "ended_at", within),
    }


def _between(
    rows: QuerySet[Report] | QuerySet[Item] | QuerySet[Assessment] | QuerySet[Notice] | QuerySet[Protection],
    field: str,
    within: dict[str, datetime],
) -> int:
    return rows.filter(**{f"{field}__{bound}": moment for bound, moment in within.items()}).count()


def _by_journal(period: Period) -> dict[str, int]:
    found: dict[str, int] = dict.fromkeys(_READ, 0)
    entries = Entry.objects.filter(at__gte=period.starts_at, at__lt=period.ends_at)
    verbs = {verb for reads in _READ.values() for verb in reads}
    lines = entries.filter(verb__in=verbs).values_list("verb", "detail")
    for verb, detail in lines.iterator(chunk_size=5000):
        for name, reads in _READ.items():
            if verb in reads:
                found[name] += _weight(name, verb, detail)
    return found


# Which lines of the journal tell of each number.
_READ: dict[str, frozenset[str]] = {
    "reports_received": frozenset({"received"}),
    "items_received": frozenset({"received"}),
    "relapses_and_objections": frozenset({"relapse", "appeal"}),
    "readings_kept": frozenset({"assessed"}),
    "readings_settled": frozenset({"settled"}),
    "items_decided": frozenset({"settled", "joined"}),
    "notices_sent": frozenset({"notice_sent"}),
    "reports_answered": frozenset({"answered"}),
    "items_closed": frozenset({"closed"}),
    "protections_declared": frozenset({"protected"}),
    "protections_ended": frozenset({"protection_withdrawn", "protection_expired"}),
}
_BY_DETAIL = {"items_received": "items", "items_decided": "items", "items_closed": "items", "protections_declared": "files"}


def _weight(name: str, verb: str, detail: dict[str, Any]) -> int:
    if name == "items_decided" and verb == "settled" and not detail["is_final"]:
        return 0
    return int(detail.get(_BY_DETAIL[name], 1)) if name in _BY_DETAIL else 1
