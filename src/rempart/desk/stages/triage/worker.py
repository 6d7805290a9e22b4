"""The triage stage's share of the worker's round."""

from datetime import datetime

from rempart.desk.stages.rows import Inbox
from rempart.desk.stages.triage import settling
from rempart.desk.stages.triage.models import Assessment

_READ = Inbox(lambda now: Assessment.objects.filter(settled_at__isnull=True, undone_at__isnull=True, may_undo_until__lte=now))
_KNOWN = Inbox(lambda _now: settling.known_again())


def work(*, now: datetime) -> int:
    """One round: readings whose undo window ended are settled, known addresses join their decision; returns how many moved."""
    moved = settling.settle(now=now) if _READ.has_mail(now) else 0
    return moved + (settling.join_known(now=now) if _KNOWN.has_mail(now) else 0)
