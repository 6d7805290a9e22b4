"""The action stage's share of the worker's round."""

from datetime import datetime

from django.conf import settings

from rempart.desk.outlets import look as looking
from rempart.desk.outlets.email.outlet import EmailOutlet
from rempart.desk.outlets.interface import Outlet
from rempart.desk.stages.action import steps
from rempart.desk.stages.action.sending import Look


def work(*, now: datetime, look: Look | None = None, outlet: Outlet | None = None) -> int:
    """One round: file what is owed, answer reporters, write and send notices; returns how many rows moved.

    ``look`` and ``outlet`` replace the real ones: a replay has its own world.
    """
    way_out = outlet or EmailOutlet()
    moved = steps.redden_doubtful(now=now) + steps.redden_doubtful_emails(now=now)
    moved += steps.file_duties(now=now) + steps.catch_up(now=now)
    moved += steps.prepare_dossiers(now=now) + steps.answer_reports(now=now)
    moved += steps.retry_reachable(now=now) + steps.carry_out_notices(now=now)
    moved += steps.send_notices(now=now, look=look or look_for_real, outlet=way_out)
    return moved + steps.tell_by_email(now=now, outlet=way_out)


def look_for_real(url: str) -> looking.Looked:
    """One look at the world outside, or at the rehearsal's own."""
    return looking.look(url, allow_private=settings.REMPART.is_rehearsal)
