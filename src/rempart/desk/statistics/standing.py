"""Where things stand at this moment, whatever the period."""

from datetime import datetime

from django.db.models import Count

from rempart.desk.rules.lifecycle import OPEN_FOR_READING, State
from rempart.desk.rules.queue import Band
from rempart.desk.stages.action.models import Duty
from rempart.desk.stages.intake.models import Item
from rempart.desk.statistics.arrivals import tally
from rempart.desk.statistics.figure import Figure, Unit, counted
from rempart.desk.statistics.periods import Period


def open_items(period: Period) -> Figure:
    """Not closed, by state."""
    return counted("open_items", Unit.ITEMS, period, tally(Item.objects.exclude(state=State.CLOSED), "state"), "state")


def late_items(period: Period, now: datetime) -> Figure:
    """Waiting for a reading although the target delay is over, by priority."""
    late = Item.objects.filter(state__in=OPEN_FOR_READING, due_at__lt=now)
    found = late.values_list("band").annotate(Count("pk")).order_by()
    counts = {Band(band).name.lower(): count for band, count in found}
    return counted("late_items", Unit.ITEMS, period, counts, "band")


def red_duties(period: Period) -> Figure:
    """Failed and not cleared, by kind."""
    red = Duty.objects.filter(done_at__isnull=True, failed_at__isnull=False)
    found = red.values_list("kind").annotate(Count("pk")).order_by()
    return counted("red_duties", Unit.DUTIES, period, dict(found), "duty")
