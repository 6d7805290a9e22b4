"""The one thing an invented platform tells the desk: it met a copy of a picture that the visitor protects.

It plays the program of one that reads the list (``readers``): its answer takes the same way as theirs.
"""

from datetime import datetime

from rempart.desk.registers.bank.facts import note_feedback
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.directory.models import Recipient
from rempart.desk.rehearsal.protected import RONDE
from rempart.desk.rules.trust import ADVICE, Act, Trust, Vote

PLATFORM = RONDE


def meet_a_copy(*, since: datetime, now: datetime) -> Act | None:
    """Somebody sends the picture that was protected last: the platform does what it is advised, and tells the desk of one match.

    ``since``: what was protected before is of the invented past. None: it recognises nothing.
    """
    mine = Protection.objects.filter(declared_at__gt=since, ended_at__isnull=True).order_by("-pk").first()
    platform = Recipient.objects.filter(name=PLATFORM).first()
    if mine is None or platform is None:
        return None
    act = ADVICE[Trust(mine.trust)].exact
    vote = Vote.BLOCKED if act is Act.BLOCK else None
    note_feedback(mine.pk, platform.pk, now=now, matches=1, accounts=1, vote=vote)
    return act
