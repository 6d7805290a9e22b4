"""The intake stage's share of the worker's round."""

from datetime import datetime

from django.conf import settings

from rempart.desk.registers.bank import steps as bank
from rempart.desk.registers.lists import canaries
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.retention import half_sent_cutoff, renewal_cutoff
from rempart.desk.stages.intake import matching, preparing, protecting, steps
from rempart.desk.stages.intake.models import Item, Report
from rempart.desk.stages.rows import Inbox

_RECEIVED = Inbox(lambda _now: Item.objects.filter(state=State.RECEIVED).order_by("pk"))
_HALF_SENT = Inbox(lambda cutoff: Report.objects.filter(completed_at__isnull=True, received_at__lte=cutoff))
_TO_MATCH = Inbox(lambda _now: matching.waiting())
_TO_WITHDRAW = Inbox(protecting.to_withdraw)
_TO_ASK = Inbox(protecting.to_ask)
_TO_EXPIRE = Inbox(protecting.to_expire)
_TO_FORGET = Inbox(lambda _now: bank.unforgotten())


def work(*, now: datetime) -> int:
    """One round: typed text becomes addresses, abandoned forms are complete, protections end on time, written fingerprints are
    looked for in the bank; returns how many rows moved.
    """
    moved = preparing.prepare(now=now) if _RECEIVED.has_mail(now) else 0
    cutoff = half_sent_cutoff(now, settings.REMPART_RETENTION)
    moved += steps.complete_half_sent(now=now) if _HALF_SENT.has_mail(cutoff) else 0
    moved += protect(now=now)
    return moved + (matching.match(now=now) if _TO_MATCH.has_mail(now) else 0)


def protect(*, now: datetime) -> int:
    """The protections' part of it. After the reports: what fails here keeps none of them waiting."""
    moved = protecting.finish_withdrawals(now=now) if _TO_WITHDRAW.has_mail(now) else 0
    ends = renewal_cutoff(now, settings.REMPART_RETENTION)
    moved += protecting.ask_to_renew(now=now) if _TO_ASK.has_mail(ends) else 0
    moved += protecting.expire(now=now) if _TO_EXPIRE.has_mail(now) else 0
    moved += bank.forget_keys(now=now) if _TO_FORGET.has_mail(now) else 0
    return moved + canaries.keep_in_step(now=now)
