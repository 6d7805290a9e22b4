"""Somebody protects pictures, takes them back, keeps them longer. Each function is one transaction, through a case code.

No answer tells whether a picture is listed by somebody else: what is counted and shown is what this very code protects.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from rempart.desk.outlets.case_mailbox.protections import Told, renewal_asked, withdrawal_asked
from rempart.desk.registers.bank import steps as bank
from rempart.desk.registers.bank.errors import BankRefused
from rempart.desk.registers.bank.models import Feedback, Protection
from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.lists.whereabouts import Whereabouts, whereabouts_of
from rempart.desk.registers.vault import sealing
from rempart.desk.registers.vault.sealing import CaseKeys
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.lists import list_of
from rempart.desk.rules.protection import Age, Helper, Kind, Submission, is_young
from rempart.desk.rules.retention import protection_ends, protection_stands_until, renewal_cutoff, unanswered_cutoff
from rempart.desk.rules.trust import Fact, RefusalReason, Trust, Vote
from rempart.desk.stages.intake import steps
from rempart.desk.stages.intake.errors import NoSuchCase, ProtectionRefused
from rempart.desk.stages.intake.models import Case
from rempart.desk.stages.rows import lock


@dataclass(frozen=True, slots=True)
class ProtectReceipt:
    """``added`` protections are new; ``known_before`` files were already protected under this very code."""

    code: CaseCode
    added: int
    known_before: int


@dataclass(frozen=True, slots=True)
class WithdrawReceipt:
    """``gone`` ended at once; the others end at ``due_at``. None when none waits."""

    gone: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Matched:
    """What one platform says of one protection. ``reason``: why it was not blocked, where it said so."""

    platform: str
    count: int
    last_at: datetime
    vote: Vote | None
    reason: RefusalReason | None
    is_under_review: bool


@dataclass(frozen=True, slots=True)
class ProtectionSeen:
    """One protection as the holder of the code sees it. ``number`` is its place among those of the case, from 1.

    ``stands_until``: when it ends if nobody renews it. ``is_young``: whoever declared it is said *tu*.
    ``where``: which platforms have its fingerprints now.
    """

    pk: int
    number: int
    kind: Kind
    declared_at: datetime
    trust: Trust
    expires_at: datetime
    withdraw_due_at: datetime | None
    asked_to_renew_at: datetime | None
    is_device_shared: bool
    is_young: bool
    ended_at: datetime | None
    matches: tuple[Matched, ...]
    where: Whereabouts

    @property
    def stands_until(self) -> datetime:
        return protection_stands_until(self.expires_at, self.asked_to_renew_at, settings.REMPART_RETENTION)


@transaction.atomic
def protect(submission: Submission, *, now: datetime, code: CaseCode | None) -> ProtectReceipt:
    """Protect these files under this code, or under a new one. Sent twice, it is once. Raises :class:`ProtectionRefused`.

    As for reports, a code that opens no case yet was made for the form when it was shown.
    """
    code = code or sealing.new_case_code()
    case = steps.case_for(code, submission.language, now)
    try:
        declared = bank.declare(case.pk, submission, now=now)
    except BankRefused as refused:
        raise ProtectionRefused(refused.reason) from None
    return ProtectReceipt(code, len(declared.added), declared.known_before)


@transaction.atomic
def withdraw(keys: CaseKeys, protection_ids: Collection[int], *, now: datetime) -> WithdrawReceipt:
    """Take these protections back: at once, or a day later where the device is shared. Numbers of other cases are passed over.

    Raises :class:`NoSuchCase`.
    """
    case = _case(keys)
    asked = bank.standing(case.pk).filter(pk__in=protection_ids)
    gone = bank.end(asked.filter(is_device_shared=False), Fact.WITHDRAWAL, now=now)
    waiting = list(asked.filter(is_device_shared=True, withdraw_due_at__isnull=True))
    if waiting:
        due_at = now + settings.REMPART_RETENTION.second_thoughts
        Protection.objects.filter(pk__in=[one.pk for one in waiting]).update(withdraw_due_at=due_at)
        steps.write_to_reporter(case, withdrawal_asked(_told(case, waiting, due_at)), by=None, now=now)
        journal.write("withdrawal_asked", f"case:{case.pk}", now=now, detail={"protections": len(waiting)})
    due = asked.filter(withdraw_due_at__isnull=False).order_by("-withdraw_due_at").values_list("withdraw_due_at", flat=True)
    return WithdrawReceipt(len(gone), due.first())


@transaction.atomic
def cancel_withdrawal(keys: CaseKeys, *, now: datetime) -> int:
    """Keep what was to be taken back; returns how many. Raises :class:`NoSuchCase`."""
    case = _case(keys)
    kept = bank.standing(case.pk).filter(withdraw_due_at__isnull=False).update(withdraw_due_at=None)
    if kept:
        journal.write("withdrawal_cancelled", f"case:{case.pk}", now=now, detail={"protections": kept})
    return kept


@transaction.atomic
def renew(keys: CaseKeys, *, now: datetime) -> int:
    """Protect everything that stands as long again, from now; returns how many. Raises :class:`NoSuchCase`."""
    case = _case(keys)
    ends = protection_ends(now, settings.REMPART_RETENTION)
    renewed = bank.standing(case.pk).update(expires_at=ends, asked_to_renew_at=None)
    if renewed:
        journal.write("protections_renewed", f"case:{case.pk}", now=now, detail={"protections": renewed})
    return renewed


def protections_of(keys: CaseKeys) -> list[ProtectionSeen]:
    """Everything this code ever protected, oldest first; what has ended is there with its end. Raises :class:`NoSuchCase`."""
    case = Case.objects.filter(lookup=keys.lookup).first()
    if case is None:
        raise NoSuchCase("no_such_case")
    known = list(bank.of_case(case.pk).prefetch_related(Prefetch("feedback", Feedback.objects.order_by("pk"))))
    platforms = {one.platform_number for protection in known for one in protection.feedback.all()}
    names = dict(Recipient.objects.filter(pk__in=platforms).values_list("pk", "name"))
    where = whereabouts_of({one.pk: list_of(Age(one.age)) for one in known})
    return [_seen(protection, number, names, where[protection.pk]) for number, protection in enumerate(known, start=1)]


def _seen(protection: Protection, number: int, names: dict[int, str], where: Whereabouts) -> ProtectionSeen:
    return ProtectionSeen(
        pk=protection.pk,
        number=number,
        kind=Kind(protection.kind),
        declared_at=protection.declared_at,
        trust=Trust(protection.trust),
        expires_at=protection.expires_at,
        withdraw_due_at=protection.withdraw_due_at,
        asked_to_renew_at=protection.asked_to_renew_at,
        is_device_shared=protection.is_device_shared,
        is_young=_is_young(protection),
        ended_at=protection.ended_at,
        matches=tuple(_matched(one, names) for one in protection.feedback.all()),
        where=where,
    )


def _matched(told: Feedback, names: dict[int, str]) -> Matched:
    return Matched(
        platform=names.get(told.platform_number, ""),
        count=told.matches,
        last_at=told.last_at,
        vote=Vote(told.vote) if told.vote else None,
        reason=RefusalReason(told.reason) if told.reason else None,
        is_under_review=told.is_under_review,
    )


def _case(keys: CaseKeys) -> Case:
    case = steps.locked_case(keys)
    if case is None:
        raise NoSuchCase("no_such_case")
    return case


def _told(case: Case, protections: Collection[Protection], ends: datetime) -> Told:
    return Told(case.language, len(protections), timezone.localtime(ends), any(map(_is_young, protections)))


def _is_young(protection: Protection) -> bool:
    return is_young(Age(protection.age), Helper(protection.helper))


# What the worker does, in batches.


def to_withdraw(now: datetime) -> QuerySet[Protection]:
    """The day of second thoughts is over."""
    return Protection.objects.filter(withdraw_due_at__isnull=False, withdraw_due_at__lte=now).order_by("withdraw_due_at")


def to_ask(cutoff: datetime) -> QuerySet[Protection]:
    """They end then or before, and nobody was asked."""
    waiting = Protection.objects.filter(ended_at__isnull=True, asked_to_renew_at__isnull=True)
    return waiting.filter(expires_at__lte=cutoff).order_by("expires_at")


def to_expire(now: datetime) -> QuerySet[Protection]:
    """Their time is over, and somebody was asked."""
    asked = Protection.objects.filter(ended_at__isnull=True, asked_to_renew_at__isnull=False)
    return asked.filter(expires_at__lte=now).order_by("expires_at")


def finish_withdrawals(*, now: datetime, limit: int = 200) -> int:
    """End what nobody chose to keep; returns how many."""
    return _end_some(to_withdraw(now), Fact.WITHDRAWAL, now, limit)


def expire(*, now: datetime, limit: int = 200) -> int:
    """End what nobody renewed, once whoever was asked had the time to answer, however late that was; returns how many."""
    answered_by = unanswered_cutoff(now, settings.REMPART_RETENTION)
    return _end_some(to_expire(now).filter(asked_to_renew_at__lte=answered_by), Fact.EXPIRY, now, limit)


def _end_some(due: QuerySet[Protection], fact: Fact, now: datetime, limit: int) -> int:
    """The bank asks again whether they are due once it holds them: somebody may keep one at this very moment."""
    some = list(due.values_list("pk", flat=True)[:limit])
    return len(bank.end(due.order_by().filter(pk__in=some), fact, now=now)) if some else 0


@transaction.atomic
def ask_to_renew(*, now: datetime, limit: int = 200) -> int:
    """One letter to each case whose protections end soon; returns how many protections were asked about."""
    cutoff = renewal_cutoff(now, settings.REMPART_RETENTION)
    due = sorted(lock(to_ask(cutoff))[:limit], key=lambda one: (one.case_number, one.pk))
    Protection.objects.filter(pk__in=[one.pk for one in due]).update(asked_to_renew_at=now)
    cases = Case.objects.in_bulk({one.case_number for one in due})
    for number, protections in groupby(due, key=lambda one: one.case_number):
        _ask(cases[number], list(protections), now)
    return len(due)


def _ask(case: Case, protections: list[Protection], now: datetime) -> None:
    ends = max(min(one.expires_at for one in protections), now + settings.REMPART_RETENTION.renewal)
    steps.write_to_reporter(case, renewal_asked(_told(case, protections, ends)), by=None, now=now)
    journal.write("renewal_asked", f"case:{case.pk}", now=now, detail={"protections": len(protections)})
