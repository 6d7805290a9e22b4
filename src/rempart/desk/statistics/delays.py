"""How long things took. Instants come from the database; medians and percentiles are computed in ``spread``."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from rempart.desk.rules.report import ReportKind
from rempart.desk.stages.action.models import NoticedItem
from rempart.desk.stages.followup.models import Reply, Watch
from rempart.desk.stages.intake.models import Report
from rempart.desk.statistics.acts import noticed
from rempart.desk.statistics.decisions import decided
from rempart.desk.statistics.figure import Figure, Row, Unit
from rempart.desk.statistics.periods import Period
from rempart.desk.statistics.spread import hours_between, spread

Instants = Iterable[tuple[datetime | None, datetime | None]]


def delay_to_decision(period: Period) -> Figure:
    """Reception of the item → final decision."""
    return _delay("delay_to_decision", period, decided(period).values_list("received_at", "assessed_at"))


def delay_to_notice(period: Period) -> Figure:
    """Final decision → first notice."""
    firsts: dict[int, tuple[datetime, datetime]] = {}
    rows = noticed(period).filter(notice__reminds__isnull=True).order_by("pk")
    for item_id, decided_at, sent_at in rows.values_list("item_id", "item__assessed_at", "notice__sent_at"):
        if decided_at is not None and sent_at is not None:
            firsts.setdefault(item_id, (decided_at, sent_at))
    return _delay("delay_to_notice", period, firsts.values())


def delay_to_reply(period: Period) -> Figure:
    """Notice → first reply of its recipient about an address."""
    firsts: dict[tuple[int, int], tuple[datetime, datetime]] = {}
    # The first reply decides, even when it arrived before the period: a later one is not a first reply.
    replies = Reply.objects.filter(at__lt=period.ends_at).order_by("at", "pk")
    for notice_id, item_id, sent_at, at in replies.values_list("notice_id", "item_id", "notice__sent_at", "at"):
        if sent_at is not None:
            firsts.setdefault((notice_id, item_id), (sent_at, at))
    within = [pair for pair in firsts.values() if period.holds(pair[1])]
    return _delay("delay_to_reply", period, within)


def delay_to_answer(period: Period) -> Figure:
    """Reception of the report → answer."""
    answered = Report.objects.filter(kind=ReportKind.REPORT, answered_at__gte=period.starts_at, answered_at__lt=period.ends_at)
    return _delay("delay_to_answer", period, answered.values_list("received_at", "answered_at"))


def delay_to_removal(period: Period) -> Figure:
    """First notice → seen gone."""
    found = [(sent_at, gone_at) for _, sent_at, gone_at in removals(period)]
    return _delay("delay_to_removal", period, found)


def delay_to_removal_by_recipient(period: Period) -> Figure:
    """First notice → seen gone, for each recipient."""
    found: dict[str, list[float]] = defaultdict(list)
    for recipient, sent_at, gone_at in removals(period):
        found[recipient].append(hours_between(sent_at, gone_at))
    rows = [_row(name, hours, is_name=True) for name, hours in found.items()]
    rows.sort(key=lambda row: (-row.count, row.key))
    return Figure("delay_to_removal_by_recipient", Unit.HOURS, period, tuple(rows), "recipient")


def removals(period: Period) -> list[tuple[str, datetime, datetime]]:
    """Recipient of the first notice, its sending, and the moment seen gone, of every address seen gone in the period."""
    watches = Watch.objects.filter(gone_at__gte=period.starts_at, gone_at__lt=period.ends_at)
    gone = {item_id: gone_at for item_id, gone_at in watches.values_list("item_id", "gone_at") if gone_at is not None}
    firsts: dict[int, tuple[str, datetime]] = {}
    # Asked by the watches, not by a list of ids: a year of them would not fit in one question.
    rows = NoticedItem.objects.filter(
        item__watch__gone_at__gte=period.starts_at,
        item__watch__gone_at__lt=period.ends_at,
        notice__sent_at__isnull=False,
        left_out_at__isnull=True,
    ).order_by("pk")
    for item_id, name, sent_at in rows.values_list("item_id", "notice__recipient__name", "notice__sent_at"):
        if sent_at is not None:
            firsts.setdefault(item_id, (name, sent_at))
    return [(*first, gone[item_id]) for item_id, first in firsts.items()]


def _delay(name: str, period: Period, instants: Instants) -> Figure:
    hours = [hours_between(start, end) for start, end in instants if start is not None and end is not None]
    return Figure(name, Unit.HOURS, period, (_row("all", hours),))


def _row(key: str, hours: list[float], *, is_name: bool = False) -> Row:
    found = spread(hours)
    return Row(key, found.count, median=found.median, p90=found.p90, is_name=is_name)
