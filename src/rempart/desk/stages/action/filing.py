"""Duties come into being: after an assessment, as a reminder, as an escalation, or for a supervisor."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F

from rempart.desk.registers.directory import queries as directory
from rempart.desk.registers.journal import steps as journal
from rempart.desk.rules.assessment import Verdict
from rempart.desk.rules.duties import DutyKind, Failure, Outcome, Owed, Recipients, closing_without_duties, duties_for
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.rules.locator import Locator, LocatorKind
from rempart.desk.stages.action.models import Duty, NoticedItem
from rempart.desk.stages.action.queries import decided_together
from rempart.desk.stages.intake import outcomes
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.rows import lock
from rempart.desk.stages.triage.models import Assessment
from rempart.desk.stages.triage.queries import decision_of

CAN_BE_NOTICED = frozenset({LocatorKind.URL, LocatorKind.ACCOUNT})
"""A telephone number or the reference of an advert has no host to write to."""


@dataclass(frozen=True, slots=True)
class _Filed:
    assessment: Assessment
    owed: tuple[Owed, ...]


@transaction.atomic
def file_duties(*, now: datetime, limit: int = 200) -> int:
    """Turn up to ``limit`` final assessments into duties; close what nothing is owed about. Returns how many."""
    waiting = Assessment.objects.filter(is_final=True, acted_at__isnull=True).order_by("pk")
    assessments = list(lock(waiting.select_related("item__address"))[:limit])
    if not assessments:
        return 0
    known = directory.load()
    filed = [_Filed(assessment, _owed(assessment, known)) for assessment in assessments]
    _write_duties(filed, now)
    Assessment.objects.filter(pk__in=[assessment.pk for assessment in assessments]).update(acted_at=now)
    _close_the_rest([one.assessment for one in filed if not one.owed], now)
    journal.write_all(
        journal.entry("duties_filed", f"item:{one.assessment.item_id}", now=now, detail={"kinds": [o.kind for o in one.owed]})
        for one in filed
    )
    return len(assessments)


def _owed(assessment: Assessment, known: directory.Directory) -> tuple[Owed, ...]:
    verdict = Verdict(assessment.verdict)
    locator: Locator | None = None
    if verdict is Verdict.ILLEGAL_IN_FIELD:
        locator = intake.locator(assessment.item)
    is_illegal = verdict in {Verdict.ILLEGAL_IN_FIELD, Verdict.ILLEGAL_OUTSIDE_FIELD}
    recipients = known.recipients_for(locator, settings.REMPART.country) if is_illegal else Recipients()
    has_address = locator is not None and locator.kind in CAN_BE_NOTICED
    return duties_for(decision_of(assessment), recipients, has_address=has_address)


def _write_duties(filed: Sequence[_Filed], now: datetime) -> None:
    """Dossiers first: a notice that waits for the police needs the number of its dossier."""
    rows = [(one.assessment, owed, _duty(one.assessment, owed, now)) for one in filed for owed in one.owed]
    Duty.objects.bulk_create((duty for _, owed, duty in rows if owed.kind is not DutyKind.NOTICE), batch_size=200)
    authorities = {assessment.pk: duty for assessment, owed, duty in rows if owed.kind is DutyKind.AUTHORITY}
    for assessment, owed, duty in rows:
        if owed.waits_for_authority:
            duty.waits_for = authorities[assessment.pk]
    Duty.objects.bulk_create((duty for _, owed, duty in rows if owed.kind is DutyKind.NOTICE), batch_size=200)


def _duty(assessment: Assessment, owed: Owed, now: datetime) -> Duty:
    return Duty(
        kind=owed.kind,
        assessment=assessment,
        item_id=assessment.item_id,
        recipient_id=owed.recipient,
        filed_at=now,
        not_before=now,
    )


def _close_the_rest(assessments: list[Assessment], now: datetime) -> None:
    groups = decided_together(assessment.pk for assessment in assessments)
    by_closing: dict[Closing, list[Item]] = {}
    for assessment in assessments:
        closing = closing_without_duties(Verdict(assessment.verdict))
        by_closing.setdefault(closing, []).extend(groups[assessment.pk])
    for closing, items in by_closing.items():
        outcomes.close_items(items, closing, now=now)


@transaction.atomic
def catch_up(*, now: datetime, limit: int = 500) -> int:
    """Items that joined a decision after it was acted upon follow the item it was made on. Returns how many moved."""
    late = Item.objects.filter(state=State.ASSESSED, decided__assessment__acted_at__isnull=False)
    behind = late.exclude(decided__assessment__item=F("pk")).exclude(decided__assessment__item__state=State.ASSESSED)
    items = list(lock(behind.select_related("decided__assessment__item").order_by("pk"))[:limit])
    leads = {item.pk: item.decided.assessment.item for item in items}
    outcomes.follow_items([item for item in items if leads[item.pk].state == State.FOLLOWED], now=now)
    for closing in {Closing(lead.closing) for lead in leads.values() if lead.state == State.CLOSED}:
        outcomes.close_items([item for item in items if leads[item.pk].closing == closing], closing, now=now)
    return len(items)


def file_reminder(noticed: NoticedItem, *, now: datetime) -> Duty:
    """Owe the same recipient a reminder about this address. One still owed is given back as it is."""
    return file_reminders([noticed], now=now)[0]


@transaction.atomic
def file_reminders(noticed: Sequence[NoticedItem], *, now: datetime) -> list[Duty]:
    """Reminders about many addresses at once, in the same order; see :func:`file_reminder`."""
    return _file_following([(one, one.duty.recipient_id) for one in noticed], "reminder_filed", now)


@transaction.atomic
def file_escalation(noticed: NoticedItem, rung: int, *, now: datetime) -> Duty | None:
    """Owe a notice to the recipient on this rung of the ladder (0 is nearest), as the directory stands now.

    None when the ladder has no such rung.
    """
    ladder = directory.recipients_for(intake.locator(noticed.item), settings.REMPART.country).ladder
    if rung >= len(ladder):
        return None
    return _file_following([(noticed, ladder[rung])], "escalation_filed", now)[0]


def _file_following(wanted: Iterable[tuple[NoticedItem, int | None]], verb: str, now: datetime) -> list[Duty]:
    pairs = list(wanted)
    old = {one.duty_id for one, _ in pairs}
    open_rows = Duty.objects.filter(follows_id__in=old, kind=DutyKind.NOTICE, done_at__isnull=True)
    standing = {(duty.follows_id, duty.recipient_id): duty for duty in open_rows}
    fresh = []
    for one, recipient_id in pairs:
        if (one.duty_id, recipient_id) not in standing:
            duty = Duty(
                kind=DutyKind.NOTICE,
                assessment_id=one.duty.assessment_id,
                item_id=one.item_id,
                recipient_id=recipient_id,
                follows_id=one.duty_id,
                filed_at=now,
                not_before=now,
            )
            standing[one.duty_id, recipient_id] = duty
            fresh.append(duty)
    Duty.objects.bulk_create(fresh, batch_size=200)
    journal.write_all(journal.entry(verb, f"item:{duty.item_id}", now=now, detail={"duty": duty.pk}) for duty in fresh)
    return [standing[one.duty_id, recipient_id] for one, recipient_id in pairs]


@transaction.atomic
def ask_supervisor(item: Item, why: Failure = Failure.LADDER_USED_UP, *, now: datetime, follows: Duty | None = None) -> Duty:
    """Software cannot go on with this address: a supervisor decides. Red from the start; asked once at a time."""
    standing = Duty.objects.filter(item=item, kind=DutyKind.SUPERVISION, done_at__isnull=True).first()
    if standing is not None:
        return standing
    duty = Duty.objects.create(
        kind=DutyKind.SUPERVISION,
        assessment_id=follows.assessment_id if follows else item.decided.assessment_id,
        item=item,
        follows=follows,
        filed_at=now,
        not_before=now,
        failed_at=now,
        failure=why.value,
    )
    journal.write("supervisor_asked", f"item:{item.pk}", now=now, detail={"duty": duty.pk, "why": why.value})
    return duty


@transaction.atomic
def withdraw_questions(items: Iterable[Item], *, now: datetime, by: int | None = None) -> None:
    """What a supervisor was asked about these addresses needs no answer any more: it is gone, or a person decided."""
    rows = Duty.objects.filter(item__in=[item.pk for item in items], kind=DutyKind.SUPERVISION, done_at__isnull=True)
    duties = list(rows.values_list("pk", flat=True))
    if duties:
        rows.update(done_at=now, done_by_id=by, outcome=Outcome.CLEARED, failed_at=None, failure="")
        journal.write_all(journal.entry("question_withdrawn", f"duty:{pk}", now=now, by=by) for pk in duties)
