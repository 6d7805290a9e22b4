"""The follow-up stage's share of the worker's round."""

from datetime import datetime, timedelta

from django.conf import settings

from rempart.desk.outlets.look import Looked, Spacing, look
from rempart.desk.stages.action.models import Notice
from rempart.desk.stages.followup import forgetting, looking, steps, watching
from rempart.desk.stages.followup.looking import Eyes
from rempart.desk.stages.followup.models import Watch
from rempart.desk.stages.rows import Inbox

_SENT = Inbox(lambda _now: Notice.objects.filter(sent_at__isnull=False, watched_at__isnull=True))
_DUE = Inbox(lambda now: Watch.objects.filter(ended_at__isnull=True, next_probe_at__lte=now))

_spacing = Spacing()
# The hosts of a rehearsal are our own: nobody is bothered.
_no_spacing = Spacing(timedelta(0))


def work(*, now: datetime, eyes: Eyes | None = None) -> int:
    """One round: take over what was sent, look at what is due, forget what must be; returns how many rows moved.

    ``eyes`` replaces the real look: a replay has its own world to look at.
    """
    spacing = _spacing if eyes is None and not settings.REMPART.is_rehearsal else _no_spacing
    moved = watching.open_watches(now=now) if _SENT.has_mail(now) else 0
    # Scripted eyes wait for no network: they look at one after the other.
    at_once = looking.AT_ONCE if eyes is None else 1
    moved += probe(now=now, eyes=eyes or look_for_real, spacing=spacing, at_once=at_once) if _DUE.has_mail(now) else 0
    return moved + forgetting.forget_due(now=now)


def probe(*, now: datetime, eyes: Eyes, spacing: Spacing, at_once: int = looking.AT_ONCE, limit: int = 200) -> int:
    """Look at one batch of due addresses. The looks happen between two transactions; what they saw is written in the second."""
    due = watching.claim_due(now=now, limit=limit)
    if not due:
        return 0
    now_due, later = looking.take_turns(due, spacing, now=now)
    if later:
        watching.put_back(later)
    return steps.record_probes(looking.look_at_all(now_due, eyes, at_once), now=now)


def look_for_real(url: str) -> Looked:
    """One look at the world outside, or at the rehearsal's own."""
    return look(url, allow_private=settings.REMPART.is_rehearsal)
