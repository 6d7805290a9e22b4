"""The action stage's share of the worker's round."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db.models import F, Q, QuerySet

from rempart.desk.outlets import look as looking
from rempart.desk.outlets.email.outlet import EmailOutlet
from rempart.desk.outlets.interface import Outlet
from rempart.desk.rules.duties import DOSSIERS, DutyKind, Failure
from rempart.desk.rules.lifecycle import State
from rempart.desk.stages.action import steps
from rempart.desk.stages.action.answering import reports_to_answer
from rempart.desk.stages.action.models import Duty
from rempart.desk.stages.action.sending import Look, without_outcome
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.rows import Inbox
from rempart.desk.stages.triage.models import Assessment


def _owed() -> QuerySet[Duty]:
    return Duty.objects.filter(done_at__isnull=True, failed_at__isnull=True)


_DOUBTFUL = Inbox(lambda now: without_outcome().filter(sealed_text__isnull=False, claimed_until__lte=now))
_DOUBTFUL_MAILS = Inbox(lambda now: _owed().filter(kind=DutyKind.ANSWER, claimed_until__lte=now))
_DECIDED = Inbox(lambda _now: Assessment.objects.filter(is_final=True, acted_at__isnull=True).order_by("pk"))
# An item decided and not closed: said twice, so that SQLite reads the small index of those and not a large one that covers.
_LATE = Q(state=State.ASSESSED, closed_at__isnull=True, decided__assessment__acted_at__isnull=False)
_BEHIND = Inbox(
    lambda _now: (
        Item.objects.filter(_LATE)
        .exclude(decided__assessment__item=F("pk"))
        .exclude(decided__assessment__item__state=State.ASSESSED)
        .order_by("pk")
    )
)
_DOSSIERS = Inbox(lambda _now: _owed().filter(kind__in=DOSSIERS, dossier__isnull=True).order_by("not_before", "pk"))
_UNANSWERED = Inbox(lambda _now: reports_to_answer().order_by("pk"))
_UNREACHABLE = Inbox(
    lambda _now: Duty.objects.filter(
        kind=DutyKind.NOTICE, done_at__isnull=True, failed_at__isnull=False, failure__in=[Failure.NO_CONTACT, Failure.NO_OUTLET]
    )
)
_OWED = Inbox(
    lambda now: _owed().filter(
        Q(waits_for__isnull=True) | Q(waits_for__done_at__isnull=False),
        kind=DutyKind.NOTICE,
        not_before__lte=now,
        noticed__isnull=True,
    )
)
_TO_SEND = Inbox(lambda now: without_outcome().filter(closes_at__lte=now, sealed_text__isnull=True))
_MAILS = Inbox(lambda now: _owed().filter(kind=DutyKind.ANSWER, not_before__lte=now))


def work(*, now: datetime, look: Look | None = None, outlet: Outlet | None = None) -> int:
    """One round: file what is owed, answer reporters, write and send notices; returns how many rows moved.

    ``look`` and ``outlet`` replace the real ones: a replay has its own world.
    """
    way_out, eyes = outlet or EmailOutlet(), look or look_for_real
    acts: tuple[tuple[Inbox, Callable[[], int]], ...] = (
        (_DOUBTFUL, lambda: steps.redden_doubtful(now=now)),
        (_DOUBTFUL_MAILS, lambda: steps.redden_doubtful_emails(now=now)),
        (_DECIDED, lambda: steps.file_duties(now=now)),
        (_BEHIND, lambda: steps.catch_up(now=now)),
        (_DOSSIERS, lambda: steps.prepare_dossiers(now=now)),
        (_UNANSWERED, lambda: steps.answer_reports(now=now)),
        (_UNREACHABLE, lambda: steps.retry_reachable(now=now)),
        (_OWED, lambda: steps.carry_out_notices(now=now)),
        (_TO_SEND, lambda: steps.send_notices(now=now, look=eyes, outlet=way_out)),
        (_MAILS, lambda: steps.tell_by_email(now=now, outlet=way_out)),
    )
    return sum(act() for inbox, act in acts if inbox.has_mail(now))


def look_for_real(url: str) -> looking.Looked:
    """One look at the world outside, or at the rehearsal's own."""
    return looking.look(url, allow_private=settings.REMPART.is_rehearsal)
