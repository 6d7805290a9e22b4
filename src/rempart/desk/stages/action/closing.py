"""Items close when nothing is owed about them any more, or when a later stage says why."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from rempart.desk.rules.duties import DOSSIERS, DutyKind, Outcome, Stand, closing_of
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.stages.action.models import Duty
from rempart.desk.stages.action.queries import decided_together
from rempart.desk.stages.intake import outcomes
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.triage.models import DecidedItem


@transaction.atomic
def close_together(leads: Iterable[Item], closing: Closing, *, now: datetime, by: int | None = None) -> list[Item]:
    """Close these items and every item decided with them; returns those that were still open."""
    deciding = DecidedItem.objects.filter(item_id__in=[lead.pk for lead in leads])
    groups = decided_together(deciding.values_list("assessment_id", flat=True))
    return outcomes.close_items([item for items in groups.values() for item in items], closing, now=now, by=by)


def close_what_may(assessment_ids: Iterable[int], *, now: datetime, by: int | None = None) -> None:
    """Close the items of these assessments about which nothing is owed any more. Call inside a transaction."""
    ids = set(assessment_ids)
    stands: dict[int, list[Stand]] = defaultdict(list)
    rows = Duty.objects.filter(assessment_id__in=ids, kind__in=[DutyKind.NOTICE, *DOSSIERS])
    for assessment_id, kind, outcome in rows.values_list("assessment_id", "kind", "outcome"):
        stands[assessment_id].append(Stand(DutyKind(kind), Outcome(outcome) if outcome else None))
    by_closing: dict[Closing, list[Item]] = defaultdict(list)
    for assessment_id, items in decided_together(stands).items():
        closing = closing_of(stands[assessment_id])
        if closing is not None:
            by_closing[closing] += [item for item in items if item.state == State.ASSESSED]
    for closing, items in by_closing.items():
        outcomes.close_items(items, closing, now=now, by=by)
