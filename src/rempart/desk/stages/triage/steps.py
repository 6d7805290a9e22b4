"""We look: an analyst's reading, its undoing within the window, and its settling after it."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.vault import sealing
from rempart.desk.rules import assessment as assessment_rules
from rempart.desk.rules import classification
from rempart.desk.rules.assessment import Decision, Reading, ReportedAs
from rempart.desk.rules.lifecycle import OPEN_FOR_READING, State
from rempart.desk.rules.report import Category, Concerns
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.triage import claims
from rempart.desk.stages.triage.errors import DecisionRefused, NotOpen, TooLate
from rempart.desk.stages.triage.models import Assessment

_READING = {State.READY: Reading.FIRST, State.SECOND_READING: Reading.SECOND, State.ARBITRATION: Reading.ARBITRATION}


@transaction.atomic
def assess(item: Item, person: Person, decision: Decision, *, now: datetime) -> Assessment:
    """Keep one reading of the item's group; it can be undone until the window ends.

    Raises :class:`DecisionRefused`, :class:`NotOpen` or :class:`claims.NotYours`; then nothing was kept.
    """
    if State(item.state) not in OPEN_FOR_READING:
        raise NotOpen(item.state)
    wrong = assessment_rules.problems(decision)
    if decision.grading is not None:
        wrong += classification.problems(decision.grading)
    if wrong:
        raise DecisionRefused(*wrong)
    lease = claims.must_hold(item, person, now=now)
    reading = _READING[State(item.state)]
    row = Assessment(
        item=item,
        group_key=item.group_key,
        reading=reading,
        verdict=decision.verdict,
        grading=classification.as_data(decision.grading) if decision.grading else None,
        not_illegal_reason=decision.not_illegal_reason,
        is_police_first=decision.is_police_first,
        asks_second=decision.asks_second,
        second_reasons=_second_reasons(item, decision) if reading is Reading.FIRST else [],
        sealed_note=sealing.seal_words(decision.note) if decision.note.strip() else None,
        by_id=person.pk,
        assessed_at=now,
        may_undo_until=now + settings.REMPART_TEMPO.undo,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise NotOpen("pending") from error
    lease.delete()
    journal.write("assessed", f"item:{item.pk}", now=now, by=person.pk, detail={"verdict": decision.verdict, "reading": reading})
    return row


def _second_reasons(item: Item, decision: Decision) -> list[str]:
    said = Item.objects.filter(group_key=item.group_key).values_list("report__category", "report__concerns")
    reported_as = ReportedAs(
        categories=frozenset(Category(category) for category, _ in said),
        concerns=frozenset(Concerns(concerns) for _, concerns in said),
    )
    one_in = settings.REMPART.second_reading_one_in
    return [reason.value for reason in assessment_rules.second_reasons(decision, reported_as, item.pk, one_in)]


@transaction.atomic
def undo(assessment: Assessment, person: Person, *, now: datetime) -> None:
    """Take one's own reading back, before anything followed from it. Raises :class:`TooLate`."""
    undone = Assessment.objects.filter(
        pk=assessment.pk, by_id=person.pk, settled_at__isnull=True, undone_at__isnull=True, may_undo_until__gt=now
    ).update(undone_at=now)
    if not undone:
        raise TooLate("settled")
    journal.write("undone", f"item:{assessment.item_id}", now=now, by=person.pk)
    claims.claim(Item.objects.get(pk=assessment.item_id), person, now=now)
