"""The intake stage's share of the worker's round."""

from datetime import datetime

from django.conf import settings

from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.retention import half_sent_cutoff
from rempart.desk.stages.intake import preparing, steps
from rempart.desk.stages.intake.models import Item, Report
from rempart.desk.stages.rows import Inbox

_RECEIVED = Inbox(lambda _now: Item.objects.filter(state=State.RECEIVED).order_by("pk"))
_HALF_SENT = Inbox(lambda cutoff: Report.objects.filter(completed_at__isnull=True, received_at__lte=cutoff))


def work(*, now: datetime) -> int:
    """One round: typed text becomes addresses, abandoned forms are complete; returns how many rows moved."""
    moved = preparing.prepare(now=now) if _RECEIVED.has_mail(now) else 0
    cutoff = half_sent_cutoff(now, settings.REMPART_RETENTION)
    return moved + (steps.complete_half_sent(now=now) if _HALF_SENT.has_mail(cutoff) else 0)
